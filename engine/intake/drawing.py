"""A diagram as drawn: scopes, nodes and flows linked up, before anything is judged.

Everything that legal BPMN leaves open is filled in here, in the same way for the same bytes: ids that a flow or a
boundary event lacks, prefixes in references (`tns:start`), event definitions kept beside the process.
These are the intake's working notes: mutable while they are built, read-only to the rules.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from engine.intake.global_tasks import draw_global_tasks
from engine.intake.parse import XmlElement
from engine.intake.vocabulary import BPMNDI, EVENT_KINDS, NODES, SUB_PROCESSES
from engine.intake.xml import bare, child, children, label, local, text_of, truth

REFERENCES = frozenset(
    "sourceRef targetRef attachedToRef default messageRef errorRef escalationRef signalRef processRef".split()  # noqa: SIM905
)


class Ids:
    """The ids taken so far, and new ones derived from names that say where they come from."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._next: dict[str, int] = {}

    def new(self, wanted: str) -> str:
        """Return `wanted`, or `wanted_2`, `wanted_3` … if that is taken."""
        candidate = wanted
        while candidate in self._taken:
            number = self._next[wanted] = self._next.get(wanted, 1) + 1
            candidate = f"{wanted}_{number}"
        self._taken.add(candidate)
        return candidate


@dataclass(slots=True, eq=False)
class Edge:
    """A sequence flow."""

    id: str
    xml: XmlElement
    scope: Scope
    source: str
    target: str
    name: str = ""

    @property
    def line(self) -> int:
        return self.xml.sourceline or 0

    @property
    def condition(self) -> XmlElement | None:
        """The condition element, if it says anything."""
        found = child(self.xml, "conditionExpression")
        return found if found is not None and text_of(found) else None


@dataclass(slots=True, eq=False)
class Node:
    """A flow node."""

    id: str
    kind: str
    xml: XmlElement
    scope: Scope
    name: str = ""
    incoming: list[Edge] = field(default_factory=list)
    outgoing: list[Edge] = field(default_factory=list)
    boundaries: list[Node] = field(default_factory=list)
    definitions: list[XmlElement] = field(default_factory=list)  # its event definitions, references resolved
    default: str | None = None
    attached_to: str | None = None
    lane: str | None = None
    inner: Scope | None = None  # of a sub-process
    trigger: int | None = None  # of a node that stands for one definition of a multiple event: which

    @property
    def line(self) -> int:
        return self.xml.sourceline or 0

    @property
    def event(self) -> str:
        """The kind of its event definition; "" without one, "multiple" with several."""
        if len(self.definitions) > 1:
            return "multiple"
        return EVENT_KINDS.get(local(self.definitions[0]), "") if self.definitions else ""

    @property
    def events(self) -> list[str]:
        """The kinds of all its event definitions."""
        return [EVENT_KINDS[local(definition)] for definition in self.definitions]

    @property
    def is_parallel(self) -> bool:
        """Whether all of several definitions must have come."""
        return len(self.definitions) > 1 and truth(self.xml, "parallelMultiple", default=False)

    @property
    def is_marked_instantiating(self) -> bool:
        """Whether it says that a case begins with it."""
        return self.kind in ("receiveTask", "eventBasedGateway") and truth(self.xml, "instantiate", default=False)

    @property
    def is_event_sub_process(self) -> bool:
        return self.kind in SUB_PROCESSES and truth(self.xml, "triggeredByEvent", default=False)

    @property
    def is_for_compensation(self) -> bool:
        """Whether it only undoes what was done: a compensation activity, or an event sub-process for it."""
        if self.is_event_sub_process and self.inner is not None:
            return any(start.event == "compensation" for start in self.inner.starts())
        return truth(self.xml, "isForCompensation", default=False)

    @property
    def interrupting(self) -> bool:
        """Whether the event stops what it is attached to (BPMN's default)."""
        return truth(self.xml, "cancelActivity" if self.kind == "boundaryEvent" else "isInterrupting", default=True)


