"""Processes that call each other, and how to look at their cases."""

from __future__ import annotations

from engine import SYSTEM, Bundle, Instance
from tests.engine.diagrams import diagram, flows, properties
from tests.engine.process_engine.installation import ANN, Installation

EXTRA = (
    '<bpmn:error id="E1" name="no" errorCode="NO"/><bpmn:escalation id="X1" name="late" escalationCode="LATE"/>'
    '<bpmn:message id="M1" name="paid"/>'
)


def call(key: str, inner: str = "", *, at: str = "call", **said: str) -> str:
    """A call activity with properties."""
    extension = properties(**said) if said else ""
    return f'<bpmn:callActivity id="{at}" calledElement="{key}">{extension}{inner}</bpmn:callActivity>'


def calling(activity: str, more: str = "", *pairs: str) -> str:
    """start → the call → after → end, and what is drawn beside."""
    return f'<bpmn:startEvent id="start"/>{activity}<bpmn:userTask id="after"/><bpmn:endEvent id="end"/>{more}' + flows(
        "start call", "call after", "after end", *pairs
    )


def boundary(definition: str, *, cancel: bool = True, at: str = "call") -> str:
    """An event at the border of the call that leads to the task `caught`."""
    return (
        f'<bpmn:boundaryEvent id="border" attachedToRef="{at}" cancelActivity="{str(cancel).lower()}">{definition}'
        '</bpmn:boundaryEvent><bpmn:userTask id="caught"/>'
    )


def line(middle: str, end: str = '<bpmn:endEvent id="end"/>') -> str:
    """start → x → end."""
    return f'<bpmn:startEvent id="start"/>{middle}{end}' + flows("start x", "x end")


ASK = line('<bpmn:userTask id="x"/>')
AT_ONCE = line('<bpmn:task id="x"/>')
ERROR = '<bpmn:endEvent id="end"><bpmn:errorEventDefinition errorRef="E1"/></bpmn:endEvent>'
ON_ERROR = '<bpmn:errorEventDefinition errorRef="E1"/>'
ON_ESCALATION = '<bpmn:escalationEventDefinition escalationRef="X1"/>'


def publish(house: Installation, **bodies: str) -> None:
    """Publish processes by key."""
    files = {f"{key}.bpmn": diagram(body, key=key, extra=EXTRA) for key, body in bodies.items()}
    house.engine.publish(Bundle(files), by=SYSTEM)


def see(house: Installation, case: int | None) -> Instance:
    """A case as it is now."""
    return house.engine.instance(case or 0, by=SYSTEM)


def child_of(house: Installation, case: int) -> Instance:
    """The newest case that a case has called."""
    return see(house, see(house, case).children[-1].id)


def do(house: Installation, case: int, element: str, **values: object) -> None:
    """Complete a task of a case."""
    (task,) = [t for t in see(house, case).tasks if t.element.id == element]
    house.engine.complete_task(task.id, values, by=ANN)


def open_in(house: Installation, case: int) -> list[str]:
    """The tasks open in a case."""
    return sorted(task.element.id for task in see(house, case).tasks)


def kinds(house: Installation, case: int) -> list[str]:
    """The kinds of a case's history."""
    return [entry.kind for entry in house.engine.history(case)]


def when(identity: str, source: str, target: str, condition: str) -> str:
    """A conditional flow."""
    return (
        f'<bpmn:sequenceFlow id="{identity}" sourceRef="{source}" targetRef="{target}"><bpmn:conditionExpression>'
        f"{condition}</bpmn:conditionExpression></bpmn:sequenceFlow>"
    )


BARS = "bpmn:multiInstanceLoopCharacteristics"
PARALLEL = f"<{BARS}><bpmn:loopCardinality>50</bpmn:loopCardinality></{BARS}>"
