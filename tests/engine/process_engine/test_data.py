"""Data of activities in stored cases: what a person sees, what a case waits for."""

from __future__ import annotations

from engine import SYSTEM, Bundle, InstanceState
from tests.engine.data import into, objects, out, specification
from tests.engine.diagrams import diagram, flows, properties
from tests.engine.process_engine.installation import ANN, Installation, form

ASKING = (
    '<bpmn:startEvent id="start"/><bpmn:endEvent id="end"/>'
    + objects("boss decision")
    + f'<bpmn:userTask id="ask">{properties(form="ballot", assignee="who")}'
    + specification("who", "answer")
    + into("boss", "who")
    + out("answer", "decision")
    + "</bpmn:userTask>"
    + flows("start ask", "ask end")
)


def test_task_with_data_waits_for_it_and_shows_it(house: Installation) -> None:
    """The input is there for the assignee and the form; only the output leaves the task."""
    files = {"ballot.json": form("ballot", "answer")}
    house.engine.publish(Bundle({"p.bpmn": diagram(ASKING)}, {}, files), by=SYSTEM)
    case = house.engine.start("p", by=SYSTEM)
    assert case.tasks == ()
    assert case.is_active
    (task,) = house.engine.set_variables(case.id, {"boss": "ann"}, by=SYSTEM).tasks
    assert task.assignee == "ann"
    shown = house.engine.task(task.id, by=ANN).instance
    assert shown is not None
    assert shown.variables["who"] == "ann"
    done = house.engine.complete_task(task.id, {"answer": "yes"}, by=ANN).instance
    assert done.state is InstanceState.COMPLETED
    assert done.variables == {"boss": "ann", "decision": "yes"}
