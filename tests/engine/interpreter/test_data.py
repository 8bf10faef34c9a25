"""Data objects, properties, inputs and outputs: BPMN 2.0.2, 10.4. Each case runs live, and saved and loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from engine.errors import BpmnError, ExecutionError
from engine.handlers import handler
from tests.engine.data import arrow, assign, bars, into, objects, out, specification
from tests.engine.diagrams import flows, handlers, model, properties
from tests.engine.interpreter.drawing import (
    EXTRA,
    boundary,
    error,
    handling,
    message,
    nodes,
    signal,
    sub,
    timer,
)
from tests.engine.interpreter.runs import Run


@dataclass(frozen=True)
class Numbers:
    """What is added."""

    a: int
    b: int = 0


@dataclass(frozen=True)
class Sum:
    """What comes out."""

    total: int


@handler("add")
def add(inputs: Numbers) -> Sum:
    """Add two numbers."""
    return Sum(inputs.a + inputs.b)


@handler("slow", external=True)
def slow(inputs: Numbers) -> Sum:
    """Add two numbers elsewhere."""
    return Sum(inputs.a + inputs.b)


def line(activity: str, extra: str = "", **given: Any) -> Any:
    """A process with one node `x`, and a task behind it."""
    body = nodes(startEvent="start", userTask="after", endEvent="end") + activity + extra
    return model(body + flows("start x", "x after", "after end"), extra=EXTRA, **given)


def task(inner: str, kind: str = "userTask", attributes: str = "", **own: str) -> str:
    extension = properties(role="staff", **own) if kind == "userTask" else properties(**own) if own else ""
    return f'<bpmn:{kind} id="x"{attributes}>{extension}{inner}</bpmn:{kind}>'


# --- data objects and properties ------------------------------------------------------------------------------------


def test_data_objects_of_a_process_are_variables_of_the_case() -> None:
    """They begin with null, or what they say; what the case is started with comes first."""
    data = objects("order total") + f'<bpmn:property id="p" name="rate">{properties(value="1 + 1")}</bpmn:property>'
    run = Run(line(task("") + data)).start(order=7)
    assert run.variables == {"order": 7, "total": None, "rate": 2}


def test_data_objects_of_a_sub_process_live_as_long_as_it() -> None:
    """They hide those around it of the same name, and nothing is left of them."""
    inner = nodes(startEvent="in", userTask="do", endEvent="out") + flows("in do", "do out") + objects("note")
    run = Run(line(sub("x", inner), objects("note"))).start(note="outer").set(other=1)
    run.complete("do", note="inner", other=2)
    assert run.open == ["after"]
    assert run.variables == {"note": "outer", "other": 2}
    assert run.fact("variables_set").details["changes"] == {"note": [None, "inner"], "other": [1, 2]}


def test_each_run_of_a_sub_process_has_data_of_its_own() -> None:
    """Multi-instance: no run sees another's data object."""
    twice = bars("<bpmn:loopCardinality>2</bpmn:loopCardinality>")
    inner = nodes(startEvent="in", userTask="first second", endEvent="out")
    inner += flows("in first", "first second", "second out") + objects("note")
    own = properties(output_collection="notes", output_element="note")
    body = f'<bpmn:subProcess id="x">{own}{twice}{inner}</bpmn:subProcess>'
    run = Run(line(body)).start().complete("first", note="a").complete("first", note="b")
    run.complete("second").complete("second")
    assert run.variables == {"notes": ["a", "b"]}


def test_event_sub_process_sees_the_data_of_the_scope_around_it() -> None:
    """Its handler stands in the sub-process that has the data."""
    inner = nodes(startEvent="in", userTask="do", endEvent="out") + flows("in do", "do out") + objects("note")
    body = sub("x", inner + handling("h", message("ping"), cancel=False))
    run = Run(line(body)).start().message("on_h").complete("do_h", note="seen")
    assert run.variables == {}
    assert run.complete("do").variables == {}


# --- inputs and outputs ---------------------------------------------------------------------------------------------


