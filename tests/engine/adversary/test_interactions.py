"""What one construct does inside, beside or at the border of another: BPMN 2.0.2 says it of each, so of both."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import ExecutionError
from engine.findings import Severity
from engine.intake import Examination
from tests.engine.data import into, objects, out, specification
from tests.engine.diagrams import flows, judge, model
from tests.engine.interpreter.drawing import (
    EXTRA,
    boundary,
    error,
    escalation,
    event,
    handling,
    message,
    node,
    nodes,
    signal,
    sub,
    timer,
    undo,
    undoable,
    when,
)
from tests.engine.interpreter.runs import Run
from tests.engine.interpreter.test_multi_instance import marker

CANCEL = "<bpmn:cancelEventDefinition/>"
CATCH = "intermediateCatchEvent"
DATA = '<bpmn:dataObject id="d" name="d"/>'


def build(body: str) -> Any:
    return model(body, extra=EXTRA)


def refused(body: str) -> list[tuple[str, str | None]]:
    """The rules that refuse a diagram, and where."""
    found: Examination = judge(body, extra=EXTRA)
    assert not found.ok
    return [(f.rule, f.element) for f in found.findings if f.severity is Severity.ERROR]


# --- conditions -----------------------------------------------------------------------------------------------------


def test_condition_reads_the_data_of_its_sub_process_whoever_writes() -> None:
    """It is asked from where it waits, also when a token outside has written (§10.4.1: visibility of data objects)."""
    inner = DATA + nodes(startEvent="s", userTask="t w") + flows("s t", "s w") + handling("h", when("d = 1 and n = 2"))
    body = nodes(startEvent="start", parallelGateway="f", userTask="o after") + sub("x", inner)
    run = Run(build(body + flows("start f", "f x", "f o", "o after"))).start(n=0).complete("t", d=1)
    assert run.open == ["o", "on_h", "w"]
    assert run.complete("o", n=2).open == ["after", "do_h"]


def test_condition_in_a_run_reads_the_item_of_the_run() -> None:
    """Two runs wait for the same condition over items of their own."""
    inner = nodes(startEvent="s", userTask="t") + event(CATCH, "c", when("n &gt; item")) + flows("s c", "c t")
    body = nodes(startEvent="start", parallelGateway="f", userTask="o after")
    body += node("subProcess", "x", marker() + inner, collection="[1, 5]", element_variable="item")
    run = Run(build(body + flows("start f", "f x", "f o", "o after"))).start(n=0)
    assert run.open == ["c", "c", "o"]
    assert run.complete("o", n=3).open == ["after", "c", "t"]


def test_condition_on_the_number_of_completed_runs_becomes_true() -> None:
    """The attributes of a multi-instance are data (Table 10.30)."""
    inner = nodes(startEvent="s", userTask="t") + flows("s t")
    inner += handling("h", when("numberOfCompletedInstances = 1"), cancel=False)
    body = nodes(startEvent="start", userTask="z") + node("subProcess", "x", marker(cardinality="2") + inner)
    run = Run(build(body + flows("start x", "x z"))).start()
    assert run.complete("t").open == ["do_h", "on_h", "t"]


def test_conditions_of_a_parallel_event_have_to_become_false_before_they_count_again() -> None:
    """§10.5.5, Conditional: at a border that goes on waiting, else it would go off without end."""
    pair = when("n = 1") + when("m = 1")
    border = f'<bpmn:boundaryEvent id="pb" attachedToRef="x" parallelMultiple="true" cancelActivity="false">{pair}'
    body = nodes(startEvent="start", userTask="x more") + border + "</bpmn:boundaryEvent>" + flows("start x", "pb more")
    run = Run(build(body)).start(n=1, m=1)
    assert run.open.count("more") == 1
    assert run.set(n=0).set(n=1).open.count("more") == 1
    assert run.set(m=0).set(m=1).open.count("more") == 2


# --- joins ----------------------------------------------------------------------------------------------------------


def test_inclusive_join_waits_for_what_a_multiple_border_event_has_undone_first() -> None:
    """The way goes on from the border to the join when all is undone: that token can still come (§13.4.3)."""
    inner = nodes(startEvent="s") + undoable("a") + event("endEvent", "er", error("E1")) + flows("s a", "a er")
    caught = f'<bpmn:boundaryEvent id="bb" attachedToRef="x">{error("E1") + signal("red")}</bpmn:boundaryEvent>'
    body = nodes(startEvent="start", parallelGateway="f", inclusiveGateway="j", userTask="o after m")
    body += sub("x", inner) + caught + flows("start f", "f x", "f o", "bb j", "o j", "j after", "x m")
    run = Run(build(body)).start().complete("a").complete("o")
    assert run.open == ["undo_a"]
    assert run.complete("undo_a").open == ["after"]


def test_inclusive_join_passes_once_for_each_token_of_a_quantity() -> None:
    """Two tokens on one flow: the first goes with the other flow's, the second alone, when nothing more can come."""
    body = nodes(startEvent="start", parallelGateway="f", inclusiveGateway="j", userTask="z o")
    body += node("userTask", "a", attributes='completionQuantity="2"', role="staff")
    run = Run(build(body + flows("start f", "f a", "f o", "a j", "o j", "j z"))).start().complete("a")
    assert run.open == ["o"]
    assert run.complete("o").open == ["z", "z"]


