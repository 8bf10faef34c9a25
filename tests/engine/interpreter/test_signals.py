"""Signals: to everybody who waits at that moment, within the throwing instance too, and to nobody later."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.diagrams import flows, model
from tests.engine.interpreter.drawing import EXTRA, boundary, event, handling, message, nodes, signal, sub
from tests.engine.interpreter.runs import Run

CATCH, THROW = "intermediateCatchEvent", "intermediateThrowEvent"


def build(body: str) -> Any:
    return model(body, extra=EXTRA)


def thrown(run: Run) -> list[tuple[str, Any]]:
    """What the last step sent to other instances."""
    return [(s.name, s.variables) for s in run.step.signals]


@pytest.mark.parametrize("order", [("start throw", "start wait"), ("start wait", "start throw")])
def test_throw_reaches_what_runs_beside_it(order: tuple[str, str]) -> None:
    """Whichever flow is drawn first: the signal is thrown when all else has come to rest."""
    body = nodes(startEvent="start", task="slow", endEvent="end") + event(CATCH, "wait", signal("red"))
    body += event(THROW, "throw", signal("red"), payload="{colour: 1}")
    body += flows(*order, "throw end", "wait end").replace(
        'sourceRef="start" targetRef="wait"', 'sourceRef="slow" targetRef="wait"'
    )
    run = Run(build(body + flows("start slow"))).start()
    assert (run.state, run.variables) == ("completed", {"colour": 1})
    assert run.told("signal_thrown", "signal_received") == ["throw", "wait"]
    assert thrown(run) == [("red", {"colour": 1})]


def test_signal_is_not_kept_for_what_comes_after() -> None:
    """A catching event behind the throwing one waits for the next signal."""
    body = nodes(startEvent="start", endEvent="end") + event(THROW, "throw", signal("red"))
    body += event(CATCH, "wait", signal("red")) + flows("start throw", "throw wait", "wait end")
    run = Run(build(body)).start()
    assert run.open == ["wait"]
    assert run.signal("blue").open == ["wait"]
    assert run.signal("red", seen=True).state == "completed"


def test_signal_reaches_every_catcher_at_once() -> None:
    """Two tokens wait, both go on; contents go where each says."""
    body = nodes(startEvent="start", endEvent="end") + event(CATCH, "a", signal("red"), result="got")
    body += event(CATCH, "b", signal("red")) + event("endEvent", "blues", signal("blue"))
    run = Run(build(body + flows("start a", "start b", "a end", "b blues"))).start().signal("red", n=1)
    assert (run.state, run.variables) == ("completed", {"got": {"n": 1}, "n": 1})
    assert thrown(run) == [("blue", {})]


@pytest.mark.parametrize(("cancel", "left"), [(True, ["told"]), (False, ["told", "told", "work", "on_red"])])
def test_signal_at_a_border(cancel: bool, left: list[str]) -> None:
    """An interrupting one ends the work; another one goes on listening."""
    body = nodes(startEvent="start", userTask="work told", endEvent="end")
    body += boundary("on_red", "work", signal("red"), cancel=cancel)
    run = Run(build(body + flows("start work", "work end", "on_red told", "told end"))).start().signal("red")
    assert run.signal("red").open == sorted(left)


def test_signal_can_interrupt_the_scope_that_throws_it() -> None:
    """The thrower is a catcher's own inside: it goes no further."""
    inner = nodes(startEvent="s", userTask="x") + event(THROW, "throw", signal("red")) + flows("s throw", "throw x")
    body = nodes(startEvent="start", userTask="told", endEvent="end") + sub("part", inner)
    body += boundary("on_red", "part", signal("red")) + flows("start part", "part end", "on_red told", "told end")
    run = Run(build(body)).start()
    assert run.open == ["told"]
    assert run.told("cancelled") == ["throw", "part"]


@pytest.mark.parametrize(("cancel", "left"), [(True, ["do_h"]), (False, ["do_h", "on_h", "x"])])
def test_signal_starts_an_event_sub_process(cancel: bool, left: list[str]) -> None:
    """Interrupting its scope or beside it."""
    body = nodes(startEvent="start", userTask="x", endEvent="end") + handling("h", signal("red"), cancel=cancel)
    run = Run(build(body + flows("start x", "x end"))).start().signal("red")
    assert run.open == left


def test_signal_decides_an_event_gateway() -> None:
    """The first to come; the others are disarmed."""
    body = nodes(startEvent="start", eventBasedGateway="which", userTask="x", endEvent="end")
    body += event(CATCH, "red", signal("red")) + event(CATCH, "ping", message("ping"))
    run = Run(build(body + flows("start which", "which red", "which ping", "red x", "ping end", "x end"))).start()
    assert run.open == ["ping", "red"]
    assert run.signal("red").open == ["x"]


def test_signal_start_event_begins_with_its_contents() -> None:
    """Like a message's."""
    body = event("startEvent", "start", signal("red"), result="why") + nodes(userTask="x") + flows("start x")
    assert Run(build(body)).start(n=1).variables == {"why": {"n": 1}}
