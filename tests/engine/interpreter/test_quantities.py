"""Token quantities: how many tokens begin an activity, and how many it ends with (BPMN 2.0.2 §13.3.2)."""

from __future__ import annotations

import pytest

from engine.errors import ExecutionError
from tests.engine.diagrams import flows, model
from tests.engine.interpreter.drawing import node, nodes, sub
from tests.engine.interpreter.runs import Run


def person(identity: str, attributes: str) -> str:
    return node("userTask", identity, attributes=attributes, role="staff")


def test_activity_begins_when_enough_tokens_have_come() -> None:
    """Three tokens, by whichever flows."""
    body = nodes(startEvent="start", parallelGateway="fork", userTask="a b", exclusiveGateway="merge", endEvent="end")
    body += person("pack", 'startQuantity="3"') + nodes(userTask="c")
    body += flows("start fork", "fork a", "fork b", "fork c", "a merge", "b merge", "merge pack", "c pack", "pack end")
    run = Run(model(body)).start().complete("a").complete("b")
    assert run.open == ["c"]
    assert run.complete("c").open == ["pack"]
    assert run.told("entered").count("pack") == 1
    assert run.complete("pack").state == "completed"


def test_activity_ends_with_several_tokens() -> None:
    """Each goes its way."""
    body = nodes(startEvent="start", userTask="pack", endEvent="end") + person("order", 'completionQuantity="3"')
    run = Run(model(body + flows("start order", "order pack", "pack end"))).start().complete("order")
    assert run.open == ["pack", "pack", "pack"]
    assert run.complete("pack").complete("pack").complete("pack").state == "completed"


def test_each_outgoing_flow_gets_as_many_tokens() -> None:
    """With two flows, twice two."""
    body = nodes(startEvent="start", userTask="a b", endEvent="end") + person("order", 'completionQuantity="2"')
    run = Run(model(body + flows("start order", "order a", "order b", "a end", "b end"))).start().complete("order")
    assert run.open == ["a", "a", "b", "b"]


def test_quantities_meet() -> None:
    """Four tokens out, two at a time in."""
    body = nodes(startEvent="start", endEvent="end") + person("order", 'completionQuantity="4"')
    body += person("pack", 'startQuantity="2"') + flows("start order", "order pack", "pack end")
    assert Run(model(body)).start().complete("order").open == ["pack", "pack"]


def test_a_token_too_few_stops_the_step() -> None:
    """Nothing could ever begin the activity."""
    body = nodes(startEvent="start", endEvent="end") + person("order", 'completionQuantity="3"')
    body += person("pack", 'startQuantity="2"') + flows("start order", "order pack", "pack end")
    run = Run(model(body)).start().complete("order")
    with pytest.raises(ExecutionError, match="pack"):
        run.complete("pack")


def test_sub_process_and_loop_count_tokens_too() -> None:
    """The quantity is the activity's, not each run's."""
    inner = nodes(startEvent="s", userTask="x", endEvent="e") + flows("s x", "x e")
    part = sub("part", inner).replace('id="part"', 'id="part" completionQuantity="2"')
    loop = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2</bpmn:loopCardinality>"
    many = person("many", 'startQuantity="2" completionQuantity="2"').replace(
        "</bpmn:userTask>", loop + "</bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>"
    )
    body = nodes(startEvent="start", userTask="last", endEvent="end") + part + many
    run = Run(model(body + flows("start part", "part many", "many last", "last end"))).start().complete("x")
    assert run.open == ["many", "many"]
    assert run.complete("many").complete("many").open == ["last", "last"]
