"""Which days are worked."""

import logging
from datetime import date

import pytest
from sqlalchemy import Engine

from engine import writing
from registers import BUSINESS_HOURS, ChineseWorkdays, RegisterStore, set_day
from tests.registers.times import NOW, at


def test_published_holidays_count_by_default() -> None:
    """Without a table of one's own, the published holidays and make-up days count."""
    workdays = ChineseWorkdays()
    assert not workdays.is_workday(date(2025, 10, 1))
    assert workdays.is_workday(date(2025, 9, 28))  # a Sunday, made up
    assert str(workdays.reason(date(2025, 9, 28))) == "make-up workday"


def test_own_table_decides_first() -> None:
    """A day in the organisation's table overrides the published holidays; a described year replaces them."""
    own = ChineseWorkdays({date(2025, 10, 1): (True, "audit")})
    assert own.is_workday(date(2025, 10, 1))
    assert not own.is_workday(date(2025, 10, 2))
    assert ChineseWorkdays({}, frozenset({2025})).is_workday(date(2025, 10, 2))


def test_unpublished_years_fall_back_to_weekdays(caplog: pytest.LogCaptureFixture) -> None:
    """Beyond the published years weekdays are worked, and the log says once that this is a guess."""
    workdays = ChineseWorkdays()
    with caplog.at_level(logging.WARNING):
        assert workdays.is_workday(date(2071, 10, 1))
        assert not workdays.is_workday(date(2071, 10, 3))
    assert [r.getMessage() for r in caplog.records] == [
        "No holidays are known for 2071: weekdays count as workdays. Add them to the calendar."
    ]
    assert not workdays.is_published(2071)


def test_demo_year_is_described_by_its_table(demo: RegisterStore) -> None:
    """In the demo organisation, 2025 has exactly the fixture's holidays and make-up day."""
    calendar = demo.calendars[BUSINESS_HOURS]
    assert [calendar.is_workday(date(2025, 4, day)) for day in (3, 4, 26, 27)] == [True, False, False, True]
    assert calendar.is_workday(date(2025, 10, 1))


def test_changed_table_counts_after_forgetting(demo: RegisterStore, database: Engine) -> None:
    """A day added to the table counts as soon as the calendars are read again, at the latest after five minutes."""
    with demo.begin(None, NOW) as registers:
        assert registers.calendar(BUSINESS_HOURS).is_workday(date(2025, 3, 4))
    with writing(database) as connection:
        set_day(connection, date(2025, 3, 4), working=False, reason="move")
    with demo.begin(None, NOW) as registers:
        assert registers.calendar(BUSINESS_HOURS).is_workday(date(2025, 3, 4))
    with demo.begin(None, at("2025-03-03 10:05")) as registers:
        assert not registers.calendar(BUSINESS_HOURS).is_workday(date(2025, 3, 4))
