"""People, their roles and how they prove who they are."""

import hashlib
from datetime import date, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, select

from engine import reading
from registers import Assignment, Person, PersonNotFound, RegisterStore, RoleUnassigned, roles
from registers.tables import api_token, person
from tests.registers.conftest import PASSWORD, Begin
from tests.registers.times import NOW, at


def test_person_comes_with_roles_in_one_statement(demo: RegisterStore, statements: list[str]) -> None:
    """Who somebody is and what they hold is one query, as every request asks it."""
    statements.clear()
    found = demo.people.load("u_eng1", at=NOW)
    assert len(statements) == 1
    assert found is not None
    assert found.roles == {"support_engineer", "tech_ops_engineer", "employee"}
    assert (found.called("zh_CN"), found.called("en")) == ("卫东", "Wei Dong")


def test_hats_come_with_posts(demo: RegisterStore) -> None:
    """A hat that the organisation gives to a post is worn by the post's holder."""
    assert "problem_owner" in demo.people.roles_of("u_ops", at=NOW)
    assert [p.id for p in demo.people.holders("review_secretary", at=NOW)] == ["u_pmo"]


def test_deputising_gives_no_role(demo: RegisterStore) -> None:
    """A delegate stands in for a role within a scope, and doesn't hold it."""
    assert [p.id for p in demo.people.holders("tech_ops_manager", at=NOW)] == ["u_ops"]


def test_roles_end_with_their_last_day(demo: RegisterStore) -> None:
    """An auditor's hat lasts until the certificate's last day, by local dates."""
    assert "auditor" in demo.people.roles_of("u_aud1", at=at("2026-12-31 23:30"))
    assert "auditor" not in demo.people.roles_of("u_aud1", at=at("2027-01-01 00:30"))


def test_vacant_role_falls_back(demo: RegisterStore) -> None:
    """While nobody is deputy for administration, the general manager acts."""
    assert [p.id for p in demo.people.holders("deputy_gm_admin", at=NOW)] == ["u_zhao"]
    demo.people.assign("u_com", [Assignment("commercial_manager"), Assignment("deputy_gm_admin")])
    assert [p.id for p in demo.people.holders("deputy_gm_admin", at=NOW)] == ["u_com"]


def test_unassigned_roles_are_named_together(demo: RegisterStore) -> None:
    """F46: whatever needs a role that nobody holds is told which, all at once; customers aren't looked for."""
    demo.people.require_holders(["service_desk", "employee", "customer"], at=NOW)
    demo.people.assign("u_qian", [])
    wanted = ["management_representative", "service_desk", "document_controller"]
    with pytest.raises(RoleUnassigned, match="management_representative, document_controller") as caught:
        demo.people.require_holders(wanted, at=NOW)
    assert caught.value.roles == ("management_representative", "document_controller")


def test_people_report_upwards_over_vacant_posts(demo: RegisterStore) -> None:
    """A superior is the named supervisor, else whoever holds the next post above that is filled."""
    assert [p.id for p in demo.people.superiors("u_desk1", at=NOW)] == ["u_zheng"]
    assert [p.id for p in demo.people.superiors("u_eng2", at=NOW)] == ["u_pm1", "u_pm2"]
    assert demo.people.superiors("u_zhao", at=NOW) == []
    desk = demo.people.get("u_desk1", at=NOW)
    demo.people.save(Person(**{**_fields(desk), "supervisor": "u_wu"}))
    assert [p.id for p in demo.people.superiors("u_desk1", at=NOW)] == ["u_wu"]


def _fields(one: Person) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__slots__}


def test_recipients_are_people_and_role_holders(demo: RegisterStore, statements: list[str]) -> None:
    """Ids and roles become people, each once, in one statement; what reaches nobody is told."""
    statements.clear()
    people, lost = demo.people.recipients(["service_desk", "u_desk1", "u_sun", "hr_supervisor", "u_nobody"], at=NOW)
    assert len(statements) == 1
    assert [p.id for p in people] == ["u_desk1", "u_desk2", "u_sun"]
    assert lost == ["hr_supervisor", "u_nobody"]


def test_somebody_who_left_is_nobody(demo: RegisterStore) -> None:
    """An inactive person can't log in, holds no role and isn't offered; their name is still known."""
    left = demo.people.get("u_desk2", at=NOW)
    demo.people.save(Person(**{**_fields(left), "active": False}))
    assert demo.people.load("u_desk2", at=NOW) is None
    assert demo.people.authenticate("u_desk2", PASSWORD, at=NOW) is None
    assert [p.id for p in demo.people.holders("service_desk", at=NOW)] == ["u_desk1"]
    assert demo.people.search("feng", at=NOW) == []
    assert demo.people.get("u_desk2", at=NOW).name == "冯洁"
    with pytest.raises(PersonNotFound, match="u_nobody"):
        demo.people.get("u_nobody", at=NOW)


