"""Conditional events: on arrival and at every write, once for each change from not true to true."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.diagrams import flows, model
from tests.engine.interpreter.drawing import EXTRA, boundary, event, handling, message, node, nodes, sub, when
from tests.engine.interpreter.runs import Run

CATCH = "intermediateCatchEvent"
WAIT = (
    nodes(startEvent="start", endEvent="end") + event(CATCH, "wait", when("n &gt; 5")) + flows("start wait", "wait end")
)


def build(body: str) -> Any:
    return model(body, extra=EXTRA)


def script(identity: str, feel: str, result: str) -> str:
    """A script task that writes a variable."""
    own = {"result": result}
    return node("scriptTask", identity, f"<bpmn:script>{feel}</bpmn:script>", 'scriptFormat="feel"', **own)


def test_condition_that_holds_on_arrival_lets_the_token_pass() -> None:
    """Nothing is waited for."""
    run = Run(build(WAIT)).start(n=6)
    assert run.state == "completed"
    assert run.told("condition_met") == ["wait"]


def test_case_may_wait_for_a_condition_alone() -> None:
    """Whoever writes a variable lets it go on; null is not true."""
    run = Run(build(WAIT)).start()
    assert run.open == ["wait"]
    assert run.set(n=5).open == ["wait"]
    assert run.set(n=6).state == "completed"


def test_a_branch_beside_makes_the_condition_true() -> None:
    """A write anywhere in the case is seen at once."""
    body = WAIT + nodes(userTask="ask") + script("add", "n + 3", "n") + flows("start ask", "ask add", "add end")
    run = Run(build(body)).start().complete("ask", n=3)
    assert (run.state, run.variables["n"]) == ("completed", 6)


BESIDE = nodes(startEvent="start", userTask="work told", endEvent="end") + flows("start work", "work end", "told end")


def test_condition_at_a_border_interrupts() -> None:
    """It is armed with the activity, and gone with it."""
    run = Run(build(BESIDE + boundary("on", "work", when("n &gt; 5")) + flows("on told"))).start()
    assert run.set(n=9).open == ["told"]
    run = Run(build(BESIDE + boundary("on", "work", when("n &gt; 5")) + flows("on told"))).start()
    assert run.complete("work", n=9).state == "completed"


def test_condition_that_does_not_interrupt_goes_off_at_each_change() -> None:
    """From not true to true; while it stays true, nothing more happens."""
    run = Run(build(BESIDE + boundary("on", "work", when("n &gt; 5"), cancel=False) + flows("on told"))).start(n=6)
    assert run.open == ["on", "told", "work"]
    assert run.set(n=7).open == ["on", "told", "work"]
    assert run.set(n=1).set(n=8).open == ["on", "told", "told", "work"]
    assert run.complete("work").open == ["told", "told"]


@pytest.mark.parametrize(("cancel", "left"), [(True, ["do_h"]), (False, ["do_h", "on_h", "work"])])
@pytest.mark.parametrize("whole", [True, False])
def test_condition_starts_an_event_sub_process(cancel: bool, left: list[str], whole: bool) -> None:
    """Of the process, or of a sub-process."""
    inner = nodes(startEvent="start" if whole else "s", userTask="work") + flows("start work" if whole else "s work")
    inner += handling("h", when("n &gt; 5"), cancel=cancel)
    around = nodes(startEvent="start", endEvent="end") + sub("part", inner) + flows("start part", "part end")
    run = Run(build(inner if whole else around)).start()
    assert run.set(n=2).open == sorted({*left, "on_h", "work"} - {"do_h"})
    assert run.set(n=6).open == left


def test_condition_decides_an_event_gateway() -> None:
    """On arrival, or later; the first one drawn when several hold."""
    body = nodes(startEvent="start", eventBasedGateway="which", userTask="x y", endEvent="end")
    body += (
        event(CATCH, "big", when("n &gt; 5"))
        + event(CATCH, "any", when("n &gt; 0"))
        + event(CATCH, "m", message("ping"))
    )
    body += flows("start which", "which big", "which any", "which m", "big x", "any y", "m end", "x end", "y end")
    assert Run(build(body)).start().open == ["any", "big", "m"]
    assert Run(build(body)).start().set(n=1).open == ["y"]
    assert Run(build(body)).start(n=6).open == ["x"]
