"""Compensation: what was done is undone, the last first, once, by whoever may see it (BPMN 2.0.2, 10.7 and 13.5.5)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from zlib import decompress

import pytest

from engine import handler
from tests.engine.diagrams import flows, handlers, model
from tests.engine.interpreter.drawing import (
    EXTRA,
    TERMINATE,
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


@handler("do")
def do(*, work: Any) -> None:
    """Do something."""


HANDLERS = handlers(do)
FOR_COMPENSATION = 'isForCompensation="true"'


def build(body: str) -> Any:
    return model(body, extra=EXTRA, handlers=HANDLERS)


def chain(*steps: str, inner: str = "") -> str:
    """start → each step → throw → after → end."""
    ids = ["start", *steps, "throw", "after", "end"]
    body = nodes(startEvent="start", userTask="after", endEvent="end") + inner
    return body + flows(*(f"{a} {b}" for a, b in pairwise(ids)))


THROW = event("intermediateThrowEvent", "throw", undo())


def test_what_was_done_is_undone_the_last_first() -> None:
    """One after the other; the event goes on when all is undone."""
    run = Run(build(chain("a", "b", inner=undoable("a") + undoable("b") + THROW))).start()
    assert run.complete("a").complete("b").open == ["undo_b"]
    assert run.fact("compensation_thrown").details == {"activities": ["b", "a"]}
    assert run.complete("undo_b").open == ["undo_a"]
    assert run.complete("undo_a").open == ["after"]
    assert run.told("compensated") == ["b", "a"]
    assert run.fact("compensated").details == {"by": "undo_a"}


def test_only_the_activity_that_is_named_is_undone() -> None:
    """And only once: a second event finds nothing left of it."""
    again = event("intermediateThrowEvent", "throw", undo("a")) + event("intermediateThrowEvent", "again", undo())
    body = nodes(startEvent="start", endEvent="end") + undoable("a") + undoable("b") + again
    run = Run(build(body + flows("start a", "a b", "b throw", "throw again", "again end"))).start()
    assert run.complete("a").complete("b").open == ["undo_a"]
    assert run.complete("undo_a").open == ["undo_b"]
    assert run.complete("undo_b").state == "completed"


def test_nothing_to_undo_passes_at_once() -> None:
    """What is not done, or still being done, is not undone."""
    body = nodes(startEvent="start", parallelGateway="fork", endEvent="end") + undoable("a") + undoable("b") + THROW
    body += nodes(userTask="after")
    run = Run(build(body + flows("start fork", "fork a", "fork throw", "throw after", "a b", "b end", "after end")))
    assert run.start().open == ["a", "after"]
    assert run.fact("compensation_thrown").details == {"activities": []}


def test_event_that_does_not_wait_goes_on_beside_the_handlers() -> None:
    """waitForCompletion="false": both run, and the scope isn't done before both are."""
    throw = event("intermediateThrowEvent", "throw", undo(waits=False))
    run = Run(build(chain("a", "b", inner=undoable("a") + undoable("b") + throw))).start()
    assert run.complete("a").complete("b").open == ["after", "undo_b"]
    assert run.complete("after").open == ["undo_b"]
    assert run.complete("undo_b").complete("undo_a").state == "completed"


def test_compensation_end_event_waits_too() -> None:
    """The process is not completed before its handlers are."""
    body = nodes(startEvent="start") + undoable("a") + event("endEvent", "end", undo())
    run = Run(build(body + flows("start a", "a end"))).start().complete("a")
    assert (run.open, run.state) == (["undo_a"], "active")
    assert run.complete("undo_a").state == "completed"


@pytest.mark.parametrize("kind", ["task", "scriptTask", "serviceTask", "userTask", "subProcess"])
def test_any_activity_can_undo(kind: str) -> None:
    """A handler may take its time, or none."""
    inner = nodes(userTask="inner") if kind == "subProcess" else ""
    inner += "<bpmn:script>true</bpmn:script>" if kind == "scriptTask" else ""
    extra = {"result": "r"} if kind == "scriptTask" else {}
    run = Run(build(chain("a", inner=undoable("a", handler=kind, inner=inner, **extra) + THROW))).start()
    run.complete("a")
    if kind in ("userTask", "subProcess"):
        run.complete("undo_a" if kind == "userTask" else "inner")
    assert run.open == ["after"]
    assert run.told("compensated") == ["a"]