@dataclass(slots=True, eq=False)
class Scope:
    """A process or sub-process and what is drawn directly in it."""

    id: str
    xml: XmlElement
    parent: Scope | None = None
    node: Node | None = None  # the sub-process's own node
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)

    @property
    def name(self) -> str:
        return label(self.xml)

    @property
    def line(self) -> int:
        return self.xml.sourceline or 0

    @property
    def is_event_sub_process(self) -> bool:
        return self.node is not None and self.node.is_event_sub_process

    def starts(self) -> list[Node]:
        return [n for n in self.nodes if n.kind == "startEvent"]

    def beginnings(self) -> list[Node]:
        """Where a token begins in it: its start events and what instantiates; without any, what no flow leads to."""
        begun = [n for n in self.nodes if n.kind == "startEvent" or (self.node is None and n.is_marked_instantiating)]
        if begun:
            return begun
        first = (n for n in self.nodes if not n.incoming and n.kind != "boundaryEvent" and not n.is_event_sub_process)
        return [n for n in first if not is_link(n, "intermediateCatchEvent") and not n.is_for_compensation]

    def event_sub_processes(self) -> list[Node]:
        return [n for n in self.nodes if n.is_event_sub_process]

    def everything(self) -> Iterator[Scope]:
        """This scope and all scopes inside it, outer ones first."""
        waiting = [self]
        while waiting:
            scope = waiting.pop(0)
            yield scope
            waiting.extend(n.inner for n in scope.nodes if n.inner is not None)


@dataclass(slots=True, eq=False)
class Drawing:
    """One BPMN file."""

    resource: str
    source: bytes
    root: XmlElement
    processes: list[Scope] = field(default_factory=list)
    messages: dict[str, XmlElement] = field(default_factory=dict)
    errors: dict[str, XmlElement] = field(default_factory=dict)
    escalations: dict[str, XmlElement] = field(default_factory=dict)
    signals: dict[str, XmlElement] = field(default_factory=dict)
    called_tasks: frozenset[str] = frozenset()  # global tasks that are drawn in place of their calls
    associations: list[tuple[str, str]] = field(default_factory=list)  # ids of the two ends, as drawn
    shapes: frozenset[str] | None = None  # ids that have a shape or an edge; None: the file has no drawing at all

    @classmethod
    def of(cls, resource: str, source: bytes, root: XmlElement) -> Drawing:
        """Link up a parsed file."""
        drawing = cls(resource, source, root)
        drawing.called_tasks = draw_global_tasks(root)
        shared = {e.get("id"): e for e in root if local(e) in EVENT_KINDS and e.get("id")}
        used = Ids(e.get("id") for e in root.iter() if e.get("id"))
        kept = {"message": drawing.messages, "error": drawing.errors}
        kept |= {"escalation": drawing.escalations, "signal": drawing.signals}
        for element in root:
            kind = local(element)
            if kind == "process":
                drawing.processes.append(_scopes(element, used, shared))
            elif kind in kept and element.get("id"):
                kept[kind].setdefault(element.get("id"), element)
        drawn_lines = (e for e in root.iter() if local(e) == "association")
        drawing.associations = [(bare(e.get("sourceRef")), bare(e.get("targetRef"))) for e in drawn_lines]
        diagrams = root.findall(f"{{{BPMNDI}}}BPMNDiagram")
        if diagrams:
            drawn = (bare(x.get("bpmnElement")) for d in diagrams for x in d.iter() if x.get("bpmnElement"))
            drawing.shapes = frozenset(drawn)
        return drawing

    @property
    def expression_language(self) -> str | None:
        """The language of expressions that name none; None for XPath, which tools write without anybody meaning it."""
        language = (self.root.get("expressionLanguage") or "").strip()
        return None if "xpath" in language.lower() else language or None

    def executable(self) -> list[Scope]:
        """The processes that are to run: those marked so, else those that don't say."""
        marked = [p for p in self.processes if truth(p.xml, "isExecutable", default=False)]
        return marked or [p for p in self.processes if p.xml.get("isExecutable") is None and p.nodes]


@dataclass(slots=True, eq=False)
class Process:
    """One executable process of a file, with the look-ups that rules need."""

    drawing: Drawing
    scope: Scope
    data: dict[str, str] | None = None  # id of drawn data → its variable (engine.intake.variables)
    refused: set[str] = field(default_factory=set)  # elements whose work was found to be another engine's

    @property
    def key(self) -> str:
        return self.scope.id

    def scopes(self) -> list[Scope]:
        return list(self.scope.everything())

    def nodes(self) -> list[Node]:
        return [n for scope in self.scopes() for n in scope.nodes]

    def singles(self) -> list[Node]:
        """All nodes, a multiple event as one node for each of its definitions."""
        return singles(self.nodes())

    def edges(self) -> list[Edge]:
        return [e for scope in self.scopes() for e in scope.edges]


def _scopes(process: XmlElement, used: Ids, shared: dict[str, XmlElement]) -> Scope:
    top = Scope(process.get("id") or "", process)
    waiting = [top]
    while waiting:
        scope = waiting.pop(0)
        _fill(scope, used, shared)
        for node in scope.nodes:
            if node.kind in SUB_PROCESSES:
                node.inner = Scope(node.id, node.xml, scope, node)
                waiting.append(node.inner)
    _link(top)
    _assign_lanes(top)
    return top


