"""History: what happened in an instance, line after line, never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from engine.steps import Fact
from engine.store.tables import history_entry

COLUMNS = history_entry.c


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A row of `history_entry`; the fields are in the order of the columns.

    `seq` counts 1, 2, 3 … within the instance. `actor` is the user id of the person whose act caused it, None for
    clock and machines. `kind`: those of `Fact`, and started_by_message · submitted · claimed · released · refused ·
    job_failed · job_retried · cancelled_by · cancelled_by_caller · timer_failed.
    """

    instance_id: int
    seq: int
    at: datetime
    actor: str | None
    kind: str
    element: str
    definition_id: int
    details: Mapping[str, Any] = field(default_factory=dict)


def append(
    connection: Connection,
    facts: Sequence[Fact],
    *,
    instance_id: int,
    definition_id: int,
    after: int,
    actor: str | None,
    now: datetime,
) -> None:
    """Write facts as entries `after + 1`, `after + 2` … in one statement."""
    rows = [
        {
            "instance_id": instance_id,
            "seq": seq,
            "at": now,
            "actor": actor,
            "kind": fact.kind,
            "element_id": fact.element,
            "definition_id": definition_id,
            "details": fact.details,
        }
        for seq, fact in enumerate(facts, after + 1)
    ]
    connection.execute(insert(history_entry), rows)


def of_instance(connection: Connection, instance_id: int) -> list[HistoryEntry]:
    """Read the whole history of an instance in order."""
    rows = connection.execute(select(history_entry).where(COLUMNS.instance_id == instance_id).order_by(COLUMNS.seq))
    return [HistoryEntry(*row) for row in rows]


def counts(connection: Connection, instance_id: int) -> dict[tuple[str, str], int]:
    """Count the entries of an instance by kind and element."""
    rows = connection.execute(
        select(COLUMNS.kind, COLUMNS.element_id, func.count())
        .where(COLUMNS.instance_id == instance_id)
        .group_by(COLUMNS.kind, COLUMNS.element_id)
    )
    return {(kind, element): count for kind, element, count in rows}
