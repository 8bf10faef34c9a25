"""Dates beyond Python's: years -999,999,999 to 999,999,999 as FEEL has them (DMN 1.5, 10.3.2.3.5 and 10.3.2.3.7).

Within the years 1 to 9999 a date is Python's, beyond them one of ours; `make_date` and `make_moment` choose. The
Gregorian calendar repeats every 400 years, to the very weekday: a far day is counted by the same day near 2000.
Equal values have equal types, so that `==` holds between what is far and what is near.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import total_ordering
from typing import Any

LAST_YEAR = 999_999_999
_CYCLE_YEARS, _CYCLE_DAYS = 400, 146_097
_DAY, _MICRO = timedelta(days=1), timedelta(microseconds=1)


Zone = tzinfo | None


@total_ordering
@dataclass(frozen=True, slots=True)
class FarDate:
    """A day outside the years 1 to 9999."""

    year: int
    month: int
    day: int

    @property
    def near(self) -> date:
        """The same day of a year that Python knows."""
        return date(2000 + self.year % _CYCLE_YEARS, self.month, self.day)

    def toordinal(self) -> int:
        """Count the days since the end of the year 0."""
        near = self.near
        return near.toordinal() + (self.year - near.year) // _CYCLE_YEARS * _CYCLE_DAYS

    def weekday(self) -> int:
        """Return 0 for a Monday."""
        return self.near.weekday()

    def isoweekday(self) -> int:
        """Return 1 for a Monday."""
        return self.near.isoweekday()

    def isocalendar(self) -> Any:
        """Return the ISO week and day; the year is of another cycle."""
        return self.near.isocalendar()

    def timetuple(self) -> Any:
        """Return the day's parts; the year is of another cycle."""
        return self.near.timetuple()

    def isoformat(self) -> str:
        """Write the day with at least four digits of the year."""
        return f"{'-' if self.year < 0 else ''}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"

    def __lt__(self, other: Any) -> bool:
        if not isinstance(other, (FarDate, date)) or isinstance(other, datetime):
            return NotImplemented
        return self.toordinal() < other.toordinal()

    def __add__(self, by: timedelta) -> date | FarDate:
        return moved(self, by)

    def __str__(self) -> str:
        return self.isoformat()


@total_ordering
@dataclass(frozen=True, slots=True)
class FarMoment:
    """A date and time outside the years 1 to 9999; the offset is the clock's own, or its zone's near 2000."""

    day_of: FarDate
    clock: time

    @property
    def tzinfo(self) -> Zone:
        """The zone; none for a local time."""
        return self.clock.tzinfo

    def utcoffset(self) -> timedelta | None:
        """Return the offset from UTC."""
        return datetime.combine(self.day_of.near, self.clock).utcoffset()

    def date(self) -> FarDate:
        """Return the day."""
        return self.day_of

    def timetz(self) -> time:
        """Return the time with its zone."""
        return self.clock

    def replace(self, tzinfo: Zone) -> FarMoment:
        """Return the same clock in another zone."""
        return replace(self, clock=self.clock.replace(tzinfo=tzinfo))

    def astimezone(self, zone: Zone) -> datetime | FarMoment:
        """Return the same instant in another zone."""
        there = datetime.combine(self.day_of.near, self.clock).astimezone(zone)
        days = there.date().toordinal() - self.day_of.near.toordinal()
        moment = make_moment(moved(self.day_of, _DAY * days), there.timetz())
        if moment is None:
            raise OverflowError
        return moment

    def isoformat(self) -> str:
        """Write the day, a T and the clock."""
        return f"{self.day_of.isoformat()}T{self.clock.isoformat()}"

    def count(self) -> tuple[int, int]:
        """Return days and microseconds of the clock as it stands."""
        return self.day_of.toordinal(), _micros(self.clock)

    def __getattr__(self, name: str) -> Any:
        """Give the parts of the day and of the clock by their names."""
        if name in {"hour", "minute", "second", "microsecond"}:
            return getattr(self.clock, name)
        return getattr(self.day_of, name)

    def __lt__(self, other: Any) -> bool:
        if not isinstance(other, (FarMoment, datetime)):
            return NotImplemented
        return self.count() < count(other)

    def __str__(self) -> str:
        return self.isoformat()


Day = date | FarDate
Moment = datetime | FarMoment


def is_moment(value: Any) -> bool:
    """Tell whether the value is a date and time, near or far."""
    return isinstance(value, (datetime, FarMoment))


def is_day(value: Any) -> bool:
    """Tell whether the value is a date without a time, near or far."""
    return isinstance(value, (date, FarDate)) and not isinstance(value, datetime)


def make_date(year: int, month: int, day: int) -> date | FarDate | None:
    """Build a date, or null when there is no such day."""
    if abs(year) > LAST_YEAR:
        return None
    try:
        if 1 <= year <= 9999:
            return date(year, month, day)
        far = FarDate(year, month, day)
        far.near  # noqa: B018 (a day that isn't raises)
        return far
    except (ValueError, OverflowError):
        return None


def make_moment(day: Any, clock: time) -> datetime | FarMoment | None:
    """Join a day and a clock; null without a day."""
    if day is None:
        return None
    return FarMoment(day, clock) if isinstance(day, FarDate) else datetime.combine(day, clock)


def midnight(day: Any) -> datetime | FarMoment:
    """Take a date as its midnight UTC (10.3.2.9.4)."""
    if is_moment(day):
        return day
    return make_moment(day, time(tzinfo=UTC))  # type: ignore[return-value]


def from_ordinal(days: int) -> date | FarDate:
    """Return the day of a count; raise OverflowError beyond the calendar."""
    cycles, rest = divmod(days - 730_120, _CYCLE_DAYS)  # counted from 2000-01-01
    near = date.fromordinal(730_120 + rest)
    found = make_date(near.year + cycles * _CYCLE_YEARS, near.month, near.day)
    if found is None:
        raise OverflowError
    return found


def moved(day: Any, by: timedelta) -> date | FarDate:
    """Move a day by whole days, of which a part of one counts backwards as one."""
    return from_ordinal(day.toordinal() + by // _DAY)


def shifted(moment: Any, by: timedelta) -> datetime | FarMoment:
    """Move a clock by a duration, without regard to zones."""
    days, rest = divmod(_micros(moment) + by // _MICRO, _DAY // _MICRO)
    seconds, micros = divmod(rest, 1_000_000)
    clock = time(seconds // 3600, seconds // 60 % 60, seconds % 60, micros, tzinfo=moment.tzinfo)
    return make_moment(from_ordinal(moment.toordinal() + days), clock)  # type: ignore[return-value]


def count(moment: Any) -> tuple[int, int]:
    """Return days and microseconds of a near or far clock as it stands."""
    return moment.toordinal(), _micros(moment)


def _micros(clock: Any) -> int:
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000 + int(clock.microsecond)


def between(left: Any, right: Any) -> timedelta:
    """Subtract two clocks; raise OverflowError beyond what a duration holds."""
    days, micros = (a - b for a, b in zip(count(left), count(right), strict=True))
    return timedelta(days=days, microseconds=micros)
