"""Who may read what: ids of other people's things open nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from registers import EMPLOYEE, Assignment, Person
from tests.conftest import Browser
from tests.web.test_work import CLASSIFIED, REPORT, words

if TYPE_CHECKING:
    from flask import Flask

Of = Callable[[str], Browser]
INCIDENT = "INC-2025-00001"
HIDDEN = [
    "/tasks/1", "/cases/1", "/cases/1/state.json", f"/records/{INCIDENT}", "/records/SW-BJ1-001", "/registers/incident",
    "/registers/ci", "/pickers/incident?_field=q&q=disk", "/pickers/ci?_field=q&q=sw", "/mails/1",
]  # fmt: skip
ACTS = [
    "/tasks/1", "/tasks/1/claim", "/tasks/2", "/tasks/2/claim", "/tasks/2/release", "/cases/1/cancel",
    "/cases/1/messages/incident.updated", "/cases/1/messages/customer.replied", f"/records/{INCIDENT}/notes",
    "/operations/jobs/1/retry", "/operations/messages/1/retry", "/processes/incident/start/reported",
]  # fmt: skip


@pytest.fixture
def reported(client_of: Of) -> str:
    """An urgent incident, so that mails are on their way; returns the address of its open task."""
    desk = client_of("u_desk1")
    first = desk.post("/processes/incident/start/reported", REPORT).location
    assert desk.post(first, {**CLASSIFIED, "impact": "high", "urgency": "high"}).status_code == 302
    return "/tasks/2"


@pytest.fixture
def outsider(app: Flask, client_of: Of) -> Browser:
    """A customer's contact with a login, and with no post in the house."""
    people = app.extensions["guicheng"].registers.people
    people.save(Person("c_xu", "Xu Jing", frozenset()))
    people.assign("c_xu", [Assignment("customer")])
    return client_of("c_xu")


@pytest.mark.parametrize("path", HIDDEN)
def test_an_id_of_somebody_elses_opens_nothing(client_of: Of, reported: str, path: str) -> None:
    """A finance manager has no role in the process: its cases, tasks, records and mails don't exist for her."""
    answer = client_of("u_fin").get(path)
    assert answer.status_code == 404
    assert "Disk full" not in answer.text


@pytest.mark.parametrize("path", ACTS)
def test_nothing_can_be_done_to_somebody_elses_case(client_of: Of, reported: str, path: str) -> None:
    """Neither task, case, record nor job moves for a person without a role, whatever is posted."""
    stranger, desk = client_of("u_fin"), client_of("u_desk1")
    desk.get("/")  # takes the flashed messages
    before = words(desk.get("/cases/1").text), words(desk.get(f"/records/{INCIDENT}").text)
    stranger.get("/people")
    assert stranger.post(path, {**CLASSIFIED, "text": "x", "reason": "x"}).status_code in {403, 404}
    assert (words(desk.get("/cases/1").text), words(desk.get(f"/records/{INCIDENT}").text)) == before


def test_a_list_tells_nothing_about_hidden_cases(client_of: Of, reported: str) -> None:
    """Neither rows, counts nor the search by number give away that a case exists."""
    stranger = client_of("u_fin")
    assert INCIDENT not in stranger.get("/cases/").text
    assert INCIDENT not in stranger.get("/?scope=all&text=INC").text
    assert "There is no case INC-2025-00001" in stranger.get(f"/cases/?text={INCIDENT}").text
    assert "There is no case INC-2025-00009" in stranger.get("/cases/?text=INC-2025-00009").text


def test_what_is_linked_is_hidden_too(client_of: Of, reported: str) -> None:
    """Finance may read the customer, but not which incidents the customer had."""
    page = client_of("u_fin").get("/records/C002")
    assert page.status_code == 200
    assert INCIDENT not in page.text


def test_every_employee_reads_the_common_registers(client_of: Of) -> None:
    """Services, departments and knowledge are for the whole house; the rail offers exactly what opens."""
    browser = client_of("u_fin")
    offered = set(re.findall(r'href="/registers/(\w+)"', browser.get("/").text))
    assert {"service", "department", "knowledge", "customer"} <= offered
    assert not {"incident", "ci", "problem"} & offered
    assert all(browser.get(f"/registers/{register}").status_code == 200 for register in offered)


def test_mails_are_for_recipients_readers_and_operators(client_of: Of, reported: str) -> None:
    """The outbox is the owner's; one mail is open to who reads what it is about, to nobody else."""
    mail = re.findall(r"/mails/\d+", client_of("u_wu").get("/mails/").text)[0]
    assert client_of("u_desk1").get("/mails/").status_code == 403
    assert client_of("u_desk1").get(mail).status_code == 200
    assert client_of("u_fin").get(mail).status_code == 404
    assert "/mails/" not in client_of("u_desk1").get("/").text


@pytest.mark.parametrize("path", ["/people", "/pickers/user?_field=q&q=w", "/registers/service", *HIDDEN])
def test_people_outside_see_nothing_of_the_house(reported: str, outsider: Browser, path: str) -> None:
    """Somebody who only holds an outside role sees neither the list of people nor, for its lane's sake, any case."""
    assert outsider.get(path).status_code == 404


def test_an_outside_role_beside_a_post_takes_nothing_away(app: Flask) -> None:
    """Whoever also holds a post stays an employee."""
    people, now = app.extensions["guicheng"].registers.people, app.extensions["guicheng"].clock.now()
    people.assign("u_fin", [Assignment("finance_manager"), Assignment("customer")])
    assert EMPLOYEE in people.roles_of("u_fin", at=now)


def test_the_administrator_sees_all_and_does_nobodys_work(client_of: Of, reported: str) -> None:
    """`system_admin` opens every page, and holds no business right by it."""
    admin = client_of("admin")
    assert all(admin.get(path).status_code == 200 for path in HIDDEN)
    assert admin.post(f"{reported}/claim").status_code == 403
    assert admin.post(reported, CLASSIFIED).status_code == 403
    assert admin.get("/processes/incident/start/reported").status_code == 404


def test_who_leaves_is_out_at_once(app: Flask, client_of: Of, reported: str) -> None:
    """Roles are read with every request: deactivating a person ends what their session may do."""
    people, clock = app.extensions["guicheng"].registers.people, app.extensions["guicheng"].clock
    desk = client_of("u_desk1")
    person = people.get("u_desk1", at=clock.now())
    people.assign("u_desk1", [])
    assert desk.get(reported).status_code in {200, 404}
    assert desk.post(f"{reported}/claim").status_code in {403, 404}
    people.save(Person(person.id, person.name, frozenset(), active=False))
    assert desk.get("/").location.startswith("/login")
