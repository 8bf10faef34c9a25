"""One act and all that follows from it: load, step, save, route messages; stored together or not at all."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.acts.failures import HandlerFailed
from engine.acts.hosting import Installation, StepHost
from engine.acts.waits import save_waits
from engine.definitions import Correlation, Element, ProcessDefinition
from engine.errors import ExecutionError, InstanceClosed, InstanceNotFound
from engine.handlers import Work
from engine.interpreter.stepping import advance, variables_seen
from engine.publishing import Library
from engine.steps import Command, Fact, InstanceState, MessageWait, Step, ThrownMessage, ThrownSignal, Token, Wait
from engine.store import history, instances
from engine.store.instances import Caller, InstanceRow
from engine.store.tasks import TaskRow
from engine.texts import Text

if TYPE_CHECKING:
    from sqlalchemy import Connection

DEPTH_LIMIT = 1_000  # scopes open at once, e.g. by an event sub-process that is triggered again and again


@dataclass
class Case:
    """An instance in the hands of one transaction: read once, stepped as often as needed, saved once per round."""

    row: InstanceRow
    definition: ProcessDefinition
    seq: int  # of the newest history entry, written or not
    facts: list[Fact] = field(default_factory=list)
    opened: dict[Token, Wait] = field(default_factory=dict)
    closed: dict[Token, Wait] = field(default_factory=dict)
    changed: dict[Token, Wait] = field(default_factory=dict)
    thrown: list[ThrownMessage] = field(default_factory=list)
    signals: list[ThrownSignal] = field(default_factory=list)
    finished: set[Token] = field(default_factory=set)  # closed by being done, not by the case going another way
    completed: str = ""  # name of the task that a person completed in this transaction
    waits: tuple[Wait, ...] = ()
    step: Step | None = None  # the last one since the last save
    opened_tasks: list[TaskRow] = field(default_factory=list)  # by this transaction
    relatives: dict[int, Case] = field(default_factory=dict)  # callers and called ones that moved with it, by id

    @property
    def variables(self) -> Mapping[str, Any]:
        """The variables as they are now."""
        return self.step.variables if self.step else self.row.variables

    def variables_at(self, element: str, token: Token) -> Mapping[str, Any]:
        """The variables as they are now for one that waits at an element: its run's own lie over them."""
        if not self.definition.model.is_repeated(element):
            return self.variables
        return variables_seen(self.definition.model, self.step.snapshot if self.step else self.row.snapshot, token)

    @property
    def business_key(self) -> str | None:
        """The business key as it is now."""
        return self.step.business_key if self.step else self.row.business_key

    def take(self, step: Step) -> None:
        """Add a step to what is to be saved; what opens and closes between two saves leaves no row."""
        self.step, self.waits = step, step.waits
        self.facts += step.facts
        self.thrown += step.messages
        self.signals += step.signals
        for wait in step.closed:
            self.changed.pop(wait.token, None)
            if self.opened.pop(wait.token, None) is None:
                self.closed[wait.token] = wait
        for wait in step.opened:
            self.opened[wait.token] = wait
        for wait in step.changed:
            (self.opened if wait.token in self.opened else self.changed)[wait.token] = wait

    def clear(self, row: InstanceRow) -> None:
        """Go on from what was saved."""
        self.row, self.step = row, None
        self.facts, self.thrown, self.signals = [], [], []
        self.opened, self.closed, self.changed, self.finished = {}, {}, {}, set()


@dataclass(frozen=True)
class Outgoing:
    """A thrown message on its way, or one out of the inbox."""

    message: ThrownMessage
    source: int


@dataclass(frozen=True)
class Broadcast:
    """A thrown signal on its way to all but the case that threw it."""

    name: str
    variables: Mapping[str, Any]
    source: int | None


@dataclass(frozen=True)
class Opened:
    """Waits for messages that have just opened: the inbox may hold something for them."""

    instance_id: int
    waits: tuple[MessageWait, ...]


