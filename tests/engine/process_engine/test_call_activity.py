"""Calls between cases: a called process is a case of its own, in the transaction of whoever moves the other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import SYSTEM, Bundle, Conflict, ExecutionError, Instance, InstanceState, InvalidDiagram
from tests.engine.diagrams import diagram, flows, properties
from tests.engine.process_engine import handlers
from tests.engine.process_engine.installation import ADMIN, ANN, EVE, Installation

EXTRA = (
    '<bpmn:error id="E1" name="no" errorCode="NO"/><bpmn:escalation id="X1" name="late" escalationCode="LATE"/>'
    '<bpmn:message id="M1" name="paid"/>'
)


def call(key: str, inner: str = "", *, at: str = "call", **said: str) -> str:
    """A call activity with properties."""
    extension = properties(**said) if said else ""
    return f'<bpmn:callActivity id="{at}" calledElement="{key}">{extension}{inner}</bpmn:callActivity>'


def calling(activity: str, more: str = "", *pairs: str) -> str:
    """start → the call → after → end, and what is drawn beside."""
    return f'<bpmn:startEvent id="start"/>{activity}<bpmn:userTask id="after"/><bpmn:endEvent id="end"/>{more}' + flows(
        "start call", "call after", "after end", *pairs
    )


def boundary(definition: str, *, cancel: bool = True, at: str = "call") -> str:
    """An event at the border of the call that leads to the task `caught`."""
    return (
        f'<bpmn:boundaryEvent id="border" attachedToRef="{at}" cancelActivity="{str(cancel).lower()}">{definition}'
        '</bpmn:boundaryEvent><bpmn:userTask id="caught"/>'
    )


def line(middle: str, end: str = '<bpmn:endEvent id="end"/>') -> str:
    """start → x → end."""
    return f'<bpmn:startEvent id="start"/>{middle}{end}' + flows("start x", "x end")


ASK = line('<bpmn:userTask id="x"/>')
AT_ONCE = line('<bpmn:task id="x"/>')
ERROR = '<bpmn:endEvent id="end"><bpmn:errorEventDefinition errorRef="E1"/></bpmn:endEvent>'
ON_ERROR = '<bpmn:errorEventDefinition errorRef="E1"/>'
ON_ESCALATION = '<bpmn:escalationEventDefinition escalationRef="X1"/>'


def publish(house: Installation, **bodies: str) -> None:
    """Publish processes by key."""
    files = {f"{key}.bpmn": diagram(body, key=key, extra=EXTRA) for key, body in bodies.items()}
    house.engine.publish(Bundle(files), by=SYSTEM)


def see(house: Installation, case: int | None) -> Instance:
    """A case as it is now."""
    return house.engine.instance(case or 0, by=SYSTEM)


def child_of(house: Installation, case: int) -> Instance:
    """The newest case that a case has called."""
    return see(house, see(house, case).children[-1].id)


def do(house: Installation, case: int, element: str, **values: object) -> None:
    """Complete a task of a case."""
    (task,) = [t for t in see(house, case).tasks if t.element.id == element]
    house.engine.complete_task(task.id, values, by=ANN)


def open_in(house: Installation, case: int) -> list[str]:
    """The tasks open in a case."""
    return sorted(task.element.id for task in see(house, case).tasks)


def kinds(house: Installation, case: int) -> list[str]:
    """The kinds of a case's history."""
    return [entry.kind for entry in house.engine.history(case)]


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


def when(identity: str, source: str, target: str, condition: str) -> str:
    """A conditional flow."""
    return (
        f'<bpmn:sequenceFlow id="{identity}" sourceRef="{source}" targetRef="{target}"><bpmn:conditionExpression>'
        f"{condition}</bpmn:conditionExpression></bpmn:sequenceFlow>"
    )


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


BARS = "bpmn:multiInstanceLoopCharacteristics"
PARALLEL = f"<{BARS}><bpmn:loopCardinality>50</bpmn:loopCardinality></{BARS}>"