def test_inputs_and_outputs_of_a_script() -> None:
    """It reads its inputs; its value is its output, and only that leaves it."""
    inner = specification("amount", "total") + into("order", "amount", "order.amount") + out("total", "sum")
    script = task(inner + "<bpmn:script>amount * 2</bpmn:script>", "scriptTask", ' scriptFormat="feel"')
    run = Run(line(script, objects("order sum"))).start(order={"amount": 4}, amount=100)
    assert run.variables == {"order": {"amount": 4}, "amount": 100, "sum": 8}


def test_inputs_of_a_service_task_are_its_handlers_by_name() -> None:
    """And its outputs take what the handler returns by name; the rest stays inside."""
    inner = specification("a b", "total") + into("left", "a") + into("right", "b") + out("total", "sum", "total + 1")
    body = task(inner, "serviceTask", ' implementation="add"')
    run = Run(line(body, objects("left right sum"), handlers=handlers(add)), x=lambda a, b: {"total": a + b, "log": 1})
    run.start(left=2, right=3)
    assert run.world.performed == [("x", {"a": 2, "b": 3})]
    assert run.variables == {"left": 2, "right": 3, "sum": 6}


def test_outputs_of_a_user_task_are_what_leaves_it() -> None:
    """Its inputs are there for its assignee and form; what isn't declared stays inside."""
    inner = specification("who", "answer") + into("boss", "who") + out("answer", "decision")
    run = Run(line(task(inner, assignee="who"), objects("boss decision"))).start(boss="ann")
    assert run.wait("x").assignee == "ann"
    run.complete("x", answer="yes", scribble="…")
    assert run.variables == {"boss": "ann", "decision": "yes"}


def test_output_without_a_value_leaves_its_target() -> None:
    """An unavailable source is not copied."""
    inner = specification("", "answer") + out("answer", "decision")
    run = Run(line(task(inner), objects("decision"))).start(decision="old").complete("x")
    assert run.variables == {"decision": "old"}


def test_assignments_write_inside_of_data() -> None:
    """From a FEEL value to a place: an input, or an entry within a data object."""
    inner = specification("id", "total") + assign("Input", ("order.id", "i_id"))
    inner += assign("Output", ("total", "order.sum.net"), ('"EUR"', "r_order.sum.currency"))
    script = task(inner + "<bpmn:script>id + 1</bpmn:script>", "scriptTask")
    run = Run(line(script, objects("order"))).start(order={"id": 1, "sum": {"tax": 5}})
    assert run.variables == {"order": {"id": 1, "sum": {"tax": 5, "net": 2, "currency": "EUR"}}}


def test_activity_waits_until_its_inputs_have_values() -> None:
    """BPMN 10.4.2: it begins when one of its input sets is available, and not before; its border is not armed."""
    inner = specification("a b", optional="b") + into("left", "a") + into("right", "b")
    edge = boundary("edge", "x", timer("Duration", "PT1H")) + flows("edge after")
    run = Run(line(task(inner, assignee="a"), objects("left right") + edge)).start()
    assert run.open == ["x"]
    assert run.step.waits[0].__class__.__name__ == "ConditionWait"
    assert run.set(right=1).step.waits[0].__class__.__name__ == "ConditionWait"
    run.set(left="ann")
    assert run.open == ["edge", "x"]
    assert run.wait("x").assignee == "ann"
    assert run.set(left=None).complete("x").open == ["after"]


def test_service_that_waited_for_its_input_runs_in_the_step_that_brings_it() -> None:
    """A parallel branch writes it."""
    inner = specification("a") + into("left", "a")
    fork = "".join(f'<bpmn:parallelGateway id="{g}"/>' for g in ("fork", "join"))
    body = nodes(startEvent="start", userTask="ask", endEvent="end") + fork + objects("left")
    body += task(inner, "serviceTask", ' implementation="add"')
    body += flows("start fork", "fork x", "fork ask", "x join", "ask join", "join end")
    run = Run(model(body, handlers=handlers(add)), x=lambda a: {"total": a}).start()
    assert run.open == ["ask", "x"]
    assert run.complete("ask", left=4).state == "completed"
    assert run.variables == {"left": 4, "total": 4}


