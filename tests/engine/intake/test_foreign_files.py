"""Files as other tools write them: whatever prefix, encoding and habits they have, what is drawn is what is read."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from engine.definitions import Bundle
from engine.findings import Severity
from engine.handlers import HandlerRegistry, handler
from engine.intake import Examination, examine
from engine.intake.dialects import ZEEBE
from engine.intake.vocabulary import EVENTS, GATEWAYS, NODES, TASKS
from tests.engine.fuzz.mutations import damage_tree

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"


@handler("charge", external=True)
def charge() -> dict[str, Any]:
    """Charge somebody."""
    return {}


def check(content: str | bytes) -> Examination:
    """Examine one file."""
    registry = HandlerRegistry()
    registry.add(charge)
    file = content if isinstance(content, bytes) else content.encode()
    return examine(Bundle({"foreign.bpmn": file}), handlers=registry)


def errors(content: str | bytes) -> set[tuple[str, str]]:
    """Rule and element of each error."""
    return {(f.rule, f.element) for f in check(content).findings if f.severity is Severity.ERROR}


# As each tool exports a small order process: namespaces, extensions and habits as they are, the content our own.
CAMUNDA_7 = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="D_1"
  targetNamespace="http://bpmn.io/schema/bpmn" exporter="Camunda Modeler" modeler:executionPlatform="Camunda Platform">
  <bpmn:process id="order" isExecutable="true" camunda:historyTimeToLive="180">
    <bpmn:startEvent id="s"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="x"/>
    <bpmn:userTask id="x" name="Approve" camunda:candidateGroups="desk" camunda:dueDate="P2D"/>
    <bpmn:sequenceFlow id="f2" sourceRef="x" targetRef="g"/>
    <bpmn:exclusiveGateway id="g" default="f4"/>
    <bpmn:sequenceFlow id="f3" name="yes" sourceRef="g" targetRef="c">
      <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">${approved}</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
    <bpmn:serviceTask id="c" camunda:asyncBefore="true" camunda:type="external" camunda:topic="charge"/>
    <bpmn:sequenceFlow id="f5" sourceRef="c" targetRef="e"/>
    <bpmn:sequenceFlow id="f4" sourceRef="g" targetRef="e"/>
    <bpmn:endEvent id="e"/>
  </bpmn:process>
</bpmn:definitions>"""
CAMUNDA_8 = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="D_1"
  targetNamespace="http://bpmn.io/schema/bpmn" modeler:executionPlatform="Camunda Cloud">
  <bpmn:process id="order" isExecutable="true">
    <bpmn:extensionElements><zeebe:versionTag value="v1"/></bpmn:extensionElements>
    <bpmn:startEvent id="s"/><bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="x"/>
    <bpmn:userTask id="x"><bpmn:extensionElements>
      <zeebe:userTask/><zeebe:assignmentDefinition candidateGroups="desk"/></bpmn:extensionElements></bpmn:userTask>
    <bpmn:sequenceFlow id="f2" sourceRef="x" targetRef="g"/><bpmn:exclusiveGateway id="g" default="f4"/>
    <bpmn:sequenceFlow id="f3" sourceRef="g" targetRef="c">
      <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=approved</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
    <bpmn:serviceTask id="c"><bpmn:extensionElements>
      <zeebe:taskDefinition type="charge"/><zeebe:taskHeaders><zeebe:header key="a" value="b"/></zeebe:taskHeaders>
    </bpmn:extensionElements></bpmn:serviceTask>
    <bpmn:sequenceFlow id="f5" sourceRef="c" targetRef="e"/><bpmn:sequenceFlow id="f4" sourceRef="g" targetRef="e"/>
    <bpmn:endEvent id="e"/>
  </bpmn:process>
