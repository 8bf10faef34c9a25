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

from engine.cron import parse_cron
from engine.interpreter.elements.case import Case
from engine.interpreter.elements.node import Node, drawn, moment
from engine.steps import TimerWait
from engine.texts import Text
from engine.values import YearsMonths, duration_text, parse_duration

Period = timedelta | YearsMonths
_CYCLE = re.compile(r"R(?P<times>\d*)/(?:(?P<first>[^/P][^/]*)/)?(?P<period>P[^/]+)(?:/(?P<ends>[^/P][^/]*))?")
MAX_ENDING = 10_000  # firings before a cycle's end that are looked back for


@dataclass(frozen=True, slots=True)
class Repetition:
    """The raster of a cycle: `times` firings in all (None: without end) at `first + n · period`.

    With `ends` it was drawn by its end: what of it has passed doesn't come again.
    """

    first: datetime
    period: Period
    times: int | None
    ends: datetime | None = None

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

    Raises ExecutionError when its expression gives no time, null among them.
    """
    kind, expression = drawn(node).timer or ("date", None)
    value = case.evaluate(expression, node) if expression is not None else None
    kept = schedule(kind, value, case.now)
    if kept is None:
        raise node.impossible(_unreadable(value))
    if "due" not in kept and node.waits_alone:
        raise node.impossible(Text("all times of its timer have passed: {value}", value=str(value)))
    token.internal_data.update(kept)


def set_next(token: Task, now: datetime) -> bool:
    """Set a cycle that has just fired to its next time; False when it has none."""
    return move_on(token.internal_data, now)


def schedule(kind: str, value: Any, now: datetime) -> dict[str, Any] | None:
    """Say what is kept of a timer of a kind (`date`, `duration`, `cycle`): when it is `due`, and its raster.

    A cycle that is over has no `due`. None for a value that is no time.
    """
    try:
        if kind == "cycle":
            return _cycle(value, now)
        due = due_at(value, now)
    except (OverflowError, ValueError):
        return None
    return {"due": due.isoformat()} if due is not None else None


def move_on(kept: dict[str, Any], now: datetime) -> bool:
    """Set what is kept of a cycle to its first time after now; False when it has none, or is no cycle."""
    if "cron" in kept:
        due = parse_cron(kept["cron"]).after(now)
        if due is not None:
            kept["due"] = due.isoformat()
        return due is not None
    if "period" not in kept:
        return False
    cycle = Repetition(datetime.fromisoformat(kept["first"]), _period(kept["period"]), kept["times"])
    n = cycle.after(now, start=kept["n"] + 1)
    if not cycle.includes(n):
        return False
    kept["n"], kept["due"] = n, cycle.at(n).astimezone(UTC).isoformat()
    return True


def timer_wait(token: Task, node: Node) -> TimerWait | None:
    """Describe an armed timer."""
    due = moment(token, "due")
    return TimerWait(token.id, drawn(node), due) if due is not None else None


def _cycle(value: Any, now: datetime) -> dict[str, Any] | None:
    """A cycle whose start has passed begins at the next time of its raster, and repeats as often as drawn from there.

    Raises OverflowError, ValueError for what is no time.
    """
    if isinstance(value, str) and len(value.split()) > 1:
        due = parse_cron(value).after(now)
        return {"cron": value, **({"due": due.isoformat()} if due is not None else {})}
    cycle = repetition(value, now)
    if cycle is None:
        return None
    n = cycle.after(now, start=0)
    kept: dict[str, Any] = {
        "first": cycle.first.isoformat(),
        "period": str(cycle.period) if isinstance(cycle.period, YearsMonths) else duration_text(cycle.period),
        "times": cycle.times,
        "n": n,
    }
    if cycle.ends is not None and not cycle.includes(n):
        return kept
    if cycle.times is not None and cycle.ends is None:
        kept["times"] = cycle.times + n
    return {**kept, "due": cycle.at(n).astimezone(UTC).isoformat()}


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
    """Read `R3/PT10M`, `R/2026-01-05T09:00:00+08:00/P7D`, `R/P1D/2026-12-31T09:00:00Z`, a duration, a time (once)."""
    if isinstance(value, str) and (match := _CYCLE.fullmatch(value.strip())):
        period = parse_duration(match["period"])
        first, ends = (_read_time(match[name]) if match[name] else None for name in ("first", "ends"))
        missing = (match["first"] and first is None) or (match["ends"] and ends is None)
        if period is None or not _is_forward(period) or missing or match["times"] == "0":
            return None
        times = int(match["times"]) if match["times"] else None
        if ends is not None:
            return _ending(ends.replace(tzinfo=ends.tzinfo or now.tzinfo), period, times, now)
        start = first.replace(tzinfo=first.tzinfo or now.tzinfo) if first else later(now, period)
        return Repetition(start, period, times)
    if isinstance(value, str):
        value = parse_duration(value) or value
    if isinstance(value, timedelta | YearsMonths):
        return Repetition(later(now, value), value, None) if _is_forward(value) else None
    once = due_at(value, now)
    return Repetition(once, timedelta(days=1), 1) if once is not None else None


def _ending(ends: datetime, period: Period, times: int | None, now: datetime) -> Repetition:
    """A cycle that ends at a time: the last firing is then, the others each a period before."""
    count = 1
    while (times is None or count < times) and count < MAX_ENDING and later(ends, period, times=-count) > now:
        count += 1
    return Repetition(later(ends, period, times=1 - count), period, count, ends)


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
