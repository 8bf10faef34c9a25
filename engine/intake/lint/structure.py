"""Rules about how a process hangs together: ids, flows, starts, and whether everything drawn can be reached."""

from __future__ import annotations

from engine.intake.drawing import Edge, Node, Scope, is_link, leads_to
from engine.intake.lint.files import NAME
from engine.intake.notes import Notes
from engine.intake.reading import Reading
from engine.intake.vocabulary import ACTIVITIES
from engine.texts import Text

MAX_NAME = 300


def ids(reading: Reading) -> None:
    """Every element has an id of its own that the engine can use."""
    seen: set[str] = {reading.process.key}
    places: list[Node | Edge] = [*reading.process.nodes(), *reading.process.edges()]
    for place in places:
        generated = not (place.xml.get("id") or "").strip()
        if not place.id:
            reading.notes.error("id-missing", place, Text("It has no id, so no history could name it."), _id_advice())
        elif not generated and (not NAME.fullmatch(place.id) or len(place.id) > 200):
            reason = Text("Its id “{id}” has characters that an id can't have.", id=place.id[:60])
            reading.notes.error("id-wrong", place, reason, _id_advice())
        elif not generated and place.id.startswith("__"):
            reason = Text("Its id begins with two underscores; such ids are kept for the engine.")
            reading.notes.error("id-wrong", place, reason, _id_advice())
        elif place.id in seen:
            reason = Text("Another element has the id “{id}” too.", id=place.id)
            reading.notes.error("id-twice", place, reason, Text("Give one of them another id."))
        seen.add(place.id)


def names(reading: Reading) -> None:
    """Names fit into lists and mails."""
    process = reading.process
    places: list[Node | Edge | Scope] = [process.scope, *process.nodes(), *process.edges()]
    for place in places:
        if len(place.name) > MAX_NAME:
            reason = Text("Its name is longer than {limit} characters.", limit=MAX_NAME)
            reading.notes.error(
                "name-too-long", place, reason, Text("Shorten it; put the rest into the documentation.")
            )


def _id_advice() -> Text:
    return Text("Give it an id of letters, digits and _, for example assess_risk.")


def flow_ends(reading: Reading) -> None:
    """Both ends of a flow exist and lie in the same scope."""
    nodes = {n.id: n for n in reading.process.nodes()}
    for edge in reading.process.edges():
        source, target = nodes.get(edge.source), nodes.get(edge.target)
        if source is None or target is None:
            missing = edge.source if source is None else edge.target
            _dangling(edge, missing, reading.notes)
        elif source.scope is not target.scope:
            reading.notes.error(
                "flow-crosses",
                edge,
                Text(
                    "The flow goes from “{source}” across the border of a sub-process.", source=source.name or source.id
                ),
                Text("End the flow at the sub-process, or use a message or a boundary event."),
            )


def _dangling(edge: Edge, missing: str, notes: Notes) -> None:
    if missing:
        reason = Text("The flow refers to “{id}”, which is not in this process.", id=missing[:80])
    else:
        reason = Text("The flow lacks one of its ends.")
    notes.error("flow-dangling", edge, reason, Text("Connect the flow again in the modeler, or delete it."))


def forbidden_flows(reading: Reading) -> None:
    """Nothing leads to a start or boundary event or leaves an end event; event sub-processes have no flows."""
    for node in reading.process.nodes():
        if node.incoming and node.kind in ("startEvent", "boundaryEvent"):
            reading.notes.error(
                "flow-forbidden",
                node,
                Text("A flow leads to it; it is entered only by its event."),
                Text("Let the flow lead to the element after it."),
            )
        if node.outgoing and node.kind == "endEvent":
            reading.notes.error(
                "flow-forbidden",
                node,
                Text("A flow leaves this end event."),
                Text("Draw an intermediate event instead, or delete the flow."),
            )
        if node.is_event_sub_process and (node.incoming or node.outgoing or node.boundaries):
            reading.notes.error(
                "flow-forbidden",
                node,
                Text(
                    "A flow or boundary event is drawn at an event sub-process; it is entered only by its start event."
                ),
                Text("Remove the flows and boundary events, or make it a plain sub-process."),
            )


