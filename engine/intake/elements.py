"""From nodes and flows to the elements that the engine works with: every text read, every expression compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.authority import ADMIN
from engine.definitions import Element, Flow, MultiInstance, StandardLoop
from engine.feel import Expression
from engine.handlers import HandlerRegistry
from engine.intake.ad_hoc import read_ad_hoc
from engine.intake.behaviour import read_throws
from engine.intake.calls import read_call
from engine.intake.compensation import read_compensation
from engine.intake.correlation import read_correlations, subscribed_key
from engine.intake.data import read_data, read_io, read_own, sole_output
from engine.intake.drawing import Edge, Node, Process, lanes
from engine.intake.events import read_event
from engine.intake.expressions import Expressions
from engine.intake.library import Library
from engine.intake.loops import marker, read_loop
from engine.intake.notes import Notes
from engine.intake.people import read_people, words
from engine.intake.quantities import read_quantities
from engine.intake.reading import Reading
from engine.intake.vocabulary import PEOPLE
from engine.intake.work import read_work
from engine.intake.xml import child, documentation, properties, text_of
from engine.texts import Text


def read(process: Process, notes: Notes, handlers: HandlerRegistry, library: Library) -> Reading:
    """Read a process; whatever can't be read is noted and left out."""
    expressions = Expressions(notes, library.functions)
    reading = Reading(process, notes, expressions, handlers, library, {}, {}, _roles(process))
    own = properties(process.scope.xml)
    reading.register = own.get("register")
    reading.business_key = expressions.read(own.get("business_key"), process.scope, Text("The business key"))
    reading.owner = own.get("owner")
    reading.starters = words(own.get("starters"))
    reading.begun = _begun(process)
    reading.data = read_own(process.scope.xml, process.scope, reading)
    inputs, results = read_io(process.scope.xml, process)
    reading.data |= {name: None for name in (*inputs, *results) if name not in reading.data}
    for node in process.nodes():
        reading.elements.setdefault(node.id, _element(node, reading))
    for edge in process.edges():
        reading.flows.setdefault(edge.id, _flow(edge, expressions, process))
    reading.correlations = read_correlations(reading)
    return reading


def _roles(process: Process) -> dict[str, str]:
    roles: dict[str, str] = {}
    for scope in process.scopes():
        for lane in lanes(scope.xml):
            if lane.get("id"):
                roles[lane.get("id")] = properties(lane).get("role", lane.get("id"))
    return roles


def _flow(edge: Edge, expressions: Expressions, process: Process) -> Flow:
    condition = None
    if (xml := edge.condition) is not None:
        line = xml.sourceline or edge.line
        language = process.drawing.language(xml)
        condition = expressions.read(text_of(xml), edge, Text("The condition"), line=line, language=language)
    return Flow(edge.id, edge.source, edge.target, edge.name, condition)


def _role(node: Node, own: Mapping[str, str], assignee: Expression | None, reading: Reading) -> str | None:
    """Whose a node is: as it says itself, else by its lane; a person's task that is nobody's is the process owner's."""
    drawn = own.get("role") or (reading.lanes.get(node.lane) if node.lane else None)
    is_somebodys = drawn is not None or (assignee is not None and isinstance(assignee.constant, str))
    return drawn if is_somebodys or node.kind not in PEOPLE else reading.owner or ADMIN


def _element(node: Node, reading: Reading) -> Element:
    own = properties(node.xml)
    data, people = read_data(node, reading), read_people(node, own, reading)
    work = read_work(node, own, reading)
    if data is not None and work["result"] is None:
        work["result"] = sole_output(data, work, reading)
    definition = node.definitions[0] if len(node.definitions) == 1 else None
    element = Element(
        id=node.id,
        kind=node.kind,
        name=node.name,
        line=node.line,
        parent=node.scope.id,
        documentation=documentation(node.xml),
        lane=node.lane,
        role=_role(node, own, people.get("assignee"), reading),
        attached_to=node.attached_to,
        interrupting=node.interrupting,
        form=own.get("form"),
        record_state=own.get("record_state"),
        clause=own.get("clause"),
        call=read_call(node, own, reading),
        loop=_loop(node, own, reading),
        ad_hoc=read_ad_hoc(node, own, reading.expressions),
        compensation=read_compensation(node, reading.process),
        properties=own,
        data=data,
        **{**read_event(node, definition, reading), "event": node.event or None},
        **work,
        **people,
        **read_quantities(node),
        activation=_activation(node, reading),
        **_sending(node, own, reading),
    )
    if node.id in reading.begun:
        element = _instantiating(node, element)
    if node.event != "multiple":
        return element
    triggers = tuple(replace(element, **read_event(node, d, reading)) for d in node.definitions)
    return replace(element, triggers=triggers, parallel=node.is_parallel)


def _begun(process: Process) -> frozenset[str]:
    """The marked receive tasks and gateways, and what follows such a gateway."""
    marked = [n for n in process.scope.nodes if n.is_marked_instantiating]
    after = {edge.target for n in marked if n.kind == "eventBasedGateway" for edge in n.outgoing}
    return frozenset({n.id for n in marked} | after)


def _instantiating(node: Node, element: Element) -> Element:
    """Say that a case can begin here."""
    parallel = (node.xml.get("eventGatewayType") or "").strip() == "Parallel"
    event = "message" if node.kind == "receiveTask" else element.event
    return replace(element, instantiates=True, parallel=parallel or element.parallel, event=event)


def _activation(node: Node, reading: Reading) -> Expression | None:
    """What activates a complex gateway."""
    xml = child(node.xml, "activationCondition") if node.kind == "complexGateway" else None
    if xml is None:
        return None
    language = xml.get("language") or reading.process.drawing.expression_language
    what, line = Text("The activation condition"), xml.sourceline or node.line
    return reading.expressions.read(text_of(xml), node, what, line=line, language=language)


def _loop(node: Node, own: Mapping[str, str], reading: Reading) -> MultiInstance | StandardLoop | None:
    loop, bars = read_loop(node, own, reading.process, reading.expressions), marker(node)
    if bars is None or not isinstance(loop, MultiInstance):
        return loop
    return replace(loop, throws=read_throws(node, bars, reading))


def _sending(node: Node, own: Mapping[str, str], reading: Reading) -> dict[str, Any]:
    expressions = reading.expressions
    key = own.get("correlation_key") or subscribed_key(node, reading)
    return {
        "correlation_key": expressions.read(key, node, Text("The correlation key")),
        "payload": expressions.read(own.get("payload"), node, Text("The payload")),
        "expires": expressions.time(own.get("expires"), node, Text("The message's lifetime")),
    }
