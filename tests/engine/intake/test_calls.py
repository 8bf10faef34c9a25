"""What is read from a call activity, whichever tool wrote it, and what is refused in it."""

from __future__ import annotations

from typing import Any

import pytest

from engine.definitions import Bundle, Call
from engine.findings import Severity
from engine.handlers import HandlerRegistry
from engine.intake import examine
from tests.engine.diagrams import diagram, flows, judge, model, properties
from tests.engine.interpreter.drawing import condition, nodes

ZEEBE = 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
FLOWABLE = 'xmlns:flowable="http://flowable.org/bpmn"'
CHILD = '<bpmn:process id="child" isExecutable="true"><bpmn:startEvent id="c1"/></bpmn:process>'


def extended(inner: str) -> str:
    return f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>"


def around(inner: str = "", attributes: str = 'calledElement="child"', **own: str) -> str:
    extension = properties(**own) if own else ""
    call = f'<bpmn:callActivity id="x" {attributes}>{extension}{inner}</bpmn:callActivity>'
    return nodes(startEvent="start", endEvent="end") + call + flows("start x", "x end")


def call_of(body: str) -> Call:
    call = model(body, extra=CHILD).elements["x"].call
    assert call is not None
    return call


def rules(body: str, extra: str = CHILD) -> set[str]:
    return {f.rule for f in judge(body, extra=extra).findings if f.severity is Severity.ERROR}


def texts(values: Any) -> dict[str, str]:
    return {name: expression.text for name, expression in values.items()}


@pytest.mark.parametrize(
    "body",
    [
        around(),
        around(attributes='calledElement="tns:child"'),
        around(attributes="", calls="child"),
        around(extended(f'<zeebe:calledElement {ZEEBE} processId="child"/>'), attributes=""),
    ],
    ids=["standard", "QName", "ours", "zeebe"],
)
def test_every_way_of_naming_the_process_is_read(body: str) -> None:
    """By default the newest is called, and everything passes both ways."""
    call = call_of(body)
    assert (call.process, call.version) == ("child", "latest")
    assert (call.inputs.everything, call.outputs.everything, call.business_key) == (True, True, None)


@pytest.mark.parametrize(
    ("body", "version"),
    [
        (around(version="deployment"), "deployment"),
        (around(version="3"), 3),
        (around(attributes='calledElement="child" camunda:calledElementBinding="latest"'), "latest"),
        (around(attributes='calledElement="child" camunda:calledElementBinding="deployment"'), "deployment"),
        (
            around(
                attributes='calledElement="child" camunda:calledElementBinding="version" '
                'camunda:calledElementVersion="3"'
            ),
            3,
        ),
        (
            around(
                extended(f'<zeebe:calledElement {ZEEBE} processId="child" bindingType="deployment"/>'), attributes=""
            ),
            "deployment",
        ),
    ],
)
def test_every_binding_of_a_version_is_read(body: str, version: int | str) -> None:
    """A number, the newest, or the newest at publishing."""
    assert call_of(body).version == version
    assert not [f for f in judge(body, extra=CHILD).findings if f.rule in ("attribute-ignored", "extension-ignored")]


def test_our_words_are_contexts() -> None:
    """With inputs and outputs given, nothing else passes."""
    call = call_of(around(inputs="{a: b}", outputs="= {c: d}", business_key="number"))
    assert call.inputs.context is not None
    assert call.outputs.context is not None
    assert call.business_key is not None
    assert (call.inputs.context.text, call.outputs.context.text) == ("{a: b}", "{c: d}")
    assert (call.inputs.everything, call.outputs.everything) == (False, False)


@pytest.mark.parametrize("prefix", ["camunda", "flowable"])
def test_camundas_mappings_are_read(prefix: str) -> None:
    """Who writes one of them means that nothing else passes, either way; the caller's key is the caller's key."""
    inner = (
        f'<{prefix}:in {FLOWABLE} businessKey="#{{execution.processBusinessKey}}"/>'
        f'<{prefix}:in {FLOWABLE} source="a" target="b"/>'
        f'<{prefix}:in {FLOWABLE} sourceExpression="${{c}}" target="d"/>'
    )
    call = call_of(around(extended(inner)))
    assert call.business_key is not None
    assert call.business_key.text == "business_key"
    assert texts(call.inputs.values) == {"b": "a", "d": "c"}
    assert (call.inputs.everything, call.outputs.everything, texts(call.outputs.values)) == (False, False, {})
    whole = call_of(around(extended('<camunda:in variables="all"/><camunda:out source="r" target="s"/>')))
    assert (whole.inputs.everything, whole.outputs.everything) == (True, False)
    assert texts(whole.outputs.values) == {"s": "r"}


