"""Rules about decisions on the way: conditions, defaults, joins, event gateways, endless loops."""

from __future__ import annotations

from datetime import timedelta

from engine.intake.drawing import Edge, Node, is_link, leads_to
from engine.intake.lint.timers import constant
from engine.intake.notes import Notes
from engine.intake.reading import Reading
from engine.intake.vocabulary import ACTIVITIES, PEOPLE, SUB_PROCESSES
from engine.intake.xml import children
from engine.texts import Text

_WAITED = frozenset({"message", "timer", "signal", "conditional"})
_DECIDING = frozenset({"exclusiveGateway", "inclusiveGateway"})


def conditions(reading: Reading) -> None:
    """Where a way is chosen, each flow says when; elsewhere no flow does."""
    for node in reading.process.nodes():
        if node.kind in _DECIDING:
            _deciding(node, reading.notes)
        elif node.kind == "complexGateway":
            if node.default is None and node.outgoing and all(e.condition is not None for e in node.outgoing):
                _no_default(node, reading.notes)
        elif node.kind in ACTIVITIES:
            _activity(node, reading.notes)
        else:
            for edge in node.outgoing:
                if edge.condition is not None:
                    _misplaced(edge, reading.notes)


def _deciding(node: Node, notes: Notes) -> None:
    if len(node.outgoing) > 1:
        for edge in node.outgoing:
            if edge.condition is None and edge.id != node.default:
                _missing(edge, node, notes)
    conditioned = [e for e in node.outgoing if e.condition is not None]
    if conditioned and len(conditioned) == len(node.outgoing) and node.default is None:
        _no_default(node, notes)


def _missing(edge: Edge, node: Node, notes: Notes) -> None:
    notes.error(
        "condition-missing",
        edge,
        Text(
            "The flow out of the gateway “{gateway}” has no condition and is not its default.",
            gateway=node.name or node.id,
        ),
        Text("Give it a condition, or make it the default flow."),
    )


def _no_default(node: Node, notes: Notes) -> None:
    notes.warning(
        "default-missing",
        node,
        Text("There is no default flow: when no condition is true, the case can't go on."),
        Text("Make one of the flows the default flow."),
    )


def _misplaced(edge: Edge, notes: Notes) -> None:
    notes.error(
        "condition-misplaced",
        edge,
        Text("The flow has a condition, but nothing is decided where it begins."),
        Text("Remove the condition, or draw an exclusive or inclusive gateway there."),
    )


def _activity(node: Node, notes: Notes) -> None:
    conditioned = [e for e in node.outgoing if e.condition is not None]
    if conditioned and len(node.outgoing) == 1:
        notes.error(
            "condition-single",
            conditioned[0],
            Text("The only flow out of an activity has a condition: when it is false, the case can't go on."),
            Text("Remove the condition, or draw an exclusive gateway with a second flow."),
        )
    elif conditioned and len(conditioned) == len(node.outgoing) and node.default is None:
        _no_default(node, notes)
    elif node.default is not None and not conditioned and len(node.outgoing) > 1:
        notes.error(
            "default-needless",
            node,
            Text("It has a default flow, but no other flow has a condition: all would be taken."),
            Text("Give the other flows conditions, or make the default flow a plain one."),
        )


def written_conditions(reading: Reading) -> None:
    """A condition that is drawn says something, and one thing."""
    sources = {node.id: node for node in reading.process.nodes()}
    for edge in reading.process.edges():
        drawn, source = children(edge.xml, "conditionExpression"), sources.get(edge.source)
        if len(drawn) > 1:
            reading.notes.error(
                "condition-twice",
                edge,
                Text("The flow has {count} conditions.", count=len(drawn)),
                Text("Keep one; join what belongs together with and, or."),
            )
        elif drawn and edge.condition is None and source is not None and _is_asked(edge, source):
            reading.notes.error(
                "condition-empty",
                edge,
                Text("The flow is drawn as conditional, but its condition is empty."),
                Text("Write the condition, or make it a plain flow."),
            )


def _is_asked(edge: Edge, source: Node) -> bool:
    return (
        source.kind in ACTIVITIES or source.kind == "complexGateway"
    ) and edge.id != source.default  # at a gateway, it is missed anyway


def constant_conditions(reading: Reading) -> None:
    """A condition depends on something; only the value true lets a case pass."""
    for edge in reading.process.edges():
        condition = reading.flows[edge.id].condition
        if condition is None or condition.names or condition.calls:
            continue
        value = constant(condition)
        if not isinstance(value, bool):
            reading.notes.error(
                "condition-constant",
                edge,
                Text("The condition can never be true, whatever the case: {text}", text=condition.text[:80]),
                Text('Compare something: priority = "P1". Names of variables stand without quotation marks.'),
            )
        elif not value:
            reading.notes.warning(
                "condition-constant",
                edge,
                Text("The condition is always false: this way is never taken."),
                Text("Write a condition, or delete the flow."),
            )


def defaults(reading: Reading) -> None:
    """A default flow leaves its element and has no condition."""
    for node in reading.process.nodes():
        if node.default is None:
            continue
        edge = next((e for e in node.outgoing if e.id == node.default), None)
        if edge is None:
            reading.notes.error(
                "default-dangling",
                node,
                Text("Its default flow “{flow}” doesn't leave it.", flow=node.default[:80]),
                Text("Choose the default flow again in the modeler."),
            )
        elif edge.condition is not None:
            reading.notes.error(
                "default-with-condition",
                edge,
                Text("The default flow has a condition; it is taken just when no condition is true."),
                Text("Remove the condition, or make another flow the default."),
            )


