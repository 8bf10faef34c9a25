"""Calls between cases: a called process is a case of its own, in the transaction of whoever moves the other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import Conflict, ExecutionError, InstanceState
from tests.engine.diagrams import flows
from tests.engine.process_engine import handlers
from tests.engine.process_engine.calling import (
    ASK,
    AT_ONCE,
    ERROR,
    ON_ERROR,
    ON_ESCALATION,
    boundary,
    call,
    calling,
    child_of,
    do,
    kinds,
    line,
    open_in,
    publish,
    see,
    when,
)
from tests.engine.process_engine.installation import ADMIN, ANN, Installation


def test_called_process_is_a_case_of_its_own(house: Installation) -> None:
    """It has its own tasks, variables and history; the caller waits for it and goes on with what it changed."""
    publish(house, caller=calling(call("child")), child=ASK)
    case = house.engine.start("caller", variables={"amount": 5}, by=ANN)
    child = child_of(house, case.id)
    assert (child.definition.key, child.parent_id, child.variables) == ("child", case.id, {"amount": 5})
    assert child.parent is not None
    assert (child.parent.id, child.parent.element.id) == (case.id, "call")
    assert (open_in(house, case.id), open_in(house, child.id)) == ([], ["x"])
    assert house.engine.diagram_state(case.id)["elements"]["call"]["status"] == "active"
    do(house, child.id, "x", amount=7, approved=True)
    assert see(house, child.id).state is InstanceState.COMPLETED
    assert see(house, case.id).variables == {"amount": 7, "approved": True}
    assert open_in(house, case.id) == ["after"]
    called, finished = [e for e in house.engine.history(case.id) if e.kind in ("called", "call_finished")]
    assert called.details == {"instance": child.id, "process": "child", "version": 1}
    assert finished.details == {"instance": child.id, "outputs": {"amount": 7, "approved": True}}


def test_call_that_needs_nobody_is_over_in_the_same_act(house: Installation) -> None:
    """The child completes within the caller's step."""
    publish(house, caller=calling(call("child")), child=AT_ONCE)
    case = house.engine.start("caller", by=ANN)
    assert open_in(house, case.id) == ["after"]
    assert child_of(house, case.id).state is InstanceState.COMPLETED


def test_inputs_and_outputs_are_all_that_passes(house: Installation) -> None:
    """With both given, nothing else crosses the border."""
    activity = call(
        "child", inputs="{n: amount * 2}", outputs="{total: n + extra}", business_key='"K-" + string(amount)'
    )
    publish(house, caller=calling(activity), child=ASK)
    case = house.engine.start("caller", variables={"amount": 5, "secret": True}, by=ANN)
    child = child_of(house, case.id)
    assert (child.variables, child.business_key) == ({"n": 10}, "K-5")
    do(house, child.id, "x", extra=1)
    assert see(house, case.id).variables == {"amount": 5, "secret": True, "total": 11}


def test_error_that_nothing_in_the_child_catches_is_caught_at_the_call(house: Installation) -> None:
    """The child has failed, visibly; the caller goes on behind the boundary event."""
    more = boundary(ON_ERROR)
    publish(house, caller=calling(call("child"), more, "border caught"), child=line('<bpmn:userTask id="x"/>', ERROR))
    case = house.engine.start("caller", by=ANN)
    child = child_of(house, case.id)
    do(house, child.id, "x")
    assert see(house, child.id).state is InstanceState.FAILED
    assert open_in(house, case.id) == ["caught"]
    (failed,) = [e for e in house.engine.history(case.id) if e.kind == "call_failed"]
    assert failed.details == {"instance": child.id, "code": "NO", "message": ""}


def test_error_travels_to_the_grandparents(house: Installation) -> None:
    """It goes outward until somebody catches it; those between have failed."""
    more = boundary(ON_ERROR)
    publish(
        house,
        top=calling(call("middle"), more, "border caught"),
        middle=calling(call("child")),
        child=line('<bpmn:userTask id="x"/>', ERROR),
    )
    top = house.engine.start("top", by=ANN).id
    middle = child_of(house, top).id
    child = child_of(house, middle).id
    do(house, child, "x")
    assert [see(house, case).state.value for case in (child, middle, top)] == ["failed", "failed", "active"]
    assert open_in(house, top) == ["caught"]


def test_error_that_nobody_catches_fails_all_visibly(house: Installation) -> None:
    """Both end as failed, and both histories say so."""
    publish(house, caller=calling(call("child")), child=line('<bpmn:task id="x"/>', ERROR))
    case = house.engine.start("caller", by=ANN).id
    child = child_of(house, case).id
    assert {see(house, one).state for one in (case, child)} == {InstanceState.FAILED}
    assert "error_uncaught" in kinds(house, case)
    assert "error_uncaught" in kinds(house, child)


ESCALATES = (
    '<bpmn:startEvent id="start"/><bpmn:intermediateThrowEvent id="x">' + ON_ESCALATION
    + '</bpmn:intermediateThrowEvent><bpmn:serviceTask id="note" implementation="ledger.write"/>'
    '<bpmn:userTask id="go_on"/>' + flows("start x", "x note", "note go_on")
)  # fmt: skip


