"""The problem's decision tables over their whole domains, against the domain document (D.1)."""

from __future__ import annotations

import re

import pytest

from engine.dmn import parse_decisions
from tests.processes.test_incident_decisions import BPMN, decide

TIMES = {
    "screen": 2, "investigate": 10, "remind": 10, "escalate": 30, "decide_extension": 2, "choose_solution": 5,
    "follow_supplier": 10, "verification": 30, "verify": 2, "conclude": 2,
}  # fmt: skip


def test_times_have_nothing_to_complain_about() -> None:
    """The table has no gap, no overlap, and no value outside its type."""
    _, findings = parse_decisions("prb_times.dmn", (BPMN / "prb_times.dmn").read_bytes())
    assert [str(finding) for finding in findings] == []


@pytest.mark.parametrize(("step", "days"), TIMES.items())
def test_every_step_has_its_time(step: str, days: int) -> None:
    """Each step's time is the designed one; 10 and 30 business days, and 30 days, are the domain document's."""
    assert decide("prb_times", step=step) == days


def test_the_diagram_asks_for_every_time_and_no_other() -> None:
    """A time that nothing asks for, or a step that the table doesn't know, would be a mistake."""
    texts = [p.read_text("utf-8") for p in (BPMN / "problem.bpmn", *(BPMN.parent / "forms").glob("problem_*.json"))]
    asked = {step for text in texts for step in re.findall(r'prb_times\((?:&quot;|\\?")(\w+)', text)}
    assert asked == TIMES.keys()
