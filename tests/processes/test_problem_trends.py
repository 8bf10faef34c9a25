"""The monthly trend analysis: problems found before anybody raises them (domain D.1, proactive)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.dmn import parse_decisions
from tests.processes.conftest import House, at
from tests.processes.problems import record
from tests.processes.test_incident_decisions import BPMN, decide

if TYPE_CHECKING:
    from flask import Flask

PROBLEM = "PRB-2025-00001"
HIGH = {"impact": "high", "urgency": "medium"}
OTHER_ITEM = {"ci": "SRV-BJ1-101"}


def problems(house: House) -> list[str]:
    """The numbers of all problems."""
    registers = house.client_of("u_ops").client.application.extensions["guicheng"].registers
    with registers.begin(None, house.clock.now()) as unit:
        return sorted(found.number for found in unit.find("problem"))


def look_now(house: House) -> None:
    """Have the tech-ops manager start the analysis by hand."""
    assert house.client_of("u_ops").post("/processes/problem_trend/start/look_now").status_code == 302


def test_three_incidents_of_a_kind_raise_a_problem_on_the_first(house: House) -> None:
    """Three incidents on one item in one category are a problem at nine on the first of the month, with all three."""
    house.tick(at("2025-03-10 10:00"))
    numbers = [house.logged() for _ in range(3)]
    house.tick(at("2025-04-01 08:59"))
    assert problems(house) == []
    house.tick(at("2025-04-01 09:00"))
    found = record(house, PROBLEM)
    assert (found["origin"], found["proactive"], found["ci"], found["category"]) == (
        "trend",
        True,
        "SRV-BJ1-102",
        "host",
    )
    assert [house.incident(one)["fields"]["problem"] for one in numbers] == [PROBLEM] * 3
    assert set(house.tasks(PROBLEM)) == {"Screen problem"}


def test_two_incidents_of_a_kind_are_no_trend(house: House) -> None:
    """Two ordinary incidents are none."""
    for _ in range(2):
        house.logged()
    look_now(house)
    assert problems(house) == []


def test_two_urgent_incidents_of_a_customer_raise_a_problem(house: House) -> None:
    """Two P2 of one customer in one category are a trend, whatever they are on; others of lower priority aren't."""
    house.logged(**HIGH)
    house.logged(**HIGH, **OTHER_ITEM)
    house.logged(category="backup")
    house.logged(category="backup", **OTHER_ITEM)
    look_now(house)
    assert [record(house, one)["customer"] for one in problems(house)] == ["C002"]


def test_incidents_of_one_trend_raise_one_problem(house: House) -> None:
    """Three urgent incidents on one item of one customer are one problem; looking again raises no second."""
    for _ in range(3):
        house.logged(**HIGH)
    look_now(house)
    look_now(house)
    assert problems(house) == [PROBLEM]


def test_old_incidents_are_no_trend(house: House) -> None:
    """What is older than thirty days doesn't count."""
    for _ in range(2):
        house.logged()
    house.tick(at("2025-04-02 09:59"))
    house.logged()
    house.tick(at("2025-04-02 10:01"))
    look_now(house)
    assert problems(house) == []
    house.logged()
    house.logged()
    look_now(house)
    assert problems(house) == [PROBLEM]
    assert record(house, PROBLEM)["title"].endswith("× 3")


def test_withdrawn_incidents_are_no_trend(house: House) -> None:
    """What was cancelled is no fault."""
    numbers = [house.assigned() for _ in range(3)]
    house.send("u_desk1", "incident.cancelled", numbers[0], {"reason": "It works"})
    values = {"reason": "solved_itself", "agreed_with_customer": "true", "comment": "By phone"}
    house.do("u_desk1", "Confirm cancellation", numbers[0], values)
    look_now(house)
    assert problems(house) == []


@pytest.mark.parametrize(
    ("kind", "least", "days", "priorities"),
    [("ci", 3, 30, ["P1", "P2", "P3", "P4"]), ("customer", 2, 90, ["P1", "P2"])],
)
def test_trend_table(kind: str, least: int, days: int, priorities: list[str]) -> None:
    """The table says what the domain document says, and nothing is wrong with it."""
    assert decide("prb_trend", kind=kind) == {"at_least": least, "days": days, "priorities": priorities}
    _, findings = parse_decisions("prb_trend.dmn", (BPMN / "prb_trend.dmn").read_bytes())
    assert [str(finding) for finding in findings] == []


def test_every_flow_of_the_analysis_is_taken(app: Flask, house: House) -> None:
    """By the clock and by hand, every flow is taken."""
    engine = app.extensions["guicheng"].engine
    look_now(house)
    house.tick(at("2025-04-01 09:00"))
    model = engine.definition("problem_trend").model
    cases = [case.id for case in engine.instances(key="problem_trend").items]
    taken = {event.element for case in cases for event in engine.history(case) if event.kind == "flow"}
    assert model.flows.keys() == taken
