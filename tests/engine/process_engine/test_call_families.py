"""Many calls: side by side, in each other, of versions and records; and what a crash leaves of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import SYSTEM, Bundle, ExecutionError, InstanceState, InvalidDiagram
from tests.engine.diagrams import diagram, flows, properties
from tests.engine.process_engine import handlers
from tests.engine.process_engine.calling import (
    ASK,
    AT_ONCE,
    BARS,
    PARALLEL,
    boundary,
    call,
    calling,
    child_of,
    do,
    line,
    open_in,
    publish,
    see,
    when,
)
from tests.engine.process_engine.installation import ADMIN, ANN, EVE, Installation, form, open_installation, registry
from tests.engine.process_engine.invariants import check_invariants
from tests.engine.process_engine.test_crashes import kill_at


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


BEFORE = '<bpmn:startEvent id="start"/><bpmn:userTask id="ask"/>' + call("child") + flows("start ask", "ask call")
MESSAGE_START = '<bpmn:startEvent id="start"><bpmn:messageEventDefinition messageRef="M1"/></bpmn:startEvent>'
BY_MESSAGE = AT_ONCE.replace('<bpmn:startEvent id="start"/>', MESSAGE_START)


def test_a_change_that_would_break_callers_in_force_is_refused(house: Installation) -> None:
    """It names the caller; published together with one that calls it no more, it is fine."""
    publish(house, caller=calling(call("child")), child=ASK)
    with pytest.raises(InvalidDiagram, match="The published process caller calls this one"):
        publish(house, child=BY_MESSAGE)
    publish(house, child=BY_MESSAGE, caller=ASK)


def test_a_caller_stays_loadable_whatever_becomes_of_its_callee(house: Installation) -> None:
    """An older version is read again without its callees; the call is refused when it would begin."""
    publish(house, caller=BEFORE, child=ASK)
    case = house.engine.start("caller", by=ANN).id
    publish(house, caller=ASK, child=BY_MESSAGE)
    house.engine._library._loaded.clear()
    house.engine.load()
    with pytest.raises(ExecutionError, match="wait for nothing"):
        do(house, case, "ask")
    assert open_in(house, case) == ["ask"]


def test_relatives_are_shown_to_those_who_may_see_them(house: Installation) -> None:
    """A called case is judged by its own process's rules, as any: whoever began the caller has not begun it."""
    files = {
        "caller.bpmn": diagram(calling(call("child")), key="caller", lane="visitor"),
        "child.bpmn": diagram(ASK, key="child"),
    }
    house.engine.publish(Bundle(files), by=SYSTEM)
    case = house.engine.start("caller", by=EVE).id
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


def test_next_tasks_are_those_of_the_whole_family(house: Installation) -> None:
    """Whoever brings the caller to the call sees the called case's task, and whoever ends that the caller's next."""
    publish(house, caller=BEFORE, child=ASK)
    begun = house.engine.start("caller", by=ANN)
    first = house.engine.complete_task(begun.tasks[0].id, {}, by=ANN)
    assert [(t.element.id, t.may_complete) for t in first.next_tasks] == [("x", True)]
    publish(house, caller=calling(call("child")))
    other = house.engine.start("caller", by=ANN)
    assert other.tasks == ()
    done = house.engine.complete_task(child_of(house, other.id).tasks[0].id, {}, by=ANN)
    assert [(t.element.id, t.instance_id) for t in done.next_tasks] == [("after", other.id)]


RECORDED = properties(register="things", business_key="number")


def test_case_with_a_register_does_not_pass_for_its_caller(house: Installation) -> None:
    """What its business key is made of doesn't come with everything, and doesn't go back with it."""
    scripts = "".join(
        f'<bpmn:scriptTask id="{at}" scriptFormat="feel">{properties(result=name)}<bpmn:script>{value}</bpmn:script>'
        "</bpmn:scriptTask>"
        for at, name, value in (("x", "number", '"B-1"'), ("y", "n", "2"))
    )
    child = '<bpmn:startEvent id="start"/>' + scripts + flows("start x", "x y")
    files = {
        "caller.bpmn": diagram(RECORDED + calling(call("child")), key="caller"),
        "child.bpmn": diagram(RECORDED + child, key="child"),
    }
    house.engine.publish(Bundle(files), by=SYSTEM)
    case = house.engine.start("caller", variables={"number": "A-1", "n": 1}, by=ANN).id
    assert child_of(house, case).business_key == "B-1"
    assert (see(house, case).business_key, see(house, case).variables) == ("A-1", {"number": "A-1", "n": 2})


def test_values_that_only_the_other_process_reads_pass(house: Installation) -> None:
    """Form values that stay on record elsewhere are variables where a call takes them across."""
    asked = '<bpmn:userTask id="ask">' + properties(form="said") + "</bpmn:userTask>"
    caller = '<bpmn:startEvent id="start"/>' + asked + call("child") + '<bpmn:userTask id="after"/>'
    files = {
        "caller.bpmn": diagram(RECORDED + caller + flows("start ask", "ask call", "call after"), key="caller"),
        "child.bpmn": diagram(RECORDED + line(asked.replace('id="ask"', 'id="x"')), key="child"),
    }
    house.engine.publish(Bundle(files, forms={"said.json": form("said", "word")}), by=SYSTEM)
    case = house.engine.start("caller", by=ANN).id
    do(house, case, "ask", word="in")
    child = child_of(house, case)
    assert child.variables == {"word": "in"}
    do(house, child.id, "x", word="out")
    assert see(house, case).variables == {"word": "out"}


