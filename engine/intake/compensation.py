"""What undoes what, as drawn: boundary events with their associations, event sub-processes, throwing events."""

from __future__ import annotations

from engine.definitions import Compensation
from engine.intake.drawing import Node, Process
from engine.intake.vocabulary import ACTIVITIES
from engine.intake.xml import bare, truth

THROWS = ("intermediateThrowEvent", "endEvent")


def read_compensation(node: Node, process: Process) -> Compensation | None:
    """Read how an activity is undone, or what an event undoes; what is missing or wrong is left to the lint."""
    if node.kind in THROWS and node.event == "compensation":
        definition = node.definitions[0]
        waits = truth(definition, "waitForCompletion", default=True)
        return Compensation(activity=bare(definition.get("activityRef")) or None, waits=waits)
    found = [*handlers(node, process), *event_handlers(node)]
    return Compensation(handler=found[0].id) if found else None


def handlers(node: Node, process: Process) -> list[Node]:
    """The compensation activities of an activity: those associated with its compensation boundary events."""
    boundaries = [b for b in node.boundaries if b.event == "compensation"]
    return [found for boundary in boundaries for found in associated(boundary, process)]


def associated(boundary: Node, process: Process) -> list[Node]:
    """The activities beside a boundary event that an association ties to it."""
    ids = [b for a, b in process.drawing.associations if a == boundary.id]
    ids += [a for a, b in process.drawing.associations if b == boundary.id]
    return [n for n in boundary.scope.nodes if n.id in ids and n.kind in ACTIVITIES and n.id != boundary.attached_to]


def event_handlers(node: Node) -> list[Node]:
    """The compensation event sub-processes inside a sub-process."""
    inside = node.inner.event_sub_processes() if node.inner is not None else []
    return [handler for handler in inside if handler.is_for_compensation]