</bpmn:definitions>"""
FLOWABLE = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:{0}="http://{0}.org/bpmn" targetNamespace="http://www.{0}.org/p"
  typeLanguage="http://www.w3.org/2001/XMLSchema" expressionLanguage="http://www.w3.org/1999/XPath">
  <process id="order" name="Order" isExecutable="true" {0}:candidateStarterGroups="desk">
    <startEvent id="s" {0}:initiator="starter" {0}:formFieldValidation="true"/>
    <sequenceFlow id="f1" sourceRef="s" targetRef="x"/>
    <userTask id="x" {0}:candidateGroups="desk"><extensionElements>
      <modeler:initiator-can-complete xmlns:modeler="http://{0}.com/modeler"><![CDATA[false]]></modeler:initiator-can-complete>
    </extensionElements></userTask>
    <sequenceFlow id="f2" sourceRef="x" targetRef="g"/>
    <exclusiveGateway id="g" default="f4"/>
    <sequenceFlow id="f3" sourceRef="g" targetRef="c">
      <conditionExpression xsi:type="tFormalExpression"><![CDATA[${{approved == true}}]]></conditionExpression>
    </sequenceFlow>
    <serviceTask id="c" implementation="charge" {0}:async="true"/><sequenceFlow id="f5" sourceRef="c" targetRef="e"/>
    <sequenceFlow id="f4" sourceRef="g" targetRef="e"/><endEvent id="e"/>
  </process>
</definitions>"""
SIGNAVIO = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:signavio="http://www.signavio.com"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" exporter="Signavio Process Editor"
  expressionLanguage="http://www.w3.org/TR/XPath" id="sid-1" targetNamespace="http://www.signavio.com"
  xsi:schemaLocation="http://www.omg.org/spec/BPMN/20100524/MODEL http://www.omg.org/spec/BPMN/2.0/20100501/BPMN20.xsd">
  <collaboration id="sid-2"><participant id="sid-3" name="Shop" processRef="order">
    <participantMultiplicity maximum="1" minimum="0"/></participant><participant id="sid-4" name="Customer"/>
    <messageFlow id="sid-5" sourceRef="sid-4" targetRef="s"/></collaboration>
  <process id="order" isClosed="false" isExecutable="true" processType="None">
    <extensionElements/><laneSet id="sid-6"><lane id="desk" name="Desk"><extensionElements>
      <signavio:signavioMetaData metaKey="bgcolor" metaValue=""/></extensionElements>
      <flowNodeRef>s</flowNodeRef><flowNodeRef>x</flowNodeRef><flowNodeRef>g</flowNodeRef></lane></laneSet>
    <startEvent id="s" name=""><outgoing>f1</outgoing></startEvent>
    <userTask completionQuantity="1" id="x" implementation="##unspecified" isForCompensation="false"
      name="Approve&#10;it" startQuantity="1"><extensionElements>
      <signavio:signavioMetaData metaKey="bgcolor" metaValue="#ffffcc"/>
      </extensionElements><incoming>f1</incoming></userTask>
    <exclusiveGateway default="f4" gatewayDirection="Diverging" id="g" name=""/>
    <serviceTask completionQuantity="1" id="c" implementation="charge" isForCompensation="false" startQuantity="1"/>
    <endEvent id="e" name=""/>
    <sequenceFlow id="f1" isImmediate="true" name="" sourceRef="s" targetRef="x"/>
    <sequenceFlow id="f2" isImmediate="true" name="" sourceRef="x" targetRef="g"/>
    <sequenceFlow id="f3" isImmediate="true" name="yes" sourceRef="g" targetRef="c">
      <conditionExpression id="sid-7" xsi:type="tFormalExpression">approved</conditionExpression></sequenceFlow>
    <sequenceFlow id="f4" isImmediate="true" name="no" sourceRef="g" targetRef="e"/>
    <sequenceFlow id="f5" isImmediate="true" name="" sourceRef="c" targetRef="e"/>
  </process>
