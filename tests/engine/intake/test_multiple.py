"""What is said at publish about events with several definitions."""

from __future__ import annotations

import pytest

from engine.findings import Severity
from tests.engine.diagrams import flows, judge
from tests.engine.interpreter.drawing import EXTRA, boundary, error, event, message, nodes, signal, timer, when

CATCH = "intermediateCatchEvent"
LINK = '<bpmn:linkEventDefinition name="l"/>'
LINE = nodes(startEvent="s", endEvent="e") + flows("s x", "x e")
BOTH = message("ping") + signal("red")
WAIT = event(CATCH, "x", BOTH).replace('id="x"', 'id="x" parallelMultiple="true"')
GATE = nodes(startEvent="s", eventBasedGateway="g", endEvent="e") + event(CATCH, "y", timer("Duration", "PT1H"))
START = event("startEvent", "x", BOTH).replace('id="x"', 'id="x" parallelMultiple="true"')
TASK = nodes(startEvent="s", userTask="t", endEvent="e") + flows("s t", "t e", "x e")
ALL = boundary("x", "t", error("E1") + signal("red")).replace('id="x"', 'id="x" parallelMultiple="true"')

WRONG = {
    "link": (LINE + event(CATCH, "x", LINK + message("ping")), "multiple-link"),
    "two errors": (
        nodes(startEvent="s") + flows("s x") + event("endEvent", "x", error("E1") + error("E2")),
        "multiple-errors",
    ),
    "parallel start": (START + nodes(endEvent="e") + flows("x e"), "parallel-start"),
    "parallel error": (TASK + ALL, "parallel-event"),
    "parallel behind a gateway": (GATE + WAIT + flows("s g", "g x", "g y", "x e", "y e"), "event-gateway-target"),
    "compensation thrown with others": (
        LINE + event("intermediateThrowEvent", "x", "<bpmn:compensateEventDefinition/>" + signal("red")),
        "unsupported-event",
    ),
    "compensation caught with others": (
        TASK + boundary("x", "t", "<bpmn:compensateEventDefinition/>" + signal("red")),
        "unsupported-event",
    ),
    "one without message": (
        LINE + event(CATCH, "x", "<bpmn:messageEventDefinition/>" + signal("red")),
        "message-missing",
    ),
    "one without condition": (
        LINE + event(CATCH, "x", "<bpmn:conditionalEventDefinition/>" + signal("red")),
        "condition-missing",
    ),
    "one timer unreadable": (LINE + event(CATCH, "x", timer("Duration", "P1H") + signal("red")), "timer-unreadable"),
    "timer thrown": (
        LINE + event("intermediateThrowEvent", "x", timer("Duration", "PT1H") + BOTH),
        "unsupported-event",
    ),
    "the same signal twice": (
        TASK + boundary("x", "t", signal("red") + signal("red")),
        "signal-caught-twice",
    ),
    "error that can't interrupt": (
        TASK + boundary("x", "t", error("E1") + BOTH, cancel=False),
        "error-not-interrupting",
    ),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_mistakes_in_one_definition_are_found(mistake: str) -> None:
    """Every rule sees each definition, and names the event."""
    body, rule = WRONG[mistake]
    errors = {(f.rule, f.element) for f in judge(body, extra=EXTRA).findings if f.severity is Severity.ERROR}
    assert (rule, "x") in errors


def test_good_multiples_give_no_finding() -> None:
    """Message, signal, timer and condition in one event."""
    body = LINE + event(CATCH, "x", BOTH + timer("Duration", "PT1H") + when("n = 1"))
    assert {f.rule for f in judge(body, extra=EXTRA).findings} == {"diagram-missing"}
