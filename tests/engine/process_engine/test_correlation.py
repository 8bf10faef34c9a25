"""Correlation by what messages carry: BPMN 2.0.2, 8.4.2."""

from __future__ import annotations

import pytest

from engine import SYSTEM, Bundle, ExecutionError, InstanceState, Outcome
from tests.engine.diagrams import diagram, flows, properties
from tests.engine.process_engine.installation import Installation

MESSAGES = "".join(f'<bpmn:message id="m_{name}" name="{name}"/>' for name in ("order", "paid", "asked"))


def carried(identity: str, **paths: str) -> str:
    """A property, and where each message carries it."""
    inner = "".join(
        f'<bpmn:correlationPropertyRetrievalExpression messageRef="m_{message}">'
        f"<bpmn:messagePath>{path}</bpmn:messagePath></bpmn:correlationPropertyRetrievalExpression>"
        for message, path in paths.items()
    )
    return f'<bpmn:correlationProperty id="{identity}">{inner}</bpmn:correlationProperty>'


def keyed(*refs: str) -> str:
    """A collaboration with one key of these properties."""
    inner = "".join(f"<bpmn:correlationPropertyRef>{ref}</bpmn:correlationPropertyRef>" for ref in refs)
    return (
        f'<bpmn:collaboration id="c"><bpmn:correlationKey id="key">{inner}</bpmn:correlationKey></bpmn:collaboration>'
    )


def event(kind: str, identity: str, message: str, **own: str) -> str:
    extension = properties(**own) if own else ""
    definition = f'<bpmn:messageEventDefinition messageRef="m_{message}"/>'
    return f'<bpmn:{kind} id="{identity}">{extension}{definition}</bpmn:{kind}>'


ONE = MESSAGES + carried("number", order="order.id", paid="/invoice/order", asked="id") + keyed("number")
TWO = (
    MESSAGES
    + carried("number", order="id", paid="id", asked="id")
    + carried("year", order="year", paid="in_year", asked="year")
    + keyed("number", "year")
)
ORDERED = (
    event("startEvent", "ordered", "order")
    + event("intermediateCatchEvent", "wait", "paid")
    + '<bpmn:endEvent id="end"/>'
    + flows("ordered wait", "wait end")
)
ASKING = (
    '<bpmn:startEvent id="start"/>'
    + event("intermediateThrowEvent", "ask", "asked", payload="{id: id, year: 2026}")
    + event("intermediateCatchEvent", "wait", "paid")
    + '<bpmn:endEvent id="end"/>'
    + flows("start ask", "ask wait", "wait end")
)
WAITING = (
    '<bpmn:startEvent id="start"/>'
    + event("intermediateCatchEvent", "wait", "paid")
    + event("intermediateCatchEvent", "again", "paid")
    + '<bpmn:endEvent id="end"/>'
    + flows("start wait", "wait again", "again end")
)


def publish(house: Installation, body: str, extra: str) -> None:
    house.engine.publish(Bundle({"p.bpmn": diagram(body, key="p", extra=extra)}), by=SYSTEM)


def test_message_that_starts_a_case_says_its_key(house: Installation) -> None:
    """What comes later goes to the case whose first message carried the same; nobody gives a key."""
    publish(house, ORDERED, ONE)
    cases = [house.engine.correlate("order", variables={"order": {"id": n}}).instance_id for n in (1, 2)]
    paid = house.engine.correlate("paid", variables={"invoice": {"order": 2}})
    assert (paid.outcome, paid.instance_id) == (Outcome.DELIVERED, cases[1])
    assert house.engine.correlate("paid", variables={"invoice": {"order": 9}}).outcome is Outcome.WAITING
    assert house.engine.instance(cases[0] or 0, by=SYSTEM).is_active


def test_key_of_several_properties(house: Installation) -> None:
    """All of them must be the same; the numbers 7 and 7.0 are."""
    publish(house, ORDERED, TWO)
    case = house.engine.correlate("order", variables={"id": "A", "year": 7}).instance_id
    assert house.engine.correlate("paid", variables={"id": "A", "in_year": 8}).outcome is Outcome.WAITING
    assert house.engine.correlate("paid", variables={"id": "A"}).outcome is Outcome.WAITING
    assert house.engine.correlate("paid", variables={"id": "A", "in_year": 7}).instance_id == case


