"""Events with several definitions: any one of them, or all (BPMN 2.0.2 §10.5.1)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.handlers import handler
from tests.engine.diagrams import flows, model
from tests.engine.interpreter.drawing import (
    EXTRA,
    TERMINATE,
    boundary,
    error,
    escalation,
    event,
    handling,
    message,
    nodes,
    service,
    signal,
    sub,
    timer,
    when,
)
from tests.engine.interpreter.runs import Run

CATCH, THROW = "intermediateCatchEvent", "intermediateThrowEvent"
FOUR = message("ping") + signal("red") + timer("Duration", "PT5M") + when("n &gt; 3")
PARALLEL = ' parallelMultiple="true"'


def build(body: str, **given: Any) -> Any:
    return model(body, extra=EXTRA, **given)


def parallel(xml: str, identity: str) -> str:
    """The same event, needing all of its definitions."""
    return xml.replace(f'id="{identity}"', f'id="{identity}"{PARALLEL}')


def come(run: Run, what: str, element: str = "x") -> Run:
    """Let one of the four come."""
    acts = {
        "message": lambda: run.message(element),
        "signal": lambda: run.signal("red"),
        "timer": lambda: run.fire(element),
        "condition": lambda: run.set(n=9),
    }
    return acts[what]()


KINDS = ["message", "signal", "timer", "condition"]


def caught(definitions: str = FOUR) -> str:
    body = nodes(startEvent="start", userTask="after", endEvent="end") + event(CATCH, "x", definitions)
    return body + flows("start x", "x after", "after end")


@pytest.mark.parametrize("what", KINDS)
def test_catch_goes_on_by_any_one(what: str) -> None:
    """The first to come decides; the others are waited for no more."""
    run = Run(build(caught())).start(n=1)
    assert run.open == ["x", "x", "x", "x"]
    assert come(run, what).open == ["after"]
    assert [run.told(kind).count("x") for kind in ("entered", "completed")] == [1, 1]


@pytest.mark.parametrize("order", [KINDS, KINDS[::-1], ["timer", "message", "condition", "signal"]])
def test_parallel_catch_needs_all_in_any_order(order: list[str]) -> None:
    """Each is counted once."""
    run = Run(build(parallel(caught(), "x"))).start(n=1)
    for left, what in zip((3, 2, 1, 0), order, strict=True):
        come(run, what)
        assert run.open == ["x"] * left if left else run.open == ["after"]
    assert [run.told(kind).count("x") for kind in ("entered", "completed")] == [1, 1]


def test_parallel_catch_counts_a_second_one_for_nothing() -> None:
    """The same signal twice is one."""
    run = Run(build(parallel(caught(signal("red") + signal("blue")), "x"))).start()
    assert run.signal("red").signal("red").open == ["x"]
    assert run.signal("blue").open == ["after"]


def test_multiple_event_behind_an_event_gateway() -> None:
    """Each of its triggers competes with the others'."""
    body = nodes(startEvent="start", eventBasedGateway="choose", userTask="after other", endEvent="end")
    body += event(CATCH, "x", message("ping") + signal("red")) + event(CATCH, "y", timer("Duration", "PT1H"))
    body += flows("start choose", "choose x", "choose y", "x after", "y other", "after end", "other end")
    run = Run(build(body)).start()
    assert run.open == ["x", "x", "y"]
    assert run.signal("red").open == ["after"]


def bordered(definitions: str, *, cancel: bool) -> str:
    body = nodes(startEvent="start", userTask="work late", endEvent="end")
    body += boundary("x", "work", definitions, cancel=cancel)
    return body + flows("start work", "work end", "x late", "late end")


@pytest.mark.parametrize("what", KINDS)
def test_border_is_left_by_any_one(what: str) -> None:
    """One path for all of them."""
    run = come(Run(build(bordered(FOUR, cancel=True))).start(n=1), what)
    assert (run.open, run.told("cancelled")) == (["late"], ["work"])
    assert run.complete("late").state == "completed"


def test_border_that_does_not_interrupt_listens_on() -> None:
    """For each trigger by itself."""
    run = Run(build(bordered(message("ping") + signal("red"), cancel=False))).start()
    assert run.message("x").signal("red").signal("red").open == ["late", "late", "late", "work", "x", "x"]


@pytest.mark.parametrize("cancel", [True, False])
def test_parallel_border_needs_all(cancel: bool) -> None:
    """Not interrupting, it begins again."""
    both = parallel(bordered(message("ping") + signal("red"), cancel=cancel), "x")
    run = Run(build(both)).start().signal("red").signal("red")
    assert run.open == ["work", "x"]
    run.message("x")
    assert run.open == (["late"] if cancel else ["late", "work", "x", "x"])
    if not cancel:
        assert run.message("x").signal("red").open == ["late", "late", "work", "x", "x"]


