"""Steps through the problem process that several tests take."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.processes.conftest import House

INVESTIGATOR = "u_eng2"
REPORTED = {"title": "Server hangs", "symptoms": "Hangs at night", "origin": "other"}
ACCEPTED = {
    "title": "Server hangs", "decision": "accept", "impact": "high", "urgency": "medium",
    "owner": INVESTIGATOR, "investigation_due_at": "2025-03-20T18:00",
}  # fmt: skip
CAUSE_FOUND = {
    "method": "log", "root_cause_found": "true", "root_cause": "Firmware 1.2 leaks", "workaround": "Restart weekly",
}  # fmt: skip
VERIFIED = {"effective": "true", "evidence": "No hang for 30 days"}
CONCLUDED = {"root_cause": "Firmware 1.2 leaks", "solution": "Firmware 1.3", "workaround": "Restart weekly"}


def raised(house: House, user: str = "u_eng2", **values: str) -> str:
    """Raise a problem by hand; returns its number."""
    answer = house.client_of(user).post("/processes/problem/start/reported", {**REPORTED, **values})
    assert answer.status_code == 302, answer.text
    return re.findall(r"PRB-\d{4}-\d{5}", house.client_of(user).get(answer.location).text)[0]


def accepted(
    house: House, *, report: Mapping[str, str] | None = None, incidents: str = "", owner: str = INVESTIGATOR
) -> str:
    """Bring a problem to its investigator; returns its number."""
    report = report or {}
    number = raised(house, **report)
    house.do("u_ops", "Screen problem", number, {**ACCEPTED, **report, "owner": owner, "incidents": incidents})
    return number


def investigated(house: House, *, report: Mapping[str, str] | None = None) -> str:
    """Bring a problem to the choice of its solution; returns its number."""
    number = accepted(house, report=report)
    house.do(INVESTIGATOR, "Investigate", number, CAUSE_FOUND)
    return number


def waiting_for_change(house: House) -> str:
    """Bring a problem to where it waits for its change; returns its number."""
    number = investigated(house)
    house.do("u_ops", "Choose solution", number, solution("change"))
    return number


def solution(decision: str) -> dict[str, str]:
    """The answers of who chooses a solution."""
    return {
        "options-rows": "1", "options-0-option": "New firmware", "options-0-effect": "No leak",
        "options-0-cost": "0", "options-0-days": "3", "decision": decision, "solution": "Firmware 1.3",
    }  # fmt: skip


def record(house: House, number: str) -> dict[str, Any]:
    """A record's fields and its state."""
    registers = house.client_of("u_ops").client.application.extensions["guicheng"].registers
    with registers.begin(None, house.clock.now()) as unit:
        found = unit.get(number)
        return {**found.fields, "state": found.state}