# --- event gateways -------------------------------------------------------------------------------------------------


def test_repeated_receive_task_behind_an_event_gateway_is_refused() -> None:
    """The first message decides; what more messages would mean nobody has drawn."""
    body = nodes(startEvent="start", eventBasedGateway="g", userTask="a") + event(CATCH, "c", signal("red"))
    body += node("receiveTask", "r", marker(cardinality="2"), 'messageRef="m_ping"')
    assert refused(body + flows("start g", "g r", "g c", "r a", "c a")) == [("event-gateway-target", "r")]


def test_repeated_receive_task_behind_a_gateway_that_begins_a_case_is_refused() -> None:
    """Its message would be lost: the case would wait for two more."""
    body = nodes(userTask="a") + node("eventBasedGateway", "g", attributes='instantiate="true"')
    body += node("receiveTask", "r", marker(cardinality="2"), 'messageRef="m_ping"') + event(
        CATCH, "c", message("pong")
    )
    assert refused(body + flows("g r", "g c", "r a", "c a")) == [("event-gateway-target", "r")]


# --- compensation and transactions ----------------------------------------------------------------------------------


def test_cancel_end_in_what_undoes_is_refused() -> None:
    """When a transaction's activity is undone, the transaction has completed or is being cancelled (§10.3.6)."""
    handler = nodes(startEvent="hs") + event("endEvent", "hc", CANCEL) + flows("hs hc")
    inner = nodes(startEvent="s") + undoable("a", handler="subProcess", inner=handler)
    inner += event("endEvent", "stop", CANCEL) + flows("s a", "a stop")
    body = nodes(startEvent="start", userTask="after sorry") + node("transaction", "t", inner)
    body += boundary("cancelled", "t", CANCEL) + flows("start t", "t after", "cancelled sorry")
    assert refused(body) == [("cancel-misplaced", "hc")]


def test_transaction_of_several_runs_in_an_event_sub_process_is_cancelled_as_a_whole() -> None:
    """What was done in any run is undone, the last first, before the way goes on; the process is left alone."""
    inner = nodes(startEvent="s", userTask="b") + undoable("a") + event("endEvent", "stop", CANCEL)
    inner += flows("s a", "a b", "b stop")
    trade = node("transaction", "t", marker(cardinality="2") + inner) + boundary("cancelled", "t", CANCEL)
    start = f'<bpmn:startEvent id="es" isInterrupting="false">{signal("red")}</bpmn:startEvent>'
    trade += nodes(userTask="sorry fine") + flows("es t", "cancelled sorry", "t fine")
    body = nodes(startEvent="start", userTask="w") + sub("e", start + trade, by_event=True) + flows("start w")
    run = Run(build(body)).start().signal("red").complete("a").complete("a")
    assert run.complete("b").open == ["es", "undo_a", "w"]
    assert run.complete("undo_a").complete("undo_a").open == ["es", "sorry", "w"]