</definitions>"""
JBPM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn2:definitions xmlns:bpmn2="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpsim="http://www.bpsim.org/schemas/1.0"
  xmlns:drools="http://www.jboss.org/drools" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="_1"
  expressionLanguage="http://www.mvel.org/2.0" typeLanguage="http://www.java.com/javaTypes" targetNamespace="http://www.omg.org/bpmn20">
  <bpmn2:itemDefinition id="_approvedItem" structureRef="Boolean"/>
  <bpmn2:interface id="_i" name="Shop" implementationRef="Shop"><bpmn2:operation id="_o" name="charge">
    <bpmn2:inMessageRef>_m</bpmn2:inMessageRef></bpmn2:operation></bpmn2:interface>
  <bpmn2:message id="_m" itemRef="_approvedItem"/>
  <bpmn2:process id="order" drools:packageName="org.acme" drools:version="1.0" drools:adHoc="false" isExecutable="true"
    processType="Public"><bpmn2:property id="approved" itemSubjectRef="_approvedItem"/>
    <bpmn2:startEvent id="s"/><bpmn2:sequenceFlow id="f1" sourceRef="s" targetRef="x"/>
    <bpmn2:userTask id="x"><bpmn2:extensionElements><drools:metaData name="elementname">
      <drools:metaValue><![CDATA[Approve]]></drools:metaValue></drools:metaData></bpmn2:extensionElements>
      <bpmn2:potentialOwner id="_p"><bpmn2:resourceAssignmentExpression id="_q">
        <bpmn2:formalExpression id="_r">john</bpmn2:formalExpression></bpmn2:resourceAssignmentExpression>
      </bpmn2:potentialOwner></bpmn2:userTask>
    <bpmn2:sequenceFlow id="f2" sourceRef="x" targetRef="g"/>
    <bpmn2:exclusiveGateway id="g" drools:dg="f4" gatewayDirection="Diverging" default="f4"/>
    <bpmn2:sequenceFlow id="f3" sourceRef="g" targetRef="w" drools:priority="1">
      <bpmn2:conditionExpression xsi:type="bpmn2:tFormalExpression" language="http://www.java.com/java">
        <![CDATA[return approved == true;]]></bpmn2:conditionExpression></bpmn2:sequenceFlow>
    <bpmn2:intermediateCatchEvent id="w"><bpmn2:timerEventDefinition id="_t"><bpmn2:timeDuration
      xsi:type="bpmn2:tFormalExpression">PT5M</bpmn2:timeDuration></bpmn2:timerEventDefinition>
    </bpmn2:intermediateCatchEvent>
    <bpmn2:sequenceFlow id="f6" sourceRef="w" targetRef="c"/>
    <bpmn2:serviceTask id="c" implementation="charge" operationRef="_o"/>
    <bpmn2:sequenceFlow id="f5" sourceRef="c" targetRef="e"/><bpmn2:sequenceFlow id="f4" sourceRef="g" targetRef="e"/>
    <bpmn2:endEvent id="e"/>
  </bpmn2:process>
  <bpmn2:relationship id="_s" type="BPSimData"><bpmn2:extensionElements><bpsim:BPSimData/></bpmn2:extensionElements>
    <bpmn2:source>_1</bpmn2:source><bpmn2:target>_1</bpmn2:target></bpmn2:relationship>
</bpmn2:definitions>"""
BIZAGI = """<?xml version="1.0" encoding="utf-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsd="http://www.w3.org/2001/XMLSchema"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="http://www.bizagi.com/definitions/1">
  <process id="order" name="Order" processType="None" isExecutable="true"><extensionElements>
    <bizagi:BizagiExtensions xmlns:bizagi="http://www.bizagi.com/bpmn20"><bizagi:BizagiProperties/></bizagi:BizagiExtensions>
    </extensionElements><laneSet id="L"><lane id="desk"><flowNodeRef>x</flowNodeRef></lane></laneSet>
    <startEvent id="s" /><userTask id="x" startQuantity="1" completionQuantity="1" implementation="##unspecified" />
    <sequenceFlow id="f1" sourceRef="s" targetRef="x" /><sequenceFlow id="f2" sourceRef="x" targetRef="g" />
    <exclusiveGateway id="g" gatewayDirection="Unspecified" default="f4"/>
    <sequenceFlow id="f3" sourceRef="g" targetRef="c"><conditionExpression>approved = true</conditionExpression>
    </sequenceFlow><serviceTask id="c" implementation="charge"/><sequenceFlow id="f5" sourceRef="c" targetRef="e" />
    <sequenceFlow id="f4" sourceRef="g" targetRef="e" /><endEvent id="e"><auditing/><monitoring/></endEvent>
  </process>
</definitions>"""
ECLIPSE = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn2:definitions xmlns:bpmn2="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:ext="http://org.eclipse.bpmn2/ext"
  xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:tns="http://sample/order" id="D"
  exporter="org.eclipse.bpmn2.modeler.core" targetNamespace="http://sample/order" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <bpmn2:category id="C"><bpmn2:categoryValue id="V" value="a"/></bpmn2:category>
  <bpmn2:dataStore id="DS" name="stock"/><bpmn2:endPoint id="EP"/><bpmn2:partnerEntity id="PE" name="Customer"/>
  <bpmn2:resource id="R" name="Desk"/>
  <bpmn2:process id="order" name="Order" definitionalCollaborationRef="tns:K" isExecutable="true">
    <bpmn2:extensionElements><ext:style ext:shapeBackground="#ff0000"/></bpmn2:extensionElements>
    <bpmn2:supportedInterfaceRef>tns:I</bpmn2:supportedInterfaceRef>
    <bpmn2:startEvent id="s"/><bpmn2:sequenceFlow id="f1" sourceRef="tns:s" targetRef="tns:x"/>
    <bpmn2:userTask id="x"><bpmn2:categoryValueRef>tns:V</bpmn2:categoryValueRef><bpmn2:performer id="P">
      <bpmn2:resourceRef>tns:R</bpmn2:resourceRef></bpmn2:performer><bpmn2:rendering id="W"/></bpmn2:userTask>
    <bpmn2:sequenceFlow id="f2" sourceRef="x" targetRef="g"/><bpmn2:exclusiveGateway id="g" default="tns:f4"/>
    <bpmn2:sequenceFlow id="f3" sourceRef="g" targetRef="c">
      <bpmn2:conditionExpression xsi:type="bpmn:tFormalExpression" evaluatesToTypeRef="xs:boolean">
      approved</bpmn2:conditionExpression></bpmn2:sequenceFlow>
    <bpmn2:serviceTask id="c" implementation="charge"/><bpmn2:sequenceFlow id="f5" sourceRef="c" targetRef="e"/>
    <bpmn2:sequenceFlow id="f4" sourceRef="g" targetRef="e"/><bpmn2:endEvent id="e"/>
  </bpmn2:process>
