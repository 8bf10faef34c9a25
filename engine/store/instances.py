"""Process instances: the snapshot, the variables, and the revision that keeps two steps from overwriting each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update

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
    parent_id: int | None = None
    parent_token: str | None = None
    parent_element: str | None = None
    root_id: int | None = None
    depth: int = 0

    @classmethod
    def of(cls, row: Any) -> InstanceRow:
        """Read the columns of a selected row."""
        values = list(row[:17])
        values[3] = InstanceState(values[3])
        return cls(*values)


@dataclass(frozen=True, slots=True)
class RelativeRow:
    """What is shown of an instance beside another one that called it or that it called."""

    id: int
    definition_id: int
    business_key: str | None
    state: str
    parent_element: str | None
    started_by: str | None


@dataclass(frozen=True, slots=True)
class Caller:
    """The token of another instance that calls a new one."""

    row: InstanceRow
    token: str
    element: str

    def columns(self) -> dict[str, Any]:
        """What the new instance keeps of it."""
        return {
            "parent_id": self.row.id,
            "parent_token": self.token,
            "parent_element": self.element,
            "root_id": self.row.root_id or self.row.id,
            "depth": self.row.depth + 1,
        }


def create(
    connection: Connection, definition_id: int, *, actor: str | None, now: datetime, caller: Caller | None = None
) -> InstanceRow:
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
        **(caller.columns() if caller else {}),
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
    """Read the instances of a business key: those that no other one called before those called, the newest first."""
    rows = connection.execute(
        select(process_instance).where(COLUMNS.business_key == business_key).order_by(COLUMNS.depth, COLUMNS.id.desc())
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
    return replace(row, **values)


def cancel(connection: Connection, row: InstanceRow, *, history_seq: int, now: datetime) -> InstanceRow:
    """End an instance by a decision made outside it; its snapshot stays as it was.

    Raises StaleInstance.
    """
    values: dict[str, Any] = {"revision": row.revision + 1, "history_seq": history_seq, "updated_at": now}
    values |= {"state": InstanceState.CANCELLED, "ended_at": now}
    _update(connection, row, values)
    return replace(row, **values)


def called_by(connection: Connection, parent_id: int, *, tokens: Collection[str] | None) -> list[int]:
    """List the active instances that these tokens of an instance have called, or all of its tokens."""
    which = [COLUMNS.parent_id == parent_id, COLUMNS.state == InstanceState.ACTIVE]
    if tokens is not None:
        which.append(COLUMNS.parent_token.in_(sorted(tokens)))
    return list(connection.execute(select(COLUMNS.id).where(*which).order_by(COLUMNS.id)).scalars())


def calling(connection: Connection, instance_id: int) -> set[str]:
    """Tell where an instance waits for the end of one that it called: the elements."""
    rows = connection.execute(
        select(COLUMNS.parent_element).where(COLUMNS.parent_id == instance_id, COLUMNS.state == InstanceState.ACTIVE)
    )
    return set(rows.scalars())


def relatives(connection: Connection, row: InstanceRow) -> list[RelativeRow]:
    """Read the instance that called this one, and those that it called, in one query; the oldest first."""
    around = COLUMNS.parent_id == row.id
    rows = connection.execute(
        select(*(COLUMNS[name] for name in RelativeRow.__dataclass_fields__))
        .where(around if row.parent_id is None else or_(around, COLUMNS.id == row.parent_id))
        .order_by(COLUMNS.id)
    )
    return [RelativeRow(*found) for found in rows]


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
    roots: bool,
    page: int,
    size: int,
) -> tuple[list[InstanceRow], int]:
    """Read one page of instances, the newest first, and how many there are; `keys` limits to these processes.

    `roots`: only those that no other one called.
    """
    chosen = select(process_instance).join(process_definition)
    if key is not None:
        chosen = chosen.where(process_definition.c.key == key)
    if keys is not None:
        chosen = chosen.where(process_definition.c.key.in_(keys))
    if roots:
        chosen = chosen.where(COLUMNS.parent_id.is_(None))
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