def test_escalation_of_a_child_reaches_a_border_that_does_not_interrupt(house: Installation) -> None:
    """Both go on; each escalation is told in both histories."""
    more = boundary(ON_ESCALATION, cancel=False)
    publish(house, caller=calling(call("child"), more, "border caught"), child=ESCALATES)
    case = house.engine.start("caller", by=ANN).id
    child = child_of(house, case).id
    assert (open_in(house, case), open_in(house, child)) == (["caught"], ["go_on"])
    assert "escalation_passed_on" in kinds(house, child)
    do(house, child, "go_on")
    assert open_in(house, case) == ["after", "caught"]


def test_interrupting_escalation_stops_the_child_at_once(house: Installation) -> None:
    """What comes after the throwing event is not done: the ledger stays empty."""
    more = boundary(ON_ESCALATION)
    publish(house, caller=calling(call("child"), more, "border caught"), child=ESCALATES)
    case = house.engine.start("caller", by=ANN).id
    assert child_of(house, case).state is InstanceState.CANCELLED
    assert open_in(house, case) == ["caught"]
    assert house.ledger() == []


def test_escalation_reaches_the_grandparents(house: Installation) -> None:
    """Caught two cases further out and interrupting there, it stops both below."""
    more = boundary(ON_ESCALATION)
    publish(house, top=calling(call("middle"), more, "border caught"), middle=calling(call("child")), child=ESCALATES)
    top = house.engine.start("top", by=ANN).id
    middle = child_of(house, top)
    assert middle.state is InstanceState.CANCELLED
    assert child_of(house, middle.id).state is InstanceState.CANCELLED
    assert open_in(house, top) == ["caught"]
    assert house.ledger() == []


def test_terminate_ends_the_child_only(house: Installation) -> None:
    """For the caller that is an ordinary end."""
    end = '<bpmn:endEvent id="end"><bpmn:terminateEventDefinition/></bpmn:endEvent>'
    publish(house, caller=calling(call("child")), child=line('<bpmn:task id="x"/>', end))
    assert open_in(house, house.engine.start("caller", by=ANN).id) == ["after"]


def test_timer_at_the_border_cancels_the_child_with_all_below(house: Installation) -> None:
    """The grandchild's task is gone, too."""
    timer = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>"
    publish(
        house,
        top=calling(call("middle"), boundary(timer), "border caught"),
        middle=calling(call("child")),
        child=ASK,
    )
    top = house.engine.start("top", by=ANN).id
    middle = child_of(house, top).id
    child = child_of(house, middle).id
    house.clock.advance(timedelta(hours=1))
    assert house.engine.run_due().timers == 1
    assert [see(house, case).state.value for case in (middle, child)] == ["cancelled", "cancelled"]
    assert [t.element.id for t in house.engine.tasks(ANN, scope="all")] == ["caught"]
    assert kinds(house, child)[-1] == "cancelled_by_caller"


def test_ending_the_caller_by_hand_ends_what_it_called(house: Installation) -> None:
    """The reason stands in all their histories."""
    publish(house, caller=calling(call("child")), child=ASK)
    case = house.engine.start("caller", by=ANN).id
    child = child_of(house, case).id
    house.engine.cancel_instance(case, reason="duplicate", by=ADMIN)
    assert see(house, child).state is InstanceState.CANCELLED
    assert house.engine.history(child)[-1].details == {"instance": case, "reason": "duplicate"}


def test_ending_a_called_case_by_hand_is_refused(house: Installation) -> None:
    """Its caller would wait for ever; the remedy is named."""
    publish(house, top=calling(call("middle")), middle=calling(call("child")), child=ASK)
    top = house.engine.start("top", by=ANN).id
    child = child_of(house, child_of(house, top).id).id
    with pytest.raises(Conflict, match=f"end case {top} instead"):
        house.engine.cancel_instance(child, reason="enough", by=ADMIN)
    assert see(house, child).is_active


def test_a_child_that_cannot_begin_loses_nothing(house: Installation) -> None:
    """The act is refused with the reason; the caller's task is open as before."""
    gateway = '<bpmn:startEvent id="start"/><bpmn:exclusiveGateway id="x"/><bpmn:task id="a"/><bpmn:task id="b"/>'
    gateway += flows("start x") + when("f", "x", "a", "n = 1") + when("g", "x", "b", "n = 2")
    before = '<bpmn:startEvent id="start"/><bpmn:userTask id="ask"/>' + call("child") + flows("start ask", "ask call")
    publish(house, caller=before, child=gateway)
    case = house.engine.start("caller", by=ANN).id
    with pytest.raises(ExecutionError, match="x"):
        do(house, case, "ask", n=3)
    assert open_in(house, case) == ["ask"]
    assert house.engine.instances(key="child").total == 0
    do(house, case, "ask", n=2)
    assert see(house, case).state is InstanceState.COMPLETED


def test_a_failing_handler_in_a_child_costs_nobody_their_work(house: Installation) -> None:
    """It becomes a failed job of the child; the caller waits."""
    handlers.trouble["ledger.write"] = RuntimeError("no ink")
    publish(
        house, caller=calling(call("child")), child=line('<bpmn:serviceTask id="x" implementation="ledger.write"/>')
    )
    case = house.engine.start("caller", by=ANN).id
    (job,) = child_of(house, case).jobs
    handlers.trouble.clear()
    house.clock.advance(timedelta(minutes=1))
    assert house.engine.run_due().jobs == 1
    assert job.element.id == "x"
    assert open_in(house, case) == ["after"]
