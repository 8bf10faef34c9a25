"""Complex gateways: activated by their condition, reset by what comes after (BPMN 2.0.2 §13.4.5)."""

from __future__ import annotations

import pytest

from engine.errors import ExecutionError
from tests.engine.diagrams import flows, model
from tests.engine.interpreter.drawing import EXTRA, condition, nodes, sub
from tests.engine.interpreter.runs import Run


def complex_gateway(activation: str, attributes: str = "") -> str:
    inner = f"<bpmn:activationCondition>{activation}</bpmn:activationCondition>" if activation else ""
    return f'<bpmn:complexGateway id="join"{attributes}>{inner}</bpmn:complexGateway>'


def joined(activation: str, after: str = "", attributes: str = "") -> str:
    """Three tasks side by side come to the gateway; unless `after` says more, one task follows."""
    body = nodes(startEvent="start", parallelGateway="fork", userTask="a b c next late", endEvent="end")
    body += complex_gateway(activation, attributes) + flows("start fork", "fork a", "fork b", "fork c")
    body += flows("a join", "b join", "c join", "next end", "late end")
    return body + (after or flows("join next") + condition("to_late", "join", "late", "false"))


def test_two_of_three_go_on_and_the_third_resets() -> None:
    """The structured partial join (WCP-30): what follows is done once."""
    run = Run(model(joined("activationCount &gt;= 2"))).start().complete("a")
    assert run.open == ["b", "c"]
    assert run.complete("c").open == ["b", "next"]
    assert run.complete("b").open == ["next"]
    assert run.complete("next").state == "completed"
    assert run.told("entered").count("join") == 1


def test_discriminator_completes_when_the_rest_has_come() -> None:
    """Of three the first goes on; the case is over when the others have come, too (WCP-9)."""
    run = Run(model(joined("activationCount &gt;= 1"))).start().complete("b").complete("next")
    assert (run.state, run.open) == ("active", ["a", "c"])
    assert run.complete("a").complete("c").state == "completed"


def test_flows_are_counted_one_by_one() -> None:
    """`activationCounts` holds the tokens of each incoming flow."""
    run = Run(model(joined("activationCounts.a_join &gt;= 1 and activationCount &gt;= 2"))).start()
    assert run.complete("b").complete("c").open == ["a"]
    assert run.complete("a").open == ["next"]


def test_outgoing_conditions_tell_the_phases_apart() -> None:
    """What leaves at the reset is said by `waitingForStart`."""
    after = condition("f1", "join", "next", "waitingForStart") + condition("f2", "join", "late", "not(waitingForStart)")
    run = Run(model(joined("activationCount &gt;= 2", after))).start().complete("a").complete("b")
    assert run.open == ["c", "next"]
    assert run.complete("c").open == ["late", "next"]
    assert run.told("entered").count("join") == 2


def test_default_flow_is_taken_where_no_condition_is_true() -> None:
    """At the activation as at the reset."""
    after = condition("f1", "join", "next", "waitingForStart") + flows("join late")
    run = Run(model(joined("activationCount &gt;= 2", after, ' default="join_late"'))).start()
    assert run.complete("a").complete("b").complete("c").open == ["late", "next"]


def test_no_true_condition_at_the_activation_stops_the_step() -> None:
    """The standard's exception; at the reset nothing need leave."""
    after = condition("f1", "join", "next", "x = 1") + condition("f2", "join", "late", "x = 2")
    run = Run(model(joined("activationCount &gt;= 2", after))).start(x=0).complete("a")
    with pytest.raises(ExecutionError, match="no condition"):
        run.complete("b")


def test_condition_over_data_is_asked_when_a_variable_changes() -> None:
    """Two tokens wait until the case is urgent."""
    run = Run(model(joined("urgent and activationCount &gt;= 1"))).start(urgent=False).complete("a").complete("b")
    assert run.open == ["c"]
    assert run.set(urgent=True).open == ["c", "next"]
    assert run.complete("c").open == ["next"]


def test_reset_does_not_wait_for_what_can_not_come() -> None:
    """A way that was not chosen brings no token: the gateway resets when nothing is on its way (§13.4.5)."""
    body = nodes(startEvent="start", userTask="a b x next", exclusiveGateway="merge", endEvent="end")
    body += '<bpmn:inclusiveGateway id="fork" default="fork_b"/>' + complex_gateway("activationCount &gt;= 1")
    body += flows("start merge", "merge fork", "fork b", "a join", "b join", "join next", "next again")
    body += condition("fa", "fork", "a", "n = 1") + condition("fx", "fork", "x", "n = 2") + flows("x join")
    body += '<bpmn:exclusiveGateway id="again" default="again_end"/>' + flows("again end")
    body += condition("back", "again", "merge", "n &lt; 3")
    run = Run(model(body)).start(n=1).complete("a").complete("next", n=2)
    assert run.open == ["x"]
    assert run.complete("x").complete("next", n=3).state == "completed"
    assert run.told("completed").count("join") == 2


def test_more_tokens_on_a_flow_wait_for_the_next_start() -> None:
    """One of each flow is taken; what is left begins the next round when the gateway has been reset."""
    body = nodes(startEvent="start", parallelGateway="fork", userTask="a b c next", exclusiveGateway="merge")
    body += complex_gateway("activationCount &gt;= 2") + flows("start fork", "fork a", "fork b", "fork c")
    body += flows("a merge", "b merge", "merge join", "c join", "join next")
    run = Run(model(body)).start().complete("a").complete("b")
    assert run.open == ["c", "next"]
    run.complete("c")
    assert run.open == ["next"]
    with pytest.raises(ExecutionError, match="join"):
        run.complete("next")  # one token is left, and a second never comes


def test_split_alone_chooses_like_an_inclusive_gateway() -> None:
    """With one incoming flow there are no phases: each true condition takes a token, once."""
    body = nodes(startEvent="start", userTask="a b c", endEvent="end")
    body += '<bpmn:complexGateway id="split" default="split_c"/>' + flows("start split", "split c")
    body += condition("fa", "split", "a", "n &gt; 1") + condition("fb", "split", "b", "n &gt; 2")
    body += flows("a end", "b end", "c end")
    assert Run(model(body)).start(n=3).open == ["a", "b"]
    assert Run(model(body)).start(n=0).open == ["c"]


def test_inclusive_join_after_it_waits_for_tokens_only() -> None:
    """That the gateway waits for its reset is no token on its way."""
    body = nodes(startEvent="start", parallelGateway="fork", userTask="a b c next", inclusiveGateway="all")
    body += complex_gateway("activationCount &gt;= 1") + flows("start fork", "fork a", "fork b", "fork c")
    run = Run(model(body + flows("a join", "b join", "join all", "c all", "all next"))).start().complete("c")
    assert run.open == ["a", "b"]
    assert run.complete("a").open == ["b", "next"]
    assert run.complete("b").complete("next").state == "completed"


def test_gateway_inside_a_sub_process_is_left_with_it() -> None:
    """A sub-process that is interrupted forgets its gateway's state."""
    inner = nodes(startEvent="s", parallelGateway="fork", userTask="a b x", endEvent="e")
    inner += complex_gateway("activationCount &gt;= 1")
    inner += flows("s fork", "fork a", "fork b", "a join", "b join", "join x", "x e")
    body = nodes(startEvent="start", endEvent="end") + sub("part", inner) + flows("start part", "part end")
    run = Run(model(body, extra=EXTRA)).start().complete("a").complete("x")
    assert run.open == ["b"]
    assert run.complete("b").state == "completed"
