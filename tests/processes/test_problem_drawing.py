"""The problem diagrams as drawings: complete, and readable."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from app import ROOT
from tests.processes.test_incident_drawing import CONTAINERS, DI, TOUCH, Box, meet

if TYPE_CHECKING:
    from flask import Flask

DIAGRAMS = sorted((ROOT / "bpmn").glob("problem*.bpmn"))
STATES = {
    "logged", "accepted", "investigating", "known_error", "resolving", "resolved", "closed", "rejected", "duplicate",
}  # fmt: skip


def boxes(diagram: Path) -> dict[str, tuple[str, Box]]:
    """Element id → its kind and place; what lies around others is left out."""
    tree = etree.parse(diagram)
    kinds = {node.get("id"): etree.QName(node).localname for node in tree.iter(f"{{{DI['bpmn']}}}*") if node.get("id")}
    found = {}
    for shape in tree.iterfind(".//di:BPMNShape", DI):
        element, box = shape.get("bpmnElement"), shape.find("dc:Bounds", DI)
        x, y, width, height = (float(box.get(name)) for name in ("x", "y", "width", "height"))
        if kinds[element] not in CONTAINERS:
            found[element] = (kinds[element], (x, y, x + width, y + height))
    return found


def test_every_task_says_who_what_and_until_when(app: Flask) -> None:
    """Each user task has a form, a role, a due time and a sentence for whoever does it."""
    elements = app.extensions["guicheng"].engine.definition("problem").model.elements.values()
    tasks = [e for e in elements if e.kind == "userTask"]
    assert [t.id for t in tasks if not (t.form and t.role and t.due and t.documentation)] == []
    assert len(tasks) == 7


def test_every_state_of_the_record_is_entered(app: Flask) -> None:
    """The diagram enters each state that the register knows, the first aside, which opening gives."""
    parts = app.extensions["guicheng"]
    model = parts.engine.definition("problem").model
    entered = {e.record_state for e in model.elements.values() if e.record_state}
    assert set(parts.registers.definitions["problem"].states) == STATES
    assert entered == STATES - {"logged"}


@pytest.mark.parametrize("diagram", DIAGRAMS, ids=lambda path: path.stem)
def test_no_shape_covers_another(diagram: Path) -> None:
    """Nothing lies on anything else, but boundary events on their activities."""
    placed = {key: box for key, (kind, box) in boxes(diagram).items() if kind != "boundaryEvent"}
    assert [(a, b) for a, b in combinations(placed, 2) if meet(placed[a], placed[b])] == []


@pytest.mark.parametrize("diagram", DIAGRAMS, ids=lambda path: path.stem)
def test_no_flow_runs_through_a_shape(diagram: Path) -> None:
    """Flows go straight across or down, and around everything but their ends."""
    tree, placed = etree.parse(diagram), boxes(diagram)
    ends = {f.get("id"): (f.get("sourceRef"), f.get("targetRef")) for f in tree.iterfind(".//bpmn:sequenceFlow", DI)}
    wrong = []
    for edge in tree.iterfind(".//di:BPMNEdge", DI):
        flow = edge.get("bpmnElement")
        own = {*ends[flow], *(boundary_host(tree, end) for end in ends[flow])}
        points = [(float(p.get("x")), float(p.get("y"))) for p in edge.iterfind("wp:waypoint", DI)]
        for (x1, y1), (x2, y2) in pairwise(points):
            line = (min(x1, x2) - TOUCH, min(y1, y2) - TOUCH, max(x1, x2) + TOUCH, max(y1, y2) + TOUCH)
            wrong += [(flow, key) for key, (_, box) in placed.items() if key not in own and meet(line, box)]
            wrong += [(flow, "slanted")] if x1 != x2 and y1 != y2 else []
    assert wrong == []


def boundary_host(tree: etree._ElementTree, element: str) -> str | None:
    """The activity that a boundary event sits on."""
    found = tree.find(f".//bpmn:boundaryEvent[@id='{element}']", DI)
    return found.get("attachedToRef") if found is not None else None
