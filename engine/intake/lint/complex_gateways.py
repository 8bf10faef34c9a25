"""Rules about complex gateways and token quantities: what has to come before they go on."""

from __future__ import annotations

from engine.intake.drawing import Node
from engine.intake.quantities import MAX_QUANTITY, QUANTITIES, quantity
from engine.intake.reading import Reading
from engine.intake.vocabulary import ACTIVITIES
from engine.intake.xml import child, text_of
from engine.texts import Text


def activations(reading: Reading) -> None:
    """A complex gateway that joins says when it is activated, and its flows say in which phase they are taken."""
    for node in reading.process.nodes():
        if node.kind != "complexGateway" or len(node.incoming) < 2:
            continue
        if not text_of(child(node.xml, "activationCondition")):
            reading.notes.error(
                "activation-missing",
                node,
                Text("It joins {count} flows, but doesn't say when it is activated.", count=len(node.incoming)),
                Text("Give it an activation condition, for example activationCount >= 2."),
            )
        for edge in node.outgoing:
            condition = reading.flows[edge.id].condition
            if condition is not None and "waitingForStart" not in condition.names:
                reading.notes.warning(
                    "complex-twice",
                    edge,
                    Text("The condition is asked again when the gateway resets: this way may be taken twice."),
                    Text("Write waitingForStart and …, if it is meant for the activation only."),
                )


def quantities(reading: Reading) -> None:
    """Token quantities are numbers from 1, and the tokens can come."""
    for node in reading.process.nodes():
        for attribute in QUANTITIES if node.kind in ACTIVITIES else ():
            if quantity(node, attribute) is None:
                reason = Text("“{name}” is “{value}”.", name=attribute, value=(node.xml.get(attribute) or "")[:40])
                remedy = Text("Write how many tokens: a number from 1 to {limit}.", limit=MAX_QUANTITY)
                reading.notes.error("quantity-wrong", node, reason, remedy)
        if node.kind in ACTIVITIES and (quantity(node, "startQuantity") or 1) > 1:
            _gathers(node, reading)


def _gathers(node: Node, reading: Reading) -> None:
    needed = quantity(node, "startQuantity") or 1
    sources = {n.id: n for n in node.scope.nodes}
    if not node.incoming:
        reason = Text("It needs {count} tokens to begin, but no flow leads to it.", count=needed)
        remedy = Text("Draw flows that bring the tokens, or remove startQuantity.")
        reading.notes.error("quantity-never", node, reason, remedy)
    elif any(sources[e.source].kind == "eventBasedGateway" for e in node.incoming if e.source in sources):
        reason = Text("It needs {count} tokens to begin; an event-based gateway brings one.", count=needed)
        reading.notes.error("quantity-never", node, reason, Text("Remove startQuantity, or draw it after the event."))


RULES = (activations, quantities)
