"""The diagram of corrective and preventive actions as a drawing: complete, and readable in its lanes."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from lxml import etree

from app import ROOT
from tests.processes.test_incident_drawing import DI, TOUCH, Box, meet

if TYPE_CHECKING:
    from flask import Flask

    from engine import ProcessModel

DIAGRAM = ROOT / "bpmn" / "capa.bpmn"
STEPS = ("correct", "analyse", "plan", "approve", "approve_major", "act", "check_due", "verify", "escalated")


def model(app: Flask) -> ProcessModel:
    return app.extensions["guicheng"].engine.definition("capa").model


def test_every_step_of_the_design_is_drawn(app: Flask) -> None:
    """The steps of D.2 are there, and every user task reminds through one non-interrupting timer."""
    elements = model(app).elements
    assert [step for step in STEPS if step not in elements] == []
    tasks = {e.id for e in elements.values() if e.kind == "userTask"}
    watched = [e.attached_to for e in elements.values() if e.kind == "boundaryEvent" and e.event == "timer"]
    assert sorted(tasks) == sorted(str(task) for task in watched)


def test_every_task_says_who_what_and_until_when(app: Flask) -> None:
    """Each user task has a form, a role, a due time and a sentence for whoever does it."""
    tasks = [e for e in model(app).elements.values() if e.kind == "userTask"]
    assert [t.id for t in tasks if not (t.form and t.role and t.due and t.documentation)] == []


def test_verifying_and_approving_are_separated(app: Flask) -> None:
    """SOD-05 stands on both tasks of the verifier, against everything that owner and implementers do."""
    elements = model(app).elements
    for task in ("approve", "verify"):
        rules = elements[task].separations
        assert {rule.rule for rule in rules} == {"SOD-05"}
        assert {one for rule in rules for one in rule.elements} == {"respond", "correct", "analyse", "plan", "act"}


def test_every_way_out_of_a_gateway_is_named(app: Flask) -> None:
    """A reader sees at each decision which way is which."""
    found = model(app)
    choices = [flow for flow in found.flows.values() if found.elements[flow.source].kind == "exclusiveGateway"]
    assert [flow.id for flow in choices if not flow.name] == []


def places() -> dict[str, Box]:
    """Where each element lies; pool, lanes and sub-processes, which lie around others, are left out."""
    tree = etree.parse(DIAGRAM)
    kinds = {node.get("id"): etree.QName(node).localname for node in tree.iter(f"{{{DI['bpmn']}}}*") if node.get("id")}
    found = {}
    for shape in tree.iterfind(".//di:BPMNShape", DI):
        box = shape.find("dc:Bounds", DI)
        if kinds[shape.get("bpmnElement")] not in ("participant", "lane", "subProcess", "boundaryEvent"):
            assert box is not None
            x, y, width, height = (float(box.get(name, 0)) for name in ("x", "y", "width", "height"))
            found[str(shape.get("bpmnElement"))] = (x, y, x + width, y + height)
    return found


def test_no_shape_covers_another() -> None:
    """Nothing lies on anything else."""
    placed = places()
    assert [(a, b) for a, b in combinations(placed, 2) if meet(placed[a], placed[b])] == []


def test_no_flow_runs_through_a_shape() -> None:
    """Flows go around everything but their ends."""
    tree, placed, wrong = etree.parse(DIAGRAM), places(), []
    ends = {f.get("id"): (f.get("sourceRef"), f.get("targetRef")) for f in tree.iterfind(".//bpmn:sequenceFlow", DI)}
    for edge in tree.iterfind(".//di:BPMNEdge", DI):
        flow = edge.get("bpmnElement")
        points = [(float(p.get("x", 0)), float(p.get("y", 0))) for p in edge.iterfind("wp:waypoint", DI)]
        for (x1, y1), (x2, y2) in pairwise(points):
            line = (min(x1, x2) - TOUCH, min(y1, y2) - TOUCH, max(x1, x2) + TOUCH, max(y1, y2) + TOUCH)
            wrong += [(flow, key) for key, box in placed.items() if key not in ends[flow] and meet(line, box)]
    assert wrong == []