def test_fifty_children_side_by_side(house: Installation) -> None:
    """Each is a case; when the last has ended the caller goes on; none undoes what another gave back."""
    publish(house, caller=calling(call("child", PARALLEL, outputs="{done: n}", inputs="{n: loopCounter}")), child=ASK)
    case = house.engine.start("caller", by=ANN).id
    children = see(house, case).children
    assert [see(house, c.id).variables["n"] for c in children] == list(range(1, 51))
    for child in children:
        assert open_in(house, case) == []
        do(house, child.id, "x")
    assert open_in(house, case) == ["after"]
    assert see(house, case).variables == {"done": 50}


def test_children_one_after_the_other(house: Installation) -> None:
    """A sequential multi-instance calls the next when one has ended; those that need nobody pass in one act."""
    loop = '<bpmn:multiInstanceLoopCharacteristics isSequential="true"/>'
    said = {"collection": "items", "element_variable": "item", "output_collection": "found", "output_element": "twice"}
    activity = call("child", loop, **said, inputs="{item: item}", outputs="{twice: twice}")
    script = '<bpmn:scriptTask id="x" scriptFormat="feel">' + properties(result="twice")
    script += "<bpmn:script>item * 2</bpmn:script></bpmn:scriptTask>"
    publish(house, caller=calling(activity), child=line(script))
    case = house.engine.start("caller", variables={"items": [1, 2, 3]}, by=ANN).id
    assert see(house, case).variables["found"] == [2, 4, 6]
    assert len(see(house, case).children) == 3


def test_completion_condition_cancels_the_children_that_are_left(house: Installation) -> None:
    """They are no longer needed."""
    until = "<bpmn:completionCondition>ok</bpmn:completionCondition>"
    loop = PARALLEL.replace("50", "3").replace(f"</{BARS}>", f"{until}</{BARS}>")
    publish(house, caller=calling(call("child", loop)), child=ASK)
    case = house.engine.start("caller", by=ANN).id
    first, *others = see(house, case).children
    do(house, first.id, "x", ok=True)
    assert {see(house, c.id).state for c in others} == {InstanceState.CANCELLED}
    assert open_in(house, case) == ["after"]


def test_message_to_the_caller_that_interrupts_ends_the_child_that_sent_it(house: Installation) -> None:
    """Even out of the act that moves the child."""
    send = (
        '<bpmn:startEvent id="start"/><bpmn:userTask id="x"/><bpmn:sendTask id="tell" messageRef="M1">'
        + properties(correlation_key='"K"')
        + '</bpmn:sendTask><bpmn:userTask id="y"/>' + flows("start x", "x tell", "tell y")
    )  # fmt: skip
    on_message = properties(correlation_key='"K"') + '<bpmn:messageEventDefinition messageRef="M1"/>'
    publish(house, caller=calling(call("child"), boundary(on_message), "border caught"), child=send)
    case = house.engine.start("caller", by=ANN).id
    child = child_of(house, case).id
    (task,) = see(house, child).tasks
    done = house.engine.complete_task(task.id, {}, by=ANN)
    assert (done.instance.state, done.next_tasks) == (InstanceState.CANCELLED, ())
    assert open_in(house, case) == ["caught"]


def test_recursion_ends_where_the_diagram_says(house: Installation) -> None:
    """A process may call itself, on a way that a condition leaves."""
    publish(house, again=recursive("n >= 5"))
    house.engine.start("again", variables={"n": 0}, by=ANN)
    assert house.engine.instances(key="again").total == 6


def test_recursion_without_end_is_stopped(house: Installation) -> None:
    """At a depth that nobody draws; nothing is stored."""
    publish(house, again=recursive("n = -1"))
    with pytest.raises(ExecutionError, match="more than 50 deep"):
        house.engine.start("again", variables={"n": 0}, by=ANN)
    assert house.engine.instances().total == 0


def recursive(enough: str) -> str:
    """A process that calls itself with n + 1 until a condition holds."""
    return (
        '<bpmn:startEvent id="start"/><bpmn:exclusiveGateway id="more" default="more_call"/><bpmn:endEvent id="end"/>'
        + call("again", inputs="{n: n + 1}")
        + when("f", "more", "end", enough)
        + flows("start more", "more call", "call end")
    )


