"""Rules about what this engine runs: everything else is refused by name, nothing is overlooked."""

from __future__ import annotations

from lxml import etree

from engine.intake.ad_hoc import is_zeebe
from engine.intake.calls import FOREIGN_ATTRIBUTES, FOREIGN_ELEMENTS, REFUSED_ATTRIBUTES
from engine.intake.drawing import Edge, Node, Scope
from engine.intake.events import CAUGHT
from engine.intake.mappings import MAPPINGS
from engine.intake.notes import Notes, near
from engine.intake.parse import XmlElement
from engine.intake.reading import Reading
from engine.intake.vocabulary import (
    ACTIVITIES,
    ASSOCIATIONS,
    ATTRIBUTES,
    BPMN,
    CONTENTS,
    DATA,
    DRAWN_ONLY,
    EVENT_DATA,
    EVENT_KINDS,
    EVENTS,
    MULTI_INSTANCE,
    NODES,
    RUNS,
    SILENT,
    SPIFF,
    STANDARD_LOOP,
    SUB_PROCESSES,
    XSI,
)
from engine.intake.xml import bare, extensions, local, namespace
from engine.texts import Text

_CHOREOGRAPHY = (
    Text("Choreography elements are not run."),
    Text("Draw a process with tasks and messages."),
)
_BOOLEANS = (
    "waitForCompletion",
    "isExecutable",
    "isInterrupting",
    "cancelActivity",
    "triggeredByEvent",
    "instantiate",
    "isForCompensation",
    "cancelRemainingInstances",
    "parallelMultiple",
)
_PARTS = frozenset({("script", "scriptTask"), ("activationCondition", "complexGateway")})
_PYTHON_HOOKS = frozenset({"preScript", "postScript"})


def kinds(reading: Reading) -> None:
    """Elements that are not run."""
    for node in reading.process.nodes():
        if node.kind not in ATTRIBUTES:
            reading.notes.error("unsupported-element", node, *_CHOREOGRAPHY)


def event_kinds(reading: Reading) -> None:
    """Events of a kind that is not run in this place."""
    for node in reading.process.singles():
        if node.kind not in RUNS:
            continue
        handler = node.kind == "startEvent" and node.scope.is_event_sub_process
        allowed = RUNS["startEvent in an event sub-process" if handler else node.kind]
        if node.event in allowed:
            continue
        if not node.event:
            _no_definition(node, reading.notes)
        else:
            _misplaced(node, reading.notes)


def _no_definition(node: Node, notes: Notes) -> None:
    notes.error(
        "event-undefined",
        node,
        Text("It doesn't say what it waits for."),
        Text("Choose in the modeler: message, timer or error."),
    )


def _misplaced(node: Node, notes: Notes) -> None:
    notes.error(
        "unsupported-event",
        node,
        Text("An event of the kind {event} can't stand here.", event=node.event),
        Text("Choose another kind of event, or another place for it."),
    )


def attributes(reading: Reading) -> None:
    """Attributes that BPMN doesn't know, that say what isn't run, or that another engine reads."""
    process = reading.process
    _attributes("process", process.scope.xml, process.scope, reading.notes)
    for node in process.nodes():
        _attributes(node.kind, node.xml, node, reading.notes)
        for definition in node.definitions:
            _attributes(local(definition), definition, node, reading.notes)
    for edge in process.edges():
        _attributes("sequenceFlow", edge.xml, edge, reading.notes)


def _attributes(kind: str, xml: XmlElement, place: Node | Edge | Scope, notes: Notes) -> None:
    known = ATTRIBUTES.get(kind)
    foreign = []
    for name, value in xml.attrib.items():
        qualified = etree.QName(name)
        if qualified.namespace not in (None, BPMN):
            if kind == "callActivity" and qualified.localname in FOREIGN_ATTRIBUTES | REFUSED_ATTRIBUTES:
                continue  # judged by the rules of calls
            if kind in ("errorEventDefinition", "escalationEventDefinition") and qualified.localname in CAUGHT:
                continue  # read as the names of variables
            if qualified.namespace != XSI:
                foreign.append(f"{_prefix(xml, qualified.namespace)}{qualified.localname}")
        elif known is not None and qualified.localname not in known:
            _unknown_attribute(qualified.localname, known, place, notes)
        elif qualified.namespace == BPMN:
            _unknown_attribute(f"bpmn:{qualified.localname}", known or set(), place, notes)
        else:
            _value(qualified.localname, value, xml, place, notes)
    for name in foreign:
        notes.ignored("attribute-ignored", name, place.line)


def _unknown_attribute(name: str, known: set[str], place: Node | Edge | Scope, notes: Notes) -> None:
    notes.error(
        "attribute-unknown",
        place,
        Text("It has the attribute “{name}”, which BPMN doesn't know here.", name=name[:60]),
        Text("Remove or correct it. {near}", near=near(name, sorted(known))),
    )


def _value(name: str, value: str, xml: XmlElement, place: Node | Edge | Scope, notes: Notes) -> None:
    if name in _BOOLEANS and value.strip() not in ("true", "false", "1", "0"):
        reason = Text("“{name}” is “{value}”, neither true nor false.", name=name, value=value[:40])
        notes.error("attribute-value", place, reason, Text("Write true or false."))


def contents(reading: Reading) -> None:
    """Elements inside others: each is understood, known to be harmless, or refused."""
    for scope in reading.process.scopes():
        for xml in scope.xml:
            _in_scope(xml, scope, reading.notes)
    for node in reading.process.nodes():
        if node.kind not in SUB_PROCESSES:
            for xml in node.xml:
                _in_node(xml, node, reading.notes)


