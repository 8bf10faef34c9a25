"""Date and time functions (10.3.4.6, 10.3.4.9). The present comes from the caller's `__now__`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from engine.feel.functions.registry import builtin
from engine.feel.scope import Run

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip


@builtin("now", "", run=True)
def now(run: Run) -> datetime | None:
    return run.now()


@builtin("today", "", run=True)
def today(run: Run) -> date | None:
    moment = run.now()
    return None if moment is None else moment.date()


@builtin("day of year", "date: date|date and time")
def day_of_year(day: Any) -> int:
    return int(day.timetuple().tm_yday)


@builtin("day of week", "date: date|date and time")
def day_of_week(day: Any) -> str:
    return _DAYS[day.weekday()]


@builtin("month of year", "date: date|date and time")
def month_of_year(day: Any) -> str:
    return _MONTHS[day.month - 1]


@builtin("week of year", "date: date|date and time")
def week_of_year(day: Any) -> int:
    return int(day.isocalendar().week)
