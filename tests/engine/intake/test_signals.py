"""Signals as drawn: which is meant, and who goes on."""

from __future__ import annotations

import pytest

from engine.findings import Severity
from tests.engine.diagrams import flows, judge, model

EXTRA = f'<bpmn:signal id="S" name="s"/><bpmn:signal id="N"/><bpmn:signal id="L" name="{"x" * 201}"/>'
AROUND = '<bpmn:startEvent id="s"/>{}<bpmn:endEvent id="e"/>' + flows("s x", "x e")
TASK = AROUND.format('<bpmn:subProcess id="x"><bpmn:task id="t"/></bpmn:subProcess>')


def definition(ref: str = "") -> str:
    """The definition of a signal event."""
    return f'<bpmn:signalEventDefinition signalRef="{ref}"/>' if ref else "<bpmn:signalEventDefinition/>"


def catch(ref: str = "") -> str:
    """A process that waits at x."""
    return AROUND.format(f'<bpmn:intermediateCatchEvent id="x">{definition(ref)}</bpmn:intermediateCatchEvent>')


def boundary(identity: str, *, cancel: str = "true") -> str:
    """A catcher at the border of x."""
    attributes = f'id="{identity}" attachedToRef="x" cancelActivity="{cancel}"'
    return f"<bpmn:boundaryEvent {attributes}>{definition('S')}</bpmn:boundaryEvent>"


JUDGED = {
    "no signal": (catch(), "signal-missing", "x"),
    "signal that is not there": (catch("Q"), "reference-dangling", "x"),
    "signal without name": (catch("N"), "signal-unnamed", "x"),
    "long name": (catch("L"), "name-too-long", "x"),
    "caught twice": (TASK + boundary("b") + boundary("c", cancel="false"), "signal-caught-twice", "c"),
}


@pytest.mark.parametrize("mistake", JUDGED)
def test_signals_are_judged(mistake: str) -> None:
    """A signal that could not happen as drawn is refused."""
    body, rule, element = JUDGED[mistake]
    findings = judge(body, extra=EXTRA).findings
    assert (rule, element, Severity.ERROR) in {(f.rule, f.element, f.severity) for f in findings}


@pytest.mark.parametrize("body", [catch("S"), TASK + boundary("b", cancel="false") + boundary("c", cancel="false")])
def test_right_signals_give_no_finding(body: str) -> None:
    """Two catchers that don't interrupt both go on."""
    assert {f.rule for f in judge(body, extra=EXTRA).findings} == {"diagram-missing"}
    assert "s" in {e.signal for e in model(body, extra=EXTRA).elements.values()}