def test_each_run_of_a_looping_sub_process_is_undone_with_its_own_data() -> None:
    """A compensation event sub-process sees the data as they were at completion (§10.7)."""
    start = f'<bpmn:startEvent id="cs">{undo()}</bpmn:startEvent>'
    handler = start + node("userTask", "u", role="staff", assignee="d") + flows("cs u")
    inner = DATA + nodes(startEvent="s", userTask="t") + flows("s t") + sub("ch", handler, by_event=True)
    loop = '<bpmn:standardLoopCharacteristics loopMaximum="2"/>'
    body = nodes(startEvent="start", userTask="z") + node("subProcess", "x", loop + inner)
    body += event("intermediateThrowEvent", "th", undo()) + flows("start x", "x th", "th z")
    run = Run(build(body)).start().complete("t", d="ann").complete("t", d="bob")
    assert run.wait("u").assignee == "bob"
    assert run.complete("u").wait("u").assignee == "ann"
    assert run.complete("u").open == ["z"]


def test_activity_with_a_completion_quantity_is_undone_once() -> None:
    """It has completed once, however many tokens it sent."""
    body = nodes(startEvent="start", userTask="z")
    body += undoable("a").replace('id="a"', 'id="a" completionQuantity="2"', 1)
    body += event("intermediateThrowEvent", "th", undo("a")) + flows("start a", "a th", "th z")
    run = Run(build(body)).start().complete("a")
    assert run.open == ["undo_a", "z"]
    assert run.complete("undo_a").open == ["z", "z"]


def test_compensation_thrown_in_one_run_undoes_what_that_run_did() -> None:
    """Each run is a scope of its own (Table 10.88)."""
    inner = nodes(startEvent="s", userTask="w") + undoable("a") + event("intermediateThrowEvent", "th", undo())
    inner += flows("s a", "a th", "th w")
    body = nodes(startEvent="start", userTask="z") + node("subProcess", "x", marker(cardinality="2") + inner)
    run = Run(build(body + flows("start x", "x z"))).start().complete("a")
    assert run.open == ["a", "undo_a"]
    assert run.complete("a").open == ["undo_a", "undo_a"]
    assert run.complete("undo_a").complete("undo_a").complete("w").complete("w").open == ["z"]


# --- ad-hoc sub-processes -------------------------------------------------------------------------------------------


def test_ad_hoc_sub_process_ends_though_its_only_activity_was_interrupted() -> None:
    """Nothing runs in it any more, and no completion condition asks for more."""
    inner = nodes(userTask="t") + boundary("late", "t", timer("Duration", "PT1H"))
    body = nodes(startEvent="start", userTask="after") + node("adHocSubProcess", "x", inner)
    assert Run(build(body + flows("start x", "x after"))).start().fire("late").open == ["after"]


# --- data -----------------------------------------------------------------------------------------------------------


def test_start_of_an_event_sub_process_cannot_write_to_its_own_data() -> None:
    """What comes with the event would be hidden by the data object, which begins with null."""
    output = '<bpmn:dataOutput id="o" name="o"/><bpmn:dataOutputAssociation><bpmn:sourceRef>o</bpmn:sourceRef>'
    output += "<bpmn:targetRef>r_d</bpmn:targetRef></bpmn:dataOutputAssociation>"
    start = f'<bpmn:startEvent id="es">{output}{message("ping")}</bpmn:startEvent>'
    work = nodes(userTask="z") + flows("es z")
    body = nodes(startEvent="start", userTask="w") + flows("start w")
    inside = sub("e", objects("d") + start + work, by_event=True)
    assert refused(body + inside) == [("data-too-late", "es")]
    around = Run(build(body + objects("d") + sub("e", start + work, by_event=True))).start()
    assert around.message("es", o="ann").variables == {"d": "ann"}


def test_event_sub_process_of_a_run_reads_the_inputs_of_the_whole() -> None:
    """The input of a multi-instance is visible in each of its runs, also to what an event begins there."""
    start = f'<bpmn:startEvent id="es" isInterrupting="false">{signal("red")}</bpmn:startEvent>'
    beside = sub("e", start + node("userTask", "u", role="staff", assignee="order") + flows("es u"), by_event=True)
    inner = nodes(startEvent="s", userTask="t") + flows("s t") + beside
    whole = specification("order") + into("src", "order") + marker(cardinality="2")
    body = nodes(startEvent="start", userTask="z") + objects("src") + node("subProcess", "x", whole + inner)
    run = Run(build(body + flows("start x", "x z"))).start(src="ann").signal("red")
    assert [w.assignee for w in run.step.waits if w.element.id == "u"] == ["ann", "ann"]


