"""Where tokens part, choose and come together."""

from __future__ import annotations

import pytest

from engine.errors import ExecutionError
from tests.engine.diagrams import flows, model
from tests.engine.interpreter.drawing import EXTRA, boundary, condition, message, nodes
from tests.engine.interpreter.runs import Run

CHOICE = (
    nodes(startEvent="start", userTask="small large", endEvent="end")
    + '<bpmn:exclusiveGateway id="size" name="How large?" default="size_small"/>'
    + flows("start size", "size small", "small end", "large end")
    + condition("size_large", "size", "large", "amount > 100")
)


@pytest.mark.parametrize(("amount", "task"), [(500, "large"), (5, "small"), (None, "small"), ("x", "small")])
def test_exclusive_gateway_takes_the_first_true_flow_else_the_default(amount: object, task: str) -> None:
    """A condition that is null counts as false (§1.2: exclusive gateway)."""
    run = Run(model(CHOICE)).start(amount=amount)
    assert run.open == [task]
    assert f"size_{task}" in run.told("flow")


@pytest.mark.parametrize("kind", ["exclusiveGateway", "inclusiveGateway"])
def test_gateway_without_a_true_flow_and_default_stops_and_names_itself(kind: str) -> None:
    """Nothing is half done: the step raises (§1.2)."""
    body = nodes(startEvent="start", userTask="a b", endEvent="end") + f'<bpmn:{kind} id="pick" name="Which way?"/>'
    body += flows("start pick", "a end", "b end")
    body += condition("f1", "pick", "a", "x = 1") + condition("f2", "pick", "b", "x = 2")
    run = Run(model(body))
    with pytest.raises(ExecutionError, match="Which way"):
        run.start(x=3)


FORK = nodes(startEvent="start", userTask="a b", endEvent="end", parallelGateway="fork join") + flows(
    "start fork", "fork a", "fork b", "a join", "b join", "join end"
)


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_parallel_join_waits_for_all_branches(order: str) -> None:
    """One token goes on when each incoming flow has brought one (§1.2: parallel gateway)."""
    run = Run(model(FORK)).start()
    run.complete(order[0])
    assert run.open == [order[1]]
    assert "join" not in run.told("entered")
    run.complete(order[1])
    assert run.state == "completed"
    assert run.told("entered").count("join") == 1


def test_parallel_join_keeps_excess_tokens_for_the_next_round() -> None:
    """Several tokens on one flow: exactly one per flow is consumed (§8: SpiffWorkflow can't hold several)."""
    body = nodes(startEvent="start", userTask="a b c d after", endEvent="end", parallelGateway="fork join")
    body += nodes(exclusiveGateway="merge other")
    body += flows("start fork", "fork a", "fork b", "fork c", "fork d", "a merge", "b merge", "merge join")
    body += flows("c other", "d other", "other join", "join after", "after end")
    run = Run(model(body)).start()
    run.complete("a").complete("b")
    assert run.open == ["c", "d"]
    assert run.complete("c").open == ["after", "d"]
    assert run.complete("d").open == ["after", "after"]
    assert run.complete("after").complete("after").state == "completed"
    assert run.told("entered").count("join") == 2


def test_loop_over_a_parallel_split_joins_anew_each_round() -> None:
    """Rework over a split and join, many rounds (§0: loop over parallel split; §3.3: no depth limit)."""
    body = nodes(startEvent="start", userTask="a b", endEvent="end", parallelGateway="fork join")
    body += nodes(exclusiveGateway="again") + '<bpmn:exclusiveGateway id="done" default="done_end"/>'
    body += flows("start again", "again fork", "fork a", "fork b", "a join", "b join", "join done", "done end")
    body += condition("back", "done", "again", "more")
    run = Run(model(body)).start(more=True)
    for _ in range(150):
        run.complete("b").complete("a")
        assert run.open == ["a", "b"]
    sizes = len(run.step.snapshot)
    run.complete("a").complete("b", more=False)
    assert run.state == "completed"
    assert sizes < 400
    assert run.step.depth == 1


INCLUSIVE = (
    nodes(startEvent="start", userTask="a b c after", endEvent="end", inclusiveGateway="join")
    + '<bpmn:inclusiveGateway id="split" default="split_c"/>'
    + flows("start split", "split c", "a join", "b join", "c join", "join after", "after end")
    + condition("fa", "split", "a", "x > 0")
    + condition("fb", "split", "b", "x > 1")
)