def test_parallel_border_with_a_clock_fires_once() -> None:
    """A time that has come doesn't come again."""
    both = parallel(bordered(message("ping") + timer("Duration", "PT5M"), cancel=False), "x")
    assert Run(build(both)).start().fire("x").message("x").open == ["late", "work"]


def test_border_catches_an_error_or_a_message() -> None:
    """An error among the triggers is caught by its code."""
    inner = nodes(startEvent="s", userTask="do", exclusiveGateway="g") + event("endEvent", "e1", error("E1"))
    body = nodes(startEvent="start", userTask="late", endEvent="end") + sub("part", inner + flows("s do", "do e1"))
    body = body.replace('<bpmn:exclusiveGateway id="g"/>', "") + boundary("x", "part", error("E1") + message("ping"))
    body += flows("start part", "part end", "x late", "late end")
    assert Run(build(body)).start().complete("do").open == ["late"]
    assert Run(build(body)).start().message("x").open == ["late"]


def test_throw_throws_all_of_them() -> None:
    """A message, a signal and an escalation, told under one id."""
    inner = nodes(startEvent="s", userTask="y") + event(THROW, "x", escalation("X1") + message("ping") + signal("red"))
    body = nodes(startEvent="start", userTask="told", endEvent="end") + sub("part", inner + flows("s x", "x y"))
    body += boundary("up", "part", escalation("X1"), cancel=False)
    run = Run(build(body + flows("start part", "part end", "up told", "told end"))).start()
    assert run.open == ["told", "y"]
    assert (run.sent, [s.name for s in run.step.signals]) == ([("ping", None, {})], ["red"])
    assert [run.told(kind).count("x") for kind in ("entered", "completed")] == [1, 1]


@pytest.mark.parametrize("last", [TERMINATE, error("E1"), TERMINATE + error("E1")])
def test_end_throws_all_and_then_ends_its_scope(last: str) -> None:
    """Whatever the order drawn: what ends the scope comes last."""
    inner = nodes(startEvent="s", userTask="y") + event("endEvent", "x", last + message("ping")) + flows("s x", "s y")
    body = nodes(startEvent="start", userTask="told", endEvent="end") + sub("part", inner)
    body += boundary("up", "part", error("E1"))
    run = Run(build(body + flows("start part", "part end", "up told", "told end"))).start()
    assert run.sent == [("ping", None, {})]
    assert run.open == (["told"] if "error" in last else [])


@pytest.mark.parametrize("cancel", [True, False])
def test_event_sub_process_starts_by_any_one(cancel: bool) -> None:
    """Interrupting or beside."""
    handler = handling("h", message("ping") + signal("red"), cancel=cancel)
    body = nodes(startEvent="start", userTask="work", endEvent="end") + handler + flows("start work", "work end")
    run = Run(build(body)).start().signal("red")
    assert run.open == (["do_h"] if cancel else ["do_h", "on_h", "on_h", "work"])


@pytest.mark.parametrize("cancel", [True, False])
def test_event_sub_process_starts_when_all_have_come(cancel: bool) -> None:
    """Parallel multiple."""
    handler = parallel(handling("h", message("ping") + signal("red"), cancel=cancel), "on_h")
    body = nodes(startEvent="start", userTask="work", endEvent="end") + handler + flows("start work", "work end")
    run = Run(build(body)).start().signal("red")
    assert run.open == ["on_h", "work"]
    assert run.message("on_h").open == (["do_h"] if cancel else ["do_h", "on_h", "on_h", "work"])


def test_process_starts_by_any_of_several() -> None:
    """By whichever came; contents are variables."""
    body = event("startEvent", "x", message("ping") + signal("red")) + nodes(userTask="work", endEvent="end")
    run = Run(build(body + flows("x work", "work end"))).start("x", a=1)
    assert (run.open, run.variables) == (["work"], {"a": 1})


def test_inclusive_join_knows_the_ways_from_a_multiple_border() -> None:
    """A token in the activity may yet come by its border."""
    body = nodes(startEvent="start", parallelGateway="fork", userTask="work other last", endEvent="end")
    body += boundary("x", "work", message("ping") + signal("red"), cancel=False) + nodes(inclusiveGateway="join")
    body += flows("start fork", "fork work", "fork other", "x join", "other join", "join last", "last end", "work end")
    run = Run(build(body)).start().complete("other")
    assert run.open == ["work", "x", "x"]
    assert run.complete("work").open == ["last"]


def test_service_task_is_bordered_too() -> None:
    """A handler's error and another's code at one event."""

    @handler("do", external=True)
    def do() -> None:
        """Work."""

    body = nodes(startEvent="start", userTask="late", endEvent="end") + service("work")
    body += boundary("x", "work", error("E1") + error("E2")) + flows("start work", "work end", "x late", "late end")
    run = Run(build(body, handlers=[do])).start()
    assert run.fail("work", "E2").open == ["late"]
