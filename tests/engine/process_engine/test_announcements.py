"""Conditional start events: cases that begin when something has become true of the world (BPMN 2.0.2 §10.5.2)."""

from __future__ import annotations

import pytest

from engine import SYSTEM, Bundle, ExecutionError, InstanceState
from tests.engine.diagrams import diagram, flows, properties
from tests.engine.process_engine.installation import ANN, Installation

HOT = (
    '<bpmn:startEvent id="hot"><bpmn:conditionalEventDefinition><bpmn:condition>{}</bpmn:condition>'
    '</bpmn:conditionalEventDefinition></bpmn:startEvent><bpmn:userTask id="cool"/>' + flows("hot cool")
)


def publish(house: Installation, condition: str = "degrees > 27", *, key: str = "p") -> None:
    house.engine.publish(Bundle({f"{key}.bpmn": diagram(HOT.format(condition), key=key)}), by=SYSTEM)


def test_case_begins_when_the_condition_becomes_true(house: Installation) -> None:
    """Once, with what was announced; again only after it was false in between."""
    publish(house, "degrees &gt; 27")
    announce = house.engine.announce
    assert announce({"degrees": 20}) == ()
    (first,) = announce({"degrees": 30})
    case = house.engine.instance(first, by=SYSTEM)
    assert (case.state, case.variables) == (InstanceState.ACTIVE, {"degrees": 30})
    assert [task.element.id for task in case.tasks] == ["cool"]
    assert announce({"degrees": 31}) == ()
    assert announce({"degrees": 20}) == ()
    assert len(announce({"degrees": 28})) == 1


def test_condition_is_asked_when_all_that_it_reads_is_announced(house: Installation) -> None:
    """What is not said is not taken for null: neither does it begin a case, nor forget that it was true."""
    publish(house, "degrees &gt; 27 and not(away)")
    announce = house.engine.announce
    assert announce({"degrees": 30}) == ()
    assert len(announce({"degrees": 30, "away": False})) == 1
    assert announce({"away": True}) == ()
    assert announce({"degrees": 30, "away": False}) == ()


def test_every_process_is_asked_and_only_in_its_newest_version(house: Installation) -> None:
    """A new version begins anew: what was true of the old one's condition is forgotten."""
    publish(house, "degrees &gt; 27")
    publish(house, "degrees &gt; 10", key="q")
    assert len(house.engine.announce({"degrees": 30})) == 2
    publish(house, "degrees &gt; 28")
    (again,) = house.engine.announce({"degrees": 30})
    assert house.engine.instance(again, by=SYSTEM).definition.version == 2


def test_one_that_can_not_begin_keeps_all_from_beginning(house: Installation) -> None:
    """The caller hears of it, and nothing has happened: it may be announced again."""
    publish(house, "degrees &gt; 27")
    decision = '<bpmn:exclusiveGateway id="g"/><bpmn:task id="a"/><bpmn:task id="b"/>'
    never = "<bpmn:conditionExpression>degrees &lt; 0</bpmn:conditionExpression>"
    ways = (
        flows("hot g")
        + f'<bpmn:sequenceFlow id="g_a" sourceRef="g" targetRef="a">{never}</bpmn:sequenceFlow>'
        + f'<bpmn:sequenceFlow id="g_b" sourceRef="g" targetRef="b">{never.replace("0", "-5")}</bpmn:sequenceFlow>'
    )
    stuck = HOT.format("degrees &gt; 27").replace(flows("hot cool"), "").replace('<bpmn:userTask id="cool"/>', "")
    house.engine.publish(Bundle({"q.bpmn": diagram(stuck + decision + ways, key="q")}), by=SYSTEM)
    with pytest.raises(ExecutionError, match="no condition on its flows is true"):
        house.engine.announce({"degrees": 30})
    assert house.engine.instances(by=SYSTEM).total == 0


def test_nobody_starts_it_by_hand(house: Installation) -> None:
    """It is for whoever announces."""
    publish(house, "degrees &gt; 27")
    assert house.engine.startable(ANN) == []


def test_announcement_does_not_pass_for_a_record(house: Installation) -> None:
    """What the business key is made of is for the process."""
    body = properties(register="ticket", business_key="number") + HOT.format("number = 3")
    house.engine.publish(Bundle({"p.bpmn": diagram(body)}), by=SYSTEM)
    with pytest.raises(ExecutionError, match="may not set number"):
        house.engine.announce({"number": 3})
