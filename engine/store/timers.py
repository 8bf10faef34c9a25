"""Timers: when which token has to be woken."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, false, func, insert, select, update

from engine.steps import TimerWait
from engine.store.tables import timer

COLUMNS = timer.c


@dataclass(frozen=True, slots=True)
class TimerRow:
    """A row of `timer`; the fields are in the order of the columns."""

    id: int
    instance_id: int
    token: str
    element_id: str
    due_at: datetime
    faulted: bool


def add(connection: Connection, instance_id: int, waits: Iterable[TimerWait]) -> None:
    """Insert timers."""
    rows = [
        {"instance_id": instance_id, "token": w.token, "element_id": w.element.id, "due_at": w.due_at, "faulted": False}
        for w in waits
    ]
    connection.execute(insert(timer), rows)


def change(connection: Connection, instance_id: int, waits: Iterable[TimerWait]) -> None:
    """Write moved due times; a timer that had failed is fresh again."""
    connection.execute(
        update(timer)
        .where(COLUMNS.instance_id == instance_id, COLUMNS.token == bindparam("which"))
        .values(due_at=bindparam("due"), faulted=False),
        [{"which": w.token, "due": w.due_at} for w in waits],
    )


def remove(connection: Connection, instance_id: int, *, tokens: Collection[str] | None) -> bool:
    """Delete the timers of these tokens, or all of the instance; tell whether one of them was left to a job."""
    which = [COLUMNS.instance_id == instance_id]
    if tokens is not None:
        which.append(COLUMNS.token.in_(sorted(tokens)))
    return any(connection.execute(delete(timer).where(*which).returning(COLUMNS.faulted)).scalars().all())


def mark_faulted(connection: Connection, timer_id: int) -> None:
    """Leave a timer whose firing failed to its job."""
    connection.execute(update(timer).where(COLUMNS.id == timer_id).values(faulted=True))


def due(connection: Connection, now: datetime, *, limit: int) -> list[TimerRow]:
    """List the timers that are due, in the order in which they fell due."""
    rows = connection.execute(
        select(timer).where(_sound(), COLUMNS.due_at <= now).order_by(COLUMNS.due_at, COLUMNS.id).limit(limit)
    )
    return [TimerRow(*row) for row in rows]


def lock(connection: Connection, instance_id: int, token: str) -> TimerRow | None:
    """Read the timer of a token for a change; None when somebody has fired it meanwhile."""
    query = select(timer).where(COLUMNS.instance_id == instance_id, COLUMNS.token == token)
    row = connection.execute(query.with_for_update()).first()
    return TimerRow(*row) if row else None


def of_instance(connection: Connection, instance_id: int) -> list[TimerRow]:
    """Read the timers of an instance, the next one first."""
    rows = connection.execute(
        select(timer).where(COLUMNS.instance_id == instance_id).order_by(COLUMNS.due_at, COLUMNS.id)
    )
    return [TimerRow(*row) for row in rows]


def next_due(connection: Connection) -> datetime | None:
    """Tell when the next timer falls due."""
    return connection.execute(select(func.min(COLUMNS.due_at)).where(_sound())).scalar()


def _sound() -> Any:
    return COLUMNS.faulted == false()
