"""Reading: what people may see of tasks, cases, jobs, messages and history."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.acts import choices
from engine.acts.carrying_out import Acts
from engine.authority import User, refuse_same_hands, refuse_sight, refuse_work, separations_at_stake, visible
from engine.definitions import ProcessDefinition
from engine.entities import (
    DefinitionSummary,
    Instance,
    Job,
    Message,
    Page,
    Relative,
    StartTimer,
    Subscription,
    Task,
    Timer,
)
from engine.errors import JobNotFound, NotAllowed
from engine.interpreter.stepping import variables_seen
from engine.questions.describing import (
    diagram_state,
    instance_of,
    job_of,
    message_of,
    no_instance,
    no_task,
    summary_of,
    task_of,
)
from engine.states import JobState, MessageState
from engine.steps import InstanceState
from engine.store import definitions, history, instances, jobs, messages, start_timers, tasks, timers
from engine.store.history import HistoryEntry
from engine.store.instances import InstanceRow
from engine.store.jobs import JobRow
from engine.store.tasks import Filter, TaskRow
from engine.texts import Text

if TYPE_CHECKING:
    from sqlalchemy import Connection

LIST_LIMIT = 500  # rows of a list that has no pages


class Queries:
    """Answers questions; changes nothing."""

    def __init__(self, acts: Acts) -> None:
        self._acts = acts
        self._library = acts.library

    # --- definitions ------------------------------------------------------------------------------------------------

    def definitions(self) -> list[DefinitionSummary]:
        """List the newest version of every process."""
        with self._acts.reading() as connection:
            rows = definitions.newest(connection)
        return [summary_of(row) for row in rows]

    def versions(self, key: str) -> list[DefinitionSummary]:
        """List all versions of a process, the newest first."""
        with self._acts.reading() as connection:
            rows = definitions.versions(connection, key)
        return [summary_of(row) for row in rows]

    def definition(self, key: str, version: int | None) -> ProcessDefinition:
        """Return a version of a process, by default the newest."""
        with self._acts.reading() as connection:
            return self._library.find(connection, key, version)

    def newest(self) -> list[ProcessDefinition]:
        """Return the newest version of every process."""
        with self._acts.reading() as connection:
            return self._library.newest(connection)

    def start_timers(self) -> list[StartTimer]:
        """List when cases next begin by the clock."""
        with self._acts.reading() as connection:
            rows = [(row, self._library.get(connection, row.definition_id)) for row in start_timers.known(connection)]
        return [StartTimer(d.key, d.version, d.model.elements[r.element_id], r.due_at, r.fault) for r, d in rows]

    # --- tasks ------------------------------------------------------------------------------------------------------

    def tasks(self, user: User, wanted: Filter, *, scope: str, order: str, page: int, size: int) -> Page[Task]:
        """List open tasks: `mine` (assigned to or claimed by the user), `roles` (free for them) or `all` of these."""
        whose = {
            "mine": {"user_id": user.id, "roles": None},
            "roles": {"user_id": None, "roles": user.roles},
            "all": {"user_id": user.id, "roles": user.roles},
        }[scope]
        if order not in tasks.ORDERS:
            raise ValueError(f"tasks can be ordered by {', '.join(tasks.ORDERS)}, not by {order!r}")
        limited = Filter(
            **whose,  # type: ignore[arg-type]
            process=wanted.process,
            element=wanted.element,
            due_before=wanted.due_before,
            text=wanted.text,
        )
        with self._acts.reading() as connection:
            rows, total = tasks.page(connection, limited, order=order, page=page, size=size)
            items = tuple(self.describe_task(connection, row, key, user) for row, key in rows)
        return Page(items, page, size, total)

    def task(self, task_id: int, user: User) -> Task:
        """Return a task with its instance and the exact answer to what the user may do with it.

        Raises TaskNotFound, also for those who may not know about it.
        """
        with self._acts.reading() as connection:
            found = tasks.read(connection, task_id)
            if found is None:
                raise no_task(task_id)
            row, instance_row = found
            definition = self._library.get(connection, row.definition_id)
            element = definition.model.elements[row.element_id]
            seen = refuse_sight(definition.model, instance_row.started_by, user) is None
            if not seen and user.id not in (row.assignee, row.claimed_by, row.completed_by):
                raise no_task(task_id)
            refusal = refuse_work(element, row.assignee, user) or self._refuse_hands(
                connection, row, instance_row, user
            )
            instance = instance_of(instance_row, definition)
            if row.state.is_open and definition.model.is_repeated(row.element_id):
                run = variables_seen(definition.model, instance_row.snapshot, row.token)
                instance = replace(instance, variables=run)
            return task_of(row, definition, instance_row.business_key, user, refusal, instance=instance)

    def describe_task(self, connection: Connection, row: TaskRow, business_key: str | None, user: User | None) -> Task:
        """Describe a task in a list: role, assignee and claim are judged, segregation only where it is opened."""
        definition = self._library.get(connection, row.definition_id)
        refusal = None
        if user is not None:
            refusal = refuse_work(definition.model.elements[row.element_id], row.assignee, user)
        return task_of(row, definition, business_key, user, refusal)

    def _refuse_hands(
        self, connection: Connection, row: TaskRow, instance: InstanceRow, user: User
    ) -> NotAllowed | None:
        model = self._library.get(connection, row.definition_id).model
        element = model.elements[row.element_id]
        if not element.separations or not row.state.is_open:
            return None
        seen = instance.variables
        if model.is_repeated(element.id):
            seen = variables_seen(model, instance.snapshot, row.token)
        context = {**seen, "__now__": self._acts.clock.now()}
        rules = separations_at_stake(element, context, self._acts.installation.functions_of(model))
        others = {other for rule in rules for other in rule.elements}
        done_by = tasks.done_by(connection, instance.id, others) if others else {}
        return refuse_same_hands(model, element, rules, done_by, user)

    # --- instances --------------------------------------------------------------------------------------------------

    def instance(self, instance_id: int, user: User) -> Instance:
        """Return an instance with everything that it waits for.

        Raises InstanceNotFound, also for those who may not know about it.
        """
        with self._acts.reading() as connection:
            row = instances.read(connection, instance_id)
            if row is None:
                raise no_instance(instance_id)
            self._check_sight(connection, row, user)
            return self._whole(connection, row, user)

    def instance_by_key(self, business_key: str, user: User | None) -> Instance:
        """Return the newest instance of a business key.

        Raises InstanceNotFound.
        """
        with self._acts.reading() as connection:
            rows = instances.find_by_key(connection, business_key)
            if not rows:
                raise no_instance(business_key)
            if user is not None:
                self._check_sight(connection, rows[0], user)
            return self._whole(connection, rows[0], user)

    def instances(
        self, *, key: str | None, state: InstanceState | None, by: User | None, roots: bool, page: int, size: int
    ) -> Page[Instance]:
        """List instances, the newest first; with `by` only those of processes that the user may see."""
        with self._acts.reading() as connection:
            keys = None
            if by is not None:
                keys = visible([d.model for d in self._library.newest(connection)], by)
            rows, total = instances.page(connection, key=key, state=state, keys=keys, roots=roots, page=page, size=size)
            items = tuple(instance_of(row, self._library.get(connection, row.definition_id)) for row in rows)
        return Page(items, page, size, total)

    def history(self, instance_id: int) -> list[HistoryEntry]:
        """Return what happened in an instance, in order."""
        with self._acts.reading() as connection:
            return history.of_instance(connection, instance_id)

    def diagram_state(self, instance_id: int) -> dict[str, Any]:
        """Tell per element how often it was passed and whether a token rests there, and which flows were taken."""
        with self._acts.reading() as connection:
            counts = history.counts(connection, instance_id)
            waiting = {row.element_id for row in tasks.of_instance(connection, instance_id) if row.state.is_open}
            waiting |= {row.element_id for row in timers.of_instance(connection, instance_id)}
            waiting |= {row.element_id for row in messages.subscriptions_of(connection, instance_id)}
            waiting |= instances.calling(connection, instance_id)
            at_job = [row for row in jobs.of_instance(connection, instance_id) if row.state in jobs.UNFINISHED]
        failed = {row.element_id for row in at_job if row.state is JobState.FAILED}
        return diagram_state(counts, waiting | {row.element_id for row in at_job}, failed)

    # --- jobs and messages ------------------------------------------------------------------------------------------

    def jobs(self, state: JobState | None) -> list[Job]:
        """List the newest jobs in a state, or in any."""
        with self._acts.reading() as connection:
            return [self._describe_job(connection, row) for row in jobs.in_state(connection, state, limit=LIST_LIMIT)]

    def job(self, job_id: int) -> Job:
        """Return a job.

        Raises JobNotFound.
        """
        with self._acts.reading() as connection:
            row = jobs.read(connection, job_id)
            if row is None:
                raise JobNotFound(Text("There is no job {job}.", job=job_id))
            return self._describe_job(connection, row)

    def messages(self, *, state: MessageState | None, instance_id: int | None) -> list[Message]:
        """List messages, the newest first: in a state, sent by or delivered to an instance."""
        with self._acts.reading() as connection:
            rows = messages.listed(connection, state=state, instance_id=instance_id, limit=LIST_LIMIT)
        return [message_of(row) for row in rows]

    # --- building ---------------------------------------------------------------------------------------------------

    def _check_sight(self, connection: Connection, row: InstanceRow, user: User) -> None:
        model = self._library.get(connection, row.definition_id).model
        if refuse_sight(model, row.started_by, user) is None:
            return
        mine = (user.id in (t.assignee, t.claimed_by, t.completed_by) for t in tasks.of_instance(connection, row.id))
        if not any(mine):
            raise no_instance(row.id)

    def _describe_job(self, connection: Connection, row: JobRow) -> Job:
        case = instances.read(connection, row.instance_id)
        if case is None:
            raise no_instance(row.instance_id)
        return job_of(row, case, self._library.get(connection, case.definition_id))

    def _whole(self, connection: Connection, row: InstanceRow, user: User | None) -> Instance:
        definition = self._library.get(connection, row.definition_id)
        elements = definition.model.elements
        key = row.business_key
        all_tasks = [self.describe_task(connection, t, key, user) for t in tasks.of_instance(connection, row.id)]
        all_jobs = [job_of(job, row, definition) for job in jobs.of_instance(connection, row.id)]
        return instance_of(
            row,
            definition,
            tasks=tuple(t for t in all_tasks if t.state.is_open),
            closed_tasks=tuple(t for t in all_tasks if not t.state.is_open),
            timers=tuple(
                Timer(t.id, row.id, elements[t.element_id], t.due_at, t.faulted)
                for t in timers.of_instance(connection, row.id)
            ),
            subscriptions=tuple(
                Subscription(s.id, row.id, elements[s.element_id], s.name, s.key)
                for s in messages.subscriptions_of(connection, row.id)
                if s.kind == messages.MESSAGE
            ),
            jobs=tuple(j for j in all_jobs if j.state in (JobState.DUE, JobState.RUNNING)),
            failed_jobs=tuple(j for j in all_jobs if j.state is JobState.FAILED),
            **self._relatives(connection, row, definition, user),
            ad_hoc=choices.offered(row, definition.model, user),
        )

    def _relatives(
        self, connection: Connection, row: InstanceRow, definition: ProcessDefinition, user: User | None
    ) -> dict[str, Any]:
        """Describe the instance that called this one and those that it called, as far as the user may see them."""
        parent: Relative | None = None
        children: list[Relative] = []
        for found in instances.relatives(connection, row):
            theirs = self._library.get(connection, found.definition_id)
            if user is not None and refuse_sight(theirs.model, found.started_by, user) is not None:
                continue
            is_parent = found.id == row.parent_id
            caller, named = (theirs, row.parent_element) if is_parent else (definition, found.parent_element)
            element = caller.model.elements[named or ""]
            relative = Relative(found.id, theirs, found.business_key, InstanceState(found.state), element)
            if is_parent:
                parent = relative
            else:
                children.append(relative)
        return {"parent": parent, "children": tuple(children)}