def test_a_key_alone_leaves_everything_to_pass() -> None:
    """It is no mapping."""
    call = call_of(around(extended('<camunda:in businessKey="${number}"/>')))
    assert (call.inputs.everything, call.outputs.everything) == (True, True)


@pytest.mark.parametrize(
    ("said", "passes"),
    [
        ("", (True, True)),
        ('propagateAllParentVariables="false"', (False, True)),
        ('propagateAllChildVariables="false"', (True, False)),
    ],
)
def test_zeebes_propagation_is_read(said: str, passes: tuple[bool, bool]) -> None:
    """Everything, unless it says otherwise."""
    call = call_of(around(extended(f'<zeebe:calledElement {ZEEBE} processId="child" {said}/>'), attributes=""))
    assert (call.inputs.everything, call.outputs.everything) == passes


REFUSED = {
    "nothing named": (around(attributes=""), "call-undefined"),
    "two named": (around(calls="other"), "call-twice"),
    "computed": (around(attributes='calledElement="${which}"'), "call-computed"),
    "computed by FEEL": (around(attributes="", calls="= which"), "call-computed"),
    "unknown": (around(attributes='calledElement="nowhere"'), "call-unknown"),
    "odd version": (around(version="newest"), "call-version"),
    "version without number": (
        around(attributes='calledElement="child" camunda:calledElementBinding="version"'),
        "call-version",
    ),
    "version tag": (
        around(attributes='calledElement="child" camunda:calledElementBinding="versionTag"'),
        "call-version",
    ),
    "case": (around(attributes='camunda:caseRef="c"'), "unsupported-element"),
    "mapping by Java": (
        around(attributes='calledElement="child" camunda:variableMappingClass="a.B"'),
        "unsupported-element",
    ),
    "local variables": (around(extended('<camunda:in variables="all" local="true"/>')), "unsupported-element"),
    "mapping without target": (around(extended('<camunda:in source="a"/>')), "call-mapping"),
    "mapping without source": (around(extended('<camunda:out target="a"/>')), "call-mapping"),
    "mapping into a part": (around(extended('<camunda:in source="a" target="b.c"/>')), "call-mapping"),
    "JUEL": (around(extended('<camunda:in sourceExpression="${a.size()}" target="b"/>')), "expression-language"),
    "no FEEL": (around(inputs="{a:"), "expression-syntax"),
    "unknown attribute": (around(attributes='calledElement="child" calledElments="x"'), "attribute-unknown"),
}


@pytest.mark.parametrize("construct", REFUSED)
def test_what_cannot_be_called_is_refused(construct: str) -> None:
    """With the place and a remedy."""
    body, rule = REFUSED[construct]
    (finding,) = [f for f in judge(body, extra=CHILD).findings if f.rule == rule]
    assert (finding.element, finding.severity) == ("x", Severity.ERROR)
    assert finding.line > 0
    assert str(finding.remedy)


MESSAGE = '<bpmn:message id="m" name="hello"/>'
BY_MESSAGE = CHILD.replace('"c1"/>', '"c1"><bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent>') + MESSAGE
UNFIT = {
    "started by a message": (BY_MESSAGE, "call-no-start"),
    "two plain starts": (CHILD.replace('id="c1"/>', 'id="c1"/><bpmn:startEvent id="c2"/>'), "call-many-starts"),
    "not executable": (CHILD.replace("true", "false"), "call-not-executable"),
}


@pytest.mark.parametrize("how", UNFIT)
def test_process_that_a_call_cannot_begin_is_refused(how: str) -> None:
    """The finding stands at the call."""
    extra, rule = UNFIT[how]
    assert rule in rules(around(), extra)


