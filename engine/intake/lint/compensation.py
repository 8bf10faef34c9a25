"""Rules about what is undone: each handler has what it undoes, each event something that it can have undone."""

from __future__ import annotations

from engine.intake.compensation import THROWS, associated, event_handlers, handlers
from engine.intake.drawing import Node, Scope
from engine.intake.reading import Reading
from engine.intake.vocabulary import ACTIVITIES, SUB_PROCESSES
from engine.intake.xml import bare
from engine.texts import Text


def boundaries(reading: Reading) -> None:
    """A compensation boundary event is tied to one compensation activity, by an association and not by a flow."""
    for node in reading.process.nodes():
        if node.kind != "boundaryEvent" or node.event != "compensation":
            continue
        if node.outgoing:
            reason = Text("A flow leaves this compensation event; what undoes an activity is not in the flow.")
            remedy = Text("Connect it with the compensation activity by an association, and delete the flow.")
            reading.notes.error("flow-forbidden", node, reason, remedy)
        ends = associated(node, reading.process)
        if not ends:
            reason = Text("Nothing says what undoes the activity: no association leads from it to an activity.")
            remedy = Text("Draw an activity marked “for compensation” beside it and connect the two by an association.")
            reading.notes.error("compensation-missing", node, reason, remedy)
        elif len(ends) > 1:
            reason = Text("It is associated with {count} activities: which one undoes?", count=len(ends))
            remedy = Text("Keep one; a sub-process can hold several steps.")
            reading.notes.error("compensation-twice", node, reason, remedy)
        for end in ends:
            if not end.is_for_compensation or end.is_event_sub_process:
                _unmarked(end, reading)


def _unmarked(node: Node, reading: Reading) -> None:
    reading.notes.error(
        "compensation-unmarked",
        node,
        Text("A compensation event leads to it, but it is not marked as being for compensation."),
        Text("Mark it as “for compensation” (isForCompensation) in the modeler."),
    )


def interruption(reading: Reading) -> None:
    """What catches compensation begins when its activity has completed: it has nothing to leave running."""
    for node in reading.process.nodes():
        if node.event == "compensation" and node.kind in ("boundaryEvent", "startEvent") and not node.interrupting:
            reading.notes.error(
                "compensation-not-interrupting",
                node,
                Text("It is drawn as not interrupting, but it comes when the activity has completed."),
                Text("Remove the marker (cancelActivity, isInterrupting)."),
            )


def activities(reading: Reading) -> None:
    """An activity is undone in one way."""
    for node in reading.process.nodes():
        events = [b for b in node.boundaries if b.event == "compensation"]
        inside = event_handlers(node)
        if len(events) + len(inside) > 1:
            reason = Text("It is said in {count} ways how it is undone: which one counts?", count=len(events + inside))
            remedy = Text("Keep one compensation boundary event, or one compensation event sub-process.")
            reading.notes.error("compensation-twice", node, reason, remedy)
    top = reading.process.scope
    for handler in top.event_sub_processes():
        if handler.is_for_compensation:
            reading.notes.warning(
                "compensation-never",
                handler,
                Text("It undoes a process that has completed, and nothing can ask for that: it never happens."),
                Text("Move it into the sub-process that it undoes, or delete it."),
            )


def compensation_activities(reading: Reading) -> None:
    """What undoes an activity is outside the flow, and has an activity to undo."""
    for node in reading.process.nodes():
        if not node.is_for_compensation or node.is_event_sub_process:
            continue
        if node.incoming or node.outgoing:
            reason = Text("A flow is drawn at it, but it is for compensation: only a compensation event begins it.")
            remedy = Text("Delete the flows, or the marker “for compensation”.")
            reading.notes.error("flow-forbidden", node, reason, remedy)
        if node.boundaries or event_handlers(node):
            reason = Text("An event is drawn at its border, but it is outside the flow: nothing could follow from it.")
            remedy = Text("Make it a sub-process and draw the event inside.")
            reading.notes.error("compensation-boundary", node, reason, remedy)
        beside = [n for n in node.scope.nodes if node in handlers(n, reading.process)]
        if node.kind in ACTIVITIES and not beside:
            reason = Text("It is for compensation, but no compensation event leads to it: it would never happen.")
            remedy = Text("Connect it by an association with a compensation event at the border of what it undoes.")
            reading.notes.error("compensation-loose", node, reason, remedy)


def throws(reading: Reading) -> None:
    """An event that has something undone sees what it means."""
    for node in reading.process.nodes():
        if node.kind not in THROWS or node.event != "compensation":
            continue
        ref = bare(node.definitions[0].get("activityRef"))
        visible = [n for scope in _visible(node) for n in scope.nodes if n.kind in ACTIVITIES]
        if not ref:
            _undoes_something(node, visible, reading)
        elif ref not in {n.id for n in reading.process.nodes()}:
            reason = Text("It refers to the activity “{id}”, which is not in this process.", id=ref[:80])
            remedy = Text("Choose the activity again in the modeler.")
            reading.notes.error("reference-dangling", node, reason, remedy)
        elif ref not in {n.id for n in visible if not n.is_event_sub_process and not n.is_for_compensation}:
            reason = Text("It can't see “{id}”: only activities beside it can be undone from here.", id=ref)
            remedy = Text(
                "Throw it beside the activity, or in an event sub-process beside it; or name the sub-process around it."
            )
            reading.notes.error("compensation-invisible", node, reason, remedy)
        else:
            _undoes_something(node, [n for n in visible if n.id == ref], reading)


def _visible(node: Node) -> list[Scope]:
    """Its own scope and, of an event sub-process, the one around (Tables 10.88 and 10.89)."""
    scope = node.scope
    return [scope, scope.parent] if scope.is_event_sub_process and scope.parent is not None else [scope]


def _undoes_something(node: Node, visible: list[Node], reading: Reading) -> None:
    waiting = [n for n in visible if not n.is_event_sub_process and not n.is_for_compensation]
    while waiting:
        activity = waiting.pop()
        if handlers(activity, reading.process) or event_handlers(activity):
            return
        if activity.kind in SUB_PROCESSES and activity.inner is not None:
            inner = activity.inner.nodes
            waiting += [n for n in inner if not n.is_event_sub_process and not n.is_for_compensation]
    reading.notes.warning(
        "compensation-nothing",
        node,
        Text("Nothing that it could undo says how it is undone: it has no effect."),
        Text("Draw a compensation event at the border of the activity, with the activity that undoes it."),
    )


RULES = (boundaries, interruption, activities, compensation_activities, throws)
