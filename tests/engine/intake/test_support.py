"""What isn't run is refused by name, with the place and what to do instead."""

from __future__ import annotations

import pytest

from engine.findings import Severity
from tests.engine.diagrams import flows, judge

AROUND = '<bpmn:startEvent id="s"/>{x}<bpmn:endEvent id="e"/>' + flows("s x", "x e")
MESSAGE = '<bpmn:message id="M" name="hello"/>'


def marked(inner: str = "", attributes: str = "") -> str:
    """A task x on the way from start to end."""
    return AROUND.replace("{x}", f'<bpmn:task id="x"{attributes}>{inner}</bpmn:task>')


def event(kind: str, definition: str, attributes: str = "") -> str:
    """An event x on the way from start to end."""
    return AROUND.replace("{x}", f'<bpmn:{kind} id="x"{attributes}><bpmn:{definition}/></bpmn:{kind}>')


def boundary(definition: str) -> str:
    """A task with a boundary event x."""
    return AROUND.replace("x", "t").replace(
        "{t}",
        f'<bpmn:task id="t"/><bpmn:boundaryEvent id="x" attachedToRef="t"><bpmn:{definition}/></bpmn:boundaryEvent>',
    )


def handler(definition: str) -> str:
    """An event sub-process with the start event x."""
    start = f'<bpmn:startEvent id="x"><bpmn:{definition}/></bpmn:startEvent>'
    return f'<bpmn:startEvent id="s"/><bpmn:subProcess id="esp" triggeredByEvent="true">{start}</bpmn:subProcess>'


CONDITION = "conditionalEventDefinition"
TIMER = "timerEventDefinition"
LOOP = "multiInstanceLoopCharacteristics"

REFUSED = {
    "choreography": (AROUND.replace("{x}", '<bpmn:choreographyTask id="x"/>'), "Choreography"),
    "multi-instance behavior": (marked(f'<bpmn:{LOOP} behavior="None"/>'), "noneBehaviorEventRef names none"),
    "endless loop": (marked("<bpmn:standardLoopCharacteristics/>"), "loop marker"),
    "io specification of a gateway": (
        AROUND.replace("{x}", '<bpmn:parallelGateway id="x"><bpmn:ioSpecification/></bpmn:parallelGateway>'),
        "ioSpecification",
    ),
    "timer throw": (event("intermediateThrowEvent", TIMER), "can't stand here"),
    "correlation subscription": (marked() + '<bpmn:correlationSubscription id="c"/>', "correlation key"),
    "unknown element": (marked() + "<bpmn:wizardry/>", "wizardry"),
    "unknown attribute": (marked(attributes=' isInterupting="false"'), "isInterupting"),
    "no boolean": (boundary("timerEventDefinition").replace('="t">', '="t" cancelActivity="no">'), "neither true"),
    "python hook": (
        marked(
            "<bpmn:extensionElements><spiffworkflow:preScript>x=1</spiffworkflow:preScript></bpmn:extensionElements>"
        ),
        "Python",
    ),
}


@pytest.mark.parametrize("construct", REFUSED)
def test_what_is_not_run_is_refused_by_name(construct: str) -> None:
    """The finding is an error that names the construct, the element, and a remedy."""
    body, words = REFUSED[construct]
    errors = [f for f in judge(body, extra=MESSAGE).findings if f.severity is Severity.ERROR]
    named = [f for f in errors if words in str(f.reason)]
    assert named, errors
    assert named[0].element in ("x", "p")
    assert named[0].line > 0
    assert str(named[0].remedy)


@pytest.mark.parametrize(
    "definition", ["errorEventDefinition", "escalationEventDefinition", "compensateEventDefinition"]
)
def test_start_events_of_other_kinds_are_refused(definition: str) -> None:
    """A process starts plainly, by a message, a signal, a condition or a timer."""
    body = f'<bpmn:startEvent id="s"><bpmn:{definition}/></bpmn:startEvent>'
    assert "unsupported-event" in {f.rule for f in judge(body).findings}


IGNORED = {
    "property of an event": (
        AROUND.replace(
            "{x}", '<bpmn:intermediateThrowEvent id="x"><bpmn:property id="d"/></bpmn:intermediateThrowEvent>'
        ),
        "data-ignored",
    ),
    "data store": (marked() + '<bpmn:dataStoreReference id="d"/>', "data-ignored"),
    "data association": (marked("<bpmn:dataOutputAssociation/>"), "data-ignored"),
    "camunda attribute": (marked(attributes=' camunda:asyncBefore="true"'), "attribute-ignored"),
    "camunda element": (
        marked("<bpmn:extensionElements><camunda:whatever/></bpmn:extensionElements>"),
        "extension-ignored",
    ),
}


@pytest.mark.parametrize("construct", IGNORED)
def test_what_is_documentation_is_reported_as_ignored(construct: str) -> None:
    """It doesn't stand in the way, but the process owner is told."""
    body, rule = IGNORED[construct]
    examination = judge(body)
    assert rule in {f.rule for f in examination.findings if f.severity is Severity.WARNING}
    assert examination.ok


@pytest.mark.parametrize("xml", ['<bpmn:textAnnotation id="a"/>', '<bpmn:association id="a"/>', '<bpmn:group id="a"/>'])
def test_annotations_are_nobodys_business(xml: str) -> None:
    """Notes on the drawing give no finding."""
    assert {f.rule for f in judge(marked() + xml).findings} == {"diagram-missing"}


def test_an_element_without_shape_is_reported() -> None:
    """The viewer couldn't show where a case stands."""
    drawing = '<bpmndi:BPMNDiagram><bpmndi:BPMNShape bpmnElement="x"/></bpmndi:BPMNDiagram>'
    found = [f.element for f in judge(marked(), extra=drawing).findings if f.rule == "shape-missing"]
    assert found == ["e", "s"]
