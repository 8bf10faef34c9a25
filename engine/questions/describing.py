"""From rows to what others see of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from engine.acts.transaction import Case
from engine.authority import User, answers_for, refuse_work
from engine.definitions import ProcessDefinition
from engine.entities import DefinitionSummary, Instance, Job, Message, Task
from engine.errors import InstanceNotFound, NotAllowed, TaskNotFound
from engine.states import TaskState
from engine.store.definitions import DefinitionRow
from engine.store.instances import InstanceRow
from engine.store.jobs import JobRow
from engine.store.messages import MessageRow
from engine.store.tasks import TaskRow
from engine.texts import Text


def summary_of(row: DefinitionRow) -> DefinitionSummary:
    """Describe a version."""
    return DefinitionSummary(*(getattr(row, field.name) for field in fields(DefinitionSummary)))


def instance_of(row: InstanceRow, definition: ProcessDefinition, **lists: Any) -> Instance:
    """Describe an instance; `lists` are its tasks, timers, subscriptions and jobs."""
    return Instance(
        id=row.id,
        definition=definition,
        business_key=row.business_key,
        state=row.state,
        variables=row.variables,
        revision=row.revision,
        started_at=row.started_at,
        started_by=row.started_by,
        updated_at=row.updated_at,
        ended_at=row.ended_at,
        parent_id=row.parent_id,
        **lists,
    )


def task_of(
    row: TaskRow,
    definition: ProcessDefinition,
    business_key: str | None,
    user: User | None,
    refusal: NotAllowed | None,
    *,
    instance: Instance | None = None,
) -> Task:
    """Describe a task for a user; without one nothing may be done with it."""
    mine = user is not None and row.claimed_by == user.id
    responsible = user is not None and answers_for(definition.model, user)
    willing = user is not None and refusal is None
    return Task(
        id=row.id,
        instance_id=row.instance_id,
        definition=definition,
        element=definition.model.elements[row.element_id],
        business_key=business_key,
        state=row.state,
        role=row.role,
        assignee=row.assignee,
        priority=row.priority,
        opened_at=row.opened_at,
        due_at=row.due_at,
        claimed_by=row.claimed_by,
        claimed_at=row.claimed_at,
        completed_by=row.completed_by,
        closed_at=row.closed_at,
        may_claim=willing and row.state is TaskState.OPEN,
        may_complete=willing and (row.state is TaskState.OPEN or (mine and row.state is TaskState.CLAIMED)),
        may_release=row.state is TaskState.CLAIMED and (mine or responsible),
        refusal=_reason(row, user, refusal),
        refusal_rule=refusal.rule if refusal else None,
        instance=instance,
    )


def opened_tasks(case: Case, user: User) -> tuple[Task, ...]:
    """Describe the tasks that an act has opened, in its case, its callers and those it called, and that are open."""
    return tuple(task for one in (case, *case.relatives.values()) for task in opened_in(one, user))


def opened_in(case: Case, user: User) -> Iterator[Task]:
    """Describe the tasks of one case that an act has opened and that are still open at its end."""
    open_now = {wait.token for wait in case.waits}
    elements = case.definition.model.elements
    for row in case.opened_tasks:
        if row.token in open_now:
            refusal = refuse_work(elements[row.element_id], row.assignee, user)
            yield task_of(row, case.definition, case.business_key, user, refusal)


def job_of(row: JobRow, case: InstanceRow, definition: ProcessDefinition) -> Job:
    """Describe a job of a case."""
    same = {f.name: getattr(row, f.name) for f in fields(Job) if f.name in JobRow.__dataclass_fields__}
    element = definition.model.elements[row.element_id]
    return Job(business_key=case.business_key, process=definition.key, element=element, **same)


def message_of(row: MessageRow) -> Message:
    """Describe a message."""
    return Message(*(getattr(row, field.name) for field in fields(Message)))


def diagram_state(counts: Mapping[tuple[str, str], int], waiting: set[str], failed: set[str]) -> dict[str, Any]:
    """Colour a diagram: per element a status and how often a token was there, and the flows that were taken.

    Status: failed (its job needs a person) · active (a token rests there) · completed · cancelled · entered.
    """
    ids = {element for kind, element in counts if kind in ("entered", "completed", "cancelled")} | waiting
    elements = {}
    for element in sorted(ids):
        entered = counts.get(("entered", element), 0) or counts.get(("completed", element), 0)
        elements[element] = {"status": _status(element, counts, waiting, failed), "count": max(entered, 1)}
    return {"elements": elements, "flows": sorted(element for kind, element in counts if kind == "flow")}


def no_task(task_id: int) -> TaskNotFound:
    """Say that a task is not there, for whoever asks."""
    return TaskNotFound(Text("There is no task {task}.", task=task_id))


def no_instance(named: int | str) -> InstanceNotFound:
    """Say that a case is not there, for whoever asks."""
    return InstanceNotFound(Text("There is no case {instance}.", instance=named))


def _status(element: str, counts: Mapping[tuple[str, str], int], waiting: set[str], failed: set[str]) -> str:
    if element in failed:
        return "failed"
    if element in waiting:
        return "active"
    return next((kind for kind in ("completed", "cancelled") if counts.get((kind, element))), "entered")


def _reason(row: TaskRow, user: User | None, refusal: NotAllowed | None) -> Text | None:
    if refusal is not None:
        return refusal.text
    if row.state is TaskState.COMPLETED:
        return Text("This task was already completed by {person}.", person=row.completed_by or "")
    if row.state is TaskState.CANCELLED:
        return Text("This task is no longer needed: the case went another way.")
    if row.state is TaskState.CLAIMED and (user is None or row.claimed_by != user.id):
        return Text("This task is claimed by {person}.", person=row.claimed_by or "")
    return None
