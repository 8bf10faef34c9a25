"""Strokes for short diagrams: nodes, conditions and events in one line each."""

from __future__ import annotations

from tests.engine.diagrams import flows, properties

MESSAGES = "".join(f'<bpmn:message id="m_{name}" name="{name}"/>' for name in ("ping", "pong", "stop"))
ERRORS = "".join(f'<bpmn:error id="e_{code}" name="{code}" errorCode="{code}"/>' for code in ("E1", "E2"))
ESCALATIONS = "".join(
    f'<bpmn:escalation id="x_{code}" name="{code}" escalationCode="{code}"/>' for code in ("X1", "X2")
)
SIGNALS = "".join(f'<bpmn:signal id="g_{name}" name="{name}"/>' for name in ("red", "blue"))
EXTRA = MESSAGES + ERRORS + ESCALATIONS + SIGNALS


def nodes(**kinds: str) -> str:
    """Write nodes by kind: `nodes(userTask="a b", startEvent="start")`."""
    return "".join(_node(kind, identity) for kind, ids in kinds.items() for identity in ids.split())


def _node(kind: str, identity: str) -> str:
    return node(kind, identity, role="staff") if kind == "userTask" else f'<bpmn:{kind} id="{identity}"/>'


def condition(identity: str, source: str, target: str, feel: str) -> str:
    """Write a conditional flow."""
    return (
        f'<bpmn:sequenceFlow id="{identity}" sourceRef="{source}" targetRef="{target}">'
        f"<bpmn:conditionExpression>{feel}</bpmn:conditionExpression></bpmn:sequenceFlow>"
    )


def message(name: str) -> str:
    """The definition of a message event."""
    return f'<bpmn:messageEventDefinition messageRef="m_{name}"/>'


def timer(kind: str, text: str) -> str:
    """The definition of a timer event: `timer("Duration", "PT5M")`."""
    return f"<bpmn:timerEventDefinition><bpmn:time{kind}>{text}</bpmn:time{kind}></bpmn:timerEventDefinition>"


def error(code: str | None = None) -> str:
    """The definition of an error event; without code it catches all."""
    return f'<bpmn:errorEventDefinition errorRef="e_{code}"/>' if code else "<bpmn:errorEventDefinition/>"


def escalation(code: str | None = None) -> str:
    """The definition of an escalation event; without code it catches all."""
    return (
        f'<bpmn:escalationEventDefinition escalationRef="x_{code}"/>' if code else "<bpmn:escalationEventDefinition/>"
    )


def when(condition: str) -> str:
    """The definition of a conditional event."""
    inner = f"<bpmn:condition>{condition}</bpmn:condition>"
    return f"<bpmn:conditionalEventDefinition>{inner}</bpmn:conditionalEventDefinition>"


def signal(name: str) -> str:
    """The definition of a signal event."""
    return f'<bpmn:signalEventDefinition signalRef="g_{name}"/>'


TERMINATE = "<bpmn:terminateEventDefinition/>"


def event(kind: str, identity: str, definition: str, **own: str) -> str:
    """An event: `event("intermediateCatchEvent", "wait", message("ping"), correlation_key="number")`."""
    extension = properties(**own) if own else ""
    return f'<bpmn:{kind} id="{identity}">{extension}{definition}</bpmn:{kind}>'


def boundary(identity: str, host: str, definition: str, *, cancel: bool = True, **own: str) -> str:
    """A boundary event."""
    extension = properties(**own) if own else ""
    return (
        f'<bpmn:boundaryEvent id="{identity}" attachedToRef="{host}" cancelActivity="{str(cancel).lower()}">'
        f"{extension}{definition}</bpmn:boundaryEvent>"
    )


def node(kind: str, identity: str, inner: str = "", attributes: str = "", **own: str) -> str:
    """A node with properties."""
    extension = properties(**own) if own else ""
    attributes = " " + attributes if attributes else ""
    return f'<bpmn:{kind} id="{identity}"{attributes}>{extension}{inner}</bpmn:{kind}>'


def sub(identity: str, inner: str, *, by_event: bool = False) -> str:
    """An embedded sub-process, or an event sub-process."""
    triggered = ' triggeredByEvent="true"' if by_event else ""
    return f'<bpmn:subProcess id="{identity}"{triggered}>{inner}</bpmn:subProcess>'


def handling(identity: str, definition: str, *, cancel: bool = True) -> str:
    """An event sub-process `identity` started by `on_<identity>`, in which somebody does `do_<identity>`."""
    start = f'<bpmn:startEvent id="on_{identity}" isInterrupting="{str(cancel).lower()}">{definition}</bpmn:startEvent>'
    inner = start + nodes(userTask=f"do_{identity}", endEvent=f"end_{identity}")
    return sub(identity, inner + flows(f"on_{identity} do_{identity}", f"do_{identity} end_{identity}"), by_event=True)


def service(identity: str, handler: str = "do", **own: str) -> str:
    """A service task."""
    return node("serviceTask", identity, attributes=f'implementation="{handler}"', **own)


def undo(activity: str | None = None, *, waits: bool = True) -> str:
    """The definition of a compensation event."""
    ref = f' activityRef="{activity}"' if activity else ""
    ref += "" if waits else ' waitForCompletion="false"'
    return f"<bpmn:compensateEventDefinition{ref}/>"


def undoable(
    identity: str,
    *,
    marker: str = "",
    own: dict[str, str] | None = None,
    handler: str = "userTask",
    inner: str = "",
    **properties: str,
) -> str:
    """A user task that `undo_<identity>` undoes; properties are the handler's."""
    if handler == "userTask":
        properties = {"role": "staff", **properties}
    attributes = 'isForCompensation="true"' + (' implementation="do"' if handler == "serviceTask" else "")
    return (
        node("userTask", identity, marker, **{"role": "staff", **(own or {})})
        + boundary(f"on_undo_{identity}", identity, undo())
        + node(handler, f"undo_{identity}", inner, attributes, **properties)
        + f'<bpmn:association id="undoes_{identity}" sourceRef="on_undo_{identity}" targetRef="undo_{identity}"/>'
    )
