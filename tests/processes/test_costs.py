"""What completing a user task costs the database, counted over HTTP as a person's browser causes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.processes.conftest import CLASSIFIED, CONFIRMED, RESOLVED, RESTORED, House

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


# Three steps do more than complete a task, in the same transaction: logging decides four tables, starts two clocks,
# sends mails and searches knowledge; restoring stops a clock, tells the customer and ends eight waits; and closing.
LOGGING, RESTORING, CLOSING = 20, 16, 16
STEPS = [
    ("Log and classify", "u_desk1", CLASSIFIED, LOGGING),
    ("First-line support", "u_desk1", {"actions": "Looked", "outcome": "escalate"}, LIMIT),
    ("Assign", "u_pm1", {"group": "tech_group", "assignee": "u_eng2"}, LIMIT),
    ("Diagnose and resolve", "u_eng2", RESOLVED, LIMIT),
    ("Confirm restoration", "u_ops1", {**RESTORED, "service_restored": "false"}, LIMIT),
    ("Diagnose and resolve", "u_eng2", RESOLVED, LIMIT),
    ("Confirm restoration", "u_ops1", RESTORED, RESTORING),
    ("Call back and confirm closure", "u_desk1", CONFIRMED, CLOSING),
]


def test_completing_a_task_costs_one_commit_and_few_statements(house: House, counted: Counted) -> None:
    """One commit, at most 12 statements: person, task, form, record, step, waits and history together."""
    number = house.report()
    costs = []
    for name, person, values, _ in STEPS:
        house.claim(person, name, number)
        task = house.task(number, name).id
        counted.start()
        assert house.submit(person, task, values).status_code == 302
        costs.append((len(counted.statements), counted.commits))
    assert [commits for _, commits in costs] == [1] * len(STEPS)
    assert [(name, n) for (name, _, _, limit), (n, _) in zip(STEPS, costs, strict=True) if n > limit] == []
