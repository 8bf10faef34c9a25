"""Events: each kind in each position (BPMN 2.0.2, 10.5, table 10.93)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.constructs import strokes
from engine.constructs.construct import Construct
from engine.constructs.strokes import boundary, flows, inside, line, node, nodes, users

_BOTH = strokes.MESSAGE + strokes.SIGNAL
_PARALLEL = 'parallelMultiple="true"'
KINDS = {  # kind → (title, definition)
    "none": ("None", ""),
    "message": ("Message", strokes.MESSAGE),
    "timer.date": ("Timer: date", strokes.timer("timeDate", "2026-03-03T12:00:00Z")),
    "timer.duration": ("Timer: duration", strokes.timer("timeDuration", "PT1H")),
    "timer.cycle": ("Timer: cycle (R2/PT1H)", strokes.timer("timeCycle", "R2/PT1H")),
    "timer.cron": ("Timer: cycle in cron (0 0 9 * * ?)", strokes.timer("timeCycle", "0 0 9 * * ?")),
    "signal": ("Signal", strokes.SIGNAL),
    "conditional": ("Conditional", strokes.CONDITIONAL),
    "error": ("Error", strokes.ERROR),
    "escalation": ("Escalation", strokes.ESCALATION),
    "compensation": ("Compensation", strokes.COMPENSATION),
    "cancel": ("Cancel", strokes.CANCEL),
    "link": ("Link", strokes.LINK),
    "terminate": ("Terminate", strokes.TERMINATE),
    "multiple": ("Multiple: any of several", _BOTH),
    "parallelMultiple": ("Parallel multiple: all of several", _BOTH),
}
_TIMERS = {kind for kind in KINDS if kind.startswith("timer")}
_WAITED = {"message", *_TIMERS, "signal", "conditional", "multiple", "parallelMultiple"}


@dataclass(frozen=True, slots=True)
class Position:
    """Where an event can stand, and which kinds the standard knows there."""

    key: str
    title: str
    kinds: set[str]
    draw: Callable[[str, str], str]  # (kind, definition) → the inner XML of a process with the event `x`


def _attributes(kind: str, more: str = "") -> str:
    return f"{_PARALLEL if kind == 'parallelMultiple' else ''} {more}"


def _start(kind: str, definition: str) -> str:
    x = node("startEvent", "x", definition, _attributes(kind))
    return x + users("after") + nodes("endEvent", "e") + flows("x after e")


def _handler(cancel: str) -> Callable[[str, str], str]:
    def draw(kind: str, definition: str) -> str:
        start = node("startEvent", "x", definition, _attributes(kind, f'isInterrupting="{cancel}"'))
        handling = start + users("handle") + nodes("endEvent", "handled") + flows("x handle handled")
        esp = node("subProcess", "esp", handling, 'triggeredByEvent="true"')
        ends = {"error": strokes.ERROR, "escalation": strokes.ESCALATION}
        body = nodes("startEvent", "s") + users("idle") + flows("s idle e")
        if kind != "compensation":
            return body + node("endEvent", "e", ends.get(kind, "")) + esp
        inner = body + nodes("endEvent", "e") + esp
        thrown = node("intermediateThrowEvent", "undo", definition) + users("after")
        around = nodes("startEvent", "s0") + node("subProcess", "sub", inner) + thrown + nodes("endEvent", "e0")
        return around + flows("s0 sub undo after e0")

    return draw


def _catch(kind: str, definition: str) -> str:
    x = node("intermediateCatchEvent", "x", definition, _attributes(kind))
    if kind != "link":
        return line(x)
    thrown = node("intermediateThrowEvent", "jump", definition) + flows("s jump", "x after e")
    return nodes("startEvent", "s") + thrown + x + users("after") + nodes("endEvent", "e")


def _throw(kind: str, definition: str) -> str:
    x = node("intermediateThrowEvent", "x", definition, _attributes(kind))
    if kind == "link":
        come = node("intermediateCatchEvent", "come", definition) + flows("s x", "come after e")
        return nodes("startEvent", "s") + x + come + users("after") + nodes("endEvent", "e")
    return line(x) if kind != "compensation" else _after_work(x + users("after") + nodes("endEvent", "e"), "x after e")


def _after_work(then: str, way: str) -> str:
    """A task `work` that `undo` compensates, and what comes after it."""
    work = nodes("startEvent", "s") + users("work") + boundary("c", "work", strokes.COMPENSATION)
    work += node("userTask", "undo", attributes='isForCompensation="true"', role="staff")
    return work + _association("c", "undo") + then + flows(f"s work {way}")


def _association(source: str, target: str) -> str:
    direction = 'associationDirection="One"'
    return f'<bpmn:association id="a" {direction} sourceRef="{source}" targetRef="{target}"/>'


def _boundary(cancel: str) -> Callable[[str, str], str]:
    def draw(kind: str, definition: str) -> str:
        if kind == "compensation":
            return _compensated(definition, _attributes(kind, f'cancelActivity="{cancel}"'))
        x = boundary("x", "host", definition, _attributes(kind, f'cancelActivity="{cancel}"'))
        way = nodes("startEvent", "s") + users("handle") + nodes("endEvent", "e", "handled")
        way += flows("s host e", "x handle handled")
        if kind not in ("error", "escalation", "cancel"):
            return way + users("host") + x
        end = node("endEvent", "out", definition) + users("work") + nodes("startEvent", "s_in")
        host = "transaction" if kind == "cancel" else "subProcess"
        return way + node(host, "host", end + flows("s_in work out")) + x

    return draw


def _compensated(definition: str, attributes: str) -> str:
    work = nodes("startEvent", "s") + users("work") + boundary("x", "work", definition, attributes)
    work += node("userTask", "undo", attributes='isForCompensation="true"', role="staff") + _association("x", "undo")
    thrown = node("intermediateThrowEvent", "back", strokes.COMPENSATION) + users("after") + nodes("endEvent", "e")
    return work + thrown + flows("s work back after e")


def _end(kind: str, definition: str) -> str:
    x = node("endEvent", "x", definition, _attributes(kind))
    if kind == "compensation":
        return _after_work(x, "x")
    if kind == "cancel":
        inner = nodes("startEvent", "s_in") + users("work") + x + flows("s_in work x")
        around = nodes("startEvent", "s") + node("transaction", "host", inner) + boundary("c", "host", definition)
        return around + users("handle") + nodes("endEvent", "e", "handled") + flows("s host e", "c handle handled")
    fork = nodes("startEvent", "s") + nodes("parallelGateway", "fork") + users("work", "other") + nodes("endEvent", "e")
    return fork + x + flows("s fork work x", "fork other e")


POSITIONS = (
    Position("start", "start", {"none", *_WAITED}, _start),
    Position(
        "handler",
        "start of an event sub-process, interrupting",
        {*_WAITED, "error", "escalation", "compensation"},
        _handler("true"),
    ),
    Position(
        "handler.aside",
        "start of an event sub-process, not interrupting",
        {*_WAITED, "escalation"},
        _handler("false"),
    ),
    Position("catch", "intermediate, catching", {*_WAITED, "link"}, _catch),
    Position(
        "throw",
        "intermediate, throwing",
        {"none", "message", "signal", "escalation", "compensation", "link", "multiple"},
        _throw,
    ),
    Position(
        "boundary",
        "boundary, interrupting",
        {*_WAITED, "error", "escalation", "compensation", "cancel"},
        _boundary("true"),
    ),
    Position("boundary.aside", "boundary, not interrupting", {*_WAITED, "escalation"}, _boundary("false")),
    Position(
        "end",
        "end",
        {"none", "message", "signal", "error", "escalation", "compensation", "cancel", "terminate", "multiple"},
        _end,
    ),
)
EVENTS = tuple(
    Construct(
        f"{position.key}.{kind}",
        f"{title}, {position.title}",
        "10.5",
        position.draw(kind, definition),
        exists=kind in position.kinds,
    )
    for position in POSITIONS
    for kind, (title, definition) in KINDS.items()
)
_INNER = inside("work")
MORE = (
    Construct(
        "error.any",
        "Error caught whatever its code",
        "10.5.5",
        nodes("startEvent", "s")
        + node("serviceTask", "host", attributes='implementation="far"')
        + boundary("x", "host", "<bpmn:errorEventDefinition/>")
        + users("handle")
        + nodes("endEvent", "e", "handled")
        + flows("s host e", "x handle handled"),
    ),
    Construct(
        "eventSubProcess.inner",
        "Event sub-process in a sub-process",
        "10.3.5",
        nodes("startEvent", "s")
        + node(
            "subProcess",
            "host",
            _INNER
            + node(
                "subProcess",
                "esp",
                node("startEvent", "x", strokes.MESSAGE) + users("handle") + flows("x handle"),
                'triggeredByEvent="true"',
            ),
        )
        + users("after")
        + nodes("endEvent", "e")
        + flows("s host after e"),
    ),
    Construct(
        "events.shared",
        "Event definition kept beside the process (eventDefinitionRef)",
        "10.5.5",
        line(node("intermediateCatchEvent", "x", "<bpmn:eventDefinitionRef>shared</bpmn:eventDefinitionRef>")),
        '<bpmn:messageEventDefinition id="shared" messageRef="m_ping"/>',
    ),
)
