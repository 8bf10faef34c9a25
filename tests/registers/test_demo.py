"""The demo organisation is what the acceptance scenarios rely on."""

from collections import Counter

from sqlalchemy import Engine, func, select

from engine import reading
from registers import RegisterStore, load_demo
from registers.tables import metadata
from tests.registers.conftest import PASSWORD, Begin
from tests.registers.times import NOW, at


def test_everybody_of_the_scenarios_is_there(demo: RegisterStore) -> None:
    """All people of the fixtures can log in, with their posts and hats."""
    people = {one.id: one for one in demo.people.all(at=NOW)}
    assert len(people) == 28
    assert {"service_manager", "cab_member", "ecab_member"} <= people["u_zheng"].roles
    assert {"project_manager", "change_manager"} <= people["u_pm1"].roles
    assert {"pmo_manager", "auditor"} <= people["u_pmo"].roles
    assert "system_admin" in people["admin"].roles
    assert people["u_eng1"].department == "tech_group"
    held = Counter(role for one in people.values() for role in one.roles)
    assert (held["cab_member"], held["auditor"], held["service_desk"]) == (5, 3, 2)
    assert all(demo.people.authenticate(one, PASSWORD, at=NOW) for one in people)


def test_records_of_the_scenarios_are_there(begin: Begin) -> None:
    """Customers, services, items, suppliers and the article are there; C002 has no agreed targets."""
    with begin() as registers:
        assert [registers.count(key) for key in ("customer", "service", "ci", "supplier", "knowledge")] == [
            3,
            4,
            5,
            3,
            1,
        ]
        assert registers.count("sla", customer="C002") == 0
        assert registers.count("sla", customer="C001") == 5
        assert registers.get("KB-0001").state == "published"
        assert {registers.get(ci)["version"] for ci in ("SW-BJ1-001", "LNK-BJ1-001")} == {1}
        assert registers.get("LNK-BJ1-001")["supplier"] == "SUP-001"
        assert ("is connected to", "SW-BJ1-001") in [
            (li.label, li.other.number) for li in registers.links("SRV-BJ1-101")
        ]


def test_loading_again_changes_nothing(demo: RegisterStore, database: Engine) -> None:
    """What is there stays as it is, changed passwords and records too."""
    demo.people.set_password("u_desk1", "my own")
    with demo.begin("u_sales", NOW) as registers:
        registers.update("C001", {"level": "key"})

    def counts() -> dict[str, int]:
        with reading(database) as connection:
            tables = metadata.tables.values()
            return {t.name: connection.execute(select(func.count()).select_from(t)).scalar_one() for t in tables}

    before = counts()
    load_demo(demo, password="other", now=at("2025-06-01 10:00"))
    assert counts() == before
    assert demo.people.authenticate("u_desk1", "my own", at=NOW)
    with demo.begin(None, NOW) as registers:
        assert registers.get("C001")["level"] == "key"
