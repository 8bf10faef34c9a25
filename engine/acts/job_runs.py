"""Run jobs: take one under a lease, do its work, write how it ended."""

from __future__ import annotations

import contextvars
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from engine.acts.carrying_out import Acts
from engine.acts.failures import Failure, HandlerFailed, backoff
from engine.acts.human_work import run_claim_handler, write_history
from engine.acts.routing import settle
from engine.acts.transaction import Case, Transaction
from engine.entities import Report
from engine.errors import BpmnError, ExecutionError, RetryLater
from engine.handlers import Work
from engine.states import JobKind, JobState
from engine.steps import Command, Fact, FinishJob, FireTimer, InstanceState, RaiseError
from engine.store import instances, jobs, timers
from engine.store.jobs import JobRow
from engine.texts import Text

GRACE = timedelta(seconds=30)  # a lease outlives the handler's own time limit by this
PARALLEL = 4  # external handlers of one pass that run at the same time


class JobFailed(Exception):
    """This attempt failed; carries what is kept of it."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.summary)


@dataclass
class Call:
    """An external handler on a thread of its own. One that hangs is left behind: a thread can't be stopped."""

    job: JobRow
    run: Callable[[], Mapping[str, Any]]
    outputs: Mapping[str, Any] | None = None
    error: BaseException | None = None
    _done: threading.Event = field(default_factory=threading.Event)
    _deadline: float = 0.0

    def begin(self) -> Call:
        """Start; the time limit counts from here."""
        self._deadline = time.monotonic() + self.job.timeout
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._work,), name=f"job-{self.job.id}", daemon=True).start()
        return self

    def result(self) -> Mapping[str, Any]:
        """Wait for the outputs as long as the limit allows.

        Raises what the handler raised, or TimeoutError.
        """
        if not self._done.wait(max(0.0, self._deadline - time.monotonic())):
            raise TimeoutError(f"the handler gave no answer within {self.job.timeout} s and was left behind")
        if self.error is not None:
            raise self.error
        return self.outputs or {}

    def _work(self) -> None:
        try:
            self.outputs = self.run()
        except BaseException as error:  # it belongs to whoever waits for the result
            self.error = error
        finally:
            self._done.set()


class JobRuns:
    """The part of the worker that runs jobs."""

    def __init__(self, acts: Acts) -> None:
        self._acts = acts

    def run_due(self, *, limit: int) -> Report:
        """Run the jobs that are due, and those that a dead worker left behind."""
        with self._acts.reading() as connection:
            due = jobs.due(connection, self._acts.clock.now(), limit=limit)
        report = Report()
        for first in range(0, len(due), PARALLEL):
            taken = [job for job_id in due[first : first + PARALLEL] if (job := self._take(job_id)) is not None]
            calls = [self._begin(job) for job in taken if job.kind is JobKind.EXTERNAL and not _died(job)]
            for job in taken:
                if job.kind is not JobKind.EXTERNAL or _died(job):
                    report += self._attempt(job, None)
            for call in calls:
                report += self._attempt(call.job, call)
        return report

    def _take(self, job_id: int) -> JobRow | None:
        lease_token = uuid.uuid4().hex

        def act(transaction: Transaction) -> JobRow | None:
            row = jobs.lock(transaction.connection, job_id)
            if row is None:
                return None
            until = transaction.now + timedelta(seconds=row.timeout) + GRACE
            return jobs.take(transaction.connection, job_id, lease_token=lease_token, until=until, now=transaction.now)

        return self._acts.carry_out(act, actor=None)

    def _begin(self, job: JobRow) -> Call:
        with self._acts.reading() as connection:
            row = instances.read(connection, job.instance_id)
            assert row is not None  # a foreign key says so
            definition = self._acts.library.get(connection, row.definition_id)
        element = definition.model.elements[job.element_id]
        work = Work(
            instance_id=row.id,
            process=definition.key,
            business_key=row.business_key,
            element=element.id,
            element_name=element.name,
            actor=None,
            now=self._acts.clock.now(),
            idempotency_key=f"job-{job.id}",
        )
        outside = self._acts.installation.call_outside
        return Call(job, lambda: outside(element, job.handler or "", job.inputs, work)).begin()

    def _attempt(self, job: JobRow, call: Call | None) -> Report:
        """Do the work of a taken job; `except Exception` stands here because whatever happens has to be seen."""
        try:
            if _died(job):
                raise TimeoutError("the worker that ran this job ended without an answer")
            command = _answer(job, call) if call else None
            kept = self._acts.carry_out(lambda transaction: _go_on(transaction, job, command), actor=None)
        except RetryLater as later:
            after = later.after
            self._acts.carry_out(lambda transaction: _put_off(transaction, job, after), actor=None)
            return Report(jobs=1)
        except Exception as error:
            failure = error.failure if isinstance(error, JobFailed) else Failure.of(error)
            self._acts.carry_out(lambda transaction: _fail(transaction, job, failure), actor=None)
            return Report(failures=1, details=(f"job {job.id} ({job.element_id}): {failure.summary}",))
        return Report(jobs=int(kept))


