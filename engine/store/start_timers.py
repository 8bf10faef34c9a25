"""Start timers: when start events with a timer next begin a case; rows of the newest versions only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from engine.store.tables import process_definition, start_timer

COLUMNS = start_timer.c


@dataclass(frozen=True, slots=True)
class StartTimerRow:
    """A row of `start_timer`; the fields are in the order of the columns."""

    id: int
    definition_id: int
    element_id: str
    number: int
    schedule: Mapping[str, Any]
    due_at: datetime | None
    fault: str | None = None


def replace(connection: Connection, key: str, definition_id: int, rows: Iterable[Mapping[str, Any]]) -> None:
    """Let the timers of a new version alone begin cases of its process."""
    versions = select(process_definition.c.id).where(process_definition.c.key == key)
    connection.execute(delete(start_timer).where(COLUMNS.definition_id.in_(versions)))
    if found := [{"definition_id": definition_id, **row} for row in rows]:
        connection.execute(insert(start_timer), found)


def due(connection: Connection, now: datetime, *, limit: int) -> list[StartTimerRow]:
    """List the start timers that are due, in the order in which they fell due."""
    query = select(start_timer).where(COLUMNS.due_at <= now).order_by(COLUMNS.due_at, COLUMNS.id).limit(limit)
    return [StartTimerRow(*row) for row in connection.execute(query)]


def lock(connection: Connection, timer_id: int) -> StartTimerRow | None:
    """Read a start timer for a change; None when a newer version has replaced it."""
    row = connection.execute(select(start_timer).where(COLUMNS.id == timer_id).with_for_update()).first()
    return StartTimerRow(*row) if row else None


def move(
    connection: Connection,
    timer_id: int,
    *,
    schedule: Mapping[str, Any],
    due_at: datetime | None,
    fault: str | None = None,
) -> None:
    """Set when it is next due, None: never again; `fault` says why its last case could not begin."""
    values = {"schedule": dict(schedule), "due_at": due_at, "fault": fault}
    connection.execute(update(start_timer).where(COLUMNS.id == timer_id).values(**values))


def known(connection: Connection) -> list[StartTimerRow]:
    """List all start timers, the next one first; those that are over last."""
    query = select(start_timer).order_by(COLUMNS.due_at.is_(None), COLUMNS.due_at, COLUMNS.id)
    return [StartTimerRow(*row) for row in connection.execute(query)]


def next_due(connection: Connection) -> datetime | None:
    """Tell when the next case begins by a timer."""
    return connection.execute(select(func.min(COLUMNS.due_at))).scalar()