def test_passwords_are_checked(demo: RegisterStore) -> None:
    """The right password gives the person; a wrong one, an unknown login and an empty password nobody."""
    found = demo.people.authenticate("u_desk1", PASSWORD, at=NOW)
    assert found is not None
    assert found.id == "u_desk1"
    for login, password in (("u_desk1", "wrong"), ("nobody", PASSWORD), ("u_desk1", ""), ("", "")):
        assert demo.people.authenticate(login, password, at=NOW) is None
    demo.people.set_password("u_desk1", "another one")
    assert demo.people.authenticate("u_desk1", PASSWORD, at=NOW) is None
    with pytest.raises(PersonNotFound):
        demo.people.set_password("nobody", "x")


def test_unknown_login_costs_as_much_as_a_wrong_password(demo: RegisterStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a login exists can't be told from the time of the answer: a hash of equal cost is verified."""
    verified: list[str] = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda self, h, p: (verified.append(h), verify(self, h, p))[1])
    demo.people.authenticate("nobody", "x", at=NOW)
    demo.people.authenticate("u_desk1", "x", at=NOW)
    assert len(verified) == 2
    assert verified[0].rsplit("$", 2)[0] == verified[1].rsplit("$", 2)[0]  # the same parameters


def test_outdated_hash_is_renewed_at_login(demo: RegisterStore, database: Engine) -> None:
    """A password hashed with weaker parameters is hashed anew when its owner logs in."""
    stronger = RegisterStore(database, hasher=PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    assert stronger.people.authenticate("u_desk1", PASSWORD, at=NOW) is not None
    with reading(database) as connection:
        query = select(person.c.password_hash).where(person.c.id == "u_desk1")
        assert "m=16,t=2,p=1" in str(connection.execute(query).scalar_one())


def test_people_are_found_by_typing(demo: RegisterStore) -> None:
    """Id, Chinese name and Latin name are searched; who begins with the text comes first."""
    for text in ("王", "WANG", "u_desk1", "fang wang"):
        assert [p.id for p in demo.people.search(text, at=NOW)] == ["u_desk1"]
    assert [p.id for p in demo.people.search("qian", at=NOW)] == ["u_qian", "u_wu"]
    assert [p.id for p in demo.people.search("", at=NOW, role="service_desk")] == ["u_desk1", "u_desk2"]


def test_tokens_are_good_for_their_scopes_until_they_end(demo: RegisterStore, database: Engine) -> None:
    """A token's secret is shown once and stored as a digest; it is refused for other scopes, expired or revoked."""
    end = NOW + timedelta(days=1)
    secret = demo.tokens.create("monitoring", scopes=["alerts", "messages"], now=NOW, by="admin", expires_at=end)
    found = demo.tokens.verify(secret, scope="alerts", at=NOW)
    assert found is not None
    assert (found.name, found.scopes) == ("monitoring", {"alerts", "messages"})
    assert demo.tokens.verify(secret, scope="records", at=NOW) is None
    assert demo.tokens.verify(secret, scope="alerts", at=end) is None
    assert demo.tokens.verify("gct_wrong", scope="alerts", at=NOW) is None
    with reading(database) as connection:
        assert (
            connection.execute(select(api_token.c.digest)).scalar_one() == hashlib.sha256(secret.encode()).hexdigest()
        )
    demo.tokens.revoke(found.id, now=NOW)
    assert demo.tokens.verify(secret, scope="alerts", at=NOW) is None
    assert [token.revoked_at for token in demo.tokens.all()] == [NOW]


def test_roles_are_named_in_both_languages() -> None:
    """Every role has an English and a Chinese name and reports to a role that exists."""
    assert len(roles()) > 35
    assert all(role.label and role.label_zh for role in roles().values())
    assert roles()["service_desk"].reports_to == "service_manager"


def test_people_work_within_a_unit(begin: Begin) -> None:
    """A handler asks for people on its step's own transaction, and sees what the unit changed."""
    with begin() as registers:
        registers.people.assign("u_sales", [Assignment("service_desk", valid_from=date(2025, 3, 3))])
        assert [p.id for p in registers.people.holders("service_desk", at=NOW)] == ["u_desk1", "u_desk2", "u_sales"]
