"""Business calendars: adding and measuring working time. Everything here is pure over the workdays it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from engine import Text

ZONE = ZoneInfo("Asia/Shanghai")
ROUND_THE_CLOCK = "CAL-24x7"
BUSINESS_HOURS = "CAL-5x8"
_DAY = timedelta(days=1)
_NOTHING = timedelta(0)
_LONGEST = 366 * 20  # days; a calendar without any workday must not be searched for ever


class Workdays(Protocol):
    """Which days are worked."""

    def is_workday(self, day: date) -> bool:
        """Whether people work on this day."""
        ...

    def reason(self, day: date) -> Text:
        """Why the day is worked or not."""
        ...


@dataclass(frozen=True, slots=True)
class ExplainedDay:
    """One day of a calculation: the working time counted on it and why it is (not) a workday."""

    day: date
    counted: timedelta
    reason: Text


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """When work is done. `periods` are the local working hours of a workday; `workdays` None: every day is one."""

    name: str
    periods: tuple[tuple[time, time], ...]
    workdays: Workdays | None = None
    zone: ZoneInfo = ZONE

    def is_workday(self, day: date) -> bool:
        """Whether the calendar counts this day."""
        return self.workdays is None or self.workdays.is_workday(day)

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """Return the earliest moment by which `amount` of working time has passed since `start`.

        Raises ValueError for a negative amount, and for a calendar without workdays ahead.
        """
        if amount < _NOTHING:
            raise ValueError(f"working time can't be added backwards: {amount}")
        if amount == _NOTHING:
            return start.astimezone(UTC)
        for begin, end in self._intervals(start):
            if end - begin >= amount:
                return begin + amount
            amount -= end - begin
        raise ValueError(f"{self.name} has no workday within {_LONGEST} days of {start}")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Measure the working time from `start` to `end`; nothing where `end` is not later."""
        total = _NOTHING
        for begin, finish in self._intervals(start, end):
            total += min(finish, end) - begin
        return total

    def days_after(self, start: datetime, count: int) -> datetime:
        """Return the end of work (18:00 on 5x8) of the `count`-th business day after the day of `start`.

        0 means the day itself if it is a workday, else the next one.
        """
        if count < 0:
            raise ValueError(f"business days can't be added backwards: {count}")
        day = start.astimezone(self.zone).date()
        if count == 0 and not self.is_workday(day):
            count = 1
        for _ in range(_LONGEST):
            if count == 0:
                return self._intervals_of(day)[-1][1]
            day += _DAY
            if self.is_workday(day):
                count -= 1
        raise ValueError(f"{self.name} has no workday within {_LONGEST} days of {start}")

    def explain(self, start: datetime, amount: timedelta) -> list[ExplainedDay]:
        """Show how `add` gets to its result, day by day."""
        end = self.add(start, amount)
        day, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        steps = []
        while day <= last:
            counted = sum(
                (max(_NOTHING, min(e, end) - max(b, start)) for b, e in self._intervals_of(day)), start=_NOTHING
            )
            steps.append(ExplainedDay(day, counted, self._reason(day)))
            day += _DAY
        return steps

    def _reason(self, day: date) -> Text:
        return Text("round the clock") if self.workdays is None else self.workdays.reason(day)

    def _intervals(self, start: datetime, end: datetime | None = None) -> Iterator[tuple[datetime, datetime]]:
        """The working intervals from `start` on, as aware UTC; the first begins at `start` if that is working time."""
        start = start.astimezone(UTC)
        day = start.astimezone(self.zone).date()
        for _ in range(_LONGEST):
            for begin, finish in self._intervals_of(day):
                if end is not None and begin >= end:
                    return
                if finish > start:
                    yield max(begin, start), finish
            day += _DAY

    def _intervals_of(self, day: date) -> list[tuple[datetime, datetime]]:
        if not self.is_workday(day):
            return []
        return [(self._instant(day, begin), self._instant(day, end, ending=True)) for begin, end in self.periods]

    def _instant(self, day: date, at: time, *, ending: bool = False) -> datetime:
        if ending and at == time(0):
            day += _DAY
        return datetime.combine(day, at, self.zone).astimezone(UTC)


class Calendars(Mapping[str, WorkingCalendar]):
    """The calendars of an installation over one table of workdays."""

    def __init__(self, workdays: Workdays) -> None:
        morning, afternoon = (time(9), time(12)), (time(13), time(18))
        self._calendars = {
            ROUND_THE_CLOCK: WorkingCalendar(ROUND_THE_CLOCK, ((time(0), time(0)),)),
            BUSINESS_HOURS: WorkingCalendar(BUSINESS_HOURS, (morning, afternoon), workdays),
        }

    def __getitem__(self, name: str) -> WorkingCalendar:
        return self._calendars[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._calendars)

    def __len__(self) -> int:
        return len(self._calendars)


def calendar_functions(calendars: Mapping[str, WorkingCalendar]) -> dict[str, Callable[..., Any]]:
    """The FEEL functions about business time, for `ProcessEngine(functions=…)`.

    All use the 5x8 calendar unless a calendar's name is given as the last argument; null in, or anything that isn't
    an aware date-time or a number, gives null.
    """

    def business_days_after(start: Any, count: Any, calendar: Any = BUSINESS_HOURS) -> datetime | None:
        if not (_is_moment(start) and _is_amount(count) and calendar in calendars):
            return None
        return calendars[calendar].days_after(start, int(count))

    def business_hours_after(start: Any, hours: Any, calendar: Any = BUSINESS_HOURS) -> datetime | None:
        if not (_is_moment(start) and _is_amount(hours) and calendar in calendars):
            return None
        return calendars[calendar].add(start, timedelta(seconds=float(hours) * 3600))

    def working_minutes_between(start: Any, end: Any, calendar: Any = BUSINESS_HOURS) -> Decimal | None:
        if not (_is_moment(start) and _is_moment(end) and calendar in calendars):
            return None
        seconds = calendars[calendar].between(start, end) // timedelta(seconds=1)
        return Decimal(seconds) / 60

    return {
        "business days after": business_days_after,
        "business hours after": business_hours_after,
        "working minutes between": working_minutes_between,
    }


def _is_moment(value: Any) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None


def _is_amount(value: Any) -> bool:
    # Ten thousand days or hours is beyond every plan; more would only cost the worker time.
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool) and 0 <= value <= 10_000
