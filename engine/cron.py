"""Cron: times of the calendar, in the words of Quartz (6 or 7 fields) and of Unix (5 fields).

Quartz: `seconds minutes hours day-of-month month day-of-week [year]`, Sunday is 1, and of the two kinds of day one is
`?` or `*`. Unix: `minutes hours day-of-month month day-of-week`, Sunday is 0 or 7, and a day fits by either kind. Both
know `*`, lists, ranges (also `FRI-MON`), steps and names; of days of a month `L`, `L-3`, `LW`, `15W`, of a week `6L`
and `6#3`. The time zone stands before it, `CRON_TZ=Asia/Shanghai 0 0 9 ? * MON-FRI`; without one it is UTC.

A time that the zone skips in spring comes as much later; one that it has twice in autumn comes once.
Sources: Quartz CronTrigger tutorial; POSIX crontab; CRON_TZ as cron implementations read it.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from engine.texts import Text

_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()  # noqa: SIM905
_WEEKDAYS = "SUN MON TUE WED THU FRI SAT".split()  # noqa: SIM905
_ZONED = re.compile(r"(?:CRON_TZ|TZ)=(?P<zone>\S+)\s+(?P<rest>.+)")
_PART = re.compile(r"(?P<from>\*|\?|\w+)(?:-(?P<to>\w+))?(?:/(?P<step>\d{1,4}))?")
_LAST_YEAR = 2199


class CronError(ValueError):
    """A text is no cron expression; `text` says why, for people."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(str(text))


