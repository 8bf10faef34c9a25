"""Conditional events in stored cases."""

from __future__ import annotations

import pytest

from engine import SYSTEM, Bundle, InstanceState, NotAllowed
from tests.engine.diagrams import diagram, flows
from tests.engine.process_engine.installation import ADMIN, EVE, Installation

CONDITION = "<bpmn:conditionalEventDefinition><bpmn:condition>ready</bpmn:condition></bpmn:conditionalEventDefinition>"
WAITER = (
    f'<bpmn:startEvent id="start"/><bpmn:intermediateCatchEvent id="wait">{CONDITION}</bpmn:intermediateCatchEvent>'
    + flows("start wait")
)


def test_process_owner_lets_a_waiting_case_go_on(house: Installation) -> None:
    """A case that waits for a condition alone is kept, and moves when a variable is corrected; by nobody else."""
    house.engine.publish(Bundle({"p.bpmn": diagram(WAITER)}), by=SYSTEM)
    case = house.engine.start("p", by=SYSTEM)
    assert case.is_active
    with pytest.raises(NotAllowed):
        house.engine.set_variables(case.id, {"ready": True}, by=EVE)
    assert house.engine.set_variables(case.id, {"ready": False}, by=ADMIN).is_active
    assert house.engine.set_variables(case.id, {"ready": True}, by=ADMIN).state is InstanceState.COMPLETED
