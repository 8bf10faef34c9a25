"""Shapes and lines into the file: BPMN DI (BPMN 2.0.2, chapter 12)."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from engine.intake.drawing import Drawing, Node, Scope
from engine.intake.parse import XmlElement
from engine.intake.vocabulary import BPMN, BPMNDI
from engine.intake.xml import bare, child, children, local
from engine.layout.measuring import Box, Measured, Point, measure

DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
HEADER = 30  # of a pool and of a lane
BESIDE, BLACK_BOX, EDGE = 30, 60, 40  # between pools; the height of one without process; around everything
_ASIDE = {"dataObjectReference": (36, 50), "dataStoreReference": (50, 50), "textAnnotation": (160, 50)}
_LINKS = frozenset({"association", "dataInputAssociation", "dataOutputAssociation"})


def draw(drawing: Drawing) -> None:
    """Replace all drawing in a file by a new one."""
    for old in drawing.root.findall(f"{{{BPMNDI}}}BPMNDiagram"):
        drawing.root.remove(old)
    _Sheet(drawing).draw()


class _Sheet:
    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        names = {"bpmndi": BPMNDI, "dc": DC, "di": DI}
        diagram = etree.SubElement(drawing.root, f"{{{BPMNDI}}}BPMNDiagram", nsmap=names, id="BPMNDiagram_1")
        self.plane = etree.SubElement(diagram, f"{{{BPMNDI}}}BPMNPlane", id="BPMNPlane_1")
        self.boxes: dict[str, Box] = {}  # by id, to draw what is linked to them

    def draw(self) -> None:
        collaboration = child(self.drawing.root, "collaboration")
        pools = children(collaboration, "participant") if collaboration is not None else []
        whole = collaboration if collaboration is not None else next((p.xml for p in self.drawing.processes), None)
        if whole is not None:
            self.plane.set("bpmnElement", whole.get("id") or "")
        y = EDGE
        owners = {bare(pool.get("processRef")): pool for pool in pools}
        width = 600
        for process in self.drawing.processes:
            y, right = self._process(process, owners.get(process.id), y)
            width = max(width, right - EDGE)
        for pool in pools:
            if not pool.get("processRef"):
                self._shape(pool, Box(EDGE, y, width, BLACK_BOX), isHorizontal="true")
                y += BLACK_BOX + BESIDE
        for flow in children(collaboration, "messageFlow") if collaboration is not None else []:
            self._message_flow(flow)

    # --- scopes -------------------------------------------------------------------------------------------------

    def _process(self, process: Scope, pool: XmlElement | None, y: int) -> tuple[int, int]:
        """Draw a process; return where the next one begins, and how far this one goes to the right."""
        sets, depth = _lanes(process.xml)
        inside: dict[Node, Measured] = {}
        for scope in reversed(list(process.everything())):
            if scope.node is not None:
                inside[scope.node] = measure(scope, [], inside)
        found = measure(process, [lane.get("id") or "" for lane, _, leaves in sets if leaves == [lane]], inside)
        x = EDGE + (HEADER if pool is not None else 0)
        width = found.width + HEADER * depth
        if pool is not None:
            self._shape(pool, Box(EDGE, y, width + HEADER, found.height), isHorizontal="true")
        for lane, level, leaves in sets:
            bands = [found.bands[leaf.get("id") or ""] for leaf in leaves]
            top, bottom = min(b[0] for b in bands), max(b[1] for b in bands)
            box = Box(x + HEADER * level, y + top, width - HEADER * level, bottom - top)
            self._shape(lane, box, isHorizontal="true")
        self._content(found, inside, x + HEADER * depth, y)
        bottom = self._aside(process, y + found.height)
        return bottom + BESIDE, x + width

    def _content(self, found: Measured, inside: dict[Node, Measured], x: int, y: int) -> None:
        waiting = [(found, x, y)]
        while waiting:
            found, x, y = waiting.pop()
            for node, box in found.boxes.items():
                here = box.moved(x, y)
                self._node(node, here)
                if node in inside:
                    inner = inside[node]
                    left, top = (here.width - inner.width) // 2, (here.height - inner.height) // 2 + 6
                    waiting.append((inner, here.x + left, here.y + top))
            for edge, points in found.lines.items():
                if not edge.xml.get("id"):
                    edge.xml.set("id", edge.id)
                name = found.names.get(edge)
                self._edge(edge.id, [(px + x, py + y) for px, py in points], name.moved(x, y) if name else None)

    def _aside(self, process: Scope, y: int) -> int:
        """Draw data and texts in a row below, each near what it is linked to; return where the row ends."""
        things = [x for scope in process.everything() for x in scope.xml if local(x) in _ASIDE]
        links = [x for x in process.xml.iter() if local(x) in _LINKS]
        right, bottom = EDGE, y
        for thing in things:
            size = _ASIDE[local(thing)]
            partners = (end for link in links if thing.get("id") in (ends := _ends(link)) for end in ends)
            near = next((self.boxes[end].x for end in partners if end in self.boxes), right)
            box = Box(max(near, right), y + 20, *size)
            self._shape(thing, box)
            right, bottom = box.x + box.width + 20, max(bottom, box.y + box.height + 20)
        for link in links:
            source, target = (self.boxes.get(end) for end in _ends(link))
            if link.get("id") and source and target:
                self._edge(link.get("id"), [_middle(source, below=True), _middle(target, below=False)], None)
        return bottom

    def _message_flow(self, flow: XmlElement) -> None:
        source, target = (self.boxes.get(bare(flow.get(end))) for end in ("sourceRef", "targetRef"))
        if source is None or target is None:
            return
        down = source.y < target.y
        first, last = _middle(source, below=down), _middle(target, below=not down)
        x = last[0] if source.width > target.width else first[0]
        self._edge(flow.get("id") or "", [(x, first[1]), (x, last[1])], None)

    # --- shapes -------------------------------------------------------------------------------------------------

    def _node(self, node: Node, box: Box) -> None:
        marks = {}
        if node.inner is not None:
            marks["isExpanded"] = "true"
        if node.kind == "exclusiveGateway":
            marks["isMarkerVisible"] = "true"
        if not node.xml.get("id"):
            node.xml.set("id", node.id)
        shape = self._shape(node.xml, box, **marks)
        if node.kind == "boundaryEvent" and node.name:  # beside the line that goes down from it
            _bounds(etree.SubElement(shape, f"{{{BPMNDI}}}BPMNLabel"), Box(box.x - 70, box.y + 22, 68, 14))

    def _shape(self, xml: XmlElement, box: Box, **marks: str) -> XmlElement:
        identity = xml.get("id") or ""
        self.boxes[identity] = box
        shape = etree.SubElement(
            self.plane, f"{{{BPMNDI}}}BPMNShape", id=f"{identity}_di", bpmnElement=identity, **marks
        )
        _bounds(shape, box)
        return shape

    def _edge(self, identity: str, points: Sequence[Point], name: Box | None) -> None:
        edge = etree.SubElement(self.plane, f"{{{BPMNDI}}}BPMNEdge", id=f"{identity}_di", bpmnElement=identity)
        for x, y in points:
            etree.SubElement(edge, f"{{{DI}}}waypoint", x=str(x), y=str(y))
        if name is not None:
            _bounds(etree.SubElement(edge, f"{{{BPMNDI}}}BPMNLabel"), name)


def _lanes(process: XmlElement) -> tuple[list[tuple[XmlElement, int, list[XmlElement]]], int]:
    """The lanes from top to bottom with their level and the innermost lanes in each, and how many levels there are."""
    rows: list[tuple[XmlElement, int, list[XmlElement]]] = []
    waiting = [(lane, 0) for lane_set in children(process, "laneSet") for lane in children(lane_set, "lane")][::-1]
    while waiting:
        lane, level = waiting.pop()
        inner = [low for lanes in children(lane, "childLaneSet") for low in children(lanes, "lane")]
        leaves = [x for x in lane.iter(f"{{{BPMN}}}lane") if child(x, "childLaneSet") is None]
        rows.append((lane, level, leaves or [lane]))
        waiting += [(low, level + 1) for low in reversed(inner)]
    return rows, max((level for _, level, _ in rows), default=-1) + 1


def _ends(link: XmlElement) -> tuple[str, str]:
    """What a line joins: an association by its attributes, a data association by its elements and its activity."""
    if local(link) == "association":
        return bare(link.get("sourceRef")), bare(link.get("targetRef"))
    activity = link.getparent().get("id") or ""
    tag = "sourceRef" if local(link) == "dataInputAssociation" else "targetRef"
    other = child(link, tag)
    other_id = bare(other.text) if other is not None else ""
    return (other_id, activity) if tag == "sourceRef" else (activity, other_id)


def _middle(box: Box, *, below: bool) -> Point:
    return box.x + box.width // 2, box.y + (box.height if below else 0)


def _bounds(parent: XmlElement, box: Box) -> None:
    sizes = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    etree.SubElement(parent, f"{{{DC}}}Bounds", {name: str(value) for name, value in sizes.items()})