def test_message_that_a_case_sends_says_its_key(house: Installation) -> None:
    """Whoever sends first, sets the key for what comes back."""
    publish(house, ASKING, TWO)
    cases = [house.engine.start("p", variables={"id": n}, by=SYSTEM).id for n in ("A", "B")]
    assert [m.key for m in house.engine.messages(cases[1])] == ['["B", "2026"]']
    assert house.engine.correlate("paid", variables={"id": "B", "in_year": 2026}).instance_id == cases[1]


def test_first_message_received_says_the_key(house: Installation) -> None:
    """Until then any will do; from then on only those that carry the same."""
    publish(house, WAITING, ONE)
    first, second = (house.engine.start("p", by=SYSTEM).id for _ in range(2))
    assert house.engine.correlate("paid", variables={"invoice": {"order": 1}}).instance_id == first
    assert house.engine.correlate("paid", variables={"invoice": {"order": 2}}).instance_id == second
    assert house.engine.correlate("paid", variables={"invoice": {"order": 2}}).instance_id == second
    assert house.engine.instance(second, by=SYSTEM).state is InstanceState.COMPLETED
    assert house.engine.instance(first, by=SYSTEM).is_active


def test_early_message_waits_for_the_case_that_takes_any(house: Installation) -> None:
    """The inbox gives it to whoever comes to wait first, and it says that case's key."""
    publish(house, WAITING, ONE)
    assert house.engine.correlate("paid", variables={"invoice": {"order": 5}}).outcome is Outcome.WAITING
    case = house.engine.start("p", by=SYSTEM)
    assert [wait.key for wait in house.engine.instance(case.id, by=SYSTEM).subscriptions] == ["5"]


def test_context_says_the_key_and_the_key_follows_it(house: Installation) -> None:
    """Context-based correlation: a binding to the case's data, as they are now."""
    binding = (
        '<bpmn:correlationSubscription id="s" correlationKeyRef="key"><bpmn:correlationPropertyBinding '
        'correlationPropertyRef="number"><bpmn:dataPath>order_id</bpmn:dataPath></bpmn:correlationPropertyBinding>'
        "</bpmn:correlationSubscription>"
    )
    publish(house, binding + WAITING, ONE)
    case = house.engine.start("p", variables={"order_id": 3}, by=SYSTEM)
    assert house.engine.correlate("paid", variables={"invoice": {"order": 4}}).outcome is Outcome.WAITING
    assert house.engine.correlate("paid", variables={"invoice": {"order": 3}}).instance_id == case.id
    house.engine.set_variables(case.id, {"order_id": 4}, by=SYSTEM)
    assert house.engine.instance(case.id, by=SYSTEM).state is InstanceState.COMPLETED


def test_given_key_comes_first(house: Installation) -> None:
    """Whoever sends may say it, as text."""
    publish(house, ORDERED, ONE)
    case = house.engine.correlate("order", variables={"order": {"id": 1}}).instance_id
    assert house.engine.correlate("paid", key="1").instance_id == case


def test_variable_cannot_pass_for_any_key(house: Installation) -> None:
    """A case whose key is the sign for "any" gets no other case's messages."""
    own = event("intermediateCatchEvent", "wait", "paid", correlation_key="id")
    publish(house, WAITING.replace(event("intermediateCatchEvent", "wait", "paid"), own), MESSAGES)
    house.engine.start("p", variables={"id": "*"}, by=SYSTEM)
    assert house.engine.correlate("paid", key="A").outcome is Outcome.WAITING


def test_path_that_fails_is_told(house: Installation) -> None:
    """The sender hears of it; nothing is stored."""
    loop = "count(for i in 1..1000000 return i)"
    publish(house, ORDERED, MESSAGES + carried("number", order=loop, paid=loop) + keyed("number"))
    with pytest.raises(ExecutionError, match="correlation key key can't be evaluated"):
        house.engine.correlate("paid", variables={"invoice": 1})
    assert house.engine.messages() == []


def test_zeebe_subscription(house: Installation) -> None:
    """The key stands at the message."""
    zeebe = (
        '<bpmn:message id="m_paid" name="paid"><bpmn:extensionElements>'
        '<zeebe:subscription xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" correlationKey="=order.id"/>'
        "</bpmn:extensionElements></bpmn:message>"
    )
    publish(house, WAITING, zeebe)
    case = house.engine.start("p", variables={"order": {"id": 7}}, by=SYSTEM)
    assert house.engine.correlate("paid", key="8").outcome is Outcome.WAITING
    assert house.engine.correlate("paid", key="7").instance_id == case.id
