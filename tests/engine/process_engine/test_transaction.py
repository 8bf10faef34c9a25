"""What is never stored: a case that waits for nothing, a step over an older revision, half of anything."""

from __future__ import annotations

import pytest

from engine import SYSTEM, Bundle, ExecutionError, InstanceState, StaleInstance
from engine.acts.transaction import Case, Transaction
from engine.steps import Step
from tests.engine.diagrams import diagram, flows
from tests.engine.process_engine.installation import ANN, Installation

BODY = '<bpmn:startEvent id="s"/><bpmn:userTask id="ask"/><bpmn:endEvent id="e"/>' + flows("s ask", "ask e")


def take_dead_step(case: Case, *, depth: int = 1) -> None:
    """Take a step after which the case is active and waits for nothing."""
    row = case.row
    case.take(Step(row.snapshot, InstanceState.ACTIVE, None, {"half": True}, (), (), (), (), (), (), depth))


def test_case_that_waits_for_nothing_is_never_stored(house: Installation) -> None:
    """A silent dead end is refused, and everything that went before it in the act is undone."""
    house.engine.publish(Bundle({"p.bpmn": diagram(BODY)}), by=SYSTEM)
    case_id = house.engine.start("p", by=ANN).id

    def act(transaction: Transaction) -> None:
        case = transaction.case(case_id)
        take_dead_step(case)
        transaction.save(case)

    with pytest.raises(ExecutionError, match=f"Case {case_id} of p would wait for nothing"):
        house.engine._acts.carry_out(act, actor=None)
    assert house.engine.instance(case_id, by=ANN).variables == {}


def test_act_that_meets_a_conflict_is_tried_again(house: Installation) -> None:
    """Twice stale, the third time right: the act succeeds; always stale: its person hears of it."""
    tries = []

    def act(transaction: Transaction) -> str:
        tries.append(transaction)
        if len(tries) < 3:
            raise StaleInstance("moved on")
        return "done"

    assert house.engine._acts.carry_out(act, actor=None) == "done"

    def never(transaction: Transaction) -> None:
        tries.append(transaction)
        raise StaleInstance("moved on")

    tries.clear()
    with pytest.raises(StaleInstance):
        house.engine._acts.carry_out(never, actor=None)
    assert len(tries) == 3