def output(name: str, target: str) -> str:
    """An event's data output and where it goes."""
    ends = f"<bpmn:sourceRef>o_{name}</bpmn:sourceRef><bpmn:targetRef>{target}</bpmn:targetRef>"
    declared = f'<bpmn:dataOutput id="o_{name}" name="{name}"/>'
    return f"{declared}<bpmn:dataOutputAssociation>{ends}</bpmn:dataOutputAssociation>"


def test_what_is_caught_goes_to_the_data_outputs_of_its_event() -> None:
    """An error or escalation carries its code and message (§10.5.1: data of events)."""
    inner = nodes(startEvent="s") + event("endEvent", "e", escalation("X1")) + flows("s e")
    body = nodes(startEvent="start", userTask="z") + objects("d") + sub("x", inner)
    caught = boundary("c", "x", output("code", "r_d") + escalation())
    assert Run(build(body + caught + flows("start x", "c z"))).start().variables == {"d": "X1"}


def test_escalation_thrown_by_the_runs_gives_its_result_too() -> None:
    """However it was thrown, the catching event's variable holds it."""
    thrown = '<bpmn:multiInstanceLoopCharacteristics behavior="None" noneBehaviorEventRef="late">'
    thrown += "<bpmn:loopCardinality>1</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
    definition = '<bpmn:escalationEventDefinition id="late" escalationRef="x_X1"/>'
    body = nodes(startEvent="start", userTask="z after") + node("userTask", "x", thrown, role="staff")
    body += boundary("c", "x", escalation("X1"), cancel=False, result="news") + flows("start x", "x after", "c z")
    run = Run(model(body, extra=EXTRA + definition)).start().complete("x")
    assert run.open == ["after", "z"]
    assert run.variables["news"] == {"code": "X1", "message": None}


def test_what_undoes_writes_the_data_around_and_not_those_of_the_activity() -> None:
    """A compensation activity stands outside: its results stay, whatever the activity called its own."""
    spec = specification("", "total") + out("total", "total")
    body = nodes(startEvent="start", userTask="z") + objects("total") + undoable("a", marker=spec)
    body += event("intermediateThrowEvent", "th", undo("a")) + flows("start a", "a th", "th z")
    run = Run(build(body)).start().complete("a", total=5).complete("undo_a", total=0)
    assert run.variables == {"total": 0}


def test_what_undoes_a_sub_process_does_not_see_into_it() -> None:
    """The data object of the sub-process hides the case's variable only inside."""
    handler = node("userTask", "u", attributes='isForCompensation="true"', role="staff", assignee="d")
    inner = DATA + nodes(startEvent="s", userTask="t") + flows("s t")
    body = nodes(startEvent="start", userTask="z") + sub("x", inner) + boundary("on", "x", undo()) + handler
    body += '<bpmn:association id="undoes" sourceRef="on" targetRef="u"/>'
    body += event("intermediateThrowEvent", "th", undo("x")) + flows("start x", "x th", "th z")
    run = Run(build(body)).start(d="ann").complete("t", d="bob")
    assert run.wait("u").assignee == "ann"
    assert run.complete("u", d="cyd").variables == {"d": "cyd"}


def test_signal_whose_handler_throws_it_again_is_stopped() -> None:
    """An event sub-process that doesn't interrupt would begin itself for ever: the step ends with its name."""
    start = f'<bpmn:startEvent id="es" isInterrupting="false">{signal("red")}</bpmn:startEvent>'
    again = start + event("intermediateThrowEvent", "th", signal("red")) + nodes(userTask="u") + flows("es th", "th u")
    body = nodes(startEvent="start", userTask="w") + flows("start w") + sub("e", again, by_event=True)
    run = Run(build(body)).start()
    with pytest.raises(ExecutionError, match="throws the signal “red” again"):
        run.signal("red")