def inside(kind: str) -> str:
    """The call in a scope of the caller's."""
    trigger = '<bpmn:messageEventDefinition messageRef="M1"/>' if kind == "event sub-process" else ""
    part = f'<bpmn:startEvent id="s">{trigger}</bpmn:startEvent>' + call("child") + flows("s call")
    if trigger:
        around = f'<bpmn:userTask id="part"/><bpmn:subProcess id="h" triggeredByEvent="true">{part}</bpmn:subProcess>'
    else:
        bars = PARALLEL.replace("50", "2") if kind == "multi-instance" else ""
        around = f'<bpmn:subProcess id="part">{bars}{part}</bpmn:subProcess>'
    return '<bpmn:startEvent id="start"/>' + around + flows("start part")


@pytest.mark.parametrize(("kind", "count"), [("sub-process", 1), ("multi-instance", 2), ("event sub-process", 1)])
def test_calls_work_in_every_scope(house: Installation, kind: str, count: int) -> None:
    """The caller is completed when the last called case is; one that is ended takes them all with it."""
    publish(house, caller=inside(kind), child=ASK)
    ended, done = (house.engine.start("caller", by=ANN).id for _ in range(2))
    if kind == "event sub-process":
        for _ in range(2):
            house.engine.correlate("paid")
    for case in (ended, done):
        assert len([c for c in see(house, case).children if c.state is InstanceState.ACTIVE]) == count
    for child in see(house, done).children:
        do(house, child.id, "x")
    house.engine.cancel_instance(ended, reason="over", by=ADMIN)
    assert see(house, done).state is InstanceState.COMPLETED
    assert {c.state for c in see(house, ended).children} == {InstanceState.CANCELLED}


def test_trouble_of_a_called_case_is_not_the_senders(house: Installation) -> None:
    """A message whose receiver calls what can't go on stays in the inbox, at fault; its sender goes on."""
    on_message = '<bpmn:startEvent id="start"><bpmn:messageEventDefinition messageRef="M1"/></bpmn:startEvent>'
    receiver = on_message + call("child") + flows("start call")
    stuck = '<bpmn:startEvent id="start"/><bpmn:exclusiveGateway id="x"/><bpmn:task id="a"/><bpmn:task id="b"/>'
    stuck += flows("start x") + when("f", "x", "a", "n = 1") + when("g", "x", "b", "n = 2")
    sender = '<bpmn:startEvent id="start"/><bpmn:sendTask id="tell" messageRef="M1"/><bpmn:userTask id="y"/>'
    publish(house, receiver=receiver, child=stuck, sender=sender + flows("start tell", "tell y"))
    case = house.engine.start("sender", by=ANN)
    assert open_in(house, case.id) == ["y"]
    assert house.engine.instances(key="receiver").total == house.engine.instances(key="child").total == 0
    (message,) = house.engine.messages()
    assert "x" in (message.fault or "")


@pytest.mark.parametrize(("point", "begun"), [("before commit", 0), ("after commit", 1)])
def test_kill_leaves_no_call_half_begun(house: Installation, tmp_path: Path, point: str, begun: int) -> None:
    """Either the task is open and there is no child, or the child is there and its caller waits for it."""
    publish(house, caller=BEFORE, child=ASK)
    house.engine.start("caller", by=ANN)
    kill_at(tmp_path, point)
    again = open_installation(tmp_path, registry(handlers))
    assert again.engine.instances(key="child").total == begun
    check_invariants(again)


@pytest.mark.parametrize(("point", "ended"), [("before commit", False), ("after commit", True)])
def test_kill_leaves_no_return_half_done(house: Installation, tmp_path: Path, point: str, ended: bool) -> None:
    """Either the child's task is open, or the caller has gone on."""
    publish(house, caller=calling(call("child")), child=ASK)
    case = house.engine.start("caller", by=ANN).id
    kill_at(tmp_path, point)
    again = open_installation(tmp_path, registry(handlers))
    assert [t.element.id for t in again.engine.tasks(ANN, scope="all")] == (["after"] if ended else ["x"])
    check_invariants(again)
    if not ended:
        do(again, child_of(again, case).id, "x")
    do(again, case, "after")
    assert see(again, case).state is InstanceState.COMPLETED


def test_process_that_says_what_it_takes_is_given_that(house: Installation) -> None:
    """By the ioSpecification of the called process: of everything only its inputs go in, only its outputs come out."""
    data = (
        '<bpmn:ioSpecification><bpmn:dataInput id="di" name="n"/><bpmn:dataOutput id="do" name="r"/><bpmn:inputSet>'
        "<bpmn:dataInputRefs>di</bpmn:dataInputRefs></bpmn:inputSet><bpmn:outputSet><bpmn:dataOutputRefs>do"
        "</bpmn:dataOutputRefs></bpmn:outputSet></bpmn:ioSpecification>"
    )
    publish(house, caller=calling(call("child")), child=data + ASK)
    case = house.engine.start("caller", variables={"n": 1, "other": 2}, by=ANN).id
    child = child_of(house, case)
    assert child.variables.get("n") == 1
    assert "other" not in child.variables
    do(house, child.id, "x", r=3, more=4)
    assert see(house, case).variables == {"n": 1, "other": 2, "r": 3}
