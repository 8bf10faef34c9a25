"""The rows derived from what an instance waits for: tasks, jobs, timers, subscriptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from engine.acts.failures import Failure, HandlerFailed, backoff
from engine.states import JobKind, JobState
from engine.steps import InstanceState, JobWait, MessageWait, SignalWait, TimerWait, Token, UserTaskWait, Wait
from engine.store import jobs, messages, tasks, timers
from engine.store.tasks import TaskRow

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.acts.transaction import Case

W = TypeVar("W", bound=Wait)


def save_waits(connection: Connection, case: Case, now: datetime, parked: Mapping[str, HandlerFailed]) -> list[TaskRow]:
    """Write the difference that the steps made to what the case waits for; return the tasks that opened."""
    _close(connection, case, now)
    _change(connection, case)
    instance_id = case.row.id
    if timer_waits := _of(TimerWait, case.opened.values()):
        timers.add(connection, instance_id, timer_waits)
    if message_waits := _of(MessageWait, case.opened.values()):
        messages.subscribe(connection, instance_id, message_waits)
    if signal_waits := _of(SignalWait, case.opened.values()):
        messages.subscribe_to_signals(connection, instance_id, signal_waits)
    if job_waits := _of(JobWait, case.opened.values()):
        jobs.add(connection, [_job(instance_id, wait, now, parked) for wait in job_waits])
    if task_waits := _of(UserTaskWait, case.opened.values()):
        return tasks.open_tasks(connection, instance_id, case.row.definition_id, task_waits)
    return []


def close_all(connection: Connection, instance_id: int, now: datetime) -> None:
    """Cancel whatever an instance still waits for."""
    tasks.cancel(connection, instance_id, tokens=None, now=now)
    jobs.close(connection, instance_id, tokens=None, state=JobState.CANCELLED, now=now)
    timers.remove(connection, instance_id, tokens=None)
    messages.unsubscribe(connection, instance_id, tokens=None)


def _close(connection: Connection, case: Case, now: datetime) -> None:
    instance_id, closed = case.row.id, case.closed.values()
    if tokens := _tokens(UserTaskWait, closed) - case.finished:
        tasks.cancel(connection, instance_id, tokens=tokens, now=now)
    if (tokens := _tokens(TimerWait, closed)) and timers.remove(connection, instance_id, tokens=tokens):
        jobs.close(connection, instance_id, tokens=tokens, state=JobState.CANCELLED, now=now)
    if tokens := _tokens(MessageWait, closed) | _tokens(SignalWait, closed):
        messages.unsubscribe(connection, instance_id, tokens=tokens)
    if tokens := _tokens(JobWait, closed):
        for state, which in ((JobState.DONE, tokens & case.finished), (JobState.CANCELLED, tokens - case.finished)):
            if which:
                jobs.close(connection, instance_id, tokens=which, state=state, now=now)
    if case.step is not None and case.step.state is not InstanceState.ACTIVE:
        jobs.close(connection, instance_id, tokens=None, state=JobState.CANCELLED, now=now)


def _change(connection: Connection, case: Case) -> None:
    if task_waits := _of(UserTaskWait, case.changed.values()):
        tasks.change(connection, case.row.id, task_waits)
    if timer_waits := _of(TimerWait, case.changed.values()):
        timers.change(connection, case.row.id, timer_waits)
    if message_waits := _of(MessageWait, case.changed.values()):
        messages.unsubscribe(connection, case.row.id, tokens={wait.token for wait in message_waits})
        messages.subscribe(connection, case.row.id, message_waits)


def _job(instance_id: int, wait: JobWait, now: datetime, parked: Mapping[str, HandlerFailed]) -> dict[str, Any]:
    """Describe the job behind a wait; one that failed in the step has used its first attempt."""
    failed = parked.get(wait.deferred) if wait.deferred else None
    return {
        "instance_id": instance_id,
        "token": wait.token,
        "element_id": wait.element.id,
        "kind": JobKind.EXTERNAL if wait.element.external else JobKind.TRANSACTIONAL,
        "handler": wait.element.handler,
        "inputs": dict(wait.inputs),
        **attempt(
            failed.failure if failed else None,
            retries=wait.element.retries,
            timeout=wait.element.timeout,
            now=now,
        ),
    }


def attempt(failure: Failure | None, *, retries: int, timeout: int, now: datetime) -> dict[str, Any]:
    """Give the part of a new job that depends on whether its first attempt was made in a step."""
    spent = failure is not None and retries <= 1
    return {
        "state": JobState.FAILED if spent else JobState.DUE,
        "attempts": 0 if failure is None else 1,
        "retries": max(retries, 1),
        "timeout": timeout,
        "created_at": now,
        "due_at": now if failure is None else now + backoff(1),
        "error": None if failure is None else failure.summary,
        "traceback": None if failure is None else failure.trace,
    }


def _of(kind: type[W], waits: Iterable[Wait]) -> list[W]:
    return [wait for wait in waits if isinstance(wait, kind)]


def _tokens(kind: type[W], waits: Iterable[Wait]) -> set[Token]:
    return {wait.token for wait in waits if isinstance(wait, kind)}
