"""Messages: thrown, waited for, at borders and behind event gateways."""

from __future__ import annotations

import pytest

from engine.errors import Conflict, ExecutionError
from engine.steps import CompleteTask, DeliverMessage, MessageWait
from tests.engine.diagrams import flows, model
from tests.engine.interpreter.drawing import EXTRA, boundary, event, message, node, nodes, timer
from tests.engine.interpreter.runs import NOON, Run, renamed


def waiting(kind: str, **own: str) -> str:
    """Start, wait for a message, then a task."""
    body = nodes(startEvent="start", userTask="after", endEvent="end") + flows("start wait", "wait after", "after end")
    if kind == "receiveTask":
        return body + node(kind, "wait", attributes='messageRef="m_ping"', **own)
    return body + event(kind, "wait", message("ping"), **own)


@pytest.mark.parametrize("kind", ["intermediateCatchEvent", "receiveTask"])
def test_receiver_waits_under_its_key_and_takes_the_payload(kind: str) -> None:
    """The payload's fields become variables (§1.2: catch message, receive task)."""
    run = Run(model(waiting(kind, correlation_key="number"), extra=EXTRA)).start(number="A-1")
    wait = run.wait("wait")
    assert isinstance(wait, MessageWait)
    assert (wait.name, wait.key, wait.repeats) == ("ping", "A-1", False)
    run.message("wait", answer=42)
    assert run.open == ["after"]
    assert run.variables == {"number": "A-1", "answer": 42}


def test_payload_goes_into_one_variable_where_drawn_so() -> None:
    """Property `result` keeps the payload together."""
    run = Run(model(waiting("receiveTask", result="reply"), extra=EXTRA)).start()
    run.message("wait", answer=42)
    assert run.variables == {"reply": {"answer": 42}}


def test_key_follows_the_variables() -> None:
    """A wait that was armed before its key was known gets it when it is (C.1: number given by the first step)."""
    run = Run(model(waiting("intermediateCatchEvent", correlation_key="number"), extra=EXTRA)).start()
    assert run.wait("wait").key is None  # type: ignore[union-attr]
    run.set(number=7)
    assert run.wait("wait").key == "7"  # type: ignore[union-attr]
    assert run.step.changed == run.step.waits


def test_thrown_message_leaves_with_key_payload_and_expiry() -> None:
    """Throw event, send task and message end hand it to the store, and are not caught inside (§6.2)."""
    own = {"correlation_key": "order", "payload": "{total: amount * 2}", "expires": "P1D"}
    body = nodes(startEvent="start") + event("intermediateThrowEvent", "one", message("ping"), **own)
    body += node("sendTask", "two", attributes='messageRef="m_pong"') + event("endEvent", "three", message("stop"))
    run = Run(model(body + flows("start one", "one two", "two three"), extra=EXTRA)).start(order=3, amount=5)
    assert run.state == "completed"
    assert run.sent == [("ping", "3", {"total": 10}), ("pong", None, {}), ("stop", None, {})]
    assert (run.step.messages[0].expires_at - NOON).days == 1  # type: ignore[operator]
    assert run.told("message_sent") == ["one", "two", "three"]


def test_payload_that_is_no_context_is_refused_with_the_elements_name() -> None:
    """Nothing else can be sent."""
    body = nodes(startEvent="start", endEvent="end")
    body += event("intermediateThrowEvent", "tell", message("ping"), payload="amount")
    with pytest.raises(ExecutionError, match="tell"):
        Run(model(body + flows("start tell", "tell end"), extra=EXTRA)).start(amount=5)


def test_message_is_delivered_to_the_named_token_only() -> None:
    """Of two waits for one message, one is served (§6.2: one message satisfied all receivers)."""
    body = nodes(startEvent="start", parallelGateway="fork", userTask="a b", endEvent="end")
    body += event("intermediateCatchEvent", "w1", message("ping")) + event(
        "intermediateCatchEvent", "w2", message("ping")
    )
    body += flows("start fork", "fork w1", "fork w2", "w1 a", "w2 b", "a end", "b end")
    run = Run(model(body, extra=EXTRA)).start()
    assert run.message("w2").open == ["b", "w1"]


def test_message_thrown_inside_does_not_reach_the_same_case_by_itself() -> None:
    """Routing is the store's alone (§6.2: caught inside, never leaves)."""
    body = nodes(startEvent="start", parallelGateway="fork", endEvent="end")
    body += event("intermediateCatchEvent", "wait", message("ping")) + event(
        "intermediateThrowEvent", "say", message("ping")
    )
    run = Run(model(body + flows("start fork", "fork wait", "fork say", "wait end", "say end"), extra=EXTRA)).start()
    assert run.open == ["wait"]
    assert len(run.sent) == 1


def bordered(definition: str, *, cancel: bool) -> str:
    body = nodes(startEvent="start", userTask="work late", endEvent="end")
    body += boundary("edge", "work", definition, cancel=cancel)
    return body + flows("start work", "work end", "edge late", "late end")


