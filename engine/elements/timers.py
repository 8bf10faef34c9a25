"""When a timer is due: computed once, when its token arrives, and kept with the token.

A cycle fires at `first + n · period`. Whatever of it was missed while nobody looked counts as one firing: after it
fired at `now`, the next due time is the first one of the raster that lies strictly after `now`, and the times passed
over are taken off the repetitions: three reminders never become four, a day's downtime never becomes 287 firings.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from SpiffWorkflow.task import Task

from engine.elements.case import Case
from engine.elements.node import Node, drawn, moment
from engine.steps import TimerWait
from engine.texts import Text
from engine.values import YearsMonths, duration_text, parse_duration

Period = timedelta | YearsMonths
_CYCLE = re.compile(r"R(?P<times>\d*)/(?:(?P<first>[^/]+)/)?(?P<period>P[^/]+)")


@dataclass(frozen=True, slots=True)
class Repetition:
    """The raster of a cycle: `times` firings in all (None: without end) at `first + n · period`."""

    first: datetime
    period: Period
    times: int | None

    def at(self, n: int) -> datetime:
        """The n-th time, from 0. Months are counted from the first time, so that the 31st stays the 31st."""
        return later(self.first, self.period, times=n)

    def after(self, now: datetime, *, start: int) -> int:
        """The number of the first time strictly after `now`, at least `start`."""
        if isinstance(self.period, timedelta):
            return max(start, (now - self.first) // self.period + 1)
        months = (now.year - self.first.year) * 12 + now.month - self.first.month
        n = max(start, months // self.period.total - 1)
        while self.at(n) <= now:
            n += 1
        return n

    def includes(self, n: int) -> bool:
        """Whether there is an n-th time."""
        return self.times is None or n < self.times


def later(start: datetime, period: Period, *, times: int = 1) -> datetime:
    """Add a duration, n times over; a day that the month doesn't have becomes its last."""
    if isinstance(period, timedelta):
        return start + period * times
    months = start.year * 12 + start.month - 1 + period.total * times
    year, month = divmod(months, 12)
    return start.replace(year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1]))


# --- arming and firing --------------------------------------------------------------------------------------------


def set_timer(token: Task, node: Node, case: Case) -> None:
    """Compute and keep when the node's timer is due.

    Raises ExecutionError when its expression gives no time.
    """
    kind, expression = drawn(node).timer or ("date", None)
    value = case.evaluate(expression, node) if expression is not None else None
    try:
        if kind == "cycle":
            _set_cycle(token, value, case.now, node)
        else:
            due = due_at(value, case.now)
            if due is None:
                raise node.impossible(_unreadable(value))
            token.internal_data["due"] = due.isoformat()
    except (OverflowError, ValueError) as error:
        raise node.impossible(_unreadable(value)) from error


def set_next(token: Task, now: datetime) -> bool:
    """Set a cycle that has just fired to its next time; False when it has none."""
    data = token.internal_data
    if "period" not in data:
        return False
    cycle = Repetition(datetime.fromisoformat(data["first"]), _period(data["period"]), data["times"])
    n = cycle.after(now, start=data["n"] + 1)
    if not cycle.includes(n):
        return False
    data["n"], data["due"] = n, cycle.at(n).astimezone(UTC).isoformat()
    return True


def timer_wait(token: Task, node: Node) -> TimerWait | None:
    """Describe an armed timer."""
    due = moment(token, "due")
    return TimerWait(token.id, drawn(node), due) if due is not None else None


def _set_cycle(token: Task, value: Any, now: datetime, node: Node) -> None:
    cycle = repetition(value, now)
    if cycle is None:
        raise node.impossible(_unreadable(value))
    n = cycle.after(now, start=0)
    if not cycle.includes(n):
        raise node.impossible(Text("all times of its timer have passed: {value}", value=str(value)))
    token.internal_data.update(
        first=cycle.first.isoformat(),
        period=str(cycle.period) if isinstance(cycle.period, YearsMonths) else duration_text(cycle.period),
        times=cycle.times,
        n=n,
        due=cycle.at(n).astimezone(UTC).isoformat(),
    )


# --- reading values -----------------------------------------------------------------------------------------------


def due_at(value: Any, start: datetime) -> datetime | None:
    """The UTC time that a value stands for: a time, or a duration after `start`; None when it stands for none.

    A date is its first moment, and a time without zone is meant, in the zone of `start`.
    """
    if isinstance(value, str):
        value = parse_duration(value) or _read_time(value)
    if isinstance(value, timedelta | YearsMonths):
        return later(start, value).astimezone(UTC)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time(), start.tzinfo)
    if not isinstance(value, datetime):
        return None
    aware = value if value.tzinfo is not None else value.replace(tzinfo=start.tzinfo)
    return aware.astimezone(UTC)


def repetition(value: Any, now: datetime) -> Repetition | None:
    """Read `R3/PT10M`, `R/2026-01-05T09:00:00+08:00/P7D`, a duration (for ever), or a time (once)."""
    if isinstance(value, str) and (match := _CYCLE.fullmatch(value.strip())):
        period = parse_duration(match["period"])
        first = _read_time(match["first"]) if match["first"] else None
        if period is None or not _is_forward(period) or (match["first"] and first is None) or match["times"] == "0":
            return None
        start = first.replace(tzinfo=first.tzinfo or now.tzinfo) if first else later(now, period)
        return Repetition(start, period, int(match["times"]) if match["times"] else None)
    if isinstance(value, str):
        value = parse_duration(value) or value
    if isinstance(value, timedelta | YearsMonths):
        return Repetition(later(now, value), value, None) if _is_forward(value) else None
    once = due_at(value, now)
    return Repetition(once, timedelta(days=1), 1) if once is not None else None


def _is_forward(period: Period) -> bool:
    return period.total > 0 if isinstance(period, YearsMonths) else period > timedelta(0)


def _period(text: str) -> Period:
    period = parse_duration(text)
    assert period is not None
    return period


def _read_time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None


def _unreadable(value: Any) -> Text:
    return Text("its timer gives {value}, which is no time", value="null" if value is None else str(value))
