"""Ad-hoc sub-processes: what begins, what people choose, when it is done (BPMN 2.0.2, 10.3.5 and 13.3.5)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Conflict, ExecutionError
from tests.engine.diagrams import flows, model
from tests.engine.interpreter.drawing import (
    EXTRA,
    boundary,
    error,
    event,
    node,
    nodes,
    sub,
    timer,
    undo,
    undoable,
)
from tests.engine.interpreter.runs import Run


def build(body: str) -> Any:
    return model(body, extra=EXTRA)


def until(feel: str) -> str:
    """A completion condition."""
    return f"<bpmn:completionCondition>{feel}</bpmn:completionCondition>"


def desk(inner: str = "", *, attributes: str = "", border: str = "", **own: str) -> str:
    """start → ad-hoc sub-process desk (a, b and what is given) → after."""
    inside = inner + ("" if 'id="a"' in inner else nodes(userTask="a b"))
    body = nodes(startEvent="start", userTask="after", endEvent="end") + border
    body += node("adHocSubProcess", "desk", inside, attributes, **own)
    return body + flows("start desk", "desk after", "after end")


def test_everything_that_nothing_leads_to_begins_once() -> None:
    """And without a completion condition it is done when nothing runs in it any more."""
    run = Run(build(desk())).start()
    assert run.open == ["a", "b", "desk"]
    assert run.complete("b").open == ["a", "desk"]
    assert run.complete("a").open == ["after"]


def test_without_people_it_runs_through() -> None:
    """A machine needs no choice."""
    scripts = "".join(node("scriptTask", i, "<bpmn:script>n + 1</bpmn:script>", result="n") for i in ("a", "b"))
    run = Run(build(desk(scripts))).start(n=1)
    assert (run.open, run.variables["n"]) == (["after"], 3)


def test_people_choose_again_and_at_the_same_time() -> None:
    """An activity can be performed any number of times, also beside itself."""
    run = Run(build(desk())).start().choose("desk", "a")
    assert run.open == ["a", "a", "b", "desk"]
    assert run.told("chosen") == ["a"]
    run.complete("a").complete("a").choose("desk", "a").complete("b")
    assert run.open == ["a", "desk"]
    assert run.complete("a").open == ["after"]


@pytest.mark.parametrize("zeebe", [False, True])
def test_only_what_is_listed_begins(zeebe: bool) -> None:
    """The rest is for people to choose."""
    own = {} if zeebe else {"active_elements": "first"}
    said = (
        '<bpmn:extensionElements><z:adHoc xmlns:z="http://camunda.org/schema/zeebe/1.0" '
        'activeElementsCollection="=first"/></bpmn:extensionElements>'
    )
    run = Run(build(desk((said if zeebe else "") + nodes(userTask="a b"), **own))).start(first=["b"])
    assert run.open == ["b", "desk"]


def test_nothing_listed_leaves_all_to_people() -> None:
    """It waits until somebody chooses."""
    run = Run(build(desk(active_elements="[]"))).start()
    assert run.open == ["desk"]
    assert run.choose("desk", "b").complete("b").open == ["after"]


@pytest.mark.parametrize("first", ["c", None, ["c"], [1]])
def test_list_that_names_nothing_to_begin_stops_the_case_there(first: Any) -> None:
    """With the element's name."""
    with pytest.raises(ExecutionError, match="desk"):
        Run(build(desk(active_elements="first"))).start(first=first)


def test_completion_condition_ends_it_and_cancels_the_rest() -> None:
    """Asked after each activity; nothing further begins."""
    inner = until("enough = true") + nodes(userTask="a b c") + flows("b c")
    run = Run(build(desk(inner))).start().complete("a")
    assert run.open == ["b", "desk"]
    assert run.choose("desk", "a").complete("b", enough=True).open == ["after"]
    assert run.told("cancelled") == ["a"]
    assert "c" not in run.told("entered")


def test_completion_condition_that_is_not_true_leaves_it_to_people() -> None:
    """Though nothing runs in it."""
    run = Run(build(desk(until("enough = true")))).start().complete("a").complete("b")
    assert run.open == ["desk"]
    assert run.choose("desk", "a").complete("a", enough=True).open == ["after"]


def test_what_runs_may_be_let_finish() -> None:
    """cancelRemainingInstances="false": but nothing is begun any more, not even what a flow leads to."""
    inner = until("enough = true") + nodes(userTask="a b c") + flows("b c")
    run = Run(build(desk(inner, attributes='cancelRemainingInstances="false"'))).start().complete("a", enough=True)
    assert run.open == ["b"]
    assert run.complete("b").open == ["after"]


