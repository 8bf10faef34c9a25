"""Process instances: the snapshot, the variables, and the revision that keeps two steps from overwriting each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from engine.errors import StaleInstance
from engine.steps import InstanceState, Step
from engine.store.tables import process_definition, process_instance
from engine.texts import Text

COLUMNS = process_instance.c


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """A row of `process_instance`; the fields are in the order of the columns."""

    id: int
    definition_id: int
    business_key: str | None
    state: InstanceState
    snapshot: bytes
    variables: Mapping[str, Any]
    revision: int
    history_seq: int
    started_at: datetime
    started_by: str | None
    updated_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, row: Any) -> InstanceRow:
        """Read the columns of a selected row."""
        values = list(row[:12])
        values[3] = InstanceState(values[3])
        return cls(*values)


def create(connection: Connection, definition_id: int, *, actor: str | None, now: datetime) -> InstanceRow:
    """Insert an instance that has not made its first step, so that the step has an id to write under."""
    values: dict[str, Any] = {
        "definition_id": definition_id,
        "business_key": None,
        "state": InstanceState.ACTIVE,
        "snapshot": b"",
        "variables": {},
        "revision": 0,
        "history_seq": 0,
        "started_at": now,
        "started_by": actor,
        "updated_at": now,
        "ended_at": None,
    }
    (instance_id,) = connection.execute(insert(process_instance).values(values)).inserted_primary_key or (0,)
    return InstanceRow(instance_id, **values)


def lock(connection: Connection, instance_id: int) -> InstanceRow | None:
    """Read an instance for a step; other transactions that want to step it wait."""
    row = connection.execute(
        select(process_instance).where(COLUMNS.id == instance_id).with_for_update(of=process_instance)
    ).first()
    return InstanceRow.of(row) if row else None


def read(connection: Connection, instance_id: int) -> InstanceRow | None:
    """Read an instance to show it."""
    row = connection.execute(select(process_instance).where(COLUMNS.id == instance_id)).first()
    return InstanceRow.of(row) if row else None


def find_by_key(connection: Connection, business_key: str) -> list[InstanceRow]:
    """Read the instances of a business key, the newest first."""
    rows = connection.execute(
        select(process_instance).where(COLUMNS.business_key == business_key).order_by(COLUMNS.id.desc())
    )
    return [InstanceRow.of(row) for row in rows]


def save(connection: Connection, row: InstanceRow, step: Step, *, history_seq: int, now: datetime) -> InstanceRow:
    """Write a step over the revision that it was computed from.

    Raises StaleInstance when another transaction was faster.
    """
    values: dict[str, Any] = {
        "business_key": step.business_key,
        "state": step.state,
        "snapshot": step.snapshot,
        "variables": step.variables,
        "revision": row.revision + 1,
        "history_seq": history_seq,
        "updated_at": now,
        "ended_at": None if step.state is InstanceState.ACTIVE else now,
    }
    _update(connection, row, values)
    return InstanceRow(row.id, row.definition_id, started_at=row.started_at, started_by=row.started_by, **values)


def cancel(connection: Connection, row: InstanceRow, *, history_seq: int, now: datetime) -> None:
    """End an instance by a person's decision; its snapshot stays as it was.

    Raises StaleInstance.
    """
    values = {"state": InstanceState.CANCELLED, "revision": row.revision + 1, "history_seq": history_seq}
    _update(connection, row, {**values, "updated_at": now, "ended_at": now})


def advance_history(connection: Connection, instance_id: int, count: int) -> int | None:
    """Reserve `count` history numbers without a step; return the last one."""
    return connection.execute(
        update(process_instance)
        .where(COLUMNS.id == instance_id)
        .values(history_seq=COLUMNS.history_seq + count)
        .returning(COLUMNS.history_seq)
    ).scalar()


def page(
    connection: Connection,
    *,
    key: str | None,
    state: InstanceState | None,
    keys: tuple[str, ...] | None,
    page: int,
    size: int,
) -> tuple[list[InstanceRow], int]:
    """Read one page of instances, the newest first, and how many there are; `keys` limits to these processes."""
    chosen = select(process_instance).join(process_definition)
    if key is not None:
        chosen = chosen.where(process_definition.c.key == key)
    if keys is not None:
        chosen = chosen.where(process_definition.c.key.in_(keys))
    if state is not None:
        chosen = chosen.where(COLUMNS.state == state)
    total = connection.execute(select(func.count()).select_from(chosen.subquery())).scalar_one()
    rows = connection.execute(chosen.order_by(COLUMNS.id.desc()).limit(size).offset((page - 1) * size))
    return [InstanceRow.of(row) for row in rows], total


def _update(connection: Connection, row: InstanceRow, values: Mapping[str, Any]) -> None:
    done = connection.execute(
        update(process_instance).where(COLUMNS.id == row.id, COLUMNS.revision == row.revision).values(**values)
    )
    if done.rowcount != 1:
        raise StaleInstance(Text("Case {instance} has just moved on; look at it again.", instance=row.id))