</bpmn2:definitions>"""
DRAFT = BIZAGI.replace(MODEL, "http://schema.omg.org/spec/BPMN/2.0").replace(' isExecutable="true"', "")
TOOLS = {
    "Camunda 7": CAMUNDA_7,
    "Camunda 8": CAMUNDA_8,
    "Flowable": FLOWABLE.format("flowable"),
    "Activiti": FLOWABLE.format("activiti"),
    "Signavio": SIGNAVIO,
    "jBPM": JBPM,
    "Bizagi": BIZAGI,
    "Eclipse": ECLIPSE,
    "a draft of 2009": DRAFT,
    "any prefix": CAMUNDA_7.replace("bpmn:", "semantic:").replace("xmlns:bpmn", "xmlns:semantic"),
}


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tools_file_is_read_as_drawn(tool: str) -> None:
    """The same process from every tool: a decision, a person, a job."""
    examination = check(TOOLS[tool])
    assert examination.ok, [str(f) for f in examination.findings]
    model = examination.models["order"]
    condition = model.flows["f3"].condition
    assert condition is not None
    assert condition.evaluate({"approved": True}) is True
    assert condition.evaluate({"approved": False}) is not True
    assert model.elements["c"].handler == "charge"
    assert model.elements["x"].role or model.elements["x"].assignee


ENCODINGS = {
    "UTF-8": ("utf-8", b""),
    "utf-8": ("utf-8", b"\xef\xbb\xbf"),
    "UTF-16": ("utf-16", b""),
    "UTF-16LE": ("utf-16-le", b""),
    "UTF-16BE": ("utf-16-be", b""),
    "ISO-8859-1": ("latin-1", b""),
    "windows-1252": ("cp1252", b""),
    "GBK": ("gbk", b""),
    "GB18030": ("gb18030", b""),
    "utf-16": ("utf-8", b""),  # as .NET writes it
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_is_read(encoding: str) -> None:
    """With and without byte order mark, and where the declaration can't be true."""
    codec, mark = ENCODINGS[encoding]
    name = "审批" if codec in ("gbk", "gb18030") or "utf" in codec else "Prüfen"
    text = CAMUNDA_7.replace('"UTF-8"', f'"{encoding}"').replace("Approve", name)
    examination = check(mark + text.encode(codec))
    assert examination.ok, [str(f) for f in examination.findings]
    assert examination.models["order"].elements["x"].name == name


