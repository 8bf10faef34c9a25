"""Long cases and wide ones: what is over costs nothing any more, what runs side by side has no low limit."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from engine.errors import ExecutionError
from engine.interpreter.stepping import LiveCase, advance
from engine.steps import Command, CompleteTask, Start, Step, UserTaskWait
from tests.engine.diagrams import diagram, flows, judge, model
from tests.engine.fuzz.trial import judged
from tests.engine.interpreter.drawing import condition, node, nodes, sub
from tests.engine.interpreter.runs import NOON, Run, World

ROUNDS = (
    nodes(startEvent="start", exclusiveGateway="again", userTask="work", endEvent="end")
    + '<bpmn:exclusiveGateway id="good" default="good_end"/>'
    + flows("start again", "again work", "work good", "good end")
    + condition("rework", "good", "again", "bad")
)
TRIP = nodes(startEvent="s", task="x", endEvent="e") + flows("s x", "x e")


def bars(count: int, *, sequential: bool = False, until: str = "") -> str:
    done = f"<bpmn:completionCondition>{until}</bpmn:completionCondition>" if until else ""
    inner = f"<bpmn:loopCardinality>{count}</bpmn:loopCardinality>{done}"
    tag = "multiInstanceLoopCharacteristics"
    return f'<bpmn:{tag} isSequential="{str(sequential).lower()}">{inner}</bpmn:{tag}>'


class Live:
    """A case in memory, without the checks of `Run`, which would be done ten thousand times."""

    def __init__(self, body: str) -> None:
        self.case = LiveCase(model(body))
        self.step: Step = self.apply(Start("start", {"bad": True}))

    def apply(self, command: Command) -> Step:
        self.step = self.case.apply(command, now=NOON, host=World({}, {}))
        return self.step

    def complete(self, **values: Any) -> Step:
        return self.apply(CompleteTask(self.step.waits[0].token, values))


def calls(act: Callable[[], object]) -> int:
    """How many functions are called in an act: a cost that is the same on every machine."""
    count = 0

    def see(_: object, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(see)
    try:
        act()
    finally:
        sys.setprofile(None)
    return count


def test_ten_thousand_rounds_cost_no_more_than_the_first() -> None:
    """Each with a person's task: the same calls, and hardly a byte more, in the last as in the tenth."""
    live = Live(ROUNDS)
    for _ in range(10):
        live.complete()
    first, size = calls(live.complete), len(live.step.snapshot)
    for _ in range(10_000 - 12):
        live.complete()
    assert calls(live.complete) <= first * 1.05
    assert len(live.step.snapshot) <= size + 20
    assert live.complete(bad=False).state == "completed"


def test_saved_and_loaded_case_of_many_rounds_costs_no_more() -> None:
    """The same from snapshot to snapshot."""
    drawn, step = model(ROUNDS), None
    counts = []
    for number in range(500):
        command: Command = CompleteTask(step.waits[0].token) if step else Start("start", {"bad": True})
        before = step.snapshot if step else None

        def act(before: Any = before, command: Any = command) -> None:
            nonlocal step
            step = advance(drawn, before, command, now=NOON, host=World({}, {}))

        counts.append(calls(act) if number in (10, 499) else act() or 0)
    assert counts[-1] <= counts[10] * 1.05


def test_five_thousand_tasks_side_by_side() -> None:
    """All are open at once, any may be done, and the completion condition closes the rest."""
    body = nodes(startEvent="start", endEvent="end")
    body += node("userTask", "vote", bars(5_000, until="enough"), role="staff") + flows("start vote", "vote end")
    live = Live(body)
    assert len(live.step.waits) == 5_000
    assert all(isinstance(wait, UserTaskWait) for wait in live.step.waits)
    last = live.step.waits[-1].token
    assert len(live.apply(CompleteTask(last)).waits) == 4_999
    assert live.complete(enough=True).state == "completed"


