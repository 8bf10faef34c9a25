"""Transactions: cancelled, all in them is stopped and undone before the way goes on (BPMN 2.0.2, 10.3.6)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.diagrams import flows, model
from tests.engine.interpreter.drawing import (
    EXTRA,
    boundary,
    condition,
    error,
    event,
    handling,
    node,
    nodes,
    sub,
    timer,
    undo,
    undoable,
)
from tests.engine.interpreter.runs import Run

CANCEL = "<bpmn:cancelEventDefinition/>"


def build(body: str) -> Any:
    return model(body, extra=EXTRA)


def transaction(*, inside: str = "", border: str = "", marker: str = "", **own: str) -> str:
    """start → trade (s → a → b → choice → cancel or done) → after; cancelled → sorry."""
    inner = marker + nodes(startEvent="s", endEvent="done") + undoable("a") + undoable("b")
    inner += node("exclusiveGateway", "choice", attributes='default="choice_done"') + event("endEvent", "stop", CANCEL)
    inner += flows("s a", "a b", "b choice", "choice done") + condition("no", "choice", "stop", "cancel") + inside
    body = nodes(startEvent="start", userTask="after sorry", endEvent="end")
    body += node("transaction", "trade", inner, 'method="##Compensate"', **own) + border
    return (
        body + flows("start trade", "trade after", "after end", "sorry end") + ("" if border else flows("start sorry"))
    )


LEAVES = boundary("cancelled", "trade", CANCEL) + flows("cancelled sorry")


def test_transaction_that_succeeds_is_a_sub_process() -> None:
    """Nothing is undone."""
    run = Run(build(transaction(border=LEAVES))).start().complete("a").complete("b", cancel=False)
    assert run.open == ["after"]
    assert run.complete("after").state == "completed"


def test_cancelled_transaction_is_undone_and_left_by_its_border() -> None:
    """First all is undone, the last first, then the cancel event goes on; never the normal way."""
    run = Run(build(transaction(border=LEAVES))).start().complete("a").complete("b", cancel=True)
    assert run.open == ["undo_b"]
    assert run.told("transaction_cancelled") == ["trade"]
    assert "trade" in run.told("cancelled")
    assert run.complete("undo_b").open == ["undo_a"]
    assert run.complete("undo_a").open == ["sorry"]
    assert run.told("compensated") == ["b", "a"]
    assert run.complete("sorry").state == "completed"


def test_cancelled_transaction_without_cancel_event_ends_there() -> None:
    """No way was drawn: nothing follows, but all is undone first."""
    run = Run(build(transaction())).start().complete("a").complete("b", cancel=True)
    assert run.open == ["sorry", "undo_b"]
    run.complete("sorry").complete("undo_b").complete("undo_a")
    assert run.state == "completed"


@pytest.mark.parametrize("deep", [False, True])
def test_what_still_runs_is_stopped(deep: bool) -> None:
    """Also sub-processes, of which what was done is undone, too (§13.5.5)."""
    beside = nodes(userTask="c") if not deep else sub("c", undoable("c1") + nodes(userTask="c2") + flows("c1 c2"))
    run = Run(build(transaction(inside=beside + flows("s c"), border=LEAVES))).start().complete("a")
    if deep:
        run.complete("c1")
    run.complete("b", cancel=True)
    while run.open != ["sorry"]:
        (task,) = run.open
        run.complete(task)
    assert run.told("compensated") == (["c1", "c", "b", "a"] if deep else ["b", "a"])


def test_cancel_end_deep_inside_cancels_the_transaction_around() -> None:
    """Through the sub-processes between."""
    deep = sub(
        "c", nodes(startEvent="s2", userTask="c1") + event("endEvent", "stop2", CANCEL) + flows("s2 c1", "c1 stop2")
    )
    run = Run(build(transaction(inside=deep + flows("b c"), border=LEAVES))).start().complete("a")
    run.complete("b", cancel=False).complete("c1")
    assert run.open == ["undo_b"]


def test_event_sub_process_can_cancel() -> None:
    """What was done in the scope that it interrupted is undone."""
    start = f'<bpmn:startEvent id="on_h">{error("E1")}</bpmn:startEvent>'
    h = sub("h", start + event("endEvent", "stop2", CANCEL) + flows("on_h stop2"), by_event=True)
    fails = event("endEvent", "fail", error("E1")) + condition("f", "choice", "fail", "fails")
    run = Run(build(transaction(inside=h + fails, border=LEAVES))).start().complete("a")
    assert run.complete("b", cancel=False, fails=True).open == ["undo_b"]
    assert run.complete("undo_b").complete("undo_a").open == ["sorry"]


def test_hazard_is_not_undone() -> None:
    """An error that leaves a transaction interrupts it without compensation."""
    fails = event("endEvent", "fail", error("E1")) + condition("f", "choice", "fail", "fails")
    border = LEAVES + boundary("hazard", "trade", error("E1")) + nodes(userTask="alarm") + flows("hazard alarm")
    run = Run(build(transaction(inside=fails, border=border))).start().complete("a")
    assert run.complete("b", cancel=False, fails=True).open == ["alarm"]
    assert run.told("compensated") == []


def test_other_events_at_the_border_are_over_when_it_is_cancelled() -> None:
    """A timer can't interrupt what is being undone."""
    border = LEAVES + boundary("late", "trade", timer("Duration", "PT1H")) + flows("late sorry")
    run = Run(build(transaction(border=border))).start().complete("a")
    assert run.open == ["b", "late"]
    assert run.complete("b", cancel=True).open == ["undo_b"]


def test_transaction_with_event_sub_process_is_cancelled() -> None:
    """Whatever normalisation puts around it."""
    for cancel in (True, False):
        inside = handling("h", timer("Duration", "PT1H"), cancel=cancel)
        run = Run(build(transaction(inside=inside, border=LEAVES))).start().complete("a").complete("b", cancel=True)
        assert run.open == ["undo_b"]
        assert run.complete("undo_b").complete("undo_a").open == ["sorry"]


def test_completed_transaction_can_be_undone_from_around() -> None:
    """By what is inside, as any sub-process."""
    body = transaction(border=LEAVES).replace('sourceRef="after" targetRef="end"', 'sourceRef="after" targetRef="t"')
    body += event("endEvent", "t", undo("trade"))
    run = Run(build(body)).start().complete("a").complete("b", cancel=False).complete("after")
    assert run.open == ["undo_b"]
    assert run.complete("undo_b").complete("undo_a").state == "completed"


def test_cancelling_one_run_cancels_all() -> None:
    """The cancel event stands at the border of the activity: all its runs are stopped and undone."""
    marker = "<bpmn:multiInstanceLoopCharacteristics/>"
    body = transaction(border=LEAVES, marker=marker, collection='["x", "y"]', element_variable="item")
    run = Run(build(body)).start().complete("a").complete("a").complete("b", cancel=True)
    seen = 0
    while run.open != ["sorry"]:
        run.complete(run.open[0])
        seen += 1
    assert (seen, sorted(run.told("compensated"))) == (3, ["a", "a", "b", "trade", "trade"])