def test_xml_1_1_is_read() -> None:
    """Some tools of the Java world write it."""
    assert check(CAMUNDA_7.replace('version="1.0"', 'version="1.1"')).ok


def test_a_draft_is_named() -> None:
    """It is read as BPMN 2.0, and the owner is told to save it anew."""
    assert "bpmn-draft" in {f.rule for f in check(DRAFT).findings}


OTHERS = {
    "XPDL": '<Package xmlns="http://www.wfmc.org/2008/XPDL2.1" Id="p"/>',
    "BPMN 1": '<bpmn:BpmnDiagram xmlns:bpmn="http://stp.eclipse.org/bpmn"/>',
    "CMMN": '<cmmn:definitions xmlns:cmmn="http://www.omg.org/spec/CMMN/20151109/MODEL"/>',
    "DMN": '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>',
    "BPEL": '<process xmlns="http://docs.oasis-open.org/wsbpel/2.0/process/executable"/>',
    "jPDL": '<process xmlns="http://jbpm.org/4.4/jpdl"/>',
    "diagrams.net": '<mxfile host="x"/>',
    "XMI": '<xmi:XMI xmlns:xmi="http://www.omg.org/XMI"/>',
    "HTML": "<html><body/></html>",
    "JSON": '{"resourceId": "canvas"}',
    "ZIP": "PK\x03\x04abc",
    "namespace": '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/model"/>',
}


@pytest.mark.parametrize("kind", OTHERS)
def test_another_format_gives_one_finding_that_names_it(kind: str) -> None:
    """And says what to export instead."""
    [finding] = check(OTHERS[kind]).findings
    assert finding.rule in ("not-bpmn", "not-xml")
    assert kind in f"{finding.reason} {finding.remedy}"
    assert "BPMN 2.0" in str(finding.remedy)


# --- nothing legal is unknown ---------------------------------------------------------------------------------------

