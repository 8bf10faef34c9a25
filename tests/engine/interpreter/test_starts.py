"""Where a case begins: receive tasks, event gateways, or where no start is drawn (BPMN 2.0.2 §10.5.2, §10.6.6)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import ExecutionError
from engine.findings import Severity
from tests.engine.diagrams import flows, judge, model
from tests.engine.interpreter.drawing import (
    EXTRA,
    boundary,
    event,
    handling,
    message,
    node,
    nodes,
    signal,
    timer,
)
from tests.engine.interpreter.runs import Run

CATCH = "intermediateCatchEvent"


def build(body: str, **given: Any) -> Any:
    return model(body, extra=EXTRA, **given)


def receive(identity: str, attributes: str = "", inner: str = "", **own: str) -> str:
    return node("receiveTask", identity, inner, f'messageRef="m_ping" {attributes}', **own)


def gateway(kind: str, *more: str) -> str:
    """A gateway that begins cases: by ping, by red, or with a receive task."""
    body = f'<bpmn:eventBasedGateway id="choose" instantiate="true" eventGatewayType="{kind}"/>'
    body += event(CATCH, "ping", message("pong")) + event(CATCH, "red", signal("red")) + receive("get")
    body += nodes(userTask="a b c", endEvent="end") + flows("choose ping", "choose red", "choose get")
    return body + flows("ping a", "red b", "get c", "a end", "b end", "c end") + "".join(more)


def test_receive_task_begins_a_case() -> None:
    """Its message has come: it waits no more, and its contents are variables."""
    body = receive("x", 'instantiate="true"', result="got") + nodes(userTask="after", endEvent="end")
    run = Run(build(body + flows("x after", "after end"))).start("x", n=1)
    assert (run.open, run.variables) == (["after"], {"got": {"n": 1}})
    assert [run.told(kind) for kind in ("started", "entered")] == [["x"], ["x", "after"]]


def test_receive_task_beside_a_plain_start() -> None:
    """Each begins a case of its own."""
    body = receive("x", 'instantiate="true"') + nodes(startEvent="start", userTask="after", endEvent="end")
    built = build(body + flows("x after", "start after", "after end"))
    assert [e.id for e in built.starts()] == ["x", "start"]
    assert Run(built).start("start").open == ["after"]
    assert Run(built).start("x").open == ["after"]


@pytest.mark.parametrize(("first", "then"), [("ping", "a"), ("red", "b"), ("get", "c")])
def test_exclusive_gateway_is_passed_by_the_event_that_came(first: str, then: str) -> None:
    """The others are waited for by nobody."""
    run = Run(build(gateway("Exclusive"))).start(first)
    assert run.open == [then]
    assert run.told("flow") == [f"choose_{first}", f"{first}_{then}"]
    assert run.told("entered") == ["choose", first, then]
    assert run.complete(then).state == "completed"


def test_parallel_gateway_waits_for_the_others_within_the_case() -> None:
    """The first event begins the case, all the others belong to it, and it is over when all have come."""
    run = Run(build(gateway("Parallel"))).start("get")
    assert run.open == ["c", "ping", "red"]
    run.complete("c").signal("red").complete("b")
    assert (run.state, run.open) == ("active", ["ping"])
    assert run.message("ping").complete("a").state == "completed"


def test_parallel_gateway_inside_what_is_watched() -> None:
    """An event sub-process beside it changes nothing."""
    run = Run(build(gateway("Parallel", handling("h", message("stop"))))).start("ping")
    assert run.open == ["a", "get", "on_h", "red"]
    assert run.message("on_h").open == ["do_h"]


def test_process_without_start_begins_everywhere() -> None:
    """All that no flow leads to gets a token; boundary events and event sub-processes are not meant."""
    body = nodes(userTask="x y z", parallelGateway="join", endEvent="end") + handling("h", message("stop"))
    body += boundary("late", "x", timer("Duration", "PT1H"), cancel=False)
    built = build(body + flows("x join", "y join", "join z", "z end"))
    assert [e.id for e in built.starts()] == ["p"]
    run = Run(built).start("p", n=1)
    assert run.open == ["late", "on_h", "x", "y"]
    assert run.complete("x").complete("y").complete("z").state == "completed"
    assert run.variables == {"n": 1}


def test_process_without_start_may_begin_with_a_waiting_event() -> None:
    """An event that doesn't instantiate is waited for within the case."""
    body = event(CATCH, "wait", message("ping")) + nodes(userTask="after", endEvent="end")
    run = Run(build(body + flows("wait after", "after end"))).start("p")
    assert run.open == ["wait"]
    assert run.message("wait").open == ["after"]


def test_case_begins_nowhere_else() -> None:
    """A start that is not there is named."""
    with pytest.raises(ExecutionError, match="choose"):
        Run(build(gateway("Exclusive"))).start("choose")


SUB = '<bpmn:startEvent id="s"/><bpmn:subProcess id="w">{}</bpmn:subProcess>' + flows("s w")
LOOP = "<bpmn:standardLoopCharacteristics loopMaximum='3'/>"
WRONG = {
    "inside": (SUB.format(receive("x", 'instantiate="true"')), "instantiate-inside", "x"),
    "after something": (
        nodes(startEvent="s") + receive("x", 'instantiate="true"') + flows("s x"),
        "instantiate-inside",
        "x",
    ),
    "in a loop": (receive("x", 'instantiate="true"', LOOP), "instantiate-repeated", "x"),
    "a timer to choose": (
        '<bpmn:eventBasedGateway id="g" instantiate="true"/>'
        + event(CATCH, "x", timer("Duration", "PT1H"))
        + receive("y")
        + flows("g x", "g y"),
        "instantiate-event",
        "x",
    ),
    "parallel within a case": (
        nodes(startEvent="s")
        + '<bpmn:eventBasedGateway id="x" eventGatewayType="Parallel"/>'
        + event(CATCH, "a", message("ping"))
        + event(CATCH, "b", signal("red"))
        + flows("s x", "x a", "x b"),
        "event-gateway-type",
        "x",
    ),
    "no such type": (gateway("Sometimes"), "event-gateway-type", "choose"),
    "the same message twice": (
        event("startEvent", "x", message("ping")) + receive("y", 'instantiate="true"'),
        "message-caught-twice",
        "x",
    ),
    "timer with a form": (event("startEvent", "x", timer("Duration", "PT1H"), form="f"), "form-unfilled", "x"),
    "timer that reads": (event("startEvent", "x", timer("Duration", "=delay")), "timer-reads", "x"),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_wrong_beginnings_are_refused(mistake: str) -> None:
    """With the place, the reason and a remedy."""
    body, rule, element = WRONG[mistake]
    errors = {(f.rule, f.element) for f in judge(body, extra=EXTRA).findings if f.severity is Severity.ERROR}
    assert (rule, element) in errors


def test_parallel_gateway_without_correlation_is_warned_of() -> None:
    """The messages of two cases would be mixed up."""
    found = {(f.rule, f.element) for f in judge(gateway("Parallel"), extra=EXTRA).findings}
    assert ("instantiate-uncorrelated", "ping") in found


def test_joins_behind_a_parallel_gateway_can_fill() -> None:
    """All ways are gone, one after the other."""
    body = gateway("Parallel").replace('targetRef="end"', 'targetRef="join"') + nodes(parallelGateway="join")
    run = Run(build(body + flows("join end"))).start("ping").complete("a").signal("red").complete("b")
    assert run.message("get").complete("c").state == "completed"