def test_each_round_of_a_drawn_loop_is_undone() -> None:
    """An activity done three times is undone three times."""
    body = nodes(startEvent="start", endEvent="end") + undoable("a") + THROW + condition("x", "choice", "a", "more")
    body += node("exclusiveGateway", "choice", attributes='default="choice_throw"')
    body += flows("start a", "a choice", "choice throw", "throw end")
    run = Run(build(body)).start()
    run.complete("a", more=True).complete("a", more=True).complete("a", more=False)
    for _ in range(3):
        assert run.open == ["undo_a"]
        run.complete("undo_a")
    assert run.state == "completed"


@pytest.mark.parametrize("sequential", [True, False])
def test_each_run_of_a_multi_instance_is_undone_with_its_own_variables(sequential: bool) -> None:
    """Once for each run, with the item of that run, when all are done (§13.5.5)."""
    marker = f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"/>'
    own = {"collection": '["x", "y"]', "element_variable": "item"}
    undoing = {"assignee": "item", "role": "staff"}
    run = Run(build(chain("a", inner=undoable("a", marker=marker, own=own, **undoing) + THROW))).start()
    run.complete("a").complete("a")
    assert run.wait("undo_a").assignee == "y"
    assert run.complete("undo_a").wait("undo_a").assignee == "x"
    assert run.complete("undo_a").open == ["after"]
    assert [f.details.get("run") for f in run.facts if f.kind == "compensated"] == [2, 1]


def test_runs_of_a_standard_loop_are_undone_the_last_first() -> None:
    """Each with its counter."""
    marker = '<bpmn:standardLoopCharacteristics loopMaximum="3"/>'
    undoing = {"assignee": "string(loopCounter)", "role": "staff"}
    run = Run(build(chain("a", inner=undoable("a", marker=marker, **undoing) + THROW))).start()
    run.complete("a").complete("a").complete("a")
    seen = []
    while run.open == ["undo_a"]:
        seen.append(run.wait("undo_a").assignee)
        run.complete("undo_a")
    assert (seen, run.open) == (["3", "2", "1"], ["after"])


# --- sub-processes ------------------------------------------------------------------------------------------------


def part(inside: str, *, own: str = "") -> str:
    """The sub-process part (s → a → b), which can be undone."""
    return sub("part", nodes(startEvent="s") + undoable("a") + undoable("b") + inside + flows("s a", "a b")) + own


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("ref", [None, "part"])
def test_sub_process_without_handler_is_undone_by_what_is_inside(wrapped: bool, ref: str | None) -> None:
    """Its activities, the last first, though the sub-process is long done."""
    inside = handling("h", timer("Duration", "PT1H"), cancel=False) if wrapped else ""
    throw = event("intermediateThrowEvent", "throw", undo(ref))
    run = Run(build(chain("part", inner=part(inside) + throw))).start().complete("a").complete("b")
    assert run.open == ["undo_b"]
    assert run.complete("undo_b").complete("undo_a").open == ["after"]
    assert run.told("compensated") == ["b", "a", "part"]


@pytest.mark.parametrize("wrapped", [False, True])
def test_sub_process_with_a_compensation_event_sub_process_is_undone_by_that(wrapped: bool) -> None:
    """Nothing else happens, unless it has it undone itself."""
    inside = handling("h", timer("Duration", "PT1H")) if wrapped else ""
    inside += handling("back", undo())
    run = Run(build(chain("part", inner=part(inside) + THROW))).start().complete("a").complete("b")
    assert run.open == ["do_back"]
    assert run.complete("do_back").open == ["after"]
    assert run.fact("compensated").element == "part"


