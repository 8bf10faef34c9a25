"""Ad-hoc sub-processes as drawn: something can be begun, and nothing contradicts."""

from __future__ import annotations

import pytest

from engine.findings import Severity
from tests.engine.diagrams import flows, judge, model, properties

AROUND = '<bpmn:startEvent id="s"/>{}<bpmn:endEvent id="e"/>' + flows("s x", "x e")


def desk(inner: str, attributes: str = "") -> str:
    """start → ad-hoc sub-process x → end."""
    return AROUND.format(f'<bpmn:adHocSubProcess id="x" {attributes}>{inner}</bpmn:adHocSubProcess>')


TASKS = '<bpmn:task id="a"/><bpmn:task id="b"/><bpmn:task id="c"/>'
ERROR = "<bpmn:errorEventDefinition/>"
SEQUENTIAL = 'ordering="Sequential"'
JUDGED = {
    "nothing in it": (desk(""), "ad-hoc-empty", "x", "error"),
    "nothing to begin": (desk(TASKS + flows("a b", "b c", "c a")), "ad-hoc-empty", "x", "error"),
    "start event": (desk(TASKS + '<bpmn:startEvent id="i"/>'), "ad-hoc-event", "i", "error"),
    "end event": (desk(TASKS + '<bpmn:endEvent id="i"/>' + flows("a i")), "ad-hoc-event", "i", "error"),
    "gateway that nothing leads to": (
        desk(TASKS + '<bpmn:parallelGateway id="g"/>' + flows("g b", "g c")),
        "ad-hoc-loose",
        "g",
        "error",
    ),
    "event sub-process": (
        desk(
            TASKS
            + '<bpmn:subProcess id="h" triggeredByEvent="true"><bpmn:startEvent id="i">'
            + ERROR
            + "</bpmn:startEvent></bpmn:subProcess>"
        ),
        "unsupported-element",
        "h",
        "error",
    ),
    "another ordering": (desk(TASKS, 'ordering="Any"'), "attribute-value", "x", "error"),
    "no boolean": (desk(TASKS, 'cancelRemainingInstances="no"'), "attribute-value", "x", "error"),
    "condition that is no FEEL": (
        desk(TASKS + "<bpmn:completionCondition>a and</bpmn:completionCondition>"),
        "expression-syntax",
        "x",
        "error",
    ),
    "a fork in one thing at a time": (desk(TASKS + flows("a b", "a c"), SEQUENTIAL), "ad-hoc-sequential", "a", "error"),
    "an event aside in one thing at a time": (
        desk(
            TASKS.replace("task id", "userTask id")
            + '<bpmn:boundaryEvent id="i" attachedToRef="a" cancelActivity="false"><bpmn:timerEventDefinition>'
            + "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
            + flows("i b"),
            SEQUENTIAL,
        ),
        "ad-hoc-sequential",
        "i",
        "error",
    ),
    "a property of another element": (desk(properties(collection="[]") + TASKS), "property-misplaced", "x", "warning"),
}


@pytest.mark.parametrize("mistake", JUDGED)
def test_ad_hoc_sub_processes_are_judged(mistake: str) -> None:
    """What could not be chosen as drawn is refused at its place."""
    body, rule, element, severity = JUDGED[mistake]
    findings = judge(body).findings
    assert (rule, element, Severity(severity)) in {(f.rule, f.element, f.severity) for f in findings}, findings


def test_what_is_drawn_is_in_the_model() -> None:
    """What can be begun, in the order drawn, and when it ends."""
    condition = "<bpmn:completionCondition>done = true</bpmn:completionCondition>"
    attributes = SEQUENTIAL + ' cancelRemainingInstances="false"'
    found = model(desk(condition + TASKS + flows("b c"), attributes)).elements["x"]
    assert found.ad_hoc is not None
    assert (found.ad_hoc.enabled, found.ad_hoc.sequential, found.ad_hoc.cancels) == (("a", "b"), True, False)
    assert found.ad_hoc.until is not None
    assert found.ad_hoc.until.text == "done = true"
    assert model(desk(condition + TASKS)).variables == {"done"}
