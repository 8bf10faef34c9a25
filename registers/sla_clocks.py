"""The SLA clocks in the database: what a unit of work does with them, and the tick that finds what is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Connection, RowMapping, and_, bindparam, or_, select, update

from engine import NotFound, Text
from registers.calendars import ZONE, WorkingCalendar
from registers.queries import insert_into
from registers.records import Record
from registers.sla import (
    RESOLUTION,
    ClockState,
    Milestone,
    Pause,
    SlaClock,
    Targets,
    by_metric,
    milestones_of,
    timed,
)
from registers.tables import sla_clock

if TYPE_CHECKING:
    from registers.unit_of_work import Registers


class SlaClocks:
    """The SLA clocks within one unit of work; written with it."""

    def __init__(self, registers: Registers) -> None:
        self._unit = registers
        self._clocks: dict[str, dict[str, SlaClock]] = {}
        self._stored: dict[tuple[str, str], SlaClock] = {}

    def targets(self, *, customer: str | None, service: str | None, ticket_type: str, priority: str) -> Targets | None:
        """Return the customer's agreed targets, a row for the very service before one for all; None: no row.

        `error_report` counts as `incident`.
        """
        if customer is None:
            return None
        kind = "incident" if ticket_type == "error_report" else ticket_type
        today = self._unit.now.astimezone(ZONE).date()
        rows = [
            row
            for row in self._unit.find("sla", customer=customer, ticket_type=kind, state="active")
            if row["priority"] in (priority, None) and row["service"] in (service, None)
            and (row["valid_from"] is None or row["valid_from"] <= today)
            and (row["valid_to"] is None or today <= row["valid_to"])
        ]  # fmt: skip
        best = max(rows, key=lambda row: (row["service"] is not None, row["priority"] is not None), default=None)
        return None if best is None else _targets(best)

    def start(self, number: str, targets: Targets, *, since: datetime) -> dict[str, SlaClock]:
        """Start the response and resolution clocks of a record; clocks that exist already are left alone."""
        fresh = [
            self._timed(SlaClock(number, metric, targets.calendar, target, since, since, since))
            for metric, target in by_metric(targets)
        ]
        self._unit.flush_new(number)
        statement = insert_into(self._unit.connection.dialect)(sla_clock).values([_row(clock) for clock in fresh])
        statement = statement.on_conflict_do_update(
            index_elements=[sla_clock.c.number, sla_clock.c.metric], set_={"number": statement.excluded.number}
        ).returning(sla_clock)  # unlike DO NOTHING, this returns what was there already
        return dict(self._loaded(number, self._unit.writable().execute(statement).mappings()))

    def of(self, number: str) -> dict[str, SlaClock]:
        """The record's clocks by metric, empty before they are started."""
        if number not in self._clocks:
            query = select(sla_clock).where(sla_clock.c.number == number)
            self._loaded(number, self._unit.connection.execute(query).mappings())
        return self._clocks[number]

    def _loaded(self, number: str, rows: Iterable[RowMapping]) -> dict[str, SlaClock]:
        found = {row["metric"]: _clock(row) for row in rows}
        self._clocks[number] = found
        self._stored.update({(number, metric): clock for metric, clock in found.items()})
        return found

    def pause(self, number: str, metric: str = RESOLUTION) -> SlaClock:
        """Halt a running clock; one that stands still is left alone. Raises NotFound."""
        return self._halt(number, metric, "paused")

    def stop(self, number: str, metric: str) -> SlaClock:
        """Stop a clock for good, or until `resume`; says for ever whether the target was missed. Raises NotFound."""
        clock = self._halt(number, metric, "stopped")
        if clock.state is ClockState.PAUSED:
            last = clock.pauses[-1]
            kept = (*clock.pauses[:-1], replace(last, end=self._unit.now), Pause(self._unit.now, None, "stopped"))
            clock = replace(clock, pauses=kept)
        if clock.stopped_at is None:
            late = clock.elapsed(self._calendar(clock), self._unit.now) > clock.target
            clock = replace(clock, stopped_at=self._unit.now, breached=clock.breached or late)
        return self._keep(self._timed(clock))

    def resume(self, number: str, metric: str = RESOLUTION) -> SlaClock:
        """Let a paused or stopped clock run on with the working time it had used. Raises NotFound."""
        clock = self._get(number, metric)
        if clock.state is ClockState.RUNNING:
            return clock
        pauses = (*clock.pauses[:-1], replace(clock.pauses[-1], end=self._unit.now))
        return self._keep(self._timed(replace(clock, pauses=pauses, stopped_at=None)))

    def recompute(self, number: str, targets: Targets) -> dict[str, SlaClock]:
        """Measure by new targets as if they had counted from the start; fired milestones stay fired.

        A new due time in the past is a breach at the next `due_milestones`.
        """
        for metric, target in by_metric(targets):
            clock = self.of(number).get(metric)
            if clock is not None:
                self._keep(self._timed(replace(clock, target=target, calendar=targets.calendar)))
        return dict(self.of(number))

    def due(self, now: datetime, limit: int = 100) -> list[Milestone]:
        """The milestones of all records to fire by `now`; a late tick gets warning and breach both, in order."""
        return due_milestones(self._unit.connection, now, limit)

    def mark(self, milestone: Milestone) -> bool:
        """Note that a milestone was fired; False when somebody else did before."""
        return mark_milestone(self._unit.writable(), milestone, self._unit.now)

    def flush(self) -> None:
        """Write the changed clocks in one UPDATE.

        What the tick marks (`warned_at`, `breached_at`) isn't written here: both may run at the same time.
        """
        changed = [c for clocks in self._clocks.values() for c in clocks.values() if c != self._stored_of(c)]
        if not changed:
            return
        values: dict[str, Any] = {name: bindparam(name) for name in _MOVED}
        values["breached"] = or_(sla_clock.c.breached, bindparam("late", type_=Boolean))
        self._unit.writable().execute(
            update(sla_clock).where(sla_clock.c.id == bindparam("clock")).values(**values),
            [{"clock": c.id, "late": c.breached, **{name: _row(c)[name] for name in _MOVED}} for c in changed],
        )
        self._stored.update({(c.number, c.metric): c for c in changed})

    def _halt(self, number: str, metric: str, kind: str) -> SlaClock:
        clock = self._get(number, metric)
        if clock.state is not ClockState.RUNNING:
            return clock
        pauses = (*clock.pauses, Pause(self._unit.now, None, kind))
        return self._keep(self._timed(replace(clock, pauses=pauses)))

    def _get(self, number: str, metric: str) -> SlaClock:
        clock = self.of(number).get(metric)
        if clock is None:
            raise NotFound(Text("{number} has no {metric} clock", number=number, metric=metric))
        return clock

    def _stored_of(self, clock: SlaClock) -> SlaClock | None:
        return self._stored.get((clock.number, clock.metric))

    def _keep(self, clock: SlaClock) -> SlaClock:
        self._clocks[clock.number][clock.metric] = clock
        return clock

    def _timed(self, clock: SlaClock) -> SlaClock:
        return timed(clock, self._calendar(clock), self._unit.now)

    def _calendar(self, clock: SlaClock) -> WorkingCalendar:
        return self._unit.calendar(clock.calendar)


