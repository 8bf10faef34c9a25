"""Messages: delivered once, to one receiver, early or late."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import SYSTEM, Bundle, ExecutionError, InstanceState, MessageState, NotAllowed, Outcome
from tests.engine.diagrams import diagram, flows, properties
from tests.engine.process_engine.installation import ADMIN, ANN, NOW, Installation, form

MESSAGES = '<bpmn:message id="m_paid" name="paid"/><bpmn:message id="m_order" name="order"/>'
WAITER = (
    '<bpmn:startEvent id="start"/><bpmn:intermediateCatchEvent id="wait">'
    + properties(correlation_key="number")
    + '<bpmn:messageEventDefinition id="d1" messageRef="m_paid"/></bpmn:intermediateCatchEvent>'
    + '<bpmn:endEvent id="end"/>'
    + flows("start wait", "wait end")
)
ORDER = (
    '<bpmn:startEvent id="ordered"><bpmn:messageEventDefinition id="d2" messageRef="m_order"/></bpmn:startEvent>'
    '<bpmn:userTask id="pack"/><bpmn:endEvent id="end"/>' + flows("ordered pack", "pack end")
)
SENDER = (
    '<bpmn:startEvent id="start"/><bpmn:intermediateThrowEvent id="tell">'
    + properties(correlation_key="number", payload="{amount: 3}", expires="PT1H")
    + '<bpmn:messageEventDefinition id="d3" messageRef="m_paid"/></bpmn:intermediateThrowEvent>'
    + '<bpmn:endEvent id="end"/>'
    + flows("start tell", "tell end")
)


def publish(house: Installation, **bodies: str) -> None:
    """Publish processes by key."""
    files = {f"{key}.bpmn": diagram(body, key=key, extra=MESSAGES) for key, body in bodies.items()}
    house.engine.publish(Bundle(files), by=SYSTEM)


def test_message_reaches_the_waiting_case_once(house: Installation) -> None:
    """Delivered to the case with its key; the same message id again changes nothing."""
    publish(house, waiter=WAITER)
    case = house.engine.start("waiter", variables={"number": "A"}, by=SYSTEM)
    other = house.engine.start("waiter", variables={"number": "B"}, by=SYSTEM)
    first = house.engine.correlate("paid", key="A", variables={"amount": 7}, message_id="id-1")
    assert (first.outcome, first.instance_id, first.repeated) == (Outcome.DELIVERED, case.id, False)
    again = house.engine.correlate("paid", key="A", variables={"amount": 7}, message_id="id-1")
    assert (again.outcome, again.instance_id, again.repeated) == (Outcome.DELIVERED, case.id, True)
    ended = house.engine.instance(case.id, by=SYSTEM)
    assert (ended.state, ended.variables["amount"]) == (InstanceState.COMPLETED, 7)
    assert house.engine.instance(other.id, by=SYSTEM).is_active


def test_one_message_has_one_receiver(house: Installation) -> None:
    """Two cases wait under one key: the one that waits longest gets it."""
    publish(house, waiter=WAITER)
    first, second = (house.engine.start("waiter", variables={"number": "A"}, by=SYSTEM) for _ in range(2))
    assert house.engine.correlate("paid", key="A").instance_id == first.id
    assert house.engine.correlate("paid", key="A").instance_id == second.id
    assert house.engine.correlate("paid", key="A").outcome is Outcome.WAITING


def test_early_message_waits_for_its_receiver(house: Installation) -> None:
    """It lies in the inbox until a case comes to wait for it, and is delivered in the step that does."""
    publish(house, waiter=WAITER)
    assert house.engine.correlate("paid", key="A", variables={"amount": 1}).outcome is Outcome.WAITING
    case = house.engine.start("waiter", variables={"number": "A"}, by=SYSTEM)
    assert house.engine.instance(case.id, by=SYSTEM).state is InstanceState.COMPLETED
    (message,) = house.engine.messages(case.id)
    assert (message.state, message.element_id) == (MessageState.DELIVERED, "wait")


def test_message_starts_the_newest_version(house: Installation) -> None:
    """Without a waiting case a start event takes it; without any it waits until a process is published for it."""
    early = house.engine.correlate("order", variables={"item": "pen"})
    assert early.outcome is Outcome.WAITING
    publish(house, order=ORDER)
    assert house.engine.run_due().messages == 1
    started = house.engine.correlate("order", variables={"item": "ink"}, by=ANN)
    assert started.outcome is Outcome.STARTED
    instances = house.engine.instances(key="order")
    assert [i.variables for i in instances] == [{"item": "ink"}, {"item": "pen"}]
    assert instances.items[0].started_by == "ann"


def test_cases_tell_each_other_within_one_act(house: Installation) -> None:
    """What one case throws, another one receives, in the same transaction; the message row shows from and to."""
    publish(house, waiter=WAITER, sender=SENDER)
    waiting = house.engine.start("waiter", variables={"number": "A"}, by=SYSTEM)
    sender = house.engine.start("sender", variables={"number": "A"}, by=SYSTEM)
    ended = house.engine.instance(waiting.id, by=SYSTEM)
    assert (ended.state, ended.variables["amount"]) == (InstanceState.COMPLETED, 3)
    (message,) = house.engine.messages(sender.id)
    assert (message.source_instance_id, message.instance_id, message.state) == (
        sender.id,
        waiting.id,
        MessageState.DELIVERED,
    )


def test_message_that_nobody_fetches_expires(house: Installation) -> None:
    """After its time it is no longer delivered."""
    publish(house, waiter=WAITER, sender=SENDER)
    house.engine.start("sender", variables={"number": "A"}, by=SYSTEM)
    assert house.engine.next_due() == NOW + timedelta(hours=1)
    house.clock.advance(timedelta(hours=1))
    case = house.engine.start("waiter", variables={"number": "A"}, by=SYSTEM)
    assert case.is_active
    assert house.engine.run_due().expired == 1
    assert house.engine.correlate("paid", key="A", expires_at=NOW).outcome is Outcome.EXPIRED
    assert house.engine.instance(case.id, by=SYSTEM).is_active


def test_endless_answers_are_stopped(house: Installation) -> None:
    """Two processes that start each other for ever: the act is refused and nothing is stored."""
    body = (
        '<bpmn:startEvent id="in"><bpmn:messageEventDefinition id="d4" messageRef="m_order"/></bpmn:startEvent>'
        '<bpmn:endEvent id="out"><bpmn:messageEventDefinition id="d5" messageRef="m_order"/></bpmn:endEvent>'
        + flows("in out")
    )
    publish(house, echo=body)
    with pytest.raises(ExecutionError, match="answer each other without end"):
        house.engine.correlate("order")
    assert house.engine.instances().total == 0
    assert house.engine.messages() == []


def test_trouble_of_the_receiver_is_not_the_senders(house: Installation) -> None:
    """The receiver can't go on: its step is undone, the message stays at fault, and the sender has gone on."""
    stuck = WAITER.replace(
        flows("start wait", "wait end"),
        '<bpmn:exclusiveGateway id="gate"/><bpmn:sequenceFlow id="only" sourceRef="gate" targetRef="end">'
        "<bpmn:conditionExpression>amount = 1</bpmn:conditionExpression></bpmn:sequenceFlow>"
        '<bpmn:endEvent id="other"/><bpmn:sequenceFlow id="else" sourceRef="gate" targetRef="other">'
        "<bpmn:conditionExpression>amount = 2</bpmn:conditionExpression></bpmn:sequenceFlow>"
        + flows("start wait", "wait gate"),
    )
    publish(house, waiter=stuck, sender=SENDER)
    waiting = house.engine.start("waiter", variables={"number": "A"}, by=SYSTEM)
    sender = house.engine.start("sender", variables={"number": "A"}, by=SYSTEM)
    assert sender.state is InstanceState.COMPLETED
    assert house.engine.instance(waiting.id, by=SYSTEM).is_active
    (message,) = house.engine.messages(sender.id)
    assert message.state is MessageState.WAITING
    assert "gate" in (message.fault or "")
    with pytest.raises(NotAllowed):
        house.engine.retry_message(message.id, by=ANN)
    with pytest.raises(ExecutionError, match="gate"):
        house.engine.retry_message(message.id, by=ADMIN)
    house.engine.cancel_instance(waiting.id, reason="stuck", by=ADMIN)
    assert house.engine.retry_message(message.id, by=ADMIN) is False


def test_task_form_values_can_be_the_key(house: Installation) -> None:
    """The wait takes its key from the variables of the moment."""
    body = (
        '<bpmn:startEvent id="start">' + properties(form="begin") + "</bpmn:startEvent>"
        '<bpmn:intermediateCatchEvent id="wait">' + properties(correlation_key="number")
    ) + '<bpmn:messageEventDefinition id="d1" messageRef="m_paid"/></bpmn:intermediateCatchEvent>'
    body += '<bpmn:endEvent id="end"/>' + flows("start wait", "wait end")
    files = Bundle(
        {"w.bpmn": diagram(body, key="w", extra=MESSAGES)}, {}, {"begin.json": form("begin", "number", required=True)}
    )
    house.engine.publish(files, by=SYSTEM)
    case = house.engine.start("w", variables={"number": "Z", "unknown": "dropped"}, by=ANN)
    assert house.engine.instance(case.id, by=ANN).subscriptions[0].key == "Z"
    assert case.variables == {"number": "Z"}
