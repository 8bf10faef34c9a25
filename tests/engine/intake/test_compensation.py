"""Compensation and transactions as drawn: what undoes what, and what follows from cancelling."""

from __future__ import annotations

import pytest

from engine.findings import Severity
from tests.engine.diagrams import flows, judge, model
from tests.engine.interpreter.drawing import boundary, event, node, nodes, sub, timer, undo, undoable

CANCEL = "<bpmn:cancelEventDefinition/>"
FOR_COMPENSATION = 'isForCompensation="true"'
LINE = '<bpmn:association id="line" sourceRef="b" targetRef="u"/>'
U = node("task", "u", attributes=FOR_COMPENSATION)
B = boundary("b", "x", undo())


def around(x: str) -> str:
    """start → x → end."""
    return '<bpmn:startEvent id="s"/>' + x + '<bpmn:endEvent id="e"/>' + flows("s x", "x e")


TASK = around('<bpmn:userTask id="x"/>')
SUB = around(sub("x", nodes(userTask="inner") + "{}"))


def throw(ref: str | None = None) -> str:
    """A throwing event beside the task."""
    return event("endEvent", "t", undo(ref)) + flows("s t")


def transaction(inside: str, border: str = "") -> str:
    """start → transaction x (c) → end."""
    inner = nodes(startEvent="i") + event("endEvent", "c", CANCEL) + flows("i c") if inside == "cancel" else inside
    return around(f'<bpmn:transaction id="x">{inner}</bpmn:transaction>') + border


PROC = nodes(startEvent="s", userTask="x", endEvent="e") + flows("s x", "x e")
HANDLING = '<bpmn:startEvent id="on"><bpmn:compensateEventDefinition/></bpmn:startEvent><bpmn:task id="do"/>'
HANDLING = HANDLING + flows("on do")