def test_error_from_a_task_that_waited_is_caught_at_its_border() -> None:
    """Beginning late changes nothing else."""
    inner = specification("a") + into("left", "a")
    edge = boundary("edge", "x", error("E1")) + flows("edge after")
    run = Run(
        line(task(inner, "serviceTask", ' implementation="add"'), objects("left") + edge, handlers=handlers(add)),
        x=_fails,
    )
    assert run.start().open == ["x"]
    assert run.set(left=1).open == ["after"]


def _fails(a: int) -> None:
    raise BpmnError("E1", "no")


def test_inputs_of_a_sub_process_are_seen_by_all_inside() -> None:
    """And what is written to its outputs leaves it at its end."""
    inner = specification("goods", "price") + into("order", "goods", "order.goods") + out("price", "sum")
    inner += nodes(startEvent="in", userTask="ask", endEvent="out") + flows("in ask", "ask out")
    run = Run(line(sub("x", inner), objects("order sum"))).start(order={"goods": "pen"})
    run.complete("ask", price=3)
    assert run.variables == {"order": {"goods": "pen"}, "sum": 3}


# --- loops ----------------------------------------------------------------------------------------------------------


def test_multi_instance_takes_its_items_from_an_input_and_collects_an_output() -> None:
    """10.3.8: loopDataInputRef names an input of the activity, outputDataItem one of each run."""
    each = bars(
        "<bpmn:loopDataInputRef>i_voters</bpmn:loopDataInputRef><bpmn:loopDataOutputRef>o_votes</bpmn:loopDataOutputRef>"
        '<bpmn:inputDataItem id="in_item" name="voter"/><bpmn:outputDataItem id="out_item" name="vote"/>'
    )
    inner = specification("voters", "votes") + into("people", "voters") + out("votes", "result", "count(votes)")
    run = Run(line(task(inner + each, assignee="voter"), objects("people result"))).start()
    assert run.open == ["x"]  # waits for its input
    run.set(people=["ann", "bob"])
    assert [wait.assignee for wait in run.step.waits] == ["ann", "bob"]
    run.complete_last("x", vote="b").complete("x", vote="a")
    assert run.variables == {"people": ["ann", "bob"], "result": 2}


def test_loop_reads_and_writes_its_data_each_time() -> None:
    """What a round gives out, the next takes in; the condition sees it, too."""
    condition = "<bpmn:loopCondition>count &lt; 3</bpmn:loopCondition>"
    loop = f"<bpmn:standardLoopCharacteristics>{condition}</bpmn:standardLoopCharacteristics>"
    inner = specification("n", "m") + into("count", "n") + out("m", "count")
    body = task(inner + loop + "<bpmn:script>n + 1</bpmn:script>", "scriptTask")
    assert Run(line(body, objects("count"))).start(count=0).variables == {"count": 3}


# --- events ---------------------------------------------------------------------------------------------------------


def catching(kind: str, definition: str, target: str = "order") -> str:
    inner = f'<bpmn:dataOutput id="o" name="{target}"/>' + arrow("Output", "o", "r_order")
    return f'<bpmn:{kind} id="x">{inner}{definition}</bpmn:{kind}>'


@pytest.mark.parametrize(
    ("name", "expected"), [("content", {"id": 1, "n": 2}), ("n", 2)], ids=["the whole", "the entry of its name"]
)
def test_message_content_goes_to_a_data_object(name: str, expected: Any) -> None:
    """The output takes the entry of its name; the only one takes all. Nothing else becomes a variable."""
    run = Run(line(catching("intermediateCatchEvent", message("ping"), name), objects("order"))).start()
    run.message("x", id=1, n=2)
    assert run.variables == {"order": expected}


def test_receive_task_gives_out_what_it_receives() -> None:
    """An activity: through its ioSpecification."""
    inner = specification("", "content") + out("content", "order")
    run = Run(line(task(inner, "receiveTask", ' messageRef="m_ping"'), objects("order"))).start().message("x", id=1)
    assert run.variables == {"order": {"id": 1}}