def event_gateways(reading: Reading) -> None:
    """After an event-based gateway stand events that can be waited for, each reached from there only."""
    for node in reading.process.nodes():
        if node.kind != "eventBasedGateway":
            continue
        nodes = {n.id: n for n in node.scope.nodes}
        targets = [nodes[e.target] for e in node.outgoing]
        if len(targets) < 2:
            reading.notes.error(
                "event-gateway-choice",
                node,
                Text("An event-based gateway needs at least two events after it; it has {count}.", count=len(targets)),
                Text("Draw the events to choose from after it."),
            )
        for target in targets:
            _event_target(target, reading)


def _event_target(target: Node, reading: Reading) -> None:
    notes = reading.notes
    waits = target.kind == "intermediateCatchEvent" and bool(target.events) and _WAITED.issuperset(target.events)
    if not waits and target.kind != "receiveTask":
        notes.error(
            "event-gateway-target",
            target,
            Text("It follows an event-based gateway, but is no event that could be waited for."),
            Text("Put a catching message, signal, timer or conditional event, or a receive task, after it."),
        )
    elif target.is_parallel:
        notes.error(
            "event-gateway-target",
            target,
            Text("It follows an event-based gateway, but needs several events: the first of all decides there."),
            Text("Draw the events one by one after the gateway, or a parallel multiple event without gateway."),
        )
    elif len(target.incoming) > 1:
        notes.error(
            "event-gateway-target",
            target,
            Text("It follows an event-based gateway and has other flows leading to it."),
            Text("Draw a second event for the other way."),
        )
    elif reading.element(target).loop is not None:
        notes.error(
            "event-gateway-target",
            target,
            Text("It follows an event-based gateway, but runs several times: the first message decides there."),
            Text("Let the task receive one message, and draw a task that repeats behind it."),
        )
    elif target.boundaries:
        notes.error(
            "event-gateway-target",
            target,
            Text("A receive task after an event-based gateway can't have boundary events."),
            Text("Draw the boundary event's event as another choice after the gateway."),
        )


def endless_loops(reading: Reading) -> None:
    """A circle in which nothing is ever waited for runs until it is stopped; without a way out, always."""
    for scope in reading.process.scopes():
        automatic = {n.id: n for n in scope.nodes if not _waits(n, reading)}
        for circle in _circles(automatic):
            first = min(circle, key=lambda n: n.line)
            reason = Text(
                "This loop has no task or event in it that waits: {elements}",
                elements=", ".join(sorted(n.id for n in circle)[:6]),
            )
            if _has_way_out(circle):
                remedy = Text(
                    "Make sure that a condition ends it soon, or put a timer into it; after many rounds it is stopped."
                )
                reading.notes.warning("endless-loop", first, reason, remedy)
            else:
                remedy = Text("Nothing can end it: put a choice into it that leads out, or something that waits.")
                reading.notes.error("endless-loop", first, reason, remedy)


def _has_way_out(circle: list[Node]) -> bool:
    """Whether a choice or an error may end a loop, or a join keep it from going round."""
    inside = {node.id for node in circle}
    for node in circle:
        leaves = any(e.target not in inside for e in node.outgoing)
        chooses = node.kind in _DECIDING or any(e.condition is not None for e in node.outgoing)
        may_fail = node.kind in ("serviceTask", "callActivity", *SUB_PROCESSES) or node.boundaries
        if may_fail or (leaves and chooses) or (node.kind == "parallelGateway" and len(node.incoming) > 1):
            return True
    return False


def _waits(node: Node, reading: Reading) -> bool:
    if node.kind in PEOPLE or node.kind in ("receiveTask", "eventBasedGateway", "boundaryEvent", "callActivity"):
        return True
    if node.kind == "intermediateCatchEvent":
        return node.event != "link" and not _is_due_at_once(node, reading)
    if node.kind in SUB_PROCESSES and node.inner is not None:
        return any(_waits(n, reading) for n in node.inner.nodes if n.kind != "boundaryEvent")
    return reading.element(node).external


def _is_due_at_once(node: Node, reading: Reading) -> bool:
    timer = reading.element(node).timer
    if timer is None or timer[1].names or timer[1].calls:
        return False
    return timer[0] == "date" or constant(timer[1]) == timedelta(0)  # a fixed date: from the second round on


def _circles(nodes: dict[str, Node]) -> list[list[Node]]:
    """The sets of nodes that can be left and entered again: Kosaraju's two sweeps, without recursion."""
    forward = {i: [e.target for e in n.outgoing if e.target in nodes] for i, n in nodes.items()}
    for throw in (n for n in nodes.values() if is_link(n, "intermediateThrowEvent")):
        forward[throw.id] = [i for i, n in nodes.items() if leads_to(throw, n)]
    backward: dict[str, list[str]] = {i: [] for i in nodes}
    for source, targets in forward.items():
        for target in targets:
            backward[target].append(source)
    order: list[str] = []
    seen: set[str] = set()
    for root in nodes:
        stack = [(root, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((n, False) for n in forward[node])
    found: list[list[Node]] = []
    placed: set[str] = set()
    for root in reversed(order):
        if root in placed:
            continue
        members, waiting = [], [root]
        while waiting:
            node = waiting.pop()
            if node not in placed:
                placed.add(node)
                members.append(node)
                waiting.extend(backward[node])
        if len(members) > 1 or root in forward[root]:
            found.append([nodes[m] for m in members])
    return found


RULES = (conditions, written_conditions, constant_conditions, defaults, event_gateways, endless_loops)