@pytest.mark.parametrize("wrapped", [False, True])
def test_compensation_event_sub_process_can_have_undone_what_is_beside_it(wrapped: bool) -> None:
    """It sees the activities of its sub-process as they were done (Table 10.88)."""
    start = '<bpmn:startEvent id="on_back"><bpmn:compensateEventDefinition/></bpmn:startEvent>'
    back = start + event("intermediateThrowEvent", "inner_throw", undo("a")) + nodes(userTask="x")
    back = sub("back", back + flows("on_back inner_throw", "inner_throw x"), by_event=True)
    inside = handling("h", timer("Duration", "PT1H"), cancel=False) if wrapped else ""
    run = Run(build(chain("part", inner=part(inside + back) + THROW))).start().complete("a").complete("b")
    assert run.open == ["undo_a"]
    assert run.complete("undo_a").open == ["x"]
    assert run.complete("x").open == ["after"]


def test_boundary_handler_of_a_sub_process_is_a_black_box() -> None:
    """What is inside isn't undone one by one."""
    inner = part("", own=undone("part")) + THROW
    run = Run(build(chain("part", inner=inner))).start().complete("a").complete("b")
    assert run.open == ["undo_part"]
    assert run.complete("undo_part").open == ["after"]


def undone(host: str) -> str:
    """A compensation boundary event with a user task that undoes."""
    undoing = boundary(f"undoing_{host}", host, undo()) + node(
        "userTask", f"undo_{host}", attributes=FOR_COMPENSATION, role="staff"
    )
    return undoing + f'<bpmn:association id="assoc_{host}" sourceRef="undoing_{host}" targetRef="undo_{host}"/>'


def test_sub_process_still_running_is_not_undone() -> None:
    """An event beside it doesn't reach into it."""
    body = nodes(startEvent="start", endEvent="end", userTask="wait after", parallelGateway="fork") + part("") + THROW
    body += flows("start fork", "fork part", "fork wait", "wait throw", "throw after", "part end", "after end")
    run = Run(build(body)).start().complete("a").complete("wait")
    assert run.open == ["after", "b"]


def test_interrupted_sub_process_is_not_undone() -> None:
    """It never completed, and what was done in it went with it: compensation of it is a null operation."""
    inner = part("") + boundary("late", "part", timer("Duration", "PT1H")) + THROW
    body = nodes(startEvent="start", endEvent="end", userTask="after") + inner
    run = Run(build(body + flows("start part", "late throw", "throw after", "after end", "part end"))).start()
    assert run.complete("a").fire("late").open == ["after"]


def test_each_run_of_a_multi_instance_sub_process_is_undone() -> None:
    """With the runs' variables also in the handlers of what is inside."""
    marker = "<bpmn:multiInstanceLoopCharacteristics/>"
    inside = marker + nodes(startEvent="s") + undoable("a", assignee="item", role="staff") + flows("s a")
    several = node("subProcess", "part", inside, collection='["x", "y"]', element_variable="item")
    run = Run(build(chain("part", inner=several + THROW))).start().complete("a").complete("a")
    seen = []
    while run.open == ["undo_a"]:
        seen.append(run.wait("undo_a").assignee)
        run.complete("undo_a")
    assert (seen, run.open) == (["y", "x"], ["after"])
    assert run.told("compensated") == ["a", "part", "a", "part"]


def test_activity_inside_a_run_is_undone_inside_it() -> None:
    """Thrown in one run, it reaches what was done in this run only."""
    marker = "<bpmn:multiInstanceLoopCharacteristics/>"
    inside = nodes(startEvent="s", userTask="z") + undoable("a", assignee="item", role="staff") + THROW
    inside = marker + inside + flows("s a", "a throw", "throw z")
    several = node("subProcess", "part", inside, collection='["x", "y"]', element_variable="item")
    body = nodes(startEvent="start", endEvent="end") + several + flows("start part", "part end")
    run = Run(build(body)).start().complete_last("a")
    assert (run.open, run.wait("undo_a").assignee) == (["a", "undo_a"], "y")
    assert run.complete("undo_a").complete("z").complete("a").wait("undo_a").assignee == "x"
    assert run.complete("undo_a").complete("z").state == "completed"


# --- with errors and interruptions --------------------------------------------------------------------------------


