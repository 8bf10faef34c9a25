"""What completing a user task costs the database, counted over HTTP as a person's browser causes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.processes.conftest import CLASSIFIED, RESOLVED, RESTORED, House

LIMIT = 12  # statements that completing a task may cost, loading the person and saving the record included


@dataclass
class Counted:
    """Statements and commits since the last look."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0

    def start(self) -> None:
        """Forget what was counted."""
        self.statements.clear()
        self.commits = 0


@pytest.fixture
def counted() -> Iterator[Counted]:
    """Counts what every database engine of the process does."""
    counts = Counted()

    def executed(connection: Any, cursor: Any, statement: str, *others: Any) -> None:
        counts.statements.append(statement)

    def committed(connection: Any) -> None:
        counts.commits += 1

    event.listen(Engine, "before_cursor_execute", executed)
    event.listen(Engine, "commit", committed)
    yield counts
    event.remove(Engine, "before_cursor_execute", executed)
    event.remove(Engine, "commit", committed)


LOGGING = 22  # "Log and classify" also decides four tables, starts two clocks, sends mails and searches knowledge
STEPS = [
    ("Log and classify", "u_desk1", CLASSIFIED, LOGGING),
    ("First-line support", "u_desk1", {"actions": "Looked", "outcome": "escalate"}, LIMIT),
    ("Assign", "u_pm1", {"group": "tech_group", "assignee": "u_eng2"}, LIMIT),
    ("Diagnose and resolve", "u_eng2", RESOLVED, LIMIT),
    ("Confirm restoration", "u_ops1", {**RESTORED, "service_restored": "false"}, LIMIT),
]


def test_completing_a_task_costs_one_commit_and_few_statements(house: House, counted: Counted) -> None:
    """One commit, at most 12 statements: person, task, form, record, step, waits and history together."""
    number = house.report()
    costs = {}
    for name, person, values, _ in STEPS:
        house.claim(person, name, number)
        task = house.task(number, name).id
        counted.start()
        assert house.submit(person, task, values).status_code == 302
        costs[name] = (len(counted.statements), counted.commits)
    assert {name: commits for name, (_, commits) in costs.items()} == dict.fromkeys(costs, 1)
    limits = {name: limit for name, _, _, limit in STEPS}
    assert {name: statements for name, (statements, _) in costs.items() if statements > limits[name]} == {}
