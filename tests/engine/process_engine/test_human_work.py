"""Human work: claim, release, complete, and who may not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from engine import (
    SYSTEM,
    Bundle,
    InstanceNotFound,
    InstanceState,
    InvalidForm,
    JobKind,
    NotAllowed,
    TaskClaimed,
    TaskClosed,
    TaskNotFound,
    TaskState,
)
from tests.engine.diagrams import diagram, flows, properties
from tests.engine.process_engine import handlers
from tests.engine.process_engine.installation import ADMIN, ANN, BOB, EVE, NOW, Installation, form

REQUEST = (
    '<bpmn:startEvent id="start"/><bpmn:userTask id="ask" name="Ask">'
    + properties(form="ask", due="PT4H")
    + '</bpmn:userTask><bpmn:userTask id="check" name="Check">'
    + properties(form="ask", separation='SOD-01: ask if answer = "yes"')
    + '</bpmn:userTask><bpmn:endEvent id="end"/>'
    + flows("start ask", "ask check", "check end")
)


@pytest.fixture
def request_house(house: Installation) -> Installation:
    """An installation with a request of two tasks, which different people do if the answer is yes."""
    files = {"ask.json": form("ask", "answer", required=True)}
    house.engine.publish(Bundle({"p.bpmn": diagram(REQUEST)}, {}, files), by=SYSTEM)
    return house


def test_task_leads_to_the_next_task(request_house: Installation) -> None:
    """Start, complete, complete: each answer carries the instance at rest and the task that follows."""
    engine = request_house.engine
    started = engine.start("p", by=ANN)
    (first,) = started.tasks
    assert (first.name, first.due_at, first.role) == ("Ask", NOW + timedelta(hours=4), "staff")
    done = engine.complete_task(first.id, {"answer": "no"}, by=ANN)
    (second,) = done.next_tasks
    assert (second.element.id, second.may_complete) == ("check", True)
    assert done.instance.variables == {"answer": "no"}
    assert engine.complete_task(second.id, {"answer": "no"}, by=ANN).instance.state is InstanceState.COMPLETED


def test_form_answers_with_all_its_errors_and_nothing_is_lost(request_house: Installation) -> None:
    """A wrong value leaves the task as it was."""
    (task,) = request_house.engine.start("p", by=ANN).tasks
    with pytest.raises(InvalidForm) as refused:
        request_house.engine.complete_task(task.id, {"answer": ""}, by=ANN)
    assert list(refused.value.errors) == ["answer"]
    assert request_house.engine.task(task.id, by=ANN).state is TaskState.OPEN


def test_completed_task_says_who_did_it(request_house: Installation) -> None:
    """The second completion is told about the first."""
    engine = request_house.engine
    (task,) = engine.start("p", by=ANN).tasks
    engine.complete_task(task.id, {"answer": "no"}, by=ANN)
    with pytest.raises(TaskClosed, match="“Ask” was already completed by ann"):
        engine.complete_task(task.id, {"answer": "no"}, by=BOB)


def test_claimed_task_belongs_to_one_person(request_house: Installation) -> None:
    """While it is claimed nobody else completes it; released, anybody of the role may."""
    engine = request_house.engine
    (task,) = engine.start("p", by=ANN).tasks
    claimed = engine.claim_task(task.id, by=BOB)
    assert (claimed.state, claimed.claimed_by, claimed.may_release) == (TaskState.CLAIMED, "bob", True)
    with pytest.raises(TaskClaimed, match="already claimed by bob"):
        engine.complete_task(task.id, {"answer": "no"}, by=ANN)
    with pytest.raises(TaskClaimed):
        engine.claim_task(task.id, by=ANN)
    with pytest.raises(TaskClaimed):
        engine.release_task(task.id, by=ANN)
    assert engine.release_task(task.id, by=BOB).state is TaskState.OPEN
    engine.complete_task(task.id, {"answer": "no"}, by=ANN)
    assert [e.kind for e in engine.history(task.instance_id) if e.details.get("task")] == [
        "claimed",
        "released",
        "submitted",
    ]


def test_claim_of_somebody_who_is_away_can_be_taken_back(request_house: Installation) -> None:
    """Who answers for the process releases it; history says from whom."""
    engine = request_house.engine
    (task,) = engine.start("p", by=ANN).tasks
    engine.claim_task(task.id, by=BOB)
    assert (engine.task(task.id, by=ANN).may_release, engine.task(task.id, by=ADMIN).may_release) == (False, True)
    assert engine.release_task(task.id, by=ADMIN).claimed_by is None
    last = engine.history(task.instance_id)[-1]
    assert (last.actor, last.kind, last.details["from"]) == ("root", "released", "bob")


def test_role_is_needed_for_everything(request_house: Installation) -> None:
    """Without the role a person can't start, see, claim or complete; an administrator sees."""
    engine = request_house.engine
    with pytest.raises(NotAllowed) as refused:
        engine.start("p", by=EVE)
    assert refused.value.rule == "ROLE"
    (task,) = engine.start("p", by=ANN).tasks
    for act in (engine.claim_task, engine.release_task, lambda task_id, by: engine.complete_task(task_id, {}, by=by)):
        with pytest.raises(TaskNotFound):
            act(task.id, by=EVE)
    with pytest.raises(NotAllowed, match="“Ask” is for role staff"):
        engine.claim_task(task.id, by=ADMIN)
    with pytest.raises(NotAllowed):
        engine.complete_task(task.id, {"answer": "no"}, by=ADMIN)
    with pytest.raises(TaskNotFound):
        engine.task(task.id, by=EVE)
    with pytest.raises(InstanceNotFound):
        engine.instance(task.instance_id, by=EVE)
    assert engine.instance(task.instance_id, by=ADMIN).is_active
    assert [len(engine.instances(by=user)) for user in (ANN, EVE, ADMIN)] == [1, 0, 1]