def failing(*, catch: str, inside: str = "") -> str:
    """start → part (s → a → b → fail) with what catches → after."""
    inner = nodes(startEvent="s") + undoable("a") + undoable("b") + event("endEvent", "fail", error("E1")) + inside
    body = nodes(startEvent="start", userTask="after", endEvent="end")
    body += sub("part", inner + flows("s a", "a b", "b fail")) + catch
    return body + flows("start part", "part after", "after end")


def test_error_handler_inside_has_its_scope_undone() -> None:
    """An event sub-process sees what was done beside it (§13.5.5: “a typical scenario”)."""
    start = f'<bpmn:startEvent id="on_h">{error("E1")}</bpmn:startEvent>'
    h = start + event("intermediateThrowEvent", "throw", undo()) + nodes(userTask="x") + flows("on_h throw", "throw x")
    run = Run(build(failing(catch="", inside=sub("h", h, by_event=True)))).start().complete("a").complete("b")
    assert run.open == ["undo_b"]
    assert run.complete("undo_b").complete("undo_a").open == ["x"]
    assert run.complete("x").open == ["after"]


@pytest.mark.parametrize("cancel", [True, False])
def test_handler_of_another_event_has_its_scope_undone(cancel: bool) -> None:
    """Also while the scope goes on."""
    hour, interrupts = timer("Duration", "PT1H"), str(cancel).lower()
    h = f'<bpmn:startEvent id="on_h" isInterrupting="{interrupts}">{hour}</bpmn:startEvent>'
    h += event("intermediateThrowEvent", "throw", undo("a")) + nodes(userTask="x") + flows("on_h throw", "throw x")
    body = nodes(startEvent="start", endEvent="end") + part(sub("h", h, by_event=True))
    run = Run(build(body + flows("start part", "part end"))).start().complete("a").fire("on_h")
    assert run.open == (["undo_a"] if cancel else ["b", "undo_a"])
    assert run.complete("undo_a").open == (["x"] if cancel else ["b", "x"])


def test_error_that_leaves_a_sub_process_has_it_undone_first() -> None:
    """Auto-rollback (§13.5.5): without an error event sub-process, what was done in it is undone by default."""
    catch = boundary("caught", "part", error("E1")) + nodes(userTask="y") + flows("caught y", "y end")
    run = Run(build(failing(catch=catch))).start().complete("a").complete("b")
    assert run.open == ["undo_b"]
    assert run.complete("undo_b").complete("undo_a").open == ["y"]
    assert run.complete("y").state == "completed"


def test_uncaught_error_fails_the_case_at_once() -> None:
    """A process isn't rolled back: nobody would wait for it."""
    run = Run(build(failing(catch=""))).start().complete("a").complete("b")
    assert (run.state, run.open) == ("failed", [])


def test_error_in_a_handler_goes_out_from_the_throwing_event() -> None:
    """To what catches around that; what is not undone yet can still be."""
    fails = nodes(startEvent="u") + event("endEvent", "uf", error("E2")) + flows("u uf")
    inner = nodes(startEvent="s") + undoable("a") + undoable("b", handler="subProcess", inner=fails)
    inner += event("intermediateThrowEvent", "throw", undo()) + nodes(userTask="z")
    inner += flows("s a", "a b", "b throw", "throw z") + handling("h", error("E2"))
    body = nodes(startEvent="start", endEvent="end") + sub("part", inner) + flows("start part", "part end")
    run = Run(build(body)).start().complete("a").complete("b")
    assert run.open == ["do_h"]
    assert run.told("compensated") == []
    assert run.complete("do_h").state == "completed"


def test_interruption_stops_undoing() -> None:
    """A timer at the border cancels throwing event and handler."""
    inner = nodes(startEvent="s") + undoable("a") + event("endEvent", "throw", undo()) + flows("s a", "a throw")
    body = nodes(startEvent="start", endEvent="end", userTask="y") + sub("part", inner)
    body += boundary("late", "part", timer("Duration", "PT1H"))
    run = Run(build(body + flows("start part", "part end", "late y", "y end"))).start().complete("a")
    assert run.open == ["late", "undo_a"]
    assert run.fire("late").open == ["y"]


