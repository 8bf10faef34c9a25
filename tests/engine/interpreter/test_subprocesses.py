"""Embedded and event sub-processes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.diagrams import flows, model
from tests.engine.interpreter.drawing import (
    EXTRA,
    TERMINATE,
    boundary,
    error,
    event,
    message,
    nodes,
    sub,
    timer,
)
from tests.engine.interpreter.runs import Run


def build(body: str) -> Any:
    return model(body, extra=EXTRA)


PART = nodes(startEvent="s", userTask="x y", endEvent="e") + flows("s x", "s y", "x e", "y e")


def test_sub_process_is_done_when_its_last_token_is() -> None:
    """Both branches, then on (§1.2: sub-process)."""
    body = nodes(startEvent="start", userTask="after", endEvent="end") + sub("part", PART)
    run = Run(build(body + flows("start part", "part after", "after end"))).start().complete("x")
    assert run.open == ["y"]
    assert run.complete("y", done=True).open == ["after"]
    assert run.told("completed").count("part") == 1
    assert run.variables == {"done": True}


def test_sub_process_without_start_and_end_runs_its_first_nodes() -> None:
    """Legal BPMN (§1.2: refused by SpiffWorkflow)."""
    body = nodes(startEvent="start", endEvent="end") + sub("part", nodes(userTask="x y"))
    run = Run(build(body + flows("start part", "part end"))).start()
    assert run.open == ["x", "y"]
    assert run.complete("x").complete("y").state == "completed"


def test_process_without_end_event_is_completed() -> None:
    """§1.2: `completed` stays false for ever."""
    run = Run(build(nodes(startEvent="start", userTask="a") + flows("start a"))).start().complete("a")
    assert run.state == "completed"


@pytest.mark.parametrize("cancel", [True, False])
def test_border_of_a_sub_process_takes_messages_and_timers(cancel: bool) -> None:
    """An interrupting one cancels everything inside, several levels deep."""
    deep = nodes(startEvent="s0", endEvent="e0") + sub("part", PART) + flows("s0 part", "part e0")
    body = nodes(startEvent="start", userTask="late", endEvent="end") + sub("whole", deep)
    body += boundary("edge", "whole", message("stop"), cancel=cancel)
    body += boundary("slow", "whole", timer("Duration", "PT1H"), cancel=cancel)
    body += flows("start whole", "whole end", "edge late", "slow late", "late end")
    run = Run(build(body)).start()
    assert run.open == ["edge", "slow", "x", "y"]
    run.message("edge")
    assert run.open == (["late"] if cancel else ["edge", "late", "slow", "x", "y"])
    assert run.told("cancelled") == (["x", "y", "part", "whole"] if cancel else [])


def handled(definition: str, *, interrupting: bool, handler: str | None = None) -> str:
    """A process with a task and an event sub-process."""
    start = f'<bpmn:startEvent id="on" isInterrupting="{str(interrupting).lower()}">{definition}</bpmn:startEvent>'
    inner = handler or start + nodes(userTask="react", endEvent="reacted") + flows("on react", "react reacted")
    body = nodes(startEvent="start", userTask="work next", endEvent="end") + flows(
        "start work", "work next", "next end"
    )
    return body + sub("handle", inner, by_event=True)


def test_event_sub_process_beside_the_process_fires_as_often_as_it_is_told() -> None:
    """Message, not interrupting (EF2; §1.2), and the specs stay as they were for other cases (§7)."""
    m = build(handled(message("ping"), interrupting=False))
    run = Run(m).start()
    for count in (1, 2, 3):
        run.message("on", n=count)
        assert run.open == ["on", *["react"] * count, "work"]
    run.complete("work").complete("next")
    assert run.open == ["react", "react", "react"]
    run.complete("react").complete("react").complete("react")
    assert run.state == "completed"
    fresh = Run(m).start()
    assert fresh.open == ["on", "work"]
    assert fresh.complete("work").complete("next").state == "completed"


def test_interrupting_event_sub_process_stops_the_main_flow() -> None:
    """SpiffWorkflow never interrupts (§1.2: isInterrupting is read nowhere)."""
    run = Run(build(handled(message("ping"), interrupting=True))).start().message("on")
    assert run.open == ["react"]
    assert run.told("cancelled") == ["work"]
    assert run.complete("react").state == "completed"
    assert "next" not in run.told("entered")


def test_timer_of_an_event_sub_process_runs_from_the_start_of_its_scope() -> None:
    """A cycle repeats."""
    run = Run(build(handled(timer("Cycle", "R2/PT1H"), interrupting=False))).start().fire("on").fire("on")
    assert run.open == ["react", "react", "work"]


def test_error_event_sub_process_runs_when_the_error_is_thrown_and_not_before() -> None:
    """SpiffWorkflow runs it at once, without any error (§1.2)."""
    body = nodes(startEvent="start", userTask="work") + event("endEvent", "boom", error("E1"))
    body += flows("start work", "work boom")
    start = f'<bpmn:startEvent id="on">{error("E1")}</bpmn:startEvent>'
    inner = start + nodes(userTask="react", endEvent="reacted") + flows("on react", "react reacted")
    run = Run(build(body + sub("handle", inner, by_event=True))).start()
    assert run.open == ["work"]
    assert run.complete("work").open == ["react"]
    assert run.complete("react").state == "completed"


def test_event_sub_process_inside_a_sub_process_is_armed_while_that_runs() -> None:
    """SpiffWorkflow never arms it (§1.2)."""
    start = f'<bpmn:startEvent id="on" isInterrupting="false">{message("ping")}</bpmn:startEvent>'
    handler = start + nodes(userTask="react", endEvent="reacted") + flows("on react", "react reacted")
    body = nodes(startEvent="start", userTask="before after", endEvent="end")
    body += sub("part", PART + sub("handle", handler, by_event=True))
    body += flows("start before", "before part", "part after", "after end")
    run = Run(build(body)).start()
    assert run.open == ["before"]
    assert run.complete("before").open == ["on", "x", "y"]
    run.message("on").complete("x").complete("y")
    assert run.open == ["react"]
    assert run.complete("react").open == ["after"]


def test_terminate_ends_the_process_with_its_event_sub_processes() -> None:
    """Whatever a non-interrupting one is doing ends as well; generated nodes never show in history."""
    body = handled(message("ping"), interrupting=False).replace(
        '<bpmn:endEvent id="end"/>', event("endEvent", "end", TERMINATE)
    )
    run = Run(build(body)).start().message("on").complete("work").complete("next")
    assert (run.state, run.open) == ("completed", [])
    assert "react" in run.told("cancelled")
    assert not [fact for fact in run.facts if fact.element.startswith("__")]
    assert run.told("error_caught", "error_uncaught") == []


def test_nodes_called_like_the_cores_own_run_under_their_drawn_names() -> None:
    """Ids `Start`, `End`, `Root` (§1.2: skipped, refused, or not loadable)."""
    body = nodes(startEvent="Start", userTask="Root", endEvent="End") + flows("Start Root", "Root End")
    run = Run(build(body)).start("Start")
    assert run.open == ["Root"]
    assert run.complete("Root").told("completed") == ["Start", "Root", "End"]


def test_links_are_flows() -> None:
    """§1.2: a link leaves the case dead and open."""
    link = '<bpmn:linkEventDefinition name="A"/>'
    body = nodes(startEvent="start", userTask="x", endEvent="end")
    body += event("intermediateThrowEvent", "go", link) + event("intermediateCatchEvent", "come", link)
    run = Run(build(body + flows("start go", "come x", "x end"))).start()
    assert run.open == ["x"]
    assert run.told("entered") == ["start", "go", "come", "x"]