_NODE = {"name": "a"}
_ACTIVITY = {"isForCompensation": "false", "startQuantity": "1", "completionQuantity": "1"}
LEGAL: dict[str, dict[str, str]] = {
    **dict.fromkeys(TASKS, _ACTIVITY),
    "subProcess": {**_ACTIVITY, "triggeredByEvent": "false"},
    **{kind: {"gatewayDirection": "Mixed"} for kind in GATEWAYS},
    **{kind: {} for kind in EVENTS},
}
LEGAL["userTask"] = {**_ACTIVITY, "implementation": "##unspecified"}
LEGAL["serviceTask"] = {**_ACTIVITY, "implementation": "charge", "operationRef": "o"}
LEGAL["scriptTask"] = {**_ACTIVITY, "scriptFormat": "feel"}
LEGAL["businessRuleTask"] = {**_ACTIVITY, "implementation": "##WebService"}
LEGAL["sendTask"] = {**_ACTIVITY, "implementation": "##WebService", "messageRef": "m", "operationRef": "o"}
LEGAL["receiveTask"] = {**LEGAL["sendTask"], "instantiate": "false"}
LEGAL["eventBasedGateway"] = {"instantiate": "false", "eventGatewayType": "Exclusive", "gatewayDirection": "Diverging"}
LEGAL["startEvent"] = {"isInterrupting": "true", "parallelMultiple": "false"}
LEGAL["intermediateCatchEvent"] = {"parallelMultiple": "false"}
LEGAL["boundaryEvent"] = {"attachedToRef": "t", "cancelActivity": "true", "parallelMultiple": "false"}
ANYWHERE = (
    '<bpmn:documentation id="d1" textFormat="text/html">x</bpmn:documentation><bpmn:auditing id="d2"/>'
    '<bpmn:monitoring id="d3"/><bpmn:categoryValueRef>v</bpmn:categoryValueRef>'
)


@pytest.mark.parametrize("kind", sorted(LEGAL))
def test_no_legal_attribute_or_child_is_called_unknown(kind: str) -> None:
    """Element by element of the standard's Semantic.xsd, for all that runs."""
    assert kind in NODES
    attributes = " ".join(f'{name}="{value}"' for name, value in {**_NODE, **LEGAL[kind]}.items())
    file = (
        f'<bpmn:definitions xmlns:bpmn="{MODEL}" id="d" name="d" targetNamespace="urn:x" exporterVersion="1"'
        ' expressionLanguage="feel" typeLanguage="x" exporter="x"><bpmn:message id="m" name="m" itemRef="i"/>'
        '<bpmn:process id="p" name="p" isExecutable="true" isClosed="true" processType="Private" '
        f'definitionalCollaborationRef="c">{ANYWHERE}<bpmn:supportedInterfaceRef>i</bpmn:supportedInterfaceRef>'
        '<bpmn:ioBinding operationRef="o" inputDataRef="a" outputDataRef="b"/><bpmn:supports>q</bpmn:supports>'
        f'<bpmn:task id="t"/><bpmn:{kind} id="x" {attributes}>{ANYWHERE}</bpmn:{kind}>'
        '<bpmn:sequenceFlow id="f" name="f" isImmediate="true" sourceRef="t" targetRef="x">'
        f"{ANYWHERE}</bpmn:sequenceFlow></bpmn:process></bpmn:definitions>"
    )
    assert not {"attribute-unknown", "element-unknown", "attribute-value"} & {rule for rule, _ in errors(file)}


ROOTS = (
    "category dataStore endPoint interface itemDefinition partnerEntity partnerRole resource correlationProperty "
    "globalTask globalUserTask globalManualTask globalScriptTask globalBusinessRuleTask choreography conversation "
    "globalConversation globalChoreographyTask relationship collaboration extension import timerEventDefinition"
)


@pytest.mark.parametrize("kind", ROOTS.split())
def test_no_legal_root_element_stands_in_the_way(kind: str) -> None:
    """Documentation of the business around is not run, and not refused."""
    assert check(CAMUNDA_7.replace("</bpmn:definitions>", f'<bpmn:{kind} id="r"/></bpmn:definitions>')).ok


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("bpmn:conditionExpression", "bpmn:conditionExpresion"),
        ("bpmn:conditionExpression", "conditionExpression"),
        ("<bpmn:process", "<bpmn:mesage id='q'/><bpmn:process"),
    ],
)
def test_what_is_misspelt_is_not_overlooked(wrong: str, right: str) -> None:
    """A condition that nobody reads would let every case pass."""
    assert "element-unknown" in {rule for rule, _ in errors(CAMUNDA_7.replace(wrong, right))}


