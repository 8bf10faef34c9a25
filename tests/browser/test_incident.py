"""One incident from a monitoring alert to its closure, through the pages, by those whose turn it is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from urllib.request import Request, urlopen

import pytest

from tests.browser.conftest import Seat
from tests.browser.office import ALERT, Office
from tests.browser.person import Person

pytestmark = pytest.mark.browser

CLASSIFIED = {
    "ticket_type": "incident",
    "customer": "C003",
    "contact": "马骏",
    "service": "SVC-BW",
    "category": "network",
    "impact": "high",
    "urgency": "medium",
}
ESCALATED = {"actions": "Pinged from two sites", "outcome": "escalate"}
ASSIGNED = {"group": "tech_group", "assignee": "u_eng2"}
RESOLVED = {
    "diagnosis": "Power supply A failed and B was loose",
    "outcome": "resolved",
    "solution": "Replaced A, seated B",
    "solution_kind": "permanent",
    "root_cause_known": "true",
}
RESTORED = {"resolved": "true", "service_restored": "true", "evidence": "No loss for ten minutes"}
CONFIRMED = {"result": "confirmed", "satisfaction": "5", "closure_code": "fixed"}


@dataclass(frozen=True)
class Step:
    """One person's turn: who, what they fill in, and what their page shows before they do."""

    person: str
    element: str
    heading: str
    state: str
    values: dict[str, str]


ENGLISH = (
    Step("u_desk1", "log", "Log and classify", "New", CLASSIFIED),
    Step("u_desk1", "first_line", "First-line support", "Triaged", ESCALATED),
    Step("u_pm1", "assign", "Assign", "In progress", ASSIGNED),
    Step("u_eng2", "resolve", "Diagnose and resolve", "Assigned", RESOLVED),
    Step("u_ops1", "restore", "Confirm restoration", "In progress", RESTORED),
    Step("u_desk1", "callback", "Call back and confirm closure", "Resolved", CONFIRMED),
    Step("u_pm1", "kb", "Approve article", "Resolved", {"decision": "publish"}),
)
CHINESE = tuple(
    Step(step.person, step.element, heading, state, step.values)
    for step, heading, state in zip(
        ENGLISH,
        ("登记与分类", "一线支持", "分派", "诊断与处理", "恢复确认", "客户回访与关闭确认", "知识条目审批"),
        ("新建", "已分类", "处理中", "已分派", "处理中", "已解决", "已解决"),
        strict=True,
    )
)


@pytest.mark.parametrize(
    ("language", "width", "steps", "closed"),
    [("en", 1280, ENGLISH, "Closed"), ("zh_CN", 390, CHINESE, "已关闭")],
    ids=["English, wide", "Chinese, narrow"],
)
def test_incident_goes_from_alert_to_closure(
    office: Office, seat: Seat, language: str, width: int, steps: tuple[Step, ...], closed: str
) -> None:
    """Everybody finds their task, sees where the case stands, and fills in what is asked; then it is closed."""
    people: dict[str, Person] = {}
    number = send_alert(office)
    for step in steps:
        if step.person not in people:
            people[step.person] = seat(step.person, language=language, width=width)
        office.pass_time(timedelta(minutes=3))
        work(people[step.person], number, step)
    last = people["u_desk1"]
    last.open(f"/records/{number}")
    assert last.heading == f"{number} {closed}"
    last.check()


def work(person: Person, number: str, step: Step) -> None:
    """Take one turn, looking first."""
    person.open_task(number)
    assert person.heading == step.heading
    assert person.record_state() == step.state
    assert step.element in person.standing_at()
    person.fill(step.values)
    person.check()
    person.complete()
    assert step.heading in person.notes


def send_alert(office: Office) -> str:
    """Report a fault as the monitoring does; returns the number of the incident."""
    headers = {"Authorization": f"Bearer {office.token('alerts')}", "Content-Type": "application/json"}
    request = Request(office.url + "/api/v1/alerts", data=json.dumps(ALERT).encode(), headers=headers)
    with urlopen(request) as answer:
        assert answer.status == 202
        return str(json.load(answer)["number"])
