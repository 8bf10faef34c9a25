"""User tasks: one row per task a person had, has or might have had to do."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, false, func, insert, or_, select, update

from engine.states import TaskState
from engine.steps import UserTaskWait
from engine.store.instances import InstanceRow
from engine.store.tables import process_definition, process_instance, user_task

COLUMNS = user_task.c
OPEN = (TaskState.OPEN, TaskState.CLAIMED)
ORDERS: Mapping[str, tuple[ColumnElement[Any], ...]] = {  # what a list may be sorted by
    "due": (COLUMNS.due_at.is_(None), COLUMNS.due_at, COLUMNS.priority.desc()),
    "priority": (COLUMNS.priority.desc(), COLUMNS.due_at.is_(None), COLUMNS.due_at),
    "opened": (COLUMNS.opened_at.desc(),),
    "process": (process_definition.c.name, COLUMNS.element_id, COLUMNS.due_at),
}


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A row of `user_task`; the fields are in the order of the columns."""

    id: int
    instance_id: int
    definition_id: int
    token: str
    element_id: str
    form_id: str | None
    role: str | None
    assignee: str | None
    state: TaskState
    priority: int
    opened_at: datetime
    due_at: datetime | None
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    completed_by: str | None = None
    closed_at: datetime | None = None

    @classmethod
    def of(cls, row: Any) -> TaskRow:
        """Read the columns of a selected row."""
        values = list(row[:16])
        values[8] = TaskState(values[8])
        return cls(*values)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which tasks a list shows; None and False leave a question open."""

    user_id: str | None = None  # assigned to or claimed by this person
    roles: Collection[str] | None = None  # open to whoever holds one of these roles
    process: str | None = None
    element: str | None = None
    due_before: datetime | None = None
    text: str | None = None


def open_tasks(
    connection: Connection, instance_id: int, definition_id: int, waits: Collection[UserTaskWait]
) -> list[TaskRow]:
    """Insert the tasks that a step opened."""
    rows = [
        {
            "instance_id": instance_id,
            "definition_id": definition_id,
            "token": wait.token,
            "element_id": wait.element.id,
            "form_id": wait.element.form,
            "role": wait.element.role,
            "assignee": wait.assignee,
            "state": TaskState.OPEN,
            "priority": wait.priority,
            "opened_at": wait.opened_at,
            "due_at": wait.due_at,
        }
        for wait in waits
    ]
    ids = connection.execute(insert(user_task).returning(COLUMNS.id, sort_by_parameter_order=True), rows).scalars()
    return [TaskRow(task_id, **row) for task_id, row in zip(ids, rows, strict=True)]  # type: ignore[arg-type]


def lock(connection: Connection, task_id: int) -> tuple[TaskRow, InstanceRow] | None:
    """Read a task together with its instance, for a step."""
    row = connection.execute(
        select(user_task, process_instance)
        .join(process_instance, COLUMNS.instance_id == process_instance.c.id)
        .where(COLUMNS.id == task_id)
        .with_for_update()
    ).first()
    return (TaskRow.of(row), InstanceRow.of(row[len(COLUMNS) :])) if row else None


def read(connection: Connection, task_id: int) -> tuple[TaskRow, InstanceRow] | None:
    """Read a task together with its instance, to show it."""
    row = connection.execute(
        select(user_task, process_instance)
        .join(process_instance, COLUMNS.instance_id == process_instance.c.id)
        .where(COLUMNS.id == task_id)
    ).first()
    return (TaskRow.of(row), InstanceRow.of(row[len(COLUMNS) :])) if row else None


def of_instance(connection: Connection, instance_id: int) -> list[TaskRow]:
    """Read all tasks of an instance, the oldest first."""
    rows = connection.execute(select(user_task).where(COLUMNS.instance_id == instance_id).order_by(COLUMNS.id))
    return [TaskRow.of(row) for row in rows]


def done_by(connection: Connection, instance_id: int, elements: Collection[str]) -> dict[str, set[str]]:
    """Tell who completed these elements in an instance."""
    rows = connection.execute(
        select(COLUMNS.element_id, COLUMNS.completed_by).where(
            COLUMNS.instance_id == instance_id,
            COLUMNS.element_id.in_(sorted(elements)),
            COLUMNS.state == TaskState.COMPLETED,
        )
    )
    done: dict[str, set[str]] = {}
    for element, person in rows:
        done.setdefault(element, set()).add(person)
    return done


def claim(connection: Connection, task_id: int, *, by: str, now: datetime) -> None:
    """Give an open task to one person."""
    _set(connection, task_id, state=TaskState.CLAIMED, claimed_by=by, claimed_at=now)


def release(connection: Connection, task_id: int) -> None:
    """Put a claimed task back."""
    _set(connection, task_id, state=TaskState.OPEN, claimed_by=None, claimed_at=None)


def complete(connection: Connection, row: TaskRow, *, by: str, now: datetime) -> None:
    """Mark a task as done by a person, who has thereby claimed it."""
    values = {"state": TaskState.COMPLETED, "completed_by": by, "closed_at": now}
    _set(connection, row.id, claimed_by=by, claimed_at=row.claimed_at or now, **values)


def cancel(connection: Connection, instance_id: int, *, tokens: Collection[str] | None, now: datetime) -> None:
    """Mark open tasks as cancelled: those of these tokens, or all of the instance."""
    which = [COLUMNS.instance_id == instance_id, COLUMNS.state.in_(OPEN)]
    if tokens is not None:
        which.append(COLUMNS.token.in_(sorted(tokens)))
    connection.execute(update(user_task).where(*which).values(state=TaskState.CANCELLED, closed_at=now))


def change(connection: Connection, instance_id: int, waits: Iterable[UserTaskWait]) -> None:
    """Write moved due times, assignees and priorities."""
    connection.execute(
        update(user_task)
        .where(COLUMNS.instance_id == instance_id, COLUMNS.token == bindparam("which"), COLUMNS.state.in_(OPEN))
        .values(due_at=bindparam("due"), assignee=bindparam("whose"), priority=bindparam("rank")),
        [{"which": w.token, "due": w.due_at, "whose": w.assignee, "rank": w.priority} for w in waits],
    )


def page(
    connection: Connection, wanted: Filter, *, order: str, page: int, size: int
) -> tuple[list[tuple[TaskRow, str | None]], int]:
    """Read one page of open tasks with their business keys, and how many there are in all."""
    chosen = _filtered(select(user_task, process_instance.c.business_key), wanted)
    total = connection.execute(_filtered(select(func.count()), wanted).select_from(user_task)).scalar_one()
    rows = connection.execute(chosen.order_by(*ORDERS[order], COLUMNS.id).limit(size).offset((page - 1) * size))
    return [(TaskRow.of(row), row[-1]) for row in rows], total


def _filtered(query: Select[Any], wanted: Filter) -> Select[Any]:
    query = (
        query.join(process_instance, COLUMNS.instance_id == process_instance.c.id)
        .join(process_definition, COLUMNS.definition_id == process_definition.c.id)
        .where(COLUMNS.state.in_(OPEN))
    )
    if wanted.user_id is not None or wanted.roles is not None:
        query = query.where(_open_to(wanted))
    if wanted.process is not None:
        query = query.where(process_definition.c.key == wanted.process)
    if wanted.element is not None:
        query = query.where(COLUMNS.element_id == wanted.element)
    if wanted.due_before is not None:
        query = query.where(COLUMNS.due_at < wanted.due_before)
    if wanted.text:
        found = (process_instance.c.business_key, process_definition.c.name, COLUMNS.element_id)
        query = query.where(or_(*(column.icontains(wanted.text, autoescape=True) for column in found)))
    return query


def _open_to(wanted: Filter) -> ColumnElement[bool]:
    mine: ColumnElement[bool] = false()
    if wanted.user_id is not None:
        mine = or_(COLUMNS.assignee == wanted.user_id, COLUMNS.claimed_by == wanted.user_id)
    if wanted.roles is None:
        return mine
    for_role = and_(COLUMNS.role.in_(sorted(wanted.roles)), COLUMNS.state == TaskState.OPEN, COLUMNS.assignee.is_(None))
    return or_(mine, for_role)


def _set(connection: Connection, task_id: int, **values: Any) -> None:
    connection.execute(update(user_task).where(COLUMNS.id == task_id).values(**values))