def test_calls_without_end_are_stopped(house: Installation) -> None:
    """A loop that calls again and again in one act is given up, and nothing is stored."""
    activity = call("child", PARALLEL.replace("50", "501"))
    publish(house, caller=calling(activity), child=AT_ONCE)
    with pytest.raises(ExecutionError, match="More than 500 calls"):
        house.engine.start("caller", by=ANN)
    assert house.engine.instances().total == 0


CHANGED = ASK.replace('id="x"', 'id="x" name="Look"')


def test_latest_is_the_newest_when_the_call_begins(house: Installation) -> None:
    """A version published meanwhile counts."""
    publish(house, caller=calling(call("child")), child=ASK)
    publish(house, child=CHANGED)
    case = house.engine.start("caller", by=ANN).id
    assert child_of(house, case).definition.version == 2


def test_deployment_is_the_newest_when_the_caller_was_published(house: Installation) -> None:
    """Published together counts as well, whichever comes first."""
    publish(house, child=AT_ONCE)
    publish(house, caller=calling(call("child", version="deployment")), child=ASK)
    publish(house, child=CHANGED)
    case = house.engine.start("caller", by=ANN).id
    assert child_of(house, case).definition.version == 2


def test_a_number_is_that_version(house: Installation) -> None:
    """One that isn't there is refused when the caller is published."""
    publish(house, child=ASK)
    publish(house, child=CHANGED, caller=calling(call("child", version="1")))
    case = house.engine.start("caller", by=ANN).id
    assert child_of(house, case).definition.version == 1
    with pytest.raises(InvalidDiagram, match="version 7"):
        publish(house, other=calling(call("child", version="7")))


def test_published_processes_may_be_called(house: Installation) -> None:
    """The callee need not be in the bundle; one that is nowhere is refused."""
    publish(house, child=ASK)
    publish(house, caller=calling(call("child")))
    with pytest.raises(InvalidDiagram, match="nowhere"):
        publish(house, other=calling(call("nowhere")))


def test_a_caller_stays_loadable_whatever_becomes_of_its_callee(house: Installation) -> None:
    """A version in force is read again without its callees; the call is refused when it would begin."""
    publish(house, caller=calling(call("child")), child=ASK)
    trigger = '<bpmn:startEvent id="start"><bpmn:messageEventDefinition messageRef="M1"/></bpmn:startEvent>'
    by_message = line('<bpmn:task id="x"/>').replace('<bpmn:startEvent id="start"/>', trigger)
    publish(house, child=by_message)
    house.engine._library._loaded.clear()
    house.engine.load()
    with pytest.raises(ExecutionError, match="wait for nothing"):
        house.engine.start("caller", by=ANN)


def test_relatives_are_shown_to_those_who_may_see_them(house: Installation) -> None:
    """A called case is judged by its own process's rules, as any."""
    files = {
        "caller.bpmn": diagram(calling(call("child")), key="caller", lane="visitor"),
        "child.bpmn": diagram(ASK, key="child"),
    }
    house.engine.publish(Bundle(files), by=SYSTEM)
    case = house.engine.start("caller", by=SYSTEM).id
    assert [c.definition.key for c in see(house, case).children] == ["child"]
    assert house.engine.instance(case, by=EVE).children == ()


def test_list_can_leave_out_what_was_called(house: Installation) -> None:
    """By default all are shown, and those called say so."""
    publish(house, caller=calling(call("child")), child=ASK)
    case = house.engine.start("caller", by=ANN).id
    assert [i.parent_id for i in house.engine.instances()] == [case, None]
    assert [i.id for i in house.engine.instances(roots=True)] == [case]


def test_business_key_finds_the_caller_first(house: Installation) -> None:
    """A child that works under its caller's key doesn't hide it."""
    body = properties(business_key="number") + calling(call("child", business_key="business_key"))
    named = diagram(body, key="caller")
    house.engine.publish(Bundle({"caller.bpmn": named, "child.bpmn": diagram(ASK, key="child")}), by=SYSTEM)
    case = house.engine.start("caller", variables={"number": "A-1"}, by=ANN).id
    assert child_of(house, case).business_key == "A-1"
    assert house.engine.instance_by_key("A-1").id == case
