"""A model to what SpiffWorkflow runs: one spec per scope, built of our elements and shared by all instances."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from SpiffWorkflow.specs import WorkflowSpec

from engine.definitions import Element, ProcessModel, StandardLoop
from engine.dmn import decision_functions
from engine.interpreter.elements import (
    ad_hoc,
    calls,
    compensation,
    complex_gateway,
    escalations,
    events,
    gateways,
    loops,
    multiple,
    quantities,
    signals,
    subprocesses,
    tasks,
)
from engine.interpreter.elements.completions import UNDOING, Undo, Undoing
from engine.interpreter.elements.node import Node, Path

Functions = Mapping[str, Callable[..., Any]]
Xml = Any  # lxml ships no types

_KINDS: Mapping[str, type[Node]] = {
    "startEvent": events.StartEvent,
    "endEvent": events.EndEvent,
    "intermediateThrowEvent": events.ThrowEvent,
    "intermediateCatchEvent": events.CatchEvent,
    "boundaryEvent": events.BoundaryEvent,
    "task": tasks.Activity,
    "userTask": tasks.UserTask,
    "manualTask": tasks.UserTask,
    "serviceTask": tasks.ServiceTask,
    "scriptTask": tasks.ScriptTask,
    "businessRuleTask": tasks.BusinessRuleTask,
    "sendTask": tasks.SendTask,
    "receiveTask": tasks.ReceiveTask,
    "callActivity": calls.CallActivity,
    "subProcess": subprocesses.SubProcess,
    "exclusiveGateway": gateways.ExclusiveGateway,
    "parallelGateway": gateways.ParallelGateway,
    "inclusiveGateway": gateways.InclusiveGateway,
    "eventBasedGateway": gateways.EventGateway,
    "complexGateway": complex_gateway.ComplexGateway,
}
_EVENTS: Mapping[tuple[str, str], Callable[..., Node]] = {
    ("endEvent", "error"): events.ErrorEnd,
    ("endEvent", "message"): events.MessageEnd,
    ("endEvent", "terminate"): events.TerminateEnd,
    ("endEvent", "compensation"): compensation.CompensationEnd,
    ("endEvent", "cancel"): compensation.CancelEnd,
    ("endEvent", "escalation"): escalations.EscalationEnd,
    ("endEvent", "signal"): signals.SignalEnd,
    ("intermediateThrowEvent", "compensation"): compensation.CompensationThrow,
    ("intermediateThrowEvent", "escalation"): escalations.EscalationThrow,
    ("intermediateThrowEvent", "signal"): signals.SignalThrow,
}
_CODED = frozenset({"error", "escalation"})  # these nodes are given the code that they throw
_ENTRY, _GATHER = "__entry_", "__gather_"
_ALSO = "__also_"  # what a multiple event throws: the event itself tells of its beginning and end


@dataclass(frozen=True, slots=True)
class CompiledScope:
    """The spec of a process or sub-process, and the node that its first token comes to."""

    spec: WorkflowSpec
    start: Node


@dataclass(frozen=True, slots=True)
class CompiledSpec:
    """What all instances of a model share; nothing in it changes at run time.

    `inclusive_joins` are those that may have to wait, by the name of their scope.
    """

    model: ProcessModel
    scopes: Mapping[str, CompiledScope]
    inclusive_joins: Mapping[str, tuple[gateways.InclusiveGateway, ...]]
    decisions: Functions
    has_conditions: bool = False  # conditional events, or inputs that are waited for: variables are watched
    undo: Mapping[str, Undo] = field(default_factory=dict)  # how activities are undone, by the name of their node
    by_event: frozenset[str] = frozenset()  # names of the event sub-processes' nodes

    @property
    def process(self) -> CompiledScope:
        """The outermost scope."""
        return self.scopes[self.model.key]

    def functions(self, given: Functions) -> Functions:
        """All functions that the model's expressions may call."""
        return {**given, **self.decisions} if self.decisions else given


_compiled: OrderedDict[int, CompiledSpec] = OrderedDict()
_CACHE_SIZE = 512