@pytest.mark.parametrize("sequential", [False, True])
def test_five_thousand_sub_processes_in_one_step(sequential: bool) -> None:
    """In which nobody is waited for: they are no endless loop, though they are many steps."""
    body = nodes(startEvent="start", userTask="go", endEvent="end")
    body += sub("trip", bars(5_000, sequential=sequential) + TRIP) + flows("start go", "go trip", "trip end")
    step = Live(body).complete()
    assert step.state == "completed"
    assert sum(fact.kind == "completed" and fact.element == "x" for fact in step.facts) == 5_000


def _loop(inner: str, *pairs: str) -> str:
    """start → go → again → … → more → back to again, for ever."""
    body = nodes(startEvent="start", userTask="go", exclusiveGateway="again", endEvent="end") + inner
    body += '<bpmn:exclusiveGateway id="more" default="back"/>' + condition("out", "more", "end", "good")
    body += '<bpmn:sequenceFlow id="back" sourceRef="more" targetRef="again"/>'
    return body + flows("start go", "go again", *pairs)


ENDLESS = {
    "a loop": _loop(nodes(task="x"), "again x", "x more"),
    "a loop through a sub-process": _loop(sub("trip", TRIP), "again trip", "trip more"),
    "a loop through a wide activity": _loop(sub("trip", bars(300) + TRIP), "again trip", "trip more"),
    "tokens that double": _loop(nodes(task="x y"), "again x", "x y", "x more", "y more"),
    "a loop marker": nodes(startEvent="start", userTask="go")
    + sub("trip", "<bpmn:standardLoopCharacteristics><bpmn:loopCondition>bad</bpmn:loopCondition>"
          "</bpmn:standardLoopCharacteristics>" + TRIP)
    + flows("start go", "go trip"),
}  # fmt: skip


@pytest.mark.parametrize("drawing", ENDLESS)
def test_endless_loop_is_stopped_soon(drawing: str) -> None:
    """However it is drawn; the step before it stays."""
    live = Live(ENDLESS[drawing])
    with pytest.raises(ExecutionError, match="without a wait"):
        live.complete()


def test_ninety_sub_processes_within_each_other() -> None:
    """Nothing is recursive in reach of a diagram."""
    body = nodes(userTask="deepest")
    for level in range(90):
        body = sub(f"level_{level}", body)
    run = Run(model(nodes(startEvent="start") + body + flows("start level_89"))).start()
    assert (run.open, run.step.depth) == (["deepest"], 91)
    assert run.complete("deepest").state == "completed"


def _graph(count: int) -> bytes:
    """Diamonds in a row: a choice, two tasks, a merge."""
    body, before = nodes(startEvent="start", endEvent="end"), "start"
    for n in range(count // 4):
        body += f'<bpmn:exclusiveGateway id="s{n}" default="s{n}_a{n}"/>'
        body += nodes(exclusiveGateway=f"j{n}", userTask=f"a{n} b{n}") + condition(
            f"c{n}", f"s{n}", f"b{n}", f"v{n} = 1"
        )
        body += flows(f"{before} s{n}", f"s{n} a{n}", f"a{n} j{n}", f"b{n} j{n}")
        before = f"j{n}"
    return diagram(body + flows(f"{before} end"))


def test_lint_of_a_large_diagram_grows_with_its_size() -> None:
    """Four times the elements, not much over four times the work (in seconds: `make bench`)."""
    small, large = (calls(lambda count=count: judged({"p.bpmn": _graph(count)})) for count in (50, 200))  # type: ignore[misc]
    assert large < small * 5


def test_chain_of_two_thousand_elements_is_examined_and_runs() -> None:
    """From end to end in one step."""
    names = [f"t{n}" for n in range(1_997)]
    body = nodes(startEvent="start", userTask="go", endEvent="end", task=" ".join(names))
    body += flows("start go", "go t0", *(f"{a} {b}" for a, b in pairwise(names)), "t1996 end")
    assert judge(body).ok
    assert Live(body).complete().state == "completed"
