"""Rules about transactions: where they are cancelled, and what follows."""

from __future__ import annotations

from engine.intake.drawing import Node, Scope
from engine.intake.reading import Reading
from engine.texts import Text


def cancel_ends(reading: Reading) -> None:
    """Only inside a transaction there is something to cancel."""
    for node in reading.process.nodes():
        if node.kind != "endEvent" or node.event != "cancel":
            continue
        transaction = _around(node)
        if transaction is not None and (undoing := _undoing(node, transaction)) is not None:
            reason = Text("It stands in “{id}”, which undoes: by then the transaction around is over.", id=undoing.id)
            remedy = Text("Use another end event, or make what is to be cancelled a transaction inside it.")
            reading.notes.error("cancel-misplaced", node, reason, remedy)
        elif transaction is None:
            reason = Text("It cancels a transaction, but there is none around it.")
            remedy = Text("Make the sub-process around it a transaction, or use an error end event.")
            reading.notes.error("cancel-misplaced", node, reason, remedy)
        elif not any(b.event == "cancel" for b in transaction.boundaries):
            reading.notes.warning(
                "cancel-uncaught",
                node,
                Text("Nothing follows when the transaction is cancelled: all in it is undone, and the way ends there."),
                Text("Put a cancel event on the border of the transaction, and draw what follows."),
            )


def cancel_boundaries(reading: Reading) -> None:
    """A transaction has one way out when it is cancelled, and nothing else has."""
    for node in reading.process.nodes():
        cancels = [b for b in node.boundaries if b.event == "cancel"]
        for boundary in cancels:
            _judge(boundary, node, reading)
        for boundary in cancels[1:]:
            reason = Text("Another cancel event is at the border of this transaction.")
            reading.notes.error("cancel-twice", boundary, reason, Text("Keep one of them."))


def _judge(boundary: Node, host: Node, reading: Reading) -> None:
    if host.kind != "transaction":
        reason = Text("Only a transaction can be cancelled by its own end event; “{id}” is none.", id=host.id)
        remedy = Text("Make it a transaction, or use another kind of event.")
        reading.notes.error("cancel-misplaced", boundary, reason, remedy)
    elif not any(n.event == "cancel" and n.kind == "endEvent" and _around(n) is host for n in _inside(host)):
        reason = Text("Nothing in the transaction cancels it: this event can never happen.")
        reading.notes.warning("boundary-never", boundary, reason, Text("Draw a cancel end event in it."))
    if not boundary.interrupting:
        reason = Text("A cancelled transaction is over; its event can't leave it running.")
        reading.notes.error("cancel-not-interrupting", boundary, reason, Text("Make the event interrupting."))


def _around(node: Node) -> Node | None:
    """The innermost transaction around a node."""
    scope: Scope | None = node.scope
    while scope is not None:
        if scope.node is not None and scope.node.kind == "transaction":
            return scope.node
        scope = scope.parent
    return None


def _undoing(node: Node, transaction: Node) -> Node | None:
    """The compensation activity or event sub-process between a node and its transaction."""
    scope: Scope | None = node.scope
    while scope is not None and scope.node is not None and scope.node is not transaction:
        if scope.node.is_for_compensation:
            return scope.node
        scope = scope.parent
    return None


def _inside(node: Node) -> list[Node]:
    scopes = node.inner.everything() if node.inner is not None else ()
    return [n for scope in scopes for n in scope.nodes]


RULES = (cancel_ends, cancel_boundaries)