def test_terminate_ends_without_undoing() -> None:
    """Also handlers that are at work; and what was terminated is not undone later."""
    inner = nodes(startEvent="s", parallelGateway="fork") + undoable("a") + nodes(userTask="z")
    inner += event("endEvent", "stop", TERMINATE) + event("endEvent", "throw1", undo())
    inner += flows("s a", "a fork", "fork z", "fork throw1", "z stop")
    run = Run(build(chain("part", inner=sub("part", inner) + THROW))).start().complete("a")
    assert run.open == ["undo_a", "z"]
    assert run.complete("z").open == ["after"]


def test_nothing_is_kept_of_what_cannot_be_undone() -> None:
    """A snapshot doesn't grow with what was done and undone again."""
    run = Run(build(chain("a", "b", inner=undoable("a") + nodes(userTask="b") + THROW))).start()
    run.complete("a").complete("b").complete("undo_a")
    assert run.open == ["after"]
    assert b"completions" not in decompress(run.step.snapshot[1:])


def test_sub_process_that_fails_inside_another_is_undone_before_the_handler_of_that() -> None:
    """The error event sub-process is around it, not in it: what it did is rolled back, what was done beside it not."""
    inner = nodes(startEvent="s2") + undoable("c") + event("endEvent", "fail", error("E1")) + flows("s2 c", "c fail")
    outer = nodes(startEvent="s") + undoable("a") + sub("inner", inner) + handling("h", error("E1"))
    body = nodes(startEvent="start", endEvent="end", userTask="after") + sub("part", outer + flows("s a", "a inner"))
    run = Run(build(body + flows("start part", "part after", "after end"))).start().complete("a").complete("c")
    assert run.open == ["undo_c"]
    assert run.complete("undo_c").open == ["do_h"]
    assert run.complete("do_h").open == ["after"]


def test_sub_process_interrupted_by_its_own_handler_is_not_undone_later() -> None:
    """It went on behind the handler, but it never completed (§13.5.4)."""
    inner = part(handling("h", timer("Duration", "PT1H")))
    run = Run(build(chain("part", inner=inner + THROW))).start().complete("a").fire("on_h").complete("do_h")
    assert run.open == ["after"]


def test_handler_that_is_repeated_runs_as_often_as_drawn() -> None:
    """A marker on the handler itself."""
    twice = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2</bpmn:loopCardinality>"
    marker = twice + "</bpmn:multiInstanceLoopCharacteristics>"
    run = Run(build(chain("a", inner=undoable("a", inner=marker) + THROW))).start().complete("a")
    assert run.open == ["undo_a", "undo_a"]
    assert run.complete("undo_a").complete("undo_a").open == ["after"]
    assert run.told("compensated") == ["a"]


def test_stopped_undoing_can_be_taken_up_again() -> None:
    """What an interrupted event had not begun to undo is still there for the handler that interrupted it."""
    start = f'<bpmn:startEvent id="on_h">{timer("Duration", "PT1H")}</bpmn:startEvent>'
    h = start + event("endEvent", "again", undo()) + flows("on_h again")
    inner = nodes(startEvent="s") + undoable("a") + undoable("b") + event("endEvent", "first", undo())
    inner += flows("s a", "a b", "b first") + sub("h", h, by_event=True)
    body = nodes(startEvent="start", endEvent="end") + sub("part", inner) + flows("start part", "part end")
    run = Run(build(body)).start().complete("a").complete("b")
    assert run.open == ["on_h", "undo_b"]
    assert run.fire("on_h").open == ["undo_a"]
    assert run.complete("undo_a").state == "completed"


def test_two_throwing_events_share_what_there_is() -> None:
    """Each completion is undone by the one that came first."""
    throws = event("intermediateThrowEvent", "t1", undo("a")) + event("intermediateThrowEvent", "t2", undo())
    body = nodes(startEvent="start", endEvent="end", parallelGateway="fork") + undoable("a") + undoable("b") + throws
    body += flows("start a", "a b", "b fork", "fork t1", "fork t2", "t1 end", "t2 end")
    run = Run(build(body)).start().complete("a").complete("b")
    assert run.open == ["undo_a", "undo_b"]
    assert run.complete("undo_b").complete("undo_a").state == "completed"
