"""What is read from drawn data, and what is refused in it."""

from __future__ import annotations

import pytest

from engine.findings import Severity
from tests.engine.data import arrow, assign, into, objects, out, specification
from tests.engine.diagrams import flows, judge, model, properties
from tests.engine.interpreter.drawing import EXTRA, nodes

AROUND = nodes(startEvent="start", endEvent="end") + flows("start x", "x end")


def around(inner: str, extra: str = "", *, kind: str = "task") -> str:
    return AROUND + f'<bpmn:{kind} id="x">{inner}</bpmn:{kind}>' + extra


def camunda(inner: str) -> str:
    return f"<bpmn:extensionElements><camunda:inputOutput>{inner}</camunda:inputOutput></bpmn:extensionElements>"


def test_inputs_and_outputs_are_read() -> None:
    """References become the names of variables; an input that is optional, or that nothing leads to, isn't needed."""
    inner = specification("a b c", "d", optional="b") + into("left", "a") + into("right", "b", "right + 1")
    inner += out("d", "left") + assign("Output", ("d", "r_right.entry"))
    data = model(around(inner, objects("left right"))).elements["x"].data
    assert data is not None
    assert [(i.target, i.value.text) for i in data.inputs] == [("a", "left"), ("b", "right + 1")]
    assert [(o.target, o.path, o.value.text) for o in data.outputs] == [("left", (), "d"), ("right", ("entry",), "d")]
    assert data.input_sets == (frozenset({"a"}),)
    assert (data.produced, data.closed) == (("d",), True)


@pytest.mark.parametrize(
    ("drawn", "name"),
    [
        ('<bpmn:dataObject id="d" name="order"/>', "order"),
        ('<bpmn:dataObject id="d" name="the order"/>', "d"),
        ('<bpmn:dataObject id="d-1"/>', "d_1"),
        ('<bpmn:dataObject id="if"/>', "data_if"),
        ('<bpmn:dataObject id="d"/><bpmn:dataObjectReference id="r" dataObjectRef="d" name="order"/>', "order"),
        ('<bpmn:dataObject id="d" name="loopCounter"/>', "d"),
        ('<bpmn:property id="p" name="order"/>', "order"),
    ],
)
def test_variable_of_a_data_object(drawn: str, name: str) -> None:
    """Its name if FEEL can read that, else that of a reference to it, else its id."""
    assert list(model(around("") + drawn).data) == [name]


def test_all_references_to_a_data_object_are_one_variable() -> None:
    """However they are called: an order in two states."""
    twice = '<bpmn:dataObject id="d"/>' + "".join(
        f'<bpmn:dataObjectReference id="r_{name}" dataObjectRef="d" name="{name}"/>' for name in ("drafted", "sent")
    )
    data = model(around(specification("a") + into("sent", "a"), twice)).elements["x"].data
    assert data is not None
    assert data.inputs[0].value.text == "drafted"


def test_inputs_and_results_of_a_process() -> None:
    """Its ioSpecification: what a caller gives and gets."""
    made = model(around("") + specification("a b", "c"))
    assert (made.inputs, made.results, list(made.data)) == (("a", "b"), ("c",), ["a", "b", "c"])


def test_first_values() -> None:
    """FEEL, as property `value`."""
    data = f'<bpmn:dataObject id="d">{properties(value="1 + 1")}</bpmn:dataObject>'
    value = model(around("") + data).data["d"]
    assert value is not None
    assert value.text == "1 + 1"


def test_arrows_that_camunda_modeler_draws_move_nothing() -> None:
    """They end at a placeholder; the process owner is told that they are documentation."""
    holder = '<bpmn:property id="hold" name="__targetRef_placeholder"/>' + arrow("Input", "r_order", "hold")
    shown = "<bpmn:dataOutputAssociation><bpmn:targetRef>r_order</bpmn:targetRef></bpmn:dataOutputAssociation>"
    examination = judge(around(holder + shown, objects("order")))
    assert examination.models["p"].elements["x"].data is None
    assert [f.rule for f in examination.findings if f.element == "x"] == ["data-ignored"] * 2


def test_data_that_run_are_not_warned_of() -> None:
    """`data-ignored` is for what is documentation."""
    inner = specification("a", "b") + into("left", "a") + out("b", "left")
    assert "data-ignored" not in {f.rule for f in judge(around(inner, objects("left"))).findings}


SCRIPT = '<camunda:script scriptFormat="groovy">1</camunda:script>'


@pytest.mark.parametrize(
    ("inner", "rule"),
    [
        (specification("a") + arrow("Input", "r_nothing", "i_a"), "data-unknown"),
        (specification("a") + into("left", "a", "a +"), "expression-syntax"),
        (specification("a") + arrow("Input", "r_left</bpmn:sourceRef><bpmn:sourceRef>r_left", "i_a"), "data-unknown"),
        (specification("", "a") + assign("Output", ("a", "/left/a")), "data-target"),
        (specification("a").replace("inputSet>", "inputBag>"), "element-unknown"),
        (specification("a").replace("dataInputRefs>", "inputs>"), "element-unknown"),
        (camunda('<camunda:inputParameter name="a b">1</camunda:inputParameter>'), "data-target"),
        (camunda(f'<camunda:inputParameter name="a">{SCRIPT}</camunda:inputParameter>'), "data-script"),
        (
            camunda('<camunda:inputParameter name="a">${x.foo(1)}</camunda:inputParameter>'),
            "expression-language",
        ),
        (
            camunda('<camunda:inputParameter name="a">1</camunda:inputParameter>') + specification("", "b"),
            "data-twice",
        ),
        (
            specification("a")
            + into("left", "a", "1").replace(
                "</bpmn:data",
                "<bpmn:assignment><bpmn:from>1</bpmn:from><bpmn:to>a</bpmn:to></bpmn:assignment></bpmn:data",
            ),
            "data-twice",
        ),
    ],
)
def test_what_cannot_be_read_is_refused(inner: str, rule: str) -> None:
    """With the element, before anybody's case finds out."""
    findings = judge(around(inner, objects("left")), extra=EXTRA).findings
    assert rule in {f.rule for f in findings if f.severity is Severity.ERROR and f.element == "x"}


def test_data_store_without_a_register_is_documentation() -> None:
    """With its arrows: nothing is read or written."""
    shown = specification("a") + into("stock", "a")
    examination = judge(around(shown, '<bpmn:dataStoreReference id="r_stock" name="stock"/>'))
    assert examination.ok
    assert [f.rule for f in examination.findings].count("data-ignored") == 2


def test_data_store_with_a_register_says_which_record() -> None:
    """A register alone is not enough."""
    store = f'<bpmn:dataStoreReference id="r_stock">{properties(register="stock")}</bpmn:dataStoreReference>'
    findings = judge(around("", store)).findings
    assert "data-store" in {f.rule for f in findings if f.severity is Severity.ERROR}