@dataclass(frozen=True, slots=True)
class Day:
    """A special day: of a month `L-n`, `LW` or `nW`; of a week the last or the n-th of a weekday (0 is Sunday)."""

    kind: str  # "last", "last workday", "workday", "last weekday", "nth weekday"
    number: int = 0
    nth: int = 0

    def of(self, year: int, month: int) -> int | None:
        """The day in a month, if it has one."""
        first, length = monthrange(year, month)  # Monday is 0
        if self.kind == "last":
            return length - self.number if self.number < length else None
        if self.kind == "last workday":
            return _workday(first, length, length)
        if self.kind == "workday":
            return _workday(first, length, self.number) if self.number <= length else None
        earliest = (self.number - 1 - first) % 7 + 1
        days = list(range(earliest, length + 1, 7))
        if self.kind == "last weekday":
            return days[-1]
        return days[self.nth - 1] if self.nth <= len(days) else None


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression: the numbers that fit, field by field; weekdays from Sunday, 0."""

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int | Day] | None  # None: any
    months: tuple[int, ...]
    weekdays: frozenset[int | Day] | None
    years: tuple[int, ...] | None
    zone: tzinfo

    def after(self, moment: datetime) -> datetime | None:
        """The first time strictly after a moment, in UTC; None when there is none before the year 2200."""
        start = (moment.astimezone(self.zone) + timedelta(seconds=1)).replace(microsecond=0, tzinfo=None)
        for naive in self._times(start):
            found = naive.replace(tzinfo=self.zone).astimezone(UTC)
            if found > moment:
                return found
        return None

    def _times(self, start: datetime) -> Iterator[datetime]:
        for year in self.years if self.years is not None else range(start.year, _LAST_YEAR + 1):
            if year < start.year:
                continue
            for month in self.months:
                if (year, month) < (start.year, start.month):
                    continue
                for day in self._days(year, month):
                    if (year, month, day) >= (start.year, start.month, start.day):
                        begin = start.replace(year=year, month=month, day=day, hour=0, minute=0, second=0)
                        yield from self._of_day(begin, start)

    def _of_day(self, day: datetime, start: datetime) -> Iterator[datetime]:
        for hour in self.hours:
            if day.replace(hour=hour, minute=59, second=59) < start:
                continue
            for minute in self.minutes:
                for second in self.seconds:
                    found = day.replace(hour=hour, minute=minute, second=second)
                    if found >= start:
                        yield found

    def _days(self, year: int, month: int) -> list[int]:
        first, length = monthrange(year, month)
        if self.days is None and self.weekdays is None:
            return list(range(1, length + 1))
        found: set[int | None] = set()
        for day in self.days or ():
            found.add(day.of(year, month) if isinstance(day, Day) else day)
        for day in self.weekdays or ():
            if isinstance(day, Day):
                found.add(day.of(year, month))
            else:
                found.update(range((day - 1 - first) % 7 + 1, length + 1, 7))
        return sorted(day for day in found if day is not None and day <= length)


def parse_cron(text: str) -> Cron:
    """Read a cron expression.

    Raises CronError.
    """
    zone: tzinfo = UTC
    if (zoned := _ZONED.fullmatch(text.strip())) is not None:
        zone, text = _zone(zoned["zone"]), zoned["rest"]
    fields = text.upper().split()
    if len(fields) not in (5, 6, 7):
        raise CronError(Text("It has {count} fields, not 5, 6 or 7.", count=len(fields)))
    is_unix = len(fields) == 5
    second, minute, hour, day, month, weekday, *year = ["0", *fields] if is_unix else fields
    days, weekdays = _month_days(day), _week_days(weekday, sunday=0 if is_unix else 1)
    if not is_unix and days is not None and weekdays is not None:
        raise CronError(Text("It names days of the month and of the week; one of the two must be ?."))
    return Cron(
        _numbers(second, 0, 59),
        _numbers(minute, 0, 59),
        _numbers(hour, 0, 23),
        days,
        _numbers(month, 1, 12, _MONTHS),
        weekdays,
        _numbers(year[0], 1970, _LAST_YEAR) if year and year[0] not in ("*", "?") else None,
        zone,
    )


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise CronError(Text("There is no time zone “{zone}”.", zone=name[:60])) from error


def _month_days(field: str) -> frozenset[int | Day] | None:
    if field in ("*", "?"):
        return None
    found: set[int | Day] = set()
    for part in field.split(","):
        if part in ("LW", "WL"):
            found.add(Day("last workday"))
        elif match := re.fullmatch(r"L(?:-(\d\d?))?", part):
            found.add(Day("last", int(match[1] or 0)))
        elif match := re.fullmatch(r"(\d\d?)W", part):
            found.add(Day("workday", _within(int(match[1]), 1, 31)))
        else:
            found.update(_numbers(part, 1, 31))
    return frozenset(found)


def _week_days(field: str, *, sunday: int) -> frozenset[int | Day] | None:
    if field in ("*", "?"):
        return None
    found: set[int | Day] = set()
    high = 7 if sunday == 0 else sunday + 6
    for part in field.split(","):
        if part == "L":
            found.add(6)  # Quartz: the last day of the week is Saturday
        elif match := re.fullmatch(r"(\w+?)L", part):
            found.add(Day("last weekday", (_number(match[1], sunday, high, _WEEKDAYS) - sunday) % 7))
        elif match := re.fullmatch(r"(\w+)#([1-5])", part):
            found.add(Day("nth weekday", (_number(match[1], sunday, high, _WEEKDAYS) - sunday) % 7, int(match[2])))
        else:
            found.update((n - sunday) % 7 for n in _numbers(part, sunday, high, _WEEKDAYS))
    return frozenset(found)


def _numbers(field: str, low: int, high: int, names: list[str] | None = None) -> tuple[int, ...]:
    found: set[int] = set()
    for part in field.split(","):
        match = _PART.fullmatch(part)
        if match is None or (match["from"] in ("*", "?") and match["to"]):
            raise _unreadable(part)
        step = int(match["step"] or 1)
        if step == 0:
            raise _unreadable(part)
        if match["from"] in ("*", "?"):
            first, last = low, high
        else:
            first = _number(match["from"], low, high, names)
            last = _number(match["to"], low, high, names) if match["to"] else high if match["step"] else first
        around = last if last >= first else last + high - low + 1  # FRI-MON, 22-2
        found.update(n if n <= high else n - (high - low + 1) for n in range(first, around + 1, step))
    return tuple(sorted(found))


def _number(text: str, low: int, high: int, names: list[str] | None) -> int:
    if names is not None and text in names:
        return names.index(text) + low
    if not text.isdigit() or len(text) > 4:
        raise _unreadable(text)
    return _within(int(text), low, high)


def _within(number: int, low: int, high: int) -> int:
    if not low <= number <= high:
        raise CronError(Text("{number} is not from {low} to {high}.", number=number, low=low, high=high))
    return number


def _unreadable(part: str) -> CronError:
    return CronError(Text("“{part}” can't be read.", part=part[:40]))


def _workday(first: int, length: int, day: int) -> int:
    """The workday nearest to a day, within its month; `first` is the weekday of its first day, Monday 0."""
    weekday = (first + day - 1) % 7
    if weekday == 5:
        return day - 1 if day > 1 else day + 2
    if weekday == 6:
        return day + 1 if day < length else day - 2
    return day
