"""The vocabulary between interpreter and store: commands go in, a step comes out.

`advance(definition, snapshot, command, now, host) → Step` is a pure function but for what it asks of its host.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from engine.definitions import Element

Variables = Mapping[str, Any]
Token = str  # names one wait of one token, stable over save and load
Catching = tuple[str | None, bool]  # an escalation code (None: any) that is caught, and whether that interrupts


# --- commands ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Start:
    """Create an instance at this start event.

    One that is called may be given its business key, and is told who catches its escalations: see `CallWait`.
    """

    start_event: str
    variables: Variables = field(default_factory=dict)
    business_key: str | None = None
    around: tuple[Catching, ...] = ()


@dataclass(frozen=True, slots=True)
class CompleteTask:
    """A person finished a user (or manual) task; `values` are merged into the variables."""

    token: Token
    values: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeliverMessage:
    """A message reached the waiting receiver `token`."""

    token: Token
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeliverSignal:
    """A signal was broadcast: it reaches every token of the instance that waits for it now, if any still does."""

    name: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FireTimer:
    """The timer behind `token` is due. A cycle that was missed several times fires once (coalesced)."""

    token: Token


@dataclass(frozen=True, slots=True)
class FinishJob:
    """An external handler returned."""

    token: Token
    outputs: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RaiseError:
    """An external handler ended in a BPMN error."""

    token: Token
    code: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class ChooseActivity:
    """A person begins an activity of the ad-hoc sub-process `token`."""

    token: Token
    activity: str


@dataclass(frozen=True, slots=True)
class FinishAdHoc:
    """A person says that enough is done in the ad-hoc sub-process `token`."""

    token: Token


@dataclass(frozen=True, slots=True)
class FinishCall:
    """The called instance completed with these variables. `instance` is its id, for history."""

    token: Token
    variables: Variables = field(default_factory=dict)
    business_key: str | None = None
    instance: int | None = None


@dataclass(frozen=True, slots=True)
class FailCall:
    """The called instance ended in a BPMN error that nothing in it caught."""

    token: Token
    code: str
    message: str = ""
    instance: int | None = None


@dataclass(frozen=True, slots=True)
class EscalateCall:
    """The called instance threw an escalation that nothing in it caught; it may run on."""

    token: Token
    code: str
    instance: int | None = None


@dataclass(frozen=True, slots=True)
class SetVariables:
    """An operator changes variables; nothing moves but what depends on them (due times, assignees)."""

    values: Variables


Command = (
    Start
    | CompleteTask
    | DeliverMessage
    | DeliverSignal
    | FireTimer
    | FinishJob
    | RaiseError
    | ChooseActivity
    | FinishAdHoc
    | FinishCall
    | FailCall
    | EscalateCall
    | SetVariables
)


# --- waits: what a resting instance is waiting for ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UserTaskWait:
    """A person must act. `assignee` is a user id or None; times are aware UTC."""

    token: Token
    element: Element
    opened_at: datetime
    due_at: datetime | None = None
    assignee: str | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True)
class JobWait:
    """An external handler must run with these (already evaluated) inputs."""

    token: Token
    element: Element
    inputs: Variables
    deferred: str | None = None  # by DeferHandler: its place


@dataclass(frozen=True, slots=True)
class TimerWait:
    """The clock must reach `due_at`."""

    token: Token
    element: Element
    due_at: datetime


@dataclass(frozen=True, slots=True)
class MessageWait:
    """A message `name` with this correlation key must arrive. `repeats`: the wait stays after a delivery."""

    token: Token
    element: Element
    name: str
    key: str | None
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class SignalWait:
    """A signal `name` must be broadcast. `repeats`: the wait stays after one."""

    token: Token
    element: Element
    name: str
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class ConditionWait:
    """A condition over the variables must become true; whatever writes a variable asks it again."""

    token: Token
    element: Element


@dataclass(frozen=True, slots=True)
class AdHocWait:
    """People may begin these activities of an ad-hoc sub-process (none while one at a time is done), or end it."""

    token: Token
    element: Element
    activities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallWait:
    """A called process must come to its end: an instance of its own, with these (already evaluated) inputs.

    `version`: a number, `latest` or `deployment`. `around` says who catches an escalation that leaves the called
    instance, the first that fits: so it knows at once whether one stops it.
    """

    token: Token
    element: Element
    key: str
    version: int | str
    inputs: Variables
    business_key: str | None = None
    around: tuple[Catching, ...] = ()


Wait = UserTaskWait | JobWait | TimerWait | MessageWait | SignalWait | ConditionWait | CallWait | AdHocWait


# --- results ------------------------------------------------------------------------------------------------------


class InstanceState(StrEnum):
    """Where a process instance stands."""

    ACTIVE = "active"  # at least one wait is open
    COMPLETED = "completed"  # every token reached an end
    CANCELLED = "cancelled"  # ended by a person, or by the case that called it going another way
    FAILED = "failed"  # ended by an error that nothing in the diagram caught


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of history: what happened at which element.

    `kind`: entered · completed · cancelled · flow (element = flow id) · decided · performed · message_sent ·
    message_received · timer_fired · error_caught · error_uncaught · escalation_caught ·
    escalation_uncaught · escalation_passed_on · signal_thrown · signal_received · signal_failed · condition_met ·
    called · call_finished · call_failed · compensation_thrown · compensated · transaction_cancelled ·
    chosen · finished · started · ended · variables_set · variables_conflict.
    """

    kind: str
    element: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ThrownMessage:
    """A message on its way out of the instance; the store routes it or keeps it in the inbox."""

    element: Element
    name: str
    key: str | None
    variables: Variables
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ThrownSignal:
    """A signal on its way to all other instances, and to start events; this one has had it already."""

    element: Element
    name: str
    variables: Variables