def _died(job: JobRow) -> bool:
    """Tell whether all attempts were used up by workers that never came back."""
    return job.attempts > job.retries


def _answer(job: JobRow, call: Call) -> Command:
    """Turn what an external handler said into the command that goes on."""
    try:
        return FinishJob(job.token, call.result())
    except BpmnError as error:
        return RaiseError(job.token, error.code, error.message)


def _go_on(transaction: Transaction, job: JobRow, command: Command | None) -> bool:
    """Go on in the case, unless the lease was lost or the case no longer needs the job."""
    case = transaction.case(job.instance_id)
    if jobs.held(transaction.connection, job.id, job.lease_token or "") is None:
        return False
    if case.row.state is not InstanceState.ACTIVE:
        jobs.settle(transaction.connection, job.id, state=JobState.CANCELLED, finished_at=transaction.now)
        return False
    if job.kind is JobKind.TIMER and not _is_left_to_job(transaction, job):
        jobs.settle(transaction.connection, job.id, state=JobState.CANCELLED, finished_at=transaction.now)
        return False
    _STEPS[job.kind](transaction, case, job, command)
    settle(transaction, case)
    jobs.settle(
        transaction.connection, job.id, state=JobState.DONE, finished_at=transaction.now, error=None, traceback=None
    )
    return True


def _finish_external(transaction: Transaction, case: Case, job: JobRow, command: Command | None) -> None:
    if command is None:
        raise ExecutionError(Text("job {job} has no answer", job=job.id))
    case.finished.add(job.token)
    transaction.carry_out(case, command, case.definition.model.elements[job.element_id])


def _perform(transaction: Transaction, case: Case, job: JobRow, command: Command | None) -> None:
    """Run a transactional handler inside the transaction that goes on with its outputs: still exactly once."""
    element = case.definition.model.elements[job.element_id]
    case.finished.add(job.token)
    with transaction.world(case, element, idempotency_key=f"job-{job.id}") as host:
        try:
            command = FinishJob(job.token, host.call(element, job.handler or "", job.inputs))
        except BpmnError as error:
            command = RaiseError(job.token, error.code, error.message)
        except HandlerFailed as failed:
            raise JobFailed(failed.failure) from failed
        transaction.advance(case, command, host)


def _run_claim(transaction: Transaction, case: Case, job: JobRow, command: Command | None) -> None:
    element = case.definition.model.elements[job.element_id]
    with transaction.world(case, element, idempotency_key=f"job-{job.id}") as host:
        try:
            run_claim_handler(transaction, case, element, job.inputs, host)
        except HandlerFailed as failed:
            raise JobFailed(failed.failure) from failed


def _fire_again(transaction: Transaction, case: Case, job: JobRow, command: Command | None) -> None:
    transaction.carry_out(case, FireTimer(job.token), case.definition.model.elements[job.element_id])


_STEPS = {
    JobKind.EXTERNAL: _finish_external,
    JobKind.TRANSACTIONAL: _perform,
    JobKind.CLAIM: _run_claim,
    JobKind.TIMER: _fire_again,
}


def _is_left_to_job(transaction: Transaction, job: JobRow) -> bool:
    row = timers.lock(transaction.connection, job.instance_id, job.token)
    return row is not None and row.faulted


def _fail(transaction: Transaction, job: JobRow, failure: Failure) -> None:
    """Write down a failed attempt: due again after a while, or failed for good and waiting for a person."""
    if jobs.held(transaction.connection, job.id, job.lease_token or "") is None:
        return
    again = job.attempts < job.retries
    jobs.settle(
        transaction.connection,
        job.id,
        state=JobState.DUE if again else JobState.FAILED,
        attempts=min(job.attempts, job.retries),
        due_at=transaction.now + backoff(job.attempts) if again else job.due_at,
        error=failure.summary,
        traceback=failure.trace,
    )
    case = transaction.case(job.instance_id)
    details = {"job": job.id, "attempt": job.attempts, "of": job.retries, "error": failure.summary}
    fact = Fact("job_failed", job.element_id, details)
    write_history(transaction, case.row.id, case.row.definition_id, [fact])


def _put_off(transaction: Transaction, job: JobRow, after: timedelta) -> None:
    """Make a job due again later; asking for that uses up no attempt."""
    if jobs.held(transaction.connection, job.id, job.lease_token or "") is not None:
        jobs.settle(
            transaction.connection,
            job.id,
            state=JobState.DUE,
            attempts=job.attempts - 1,
            due_at=transaction.now + after,
        )
