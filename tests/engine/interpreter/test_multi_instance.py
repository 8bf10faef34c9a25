"""Multi-instance activities: BPMN 2.0.2, 10.3.8 and 13.3.7."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import ExecutionError
from tests.engine.diagrams import flows, model, properties
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


def marker(*, sequential: bool = False, until: str = "", cardinality: str = "") -> str:
    """Write three bars."""
    inside = f"<bpmn:loopCardinality>{cardinality}</bpmn:loopCardinality>" if cardinality else ""
    inside += f"<bpmn:completionCondition>{until}</bpmn:completionCondition>" if until else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        f"{inside}</bpmn:multiInstanceLoopCharacteristics>"
    )


def line(activity: str, extra: str = "") -> Any:
    """A process with one activity, `vote`, and a task behind it."""
    body = nodes(startEvent="start", userTask="after", endEvent="end") + activity + extra
    return model(body + flows("start vote", "vote after", "after end"), extra=EXTRA)


def vote(bars: str, **own: str) -> str:
    return f'<bpmn:userTask id="vote">{properties(role="staff", **own)}{bars}</bpmn:userTask>'


ITEMS = {"collection": "voters", "element_variable": "voter"}
OUT = {"output_collection": "votes", "output_element": "answer"}
PEOPLE = ["ann", "bob", "cyd"]


def test_parallel_runs_are_open_together_and_give_back_in_the_order_of_the_items() -> None:
    """Whoever is first, the results stand in the order of the items; no run sees another's answer."""
    run = Run(line(vote(marker(), assignee="voter", **ITEMS, **OUT))).start(voters=PEOPLE)
    assert run.open == ["vote"] * 3
    assert [w.assignee for w in run.step.waits] == PEOPLE
    for answer in ("c", "b", "a"):
        run.complete_last("vote", answer=answer)
    assert run.open == ["after"]
    assert run.variables == {"voters": PEOPLE, "votes": ["a", "b", "c"]}
    assert run.told("entered").count("vote") == run.told("completed").count("vote") == 1


def test_sequential_runs_come_one_after_the_other() -> None:
    """The next begins when the one before is done."""
    run = Run(line(vote(marker(sequential=True), assignee="voter", **ITEMS, **OUT))).start(voters=PEOPLE)
    seen = []
    while run.open == ["vote"]:
        seen.append(run.wait("vote").assignee)
        run.complete("vote", answer=len(seen))
    assert seen == PEOPLE
    assert run.variables["votes"] == [1, 2, 3]


@pytest.mark.parametrize("sequential", [True, False])
def test_nothing_to_do_passes_at_once(sequential: bool) -> None:
    """An empty list, or no run at all, is no reason to wait."""
    run = Run(line(vote(marker(sequential=sequential), **ITEMS, **OUT))).start(voters=[])
    assert run.open == ["after"]
    assert run.variables["votes"] == []
    assert Run(line(vote(marker(sequential=sequential, cardinality="n")))).start(n=0).open == ["after"]


@pytest.mark.parametrize("voters", [None, "ann", 3, {"a": 1}])
def test_what_is_no_list_is_told_with_the_element(voters: Any) -> None:
    """Null is no empty list."""
    with pytest.raises(ExecutionError, match=r"vote.*voters is no list"):
        Run(line(vote(marker(), **ITEMS))).start(voters=voters)


@pytest.mark.parametrize("n", [None, -1, 1.5, "two", True])
def test_number_of_runs_is_a_whole_number(n: Any) -> None:
    """Anything else is told with the element."""
    with pytest.raises(ExecutionError, match=r"vote.*no whole number"):
        Run(line(vote(marker(cardinality="n")))).start(n=n)


def test_completion_condition_sees_the_run_and_cancels_the_others() -> None:
    """It is asked after each run, with this run's variables and the counters."""
    until = 'answer = "no" or nrOfCompletedInstances / nrOfInstances > 0.6'
    run = Run(line(vote(marker(until=until), **ITEMS, **OUT))).start(voters=PEOPLE).complete("vote", answer="yes")
    assert run.open == ["vote", "vote"]
    run.complete("vote", answer="no")
    assert run.open == ["after"]
    assert run.variables["votes"] == ["yes", "no"]
    assert run.told("cancelled") == ["vote"]


def test_completion_condition_reads_the_results_so_far() -> None:
    """The list that is being made."""
    until = 'count(votes[item = "yes"]) = 2'
    run = Run(line(vote(marker(sequential=True, until=until), **ITEMS, **OUT))).start(voters=PEOPLE)
    assert run.complete("vote", answer="yes").complete("vote", answer="yes").open == ["after"]
    assert run.variables["votes"] == ["yes", "yes"]


def test_counters_are_those_of_the_standard() -> None:
    """loopCounter counts from 1; active, completed and all."""
    script = '<bpmn:scriptTask id="vote" scriptFormat="feel">{}{}<bpmn:script>{}</bpmn:script></bpmn:scriptTask>'
    feel = "[loopCounter, numberOfInstances, nrOfActiveInstances, numberOfCompletedInstances]"
    own = properties(result="r", output_collection="all", output_element="r")
    run = Run(line(script.format(own, marker(cardinality="3"), feel))).start()
    assert run.variables == {"all": [[1, 3, 3, 0], [2, 3, 2, 1], [3, 3, 1, 2]]}


def test_border_event_cancels_all_runs_and_keeps_what_they_gave_back() -> None:
    """Domain EF10: answers already submitted must be in the data."""
    model_ = line(vote(marker(), **ITEMS, **OUT), boundary("edge", "vote", message("stop")) + flows("edge after"))
    run = Run(model_).start(voters=PEOPLE).complete("vote", answer="yes").message("edge")
    assert run.open == ["after"]
    assert run.variables["votes"] == ["yes"]


