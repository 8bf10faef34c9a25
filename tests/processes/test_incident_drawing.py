"""The incident diagram as a drawing and as a text: complete, readable, and in both languages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.messages.pofile import read_po
from lxml import etree

from app import ROOT, read_bundle

if TYPE_CHECKING:
    from flask import Flask

    from engine import ProcessModel

DIAGRAM = ROOT / "bpmn" / "incident.bpmn"
DI = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "di": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "wp": "http://www.omg.org/spec/DD/20100524/DI",
}
STEPS = (
    *("reported", "alert", "inc_number", "inc_dedupe", "inc_merge", "log", "answer", "inc_priority", "inc_major"),
    *("sla_start", "kb_suggest", "notify_opened", "handle", "major", "first_line", "assign", "resolve", "sla_pause"),
    *("supplier", "restore", "warn_customer", "cancel", "progress", "inc_resolved", "callback", "inc_followup"),
    *("kb_draft", "kb", "major_review", "inc_close"),
)
CONTAINERS = ("participant", "lane", "subProcess")
TOUCH = 1.0  # pixels that two shapes may share without overlapping

Box = tuple[float, float, float, float]


def model(app: Flask) -> ProcessModel:
    return app.extensions["guicheng"].engine.definition("incident").model


def test_intake_has_nothing_to_say(app: Flask) -> None:
    """Diagram, decisions and forms pass the intake without error and without warning."""
    assert [str(f) for f in app.extensions["guicheng"].engine.check(read_bundle(ROOT / "bpmn", ROOT / "forms"))] == []


def test_every_step_of_the_manual_is_drawn(app: Flask) -> None:
    """The steps of the domain document are there under their own ids, and the six boundary events on `handle`."""
    elements = model(app).elements
    assert [step for step in STEPS if step not in elements] == []
    assert len([e for e in elements.values() if e.attached_to == "handle"]) == 6


def test_every_task_says_who_what_and_until_when(app: Flask) -> None:
    """Each user task has a form, a role, a due time and a sentence for whoever does it."""
    tasks = [e for e in model(app).elements.values() if e.kind == "userTask"]
    assert [t.id for t in tasks if not (t.form and t.role and t.due and t.documentation)] == []


def test_every_way_out_of_a_gateway_is_named(app: Flask) -> None:
    """A reader sees at each decision which way is which."""
    found = model(app)
    splits = [
        flow
        for flow in found.flows.values()
        if found.elements[flow.source].kind in ("exclusiveGateway", "inclusiveGateway")
        and sum(other.source == flow.source for other in found.flows.values()) > 1
    ]
    assert [flow.id for flow in splits if not flow.name] == []


def shapes() -> dict[str, tuple[str, Box]]:
    """Element id → its kind and place; pool, lanes and sub-processes, which lie around others, are left out."""
    tree = etree.parse(DIAGRAM)
    kinds = {node.get("id"): etree.QName(node).localname for node in tree.iter(f"{{{DI['bpmn']}}}*") if node.get("id")}
    found = {}
    for shape in tree.iterfind(".//di:BPMNShape", DI):
        element = shape.get("bpmnElement")
        box = shape.find("dc:Bounds", DI)
        if kinds[element] not in CONTAINERS and box is not None:
            x, y, width, height = (float(box.get(name, 0)) for name in ("x", "y", "width", "height"))
            found[element] = (kinds[element], (x, y, x + width, y + height))
    return found


def meet(one: Box, other: Box) -> bool:
    return (
        one[0] < other[2] - TOUCH
        and other[0] < one[2] - TOUCH
        and one[1] < other[3] - TOUCH
        and other[1] < one[3] - TOUCH
    )


def test_no_shape_covers_another() -> None:
    """Nothing lies on anything else, but boundary events on their activities."""
    placed = {key: box for key, (kind, box) in shapes().items() if kind != "boundaryEvent"}
    assert [(a, b) for a, b in combinations(placed, 2) if meet(placed[a], placed[b])] == []


def test_no_flow_runs_through_a_shape() -> None:
    """Flows go straight across or down, and around everything but their ends."""
    tree, placed = etree.parse(DIAGRAM), shapes()
    ends = {f.get("id"): (f.get("sourceRef"), f.get("targetRef")) for f in tree.iterfind(".//bpmn:sequenceFlow", DI)}
    wrong = []
    for edge in tree.iterfind(".//di:BPMNEdge", DI):
        flow = edge.get("bpmnElement")
        points = [(float(p.get("x", 0)), float(p.get("y", 0))) for p in edge.iterfind("wp:waypoint", DI)]
        for (x1, y1), (x2, y2) in pairwise(points):
            line = (min(x1, x2) - TOUCH, min(y1, y2) - TOUCH, max(x1, x2) + TOUCH, max(y1, y2) + TOUCH)
            crossed = [key for key, (_, box) in placed.items() if key not in ends[flow] and meet(line, box)]
            wrong += [(flow, key) for key in crossed] + ([(flow, "slanted")] if x1 != x2 and y1 != y2 else [])
    assert wrong == []


def texts_of(data: Any) -> Iterator[str]:
    """Every text of a form that people read."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key in ("title", "label", "dateLabel", "description", "message", "text") and isinstance(value, str):
                yield value
            yield from texts_of(value)
    elif isinstance(data, list):
        for value in data:
            yield from texts_of(value)


def names_in(path: Path) -> Iterator[str]:
    """Every text of a diagram or decision that people read."""
    for node in etree.parse(path).iter("{*}*"):
        kind = etree.QName(node).localname
        if kind in ("documentation", "description") and node.text:
            yield node.text
        if kind not in ("property", "output", "definitions"):
            yield node.get("name") or ""
        yield node.get("label") or ""


def test_everything_is_said_in_chinese() -> None:
    """Every name, label and sentence in diagrams, decisions and forms has its translation."""
    with (ROOT / "locale" / "zh_CN" / "LC_MESSAGES" / "processes.po").open("rb") as file:
        known = {message.id for message in read_po(file) if message.id and message.string}
    said = {text for path in (ROOT / "bpmn").iterdir() for text in names_in(path)}
    said |= {text for path in (ROOT / "forms").iterdir() for text in texts_of(json.loads(path.read_text("utf-8")))}
    spoken = {" ".join(text.split()) for text in said}
    assert sorted(text for text in spoken - known if any(letter.islower() for letter in text)) == []
