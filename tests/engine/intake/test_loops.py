"""What is read from loop characteristics, and what is refused in them."""

from __future__ import annotations

from typing import Any

import pytest

from engine.findings import Severity
from tests.engine.diagrams import flows, judge, model, properties
from tests.engine.interpreter.drawing import nodes

ZEEBE = 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'


def around(bars: str, **own: str) -> str:
    extension = properties(**own) if own else ""
    task = f'<bpmn:task id="x">{extension}{bars}</bpmn:task>'
    return nodes(startEvent="start", endEvent="end") + task + flows("start x", "x end")


def bars(inner: str = "", attributes: str = "") -> str:
    return f"<bpmn:multiInstanceLoopCharacteristics{attributes}>{inner}</bpmn:multiInstanceLoopCharacteristics>"


STANDARD = (
    "<bpmn:loopDataInputRef>items</bpmn:loopDataInputRef><bpmn:loopDataOutputRef>made</bpmn:loopDataOutputRef>"
    '<bpmn:inputDataItem id="i1" name="item"/><bpmn:outputDataItem id="o1" name="out"/>'
)
INNER = (
    f'<bpmn:extensionElements><zeebe:loopCharacteristics {ZEEBE} inputCollection="=items" inputElement="item" '
    'outputCollection="made" outputElement="=out"/></bpmn:extensionElements>'
)
OURS = {"collection": "items", "element_variable": "item", "output_collection": "made", "output_element": "out"}


@pytest.mark.parametrize(
    "body", [around(bars(), **OURS), around(bars(STANDARD)), around(bars(INNER))], ids=["ours", "standard", "zeebe"]
)
def test_every_way_of_saying_it_is_read(body: str) -> None:
    """Properties, the standard's elements, Zeebe's extension."""
    loop = model(body).elements["x"].loop
    assert loop is not None
    assert loop.collection is not None
    assert (loop.collection.text, loop.item, loop.output_collection) == ("items", "item", "made")
    assert loop.output_name == "out"


@pytest.mark.parametrize("text", ["items", "${items}"])
def test_camunda_attributes_are_read(text: str) -> None:
    """`camunda:collection` and `camunda:elementVariable`, a name in JUEL included."""
    marker = bars(attributes=f' camunda:collection="{text}" camunda:elementVariable="item" isSequential="true"')
    loop = model(around(marker)).elements["x"].loop
    assert loop is not None
    assert loop.collection is not None
    assert (loop.sequential, loop.collection.text, loop.item) == (True, "items", "item")


def test_reference_to_drawn_data_means_its_name() -> None:
    """`loopDataInputRef` points to a data object; the variable is called as that is."""
    data = '<bpmn:dataObject id="d"/><bpmn:dataObjectReference id="ref" dataObjectRef="d" name="items"/>'
    loop = model(around(bars("<bpmn:loopDataInputRef>ref</bpmn:loopDataInputRef>")) + data).elements["x"].loop
    assert loop is not None
    assert loop.collection is not None
    assert loop.collection.text == "items"


NUMBER = "<bpmn:loopCardinality>3</bpmn:loopCardinality>"


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (around(bars()), "loop-undefined"),
        (around(bars(NUMBER), collection="items"), "loop-twice"),
        (around(bars(NUMBER), element_variable="item"), "loop-undefined"),
        (around(bars(NUMBER), output_collection="made"), "loop-output"),
        (around(bars(), collection="items", element_variable="a b"), "loop-name"),
        (around(bars(), collection="items", element_variable="loopCounter"), "loop-name"),
        (around(bars(NUMBER + NUMBER)), "unsupported-element"),
        (around(bars(NUMBER, ' behavior="One"')), "loop-behavior"),
        (around(bars(NUMBER, ' behavior="Two"')), "attribute-value"),
        (around(bars(NUMBER, ' behavior="Complex"')), "loop-behavior"),
        (around(bars(NUMBER + "<bpmn:complexBehaviorDefinition/>", ' behavior="Complex"')), "loop-behavior"),
        (around(bars(NUMBER, ' isSequental="true"')), "attribute-unknown"),
        (around(bars(NUMBER, ' isSequential="yes"')), "attribute-value"),
        (around(bars("<bpmn:loopCardinality>${n.size()}</bpmn:loopCardinality>")), "expression-language"),
    ],
)
def test_what_is_half_said_or_said_twice_is_refused(body: str, rule: str) -> None:
    """Nothing about a loop is guessed."""
    errors: list[Any] = [f for f in judge(body).findings if f.severity is Severity.ERROR]
    assert rule in {f.rule for f in errors}, errors
    assert {f.element for f in errors} == {"x"}


def test_other_engines_words_at_the_marker_are_reported() -> None:
    """Ignored, but not silently."""
    found = judge(around(bars(NUMBER, ' camunda:asyncBefore="true"'))).findings
    assert "asyncBefore" in str(next(f.reason for f in found if f.rule == "attribute-ignored"))


def test_three_bars_on_a_gateway_are_refused() -> None:
    """They belong on activities."""
    body = (
        nodes(startEvent="start", endEvent="end")
        + f'<bpmn:exclusiveGateway id="x">{bars(NUMBER)}</bpmn:exclusiveGateway>'
    )
    found = judge(body + flows("start x", "x end")).findings
    assert ("x", Severity.ERROR) in {(f.element, f.severity) for f in found}
