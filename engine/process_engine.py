"""The engine's front door: every act and every question, in the words of the glossary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from engine.acts import choices, human_work, operations
from engine.acts.announcing import announce
from engine.acts.carrying_out import Acts
from engine.acts.hosting import Answers, Collaborators, Functions, Installation
from engine.acts.routing import broadcast, correlate
from engine.acts.transaction import Case, Transaction
from engine.acts.worker import Worker
from engine.authority import User, refuse_sight, refuse_start
from engine.clock import Clock
from engine.definitions import Bundle, Element, ProcessDefinition
from engine.entities import (
    Completion,
    DefinitionSummary,
    Delivery,
    Instance,
    Job,
    Message,
    Page,
    Report,
    StartTimer,
    Task,
)
from engine.findings import Finding
from engine.handlers import HandlerRegistry
from engine.questions.describing import instance_of, opened_in, opened_tasks
from engine.questions.queries import Queries
from engine.states import JobState, MessageState
from engine.steps import InstanceState, Token
from engine.store.history import HistoryEntry
from engine.store.tasks import Filter

if TYPE_CHECKING:
    from sqlalchemy import Engine

Scope = Literal["mine", "roles", "all"]


class ProcessEngine:
    """Publishes processes, runs their instances, and answers questions about them.

    Every act is one transaction: it and all that follows from it are stored together, or not at all.
    """

    def __init__(
        self,
        database: Engine,
        *,
        clock: Clock,
        handlers: HandlerRegistry,
        collaborators: Collaborators,
        functions: Functions | None = None,
    ) -> None:
        installation = Installation(handlers, collaborators, functions or {})
        self._acts = Acts(database, clock, installation)
        self._clock = clock
        self._library = self._acts.library
        self._queries = Queries(self._acts)
        self._worker = Worker(self._acts)

    # --- definitions ------------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read every version in force or in use, at start-up.

        Raises SchemaMismatch when a published version can't run in this installation any more.
        """
        self._library.load()

    def check(self, bundle: Bundle) -> list[Finding]:
        """Say all that the intake has to say about a bundle, without publishing it."""
        return self._library.check(bundle, now=self._clock.now())

    def publish(self, bundle: Bundle, *, by: User) -> list[ProcessDefinition]:
        """Put a bundle into force: version n+1 of every process that it changes; unchanged ones are skipped.

        Raises InvalidDiagram, NotAllowed.
        """
        return self._library.publish(bundle, by=by, now=self._clock.now())

    def definitions(self) -> list[DefinitionSummary]:
        """List the newest version of every process."""
        return self._queries.definitions()

    def versions(self, key: str) -> list[DefinitionSummary]:
        """List all versions of a process, the newest first."""
        return self._queries.versions(key)

    def definition(self, key: str, version: int | None = None) -> ProcessDefinition:
        """Return a version of a process, by default the newest.

        Raises DefinitionNotFound.
        """
        return self._queries.definition(key, version)

    def start_timers(self) -> list[StartTimer]:
        """List the start events that begin cases by the clock, the next one first."""
        return self._queries.start_timers()

    def startable(self, user: User) -> list[tuple[ProcessDefinition, Element]]:
        """List the processes that a person may start by hand, with the start event each of them has for that."""
        found = [(d, e) for d in self._queries.newest() for e in d.model.starts() if _by_hand(e)]
        return [(d, e) for d, e in found if refuse_start(d.model, e, user) is None]

    def seen_by(self, user: User) -> list[ProcessDefinition]:
        """List the processes, in their newest versions, whose cases are open to a person."""
        return [d for d in self._queries.newest() if refuse_sight(d.model, None, user) is None]

    # --- acts of people ---------------------------------------------------------------------------------------------

    def start(
        self, key: str, *, start_event: str | None = None, variables: Mapping[str, Any] | None = None, by: User
    ) -> Instance:
        """Begin an instance of the newest version by hand; the start form is checked if there is one.

        Raises DefinitionNotFound, NotAllowed, InvalidForm, ExecutionError.
        """
        with self._acts.reading() as connection:
            definition = self._library.find(connection, key)
        event = human_work.start_event(definition, start_event)
        if refusal := refuse_start(definition.model, event, by):
            raise refusal

        def act(transaction: Transaction) -> Case:
            return human_work.start(transaction, definition, event, variables or {})

        case = self._acts.carry_out(act, actor=by.id)
        return instance_of(case.row, definition, tasks=tuple(opened_in(case, by)))

    def claim_task(self, task_id: int, *, by: User) -> Task:
        """Take an open task, so that others see who works on it.

        Raises TaskNotFound, TaskClosed, TaskClaimed, NotAllowed.
        """
        self._work(lambda transaction: human_work.claim(transaction, task_id, by), by)
        return self.task(task_id, by=by)

    def release_task(self, task_id: int, *, by: User) -> Task:
        """Put back a claimed task: whoever claimed it, or the process owner when that person is away.

        Raises TaskNotFound, TaskClosed, TaskClaimed.
        """
        self._work(lambda transaction: human_work.release(transaction, task_id, by), by)
        return self.task(task_id, by=by)

    def complete_task(self, task_id: int, answers: Answers, *, by: User) -> Completion:
        """Finish an open user task and advance its process to the next wait state.

        `answers` are the form's values as they were entered, or a function that reads them, given the form and what
        its expressions may read: so a page needs no look at the task before. What it raises undoes everything.

        Raises TaskNotFound, TaskClosed, TaskClaimed, NotAllowed, InvalidForm, ExecutionError, StaleInstance.
        """
        case = self._work(lambda transaction: human_work.complete(transaction, task_id, answers, by), by)
        return Completion(case.completed, instance_of(case.row, case.definition), opened_tasks(case, by))

    def choose_activity(self, instance_id: int, token: Token, activity: str, *, by: User) -> Instance:
        """Begin an activity of an open ad-hoc sub-process (`Instance.ad_hoc`): whoever has its role, or the owner.

        Raises InstanceNotFound, InstanceClosed, Conflict when it can't be begun now, NotAllowed, ExecutionError.
        """
        self._acts.carry_out(
            lambda transaction: choices.choose_activity(transaction, instance_id, token, activity, by), actor=by.id
        )
        return self.instance(instance_id, by=by)

    def finish_ad_hoc(self, instance_id: int, token: Token, *, by: User) -> Instance:
        """End an open ad-hoc sub-process, because enough is done: whoever has its role, or the process owner.

        Raises InstanceNotFound, InstanceClosed, Conflict, NotAllowed, ExecutionError.
        """
        self._acts.carry_out(
            lambda transaction: choices.finish_ad_hoc(transaction, instance_id, token, by), actor=by.id
        )
        return self.instance(instance_id, by=by)

    def cancel_instance(self, instance_id: int, *, reason: str, by: User) -> Instance:
        """End an instance by a person's decision: its process owner's, or an administrator's.

        What it has called ends with it. One that was called itself is ended by ending its outermost caller.

        Raises InstanceNotFound, InstanceClosed, NotAllowed, Conflict.
        """
        self._acts.carry_out(lambda transaction: operations.cancel(transaction, instance_id, reason, by), actor=by.id)
        return self.instance(instance_id, by=by)

    def set_variables(self, instance_id: int, values: Mapping[str, Any], *, by: User) -> Instance:
        """Correct variables of an instance, as its process owner or an administrator; a conditional event may go on.

        Raises InstanceNotFound, InstanceClosed, NotAllowed, ExecutionError.
        """
        self._acts.carry_out(
            lambda transaction: operations.set_variables(transaction, instance_id, values, by), actor=by.id
        )
        return self.instance(instance_id, by=by)

    def correct_variables(self, instance_id: int, texts: Mapping[str, str], *, reason: str, by: User) -> Instance:
        """Correct variables as `set_variables` does, by FEEL that may read the others, for a reason that is kept.

        Raises InstanceNotFound, InstanceClosed, NotAllowed, InvalidForm with all that is wrong, ExecutionError.
        """
        self._acts.carry_out(
            lambda transaction: operations.correct_variables(transaction, instance_id, texts, reason, by), actor=by.id
        )
        return self.instance(instance_id, by=by)

    def retry_job(self, job_id: int, *, by: User) -> Job:
        """Give a failed job all its attempts again, from now on.

        Raises JobNotFound, Conflict when it hasn't failed, NotAllowed.
        """
        self._acts.carry_out(lambda transaction: operations.retry_job(transaction, job_id, by), actor=by.id)
        return self.job(job_id)

    def retry_message(self, message: int, *, by: User) -> bool:
        """Deliver a waiting message whose receiver was in trouble; False when nobody waits for it now.

        Raises NotFound, Conflict, NotAllowed, ExecutionError.
        """
        return self._acts.carry_out(lambda transaction: operations.retry_message(transaction, message, by), actor=by.id)

    # --- the world and the clock ------------------------------------------------------------------------------------

    def correlate(
        self,
        message: str,
        *,
        key: str | None = None,
        variables: Mapping[str, Any] | None = None,
        by: User | None = None,
        message_id: str | None = None,
        expires_at: datetime | None = None,
    ) -> Delivery:
        """Hand in a message: to the instance that waits for it, else to a start event, else into the inbox.

        With `message_id` it counts once, however often it is sent.

        Raises ExecutionError.
        """

        def act(transaction: Transaction) -> Delivery:
            return correlate(
                transaction,
                message,
                key=key,
                variables=variables or {},
                message_id=message_id,
                expires_at=expires_at,
            )

        return self._acts.carry_out(act, actor=by.id if by else None)

    def broadcast(
        self, signal: str, variables: Mapping[str, Any] | None = None, *, by: User | None = None
    ) -> tuple[int, ...]:
        """Hand in a signal: to every token that waits for it now, and to the start events of the newest versions.

        It is not kept: whoever comes to wait later gets the next one. Returns the cases it reached or began, and those
        that signals thrown by these did. A case in trouble keeps no other from it; its history tells of that.

        Raises ExecutionError when a process can't begin by it; then it has reached nobody.
        """

        def act(transaction: Transaction) -> tuple[int, ...]:
            return tuple(broadcast(transaction, signal, variables or {}))

        return self._acts.carry_out(act, actor=by.id if by else None)

    def announce(self, variables: Mapping[str, Any], *, by: User | None = None) -> tuple[int, ...]:
        """Tell what is true of the world now: conditional start events whose condition has become true begin a case.

        A condition is asked when all that it reads is announced at once. Returns the cases that began.

        Raises ExecutionError; then none began.
        """
        return self._acts.carry_out(
            lambda transaction: tuple(announce(transaction, variables)), actor=by.id if by else None
        )

    def run_due(self) -> Report:
        """Do what is due now: timers, jobs, messages; one pass of the worker."""
        return self._worker.run_due()

    def next_due(self) -> datetime | None:
        """Tell when the worker next has something to do."""
        return self._worker.next_due()

    # --- questions --------------------------------------------------------------------------------------------------

    def tasks(
        self,
        user: User,
        *,
        scope: Scope = "mine",
        process: str | None = None,
        element: str | None = None,
        overdue: bool = False,
        text: str | None = None,
        order: str = "due",
        page: int = 1,
        size: int = 25,
    ) -> Page[Task]:
        """List open tasks: the user's own (`mine`), those free for their roles (`roles`), or both (`all`).

        `order`: due · priority · opened · process.
        """
        wanted = Filter(
            process=process, element=element, due_before=self._clock.now() if overdue else None, text=text or None
        )
        return self._queries.tasks(user, wanted, scope=scope, order=order, page=page, size=size)

    def task(self, task_id: int, *, by: User) -> Task:
        """Return a task with its instance, and whether this person may work on it and why not.

        Raises TaskNotFound, also for those who may not know about it.
        """
        return self._queries.task(task_id, by)

    def instance(self, instance_id: int, *, by: User) -> Instance:
        """Return an instance with its variables and everything that it waits for.

        Raises InstanceNotFound, also for those who may not know about it.
        """
        return self._queries.instance(instance_id, by)

    def instance_by_key(self, business_key: str, *, by: User | None = None) -> Instance:
        """Return the newest instance of a business key; without `by` the caller answers for who sees it.

        Raises InstanceNotFound.
        """
        return self._queries.instance_by_key(business_key, by)

    def instances(
        self,
        *,
        key: str | None = None,
        state: InstanceState | None = None,
        by: User | None = None,
        roots: bool = False,
        page: int = 1,
        size: int = 25,
    ) -> Page[Instance]:
        """List instances, the newest first; with `by` only those of processes that this person may see.

        With `roots`, those alone that no other instance called.
        """
        return self._queries.instances(key=key, state=state, by=by, roots=roots, page=page, size=size)

    def history(self, instance_id: int) -> list[HistoryEntry]:
        """Return what happened in an instance, in order."""
        return self._queries.history(instance_id)

    def diagram_state(self, instance_id: int) -> dict[str, Any]:
        """Tell where the tokens are, and which way they came: `elements` (id → status, count) and `flows`."""
        return self._queries.diagram_state(instance_id)

    def messages(self, instance_id: int | None = None, *, state: MessageState | None = None) -> list[Message]:
        """List messages, the newest first: those an instance sent or got, those in a state."""
        return self._queries.messages(instance_id=instance_id, state=state)

    def jobs(self, *, state: JobState | None = None) -> list[Job]:
        """List the newest jobs in a state, or in any."""
        return self._queries.jobs(state)

    def job(self, job_id: int) -> Job:
        """Return a job.

        Raises JobNotFound.
        """
        return self._queries.job(job_id)

    def _work(self, act: Callable[[Transaction], Case], by: User) -> Case:
        """Carry out work on a task; a refusal undoes it, and is itself written down."""
        try:
            return self._acts.carry_out(act, actor=by.id)
        except human_work.Refused as refused:
            entry = (refused.instance_id, refused.definition_id, [refused.fact])
            self._acts.carry_out(lambda transaction: human_work.write_history(transaction, *entry), actor=by.id)
            raise refused.refusal from None


def _by_hand(start: Element) -> bool:
    """Whether a person may begin a case there: by nothing, or in place of a message."""
    return any(event.event in (None, "message") for event in start.events)
