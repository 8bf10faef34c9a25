"""Parallel branches that wrote the same variable: history tells of it at their join, and nothing is lost."""

from __future__ import annotations

from typing import Any

from tests.engine.diagrams import flows, model
from tests.engine.interpreter.drawing import EXTRA, boundary, message, nodes, sub
from tests.engine.interpreter.runs import Run

GATES = "".join(f'<bpmn:parallelGateway id="{g}"/>' for g in ("fork", "join"))
TWO = (
    nodes(startEvent="start", userTask="left right after", endEvent="end")
    + GATES
    + flows("start fork", "fork left", "fork right", "left join", "right join", "join after", "after end")
)


def conflicts(run: Run) -> dict[str, list[tuple[str, Any]]]:
    """Name → who wrote what, of the last conflict that was told."""
    found = [fact for fact in run.facts if fact.kind == "variables_conflict"]
    told = found[-1].details["conflicts"] if found else {}
    return {name: [(writer["element"], writer["value"]) for writer in writers] for name, writers in told.items()}


def test_variable_that_both_branches_wrote_is_told_at_the_join() -> None:
    """With names, writers and values; the last write stands."""
    run = Run(model(TWO)).start(grade=0, note="x").complete("left", grade=1, own=1).complete("right", grade=2, other=2)
    assert run.told("variables_conflict") == ["join"]
    assert conflicts(run) == {"grade": [("left", 1), ("right", 2)]}
    assert run.variables == {"grade": 2, "note": "x", "own": 1, "other": 2}


def test_same_value_is_no_conflict() -> None:
    """Nor is a variable of one branch, nor what was written before the split."""
    run = Run(model(TWO)).start(grade=0).complete("left", grade=1, own=1).complete("right", grade=1)
    assert run.open == ["after"]
    assert conflicts(run) == {}


def test_nothing_of_it_stays_behind_the_join() -> None:
    """A snapshot behind it is as large as one of a case that never split."""
    apart, plain = Run(model(TWO)).start(), Run(model(TWO)).start()
    apart.complete("left", grade=1).complete("right", grade=2)
    plain.complete("left").complete("right").set(grade=2)
    assert len(apart.step.snapshot) == len(plain.step.snapshot)


def test_loop_of_splits_and_joins_does_not_grow() -> None:
    """Five rounds more cost nothing."""
    again = '<bpmn:exclusiveGateway id="again" default="again_end"/><bpmn:exclusiveGateway id="merge"/>'
    back = (
        '<bpmn:sequenceFlow id="back" sourceRef="again" targetRef="merge">'
        "<bpmn:conditionExpression>more</bpmn:conditionExpression></bpmn:sequenceFlow>"
    )
    body = nodes(startEvent="start", userTask="left right", endEvent="end done") + GATES + again + back
    body += flows("start merge", "merge fork", "fork left", "fork right", "left again", "right done", "again end")
    run = Run(model(body.replace('<bpmn:parallelGateway id="join"/>', ""))).start(more=True)
    sizes = []
    for n in range(30):
        run.complete("left", grade=n % 10).complete("right", grade=5)
        sizes.append(len(run.step.snapshot))
    assert max(sizes[12:]) <= max(sizes[:12]) + 8


def test_split_within_a_branch() -> None:
    """The inner join tells of the inner branches, the outer one of what they wrote together."""
    inner = "".join(f'<bpmn:parallelGateway id="{g}"/>' for g in ("fork2", "join2"))
    body = nodes(startEvent="start", userTask="left right a b after", endEvent="end") + GATES + inner
    body += flows("start fork", "fork left", "fork right", "left fork2", "fork2 a", "fork2 b", "a join2", "b join2")
    body += flows("join2 join", "right join", "join after", "after end")
    run = Run(model(body)).start().complete("left", x=1).complete("a", y=1).complete("b", x=2, y=2)
    assert conflicts(run) == {"y": [("a", 1), ("b", 2)]}
    run.complete("right", x=3, y=2)
    assert conflicts(run) == {"x": [("b", 2), ("right", 3)]}


def test_branches_that_come_together_one_after_the_other() -> None:
    """Three ways, two joins: the second knows what the first brought together."""
    gates = "".join(f'<bpmn:parallelGateway id="{g}"/>' for g in ("fork", "join", "join2"))
    body = nodes(startEvent="start", userTask="a b c after", endEvent="end") + gates
    body += flows("start fork", "fork a", "fork b", "fork c", "a join", "b join", "join join2", "c join2")
    run = Run(model(body + flows("join2 after", "after end"))).start().complete("a", x=1).complete("b", y=1)
    assert conflicts(run) == {}
    assert conflicts(run.complete("c", x=2)) == {"x": [("a", 1), ("c", 2)]}


def test_write_inside_a_sub_process_or_after_an_interruption_is_the_branch_s() -> None:
    """The branch is what counts, not the token that was first in it."""
    box = sub("left", nodes(startEvent="in", userTask="do", endEvent="out") + flows("in do", "do out"))
    body = nodes(startEvent="start", userTask="right after", endEvent="end") + GATES + box
    body += flows("start fork", "fork left", "fork right", "right join", "join after", "after end", "left join")
    run = Run(model(body)).start().complete("do", x=1).complete("right", x=2)
    assert conflicts(run) == {"x": [("do", 1), ("right", 2)]}
    edge = boundary("edge", "right", message("stop")) + '<bpmn:exclusiveGateway id="merge"/>'
    body = nodes(startEvent="start", userTask="first right left after", endEvent="end") + GATES + edge
    body += flows("start fork", "fork left", "fork first", "first right", "right merge", "edge merge", "merge join")
    run = Run(model(body + flows("left join", "join after", "after end"), extra=EXTRA)).start().complete("first", x=1)
    assert conflicts(run.message("edge").complete("left", x=2)) == {"x": [("first", 1), ("left", 2)]}


def test_data_of_a_branch_s_own_is_no_conflict() -> None:
    """Two sub-processes, each with a data object of this name."""
    boxes = "".join(
        sub(
            name,
            nodes(startEvent=f"in_{name}", userTask=f"do_{name}", endEvent=f"out_{name}")
            + flows(f"in_{name} do_{name}", f"do_{name} out_{name}")
            + f'<bpmn:dataObject id="d_{name}" name="note"/>',
        )
        for name in ("left", "right")
    )
    body = nodes(startEvent="start", userTask="after", endEvent="end") + GATES + boxes
    body += flows("start fork", "fork left", "fork right", "left join", "right join", "join after", "after end")
    run = Run(model(body)).start().complete("do_left", note=1).complete("do_right", note=2)
    assert run.open == ["after"]
    assert conflicts(run) == {}