def compile_model(model: ProcessModel) -> CompiledSpec:
    """Return the specs of a model; they are built once for each model object.

    Raises ValueError when the normalised file holds what no element here runs.
    """
    found = _compiled.get(id(model))
    if found is not None and found.model is model:
        return found
    compiled = _Compiler(model).compile()
    _compiled[id(model)] = compiled
    if len(_compiled) > _CACHE_SIZE:
        _compiled.popitem(last=False)
    return compiled


class _Compiler:
    def __init__(self, model: ProcessModel) -> None:
        self.model = model
        self.root = etree.fromstring(
            model.normalised, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        )
        self.codes = {e.get("id"): e.get(f"{_tag(e)}Code") for e in self.root if _tag(e) in ("error", "escalation")}
        self.scopes: dict[str, CompiledScope] = {}
        self.joins: dict[str, tuple[gateways.InclusiveGateway, ...]] = {}
        self.nodes: dict[str, tuple[Node, str]] = {}  # by element: its node and the scope that this is in
        elements = model.elements.values()
        self.by_event = {e.parent for e in elements if e.kind == "startEvent" and e.event} - {model.key}
        self.undoes = any(e.compensation is not None or e.kind == "transaction" for e in elements)

    def compile(self) -> CompiledSpec:
        process = next(e for e in self.root if _tag(e) == "process")
        waiting = [process]
        while waiting:
            scope = waiting.pop()
            self._scope(scope)
            waiting += [e for e in scope if _tag(e) == "subProcess"]
        known = [event for element in self.model.elements.values() for event in element.events]
        watched = any(_watches(e) or e.activation is not None for e in known)
        functions, undo = decision_functions(self.model.decisions), dict(self._undo())
        by_event = frozenset(self.nodes[e][0].name for e in self.by_event)
        return CompiledSpec(self.model, self.scopes, self.joins, functions, watched, undo, by_event)

    def _scope(self, xml: Xml) -> None:
        spec = WorkflowSpec(xml.get("id"), addstart=True)
        nodes = {e.get("id"): self._node(e, spec) for e in xml if _tag(e) in _KINDS}
        self.nodes |= {n.element.id: (n, spec.name) for n in nodes.values() if n.element is not None}
        if self.undoes:
            Undoing(spec, UNDOING, None, self.model.name or self.model.key)
        for identity, node in nodes.items():
            node.is_run = identity.startswith(_ALSO)
        for element in xml:
            if _tag(element) == "sequenceFlow":
                self._connect(element, nodes)
            elif _tag(element) == "boundaryEvent":
                host, boundary = nodes[element.get("attachedToRef")], nodes[element.get("id")]
                assert isinstance(host, tasks.Activity)
                assert isinstance(boundary, events.BoundaryEvent)
                host.boundaries += self._border(boundary)
        for element in xml:
            _set_default(element, nodes)
        start = next(n for n in nodes.values() if isinstance(n, events.StartEvent))
        spec.start.connect(start)
        self.scopes[spec.name] = CompiledScope(spec, start)
        joins = _inclusive_joins(nodes.values())
        self.joins[spec.name] = tuple(sorted(joins, key=lambda j: not isinstance(j, complex_gateway.ComplexGateway)))

    # --- nodes --------------------------------------------------------------------------------------------------

    def _node(self, xml: Xml, spec: WorkflowSpec) -> Node:
        kind, identity = _tag(xml), xml.get("id")
        element = self._element(identity)
        arguments = (spec, identity, element, self._label(identity, element))
        event, code = self._event(xml)
        if kind == "boundaryEvent":
            interrupting = xml.get("cancelActivity") != "false"
            return events.BoundaryEvent(*arguments, event=event, interrupting=interrupting, code=code)
        if kind == "intermediateCatchEvent" and element is not None and element.triggers:
            return _multiple_catch(arguments, element)
        if event in _CODED and (kind, event) in _EVENTS:
            return _EVENTS[kind, event](*arguments, code=code or "")
        if (kind, event) in _EVENTS:
            return _EVENTS[kind, event](*arguments)
        if kind == "exclusiveGateway" and element is None and identity.startswith(_ENTRY):
            return gateways.EntryGateway(*arguments)
        if kind == "eventBasedGateway" and element is not None and element.instantiates:
            return gateways.InstantiatingGateway(*arguments)
        if element is None and identity.startswith(_GATHER):
            gathered = self._element(identity.removeprefix(_GATHER))
            return quantities.Gather(*arguments, quantity=gathered.start_quantity if gathered else 1)
        made = ad_hoc.AdHocSubProcess if element is not None and element.ad_hoc is not None else _KINDS[kind]
        if element is not None and element.loop is not None:
            return self._loop(made, arguments)
        return made(*arguments)

    def _loop(self, kind: type[Node], arguments: tuple[Any, ...]) -> Node:
        """An activity that runs several times: a scope of its own holds the runs."""
        _, identity, *rest = arguments
        spec = WorkflowSpec(loops.runs_of(identity), addstart=True)
        run = kind(spec, identity, *rest)
        run.is_run = True
        spec.start.connect(run)
        self.scopes[spec.name] = CompiledScope(spec, run)
        self.joins[spec.name] = ()
        repeated = isinstance(arguments[2].loop, StandardLoop)
        return loops.LoopActivity(*arguments) if repeated else loops.MultiInstanceActivity(*arguments)

    def _undo(self) -> Iterator[tuple[str, Undo]]:
        """What can be undone: activities with a handler, and the sub-processes that these are in."""
        elements = self.model.elements
        handlers = {e.compensation.handler for e in elements.values() if e.compensation and e.compensation.handler}
        found: dict[str, str | None] = {}
        for element in elements.values():
            if element.compensation is None or element.compensation.handler is None:
                continue
            found[element.id] = element.compensation.handler
            around = element.parent
            while around in elements and around not in handlers | self.by_event:
                found.setdefault(around, None)
                around = elements[around].parent
        for identity, handler in found.items():
            node, home = self.nodes[identity]
            drawn = (e.id for e in elements.values() if e.parent == identity and e.id not in self.by_event)
            inside = next((self.nodes[e][1] for e in drawn if e in self.nodes), node.name)
            if handler is None:
                yield node.name, Undo(node, home, inside)
            elif elements[handler].parent == identity:
                yield node.name, Undo(node, home, self.nodes[handler][1], event_handler=self.nodes[handler][0])
            else:
                yield node.name, Undo(node, home, inside, handler=self.nodes[handler][0])

    def _border(self, boundary: events.BoundaryEvent) -> list[events.BoundaryEvent]:
        """What is armed for an event at the border: itself, or each of its triggers; these leave by its flows."""
        element = boundary.element
        if element is None or not element.triggers:
            return [boundary]
        kind = multiple.ParallelBoundary if element.parallel else events.BoundaryEvent
        found: list[events.BoundaryEvent] = []
        for number, trigger in enumerate(element.triggers):
            code = {"error": trigger.error_code, "escalation": trigger.escalation_code}.get(trigger.event or "")
            own = (boundary._wf_spec, f"{boundary.name}*{number}", trigger, boundary.label)
            node = kind(*own, event=trigger.event or "", interrupting=boundary.interrupting, code=code)
            node.paths, node.stands_for = boundary.paths, boundary
            found.append(node)
        for node in found:
            if isinstance(node, multiple.ParallelBoundary):
                node.group = found
        return found

    def _element(self, identity: str) -> Element | None:
        """The owner's element behind a node; ids that SpiffWorkflow uses itself were given the suffix `__`."""
        elements = self.model.elements
        if identity.startswith(_ALSO):
            number, _, event = identity.removeprefix(_ALSO).partition("_")
            return elements[event].triggers[int(number)]
        drawn = identity.removesuffix("__")
        return elements[drawn] if drawn in elements else elements.get(identity)

    def _label(self, identity: str, element: Element | None) -> str:
        """How messages call a node: by its name; a generated one by that of the element it stands beside."""
        if element is None:
            element = self._element(identity.removeprefix("__").partition("_")[2])
        return (element.name or element.id) if element is not None else self.model.name or self.model.key

    def _event(self, xml: Xml) -> tuple[str, str | None]:
        """The kind of a node's event definition, and the code of its error or escalation."""
        for child in xml:
            if _tag(child).endswith("EventDefinition"):
                kind = _tag(child).removesuffix("EventDefinition")
                return kind, self.codes.get(child.get(f"{kind}Ref"))
        return "", None

    # --- flows --------------------------------------------------------------------------------------------------

    def _connect(self, xml: Xml, nodes: Mapping[str, Node]) -> None:
        source, target = nodes[xml.get("sourceRef")], nodes[xml.get("targetRef")]
        flow = self.model.flows.get(xml.get("id"))
        path = Path(xml.get("id"), source, target, flow.condition if flow else None, flow is not None)
        has_condition = any(_tag(child) == "conditionExpression" for child in xml)
        if has_condition and path.condition is None and not isinstance(source, gateways.EntryGateway):
            raise ValueError(f"the condition of {path.id} is not in the model")
        if path.condition is not None and not isinstance(source, gateways.ExclusiveGateway | gateways.InclusiveGateway):
            raise ValueError(f"the condition of {path.id} would not be asked")
        source.paths.append(path)
        target.incoming.append(path)
        source.connect(target)


