"""What stands around the flow: data, people, collaborations, notes."""

from __future__ import annotations

from engine.constructs.construct import Construct
from engine.constructs.strokes import flows, line, node, nodes, users

_IO = (
    '<bpmn:ioSpecification><bpmn:dataInput id="i" name="a"/><bpmn:dataOutput id="o" name="b"/>'
    "<bpmn:inputSet><bpmn:dataInputRefs>i</bpmn:dataInputRefs></bpmn:inputSet>"
    "<bpmn:outputSet><bpmn:dataOutputRefs>o</bpmn:dataOutputRefs></bpmn:outputSet></bpmn:ioSpecification>"
)
_INTO = (
    '<bpmn:dataInputAssociation id="di"><bpmn:sourceRef>d</bpmn:sourceRef><bpmn:targetRef>i</bpmn:targetRef>'
    "</bpmn:dataInputAssociation>"
)
_OUT = (
    '<bpmn:dataOutputAssociation id="do"><bpmn:sourceRef>o</bpmn:sourceRef><bpmn:targetRef>d</bpmn:targetRef>'
    "</bpmn:dataOutputAssociation>"
)
_OBJECT = '<bpmn:dataObject id="d" name="d"/>'
_REFERENCE = '<bpmn:dataObjectReference id="r" name="d" dataObjectRef="d"/>'
_TASK = line(users("x"))


def _with(key: str, title: str, section: str, more: str, beside: str = "", *, silent: bool = False) -> Construct:
    return Construct(key, title, section, _TASK + more, beside, silent=silent)


def _holding(key: str, title: str, section: str, inner: str, more: str = "", beside: str = "") -> Construct:
    x = node("userTask", "x", inner, role="staff")
    return Construct(key, title, section, more + line(x), beside)


_STORE = '<bpmn:dataStore id="store" name="Store"/>'
DATA = (
    _with("data.object", "Data object", "10.4.1", _OBJECT + _REFERENCE),
    _with("data.store", "Data store", "10.4.1", '<bpmn:dataStoreReference id="r" dataStoreRef="store"/>', _STORE),
    Construct("data.property", "Property of a process", "10.4.1", '<bpmn:property id="d" name="d"/>' + _TASK),
    _holding("data.ioSpecification", "Inputs and outputs of a task, mapped", "10.4.1", _IO + _INTO + _OUT, _OBJECT),
    _holding("data.input", "Data input association alone", "10.4.1", _INTO.replace(">i<", ">x<"), _OBJECT),
    Construct(
        "data.process",
        "Inputs and outputs of the process",
        "10.4.1",
        '<bpmn:ioSpecification><bpmn:dataInput id="i" name="a"/><bpmn:inputSet><bpmn:dataInputRefs>i'
        "</bpmn:dataInputRefs></bpmn:inputSet><bpmn:outputSet/></bpmn:ioSpecification>" + _TASK,
    ),
    _with(
        "data.item", "Item definition", "8.4.10", "", '<bpmn:itemDefinition id="t" structureRef="string"/>', silent=True
    ),
)


def _laned(inner: str) -> str:
    task = node("userTask", "x")
    start = nodes("startEvent", "s") + task + nodes("endEvent", "e") + flows("s x e")
    return f'<bpmn:laneSet id="ls">{inner}</bpmn:laneSet>' + start


_REF = "<bpmn:flowNodeRef>s</bpmn:flowNodeRef><bpmn:flowNodeRef>x</bpmn:flowNodeRef>"
_NESTED = f'<bpmn:childLaneSet id="cl"><bpmn:lane id="staff">{_REF}</bpmn:lane></bpmn:childLaneSet>'
_WHO = "<bpmn:resourceAssignmentExpression><bpmn:formalExpression>staff</bpmn:formalExpression>"
_WHO += "</bpmn:resourceAssignmentExpression>"
PEOPLE = (
    Construct("lane", "Lane: the role that works in it", "10.8", _laned(f'<bpmn:lane id="staff">{_REF}</bpmn:lane>')),
    Construct("lane.nested", "Lane in a lane", "10.8", _laned(f'<bpmn:lane id="office">{_NESTED}</bpmn:lane>')),
    _holding("potentialOwner", "Potential owner", "10.3.4", f"<bpmn:potentialOwner>{_WHO}</bpmn:potentialOwner>"),
    _holding("performer", "Performer", "10.3.2", f"<bpmn:performer>{_WHO}</bpmn:performer>"),
)