def test_signal_and_boundary_event_give_out_what_they_catch() -> None:
    """At a border, too: into the variables around the activity."""
    run = Run(line(catching("intermediateCatchEvent", signal("red")), objects("order"))).start()
    assert run.signal("red", id=1).variables == {"order": {"id": 1}}
    caught = catching("boundaryEvent", message("ping")).replace('id="x"', 'id="edge" attachedToRef="x"')
    run = Run(line(task(""), objects("order") + caught + flows("edge after"))).start()
    assert run.message("edge", id=2).variables == {"order": {"id": 2}}


def test_start_event_gives_out_what_starts_it() -> None:
    """Its data output takes the message."""
    body = catching("startEvent", message("ping")) + nodes(userTask="do", endEvent="end") + objects("order")
    run = Run(model(body + flows("x do", "do end"), extra=EXTRA)).start("x", id=3)
    assert run.variables == {"order": {"id": 3}}


@pytest.mark.parametrize("definition", [message("ping"), signal("red")])
def test_thrown_content_is_the_data_input(definition: str) -> None:
    """The contents of the only input; it waits until there is one."""
    inner = '<bpmn:dataInput id="i" name="content"/>' + arrow("Input", "r_order", "i")
    body = f'<bpmn:intermediateThrowEvent id="x">{inner}{definition}</bpmn:intermediateThrowEvent>'
    run = Run(line(body, objects("order"))).start()
    assert run.open == ["x"]
    assert run.set(order={"id": 4}).open == ["after"]
    assert [fact.details["variables"] for fact in run.facts if fact.kind in ("message_sent", "signal_thrown")] == [
        {"id": 4}
    ]


def test_send_task_sends_its_inputs() -> None:
    """Several inputs are sent by name."""
    inner = specification("a b") + into("left", "a") + into("right", "b")
    run = Run(line(task(inner, "sendTask", ' messageRef="m_ping"'), objects("left right"))).start(left=1, right=2)
    assert run.sent == [("ping", None, {"a": 1, "b": 2})]


# --- data stores ----------------------------------------------------------------------------------------------------


def store(name: str, key: str) -> str:
    own = properties(register="customer", key=key)
    return f'<bpmn:dataStoreReference id="r_{name}" name="{name}">{own}</bpmn:dataStoreReference>'


def stored(run: Run, **fields: Any) -> Run:
    for world in run.worlds:
        world.records["customer", "C1"] = fields
    return run


def test_data_store_is_read_and_written_as_a_record() -> None:
    """An input reads its fields, an output writes those that it names; the case keeps none of them."""
    inner = specification("tier", "grade") + into("client", "tier", "client.tier")
    inner += assign("Output", ("grade", "r_client.grade"))
    script = task(inner + "<bpmn:script>tier + 1</bpmn:script>", "scriptTask")
    run = stored(Run(line(script, store("client", "order.by"))), tier=1, name="Ann")
    run.start(order={"by": "C1"})
    assert run.open == ["after"]
    assert run.world.records == {("customer", "C1"): {"tier": 1, "name": "Ann", "grade": 2}}
    assert run.variables == {"order": {"by": "C1"}}


def test_data_store_without_such_a_record_gives_null() -> None:
    """It isn't waited for: nobody would tell the case."""
    inner = specification("client", "seen") + into("client", "client") + out("seen", "known")
    script = task(inner + "<bpmn:script>client = null</bpmn:script>", "scriptTask")
    run = stored(Run(line(script, store("client", "by") + objects("known")))).start(by="C2")
    assert run.variables == {"known": True, "by": "C2"}


def test_data_store_needs_a_key_and_fields() -> None:
    """Both are told with the element."""
    inner = specification("a", "b") + into("client", "a") + out("b", "client")
    script = task(inner + "<bpmn:script>5</bpmn:script>", "scriptTask")
    with pytest.raises(ExecutionError, match="the data store client has no key yet: by is null"):
        Run(line(script, store("client", "by"))).start()
    with pytest.raises(ExecutionError, match="what goes to client is no context: 5"):
        stored(Run(line(script, store("client", "by")))).start(by="C1")


# --- other tools' mappings ------------------------------------------------------------------------------------------

ZEEBE = 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'


