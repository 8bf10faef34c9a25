"""Times that could only fail at somebody's case, and loops that nothing can end, are refused before."""

from __future__ import annotations

import pytest

from engine.findings import Severity
from tests.engine.diagrams import flows, judge
from tests.engine.interpreter.drawing import boundary, condition, event, nodes, timer

ENDS = '<bpmn:startEvent id="start"/><bpmn:endEvent id="end"/>'
TASK = ENDS + nodes(userTask="a") + flows("start a", "a end")
UNREADABLE = [
    ("Duration", "R3/PT5M"),
    ("Duration", "r/pt5m"),
    ("Duration", "P1D/PT1H"),
    ("Duration", "pt5m"),
    ("Date", "R/PT5M"),
    ("Cycle", "R-1/PT1H"),
    ("Cycle", "r3/pt1h"),
    ("Cycle", "R/PT0S"),
]


@pytest.mark.parametrize(("kind", "text"), UNREADABLE)
def test_time_that_is_none_is_refused(kind: str, text: str) -> None:
    """A text that FEEL would read as an arithmetic on variables, but was meant as a time, is an error at the timer."""
    findings = judge(TASK + boundary("b", "a", timer(kind, text), cancel=False)).findings
    errors = [f for f in findings if f.element == "b" and f.severity is Severity.ERROR]
    assert {f.rule for f in errors} <= {"timer-kind", "timer-unreadable", "timer-never"}
    assert len(errors) == 1
    assert "PT" in str(errors[0].remedy)


@pytest.mark.parametrize("text", ["due", "p1", "priority2", "reply_by", "rate / parts"])
def test_variable_is_still_a_time(text: str) -> None:
    """Names and arithmetic stay FEEL."""
    assert judge(TASK + boundary("b", "a", timer("Duration", text))).ok


LINKED = event("intermediateThrowEvent", "out", '<bpmn:linkEventDefinition name="again"/>') + event(
    "intermediateCatchEvent", "in", '<bpmn:linkEventDefinition name="again"/>'
)
ENDLESS = {
    "a fork back to its own merge": ENDS
    + nodes(exclusiveGateway="m", parallelGateway="f")
    + flows("start m", "m f", "f m", "f end"),
    "links in a circle": ENDS
    + nodes(exclusiveGateway="m", task="t")
    + LINKED
    + flows("start m", "m out", "in t", "t m"),
    "two tasks in a circle": ENDS + nodes(task="t u") + flows("start t", "t u", "u t"),
}


@pytest.mark.parametrize("drawing", ENDLESS)
def test_loop_without_a_way_out_is_refused(drawing: str) -> None:
    """A circle that neither waits nor chooses would stop every case that enters it."""
    found = {(f.rule, f.severity) for f in judge(ENDLESS[drawing]).findings}
    assert ("endless-loop", Severity.ERROR) in found


def test_loop_with_a_choice_is_pointed_out() -> None:
    """Whether a loop of automatic steps ends is up to its condition: a warning, through links, too."""
    body = ENDS + '<bpmn:exclusiveGateway id="x" default="x_end"/>' + nodes(exclusiveGateway="m") + LINKED
    examination = judge(body + flows("start m", "m x", "x end", "in m") + condition("c", "x", "out", "again"))
    assert examination.ok
    assert "endless-loop" in {f.rule for f in examination.findings}


def test_what_another_tool_says_of_a_message_is_told() -> None:
    """It is not overlooked in silence, unless it is read: Zeebe's subscription."""
    extra = (
        '<bpmn:message id="m" name="paid"><bpmn:extensionElements><zeebe:subscription '
        'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" correlationKey="=order"/>'
        '</bpmn:extensionElements></bpmn:message><bpmn:message id="n" name="sent"><bpmn:extensionElements>'
        '<zeebe:publication xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"/>'
        "</bpmn:extensionElements></bpmn:message>"
    )
    told = [f for f in judge(TASK, extra=extra).findings if f.rule == "extension-ignored"]
    assert [f.element for f in told] == ["n"]
    assert "correlation_key" in str(told[0].remedy)