_POOL = '<bpmn:participant id="us" processRef="p"/>'
_THEM = '<bpmn:participant id="them" name="Them"/>'
_FLOW = '<bpmn:messageFlow id="mf" sourceRef="them" targetRef="us"/>'
_SECOND = (
    '<bpmn:process id="q" isExecutable="true"><bpmn:startEvent id="q_s"/><bpmn:endEvent id="q_e"/>'
    + flows("q_s q_e")
    + "</bpmn:process>"
)
_KEY = (
    '<bpmn:correlationProperty id="cp" name="number"><bpmn:correlationPropertyRetrievalExpression messageRef="m_ping">'
    "<bpmn:messagePath>number</bpmn:messagePath></bpmn:correlationPropertyRetrievalExpression></bpmn:correlationProperty>"
)
_CONVERSED = (
    '<bpmn:correlationKey id="ck" name="by number"><bpmn:correlationPropertyRef>cp</bpmn:correlationPropertyRef>'
)
_CONVERSED += "</bpmn:correlationKey>"
_SUBSCRIBED = (
    '<bpmn:correlationSubscription id="cs" correlationKeyRef="ck"><bpmn:correlationPropertyBinding '
    'correlationPropertyRef="cp"><bpmn:dataPath>number</bpmn:dataPath></bpmn:correlationPropertyBinding>'
    "</bpmn:correlationSubscription>"
)
_CATCH = line(node("intermediateCatchEvent", "x", '<bpmn:messageEventDefinition messageRef="m_ping"/>'))


def _collaboration(inner: str) -> str:
    return f'<bpmn:collaboration id="c">{inner}</bpmn:collaboration>'


_CORRELATED = _KEY + _collaboration(_POOL + _CONVERSED)
_CHOREOGRAPHY = (
    '<bpmn:choreography id="c"><bpmn:startEvent id="cs"/><bpmn:choreographyTask id="ct" initiatingParticipantRef="a"/>'
    "</bpmn:choreography>"
)
TOGETHER = (
    _with("pool", "Pool of a process", "9.3", "", _collaboration(_POOL)),
    _with(
        "pool.blackBox",
        "Pool without a process, message flow",
        "9.3, 9.4",
        "",
        _collaboration(_POOL + _THEM + _FLOW),
        silent=True,
    ),
    _with(
        "pool.several",
        "Several pools with a process each",
        "9.3",
        "",
        _SECOND + _collaboration(_POOL + '<bpmn:participant id="them" processRef="q"/>'),
    ),
    _with(
        "pool.multiplicity",
        "Participant multiplicity",
        "9.3.1",
        "",
        _collaboration(_POOL.replace("/>", "><bpmn:participantMultiplicity/></bpmn:participant>")),
        silent=True,
    ),
    Construct("correlation.key", "Correlation key and property", "8.4.2", _CATCH, _CORRELATED),
    Construct("correlation.subscription", "Correlation subscription", "8.4.2", _SUBSCRIBED + _CATCH, _CORRELATED),
    _with(
        "conversation",
        "Conversation",
        "9.5",
        "",
        _collaboration(_POOL + _THEM + '<bpmn:conversation id="talk"/>'),
        silent=True,
    ),
    _with("choreography", "Choreography beside the process", "11", "", _CHOREOGRAPHY),
    Construct("choreographyTask", "Choreography task", "11.5", line(nodes("choreographyTask", "x"))),
    Construct("callChoreography", "Call choreography", "11.5", line(nodes("callChoreography", "x"))),
    Construct("subChoreography", "Sub-choreography", "11.5", line(nodes("subChoreography", "x"))),
)

_ASSOCIATION = '<bpmn:association id="as" sourceRef="x" targetRef="n"/>'
NOTES = (
    _with("textAnnotation", "Text annotation", "8.4.1", '<bpmn:textAnnotation id="n"/>' + _ASSOCIATION, silent=True),
    _with("group", "Group and category", "8.4.1", '<bpmn:group id="n"/>', '<bpmn:category id="cat"/>', silent=True),
    Construct(
        "documentation",
        "Documentation",
        "8.3.1",
        line(node("userTask", "x", "<bpmn:documentation>Why.</bpmn:documentation>", role="staff")),
        silent=True,
    ),
    Construct(
        "auditing",
        "Auditing and monitoring",
        "10.10, 10.11",
        line(node("userTask", "x", "<bpmn:auditing/><bpmn:monitoring/>", role="staff")),
        silent=True,
    ),
)