class Transaction:
    """Everything one act needs while its database transaction is open."""

    def __init__(
        self,
        connection: Connection,
        library: Library,
        installation: Installation,
        *,
        now: datetime,
        actor: str | None,
        parked: Mapping[str, HandlerFailed],
    ) -> None:
        self.connection = connection
        self.now = now
        self.actor = actor
        self.parked = parked
        self.pending: deque[Outgoing | Broadcast | Opened] = deque()
        self.handlers = installation.handlers
        self.functions_of = installation.functions_of
        self.functions = installation.functions
        self._library = library
        self._installation = installation
        self._cases: dict[int, Case] = {}
        self._calls: Counter[str] = Counter()  # of the handlers of each element
        self._touched: list[int] = []  # the cases that were changed, in order

    # --- cases ------------------------------------------------------------------------------------------------------

    def case(self, instance_id: int) -> Case:
        """Return an instance, locked for this transaction.

        Raises InstanceNotFound.
        """
        found = self._cases.get(instance_id)
        if found is None:
            row = instances.lock(self.connection, instance_id)
            if row is None:
                raise InstanceNotFound(Text("There is no case {instance}.", instance=instance_id))
            found = self.adopt(row)
        return found

    def adopt(self, row: InstanceRow) -> Case:
        """Take an instance that was read and locked together with something else."""
        case = Case(row, self._library.get(self.connection, row.definition_id), row.history_seq)
        self._cases[row.id] = case
        return case

    def forget(self, instance_id: int | None) -> None:
        """Read a case anew when it is next needed: its last step was undone."""
        self._cases.pop(instance_id or 0, None)

    def definition(self, definition_id: int) -> ProcessDefinition:
        """Return a version by its id."""
        return self._library.get(self.connection, definition_id)

    def newest(self, key: str, version: int | None = None) -> ProcessDefinition:
        """Return a version of a process, by default the newest.

        Raises DefinitionNotFound.
        """
        return self._library.find(self.connection, key, version)

    def definition_as_of(self, key: str, definition_id: int) -> ProcessDefinition:
        """Return the version of a process that was the newest when another one was published.

        Raises DefinitionNotFound.
        """
        return self._library.find_as_of(self.connection, key, definition_id)

    def correlation(self, message: str) -> Correlation | None:
        """Say how messages of a name find their case, by the newest version of a process that tells."""
        known = sorted(self._library.newest(self.connection), key=lambda definition: -definition.id)
        return next((d.model.correlations[message] for d in known if message in d.model.correlations), None)

    def create(self, definition: ProcessDefinition, *, caller: Caller | None = None) -> Case:
        """Begin an instance; it exists only if its first step does. One that is called is begun by nobody in person."""
        actor = self.actor if caller is None else None
        row = instances.create(self.connection, definition.id, actor=actor, now=self.now, caller=caller)
        return self.adopt(row)

    def touch(self, case: Case) -> None:
        """Remember that a case is being changed, in case that is undone."""
        self._touched.append(case.row.id)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep what is done within from anything else: an ExecutionError undoes it, and only it, and is raised."""
        pending, before = list(self.pending), len(self._touched)
        try:
            with self.connection.begin_nested():
                yield
        except ExecutionError:
            self.pending = deque(pending)
            for instance_id in self._touched[before:]:
                self.forget(instance_id)
            raise

    # --- stepping ---------------------------------------------------------------------------------------------------

    @contextmanager
    def world(self, case: Case, element: Element, *, idempotency_key: str | None = None) -> Iterator[StepHost]:
        """Open the world of a step; leaving it writes what handlers and forms did to the records."""
        model = case.definition.model
        work = Work(
            instance_id=case.row.id,
            process=model.key,
            business_key=case.business_key,
            element=element.id,
            element_name=element.name,
            actor=self.actor,
            now=self.now,
            idempotency_key=idempotency_key or f"{case.row.id}.{case.row.revision}",
        )
        kept = None if case.row.parent_id is not None or model.passes_everything else model.variables
        with self._installation.step(
            self.connection, model, work, parked=self.parked, calls=self._calls, kept=kept
        ) as host:
            yield host

    def advance(self, case: Case, command: Command, host: StepHost) -> None:
        """Carry out one command in memory.

        Raises InstanceClosed, ExecutionError.
        """
        if case.row.state is not InstanceState.ACTIVE:
            raise InstanceClosed(
                Text("Case {instance} has ended: {state}.", instance=case.row.id, state=case.row.state.value)
            )
        self.touch(case)
        snapshot = case.step.snapshot if case.step else case.row.snapshot or None
        case.take(advance(case.definition.model, snapshot, command, now=self.now, host=host))

    def carry_out(self, case: Case, command: Command, element: Element) -> None:
        """Carry out one command in a world of its own."""
        with self.world(case, element) as host:
            self.advance(case, command, host)

    def save(self, case: Case) -> None:
        """Write the case as it stands and note what its messages lead to.

        Raises StaleInstance, ExecutionError for a case that could never go on.
        """
        step = case.step
        if step is None:
            return
        _check_alive(case, step)
        before, case.seq = case.seq, case.seq + len(case.facts)
        row = instances.save(self.connection, case.row, step, history_seq=case.seq, now=self.now)
        case.opened_tasks += save_waits(self.connection, case, self.now, self.parked)
        if case.facts:
            history.append(
                self.connection,
                case.facts,
                instance_id=row.id,
                definition_id=row.definition_id,
                after=before,
                actor=self.actor,
                now=self.now,
            )
        self.pending.extend(Outgoing(message, row.id) for message in case.thrown)
        self.pending.extend(Broadcast(signal.name, signal.variables, row.id) for signal in case.signals)
        begun = (*case.opened.values(), *case.changed.values())  # a wait under another key is a new one
        if waits := tuple(wait for wait in begun if isinstance(wait, MessageWait)):
            self.pending.append(Opened(row.id, waits))
        case.clear(row)

    def note(self, instance_id: int, facts: list[Fact]) -> None:
        """Add lines to the history of a case without a step."""
        case = self.case(instance_id)
        last = instances.advance_history(self.connection, instance_id, len(facts))
        if last is not None:
            history.append(
                self.connection,
                facts,
                instance_id=instance_id,
                definition_id=case.row.definition_id,
                after=last - len(facts),
                actor=self.actor,
                now=self.now,
            )
        self.forget(instance_id)


def _check_alive(case: Case, step: Step) -> None:
    if step.state is InstanceState.ACTIVE and not step.waits:
        raise ExecutionError(
            Text(
                "Case {instance} of {process} would wait for nothing, for ever. Nothing was stored.",
                instance=case.row.id,
                process=case.definition.key,
            )
        )
    if step.depth > DEPTH_LIMIT:
        raise ExecutionError(
            Text(
                "Case {instance} of {process} has {depth} sub-processes open at once: they begin and never end.",
                instance=case.row.id,
                process=case.definition.key,
                depth=step.depth,
            )
        )