def test_flows_inside_are_followed() -> None:
    """What a flow leads to begins when the token comes, and can't be chosen."""
    inner = nodes(userTask="a b c", parallelGateway="both") + flows("a both", "b both", "both c")
    run = Run(build(desk(inner))).start().complete("a").complete("b")
    assert run.open == ["c", "desk"]
    with pytest.raises(Conflict):
        run.choose("desk", "c")
    assert run.complete("c").open == ["after"]


def test_one_thing_at_a_time() -> None:
    """ordering="Sequential": the next begins when the one before is done, and nobody can choose meanwhile."""
    inner = nodes(userTask="a b c") + flows("a c")
    run = Run(build(desk(inner, attributes='ordering="Sequential"'))).start()
    assert run.open == ["a", "desk"]
    with pytest.raises(Conflict):
        run.choose("desk", "b")
    assert run.complete("a").open == ["c", "desk"]
    assert run.complete("c").open == ["b", "desk"]
    assert run.complete("b").open == ["after"]


def test_one_thing_at_a_time_until_enough() -> None:
    """What would come next doesn't begin."""
    run = Run(build(desk(until("enough = true"), attributes='ordering="Sequential"'))).start()
    assert run.complete("a", enough=True).open == ["after"]


def test_people_choose_one_thing_after_the_other() -> None:
    """When nothing runs, anything can be chosen."""
    run = Run(build(desk(until("enough = true"), attributes='ordering="Sequential"'))).start()
    run.complete("a").complete("b")
    assert run.open == ["desk"]
    assert run.choose("desk", "b").complete("b", enough=True).open == ["after"]


@pytest.mark.parametrize("cancels", [True, False])
def test_somebody_may_say_that_enough_is_done(cancels: bool) -> None:
    """As if the condition had become true."""
    keep = "" if cancels else 'cancelRemainingInstances="false"'
    run = Run(build(desk(until("false"), attributes=keep))).start().finish_ad_hoc("desk")
    assert run.told("finished") == ["desk"]
    if not cancels:
        assert run.open == ["a", "b"]
        run.complete("a").complete("b")
    assert run.open == ["after"]


def test_finishing_when_nothing_was_done() -> None:
    """It is done with nothing."""
    assert Run(build(desk(active_elements="[]"))).start().finish_ad_hoc("desk").open == ["after"]


def test_border_events_cancel_it() -> None:
    """As of any sub-process: a timer, an error from inside."""
    border = boundary("late", "desk", timer("Duration", "PT1H")) + nodes(userTask="told") + flows("late told")
    run = Run(build(desk(border=border + flows("told end")))).start().fire("late")
    assert run.open == ["told"]
    fails = nodes(startEvent="s") + event("endEvent", "f", error("E1")) + flows("s f")
    border = boundary("bad", "desk", error("E1")) + nodes(userTask="told") + flows("bad told", "told end")
    inner = nodes(userTask="a") + sub("b", fails)
    run = Run(build(desk(inner, border=border, active_elements='["a"]'))).start().choose("desk", "b")
    assert run.open == ["told"]


def test_each_run_of_a_multi_instance_has_its_own_choices() -> None:
    """Two desks side by side."""
    body = desk("<bpmn:multiInstanceLoopCharacteristics/>", collection="[1, 2]", element_variable="n")
    run = Run(build(body)).start()
    assert run.open == ["a", "a", "b", "b", "desk", "desk"]
    run.choose("desk", "b").complete("a").complete("b").complete("b")
    assert run.open == ["a", "b", "desk"]
    assert run.complete("a").complete("b").open == ["after"]


def test_what_was_chosen_is_undone_the_last_first() -> None:
    """Compensation follows the order in which things were completed (§13.5.5)."""
    body = desk(until("enough = true") + undoable("a") + undoable("b"), active_elements="[]")
    body = body.replace('<bpmn:endEvent id="end"/>', event("endEvent", "end", undo("desk")))
    run = Run(build(body)).start().choose("desk", "b").complete("b").choose("desk", "a").complete("a")
    run.choose("desk", "b").complete("b", enough=True).complete("after")
    undone = []
    while run.state == "active":
        undone += run.open
        run.complete(run.open[0])
    assert undone == ["undo_b", "undo_a", "undo_b"]


def test_activity_that_ends_by_its_border_event_is_over() -> None:
    """The way from the border event goes on inside."""
    inner = nodes(userTask="a b c") + boundary("late", "a", timer("Duration", "PT1H")) + flows("late c")
    run = Run(build(desk(inner))).start().fire("late")
    assert run.open == ["b", "c", "desk"]
    assert run.complete("b").complete("c").open == ["after"]
