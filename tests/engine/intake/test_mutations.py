"""Damaged files: whatever is changed in a diagram, the intake answers, and soon."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.definitions import Bundle
from engine.handlers import HandlerRegistry
from engine.intake import Examination, examine
from tests.engine.diagrams import diagram, flows, properties

BODY = f"""
<bpmn:extensionElements><spiffworkflow:properties><spiffworkflow:property name="business_key" value="number"/>
</spiffworkflow:properties></bpmn:extensionElements>
<bpmn:startEvent id="s"/><bpmn:startEvent id="s2"><bpmn:messageEventDefinition messageRef="M"/></bpmn:startEvent>
<bpmn:userTask id="ask">{properties(due="PT4H", assignee="who", separation="S1: check if a > 1")}</bpmn:userTask>
<bpmn:userTask id="check"/><bpmn:exclusiveGateway id="x" default="x_e"/><bpmn:endEvent id="e"/>
<bpmn:sequenceFlow id="f" sourceRef="x" targetRef="ask"><bpmn:conditionExpression>a = 1</bpmn:conditionExpression>
</bpmn:sequenceFlow><bpmn:subProcess id="sub"><bpmn:task id="inner"/><bpmn:scriptTask id="calc" scriptFormat="feel">
{properties(result="a")}<bpmn:script>1 + 1</bpmn:script></bpmn:scriptTask></bpmn:subProcess>
<bpmn:boundaryEvent id="late" attachedToRef="ask" cancelActivity="false"><bpmn:timerEventDefinition>
<bpmn:timeCycle>R3/PT10M</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:boundaryEvent>
<bpmn:eventBasedGateway id="w"/><bpmn:receiveTask id="r" messageRef="M"/>
<bpmn:intermediateCatchEvent id="t"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration>
</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
<bpmn:intermediateThrowEvent id="go"><bpmn:linkEventDefinition name="L"/></bpmn:intermediateThrowEvent>
<bpmn:intermediateCatchEvent id="come"><bpmn:linkEventDefinition name="L"/></bpmn:intermediateCatchEvent>
<bpmn:subProcess id="esp" triggeredByEvent="true"><bpmn:startEvent id="es"><bpmn:errorEventDefinition errorRef="E"/>
</bpmn:startEvent></bpmn:subProcess><bpmn:subProcess id="esp2" triggeredByEvent="true">
<bpmn:startEvent id="es2" isInterrupting="false"><bpmn:messageEventDefinition messageRef="M"/></bpmn:startEvent>
</bpmn:subProcess>{flows("s ask", "s2 ask", "ask check", "check x", "x e", "late sub", "ask w", "w r", "w t", "r go")}
{flows("come sub", "t e")}
"""
EXTRA = '<bpmn:message id="M" name="m"/><bpmn:error id="E" errorCode="ERR"/>'
ROOT = etree.fromstring(diagram(BODY, extra=EXTRA))
COUNT = sum(1 for _ in ROOT.iter())
NAMES = sorted(
    {str(e.tag) for e in ROOT.iter()} | {f"{{{ROOT.nsmap['bpmn']}}}{t}" for t in ("transaction", "callActivity")}
)
ATTRIBUTES = sorted({str(a) for e in ROOT.iter() for a in e.attrib})
VALUES = sorted({str(v) for e in ROOT.iter() for v in e.attrib.values()})

change = st.tuples(
    st.sampled_from(["drop", "double", "move", "rename", "attribute", "remove attribute", "text", "wrap"]),
    st.integers(1, COUNT * 2),
    st.integers(1, COUNT * 2),
    st.sampled_from(ATTRIBUTES),
    st.one_of(st.sampled_from(VALUES), st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)),
    st.sampled_from(NAMES),
)


def mutate(root: etree._Element, step: tuple[str, int, int, str, str, str]) -> None:
    """Carry out one change on a tree."""
    kind, place, other, attribute, value, name = step
    elements = [e for e in root.iter() if e is not root]
    if not elements:
        return
    element, target = elements[place % len(elements)], elements[other % len(elements)]
    parent = element.getparent()
    if kind == "drop":
        parent.remove(element)
    elif kind == "double":
        parent.append(copy.deepcopy(element))
    elif kind == "move" and element not in target.iterancestors() and element is not target:
        target.append(element)
    elif kind == "rename":
        element.tag = name
    elif kind == "attribute":
        element.set(attribute, value)
    elif kind == "remove attribute":
        element.attrib.pop(attribute, None)
    elif kind == "text":
        element.text = value
    elif kind == "wrap":
        around = etree.SubElement(parent, name)
        around.append(element)


def judged(files: Mapping[str, bytes]) -> Examination:
    """Examine, and watch the time it takes; on a busy machine only our own counts."""
    started = time.process_time()
    examination = examine(Bundle(files), handlers=HandlerRegistry(), functions=())
    assert time.process_time() - started < 2
    for finding in examination.findings:
        assert finding.rule
        assert str(finding)
    return examination


def test_the_undamaged_diagram_is_fine() -> None:
    """The property below would be empty if everything were refused anyway."""
    assert judged({"p.bpmn": etree.tostring(ROOT)}).ok


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(change, min_size=1, max_size=4))
def test_a_damaged_diagram_gives_findings_or_a_model(steps: list[tuple[str, int, int, str, str, str]]) -> None:
    """Never an exception, never a wait, and a model only without errors; no finding is the intake's own fault."""
    root = copy.deepcopy(ROOT)
    for step in steps:
        mutate(root, step)
    examination = judged({"p.bpmn": etree.tostring(root)})
    assert examination.ok or not examination.models
    assert "core-refuses" not in {f.rule for f in examination.findings}


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(etree.tostring(ROOT))), st.binary(max_size=12))
def test_damaged_bytes_give_findings_or_a_model(place: int, junk: bytes) -> None:
    """The same for bytes put anywhere into the file."""
    content = etree.tostring(ROOT)
    judged({"p.bpmn": content[:place] + junk + content[place + len(junk) :]})


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=2000))
def test_random_bytes_give_findings(content: bytes) -> None:
    """The same for no diagram at all."""
    assert not judged({"p.bpmn": content}).ok
