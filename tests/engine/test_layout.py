"""The drawing that `lay_out` makes: everything has a place, nothing lies on anything else, lines cross no element."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from engine import InvalidDiagram, lay_out
from tests.engine.diagrams import NAMESPACES

NS = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
}
KINDS = ("userTask", "exclusiveGateway", "intermediateThrowEvent", "subProcess", "serviceTask")
Rectangle = tuple[float, float, float, float]


def read(content: bytes) -> tuple[dict[str, Rectangle], dict[str, list[tuple[float, float]]]]:
    """The shapes (left, top, right, bottom) and lines of a file, by what they show."""
    root = etree.fromstring(content)
    shapes = {}
    for shape in root.iterfind(".//bpmndi:BPMNShape", NS):
        x, y, width, height = (float(shape.find("dc:Bounds", NS).get(n)) for n in ("x", "y", "width", "height"))
        shapes[shape.get("bpmnElement")] = (x, y, x + width, y + height)
    lines = {
        edge.get("bpmnElement"): [(float(p.get("x")), float(p.get("y"))) for p in edge.iterfind("di:waypoint", NS)]
        for edge in root.iterfind(".//bpmndi:BPMNEdge", NS)
    }
    return shapes, lines


def overlap(a: Rectangle, b: Rectangle) -> bool:
    """Whether two rectangles have more than an edge in common."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def crosses(line: list[tuple[float, float]], box: Rectangle) -> bool:
    """Whether a line of vertical and horizontal parts goes through a rectangle."""
    for (x1, y1), (x2, y2) in pairwise(line):
        part = (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
        if part[0] < box[2] and box[0] < part[2] and part[1] < box[3] and box[1] < part[3]:
            return True
        if (x1 == x2 and box[0] < x1 < box[2] and part[1] < box[3] and box[1] < part[3]) or (
            y1 == y2 and box[1] < y1 < box[3] and part[0] < box[2] and box[0] < part[2]
        ):
            return True
    return False


@st.composite
def drawings(draw: st.DrawFn) -> bytes:
    """Processes with lanes, border events, sub-processes, circles and loose elements."""
    count = draw(st.integers(2, 12))
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=count, max_size=count))
    lanes: dict[int, list[str]] = {0: [], 1: [], 2: []}
    body = ""
    for number, kind in enumerate(kinds):
        inner = ""
        if kind == "subProcess":
            inner = f'<bpmn:startEvent id="i{number}"/><bpmn:endEvent id="o{number}"/>' + flow(
                f"i{number}", f"o{number}"
            )
        body += f'<bpmn:{kind} id="n{number}" name="N {number}">{inner}</bpmn:{kind}>'
        lanes[draw(st.integers(0, 2))].append(f"n{number}")
        if kind in ("userTask", "subProcess") and draw(st.booleans()):
            body += f'<bpmn:boundaryEvent id="b{number}" attachedToRef="n{number}"/>'
            body += flow(f"b{number}", f"n{draw(st.integers(0, count - 1))}")
    pairs = draw(st.sets(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=2 * count))
    body += "".join(flow(f"n{a}", f"n{b}", name="if so") for a, b in sorted(pairs) if a != b)
    with_lanes = draw(st.booleans())
    lane_set = "".join(
        f'<bpmn:lane id="l{lane}">{"".join(f"<bpmn:flowNodeRef>{n}</bpmn:flowNodeRef>" for n in nodes)}</bpmn:lane>'
        for lane, nodes in lanes.items()
    )
    head = f"<bpmn:laneSet>{lane_set}</bpmn:laneSet>" if with_lanes else ""
    pool = '<bpmn:collaboration id="c"><bpmn:participant id="pool" processRef="p"/></bpmn:collaboration>'
    process = f'<bpmn:process id="p">{head}{body}</bpmn:process>'
    return f"<bpmn:definitions {NAMESPACES}>{pool if with_lanes else ''}{process}</bpmn:definitions>".encode()


def flow(source: str, target: str, name: str = "") -> str:
    """A sequence flow."""
    return f'<bpmn:sequenceFlow id="f_{source}_{target}" name="{name}" sourceRef="{source}" targetRef="{target}"/>'


@settings(max_examples=150, deadline=None)
@given(drawings())
def test_nothing_lies_on_anything_else(content: bytes) -> None:
    """Shapes of one level are apart, and no line goes through a shape but at its ends."""
    laid_out = lay_out("p.bpmn", content)
    root = etree.fromstring(laid_out)
    shapes, lines = read(laid_out)
    process = root.find("bpmn:process", NS)
    nodes = [n.get("id") for n in process if n.get("id", "").startswith("n")]
    flows = {f.get("id"): f for f in process.iterfind("bpmn:sequenceFlow", NS)}
    for index, one in enumerate(nodes):
        for other in nodes[index + 1 :]:
            assert not overlap(shapes[one], shapes[other]), (one, other)
    for identity, xml in flows.items():
        ends = {xml.get("sourceRef").replace("b", "n"), xml.get("targetRef")}
        for node in nodes:
            if node not in ends:
                assert not crosses(lines[identity], shapes[node]), (identity, node, lines[identity], shapes[node])
    for lane in root.iterfind(".//bpmn:lane", NS):
        left, top, right, bottom = shapes[lane.get("id")]
        for ref in lane.iterfind("bpmn:flowNodeRef", NS):
            box = shapes[ref.text]
            assert left <= box[0]
            assert top <= box[1]
            assert box[2] <= right
            assert box[3] <= bottom


INCIDENT = Path(__file__).parents[2] / "bpmn" / "incident.bpmn"


def test_what_the_file_says_is_untouched() -> None:
    """Only the drawing is new; laying out twice gives the same bytes."""

    def said(content: bytes) -> bytes:
        root = etree.fromstring(content, etree.XMLParser(remove_blank_text=True))
        for diagram in root.findall("bpmndi:BPMNDiagram", NS):
            root.remove(diagram)
        return etree.tostring(root, method="c14n")

    content = INCIDENT.read_bytes()
    laid_out = lay_out("incident.bpmn", content)
    assert said(laid_out) == said(content)
    assert lay_out("incident.bpmn", laid_out) == laid_out


def test_every_element_of_a_real_process_has_a_place() -> None:
    """All nodes and flows of the incident process, and its pool and lanes."""
    laid_out = lay_out("incident.bpmn", INCIDENT.read_bytes())
    shapes, lines = read(laid_out)
    process = etree.fromstring(laid_out).find("bpmn:process", NS)
    assert {f.get("id") for f in process.iter(f"{{{NS['bpmn']}}}sequenceFlow")} <= lines.keys()
    kinds = ("userTask", "serviceTask", "subProcess", "boundaryEvent", "lane")
    drawn = [e for kind in kinds for e in process.iter(f"{{{NS['bpmn']}}}{kind}")]
    assert {e.get("id") for e in drawn} <= shapes.keys()


def test_what_is_no_diagram_is_refused() -> None:
    """With the finding that says why."""
    with pytest.raises(InvalidDiagram, match="not well-formed"):
        lay_out("p.bpmn", b"<bpmn")
