"""What pools and message flows say about the processes in them, and what a link's label says about the link.

Message flows are drawn for people: messages find their way by name. Only where an event names no message, and its
flows leave one possible, is it read from them (BPMN 2.0.2, 9.4: a message flow may name its message).
"""

from __future__ import annotations

from engine.intake.drawing import Drawing, Node
from engine.intake.notes import Notes
from engine.intake.parse import XmlElement
from engine.intake.vocabulary import BPMN
from engine.intake.xml import bare, child, children, label, text_of
from engine.texts import Text


def complete(drawing: Drawing, notes: Notes) -> None:
    """Fill in what the processes of a file leave to the collaboration around them."""
    collaborations = [xml for xml in drawing.root if xml.tag in (f"{{{BPMN}}}collaboration", f"{{{BPMN}}}choreography")]
    _name_after_pools(drawing, collaborations)
    _name_links(drawing)
    flows = [flow for xml in collaborations for flow in children(xml, "messageFlow")]
    if not flows:
        return
    nodes = {node.id: node for process in drawing.processes for s in process.everything() for node in s.nodes}
    run = set(map(id, drawing.executable()))
    found: dict[str, set[str]] = {}
    for flow in flows:
        ends = bare(flow.get("sourceRef")), bare(flow.get("targetRef"))
        for this, other in (ends, ends[::-1]):
            message = bare(flow.get("messageRef")) or _message(nodes.get(other))
            if message in drawing.messages:
                found.setdefault(this, set()).add(message)
    for identity, messages in found.items():
        node = nodes.get(identity)
        if node is not None and len(messages) == 1 and _lacks_message(node) and id(_process(node)) in run:
            _take(node, messages.pop(), drawing, notes)


def _name_after_pools(drawing: Drawing, collaborations: list[XmlElement]) -> None:
    """A process without a name has that of its pool: modelers show no other."""
    pools = {bare(p.get("processRef")): label(p) for xml in collaborations for p in children(xml, "participant")}
    for process in drawing.processes:
        if not process.name and pools.get(process.id):
            process.xml.set("name", pools[process.id])


def _name_links(drawing: Drawing) -> None:
    """A link without a name is called as its event, or as the link that it says it leads to."""
    for process in drawing.executable():
        links = [n for s in process.everything() for n in s.nodes if n.event == "link"]
        by_id = {n.definitions[0].get("id"): n for n in links}
        for node in links:
            target = by_id.get(bare(text_of(child(node.definitions[0], "target"))))
            name = node.name or ((target.definitions[0].get("name") or target.name) if target is not None else "")
            if name and not (node.definitions[0].get("name") or "").strip():
                node.definitions[0].set("name", name)


def _process(node: Node) -> object:
    scope = node.scope
    while scope.parent is not None:
        scope = scope.parent
    return scope


def _message(node: Node | None) -> str:
    """The id of the message that a node names."""
    if node is None:
        return ""
    return bare(node.xml.get("messageRef")) or next((bare(d.get("messageRef")) for d in node.definitions), "")


def _lacks_message(node: Node) -> bool:
    return (node.kind in ("sendTask", "receiveTask") or node.event == "message") and not _message(node)


def _take(node: Node, message: str, drawing: Drawing, notes: Notes) -> None:
    (node.definitions[0] if node.definitions else node.xml).set("messageRef", message)
    notes.warning(
        "message-from-flow",
        node,
        Text(
            "It names no message; the message flow at it leaves “{name}” only.", name=label(drawing.messages[message])
        ),
        Text("Nothing to do, if that is meant. Else choose the message in the modeler's properties."),
    )