@dataclass(frozen=True, slots=True)
class UncaughtError:
    """The BPMN error that ended an instance: whoever called it gets it."""

    code: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """The outcome of one command: the instance at rest again.

    `waits` is everything now open; `opened` and `closed` are the difference to before the command; `changed` holds
    waits whose due time, assignee or priority moved.
    """

    snapshot: bytes
    state: InstanceState
    business_key: str | None
    variables: Variables
    waits: tuple[Wait, ...]
    opened: tuple[Wait, ...]
    closed: tuple[Wait, ...]
    changed: tuple[Wait, ...]
    facts: tuple[Fact, ...]
    messages: tuple[ThrownMessage, ...]
    depth: int  # of the deepest token path, for the liveness check
    signals: tuple[ThrownSignal, ...] = ()
    escalations: tuple[str, ...] = ()  # codes, on their way to the case that called this one
    error: UncaughtError | None = None  # that ended the instance


class DeferHandler(Exception):
    """Raised by `Host.perform`: the token rests at this element as a `JobWait`, as if its handler were external.

    The store answers so when a transactional handler failed in this step: what the person did is kept, and a worker
    runs the handler later, in the transaction that finishes the job. `place` is the host's own note of which attempt
    this was; it comes back with the wait.
    """

    def __init__(self, place: str | None = None) -> None:
        super().__init__(place)
        self.place = place


class Host(Protocol):
    """What the interpreter asks of the world around it, inside the step's transaction."""

    functions: Mapping[str, Callable[..., Any]]  # FEEL functions beyond the standard's, e.g. "business days after"

    def perform(self, element: Element, inputs: Variables) -> Variables:
        """Run a transactional handler and return its outputs.

        Raises BpmnError for a business outcome, DeferHandler when the token has to wait for a job instead. Any other
        exception ends the step: it passes through `advance` unchanged.
        """
        ...

    def entered(self, element: Element, variables: Variables) -> None:
        """A token arrived at an element with a `record_state`."""
        ...
