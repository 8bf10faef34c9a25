"""Rules about call activities: which process they call, with what, and that the calls can come to an end."""

from __future__ import annotations

from lxml import etree

from engine.definitions import AT_PUBLISHING, LATEST
from engine.intake.calls import FOREIGN_ELEMENTS, REFUSED_ATTRIBUTES, Said, is_computed, said_of, unusable
from engine.intake.drawing import Node, Scope, is_link, leads_to
from engine.intake.loops import marker, whole_number
from engine.intake.reading import Reading
from engine.intake.vocabulary import BPMN
from engine.intake.xml import extensions, properties
from engine.texts import Text

_CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway", "eventBasedGateway"})


def calls(reading: Reading) -> None:
    """A call names one process, a version of it, and values that can be passed."""
    for node in reading.process.nodes():
        if node.kind == "callActivity":
            said = said_of(node, properties(node.xml))
            _process(said, node, reading)
            _version(said, node, reading)
            _values(said, node, reading)
            _other_engines(node, reading)


def _process(said: Said, node: Node, reading: Reading) -> None:
    named = list(said.processes)
    if not named:
        reason = Text("It doesn't say which process it calls.")
        remedy = Text("Write the called process's id as calledElement, or as the property calls.")
        reading.notes.error("call-undefined", node, reason, remedy)
    elif len(named) > 1:
        reason = Text("It names several processes: {names}.", names=", ".join(named)[:200])
        reading.notes.error("call-twice", node, reason, Text("Keep one of them."))
    elif is_computed(named[0]):
        reason = Text("Which process it calls is computed: {text}", text=named[0][:80])
        remedy = Text("Write the process's id; draw a gateway and one call for each process that may be meant.")
        reading.notes.error("call-computed", node, reason, remedy)


def _version(said: Said, node: Node, reading: Reading) -> None:
    if said.version in (LATEST, AT_PUBLISHING) or whole_number(said.version) is not None:
        return
    reason = Text("It calls the version “{version}”, which is none.", version=said.version[:60])
    remedy = Text("Write a number, latest (the newest when the call begins) or deployment (when this is published).")
    reading.notes.error("call-version", node, reason, remedy)


def _values(said: Said, node: Node, reading: Reading) -> None:
    for one in unusable(said):
        name = one.target[:60] or "–"
        reason = Text("A value that is passed has no source, or no name that a variable can have: {name}", name=name)
        remedy = Text("Give it a source and a target of letters, digits and underscores.")
        reading.notes.error("call-mapping", node, reason, remedy, line=one.line)


def _other_engines(node: Node, reading: Reading) -> None:
    """What other tools say about a call that would change what it does."""
    for attribute in node.xml.attrib:
        name = etree.QName(attribute)
        if name.namespace in (None, BPMN) or name.localname not in REFUSED_ATTRIBUTES:
            continue
        if name.localname.startswith("case"):
            reason = Text("It calls a case (CMMN, {name}), which is not run.", name=name.localname)
            remedy = Text("Draw the case as a process and call that.")
        else:
            reason = Text("It says {name}, which is not run by this version.", name=name.localname)
            remedy = Text("Remove it; say what is passed with the properties inputs and outputs (FEEL contexts).")
        reading.notes.error("unsupported-element", node, reason, remedy)
    for xml in extensions(node.xml):
        if etree.QName(xml).localname in FOREIGN_ELEMENTS and (xml.get("local") or "false").strip() != "false":
            reason = Text("It passes local variables only, which other engines know and this one doesn't.")
            remedy = Text("Name the variables to be passed one by one.")
            reading.notes.error("unsupported-element", node, reason, remedy, line=xml.sourceline or 0)


def endless_calls(reading: Reading) -> None:
    """A process that calls itself on every way never ends: each call waits for one more."""
    scope = reading.process.scope
    own = [n for n in scope.nodes if _calls_itself(n, reading)]
    stops = any(n.kind == "endEvent" and not {"terminate", "error"}.isdisjoint(n.events) for n in scope.nodes)
    if not own or stops:
        return
    ending = _ending(scope, own)
    if any(ending.issuperset(first) for first in scope.plain_starts()):
        return
    for node in own:
        reading.notes.error(
            "call-endless",
            node,
            Text("The process calls itself here whatever happens: no case of it would ever end."),
            Text("Draw a gateway before the call, with a way that leads past it."),
        )


def _calls_itself(node: Node, reading: Reading) -> bool:
    call = reading.element(node).call
    return call is not None and call.process == reading.process.key and marker(node) is None


def _ending(scope: Scope, own: list[Node]) -> set[Node]:
    """The nodes from which all tokens can come to an end without passing one of these calls: the least fixed point."""
    nodes = {node.id: node for node in scope.nodes}
    ending: set[Node] = set()
    grew = True
    while grew:
        grew = False
        for node in scope.nodes:
            if node not in ending and _ends(node, nodes, ending, is_call=node in own):
                ending.add(node)
                grew = True
    return ending


def _ends(node: Node, nodes: dict[str, Node], ending: set[Node], *, is_call: bool) -> bool:
    if any(boundary in ending for boundary in node.boundaries if boundary.interrupting):
        return True
    if is_call:
        return False
    if is_link(node, "intermediateThrowEvent"):
        return any(catch in ending for catch in nodes.values() if leads_to(node, catch))
    targets = [nodes[edge.target] in ending for edge in node.outgoing if edge.target in nodes]
    chooses = node.kind in _CHOOSING or any(edge.condition is not None for edge in node.outgoing)
    return any(targets) if chooses and targets else all(targets)


RULES = (calls, endless_calls)
