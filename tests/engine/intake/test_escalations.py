"""Escalations as drawn: which is meant, and whether it can be caught."""

from __future__ import annotations

import pytest

from engine.findings import Severity
from tests.engine.diagrams import flows, judge

EXTRA = '<bpmn:escalation id="X" escalationCode="LATE"/><bpmn:escalation id="N" name="no code"/>'
AROUND = '<bpmn:startEvent id="s"/>{}<bpmn:endEvent id="e"/>' + flows("s x", "x e")
SUB = AROUND.format('<bpmn:subProcess id="x"><bpmn:task id="t"/></bpmn:subProcess>')


def definition(ref: str = "") -> str:
    """The definition of an escalation event."""
    return f'<bpmn:escalationEventDefinition escalationRef="{ref}"/>' if ref else "<bpmn:escalationEventDefinition/>"


def throw(ref: str = "") -> str:
    """A process that escalates at x."""
    return AROUND.format(f'<bpmn:intermediateThrowEvent id="x">{definition(ref)}</bpmn:intermediateThrowEvent>')


def boundary(identity: str, ref: str = "") -> str:
    """A catcher at the border of x."""
    return f'<bpmn:boundaryEvent id="{identity}" attachedToRef="x">{definition(ref)}</bpmn:boundaryEvent>'


JUDGED = {
    "throw without escalation": (throw(), "escalation-missing", "x", "error"),
    "escalation that is not there": (throw("Q"), "reference-dangling", "x", "error"),
    "caught twice": (SUB + boundary("b", "X") + boundary("c", "X"), "escalation-caught-twice", "c", "error"),
    "all caught twice": (SUB + boundary("b") + boundary("c"), "escalation-caught-twice", "c", "error"),
    "at a task": (AROUND.format('<bpmn:userTask id="x"/>') + boundary("b", "X"), "boundary-never", "b", "warning"),
}


@pytest.mark.parametrize("mistake", JUDGED)
def test_escalations_are_judged(mistake: str) -> None:
    """An escalation that could not happen as drawn is refused or told."""
    body, rule, element, severity = JUDGED[mistake]
    findings = judge(body, extra=EXTRA).findings
    assert (rule, element, Severity(severity)) in {(f.rule, f.element, f.severity) for f in findings}


@pytest.mark.parametrize("body", [throw("X"), SUB + boundary("b", "X") + boundary("c")])
def test_right_escalations_give_no_finding(body: str) -> None:
    """What is drawn rightly isn't nagged about."""
    assert {f.rule for f in judge(body, extra=EXTRA).findings} == {"diagram-missing"}