JUDGED = {
    "no association": (TASK + B, "compensation-missing", "b", "error"),
    "two associations": (
        TASK + B + U + U.replace('"u"', '"v"') + LINE + LINE.replace('"u"', '"v"').replace('"line"', '"l2"'),
        "compensation-twice",
        "b",
        "error",
    ),
    "a flow instead": (TASK + B + '<bpmn:task id="u"/>' + flows("b u", "u e"), "flow-forbidden", "b", "error"),
    "not marked": (
        TASK + B + LINE + '<bpmn:task id="u"/>' + flows("x u", "u e"),
        "compensation-unmarked",
        "u",
        "error",
    ),
    "handler alone": (TASK + U, "compensation-loose", "u", "error"),
    "handler in the flow": (TASK + B + U + LINE + flows("x u"), "flow-forbidden", "u", "error"),
    "handler with events": (
        TASK + B + LINE + U.replace("task", "userTask") + boundary("b2", "u", undo()),
        "compensation-boundary",
        "u",
        "error",
    ),
    "not interrupting": (
        TASK + B.replace('"true"', '"false"') + U + LINE,
        "compensation-not-interrupting",
        "b",
        "error",
    ),
    "one of several at the end": (
        TASK + event("endEvent", "t", undo() + CANCEL) + flows("s t"),
        "unsupported-event",
        "t",
        "error",
    ),
    "one of several at a border": (
        TASK + boundary("b", "x", undo() + timer("Duration", "PT1H")) + flows("b e"),
        "unsupported-event",
        "b",
        "error",
    ),
    "one of several at a start": (
        SUB.format(
            sub(
                "h",
                HANDLING.replace("</bpmn:startEvent>", timer("Date", "now()") + "</bpmn:startEvent>"),
                by_event=True,
            )
        ),
        "unsupported-event",
        "on",
        "error",
    ),
    "two boundary events": (TASK + B + U + LINE + boundary("b2", "x", undo()), "compensation-twice", "x", "error"),
    "boundary and event sub-process": (
        SUB.format(sub("h", HANDLING, by_event=True)) + B + U + LINE,
        "compensation-twice",
        "x",
        "error",
    ),
    "event sub-process of the process": (
        TASK + sub("h", HANDLING, by_event=True),
        "compensation-never",
        "h",
        "warning",
    ),
    "event sub-process with a border": (
        TASK + sub("h", HANDLING, by_event=True) + boundary("b", "h", undo()) + U + LINE,
        "flow-forbidden",
        "h",
        "error",
    ),
    "catching event in the flow": (
        around(event("intermediateCatchEvent", "x", undo())),
        "unsupported-event",
        "x",
        "error",
    ),
    "start of the process": (
        PROC + event("startEvent", "s2", undo()) + flows("s2 x"),
        "unsupported-event",
        "s2",
        "error",
    ),
    "activity that is not there": (TASK + throw("q"), "reference-dangling", "t", "error"),
    "activity out of sight": (SUB.format(undoable("deep")) + throw("deep"), "compensation-invisible", "t", "error"),
    "handler named": (TASK + B + U + LINE + throw("u"), "compensation-invisible", "t", "error"),
    "nothing to undo": (TASK + throw(), "compensation-nothing", "t", "warning"),
    "nothing to undo of it": (TASK + throw("x"), "compensation-nothing", "t", "warning"),
    "waits for something else": (
        TASK + event("endEvent", "t", '<bpmn:compensateEventDefinition waitForCompletion="no"/>') + flows("s t"),
        "attribute-value",
        "t",
        "error",
    ),
    "cancel outside a transaction": (
        TASK + event("endEvent", "t", CANCEL) + flows("s t"),
        "cancel-misplaced",
        "t",
        "error",
    ),
    "cancel at a task": (TASK + boundary("b", "x", CANCEL), "cancel-misplaced", "b", "error"),
    "cancel at a sub-process": (SUB.format("") + boundary("b", "x", CANCEL), "cancel-misplaced", "b", "error"),
    "cancel twice": (
        transaction("cancel", boundary("b", "x", CANCEL) + boundary("b2", "x", CANCEL)),
        "cancel-twice",
        "b2",
        "error",
    ),
    "cancel that leaves it running": (
        transaction("cancel", boundary("b", "x", CANCEL, cancel=False)),
        "cancel-not-interrupting",
        "b",
        "error",
    ),
    "nothing follows": (transaction("cancel"), "cancel-uncaught", "c", "warning"),
    "never cancelled": (
        transaction(nodes(userTask="inner"), boundary("b", "x", CANCEL)),
        "boundary-never",
        "b",
        "warning",
    ),
}


@pytest.mark.parametrize("mistake", JUDGED)
def test_compensation_is_judged(mistake: str) -> None:
    """What could not happen as drawn is refused or told, at its place."""
    body, rule, element, severity = JUDGED[mistake]
    findings = judge(body).findings
    assert (rule, element, Severity(severity)) in {(f.rule, f.element, f.severity) for f in findings}


QUIET = {"diagram-missing", "due-missing", "form-missing"}


@pytest.mark.parametrize(
    "body",
    [
        TASK + B + U + LINE + throw(),
        TASK + B + U + LINE.replace('sourceRef="b" targetRef="u"', 'sourceRef="u" targetRef="b"') + throw("x"),
        SUB.format(sub("h", HANDLING, by_event=True)) + throw("x"),
        SUB.format(undoable("deep")) + throw(),
        transaction("cancel", boundary("b", "x", CANCEL)),
    ],
)
def test_right_compensation_gives_no_finding(body: str) -> None:
    """What is drawn rightly isn't nagged about."""
    assert {f.rule for f in judge(body).findings} <= QUIET


def test_what_undoes_is_in_the_model() -> None:
    """An activity knows its handler, a sub-process its event sub-process, an event its activity."""
    body = SUB.format(sub("h", HANDLING, by_event=True) + undoable("deep")) + throw("x")
    elements = model(body).elements
    assert elements["deep"].compensation is not None
    assert elements["deep"].compensation.handler == "undo_deep"
    assert elements["x"].compensation is not None
    assert elements["x"].compensation.handler == "h"
    assert elements["t"].compensation is not None
    assert (elements["t"].compensation.activity, elements["t"].compensation.waits) == ("x", True)
    assert elements["undo_deep"].compensation is None
