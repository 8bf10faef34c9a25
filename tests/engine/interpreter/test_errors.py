"""BPMN errors: to the very task's border, then outward, never beside; what nobody catches fails the case."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import BpmnError
from engine.handlers import handler
from tests.engine.diagrams import flows, handlers, model
from tests.engine.interpreter.drawing import (
    EXTRA,
    TERMINATE,
    boundary,
    error,
    event,
    nodes,
    service,
    sub,
    timer,
)
from tests.engine.interpreter.runs import Run


@handler("do")
def do(*, work: Any) -> None:
    """Do something."""


@handler("send", external=True)
def send(*, work: Any) -> None:
    """Do something outside."""


HANDLERS = handlers(do, send)


def raising(code: str) -> Any:
    def fail(**_: object) -> None:
        raise BpmnError(code, "because")

    return fail


def build(body: str) -> Any:
    return model(body, extra=EXTRA, handlers=HANDLERS)


TASK = (
    nodes(startEvent="start", userTask="one two any", endEvent="end")
    + service("job")
    + boundary("on_any", "job", error())
    + boundary("on_one", "job", error("E1"))
    + flows("start job", "job end", "on_any any", "on_one one", "one end", "any end", "two end", "start two")
)


@pytest.mark.parametrize(("code", "caught"), [("E1", "one"), ("E2", "any"), ("OTHER", "any")])
def test_error_of_a_handler_goes_to_its_tasks_border_code_first(code: str, caught: str) -> None:
    """A matching code before a catch-all, in whatever order they are drawn (§1.2: error boundary, exceptions)."""
    run = Run(build(TASK), job=raising(code)).start()
    assert run.open == [caught, "two"]
    assert run.fact("error_caught").details == {"code": code, "message": "because", "source": "job"}
    assert run.told("cancelled") == ["job"]


def test_error_nobody_catches_fails_the_case() -> None:
    """It never goes on as if nothing had been (§1.2: uncaught error is silent)."""
    body = nodes(startEvent="start", userTask="beside", endEvent="end") + service("job")
    body += flows("start job", "start beside", "job end", "beside end")
    run = Run(build(body), job=raising("E1")).start()
    assert (run.state, run.open) == ("failed", [])
    assert run.told("error_uncaught", "ended") == ["job", "p"]
    assert run.told("entered").count("end") == 0


def nested(border: str = "", inner_border: str = "") -> str:
    """A sub-process in a sub-process; the inner one ends in error E1; beside them another one that would catch it."""
    inner = nodes(startEvent="s2") + event("endEvent", "boom", error("E1")) + flows("s2 boom")
    outer = nodes(startEvent="s1", endEvent="e1") + sub("inner", inner) + inner_border
    outer += flows("s1 inner", "inner e1")
    sibling = nodes(startEvent="s3", userTask="calm", endEvent="e3") + flows("s3 calm", "calm e3")
    body = nodes(startEvent="start", userTask="wrong", endEvent="end") + sub("outer", outer) + sub("sibling", sibling)
    body += boundary("beside", "sibling", error("E1")) + border
    return body + flows("start outer", "start sibling", "outer end", "sibling end", "beside wrong", "wrong end")


def test_error_end_is_caught_by_the_innermost_scope_and_never_beside() -> None:
    """Not by a sibling's border, nor by the outer one before the inner one (§1.2: error scoping)."""
    inner = boundary("at_inner", "inner", error("E1")) + nodes(userTask="mend") + flows("at_inner mend", "mend e1")
    outer = boundary("at_outer", "outer", error("E1")) + nodes(userTask="late") + flows("at_outer late", "late end")
    run = Run(build(nested(outer, inner))).start()
    assert run.open == ["calm", "mend"]
    run = Run(build(nested(outer))).start()
    assert run.open == ["calm", "late"]
    assert run.told("cancelled") == ["inner", "outer"]


def test_error_end_of_another_code_passes_the_border() -> None:
    """Only its own code or a catch-all catches."""
    other = boundary("at_outer", "outer", error("E2")) + nodes(userTask="late") + flows("at_outer late", "late end")
    run = Run(build(nested(other))).start()
    assert (run.state, run.open) == ("failed", [])


def test_error_of_a_job_that_ran_outside_goes_to_its_border() -> None:
    """External handlers answer later, in the same way."""
    body = nodes(startEvent="start", userTask="mend", endEvent="end") + service("job", "send")
    body += boundary("oops", "job", error("E1")) + boundary("slow", "job", timer("Duration", "PT1H"))
    body += flows("start job", "job end", "oops mend", "slow end", "mend end")
    run = Run(build(body)).start()
    assert run.open == ["job", "slow"]
    assert run.fail("job", "E1").open == ["mend"]
    assert Run(build(body)).start().fail("job", "E2").state == "failed"


def test_interrupted_work_is_not_carried_out() -> None:
    """What was queued inside a cancelled scope doesn't run (§1.1: events first)."""
    inner = nodes(startEvent="s", parallelGateway="fork") + event("endEvent", "boom", error("E1"))
    inner += service("a") + service("b") + nodes(endEvent="e") + flows("s fork", "fork boom", "fork a", "a b", "b e")
    body = nodes(startEvent="start", userTask="mend", endEvent="end") + sub("part", inner)
    body += boundary("oops", "part", error("E1")) + flows("start part", "part end", "oops mend", "mend end")
    run = Run(build(body)).start()
    assert run.open == ["mend"]
    assert run.world.performed == []


def test_terminate_ends_its_own_scope_only() -> None:
    """Around a terminated sub-process the case goes on; a terminated process is completed (§1.2: terminate)."""
    inner = nodes(startEvent="s", parallelGateway="fork", userTask="x y", endEvent="e")
    inner += event("endEvent", "stop", TERMINATE) + flows("s fork", "fork x", "fork y", "x stop", "y e")
    body = nodes(startEvent="start", userTask="beside after", endEvent="end") + sub("part", inner)
    body += flows("start part", "start beside", "part after", "after end", "beside end")
    run = Run(build(body)).start().complete("x")
    assert run.open == ["after", "beside"]
    assert run.told("cancelled") == ["y"]
    whole = inner.replace('id="s"', 'id="start"').replace('sourceRef="s"', 'sourceRef="start"')
    run = Run(build(whole)).start().complete("x")
    assert (run.state, run.told("cancelled")) == ("completed", ["y"])
