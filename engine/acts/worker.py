"""What the clock moves: due timers, jobs, messages. Any number of workers may run at once, in any process.

Everything due is in the database; a pass that dies loses nothing. A worker holds a job by a lease, so that a job whose
worker died is taken over when the lease ends.
"""

from __future__ import annotations

import logging
from datetime import datetime

from engine.acts.carrying_out import Acts
from engine.acts.failures import Failure
from engine.acts.human_work import write_history
from engine.acts.job_runs import JobRuns
from engine.acts.routing import deliver_from_inbox, settle
from engine.acts.timed_starts import begin, pass_over
from engine.acts.transaction import Transaction
from engine.acts.waits import attempt
from engine.entities import Report
from engine.errors import SchemaMismatch, StaleInstance
from engine.states import JobKind
from engine.steps import Fact, FireTimer
from engine.store import jobs, messages, start_timers, timers
from engine.store.start_timers import StartTimerRow
from engine.store.timers import TimerRow

log = logging.getLogger(__name__)
ROUNDS = 50  # what falls due by what was done is done in the same pass, so often
BATCH = 200  # rows read at a time


class Worker:
    """Does what is due, one transaction after the other; the failure of one stops no other."""

    def __init__(self, acts: Acts) -> None:
        self._acts = acts
        self._jobs = JobRuns(acts)

    def run_due(self) -> Report:
        """Do everything that is due at the clock's time, and what falls due by doing it."""
        report = Report()
        for _ in range(ROUNDS):
            done = self.begin_cases() + self.fire_timers() + self._jobs.run_due(limit=BATCH) + self.deliver_messages()
            report += done
            if not done.did_something:
                break
        return report

    def next_due(self) -> datetime | None:
        """Tell when the next timer, job or expiry is due."""
        with self._acts.reading() as connection:
            waits = (timers.next_due, start_timers.next_due, jobs.next_due, messages.next_expiry)
            times = [next_of(connection) for next_of in waits]
        return min((time for time in times if time is not None), default=None)

    def begin_cases(self) -> Report:
        """Begin the cases that start timers are due for."""
        with self._acts.reading() as connection:
            due = start_timers.due(connection, self._acts.clock.now(), limit=BATCH)
        report = Report()
        for row in due:
            report += self._begin(row)
        return report

    def fire_timers(self) -> Report:
        """Fire the due timers in the order in which they fell due."""
        with self._acts.reading() as connection:
            due = timers.due(connection, self._acts.clock.now(), limit=BATCH)
        report = Report()
        for row in due:
            report += self._fire(row)
        return report

    def deliver_messages(self) -> Report:
        """Start what waiting messages start by now, and let expire what nobody came for."""
        now = self._acts.clock.now()
        with self._acts.reading() as connection:
            found = messages.startable(connection, now, limit=BATCH)
            expiry = messages.next_expiry(connection)
        report = Report()
        for message_pk in found:
            report += self._deliver(message_pk)
        if expiry is not None and expiry <= now:
            report += Report(expired=self._acts.carry_out(lambda t: messages.expire(t.connection, t.now), actor=None))
        return report

    def _fire(self, row: TimerRow) -> Report:
        try:
            fired = self._acts.carry_out(lambda transaction: _fire(transaction, row), actor=None)
        except StaleInstance:
            return Report()  # still due: the next pass has it
        except SchemaMismatch as mismatch:  # nothing of this case can be read, so nothing can be left to a job either
            log.error("timer %s of case %s stays due: %s", row.element_id, row.instance_id, mismatch)
            return Report()
        except Exception as error:
            failure = Failure.of(error)
            self._acts.carry_out(lambda transaction: _leave_to_job(transaction, row, failure), actor=None)
            return Report(failures=1, details=(f"timer {row.element_id} of case {row.instance_id}: {failure.summary}",))
        return Report(timers=int(fired))

    def _begin(self, row: StartTimerRow) -> Report:
        try:
            begun = self._acts.carry_out(lambda transaction: begin(transaction, row), actor=None)
        except StaleInstance:
            return Report()  # still due: the next pass has it
        except SchemaMismatch as mismatch:
            log.error("start timer %s of version %s stays due: %s", row.element_id, row.definition_id, mismatch)
            return Report()
        except Exception as error:
            failure = Failure.of(error)
            self._acts.carry_out(lambda transaction: pass_over(transaction, row, failure), actor=None)
            return Report(failures=1, details=(f"start timer {row.element_id}: {failure.summary}",))
        return Report(timers=int(begun))

    def _deliver(self, message_pk: int) -> Report:
        try:
            done = self._acts.carry_out(lambda transaction: deliver_from_inbox(transaction, message_pk), actor=None)
        except StaleInstance:
            return Report()
        except Exception as error:
            fault = Failure.of(error).summary
            self._acts.carry_out(lambda t: messages.set_fault(t.connection, message_pk, fault), actor=None)
            return Report(failures=1, details=(f"message {message_pk}: {fault}",))
        return Report(messages=int(done))


def _fire(transaction: Transaction, row: TimerRow) -> bool:
    """Fire a timer, unless another worker or a step was faster."""
    case = transaction.case(row.instance_id)
    current = timers.lock(transaction.connection, row.instance_id, row.token)
    if current is None or current.faulted or current.due_at > transaction.now:
        return False
    element = case.definition.model.elements[row.element_id]
    transaction.carry_out(case, FireTimer(row.token), element)
    settle(transaction, case)
    return True


def _leave_to_job(transaction: Transaction, row: TimerRow, failure: Failure) -> None:
    """Let a job go on with a timer whose firing failed: with its attempts, its error, and a person at the end."""
    case = transaction.case(row.instance_id)
    current = timers.lock(transaction.connection, row.instance_id, row.token)
    if current is None or current.faulted:
        return
    element = case.definition.model.elements[row.element_id]
    timers.mark_faulted(transaction.connection, current.id)
    job = {
        "instance_id": row.instance_id,
        "token": row.token,
        "element_id": row.element_id,
        "kind": JobKind.TIMER,
        "handler": None,
        "inputs": {},
    }
    tried = attempt(failure, retries=element.retries, timeout=element.timeout, now=transaction.now)
    jobs.add(transaction.connection, [{**job, **tried}])
    fact = Fact("timer_failed", row.element_id, {"error": failure.summary})
    write_history(transaction, case.row.id, case.row.definition_id, [fact])
