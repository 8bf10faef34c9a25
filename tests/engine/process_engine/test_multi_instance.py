"""Several runs of one activity in the store: a task, a job, a row of the ledger for each."""

from __future__ import annotations

from datetime import timedelta

from engine import SYSTEM, Bundle, InstanceState
from tests.engine.diagrams import diagram, flows, properties
from tests.engine.process_engine import handlers
from tests.engine.process_engine.installation import ANN, BOB, Installation, form

BARS = "<bpmn:multiInstanceLoopCharacteristics/>"
OWN = {"collection": "voters", "element_variable": "voter", "output_collection": "votes", "output_element": "answer"}
VOTE = (
    '<bpmn:startEvent id="start"/><bpmn:userTask id="vote" name="Vote">'
    + properties(form="ballot", assignee="voter", **OWN)
    + BARS
    + '</bpmn:userTask><bpmn:endEvent id="end"/>'
    + flows("start vote", "vote end")
)


def publish(house: Installation, body: str) -> None:
    files = {"ballot.json": form("ballot", "answer", required=True)}
    house.engine.publish(Bundle({"p.bpmn": diagram(body)}, {}, files), by=SYSTEM)


def test_everybody_gets_a_task_of_his_own(house: Installation) -> None:
    """Assigned by the item, under the drawn element's id (domain EF11), and showing the run's variables."""
    publish(house, VOTE)
    tasks = house.engine.start("p", variables={"voters": ["ann", "bob"]}, by=ANN).tasks
    assert [(t.element.id, t.assignee) for t in tasks] == [("vote", "ann"), ("vote", "bob")]
    for task, person in zip(tasks, (ANN, BOB), strict=True):
        found = house.engine.task(task.id, by=person)
        assert found.instance is not None
        assert found.instance.variables["voter"] == person.id


def test_answers_come_together_in_the_order_of_the_items(house: Installation) -> None:
    """The form's answer is the run's own; only the list becomes a variable of the case."""
    publish(house, VOTE)
    engine = house.engine
    first, second = engine.start("p", variables={"voters": ["ann", "bob"]}, by=ANN).tasks
    engine.complete_task(second.id, {"answer": "no"}, by=BOB)
    done = engine.complete_task(first.id, {"answer": "yes"}, by=ANN).instance
    assert done.state is InstanceState.COMPLETED
    assert done.variables == {"voters": ["ann", "bob"], "votes": ["yes", "no"]}


def test_diagram_counts_the_activity_once(house: Installation) -> None:
    """One activity, however often it runs."""
    publish(house, VOTE)
    case = house.engine.start("p", variables={"voters": ["ann", "bob"]}, by=ANN)
    assert house.engine.diagram_state(case.id)["elements"]["vote"] == {"status": "active", "count": 1}


def test_every_run_of_a_handler_has_a_key_of_its_own(house: Installation) -> None:
    """Runs within one step are different work: a handler that remembers its keys does all of it."""
    own = properties(
        collection="texts", element_variable="text", output_collection="receipts", output_element="receipt"
    )
    task = f'<bpmn:serviceTask id="write" implementation="ledger.write">{own}{BARS}</bpmn:serviceTask>'
    body = f'<bpmn:startEvent id="start"/>{task}<bpmn:endEvent id="end"/>' + flows("start write", "write end")
    publish(house, body)
    case = house.engine.start("p", variables={"texts": ["a", "b", "c"]}, by=ANN)
    assert case.variables["receipts"] == ["receipt for a", "receipt for b", "receipt for c"]
    assert house.ledger() == ["a", "b", "c"]
    assert len(set(house.keys())) == 3


def test_a_failing_run_becomes_a_job_alone(house: Installation) -> None:
    """Its siblings have done their work; the job's inputs are the run's own."""
    own = properties(
        collection="texts", element_variable="text", output_collection="receipts", output_element="receipt"
    )
    task = f'<bpmn:serviceTask id="write" implementation="ledger.write">{own}{BARS}</bpmn:serviceTask>'
    publish(house, f'<bpmn:startEvent id="start"/>{task}<bpmn:endEvent id="end"/>' + flows("start write", "write end"))
    handlers.trouble["ledger.write b"] = OSError("no space")
    case = house.engine.start("p", variables={"texts": ["a", "b", "c"]}, by=ANN)
    assert house.ledger() == ["a", "c"]
    (job,) = house.engine.jobs()
    assert (job.inputs, job.attempts, job.error) == ({"text": "b"}, 1, "OSError: no space")
    del handlers.trouble["ledger.write b"]
    house.clock.advance(timedelta(seconds=10))
    house.engine.run_due()
    done = house.engine.instance(case.id, by=ANN)
    assert done.variables["receipts"] == ["receipt for a", "receipt for b", "receipt for c"]


def test_a_handler_that_fails_in_every_run_costs_a_bounded_number_of_repetitions(house: Installation) -> None:
    """After a few, the rest is left to jobs untried."""
    own = properties(collection="texts", element_variable="text")
    task = f'<bpmn:serviceTask id="write" implementation="ledger.write">{own}{BARS}</bpmn:serviceTask>'
    publish(house, f'<bpmn:startEvent id="start"/>{task}<bpmn:endEvent id="end"/>' + flows("start write", "write end"))
    handlers.trouble["ledger.write"] = OSError("no space")
    house.engine.start("p", variables={"texts": [str(n) for n in range(20)]}, by=ANN)
    jobs = house.engine.jobs()
    assert len(jobs) == 20
    assert len({job.error for job in jobs}) == 1
