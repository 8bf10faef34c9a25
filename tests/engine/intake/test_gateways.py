"""Decisions on the way: every flow says when, or nothing runs."""

from __future__ import annotations

import pytest

from engine.findings import Severity
from tests.engine.diagrams import flows, judge

WHEN = "<bpmn:conditionExpression>a = 1</bpmn:conditionExpression>"


def flow(identity: str, source: str, target: str, inner: str = "") -> str:
    """A flow, perhaps with a condition."""
    return f'<bpmn:sequenceFlow id="{identity}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'


def choice(kind: str, first: str = "", second: str = "", attributes: str = "") -> str:
    """Start, then x with two flows f1 and f2 to the ends e1 and e2."""
    return (
        f'<bpmn:startEvent id="s"/>{flows("s x")}<bpmn:{kind} id="x"{attributes}/>'
        f'<bpmn:endEvent id="e1"/><bpmn:endEvent id="e2"/>{flow("f1", "x", "e1", first)}{flow("f2", "x", "e2", second)}'
    )


DEFAULT = ' default="f2"'
EXTRA = '<bpmn:message id="M" name="m"/><bpmn:message id="N" name="n"/>'
MESSAGE = "<bpmn:messageEventDefinition messageRef='M'/>"
WAITING = (
    '<bpmn:startEvent id="s"/><bpmn:eventBasedGateway id="x"/>'
    f'<bpmn:intermediateCatchEvent id="a">{MESSAGE}</bpmn:intermediateCatchEvent>{{}}' + flows("s x", "x a", "x b")
)
JOINED = (
    '<bpmn:startEvent id="s"/>{}<bpmn:task id="a"/><bpmn:task id="b"/><bpmn:parallelGateway id="j"/>'
    + flows("s x", "a j", "b j")
    + flow("f1", "x", "a", WHEN)
    + flow("f2", "x", "b")
)
SENDING = '<bpmn:receiveTask id="b" messageRef="N">{}</bpmn:receiveTask>'
JUDGED = {
    "flow without condition": (choice("exclusiveGateway", WHEN), "condition-missing", "f2", "error"),
    "inclusive flow without condition": (choice("inclusiveGateway", WHEN), "condition-missing", "f2", "error"),
    "no default": (choice("exclusiveGateway", WHEN, WHEN), "default-missing", "x", "warning"),
    "default with condition": (
        choice("exclusiveGateway", WHEN, WHEN, DEFAULT),
        "default-with-condition",
        "f2",
        "error",
    ),
    "default of another": (
        choice("exclusiveGateway", WHEN, WHEN, ' default="s_x"'),
        "default-dangling",
        "x",
        "error",
    ),
    "condition after a parallel gateway": (choice("parallelGateway", WHEN), "condition-misplaced", "f1", "error"),
    "default of a parallel gateway": (choice("parallelGateway", "", "", DEFAULT), "attribute-unknown", "x", "error"),
    "condition after an event": (choice("intermediateThrowEvent", WHEN), "condition-misplaced", "f1", "error"),
    "only flow of a task has a condition": (
        '<bpmn:startEvent id="s"/><bpmn:task id="x"/><bpmn:endEvent id="e"/>'
        + flows("s x")
        + flow("f1", "x", "e", WHEN),
        "condition-single",
        "f1",
        "error",
    ),
    "conditions out of a task": (choice("task", WHEN, WHEN), "default-missing", "x", "warning"),
    "default out of a task without conditions": (choice("task", "", "", DEFAULT), "default-needless", "x", "error"),
    "one event": (
        '<bpmn:startEvent id="s"/><bpmn:eventBasedGateway id="x"/>'
        f'<bpmn:intermediateCatchEvent id="a">{MESSAGE}</bpmn:intermediateCatchEvent>' + flows("s x", "x a"),
        "event-gateway-choice",
        "x",
        "error",
    ),
    "event gateway before a task": (WAITING.format('<bpmn:task id="b"/>'), "event-gateway-target", "b", "error"),
    "event with another way in": (
        WAITING.format(SENDING.format("")) + flows("s b"),
        "event-gateway-target",
        "b",
        "error",
    ),
    "receive task with a boundary event": (
        WAITING.format(SENDING.format(""))
        + '<bpmn:boundaryEvent id="c" attachedToRef="b"><bpmn:errorEventDefinition/></bpmn:boundaryEvent>',
        "event-gateway-target",
        "b",
        "error",
    ),
    "join of a choice": (
        JOINED.format('<bpmn:exclusiveGateway id="x" default="f2"/>'),
        "join-starves",
        "j",
        "error",
    ),
    "endless loop": (
        '<bpmn:startEvent id="s"/><bpmn:task id="a"/><bpmn:endEvent id="e"/>'
        '<bpmn:exclusiveGateway id="x" default="f2"/>'
        + flows("s a", "a x")
        + flow("f1", "x", "a", WHEN)
        + flow("f2", "x", "e"),
        "endless-loop",
        "a",
        "warning",
    ),
}


@pytest.mark.parametrize("mistake", JUDGED)
def test_choices_are_judged(mistake: str) -> None:
    """A choice that can't be made is an error, one that may fail a warning."""
    body, rule, element, severity = JUDGED[mistake]
    findings = judge(body, extra=EXTRA).findings
    assert (rule, element, Severity(severity)) in {(f.rule, f.element, f.severity) for f in findings}


RIGHT = {
    "exclusive with default": choice("exclusiveGateway", WHEN, "", DEFAULT),
    "inclusive with default": choice("inclusiveGateway", WHEN, "", DEFAULT),
    "parallel": choice("parallelGateway"),
    "conditional flow beside a plain one": choice("task", WHEN),
    "conditional flow beside the default": choice("task", WHEN, "", DEFAULT),
    "parallel join": JOINED.replace(WHEN, "").format('<bpmn:parallelGateway id="x"/>'),
    "message or task": WAITING.format(SENDING.format("")),
    "loop with a person in it": '<bpmn:startEvent id="s"/><bpmn:userTask id="a"/>' + flows("s a") + flow("f", "a", "a"),
}


@pytest.mark.parametrize("drawing", RIGHT)
def test_right_choices_give_no_finding(drawing: str) -> None:
    """What is drawn rightly isn't nagged about."""
    findings = judge(RIGHT[drawing], extra=EXTRA).findings
    assert {f.rule for f in findings} <= {"diagram-missing", "form-missing", "due-missing"}