def test_segregation_keeps_the_same_person_away_and_writes_it_down(request_house: Installation) -> None:
    """Whoever asked may not check when the answer is yes: refused at claim and submit, written to history; Bob may."""
    engine = request_house.engine
    (task,) = engine.start("p", by=ANN).tasks
    (check,) = engine.complete_task(task.id, {"answer": "yes"}, by=ANN).next_tasks
    for refused_act in (
        lambda: engine.claim_task(check.id, by=ANN),
        lambda: engine.complete_task(check.id, {"answer": "yes"}, by=ANN),
    ):
        with pytest.raises(NotAllowed, match="SOD-01: whoever did “Ask”") as refused:
            refused_act()
        assert refused.value.rule == "SOD-01"
    shown = engine.task(check.id, by=ANN)
    assert (shown.may_claim, shown.may_complete, shown.refusal_rule) == (False, False, "SOD-01")
    entries = engine.history(check.instance_id)
    assert [(e.actor, e.details["rule"]) for e in entries if e.kind == "refused"] == [("ann", "SOD-01")] * 2
    assert [e.seq for e in entries] == list(range(1, len(entries) + 1))
    engine.complete_task(check.id, {"answer": "yes"}, by=BOB)


def test_inbox_shows_mine_and_my_roles(request_house: Installation) -> None:
    """Claimed tasks are mine; free ones are my roles'; strangers see nothing; overdue ones can be asked for."""
    engine = request_house.engine
    first, second = (engine.start("p", by=ANN).tasks[0] for _ in range(2))
    engine.claim_task(first.id, by=ANN)
    assert [t.id for t in engine.tasks(ANN)] == [first.id]
    assert [t.id for t in engine.tasks(ANN, scope="roles")] == [second.id]
    assert [t.id for t in engine.tasks(ANN, scope="all")] == [first.id, second.id]
    assert engine.tasks(EVE, scope="all").total == 0
    assert engine.tasks(ANN, scope="all", overdue=True).total == 0
    request_house.clock.advance(timedelta(hours=5))
    assert engine.tasks(ANN, scope="all", overdue=True).total == 2


CLAIMED = (
    '<bpmn:startEvent id="start"/><bpmn:userTask id="ask" name="Ask">'
    + properties(form="ask", on_claim="ledger.claimed")
    + '</bpmn:userTask><bpmn:endEvent id="end"/>'
    + flows("start ask", "ask end")
)


@pytest.fixture
def claim_house(house: Installation) -> Installation:
    """An installation with a task whose claim sets off a handler."""
    files = {"ask.json": form("ask", "answer", required=True)}
    house.engine.publish(Bundle({"p.bpmn": diagram(CLAIMED)}, {}, files), by=SYSTEM)
    return house