def test_border_timer_beside_all_runs() -> None:
    """One for the whole, not one for each run."""
    extra = boundary("nag", "vote", timer("Duration", "PT1H"), cancel=False) + nodes(task="n") + flows("nag n")
    run = Run(line(vote(marker(), **ITEMS), extra)).start(voters=PEOPLE)
    assert run.open == ["nag", "vote", "vote", "vote"]
    assert run.fire("nag").open == ["vote"] * 3


PART = nodes(startEvent="s", userTask="x y", endEvent="e", parallelGateway="f j") + flows(
    "s f", "f x", "f y", "x j", "y j", "j e"
)


def part(inner: str, bars: str, **own: str) -> str:
    return f'<bpmn:subProcess id="vote">{properties(**own)}{bars}{inner}</bpmn:subProcess>'


def test_sub_process_runs_do_not_mix_their_tokens() -> None:
    """A join inside waits for the tokens of its own run."""
    run = Run(line(part(PART, marker(), **ITEMS))).start(voters=["a", "b"])
    assert run.open == ["x", "x", "y", "y"]
    assert run.complete("x").complete("x").open == ["y", "y"]
    assert run.complete("y").complete("y").open == ["after"]


def test_terminate_ends_its_own_run_only() -> None:
    """13.5.6: other runs of a multi-instance sub-process go on."""
    inner = nodes(startEvent="s", userTask="x y") + event("endEvent", "e", TERMINATE) + flows("s x", "s y", "x e")
    run = Run(line(part(inner, marker(), **ITEMS))).start(voters=["a", "b"])
    assert run.complete("x").open == ["x", "y"]
    assert run.complete("x").open == ["after"]


def test_error_of_a_run_ends_all_of_them() -> None:
    """It is caught at the border of the whole."""
    inner = nodes(startEvent="s", userTask="x") + event("endEvent", "e", error("E1")) + flows("s x", "x e")
    extra = boundary("edge", "vote", error("E1")) + flows("edge after")
    run = Run(line(part(inner, marker(), **ITEMS), extra)).start(voters=["a", "b"]).complete("x")
    assert run.open == ["after"]


def test_runs_within_runs_see_outward() -> None:
    """The inner item hides the outer one of the same name; the outer one stays readable under its own."""
    script = '<bpmn:scriptTask id="x" scriptFormat="feel">{}{}<bpmn:script>{}</bpmn:script></bpmn:scriptTask>'
    own = properties(
        result="r", collection="row", element_variable="cell", output_collection="line", output_element="r"
    )
    inner = script.format(own, marker(), "[cell, loopCounter, count(row)]")
    outer = {"collection": "table", "element_variable": "row", "output_collection": "all", "output_element": "line"}
    run = Run(line(part(inner, marker(sequential=True), **outer))).start(table=[["a", "b"], ["c"]])
    assert run.variables["all"] == [[["a", 1, 2], ["b", 2, 2]], [["c", 1, 1]]]
    assert set(run.variables) == {"table", "all"}


def test_event_sub_process_belongs_to_its_run() -> None:
    """It interrupts the run that its message is for; the others go on."""
    handler = sub("esp", event("startEvent", "es", message("stop"), correlation_key="voter"), by_event=True)
    inner = nodes(startEvent="s", userTask="x", endEvent="e") + flows("s x", "x e") + handler
    run = Run(line(part(inner, marker(), **ITEMS))).start(voters=["a", "b"])
    assert sorted(w.key for w in run.step.waits if w.element.id == "es") == ["a", "b"]
    assert run.message("es").open == ["es", "x"]
    assert run.complete("x").open == ["after"]


@pytest.mark.parametrize("kind", ["task", "manualTask", "sendTask", "receiveTask"])
def test_every_kind_of_task_runs_several_times(kind: str) -> None:
    """The marker means the same everywhere."""
    ref = ' messageRef="m_ping"' if kind in ("sendTask", "receiveTask") else ""
    own = {"correlation_key": "voter"} if ref else {"role": "staff"}
    own |= {"payload": "{by: voter}"} if kind == "sendTask" else {}
    if kind == "task":
        own = {}
    run = Run(line(f'<bpmn:{kind} id="vote"{ref}>{properties(**own, **ITEMS)}{marker()}</bpmn:{kind}>'))
    run.start(voters=["a", "b"])
    if kind == "sendTask":
        assert run.sent == [("ping", "a", {"by": "a"}), ("ping", "b", {"by": "b"})]
    if kind == "receiveTask":
        assert [w.key for w in run.step.waits] == ["a", "b"]
        run.message("vote").message("vote")
    if kind == "manualTask":
        run.complete("vote").complete("vote")
    assert run.open == ["after"]


def test_thousands_of_runs_end() -> None:
    """5,000 at once in one step; more than a step can hold are refused by number."""
    own = properties(result="r", output_collection="all", output_element="r")
    script = f'<bpmn:scriptTask id="vote" scriptFormat="feel">{own}{marker(cardinality="n")}'
    script += "<bpmn:script>1</bpmn:script></bpmn:scriptTask>"
    assert len(Run(line(script)).start(n=5000).variables["all"]) == 5000
    with pytest.raises(ExecutionError, match="10000 times"):
        Run(line(script)).start(n=10000)


@pytest.mark.parametrize("sequential", [True, False])
def test_interrupted_activity_is_told_once(sequential: bool) -> None:
    """However many of its runs were open: it was entered once, and is cancelled once."""
    border = boundary("stop", "vote", message("stop")) + nodes(endEvent="stopped") + flows("stop stopped")
    run = Run(line(vote(marker(sequential=sequential), **ITEMS), border)).start(voters=PEOPLE).message("stop")
    assert run.told("cancelled") == ["vote"]
