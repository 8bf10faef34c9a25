"""Rules about events with several definitions: what can stand together in one."""

from __future__ import annotations

from engine.intake.drawing import Node
from engine.intake.notes import Notes
from engine.intake.reading import Reading
from engine.texts import Text

_WAITED_FOR = frozenset({"message", "signal", "timer", "conditional"})


def multiples(reading: Reading) -> None:
    """Links lead to one place, an end throws one error, and what all must come can be waited for."""
    for node in reading.process.nodes():
        if node.event != "multiple":
            continue
        if "link" in node.events:
            reason = Text("A link can't be one of several events: it is a way, not something that happens.")
            reading.notes.error("multiple-link", node, reason, Text("Draw the link as an event of its own."))
        if node.kind == "endEvent" and node.events.count("error") > 1:
            reason = Text("It would end with {count} errors; only one can be thrown.", count=node.events.count("error"))
            reading.notes.error("multiple-errors", node, reason, Text("Keep one of the errors."))
        if node.is_parallel:
            _parallel(node, reading.notes)


def _parallel(node: Node, notes: Notes) -> None:
    if node.kind == "startEvent" and not node.scope.is_event_sub_process:
        notes.error(
            "parallel-start",
            node,
            Text("It needs several events before there is a case: nothing says which of them belong together."),
            Text("Draw an instantiating event-based gateway of the type Parallel, with correlation keys."),
        )
    elif others := sorted(set(node.events) - _WAITED_FOR):
        notes.error(
            "parallel-event",
            node,
            Text("It needs all of its events, but {kinds} can't be waited for beside others.", kinds=", ".join(others)),
            Text("Draw that as an event of its own."),
        )


RULES = (multiples,)