@pytest.mark.parametrize(("x", "tasks"), [(0, ["c"]), (1, ["a"]), (2, ["a", "b"])])
def test_inclusive_gateway_takes_every_true_flow_and_joins_what_was_taken(x: int, tasks: list[str]) -> None:
    """The default is taken only when nothing is true (§1.2: inclusive gateway)."""
    run = Run(model(INCLUSIVE)).start(x=x)
    assert run.open == tasks
    for task in tasks:
        assert "after" not in run.open
        run.complete(task)
    assert run.open == ["after"]
    assert run.told("entered").count("after") == 1


def test_inclusive_join_waits_on_unequal_paths_and_not_for_a_branch_that_ended() -> None:
    """A token that ends elsewhere frees the join (§1.2: unequal paths)."""
    body = nodes(startEvent="start", userTask="a b b2 after", endEvent="end gone", inclusiveGateway="join")
    body += nodes(parallelGateway="fork") + '<bpmn:exclusiveGateway id="go" default="go_join"/>'
    body += flows("start fork", "fork a", "fork b", "a join", "b b2", "b2 go", "go join", "join after", "after end")
    body += condition("leave", "go", "gone", "leave")
    one = Run(model(body)).start(leave=False).complete("a").complete("b")
    assert one.open == ["b2"]
    assert one.complete("b2").open == ["after"]
    other = Run(model(body)).start(leave=True).complete("a").complete("b").complete("b2")
    assert other.open == ["after"]


def test_inclusive_join_in_a_loop_joins_each_round() -> None:
    """Loops around an inclusive pair (§1.2: in loops)."""
    body = INCLUSIVE.replace(flows("after end"), "").replace(flows("start split"), "")
    body += nodes(exclusiveGateway="again") + '<bpmn:exclusiveGateway id="done" default="done_end"/>'
    body += flows("start again", "again split", "after done", "done end") + condition("back", "done", "again", "more")
    run = Run(model(body)).start(x=2, more=True)
    for _ in range(3):
        run.complete("a").complete("b")
        assert run.open == ["after"]
        run.complete("after")
        assert run.open == ["a", "b"]


def test_inclusive_join_waits_for_a_token_that_comes_by_a_boundary_event() -> None:
    """A path through a boundary event reaches the join, too."""
    body = nodes(startEvent="start", userTask="a b after", endEvent="end", inclusiveGateway="join")
    body += nodes(parallelGateway="fork", endEvent="gone")
    body += '<bpmn:boundaryEvent id="slow" attachedToRef="b"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H'
    body += "</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    body += flows("start fork", "fork a", "fork b", "a join", "slow join", "b gone", "join after", "after end")
    run = Run(model(body)).start().complete("a")
    assert run.open == ["b", "slow"]
    assert run.fire("slow").open == ["after"]
    run = Run(model(body)).start().complete("a").complete("b")
    assert run.open == ["after"]


def test_several_flows_out_of_a_task_go_in_parallel_and_conditional_ones_where_true() -> None:
    """Implicit split and conditional flows with a default (§1.2: refused by SpiffWorkflow)."""
    body = nodes(startEvent="start", userTask="a b c d", endEvent="end")
    body = body.replace('<bpmn:userTask id="a"', '<bpmn:userTask id="a" default="a_d"')
    body += flows("start a", "a d", "b end", "c end", "d end")
    body += condition("a_b", "a", "b", "x > 1") + condition("a_c", "a", "c", "x > 2")
    assert Run(model(body)).start(x=3).complete("a").open == ["b", "c"]
    assert Run(model(body)).start(x=0).complete("a").open == ["d"]


def test_endless_loop_without_a_wait_is_stopped_and_named() -> None:
    """A loop that waits for nobody ends the step with its element's name."""
    body = nodes(startEvent="start", endEvent="end", exclusiveGateway="merge", task="spin")
    body += '<bpmn:exclusiveGateway id="more" name="Once more?" default="back"/>'
    body += flows("start merge", "merge spin", "spin more") + condition("out", "more", "end", "x")
    body += '<bpmn:sequenceFlow id="back" sourceRef="more" targetRef="merge"/>'
    run = Run(model(body))
    with pytest.raises(ExecutionError, match="endless loop"):
        run.start(x=False)


def test_inclusive_join_waits_for_an_activity_though_its_border_has_brought_a_token() -> None:
    """§13.4.3: only a token that could come by sequence flow to an occupied flow is not waited for."""
    body = nodes(startEvent="start", parallelGateway="fork", inclusiveGateway="join", userTask="a host aside after")
    body += boundary("b", "host", message("ping"), cancel=False) + flows("b aside", "aside join")
    body += flows("start fork", "fork a", "fork host", "a join", "host join", "join after")
    run = Run(model(body, extra=EXTRA)).start().message("b").complete("a").complete("aside")
    assert run.open == ["b", "host"]
    assert run.complete("host").open == ["after"]