def boundaries(reading: Reading) -> None:
    """A boundary event sits on an activity of its own scope."""
    nodes = {n.id: n for n in reading.process.nodes()}
    for node in reading.process.nodes():
        if node.kind != "boundaryEvent":
            continue
        host = nodes.get(node.attached_to or "")
        if host is None or host.kind not in ACTIVITIES or host.scope is not node.scope:
            reading.notes.error(
                "boundary-loose",
                node,
                Text("It is attached to “{id}”, which is no activity beside it.", id=(node.attached_to or "")[:80]),
                Text("Drop it on the border of a task or sub-process in the modeler."),
            )


def starts(reading: Reading) -> None:
    """Each scope can be entered in exactly the ways that are drawn."""
    for scope in reading.process.scopes():
        if scope.node is None:
            if not scope.beginnings():
                _no_start(scope, reading.notes)
        elif scope.is_event_sub_process:
            _event_sub_process_start(scope, reading.notes)
        else:
            _sub_process_start(scope, scope.node, reading.notes)


def _no_start(scope: Scope, notes: Notes) -> None:
    reason = Text("The process has no start event.")
    notes.error("start-missing", scope, reason, Text("Draw a start event and a flow from it to the first element."))


def _event_sub_process_start(scope: Scope, notes: Notes) -> None:
    assert scope.node is not None
    if len(scope.starts()) != 1:
        notes.error(
            "start-missing",
            scope.node,
            Text("An event sub-process needs exactly one start event; it has {count}.", count=len(scope.starts())),
            Text("Draw one start event of the kind message, timer or error; for several events draw several of them."),
        )


def _sub_process_start(scope: Scope, node: Node, notes: Notes) -> None:
    if len(scope.starts()) > 1:
        notes.error(
            "start-several",
            node,
            Text(
                "The sub-process has {count} start events; it can be entered in one way only.",
                count=len(scope.starts()),
            ),
            Text("Keep one start event and draw a parallel gateway after it."),
        )
    for start in scope.starts():
        if start.definitions:
            notes.error(
                "start-in-sub-process",
                start,
                Text("The start event of a sub-process can't wait for an event; it would never be entered."),
                Text("Make it a plain start event, and draw the event before the sub-process."),
            )
    drawn = [n for n in scope.nodes if not n.is_event_sub_process and not n.is_for_compensation]
    if drawn and not scope.beginnings():
        reason = Text("The sub-process has no start: every element in it is after another.")
        notes.error("start-missing", node, reason, Text("Draw a start event in it."))


def reachability(reading: Reading) -> None:
    """Everything drawn lies on a way from a start."""
    for scope in reading.process.scopes():
        if not scope.beginnings():
            continue  # said already
        reached = _reached(scope)
        for node in scope.nodes:
            if id(node) not in reached:
                reading.notes.error(
                    "unreachable",
                    node,
                    Text("No way leads here from a start; it would never happen."),
                    Text("Connect it with a flow, or delete it."),
                )


def _reached(scope: Scope) -> set[int]:
    nodes: dict[str, Node] = {}
    for node in scope.nodes:
        nodes.setdefault(node.id, node)
    aside = [n for n in scope.nodes if n.is_for_compensation]  # begun by what is undone, see the rules of compensation
    waiting = [*scope.beginnings(), *scope.event_sub_processes(), *aside]
    reached: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in reached:
            continue
        reached.add(id(node))
        waiting.extend(node.boundaries)
        waiting.extend(nodes[e.target] for e in node.outgoing if e.target in nodes)
        if is_link(node, "intermediateThrowEvent"):
            waiting.extend(n for n in scope.nodes if leads_to(node, n))
    return reached


RULES = (ids, names, flow_ends, forbidden_flows, boundaries, starts, reachability)