def _multiple_catch(arguments: tuple[Any, ...], element: Element) -> Node:
    """An intermediate event with several triggers, each a node of its own."""
    spec, identity, _, label = arguments
    made = (multiple.ParallelCatch if element.parallel else multiple.MultipleCatch)(*arguments)
    for number, trigger in enumerate(element.triggers):
        made.triggers.append(events.CatchEvent(spec, f"{identity}*{number}", trigger, label))
    return made


def _set_default(xml: Xml, nodes: Mapping[str, Node]) -> None:
    if (default := xml.get("default")) is None:
        return
    gateway = nodes[xml.get("id")]
    assert isinstance(gateway, gateways.ExclusiveGateway | gateways.InclusiveGateway)
    gateway.default = next(path for path in gateway.paths if path.id == default)


def _inclusive_joins(nodes: Iterator[Node] | Any) -> Iterator[gateways.InclusiveGateway]:
    """The inclusive gateways with several incoming flows, each told from where these can be reached."""
    nodes = list(nodes)
    activities = [node for node in nodes if isinstance(node, tasks.Activity)]
    hosts = {boundary.stands_for: node for node in activities for boundary in node.boundaries}
    triggers = {boundary: boundary.stands_for for node in activities for boundary in node.boundaries}
    for node in nodes:
        if isinstance(node, gateways.InclusiveGateway) and len(node.incoming) > 1:
            node.reach = {path.id: _with_triggers(_sources(path, node, hosts), triggers) for path in node.incoming}
            node.straight = {path.id: _with_triggers(_sources(path, node, {}), triggers) for path in node.incoming}
            yield node


def _sources(path: Path, gateway: Node, hosts: Mapping[Any, Node]) -> set[Node]:
    """The nodes from which a flow into a gateway can be reached without visiting the gateway.

    A token in an activity may also leave it by a boundary event.
    """
    found: set[Node] = set()
    waiting = [path.source]
    while waiting:
        node = waiting.pop()
        if node is gateway or node in found:
            continue
        found.add(node)
        waiting += [incoming.source for incoming in node.incoming]
        if node in hosts:
            waiting.append(hosts[node])
    return found


def _with_triggers(found: set[Node], triggers: Mapping[Any, Node]) -> frozenset[Node]:
    """These nodes and the triggers of multiple boundary events among them: a token that undoes rests at a trigger."""
    return frozenset(found) | {trigger for trigger, event in triggers.items() if event in found}


def _watches(element: Element) -> bool:
    return element.condition is not None or (element.data is not None and bool(element.data.input_sets))


def _tag(xml: Xml) -> str:
    return etree.QName(xml).localname if isinstance(xml.tag, str) else ""