def due_milestones(connection: Connection, now: datetime, limit: int = 100) -> list[Milestone]:
    """Return the milestones to fire by `now`, in the order of their times; a late tick gets warning and breach both."""
    clock_row = sla_clock.c
    unfired = or_(
        and_(clock_row.breached_at.is_(None), clock_row.due_at <= now),
        and_(clock_row.breached_at.is_(None), clock_row.warned_at.is_(None), clock_row.warn_at <= now),
    )
    query = select(sla_clock).where(clock_row.next_at <= now, unfired).order_by(clock_row.next_at, clock_row.id)
    rows = connection.execute(query.limit(limit)).mappings()
    return sorted((m for row in rows for m in milestones_of(_clock(row), now)), key=lambda m: (m.at, m.clock_id))


def mark_milestone(connection: Connection, milestone: Milestone, now: datetime) -> bool:
    """Note that a milestone was fired; False when somebody else did before."""
    warning = milestone.name == "warning"
    column = sla_clock.c.warned_at if warning else sla_clock.c.breached_at
    values = {column.name: now, "next_at": milestone.then, **({} if warning else {"breached": True})}
    statement = update(sla_clock).where(sla_clock.c.id == milestone.clock_id, column.is_(None))
    return connection.execute(statement.values(**values)).rowcount == 1


def next_milestone_at(connection: Connection) -> datetime | None:
    """When the next milestone must be fired, for the scheduler's wake-up."""
    query = select(sla_clock.c.next_at).where(sla_clock.c.next_at.is_not(None)).order_by(sla_clock.c.next_at)
    return connection.execute(query.limit(1)).scalar_one_or_none()


_MOVED = ("calendar", "target_s", "pauses", "due_at", "warn_at", "stopped_at", "next_at")


def _targets(row: Record) -> Targets:
    return Targets(row["response_min"], row["resolution_min"], row["calendar"], row["update_min"], row.number)


def _clock(row: RowMapping | Mapping[str, Any]) -> SlaClock:
    return SlaClock(
        id=row["id"],
        number=row["number"],
        metric=row["metric"],
        calendar=row["calendar"],
        target=timedelta(seconds=row["target_s"]),
        started_at=row["started_at"],
        due_at=row["due_at"],
        warn_at=row["warn_at"],
        pauses=tuple(Pause(_moment(b) or row["started_at"], _moment(e), kind) for b, e, kind in row["pauses"]),
        warn_percent=row["warn_percent"],
        stopped_at=row["stopped_at"],
        warned_at=row["warned_at"],
        breached_at=row["breached_at"],
        breached=row["breached"],
        next_at=row["next_at"],
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _row(clock: SlaClock) -> dict[str, Any]:
    return {
        "number": clock.number,
        "metric": clock.metric,
        "calendar": clock.calendar,
        "target_s": int(clock.target.total_seconds()),
        "warn_percent": clock.warn_percent,
        "started_at": clock.started_at,
        "pauses": [[p.start.isoformat(), p.end.isoformat() if p.end else None, p.kind] for p in clock.pauses],
        "due_at": clock.due_at,
        "warn_at": clock.warn_at,
        "stopped_at": clock.stopped_at,
        "warned_at": clock.warned_at,
        "breached_at": clock.breached_at,
        "breached": clock.breached,
        "next_at": clock.next_at,
    }
