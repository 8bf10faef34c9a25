"""Jobs: external handlers outside any transaction; handlers that fail, hang or die are seen and tried again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import (
    SYSTEM,
    BpmnError,
    Bundle,
    Conflict,
    InstanceState,
    JobKind,
    JobState,
    NotAllowed,
    RetryLater,
)
from tests.engine.diagrams import diagram, flows, properties
from tests.engine.process_engine import handlers
from tests.engine.process_engine.installation import ADMIN, ANN, NOW, Installation


def service(handler: str, **more: str) -> str:
    """A task, then a service task with this handler, then another task."""
    return (
        '<bpmn:startEvent id="start"/><bpmn:userTask id="before"/>'
        f'<bpmn:serviceTask id="work" name="Work" implementation="{handler}">{properties(**more)}</bpmn:serviceTask>'
        '<bpmn:userTask id="after"/><bpmn:endEvent id="end"/>'
        '<bpmn:boundaryEvent id="caught" attachedToRef="work"><bpmn:errorEventDefinition id="e1" errorRef="no_paper"/>'
        '</bpmn:boundaryEvent><bpmn:userTask id="repair"/><bpmn:endEvent id="end2"/>'
        + flows("start before", "before work", "work after", "after end", "caught repair", "repair end2")
    )


def begin(house: Installation, body: str) -> int:
    """Publish the process, start a case, and complete its first task; return the case."""
    extra = '<bpmn:error id="no_paper" name="no paper" errorCode="NO_PAPER"/>'
    house.engine.publish(Bundle({"p.bpmn": diagram(body, extra=extra)}), by=SYSTEM)
    (task,) = house.engine.start("p", by=ANN).tasks
    house.engine.complete_task(task.id, {}, by=ANN)
    return task.instance_id


def where(house: Installation, case: int) -> list[str]:
    """The elements of the open tasks."""
    return [task.element.id for task in house.engine.instance(case, by=ANN).tasks]


def test_transactional_handler_runs_in_the_step(house: Installation) -> None:
    """The person sees the next task at once; what the handler wrote is committed with it."""
    case = begin(house, service("ledger.write"))
    assert where(house, case) == ["after"]
    assert house.ledger() == ["entry"]
    assert house.engine.instance(case, by=ANN).variables == {"receipt": "receipt for entry"}


def test_external_handler_runs_as_a_job(house: Installation) -> None:
    """It waits for the worker, runs outside, and the case goes on with its outputs."""
    case = begin(house, service("mail.send"))
    (job,) = house.engine.instance(case, by=ANN).jobs
    assert (job.kind, job.state, job.due_at) == (JobKind.EXTERNAL, JobState.DUE, NOW)
    assert handlers.calls == []
    assert house.engine.run_due().jobs == 1
    assert handlers.calls == [job.idempotency_key]
    assert where(house, case) == ["after"]
    assert house.engine.job(job.id).state is JobState.DONE


def test_failing_job_is_tried_again_and_then_shown(house: Installation) -> None:
    """Three attempts with growing pauses under one idempotency key; then a failed job, which a person retries."""
    case = begin(house, service("mail.send"))
    handlers.trouble["mail.send"] = OSError("no route")
    for pause in (0, 10, 20):
        house.clock.advance(timedelta(seconds=pause))
        assert house.engine.run_due().failures == 1
        assert not house.engine.run_due().did_something
    (failed,) = house.engine.instance(case, by=ANN).failed_jobs
    assert (failed.attempts, failed.error) == (3, "OSError: no route")
    assert "in send" in (failed.traceback or "")
    assert len(set(handlers.calls)) == 1
    assert [e.details["attempt"] for e in house.engine.history(case) if e.kind == "job_failed"] == [1, 2, 3]
    handlers.trouble.clear()
    with pytest.raises(NotAllowed):
        house.engine.retry_job(failed.id, by=ANN)
    house.engine.retry_job(failed.id, by=ADMIN)
    with pytest.raises(Conflict, match="has not failed"):
        house.engine.retry_job(failed.id, by=ADMIN)
    house.engine.run_due()
    assert where(house, case) == ["after"]


def test_failing_transactional_handler_does_not_cost_the_persons_work(house: Installation) -> None:
    """The task stays completed; the handler waits as a job, and what it writes is committed once, with the step."""
    handlers.trouble["ledger.write"] = ValueError("no ink")
    case = begin(house, service("ledger.write", retries="2"))
    (job,) = house.engine.instance(case, by=ANN).jobs
    assert (job.kind, job.attempts, job.error) == (JobKind.TRANSACTIONAL, 1, "ValueError: no ink")
    assert house.ledger() == []
    assert where(house, case) == []
    house.clock.advance(timedelta(seconds=10))
    assert house.engine.run_due().failures == 1
    (failed,) = house.engine.jobs(state=JobState.FAILED)
    handlers.trouble.clear()
    house.engine.retry_job(failed.id, by=ADMIN)
    assert house.engine.run_due().jobs == 1
    assert house.ledger() == ["entry"]
    assert house.keys()[0].startswith(f"job-{job.id}")
    assert where(house, case) == ["after"]


@pytest.mark.parametrize("handler", ["ledger.write", "mail.send"])
def test_business_error_goes_to_the_tasks_own_boundary(house: Installation, handler: str) -> None:
    """A BPMN error is no failure: the diagram says what follows, and no attempt is repeated."""
    handlers.trouble[handler] = BpmnError("NO_PAPER", "tray 2")
    case = begin(house, service(handler))
    assert house.engine.run_due().failures == 0
    assert where(house, case) == ["repair"]


def test_handler_may_ask_for_later_without_using_an_attempt(house: Installation) -> None:
    """RetryLater moves the due date; the attempts stay."""
    case = begin(house, service("mail.send"))
    handlers.trouble["mail.send"] = RetryLater(timedelta(minutes=5))
    house.engine.run_due()
    (job,) = house.engine.instance(case, by=ANN).jobs
    assert (job.state, job.attempts, job.due_at) == (JobState.DUE, 0, NOW + timedelta(minutes=5))
    assert house.engine.next_due() == NOW + timedelta(minutes=5)


def test_hanging_handler_is_left_behind(house: Installation) -> None:
    """After its time limit the attempt has failed, and its late answer changes nothing."""
    case = begin(house, service("mail.hang", timeout="1", retries="1"))
    handlers.release.clear()
    assert house.engine.run_due().failures == 1
    (failed,) = house.engine.instance(case, by=ANN).failed_jobs
    assert "no answer within 1 s" in (failed.error or "")
    handlers.release.set()
    assert not house.engine.run_due().did_something
    assert where(house, case) == []


def test_hanging_transactional_handler_costs_nobody_their_work(
    house: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is left behind without the database: the task stays completed, and a failed job shows what happened."""
    monkeypatch.setattr("engine.acts.hosting.HANDLER_LIMIT", 0.3)
    handlers.release.clear()
    case = begin(house, service("ledger.hang", retries="2"))
    (job,) = house.engine.instance(case, by=ANN).jobs
    assert "no answer within 0.3 s" in (job.error or "")
    house.clock.advance(timedelta(seconds=10))
    assert house.engine.run_due().failures == 1
    handlers.release.set()
    for _ in range(2):  # neither of the two that were left behind reaches the database any more
        assert handlers.late.get(timeout=10)
    assert house.ledger() == []
    assert len(house.engine.jobs(state=JobState.FAILED)) == 1


def test_job_of_a_cancelled_case_is_not_run(house: Installation) -> None:
    """Cancelling the case cancels its jobs."""
    case = begin(house, service("mail.send"))
    house.engine.cancel_instance(case, reason="not needed", by=ADMIN)
    assert not house.engine.run_due().did_something
    assert handlers.calls == []
    assert house.engine.instance(case, by=ANN).state is InstanceState.CANCELLED