@pytest.mark.parametrize(
    ("condition", "fits"),
    [
        ("approved", True),
        ("amount / 2 > 5", True),
        ("order/amount > 5", False),
        ("$amount > 5", True),
        ("@a = 1", False),
    ],
)
def test_a_path_is_not_taken_for_a_division(condition: str, fits: bool) -> None:
    """Tools declare XPath that nobody means; where it could be meant, it is asked for."""
    file = SIGNAVIO.replace(">approved<", f">{condition.replace('>', '&gt;')}<")
    assert check(file).ok is fits


# --- pools ----------------------------------------------------------------------------------------------------------


def pools(*, thrown: str = "", caught: str = ' messageRef="M"', flow: str = "", more: str = "") -> str:
    """Two pools with a message flow from `ask` to `hear`, and a black box."""
    return (
        f'<bpmn:definitions xmlns:bpmn="{MODEL}" targetNamespace="urn:x"><bpmn:message id="M" name="asked"/>'
        '<bpmn:message id="N" name="other"/><bpmn:collaboration id="k"><bpmn:participant id="b" name="The world"/>'
        '<bpmn:participant id="p1" name="Asking" processRef="one"/><bpmn:participant id="p2" processRef="two"/>'
        f'<bpmn:messageFlow id="mf" sourceRef="ask" targetRef="hear"{flow}/>{more}'
        '<bpmn:messageFlow id="mg" sourceRef="b" targetRef="p1"/></bpmn:collaboration>'
        '<bpmn:process id="one" isExecutable="true"><bpmn:startEvent id="s1"/><bpmn:intermediateThrowEvent id="ask">'
        f"<bpmn:messageEventDefinition{thrown}/></bpmn:intermediateThrowEvent>"
        '<bpmn:sequenceFlow id="a" sourceRef="s1" targetRef="ask"/></bpmn:process>'
        '<bpmn:process id="two" name="Hearing" isExecutable="true"><bpmn:startEvent id="s2"/>'
        f'<bpmn:receiveTask id="hear"{caught}/><bpmn:sequenceFlow id="c" sourceRef="s2" targetRef="hear"/>'
        "</bpmn:process></bpmn:definitions>"
    )


def test_each_executable_pool_becomes_a_model() -> None:
    """Black boxes are drawn only; a process without a name has its pool's."""
    examination = check(pools(thrown=' messageRef="M"'))
    assert examination.ok, [str(f) for f in examination.findings]
    assert {key: model.name for key, model in examination.models.items()} == {"one": "Asking", "two": "Hearing"}


@pytest.mark.parametrize(
    "file",
    [pools(), pools(thrown=' messageRef="M"', caught=""), pools(caught="", flow=' messageRef="M"')],
    ids=["from the catching end", "from the throwing end", "from the flow"],
)
def test_a_message_is_read_from_its_flow(file: str) -> None:
    """An event without message gets the one that its message flow leaves."""
    examination = check(file)
    assert examination.ok, [str(f) for f in examination.findings]
    assert examination.models["one"].elements["ask"].message == "asked"
    assert examination.models["two"].elements["hear"].message == "asked"
    assert "message-from-flow" in {f.rule for f in examination.findings}


@pytest.mark.parametrize(
    "file",
    [
        pools(caught=""),
        pools(flow=' messageRef="X"', caught=""),
        pools(more='<bpmn:messageFlow id="mh" sourceRef="ask" targetRef="b" messageRef="N"/>'),
    ],
    ids=["none", "dangling", "two"],
)
def test_a_message_that_stays_open_is_asked_for(file: str) -> None:
    """No guess."""
    assert ("message-missing", "ask") in errors(file)


@pytest.mark.parametrize("marked", ["one", "two"])
def test_only_the_pool_marked_executable_runs(marked: str) -> None:
    """The other is told not to run, when it doesn't say so itself."""
    other = {"one": "two", "two": "one"}[marked]
    file = pools(thrown=' messageRef="M"')
    start = file.index(f'<bpmn:process id="{other}"')
    silent = file[:start] + file[start:].replace(' isExecutable="true"', "", 1)
    examination = check(silent)
    assert set(examination.models) == {marked}
    assert [f.element for f in examination.findings if f.rule == "process-not-run"] == [other]
    assert set(
        check(silent.replace(f'<bpmn:process id="{other}"', f'<bpmn:process id="{other}" isExecutable="false"')).models
    ) == {marked}


