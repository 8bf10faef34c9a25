"""Forms that call decisions."""

from __future__ import annotations

from pathlib import Path

from engine import Bundle, HandlerRegistry
from engine.intake import examine
from tests.engine.diagrams import diagram, properties
from tests.engine.forms.making import NOW, component, source

DECISION = Path(__file__).parents[3] / "bpmn" / "inc_routing.dmn"


def test_form_of_a_model_opens_with_a_decision() -> None:
    """A form's default may call a decision by its id, and the model's form has it at hand wherever it is shown."""
    form = source(component("textfield", "group", properties={"default": "=inc_routing(category)"}))
    drawing = diagram(f"""
      <bpmn:startEvent id="start"/>
      <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="assign"/>
      <bpmn:userTask id="assign" name="Assign">{properties(form="sample", due="PT1H")}</bpmn:userTask>
      <bpmn:sequenceFlow id="f2" sourceRef="assign" targetRef="end"/>
      <bpmn:endEvent id="end"/>
    """)
    bundle = Bundle({"p.bpmn": drawing}, {"inc_routing.dmn": DECISION.read_bytes()}, {"sample.json": form})
    examined = examine(bundle, handlers=HandlerRegistry())
    assert examined.ok, "\n".join(map(str, examined.findings))
    model = examined.models["p"]
    assert model.forms["sample"].defaults({"category": "network", "__now__": NOW}) == {"group": "tech_group"}
    assert "inc_routing" in model.decisions
