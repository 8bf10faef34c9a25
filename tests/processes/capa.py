"""What the tests of corrective and preventive actions have in common: the forms' answers, and the way to each stage."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.processes.conftest import House

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

RAISED = {
    "kind": "corrective", "grade": "minor", "text": "Backups are not restored", "requirement": "Backups are tested",
    "evidence": "No record since May", "clause": "5.3", "department": "tech_ops_center", "owner": "u_ops",
    "verifier": "u_aud1",
}  # fmt: skip
CORRECTED = {"correction": "Restored one", "corrected_at": "2025-03-03T09:30"}
ANALYSED = {"method": "5why", "cause": "Nobody was named", "similar_elsewhere": "false"}
APPROVED, RETURNED = {"plan_outcome": "approve"}, {"plan_outcome": "return", "plan_comment": "Measure what?"}
MAJOR_APPROVED = {"major_outcome": "approve"}
DONE = {"action_evidence": "Minutes of the training"}
EFFECTIVE = {"criteria": "A restore each month", "check_evidence": "Three records", "effective": "true"}
INEFFECTIVE = {**EFFECTIVE, "check_evidence": "No record", "effective": "false"}


def plan(*owners: str, due: str = "2025-03-28") -> dict[str, str]:
    """The plan form with one action for each owner."""
    rows = {"actions-rows": str(len(owners))}
    for number, owner in enumerate(owners):
        row = {"action": f"Action {number + 1}", "owner": owner, "due": due, "measure": "Monthly record"}
        rows |= {f"actions-{number}-{name}": value for name, value in row.items()}
    return rows


@dataclass
class Capas:
    """Corrective actions in the house at work."""

    house: House
    app: Flask

    def raise_one(self, user: str = "u_hr", **values: str) -> str:
        """Raise one by hand; returns its number."""
        answer = self.house.client_of(user).post("/processes/capa/start/begun", {**RAISED, **values})
        assert answer.status_code == 302, answer.text
        return re.findall(r"CAPA-\d{4}-\d{5}", self.house.client_of(user).get(answer.location).text)[0]

    def planned(self, *owners: str, due: str = "2025-03-28", **values: str) -> str:
        """Bring one to the approval of its plan; returns its number."""
        number = self.raise_one(**values)
        self.house.do("u_ops", "Correct at once", number, CORRECTED)
        self.house.do("u_ops", "Analyse cause", number, ANALYSED)
        self.house.do("u_ops", "Plan actions", number, plan(*(owners or ("u_ops1",)), due=due))
        return number

    def implemented(self, number: str, *owners: str) -> str:
        """Have the plan approved and carried out."""
        self.house.do("u_aud1", "Approve plan", number, APPROVED)
        for owner in owners or ("u_ops1",):
            (task,) = [key for key, name in self.house.client_of(owner).tasks(number) if name == "Carry out action"]
            assert self.house.submit(owner, task, DONE).status_code == 302
        return number

    def record(self, number: str) -> Mapping[str, Any]:
        """A record's fields, with its state."""
        parts = self.app.extensions["guicheng"]
        with parts.registers.begin(None, parts.clock.now()) as unit:
            found = unit.get(number)
            return {**found.fields, "state": found.state}

    def state(self, number: str) -> str:
        """The state of a record."""
        return self.record(number)["state"]

    def find(self, register: str, **equals: Any) -> list[str]:
        """The numbers of records with these fields, oldest first."""
        parts = self.app.extensions["guicheng"]
        with parts.registers.begin(None, parts.clock.now()) as unit:
            return sorted(one.number for one in unit.find(register, **equals))

    def linked(self, number: str) -> list[str]:
        """The numbers that a record is linked with."""
        parts = self.app.extensions["guicheng"]
        with parts.registers.begin(None, parts.clock.now()) as unit:
            return [link.other.number for link in unit.links(number)]