def camunda(inner: str) -> str:
    return f"<bpmn:extensionElements><camunda:inputOutput>{inner}</camunda:inputOutput></bpmn:extensionElements>"


def zeebe(inner: str) -> str:
    return f"<bpmn:extensionElements><zeebe:ioMapping {ZEEBE}>{inner}</zeebe:ioMapping></bpmn:extensionElements>"


def test_camunda_parameters() -> None:
    """Texts, expressions, lists and maps; one sees those before it; outputs leave, and so does all else."""
    mapping = camunda(
        '<camunda:inputParameter name="a">${order.amount}</camunda:inputParameter>'
        '<camunda:inputParameter name="b">=a * 2</camunda:inputParameter>'
        '<camunda:inputParameter name="text">No. ${a}!</camunda:inputParameter>'
        '<camunda:inputParameter name="list"><camunda:list><camunda:value>x</camunda:value>'
        "<camunda:value>${a}</camunda:value></camunda:list></camunda:inputParameter>"
        '<camunda:inputParameter name="map"><camunda:map><camunda:entry key="k">v</camunda:entry></camunda:map>'
        "</camunda:inputParameter>"
        '<camunda:outputParameter name="seen">=[a, b, text, list, map]</camunda:outputParameter>'
    )
    run = Run(line(f'<bpmn:task id="x">{mapping}</bpmn:task>'))
    run.start(order={"amount": 2})
    assert run.variables == {"order": {"amount": 2}, "seen": [2, 4, "No. 2!", ["x", 2], {"k": "v"}]}


def test_zeebe_mapping() -> None:
    """With outputs, only they leave; a target may be an entry of a variable."""
    mapping = zeebe(
        '<zeebe:input source="=order.amount" target="a"/><zeebe:input source="2" target="b"/>'
        '<zeebe:output source="=total" target="order.total"/>'
    )
    body = f'<bpmn:serviceTask id="x" implementation="add">{mapping}</bpmn:serviceTask>'
    run = Run(line(body, handlers=handlers(add)), x=lambda a, b: {"total": a, "log": b}).start(order={"amount": 2})
    assert run.variables == {"order": {"amount": 2, "total": 2}}
    assert run.world.performed == [("x", {"a": 2, "b": "2"})]


def test_mapping_in_a_multi_instance_is_that_of_each_run() -> None:
    """It sees the item, and its outputs leave when the run ends."""
    each = bars("", ' isSequential="true" camunda:collection="items" camunda:elementVariable="item"')
    mapping = camunda(
        '<camunda:inputParameter name="double">=item * 2</camunda:inputParameter>'
        '<camunda:outputParameter name="seen">=append(seen, double)</camunda:outputParameter>'
    )
    run = Run(line(f'<bpmn:task id="x">{mapping}{each}</bpmn:task>')).start(items=[1, 2], seen=[])
    assert run.variables["seen"] == [2, 4]


def test_mapping_of_a_catching_event() -> None:
    """Zeebe: only the outputs are written."""
    mapping = zeebe('<zeebe:output source="=order.id" target="id"/>')
    body = f'<bpmn:intermediateCatchEvent id="x">{mapping}{message("ping")}</bpmn:intermediateCatchEvent>'
    assert Run(line(body)).start().message("x", order={"id": 1}).variables == {"id": 1}


def test_job_with_inputs_is_the_same_after_a_restart() -> None:
    """A service that takes its time keeps its own variables in the snapshot."""
    inner = specification("a", "total") + into("left", "a") + out("total", "sum", "total + a")
    body = task(inner, "serviceTask", ' implementation="slow"')
    run = Run(line(body, objects("left sum"), handlers=handlers(slow))).start(left=2)
    assert run.set(left=5).finish("x", total=10).variables == {"left": 5, "sum": 12}


def test_names_that_python_uses_are_no_matter() -> None:
    """A list called `node`, `self` or `expression`."""
    number = "<bpmn:loopCardinality>1</bpmn:loopCardinality>"
    once = bars(number + "<bpmn:completionCondition>count(node) = 1</bpmn:completionCondition>")
    run = Run(line(task(once, output_collection="node", output_element="self"))).start().complete("x", self=1)
    assert run.variables == {"node": [1]}