def test_the_called_process_may_come_in_any_file_or_be_published() -> None:
    """In the bundle, before or after the caller by name; or in force; the newer one in the bundle counts."""
    caller = diagram(around(), key="m")
    callee = diagram(nodes(startEvent="s"), key="child")
    unfit = diagram(BY_MESSAGE.partition(">")[2].partition("</bpmn:process>")[0], key="child", extra=MESSAGE)
    registry = HandlerRegistry()
    for name in ("a.bpmn", "z.bpmn"):
        together = examine(Bundle({"m.bpmn": caller, name: callee}), handlers=registry)
        assert together.ok
        assert set(together.models) == {"m", "child"}
    assert examine(Bundle({"m.bpmn": caller}), handlers=registry, published=Bundle({"a.bpmn": callee})).ok
    alone = examine(Bundle({"m.bpmn": caller}), handlers=registry)
    assert [f.rule for f in alone.findings if f.severity is Severity.ERROR] == ["call-unknown"]
    assert not alone.models
    newer = examine(
        Bundle({"m.bpmn": caller, "a.bpmn": unfit}), handlers=registry, published=Bundle({"a.bpmn": callee})
    )
    assert "call-no-start" in {f.rule for f in newer.findings}


def test_a_process_that_always_calls_itself_is_refused() -> None:
    """No case of it would ever end; with a way past the call it may."""
    call = '<bpmn:callActivity id="x" calledElement="p"/>'
    straight = nodes(startEvent="start", task="t", endEvent="end") + call + flows("start t", "t x", "x end")
    assert rules(straight) == {"call-endless"}
    forked = nodes(startEvent="start", parallelGateway="f", endEvent="end") + call + flows("start f", "f x", "f end")
    assert rules(forked) == {"call-endless"}
    past = condition("c", "g", "x", "n > 0") + '<bpmn:sequenceFlow id="d" sourceRef="g" targetRef="end"/>'
    chosen = nodes(startEvent="start", endEvent="end") + '<bpmn:exclusiveGateway id="g" default="d"/>' + call + past
    assert rules(chosen + flows("start g", "x end")) == set()
    timed = straight + (
        '<bpmn:boundaryEvent id="b" attachedToRef="x"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H'
        "</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    )
    assert rules(timed) == set()


# --- global tasks -------------------------------------------------------------------------------------------------

GLOBAL = {
    "task": '<bpmn:globalTask id="g" name="Global"/>',
    "manualTask": f'<bpmn:globalManualTask id="g">{properties(role="staff")}</bpmn:globalManualTask>',
    "userTask": f'<bpmn:globalUserTask id="g">{properties(role="staff", due="PT4H")}</bpmn:globalUserTask>',
    "scriptTask": f'<bpmn:globalScriptTask id="g" scriptLanguage="feel">{properties(result="r")}'
    "<bpmn:script>1 + 1</bpmn:script></bpmn:globalScriptTask>",
}


@pytest.mark.parametrize("kind", GLOBAL)
def test_a_global_task_is_drawn_in_place_of_its_call(kind: str) -> None:
    """The node has the call's id, name and line, and does what the global task says (10.3.5)."""
    body = "\n" + around(attributes='name="Ask" calledElement="g"')
    element = model(body, extra=GLOBAL[kind]).elements["x"]
    assert (element.kind, element.name, element.line, element.call) == (kind, "Ask", 2, None)
    assert element.role == ("staff" if kind in ("userTask", "manualTask") else None)
    assert (element.script.text if element.script else None) == ("1 + 1" if kind == "scriptTask" else None)
    assert not [f for f in judge(body, extra=GLOBAL[kind]).findings if f.rule == "definition-ignored"]


def test_a_global_business_rule_task_names_its_decision() -> None:
    """What it lacks is said at the call."""
    body = around(attributes='calledElement="g"')
    found = judge(body, extra='<bpmn:globalBusinessRuleTask id="g"/>').findings
    assert {(f.rule, f.element) for f in found if f.severity is Severity.ERROR} == {("decision-missing", "x")}


def test_a_call_of_a_global_task_keeps_its_own_markers() -> None:
    """Multi-instance and flows are the call's."""
    bars = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2</bpmn:loopCardinality>"
    body = around(bars + "</bpmn:multiInstanceLoopCharacteristics>", attributes='calledElement="g"')
    element = model(body, extra=GLOBAL["userTask"]).elements["x"]
    assert element.loop is not None
    assert element.due is not None


def test_a_global_task_that_nobody_calls_is_said_to_be_ignored() -> None:
    """It is documentation."""
    found = judge(around(), extra=CHILD + GLOBAL["task"]).findings
    assert [f.element for f in found if f.rule == "definition-ignored"] == ["g"]