def inner_contents(reading: Reading) -> None:
    """Elements inside event definitions and flows: a condition that is misspelt must not be overlooked."""
    places: list[tuple[XmlElement, Node | Edge]] = [(e.xml, e) for e in reading.process.edges()]
    places += [(definition, node) for node in reading.process.nodes() for definition in node.definitions]
    for xml, place in places:
        known = CONTENTS.get(local(xml), set()) | SILENT
        for inner in xml:
            if local(inner) not in known:
                _other(inner, local(inner), place, reading.notes)


def _in_scope(xml: XmlElement, scope: Scope, notes: Notes) -> None:
    kind = local(xml)
    place = scope.node or scope
    if kind in (MULTI_INSTANCE, STANDARD_LOOP) and scope.node is not None:
        return  # judged by the rules of loops
    if kind == "completionCondition" and scope.node is not None and scope.node.kind == "adHocSubProcess":
        return
    if kind in NODES or kind in SILENT or kind in DRAWN_ONLY or kind == "sequenceFlow":
        return
    if kind == "correlationSubscription" and scope.node is None:
        return  # judged when it is read
    if kind not in DATA and not (scope.node is not None and kind in ASSOCIATIONS):
        _other(xml, kind, place, notes)  # the others are judged by the rules of data


def _in_node(xml: XmlElement, node: Node, notes: Notes) -> None:
    kind = local(xml)
    if kind in (MULTI_INSTANCE, STANDARD_LOOP) and namespace(xml) == BPMN and node.kind in ACTIVITIES:
        return  # judged by the rules of loops
    if kind in SILENT or kind in EVENT_KINDS or (kind, node.kind) in _PARTS:
        return
    if kind == "eventDefinitionRef":
        if bare(xml.text) not in {bare(d.get("id")) for d in node.definitions}:
            reason = Text("It refers to an event definition that is not in the file.")
            notes.error("reference-dangling", node, reason, Text("Define the event on the element itself."))
    elif not _is_data(kind, node):
        _other(xml, kind, node, notes)


def _is_data(kind: str, node: Node) -> bool:
    """Whether this is judged by the rules of data."""
    if kind == "ioSpecification":
        return node.kind in ACTIVITIES
    return kind in ASSOCIATIONS or kind == "property" or (kind in EVENT_DATA and node.kind in EVENTS)


def _other(xml: XmlElement, kind: str, place: Node | Edge | Scope, notes: Notes) -> None:
    line = xml.sourceline or 0
    if namespace(xml) == BPMN:
        notes.error(
            "element-unknown",
            place,
            Text("It contains “{kind}”, which has no meaning here or is not run by this version.", kind=kind[:60]),
            Text("Remove it."),
            line=line,
        )
    elif isinstance(xml.tag, str) and not namespace(xml):
        notes.error(
            "element-unknown",
            place,
            Text("It contains “{kind}” outside of BPMN's namespace.", kind=xml.tag[:60]),
            Text("Give it the prefix of BPMN's other elements, or remove it."),
            line=line,
        )
    elif isinstance(xml.tag, str):
        _ignored_extension(xml, place, notes)


def extension_elements(reading: Reading) -> None:
    """Extensions of other engines, and Python hooks of this family of modelers."""
    process = reading.process
    places: list[Node | Edge | Scope] = [process.scope, *process.nodes(), *process.edges()]
    for place in places:
        for xml in extensions(place.xml):
            name = etree.QName(xml).localname
            if is_zeebe(xml) and place.xml.tag == f"{{{BPMN}}}adHocSubProcess":
                continue
            if isinstance(place, Node) and place.kind == "callActivity" and name in FOREIGN_ELEMENTS:
                continue  # judged by the rules of calls
            if xml.tag in MAPPINGS and isinstance(place, Node) and place.kind in ACTIVITIES | EVENTS:
                continue
            if namespace(xml) != SPIFF:
                _ignored_extension(xml, place, reading.notes)
            elif name in _PYTHON_HOOKS and "".join(xml.itertext()).strip():
                reading.notes.error(
                    "python",
                    place,
                    Text("It has a Python script ({name}); Python is never run from a diagram.", name=name),
                    Text("Write a handler and call it from a service task, or a script task in FEEL."),
                    line=xml.sourceline or 0,
                )
            elif name not in ("properties", "serviceTaskOperator", *_PYTHON_HOOKS):
                _ignored_extension(xml, place, reading.notes)


def _ignored_extension(xml: XmlElement, place: Node | Edge | Scope, notes: Notes) -> None:
    name = f"{_prefix(xml, namespace(xml))}{etree.QName(xml).localname}"
    notes.ignored("extension-ignored", name, xml.sourceline or place.line)


def _prefix(xml: XmlElement, uri: str | None) -> str:
    prefix = next((p for p, u in xml.nsmap.items() if u == uri and p), "")
    return f"{prefix}:" if prefix else ""


def drawn(reading: Reading) -> None:
    """Elements without a shape: the viewer couldn't show them."""
    shapes = reading.process.drawing.shapes
    if shapes is None:
        return
    for node in reading.process.nodes():
        if node.id not in shapes:
            notes = reading.notes
            reason = Text("It has no shape in the drawing: nobody would see a case that stands here.")
            notes.warning("shape-missing", node, reason, Text("Open the file in the modeler and lay the element out."))


RULES = (kinds, event_kinds, attributes, contents, inner_contents, extension_elements, drawn)
