"""What the engine answers with: instances, tasks, jobs, messages and history as others see them. All are values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from engine.definitions import Element, ProcessDefinition
from engine.forms import Form
from engine.states import JobKind, JobState, MessageState, TaskState
from engine.steps import InstanceState, Token
from engine.texts import Text

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a long list. `page` counts from 1; `total` is the length of the whole list."""

    items: tuple[T, ...]
    page: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))

    def __iter__(self) -> Any:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True, slots=True)
class DefinitionSummary:
    """A published version without its model."""

    id: int
    key: str
    version: int
    name: str
    checksum: str
    published_at: datetime
    published_by: str


@dataclass(frozen=True, slots=True)
class Task:
    """A user task. `refusal` says why this user may not work on it; None when they may."""

    id: int
    instance_id: int
    definition: ProcessDefinition
    element: Element
    business_key: str | None
    state: TaskState
    role: str | None
    assignee: str | None
    priority: int
    opened_at: datetime
    due_at: datetime | None
    claimed_by: str | None
    claimed_at: datetime | None
    completed_by: str | None
    closed_at: datetime | None
    may_claim: bool = False
    may_complete: bool = False
    may_release: bool = False
    refusal: Text | None = None
    refusal_rule: str | None = None
    instance: Instance | None = None  # filled by `task`, not in lists

    @property
    def name(self) -> str:
        """What staff read: the element's name."""
        return self.element.name or self.element.id

    @property
    def form(self) -> Form | None:
        """The form to fill in, if the task has one."""
        return self.definition.model.forms[self.element.form] if self.element.form else None

    def is_overdue(self, now: datetime) -> bool:
        """Whether the task should have been done by now."""
        return self.state.is_open and self.due_at is not None and self.due_at < now


@dataclass(frozen=True, slots=True)
class Timer:
    """A due date on the diagram. A faulted timer's firing failed; a job goes on with it."""

    id: int
    instance_id: int
    element: Element
    due_at: datetime
    faulted: bool


@dataclass(frozen=True, slots=True)
class StartTimer:
    """A start event that begins cases by the clock. `due_at` None: no more; `fault`: why the last one didn't begin."""

    process: str
    version: int
    element: Element
    due_at: datetime | None
    fault: str | None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A token that waits for a message."""

    id: int
    instance_id: int
    element: Element
    name: str
    key: str | None


@dataclass(frozen=True, slots=True)
class Job:
    """Durable work for a worker. `attempts` of `retries` are begun; `error` is that of the last one."""

    id: int
    instance_id: int
    business_key: str | None
    process: str
    element: Element
    kind: JobKind
    handler: str | None
    inputs: Mapping[str, Any]
    state: JobState
    attempts: int
    retries: int
    created_at: datetime
    due_at: datetime
    finished_at: datetime | None
    error: str | None
    traceback: str | None

    @property
    def idempotency_key(self) -> str:
        """The same for every attempt."""
        return f"job-{self.id}"


@dataclass(frozen=True, slots=True)
class AdHocWork:
    """An open ad-hoc sub-process: what this person may begin in it now, and whether they may end it."""

    token: Token
    element: Element
    activities: tuple[Element, ...]
    may_finish: bool


@dataclass(frozen=True, slots=True)
class Relative:
    """An instance beside another one that called it or that it called; `element` is the call activity."""

    id: int
    definition: ProcessDefinition
    business_key: str | None
    state: InstanceState
    element: Element


@dataclass(frozen=True, slots=True)
class Instance:
    """One run of a definition. The lists are filled by `instance`; elsewhere they are empty."""

    id: int
    definition: ProcessDefinition
    business_key: str | None
    state: InstanceState
    variables: Mapping[str, Any]
    revision: int
    started_at: datetime
    started_by: str | None
    updated_at: datetime
    ended_at: datetime | None
    tasks: tuple[Task, ...] = ()  # open ones
    closed_tasks: tuple[Task, ...] = ()  # completed and cancelled ones
    timers: tuple[Timer, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    jobs: tuple[Job, ...] = ()  # due and running ones
    failed_jobs: tuple[Job, ...] = ()
    ad_hoc: tuple[AdHocWork, ...] = ()  # where people choose what is done
    parent_id: int | None = None  # the instance that called this one
    parent: Relative | None = None  # filled by `instance`, as `children` is: those that it called, the oldest first
    children: tuple[Relative, ...] = ()

    @property
    def is_active(self) -> bool:
        """Whether the instance waits for something."""
        return self.state is InstanceState.ACTIVE


@dataclass(frozen=True, slots=True)
class Completion:
    """What completing a task led to: the instance at rest again, and the tasks it opened."""

    task: str  # name of the one that was completed
    instance: Instance
    next_tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A message that came or was sent, and where it is now."""

    id: int
    message_id: str | None
    name: str
    key: str | None
    variables: Mapping[str, Any]
    state: MessageState
    received_at: datetime
    expires_at: datetime | None
    delivered_at: datetime | None
    source_instance_id: int | None
    source_element_id: str | None
    actor: str | None
    instance_id: int | None
    element_id: str | None
    fault: str | None


class Outcome(StrEnum):
    """What became of a message that was handed in."""

    DELIVERED = "delivered"  # an instance was waiting for it
    STARTED = "started"  # it began an instance
    WAITING = "waiting"  # it is in the inbox
    EXPIRED = "expired"  # it came too late to be of use


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a message went. `repeated`: it had come before under the same id, and nothing happened now."""

    outcome: Outcome
    message: int
    instance_id: int | None = None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What one pass of the worker did."""

    timers: int = 0
    jobs: int = 0
    failures: int = 0  # attempts that failed: each is visible at its job or message
    messages: int = 0  # delivered out of the inbox
    expired: int = 0
    details: tuple[str, ...] = field(default=())

    @property
    def did_something(self) -> bool:
        """Whether anything was due."""
        return bool(self.timers or self.jobs or self.failures or self.messages or self.expired)

    def __add__(self, other: Report) -> Report:
        return Report(
            self.timers + other.timers,
            self.jobs + other.jobs,
            self.failures + other.failures,
            self.messages + other.messages,
            self.expired + other.expired,
            self.details + other.details,
        )
