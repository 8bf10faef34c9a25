"""Jobs: durable work for a worker, held by a lease while it runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update

from engine.states import JobKind, JobState
from engine.store.tables import job

COLUMNS = job.c
UNFINISHED = (JobState.DUE, JobState.RUNNING, JobState.FAILED)


@dataclass(frozen=True, slots=True)
class JobRow:
    """A row of `job`; the fields are in the order of the columns."""

    id: int
    instance_id: int
    token: str
    element_id: str
    kind: JobKind
    handler: str | None
    inputs: Mapping[str, Any]
    state: JobState
    attempts: int
    retries: int
    timeout: int
    created_at: datetime
    due_at: datetime
    lease_token: str | None = None
    lease_until: datetime | None = None
    finished_at: datetime | None = None
    error: str | None = None
    traceback: str | None = None

    @classmethod
    def of(cls, row: Any) -> JobRow:
        """Read the columns of a selected row."""
        values = list(row[:18])
        values[4] = JobKind(values[4])
        values[7] = JobState(values[7])
        return cls(*values)


def add(connection: Connection, rows: Collection[Mapping[str, Any]]) -> None:
    """Insert jobs."""
    connection.execute(insert(job), list(rows))


def read(connection: Connection, job_id: int) -> JobRow | None:
    """Read a job to show it."""
    row = connection.execute(select(job).where(COLUMNS.id == job_id)).first()
    return JobRow.of(row) if row else None


def lock(connection: Connection, job_id: int) -> JobRow | None:
    """Read a job for a change."""
    row = connection.execute(select(job).where(COLUMNS.id == job_id).with_for_update()).first()
    return JobRow.of(row) if row else None


def of_instance(connection: Connection, instance_id: int) -> list[JobRow]:
    """Read the jobs of an instance, the oldest first."""
    rows = connection.execute(select(job).where(COLUMNS.instance_id == instance_id).order_by(COLUMNS.id))
    return [JobRow.of(row) for row in rows]


def in_state(connection: Connection, state: JobState | None, *, limit: int) -> list[JobRow]:
    """Read the newest jobs in a state, or in any."""
    query = select(job) if state is None else select(job).where(COLUMNS.state == state)
    return [JobRow.of(row) for row in connection.execute(query.order_by(COLUMNS.id.desc()).limit(limit))]


def due(connection: Connection, now: datetime, *, limit: int) -> list[int]:
    """List the jobs that a worker may take now: due ones, and those whose worker let the lease run out."""
    rows = connection.execute(
        select(COLUMNS.id).where(_takeable(now)).order_by(COLUMNS.due_at, COLUMNS.id).limit(limit)
    )
    return list(rows.scalars())


def take(connection: Connection, job_id: int, *, lease_token: str, until: datetime, now: datetime) -> JobRow | None:
    """Take a job under a lease and count the attempt; None when somebody else has it."""
    row = connection.execute(
        update(job)
        .where(COLUMNS.id == job_id, _takeable(now))
        .values(state=JobState.RUNNING, attempts=COLUMNS.attempts + 1, lease_token=lease_token, lease_until=until)
        .returning(*COLUMNS)
    ).first()
    return JobRow.of(row) if row else None


def held(connection: Connection, job_id: int, lease_token: str) -> JobRow | None:
    """Read a job if this lease still holds it."""
    row = connection.execute(
        select(job)
        .where(COLUMNS.id == job_id, COLUMNS.lease_token == lease_token, COLUMNS.state == JobState.RUNNING)
        .with_for_update()
    ).first()
    return JobRow.of(row) if row else None


def settle(connection: Connection, job_id: int, **values: Any) -> None:
    """Write how an attempt ended and give the lease back."""
    connection.execute(update(job).where(COLUMNS.id == job_id).values(lease_token=None, lease_until=None, **values))


def close(
    connection: Connection, instance_id: int, *, tokens: Collection[str] | None, state: JobState, now: datetime
) -> None:
    """End the unfinished jobs of these tokens, or all of the instance."""
    which = [COLUMNS.instance_id == instance_id, COLUMNS.state.in_(UNFINISHED)]
    if tokens is not None:
        which.append(COLUMNS.token.in_(sorted(tokens)))
    connection.execute(
        update(job).where(*which).values(state=state, finished_at=now, lease_token=None, lease_until=None)
    )


def next_due(connection: Connection) -> datetime | None:
    """Tell when a worker next has something to do: a due date or the end of a lease."""
    due_at = connection.execute(select(func.min(COLUMNS.due_at)).where(COLUMNS.state == JobState.DUE)).scalar()
    lease = connection.execute(select(func.min(COLUMNS.lease_until)).where(COLUMNS.state == JobState.RUNNING)).scalar()
    return min((at for at in (due_at, lease) if at is not None), default=None)


def _takeable(now: datetime) -> Any:
    return or_(
        (COLUMNS.state == JobState.DUE) & (COLUMNS.due_at <= now),
        (COLUMNS.state == JobState.RUNNING) & (COLUMNS.lease_until <= now),
    )
