"""Rules about where a case begins: by a clock, by a receive task, by an event gateway."""

from __future__ import annotations

from engine.intake.drawing import Node, singles
from engine.intake.notes import Notes
from engine.intake.reading import Reading
from engine.intake.xml import properties
from engine.texts import Text

_TYPES = ("Exclusive", "Parallel")


def is_parallel(node: Node) -> bool:
    """Whether an event gateway waits for all of its events."""
    return node.kind == "eventBasedGateway" and (node.xml.get("eventGatewayType") or "").strip() == "Parallel"


def instantiating(reading: Reading) -> None:
    """What begins a case stands where nothing is before it, and waits for what can reach a process from outside."""
    for node in reading.process.nodes():
        if not node.is_marked_instantiating:
            continue
        if node.scope.parent is not None:
            reason = Text("It says that a case begins with it, but stands in a sub-process.")
            reading.notes.error("instantiate-inside", node, reason, Text("Remove instantiate, or move it out."))
        elif node.incoming:
            reason = Text("It says that a case begins with it, but a flow leads to it.")
            reading.notes.error("instantiate-inside", node, reason, Text("Remove the flow, or instantiate."))
        elif node.kind == "receiveTask":
            _receive_task(node, reading)
        else:
            _gateway(node, reading)


def _receive_task(node: Node, reading: Reading) -> None:
    element = reading.element(node)
    if element.loop is not None or element.start_quantity > 1:
        reason = Text("A case begins with it once: it can't be repeated or wait for more tokens.")
        reading.notes.error("instantiate-repeated", node, reason, Text("Draw a message start event before it."))


def _gateway(node: Node, reading: Reading) -> None:
    after = {edge.target for edge in node.outgoing}
    targets = [n for n in node.scope.nodes if n.id in after]
    for target in singles(targets):
        if target.event not in ("message", "signal") and target.kind != "receiveTask":
            reading.notes.error(
                "instantiate-event",
                target,
                Text("A case can't begin with this event: before there is a case, nothing waits for it."),
                Text("After a gateway that begins cases, draw messages, signals and receive tasks only."),
            )
    if is_parallel(node) and reading.business_key is None:
        for target in targets:
            element = reading.element(target)
            if element.correlation_key is None and any(e.message for e in element.events):
                reading.notes.warning(
                    "instantiate-uncorrelated",
                    target,
                    Text("It has no correlation key: its message goes to whichever case has waited longest."),
                    Text("Give each message the property correlation_key, or the process a business_key."),
                )


def gateway_types(reading: Reading) -> None:
    """An event gateway is exclusive; only one that begins cases may be parallel (BPMN 2.0.2 §10.6.6)."""
    for node in reading.process.nodes():
        given = (node.xml.get("eventGatewayType") or "Exclusive").strip()
        if node.kind != "eventBasedGateway":
            continue
        if given not in _TYPES:
            reason = Text("The event gateway's type is “{type}”.", type=given[:40])
            reading.notes.error("event-gateway-type", node, reason, Text("Write Exclusive or Parallel."))
        elif given == "Parallel" and not node.is_marked_instantiating:
            reason = Text("Only an event gateway that begins cases can be parallel.")
            remedy = Text("Draw a parallel gateway with the events after it, or set instantiate.")
            reading.notes.error("event-gateway-type", node, reason, remedy)


def clocks(reading: Reading) -> None:
    """A timer begins a case where there are no variables yet, and nobody who fills in a form."""
    for node in reading.process.singles():
        if node.kind != "startEvent" or node.event != "timer" or node.scope.node is not None:
            continue
        timer = reading.element(node).timer
        if timer is not None and timer[1].names:
            _reads(node, sorted(timer[1].names), reading.notes)
        if "form" in properties(node.xml):
            reason = Text("A timer starts this: nobody fills in its form.")
            reading.notes.error(
                "form-unfilled", node, reason, Text("Remove the form, or draw a plain start beside it.")
            )


def _reads(node: Node, names: list[str], notes: Notes) -> None:
    notes.error(
        "timer-reads",
        node,
        Text("The timer reads {names}, but before a case begins there are no variables.", names=", ".join(names)),
        Text("Write the time out; functions such as now() and your decisions may be called."),
    )


RULES = (instantiating, gateway_types, clocks)