def test_links_find_each_other_by_their_labels() -> None:
    """Some tools name the event and not the link in it; or only say where it leads."""
    link = "<bpmn:linkEventDefinition{0}>{1}</bpmn:linkEventDefinition>"
    for throw, target in (('name="A"', ""), ("", "<bpmn:target>t:L</bpmn:target>")):
        file = (
            f'<bpmn:definitions xmlns:bpmn="{MODEL}" xmlns:t="urn:x" targetNamespace="urn:x">'
            '<bpmn:process id="p" isExecutable="true"><bpmn:startEvent id="s"/>'
            f'<bpmn:intermediateThrowEvent id="a" {throw}>{link.format("", target)}</bpmn:intermediateThrowEvent>'
            f'<bpmn:intermediateCatchEvent id="b" name="A">{link.format(chr(32) + "id=" + chr(34) + "L" + chr(34), "")}'
            '</bpmn:intermediateCatchEvent><bpmn:task id="x"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="a"/>'
            '<bpmn:sequenceFlow id="g" sourceRef="b" targetRef="x"/></bpmn:process></bpmn:definitions>'
        )
        assert errors(file) == set()


FULL = """
<bpmn:userTask id="u" camunda:candidateUsers="a" camunda:formKey="f"><bpmn:extensionElements><zeebe:userTask/>
<zeebe:assignmentDefinition assignee="=a" candidateGroups="=[1]"/><camunda:taskListener event="x"/>
<camunda:properties><camunda:property name="role" value="r"/></camunda:properties><zeebe:formDefinition formId="f"/>
</bpmn:extensionElements><bpmn:potentialOwner><bpmn:resourceAssignmentExpression><bpmn:formalExpression>user(a)
</bpmn:formalExpression></bpmn:resourceAssignmentExpression></bpmn:potentialOwner></bpmn:userTask>
<bpmn:serviceTask id="v" camunda:type="external" camunda:topic="t"><bpmn:extensionElements><camunda:connector/>
<zeebe:taskDefinition type="=a" retries="3"/><camunda:failedJobRetryTimeCycle>R3/PT1M</camunda:failedJobRetryTimeCycle>
</bpmn:extensionElements></bpmn:serviceTask><bpmn:scriptTask id="y" camunda:resultVariable="r"><bpmn:extensionElements>
<zeebe:script expression="=1" resultVariable="r"/></bpmn:extensionElements></bpmn:scriptTask>
<bpmn:businessRuleTask id="z" camunda:decisionRef="d" camunda:mapDecisionResult="x"><bpmn:extensionElements>
<zeebe:calledDecision decisionId="d" resultVariable="r"/></bpmn:extensionElements></bpmn:businessRuleTask>"""
SEEDS = [
    CAMUNDA_7.replace("<bpmn:endEvent", f"{FULL}<bpmn:endEvent", 1).replace(
        "xmlns:bpmn", f'xmlns:zeebe="{ZEEBE}" xmlns:bpmn', 1
    )
]
SEEDS += [CAMUNDA_8, SIGNAVIO, JBPM, ECLIPSE, pools()]


@pytest.mark.parametrize("number", range(len(SEEDS)))
def test_a_damaged_foreign_file_gives_findings_or_a_model(number: int) -> None:
    """Never an exception, never a wait; the same changes in every run."""
    dice = random.Random(number)
    for _ in range(50):
        began = time.process_time()
        examination = check(damage_tree(SEEDS[number].encode(), dice))
        assert time.process_time() - began < 2
        assert examination.ok or not examination.models
        assert "core-refuses" not in {f.rule for f in examination.findings}
        assert all(str(f) for f in examination.findings)
