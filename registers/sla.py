"""SLA clocks: how long a record may take, with pauses, a warning at 75 % and the breach at 100 %.

A clock's state is its start, its target and its pauses; everything else follows from these and the calendar. A stop is
kept as a pause that a reopening ends, so a reopened record goes on with the working time it had used when it was
stopped. Milestones are fired once in a clock's life.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from registers.calendars import WorkingCalendar

RESPONSE, RESOLUTION = "response", "resolution"
_NOTHING = timedelta(0)


class ClockState(StrEnum):
    """What a clock is doing."""

    RUNNING = "running"  # working time counts
    PAUSED = "paused"  # waiting for the customer
    STOPPED = "stopped"  # answered, or resolved


@dataclass(frozen=True, slots=True)
class Pause:
    """Time that doesn't count; `end` None: it lasts. `kind` is `paused` or `stopped`."""

    start: datetime
    end: datetime | None
    kind: str


@dataclass(frozen=True, slots=True)
class SlaClock:
    """One clock of a record. `warned_at` and `breached_at` say when the milestones were fired."""

    number: str
    metric: str
    calendar: str
    target: timedelta  # working time
    started_at: datetime
    due_at: datetime
    warn_at: datetime
    pauses: tuple[Pause, ...] = ()
    warn_percent: int = 75
    stopped_at: datetime | None = None
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    breached: bool = False
    next_at: datetime | None = None
    id: int | None = None

    @property
    def state(self) -> ClockState:
        """Running, paused or stopped."""
        if not self.pauses or self.pauses[-1].end is not None:
            return ClockState.RUNNING
        return ClockState.STOPPED if self.pauses[-1].kind == "stopped" else ClockState.PAUSED

    def elapsed(self, calendar: WorkingCalendar, now: datetime) -> timedelta:
        """The working time used by `now`."""
        return sum((calendar.between(begin, end) for begin, end in self._runs(now)), start=_NOTHING)

    def held(self, calendar: WorkingCalendar, now: datetime) -> timedelta:
        """The working time in pauses by `now`."""
        return sum((calendar.between(p.start, p.end or now) for p in self.pauses), start=_NOTHING)

    def moment(self, calendar: WorkingCalendar, amount: timedelta, now: datetime) -> datetime:
        """When `amount` of working time is (or was) used up.

        A paused clock is taken to run on at `now`, a stopped one as if it had not been stopped.
        """
        end = self.started_at
        for begin, end in self._runs(now):
            used = calendar.between(begin, end)
            if used >= amount:
                return calendar.add(begin, amount)
            amount -= used
        return calendar.add(now if self.state is ClockState.PAUSED else end, amount)

    @property
    def halted_at(self) -> datetime | None:
        """Since when it stands still; None while it runs."""
        return None if self.state is ClockState.RUNNING else self.pauses[-1].start

    def _runs(self, now: datetime) -> list[tuple[datetime, datetime]]:
        """The intervals in which it ran, up to `now`."""
        runs, begin = [], self.started_at
        for pause in self.pauses:
            runs.append((begin, min(pause.start, now)))
            if pause.end is None:
                return runs
            begin = pause.end
        runs.append((begin, max(begin, now)))
        return runs


@dataclass(frozen=True, slots=True)
class Milestone:
    """A warning or a breach that must be told. `message` is the BPMN message, `message_id` the same at every try."""

    clock_id: int
    record: str
    metric: str
    name: str  # warning · breached
    at: datetime
    due_at: datetime
    then: datetime | None = None  # when the clock's next milestone is due

    @property
    def message(self) -> str:
        return f"sla.{self.metric}_{self.name}"

    @property
    def message_id(self) -> str:
        return f"sla:{self.clock_id}:{self.name}"


@dataclass(frozen=True, slots=True)
class Targets:
    """What a service-level agreement promises: working minutes on `calendar`."""

    response_min: int
    resolution_min: int
    calendar: str
    update_min: int | None = None
    source: str | None = None  # number of the SLA row; None: the defaults


def timed(clock: SlaClock, calendar: WorkingCalendar, now: datetime) -> SlaClock:
    """Work out due, warning and next milestone from start, target and pauses.

    A milestone whose time came before the clock was halted stays to be fired; a stop drops an unfired warning.
    """
    due = clock.moment(calendar, clock.target, now)
    warn = clock.moment(calendar, clock.target * clock.warn_percent / 100, now)
    running = clock.state is ClockState.RUNNING
    waiting = []
    if clock.breached_at is None and (running or clock.elapsed(calendar, now) > clock.target):
        waiting.append(due)
    warning_counts = running or (clock.state is ClockState.PAUSED and warn < now)
    if clock.warned_at is None and clock.breached_at is None and warning_counts:
        waiting.append(warn)
    return replace(clock, due_at=due, warn_at=warn, next_at=min(waiting, default=None))


def by_metric(targets: Targets) -> tuple[tuple[str, timedelta], tuple[str, timedelta]]:
    """The working time that each metric allows."""
    return (
        (RESPONSE, timedelta(minutes=targets.response_min)),
        (RESOLUTION, timedelta(minutes=targets.resolution_min)),
    )


def milestones_of(clock: SlaClock, now: datetime) -> list[Milestone]:
    """What a clock has to tell by `now` and hasn't; a clock that stands still tells what was due before."""
    halted = clock.halted_at
    late = clock.breached_at is None and (clock.due_at <= now if halted is None else clock.due_at < halted)
    warns = clock.warned_at is None and clock.breached_at is None and clock.stopped_at is None
    found = []
    if warns and clock.warn_at <= (halted or now):
        then = clock.due_at if halted is None or late else None
        found.append(Milestone(clock.id or 0, clock.number, clock.metric, "warning", clock.warn_at, clock.due_at, then))
    if late:
        found.append(Milestone(clock.id or 0, clock.number, clock.metric, "breached", clock.due_at, clock.due_at))
    return found
