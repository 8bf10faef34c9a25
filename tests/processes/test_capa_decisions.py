"""The decision tables of corrective and preventive actions over their whole domains (domain C.5.1 and D.2)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.dmn import parse_decisions

BPMN = Path(__file__).parents[2] / "bpmn"
STEPS = ("appoint", "correct", "plan", "approve", "implement", "verify", "extend")


def decide(decision: str, **variables: Any) -> Any:
    found, findings = parse_decisions(f"{decision}.dmn", (BPMN / f"{decision}.dmn").read_bytes())
    assert found is not None, [str(finding) for finding in findings]
    return found.evaluate(decision, variables).value


@pytest.mark.parametrize("decision", ["nc_due", "capa_due", "capa_reminders"])
def test_table_has_nothing_to_complain_about(decision: str) -> None:
    """No table has a gap, an overlap that its hit policy forbids, or a value outside its type."""
    _, findings = parse_decisions(f"{decision}.dmn", (BPMN / f"{decision}.dmn").read_bytes())
    assert [str(finding) for finding in findings] == []


@pytest.mark.parametrize(
    ("grade", "correct", "plan", "implement"),
    [("major", 2, 5, 30), ("minor", 5, 10, 60), ("observation", None, 20, 90)],
)
def test_grade_says_how_much_time_there_is(grade: str, correct: int | None, plan: int, implement: int) -> None:
    """D_NC_DUE: business days for correction and plan, calendar days for the rest; two cycles at most."""
    found = decide("nc_due", grade=grade)
    assert (found["correct_days"], found["plan_days"], found["implement_days"]) == (correct, plan, implement)
    assert (found["check_days"], found["cycles"]) == (30, 2)


@pytest.mark.parametrize("step", ["appoint", "approve", "verify", "extend"])
def test_other_steps_have_two_business_days(step: str) -> None:
    """C.0.5: a task that states no time of its own has two business days."""
    assert decide("capa_due", step=step) == 2


@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_the_same_ladder(step: str) -> None:
    """Three days before: whoever must do it. One, seven, fourteen after: superior, representative, general manager."""
    ladder = {-3: "responsible", 1: "superior", 7: "management_representative", 14: "general_manager"}
    assert {int(row["days"]): row["tell"] for row in decide("capa_reminders", step=step)} == ladder
