"""Escalations: outward to the innermost catcher, which stops the work only when it is drawn so."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.diagrams import flows, model
from tests.engine.interpreter.drawing import EXTRA, boundary, escalation, event, handling, nodes, sub
from tests.engine.interpreter.runs import Run


def build(body: str) -> Any:
    return model(body, extra=EXTRA)


def part(catchers: str = "", *, code: str = "X1", inside: str = "", kind: str = "intermediateThrowEvent") -> str:
    """start → sub-process part (s → throw → x) → after, with what catches at its border (→ told)."""
    thrown = nodes(startEvent="s", userTask="x") + event(kind, "throw", escalation(code)) + inside
    thrown += flows("s throw", "throw x") if kind != "endEvent" else flows("s throw", "s x")
    body = nodes(startEvent="start", userTask="after told", endEvent="end") + sub("part", thrown) + catchers
    body += "".join(flows(f"{name} told") for name in ("on_one", "on_any") if f'id="{name}"' in catchers)
    return body + flows("start part", "part after", "after end", "told end", "start told")


@pytest.mark.parametrize("kind", ["intermediateThrowEvent", "endEvent"])
def test_escalation_at_a_border_that_does_not_interrupt_leaves_the_work(kind: str) -> None:
    """Both go on: the thrower's flow and the catcher's (§10.5.5)."""
    run = Run(build(part(boundary("on_one", "part", escalation("X1"), cancel=False), kind=kind))).start()
    assert run.open == ["told", "told", "x"]
    assert run.fact("escalation_caught").details == {"code": "X1", "source": "throw"}
    assert run.complete("x").open == ["after", "told", "told"]


@pytest.mark.parametrize("kind", ["intermediateThrowEvent", "endEvent"])
def test_interrupting_escalation_cancels_the_activity(kind: str) -> None:
    """Nothing in it goes on, not even the throwing token."""
    run = Run(build(part(boundary("on_one", "part", escalation("X1")), kind=kind))).start()
    assert run.open == ["told", "told"]
    assert "part" in run.told("cancelled")
    assert run.told("completed").count("throw") == 1


@pytest.mark.parametrize(("code", "caught"), [("X1", "on_one"), ("X2", "on_any")])
def test_escalation_prefers_the_catcher_with_its_code(code: str, caught: str) -> None:
    """A matching code before a catch-all, in whatever order they are drawn."""
    catchers = boundary("on_any", "part", escalation(), cancel=False) + boundary("on_one", "part", escalation("X1"))
    run = Run(build(part(catchers, code=code))).start()
    assert run.fact("escalation_caught").element == caught
    assert ("x" in run.open) is (caught == "on_any")


def test_escalation_nobody_catches_is_only_history() -> None:
    """It is not critical: the case goes on (§10.5.1)."""
    run = Run(build(part(boundary("on_one", "part", escalation("X2"))))).start()
    assert (run.state, run.open) == ("active", ["told", "x"])
    assert run.told("escalation_uncaught") == ["throw"]


def test_uncaught_escalation_at_the_top_ends_the_case_well() -> None:
    """An escalation end event of the process completes it."""
    body = nodes(startEvent="start") + event("endEvent", "end", escalation("X1")) + flows("start end")
    assert Run(build(body)).start().state == "completed"


@pytest.mark.parametrize(("cancel", "left"), [(True, ["do_h", "told"]), (False, ["do_h", "told", "x"])])
def test_escalation_starts_an_event_sub_process(cancel: bool, left: list[str]) -> None:
    """The one inside the scope comes before the border around it."""
    catchers = boundary("on_one", "part", escalation("X1"))
    run = Run(build(part(catchers, inside=handling("h", escalation("X1"), cancel=cancel)))).start()
    assert run.open == left
    while "x" in run.open:
        run.complete("x")
    assert run.complete("do_h").open == ["after", "told"]


def test_event_sub_processes_of_a_scope_are_one_place() -> None:
    """The one with the code is preferred to the one for all, whichever of them interrupts."""
    inside = handling("any", escalation(), cancel=False) + handling("one", escalation("X1"))
    assert Run(build(part(inside=inside))).start().open == ["do_one", "told"]
    assert Run(build(part(inside=inside, code="X2"))).start().open == ["do_any", "told", "x"]


@pytest.mark.parametrize("cancel", [True, False])
def test_what_an_event_sub_process_throws_goes_to_another_one_and_not_to_itself(cancel: bool) -> None:
    """It runs inside its scope, beside the others."""
    again = event("startEvent", "again", escalation("X1")).replace('id="again"', 'id="again" isInterrupting="false"')
    again += event("endEvent", "more", escalation("X2")) + flows("again more")
    inside = sub("first", again, by_event=True) + handling("second", escalation("X2"), cancel=cancel)
    run = Run(build(part(inside=inside))).start()
    assert run.open == (["do_second", "told"] if cancel else ["do_second", "told", "x"])


def test_escalation_passes_a_scope_that_does_not_catch_it() -> None:
    """Outward, scope by scope."""
    inner = nodes(startEvent="s1", userTask="x") + event("intermediateThrowEvent", "throw", escalation("X1"))
    outer = nodes(startEvent="s2") + sub("inner", inner + flows("s1 throw", "throw x")) + flows("s2 inner")
    body = nodes(startEvent="start", userTask="told", endEvent="end") + sub("outer", outer)
    body += boundary("on_one", "outer", escalation("X1"), cancel=False)
    run = Run(build(body + flows("start outer", "outer end", "on_one told", "told end"))).start()
    assert run.open == ["told", "x"]