def test_interrupting_message_cancels_its_activity() -> None:
    """Then the wait is gone as well (§1.2: boundary message)."""
    run = Run(model(bordered(message("ping"), cancel=True), extra=EXTRA)).start()
    token = run.wait("work").token
    assert run.message("edge").open == ["late"]
    assert run.told("cancelled") == ["work"]
    with pytest.raises(Conflict):
        run.apply(CompleteTask(token))


def test_non_interrupting_message_fires_as_often_as_it_comes() -> None:
    """SpiffWorkflow fires once and then never again (§1.2, EF2)."""
    run = Run(model(bordered(message("ping"), cancel=False), extra=EXTRA)).start()
    assert run.wait("edge").repeats  # type: ignore[union-attr]
    token = run.wait("edge").token
    for count in (1, 2, 3):
        run.message("edge", n=count)
        assert run.open == ["edge", *["late"] * count, "work"]
        assert run.wait("edge").token == token
    run.complete("work")
    assert run.open == ["late", "late", "late"]


def test_border_is_armed_anew_when_the_activity_is_entered_again() -> None:
    """A re-visit is a new activity with new events (EF9)."""
    body = nodes(startEvent="start", userTask="work fix", exclusiveGateway="again", endEvent="end")
    body += boundary("edge", "work", message("ping")) + flows(
        "start again", "again work", "work end", "edge fix", "fix again"
    )
    run = Run(model(body, extra=EXTRA)).start()
    for _ in range(120):
        first = run.wait("edge").token
        run.message("edge").complete("fix")
        assert run.wait("edge").token != first
    assert run.complete("work").state == "completed"


def test_event_gateway_goes_the_way_of_the_first_event_and_disarms_the_others() -> None:
    """Message, receive task and timers; two timers each with its own due time (§1.2: both used the first's)."""
    body = nodes(startEvent="start", eventBasedGateway="first", userTask="a b c d", endEvent="end")
    body += event("intermediateCatchEvent", "slow", timer("Duration", "PT50S"))
    body += event("intermediateCatchEvent", "quick", timer("Duration", "PT5S"))
    body += event("intermediateCatchEvent", "ping", message("ping"))
    body += node("receiveTask", "pong", attributes='messageRef="m_pong"')
    body += flows("start first", "first slow", "first quick", "first ping", "first pong")
    body += flows("slow a", "quick b", "ping c", "pong d", "a end", "b end", "c end", "d end")
    m = model(body, extra=EXTRA)
    run = Run(m).start()
    assert run.open == ["ping", "pong", "quick", "slow"]
    assert [(run.wait(w).due_at - NOON).seconds for w in ("slow", "quick")] == [50, 5]  # type: ignore[union-attr]
    assert run.fire("quick").open == ["b"]
    assert run.told("entered") == ["start", "first", "quick", "b"]
    assert Run(m).start().message("ping").open == ["c"]
    assert Run(m).start().message("pong", x=1).open == ["d"]
    assert Run(m).start().fire("slow").open == ["a"]


@pytest.mark.parametrize("chosen", ["start", "pinged", "ponged"])
def test_only_the_named_start_event_runs(chosen: str) -> None:
    """None start beside message starts: the others don't fire and don't wait (EF1)."""
    body = nodes(startEvent="start", userTask="a b c", endEvent="end")
    body += event("startEvent", "pinged", message("ping")) + event("startEvent", "ponged", message("pong"))
    body += flows("start a", "pinged b", "ponged c", "a end", "b end", "c end")
    run = Run(model(body, extra=EXTRA)).start(chosen, x=1)
    assert run.open == [{"start": "a", "pinged": "b", "ponged": "c"}[chosen]]
    assert run.told("started", "entered")[:2] == [chosen, chosen]
    assert run.variables == {"x": 1}


def test_unknown_start_event_is_refused() -> None:
    """An instance begins where a start is drawn."""
    with pytest.raises(ExecutionError, match="nowhere"):
        Run(model(waiting("receiveTask"), extra=EXTRA)).start("nowhere")


def test_delivery_to_a_task_is_refused() -> None:
    """The token of a person's task takes no message."""
    run = Run(model(bordered(message("ping"), cancel=False), extra=EXTRA)).start()
    with pytest.raises(Conflict):
        run.apply(DeliverMessage(run.wait("work").token))


def test_business_key_is_fixed_once_it_is_known_and_is_the_default_key() -> None:
    """It is evaluated after every writer while it is null."""
    m = model(waiting("receiveTask"), extra=EXTRA)
    from engine.feel import compile_expression

    m = renamed(Run(m), business_key=compile_expression("number"))
    run = Run(m).start()
    assert (run.step.business_key, run.wait("wait").key) == (None, None)  # type: ignore[union-attr]
    run.set(number="N-1")
    assert (run.step.business_key, run.wait("wait").key) == ("N-1", "N-1")  # type: ignore[union-attr]
    run.set(number="N-2")
    assert run.step.business_key == "N-1"
