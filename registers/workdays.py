"""Which days are worked in China: the organisation's own table first, then the published public holidays."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import chinese_calendar
from chinese_calendar.constants import holidays
from sqlalchemy import Connection, Engine, delete, insert, select

from engine import Text
from registers.calendars import Calendars, WorkingCalendar
from registers.queries import insert_into
from registers.tables import calendar_day, calendar_year

_log = logging.getLogger(__name__)
_PUBLISHED = frozenset(day.year for day in holidays)
_REFRESH = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ChineseWorkdays:
    """Monday to Friday, without holidays, with make-up workdays.

    `days` (day → worked, reason) decides first. Years in `complete` are described by it alone; for others the
    published holidays count, as far as the library `chinesecalendar` knows them. Beyond that, weekdays are worked.
    """

    days: Mapping[date, tuple[bool, str]] = field(default_factory=dict)
    complete: frozenset[int] = frozenset()

    def is_workday(self, day: date) -> bool:
        """Whether people work on this day."""
        if day in self.days:
            return self.days[day][0]
        if day.year in self.complete:
            return day.weekday() < 5
        if day.year in _PUBLISHED:
            return chinese_calendar.is_workday(day)
        _warn_unpublished(day.year)
        return day.weekday() < 5

    def reason(self, day: date) -> Text:
        """Why the day is worked or not."""
        if day in self.days:
            worked, why = self.days[day]
            return Text("make-up workday: {reason}", reason=why) if worked else Text("holiday: {reason}", reason=why)
        weekday = day.weekday() < 5
        worked = self.is_workday(day)
        if worked:
            return Text("workday") if weekday else Text("make-up workday")
        return Text("public holiday") if weekday else Text("weekend")

    def is_published(self, year: int) -> bool:
        """Whether the year's holidays are known, or only guessed from weekdays."""
        return year in self.complete or year in _PUBLISHED


_warned: set[int] = set()


def _warn_unpublished(year: int) -> None:
    if year not in _warned:
        _warned.add(year)
        _log.warning("No holidays are known for %s: weekdays count as workdays. Add them to the calendar.", year)


class StoredCalendars(Calendars):
    """The calendars over the database's table of days, read again every few minutes.

    The time is passed in, so that a moved clock decides when the table is read again.
    """

    def __init__(self, database: Engine) -> None:
        self._database = database
        self._read_at: datetime | None = None
        self._read = False
        super().__init__(ChineseWorkdays())

    def at(self, now: datetime, connection: Connection) -> StoredCalendars:
        """Read the table if it was read long ago, or never."""
        if self._read_at is None or not timedelta(0) <= now - self._read_at < _REFRESH:
            super().__init__(read_workdays(connection))
            self._read_at, self._read = now, True
        return self

    def forget(self) -> None:
        """Read the table at the next use."""
        self._read_at, self._read = None, False

    def __getitem__(self, name: str) -> WorkingCalendar:
        if not self._read:
            with self._database.connect() as connection:
                super().__init__(read_workdays(connection))
            self._read = True
        return super().__getitem__(name)


def read_workdays(connection: Connection) -> ChineseWorkdays:
    """Load the organisation's table of days."""
    days = {row.day: (row.working, row.reason) for row in connection.execute(select(calendar_day))}
    return ChineseWorkdays(days, frozenset(connection.execute(select(calendar_year.c.year)).scalars()))


def set_day(connection: Connection, day: date, *, working: bool, reason: str) -> None:
    """Say that a day is worked, or not, whatever the weekday and the published holidays are."""
    row = {"day": day, "working": working, "reason": reason}
    statement = insert_into(connection.dialect)(calendar_day).values(row)
    connection.execute(statement.on_conflict_do_update(index_elements=[calendar_day.c.day], set_=row))


def describe_year(connection: Connection, year: int) -> None:
    """Say that the table of days describes a year completely: the published holidays no longer count for it."""
    connection.execute(delete(calendar_year).where(calendar_year.c.year == year))
    connection.execute(insert(calendar_year).values(year=year))


def days_of(connection: Connection, year: int) -> Iterator[tuple[date, bool, str]]:
    """The table's entries of one year, in order."""
    query = select(calendar_day).where(calendar_day.c.day.between(date(year, 1, 1), date(year, 12, 31)))
    for row in connection.execute(query.order_by(calendar_day.c.day)):
        yield row.day, row.working, row.reason