def test_claim_handler_runs_once_in_the_claims_transaction(claim_house: Installation) -> None:
    """Its outputs are variables; a second claim by the same person does nothing; completing without claim runs it."""
    engine = claim_house.engine
    (task,) = engine.start("p", by=ANN).tasks
    engine.claim_task(task.id, by=ANN)
    engine.claim_task(task.id, by=ANN)
    assert claim_house.ledger() == ["claimed by ann"]
    assert engine.instance(task.instance_id, by=ANN).variables == {"receipt": "claimed"}
    (other,) = engine.start("p", by=ANN).tasks
    engine.complete_task(other.id, {"answer": "x"}, by=BOB)
    assert claim_house.ledger() == ["claimed by ann", "claimed by bob"]
    kinds = [e.kind for e in engine.history(other.instance_id) if e.kind in ("claimed", "submitted", "completed")]
    assert kinds == ["completed", "claimed", "submitted", "completed", "completed"]


def test_failing_claim_handler_becomes_a_job(claim_house: Installation) -> None:
    """The person has their task; the handler is seen as a job and tried again."""
    engine = claim_house.engine
    handlers.trouble["ledger.claimed"] = ValueError("no ink")
    (task,) = engine.start("p", by=ANN).tasks
    assert engine.claim_task(task.id, by=ANN).claimed_by == "ann"
    (job,) = engine.jobs()
    assert (job.kind, job.attempts, job.error) == (JobKind.CLAIM, 1, "ValueError: no ink")
    assert claim_house.ledger() == []
    handlers.trouble.clear()
    claim_house.clock.advance(timedelta(seconds=10))
    assert engine.run_due().jobs == 1
    assert claim_house.ledger() == ["claimed by None"]
    assert engine.instance(task.instance_id, by=ANN).variables == {"receipt": "claimed"}


def test_completing_costs_one_commit_and_few_statements(request_house: Installation) -> None:
    """Five statements and one commit, without the registers' part."""
    engine = request_house.engine
    (task,) = engine.start("p", by=ANN).tasks
    statements, commits = [], []
    event.listen(request_house.database, "before_cursor_execute", lambda *a: statements.append(a[2]))
    event.listen(request_house.database, "commit", lambda *a: commits.append(1))
    engine.complete_task(task.id, {"answer": "no"}, by=ANN)
    assert (len(statements), len(commits)) == (5, 1), "\n".join(statements)


def test_cancelled_instance_has_no_open_tasks(request_house: Installation) -> None:
    """An administrator ends a case; its task is closed, the reason is in its history."""
    engine = request_house.engine
    (task,) = engine.start("p", by=ANN).tasks
    with pytest.raises(NotAllowed):
        engine.cancel_instance(task.instance_id, reason="mine", by=ANN)
    ended = engine.cancel_instance(task.instance_id, reason="raised twice", by=ADMIN)
    assert (ended.state, ended.tasks) == (InstanceState.CANCELLED, ())
    assert engine.history(task.instance_id)[-1].details == {"reason": "raised twice"}
    with pytest.raises(TaskClosed, match="no longer needed"):
        engine.complete_task(task.id, {"answer": "no"}, by=ANN)


def test_startable_lists_what_the_role_may_start(request_house: Installation) -> None:
    """Ann may start it, Eve sees nothing."""
    engine = request_house.engine
    assert [(d.key, e.id) for d, e in engine.startable(ANN)] == [("p", "start")]
    assert engine.startable(EVE) == []


def test_diagram_state_shows_where_the_case_is(request_house: Installation) -> None:
    """Passed elements are completed, the waiting one active, taken flows listed."""
    engine = request_house.engine
    (task,) = engine.start("p", by=ANN).tasks
    engine.complete_task(task.id, {"answer": "no"}, by=ANN)
    shown = engine.diagram_state(task.instance_id)
    assert {k: v["status"] for k, v in shown["elements"].items()} == {
        "start": "completed",
        "ask": "completed",
        "check": "active",
    }
    assert shown["flows"] == ["ask_check", "start_ask"]


def test_who_starts_becomes_a_variable(house: Installation) -> None:
    """The start event's property `initiator` names it; the task goes to that person."""
    body = f'<bpmn:startEvent id="s">{properties(initiator="who")}</bpmn:startEvent><bpmn:userTask id="ask">' + (
        properties(assignee="who", role="staff") + "</bpmn:userTask>" + flows("s ask")
    )
    house.engine.publish(Bundle({"p.bpmn": diagram(body)}, {}, {}), by=SYSTEM)
    started = house.engine.start("p", by=ANN)
    assert started.variables == {"who": ANN.id}
    assert [task.assignee for task in started.tasks] == [ANN.id]
