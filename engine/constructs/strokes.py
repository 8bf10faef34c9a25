"""Strokes for the samples: a node, an event definition, a whole file in one line each."""

from __future__ import annotations

from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

_SPACES = " ".join(
    (
        'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"',
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
        'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"',
    )
)
_BESIDE = (
    '<bpmn:message id="m_ping" name="ping"/><bpmn:message id="m_pong" name="pong"/>'
    '<bpmn:signal id="g_red" name="red"/><bpmn:error id="e_E1" name="E1" errorCode="E1"/>'
    '<bpmn:escalation id="x_X1" name="X1" escalationCode="X1"/>'
)
DECISIONS = {
    "decide.dmn": (
        b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="n">'
        b'<decision id="decide" name="decide"><variable name="decide"/><literalExpression><text>40 + 2</text>'
        b"</literalExpression></decision></definitions>"
    )
}

MESSAGE = '<bpmn:messageEventDefinition messageRef="m_ping"/>'
SIGNAL = '<bpmn:signalEventDefinition signalRef="g_red"/>'
ERROR = '<bpmn:errorEventDefinition errorRef="e_E1"/>'
ESCALATION = '<bpmn:escalationEventDefinition escalationRef="x_X1"/>'
CONDITIONAL = "<bpmn:conditionalEventDefinition><bpmn:condition>ready = true</bpmn:condition>"
CONDITIONAL += "</bpmn:conditionalEventDefinition>"
COMPENSATION = "<bpmn:compensateEventDefinition/>"
CANCEL = "<bpmn:cancelEventDefinition/>"
LINK = '<bpmn:linkEventDefinition name="L"/>'
TERMINATE = "<bpmn:terminateEventDefinition/>"


def timer(tag: str, text: str) -> str:
    """A timer's definition: `timer("timeDate", "2026-03-02T13:00:00Z")`."""
    return f"<bpmn:timerEventDefinition><bpmn:{tag}>{text}</bpmn:{tag}></bpmn:timerEventDefinition>"


def diagram(body: str, beside: str = "") -> bytes:
    """A whole file with the one process `p`."""
    process = f'<bpmn:process id="p" isExecutable="true">{body}</bpmn:process>'
    return (
        f'<bpmn:definitions {_SPACES} id="d" targetNamespace="urn:p">{_BESIDE}{process}{beside}</bpmn:definitions>'
    ).encode()


def node(kind: str, identity: str, inner: str = "", attributes: str = "", **own: str) -> str:
    """A node: `node("task", "x", attributes='startQuantity="2"', clause="4.1")`; `own` are our properties."""
    rows = "".join(f"<spiffworkflow:property name={quoteattr(k)} value={quoteattr(v)}/>" for k, v in own.items())
    extension = (
        "<bpmn:extensionElements><spiffworkflow:properties>{}</spiffworkflow:properties></bpmn:extensionElements>"
    )
    said = extension.format(rows) if own else ""
    return f'<bpmn:{kind} id="{identity}" {attributes}>{said}{inner}</bpmn:{kind}>'


def users(*ids: str) -> str:
    """User tasks."""
    return "".join(node("userTask", i, role="staff") for i in ids)


def nodes(kind: str, *ids: str) -> str:
    """Plain nodes of one kind."""
    return "".join(node(kind, i) for i in ids)


def flows(*ways: str) -> str:
    """Flows along ways: `flows("s x after e")` draws three of them."""
    pairs = [pair for way in ways for pair in pairwise(way.split())]
    return "".join(f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairs)


def condition(source: str, target: str, feel: str) -> str:
    """A conditional flow."""
    inner = f"<bpmn:conditionExpression>{escape(feel)}</bpmn:conditionExpression>"
    flow = f'id="{source}_{target}" sourceRef="{source}" targetRef="{target}"'
    return f"<bpmn:sequenceFlow {flow}>{inner}</bpmn:sequenceFlow>"


def boundary(identity: str, host: str, definition: str, attributes: str = "") -> str:
    """A boundary event."""
    return node("boundaryEvent", identity, definition, f'attachedToRef="{host}" {attributes}')


def line(x: str) -> str:
    """`s` → `x` → `after` → `e`, with `x` as given."""
    return nodes("startEvent", "s") + x + users("after") + nodes("endEvent", "e") + flows("s x after e")


def inside(*ids: str) -> str:
    """What a sub-process holds: `s_in` → the user tasks, one after the other → `e_in`."""
    way = " ".join(("s_in", *ids, "e_in"))
    return nodes("startEvent", "s_in") + users(*ids) + nodes("endEvent", "e_in") + flows(way)
