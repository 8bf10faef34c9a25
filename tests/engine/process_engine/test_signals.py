"""Signals between cases: to all who wait, in the transaction of whoever threw it."""

from __future__ import annotations

import pytest

from engine import SYSTEM, Bundle, ExecutionError, InstanceState
from tests.engine.diagrams import diagram, flows, properties
from tests.engine.process_engine.installation import Installation

EXTRA = '<bpmn:signal id="g" name="alarm"/>'
ALARM = '<bpmn:signalEventDefinition signalRef="g"/>'


def catching(inner: str = "") -> str:
    """A process that waits for the signal, and then does something."""
    return (
        f'<bpmn:startEvent id="start"/><bpmn:intermediateCatchEvent id="wait">{ALARM}</bpmn:intermediateCatchEvent>'
        + (inner or '<bpmn:task id="then"/>')
        + '<bpmn:endEvent id="end"/>'
        + flows("start wait", "wait then", "then end")
    )


THROWER = (
    '<bpmn:startEvent id="start"/><bpmn:intermediateThrowEvent id="tell">'
    + properties(payload="{level: 3}")
    + f'{ALARM}</bpmn:intermediateThrowEvent><bpmn:endEvent id="end"/>'
    + flows("start tell", "tell end")
)
BEGUN = f'<bpmn:startEvent id="rung">{ALARM}</bpmn:startEvent><bpmn:userTask id="look"/>' + flows("rung look")
ENDLESS = f'<bpmn:startEvent id="rung">{ALARM}</bpmn:startEvent><bpmn:endEvent id="again">{ALARM}</bpmn:endEvent>'
FAILING = '<bpmn:exclusiveGateway id="then"/><bpmn:task id="other"/>'


def publish(house: Installation, **bodies: str) -> None:
    """Publish processes by key."""
    files = {f"{key}.bpmn": diagram(body, key=key, extra=EXTRA) for key, body in bodies.items()}
    house.engine.publish(Bundle(files), by=SYSTEM)


def test_signal_reaches_all_cases_and_begins_new_ones(house: Installation) -> None:
    """Thrown by one case: every waiting one goes on, each signal start event begins one."""
    publish(house, catcher=catching(), thrower=THROWER, begun=BEGUN)
    cases = [house.engine.start("catcher", by=SYSTEM).id for _ in range(3)]
    house.engine.start("thrower", by=SYSTEM)
    ended = [house.engine.instance(case, by=SYSTEM) for case in cases]
    assert {(case.state, case.variables["level"]) for case in ended} == {(InstanceState.COMPLETED, 3)}
    (begun,) = house.engine.instances(key="begun").items
    assert house.engine.instance(begun.id, by=SYSTEM).variables == {"level": 3}


def test_signal_from_outside_is_kept_for_nobody(house: Installation) -> None:
    """Who comes to wait later waits for the next one."""
    publish(house, catcher=catching())
    assert house.engine.broadcast("alarm") == ()
    case = house.engine.start("catcher", by=SYSTEM)
    assert case.is_active
    assert house.engine.broadcast("other") == ()
    assert house.engine.broadcast("alarm", {"level": 1}) == (case.id,)
    assert house.engine.instance(case.id, by=SYSTEM).state is InstanceState.COMPLETED


def test_only_the_newest_version_is_begun(house: Installation) -> None:
    """An older version's start event listens no more."""
    publish(house, begun=BEGUN)
    publish(house, begun=BEGUN.replace('id="look"', 'id="look" name="Look"'))
    assert len(house.engine.broadcast("alarm")) == 1


def test_case_in_trouble_keeps_no_other_from_the_signal(house: Installation) -> None:
    """Its step alone is undone, it waits on, and its history tells of it."""
    condition = (
        '<bpmn:sequenceFlow id="c" sourceRef="then" targetRef="other">'
        "<bpmn:conditionExpression>ready = true</bpmn:conditionExpression></bpmn:sequenceFlow>"
    )
    failing = catching(FAILING + condition).replace(
        '<bpmn:sequenceFlow id="then_end" sourceRef="then" targetRef="end"/>',
        '<bpmn:sequenceFlow id="d" sourceRef="then" targetRef="end">'
        "<bpmn:conditionExpression>ready = false</bpmn:conditionExpression></bpmn:sequenceFlow>",
    )
    publish(house, failing=failing, catcher=catching())
    stuck, well = (house.engine.start(key, by=SYSTEM).id for key in ("failing", "catcher"))
    assert house.engine.broadcast("alarm") == (well,)
    assert "signal_failed" in [entry.kind for entry in house.engine.history(stuck)]
    assert house.engine.instance(stuck, by=SYSTEM).is_active
    assert house.engine.broadcast("alarm", {"ready": True}) == (stuck,)


def test_process_that_can_not_begin_by_a_signal_from_outside_is_told(house: Installation) -> None:
    """There is no case whose history could tell of it; so the sender hears of it, and nobody was reached."""
    ways = "".join(
        f'<bpmn:sequenceFlow id="w{n}" sourceRef="which" targetRef="t{n}">'
        f"<bpmn:conditionExpression>level = {n}</bpmn:conditionExpression></bpmn:sequenceFlow>"
        for n in (1, 2)
    )
    stuck = f'<bpmn:startEvent id="rung">{ALARM}</bpmn:startEvent><bpmn:exclusiveGateway id="which"/>'
    stuck += '<bpmn:userTask id="t1"/><bpmn:userTask id="t2"/>' + flows("rung which") + ways
    publish(house, stuck=stuck, catcher=catching())
    waiting = house.engine.start("catcher", by=SYSTEM).id
    with pytest.raises(ExecutionError, match="no condition on its flows is true"):
        house.engine.broadcast("alarm", {"level": 3})
    assert house.engine.instance(waiting, by=SYSTEM).is_active
    assert len(house.engine.broadcast("alarm", {"level": 2})) == 2


def test_signals_without_end_are_stopped(house: Installation) -> None:
    """A process that begins itself again is refused at run time, and nothing is stored."""
    publish(house, endless=ENDLESS + flows("rung again"))
    with pytest.raises(ExecutionError, match="without end"):
        house.engine.broadcast("alarm")
    assert not house.engine.instances().items