def _fill(scope: Scope, used: Ids, shared: dict[str, XmlElement]) -> None:
    for xml in scope.xml:
        kind = local(xml)
        if kind == "sequenceFlow":
            source, target = bare(xml.get("sourceRef")), bare(xml.get("targetRef"))
            edge = Edge(_id(xml, f"__flow_{source}_{target}", used), xml, scope, source, target, label(xml))
            scope.edges.append(edge)
        elif kind in NODES:
            scope.nodes.append(_node(xml, kind, scope, used, shared))


def _node(xml: XmlElement, kind: str, scope: Scope, used: Ids, shared: dict[str, XmlElement]) -> Node:
    attached = bare(xml.get("attachedToRef")) or None
    identity = _id(xml, f"__boundary_{attached}", used) if attached else (xml.get("id") or "").strip()
    node = Node(identity, kind, xml, scope, label(xml), default=bare(xml.get("default")) or None, attached_to=attached)
    for part in xml:
        if local(part) in EVENT_KINDS:
            node.definitions.append(part)
        elif local(part) == "eventDefinitionRef" and bare(part.text) in shared:
            node.definitions.append(copy.deepcopy(shared[bare(part.text)]))
    return node


def _link(top: Scope) -> None:
    """Tie flows and boundary events to their nodes; the first of two equal ids wins.

    Some tools keep a sub-process's flows in the process around it: they are moved to where both ends are.
    """
    nodes: dict[str, Node] = {}
    for scope in top.everything():
        for node in scope.nodes:
            nodes.setdefault(node.id, node)
    for scope in top.everything():
        for edge in list(scope.edges):
            source, target = nodes.get(edge.source), nodes.get(edge.target)
            if source is None or target is None or source.scope is not target.scope:
                continue  # a rule says so
            edge.scope = source.scope
            source.outgoing.append(edge)
            target.incoming.append(edge)
        for node in scope.nodes:
            host = nodes.get(node.attached_to or "")
            if node.kind == "boundaryEvent" and host is not None and host.scope is scope:
                host.boundaries.append(node)
    _gather(top)


def _gather(top: Scope) -> None:
    edges = [edge for scope in top.everything() for edge in scope.edges]
    for scope in top.everything():
        scope.edges = []
    for edge in edges:
        edge.scope.edges.append(edge)


def _assign_lanes(top: Scope) -> None:
    """Give each node the innermost lane that lists it, else the lane of the sub-process around it."""
    listed: dict[str, str] = {}
    for scope in top.everything():
        for lane in lanes(scope.xml):
            for ref in children(lane, "flowNodeRef"):
                listed[bare(ref.text)] = lane.get("id") or ""  # inner lanes come later and win
        inherited = scope.node.lane if scope.node is not None else None
        for node in scope.nodes:
            node.lane = listed.get(node.id) or inherited
        for node in scope.nodes:
            if node.lane is None and node.attached_to:
                node.lane = listed.get(node.attached_to)


def lanes(scope: XmlElement) -> list[XmlElement]:
    """All lanes of a scope, outer ones before those inside them."""
    found: list[XmlElement] = []
    sets = children(scope, "laneSet")
    while sets:
        inner: list[XmlElement] = []
        for lane_set in sets:
            for lane in children(lane_set, "lane"):
                found.append(lane)
                inner.extend(children(lane, "childLaneSet"))
        sets = inner
    return found


def singles(nodes: Iterable[Node]) -> list[Node]:
    """These nodes, with a node for each definition of a multiple event in its place."""
    found: list[Node] = []
    for node in nodes:
        if len(node.definitions) < 2:
            found.append(node)
        else:
            found += [replace(node, definitions=[d], trigger=number) for number, d in enumerate(node.definitions)]
    return found


def is_link(node: Node, kind: str) -> bool:
    """Whether a node is a link event of this kind."""
    return node.kind == kind and node.event == "link"


def link_name(node: Node) -> str:
    """The name of a link, by which its ends find each other."""
    return (node.definitions[0].get("name") or "").strip()


def leads_to(throw: Node, catch: Node) -> bool:
    """Whether a link thrown here comes out there."""
    ends = is_link(throw, "intermediateThrowEvent") and is_link(catch, "intermediateCatchEvent")
    return ends and link_name(throw) == link_name(catch)


def _id(xml: XmlElement, wanted: str, used: Ids) -> str:
    given: str = (xml.get("id") or "").strip()
    if given:
        return given
    return used.new(wanted)
