"""What is said at publish about complex gateways and token quantities."""

from __future__ import annotations

import pytest

from engine.findings import Severity
from tests.engine.diagrams import flows, judge

JOIN = (
    '<bpmn:startEvent id="s"/><bpmn:parallelGateway id="f"/><bpmn:task id="a"/><bpmn:task id="b"/>'
    '<bpmn:complexGateway id="x">{}</bpmn:complexGateway><bpmn:endEvent id="e"/>'
    + flows("s f", "f a", "f b", "a x", "b x")
)


def rules(body: str, severity: Severity = Severity.ERROR) -> set[tuple[str, str]]:
    return {(f.rule, f.element) for f in judge(body).findings if f.severity is severity and f.rule != "diagram-missing"}


def test_join_without_activation_condition_is_refused() -> None:
    """The standard leaves open what it would mean."""
    assert rules(JOIN.format("") + flows("x e")) == {("activation-missing", "x")}


def test_condition_without_phase_is_warned_of() -> None:
    """It is asked at the reset, too."""
    condition = "<bpmn:conditionExpression>n = 1</bpmn:conditionExpression></bpmn:sequenceFlow>"
    body = JOIN.format("<bpmn:activationCondition>activationCount &gt;= 2</bpmn:activationCondition>")
    body += '<bpmn:sequenceFlow id="q" sourceRef="x" targetRef="e">' + condition
    assert ("complex-twice", "q") in rules(body, Severity.WARNING)
    assert rules(body) == set()


def test_parallel_join_behind_it_is_not_called_starving() -> None:
    """What its conditions let pass is not known before."""
    body = JOIN.format("<bpmn:activationCondition>activationCount &gt;= 1</bpmn:activationCondition>")
    body += '<bpmn:parallelGateway id="j"/>' + flows("f j", "x j", "j e")
    assert rules(body) == set()


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", "9999999"])
@pytest.mark.parametrize("attribute", ["startQuantity", "completionQuantity"])
def test_quantity_is_a_number_from_one(attribute: str, text: str) -> None:
    """Anything else is refused."""
    body = f'<bpmn:startEvent id="s"/><bpmn:task id="x" {attribute}="{text}"/><bpmn:endEvent id="e"/>'
    assert rules(body + flows("s x", "x e")) == {("quantity-wrong", "x")}


def test_quantity_that_no_flow_can_bring_is_refused() -> None:
    """A sub-process's first activity gets one token."""
    inner = '<bpmn:task id="x" startQuantity="2"/>'
    body = f'<bpmn:startEvent id="s"/><bpmn:subProcess id="p1">{inner}</bpmn:subProcess>' + flows("s p1")
    assert rules(body) == {("quantity-never", "x")}
