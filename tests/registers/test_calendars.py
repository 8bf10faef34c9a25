"""Business time."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registers import BUSINESS_HOURS, ROUND_THE_CLOCK, ZONE, Calendars, ChineseWorkdays, calendar_functions
from tests.registers.times import at

HOLIDAYS = ("2025-04-04", "2025-05-01", "2025-05-02", "2025-05-05")
DAYS = {date.fromisoformat(day): (False, "holiday") for day in HOLIDAYS} | {date(2025, 4, 27): (True, "make-up")}
CALENDARS = Calendars(ChineseWorkdays(DAYS, frozenset({2025})))
BUSINESS = CALENDARS[BUSINESS_HOURS]
FIRST, LAST = datetime(2025, 1, 1), datetime(2025, 11, 1)  # noqa: DTZ001 - hypothesis adds the zone
moments = st.datetimes(FIRST, LAST, timezones=st.just(ZONE))
amounts = st.integers(0, 60 * 60 * 8 * 20).map(lambda s: timedelta(seconds=s))
names = st.sampled_from([BUSINESS_HOURS, ROUND_THE_CLOCK])


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2025-03-03 10:00", 2, "2025-03-03 12:00"),
        ("2025-03-03 10:00", 16, "2025-03-05 10:00"),
        ("2025-03-03 10:00", 12, "2025-03-04 15:00"),
        ("2025-03-03 12:30", 1, "2025-03-03 14:00"),  # lunch
        ("2025-03-07 17:00", 2, "2025-03-10 10:00"),  # weekend
        ("2025-04-03 17:00", 2, "2025-04-07 10:00"),  # Friday is a holiday
        ("2025-04-26 12:00", 8, "2025-04-27 18:00"),  # Saturday; Sunday is made up
    ],
)
def test_business_hours_skip_what_is_not_worked(start: str, hours: int, end: str) -> None:
    """Nights, lunch, weekends and holidays don't count; make-up workdays do."""
    assert BUSINESS.add(at(start), timedelta(hours=hours)) == at(end)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2025-03-08 05:10", 1, "2025-03-10 18:00"),  # F19
        ("2025-03-08 05:10", 2, "2025-03-11 18:00"),
        ("2025-04-10 03:30", 1, "2025-04-11 18:00"),  # F26
        ("2025-04-18 10:00", 10, "2025-05-06 18:00"),  # F31: over make-up day and May holidays
        ("2025-06-02 09:00", 5, "2025-06-09 18:00"),  # F41
        ("2025-03-03 23:00", 0, "2025-03-03 18:00"),
        ("2025-03-08 10:00", 0, "2025-03-10 18:00"),
    ],
)
def test_business_days_end_at_six_of_the_nth_business_day(start: str, days: int, due: str) -> None:
    """The start day never counts; `n` business days are due at 18:00 of the n-th business day after it."""
    assert BUSINESS.days_after(at(start), days) == at(due)


@given(names, moments, amounts)
def test_added_time_is_measured_back(name: str, start: datetime, amount: timedelta) -> None:
    """What was added to a moment is what lies between it and the result."""
    calendar = CALENDARS[name]
    assert calendar.between(start, calendar.add(start, amount)) == amount


@given(names, moments, moments, amounts)
def test_adding_keeps_the_order(name: str, one: datetime, other: datetime, amount: timedelta) -> None:
    """Who starts later is never due earlier."""
    calendar = CALENDARS[name]
    first, second = sorted((one, other))
    assert calendar.add(first, amount) <= calendar.add(second, amount)


@given(names, moments, amounts, amounts)
def test_adding_twice_is_adding_the_sum(name: str, start: datetime, one: timedelta, other: timedelta) -> None:
    """Working time may be added in parts."""
    calendar = CALENDARS[name]
    assert calendar.add(calendar.add(start, one), other) == calendar.add(start, one + other)


@given(names, st.lists(moments, min_size=3, max_size=3))
def test_measured_time_adds_up(name: str, three: list[datetime]) -> None:
    """The time between two moments is the sum of its parts."""
    calendar = CALENDARS[name]
    a, b, c = sorted(three)
    assert calendar.between(a, b) + calendar.between(b, c) == calendar.between(a, c)


@given(moments, amounts)
def test_round_the_clock_is_plain_time(start: datetime, amount: timedelta) -> None:
    """On CAL-24x7 working time is time."""
    assert CALENDARS[ROUND_THE_CLOCK].add(start, amount) == start + amount


def test_negative_amounts_are_refused() -> None:
    """Working time isn't added backwards."""
    with pytest.raises(ValueError, match="backwards"):
        BUSINESS.add(at("2025-03-03 10:00"), timedelta(hours=-1))
    with pytest.raises(ValueError, match="backwards"):
        BUSINESS.days_after(at("2025-03-03 10:00"), -1)


def test_explanation_names_every_day() -> None:
    """A calculation can be explained day by day, with the reason why a day doesn't count."""
    steps = BUSINESS.explain(at("2025-04-03 17:00"), timedelta(hours=2))
    assert [(s.day.day, s.counted / timedelta(hours=1), str(s.reason)) for s in steps] == [
        (3, 1, "workday"),
        (4, 0, "holiday: holiday"),
        (5, 0, "weekend"),
        (6, 0, "weekend"),
        (7, 1, "workday"),
    ]


def test_feel_functions_take_numbers_and_give_null_for_nonsense() -> None:
    """Host functions take whole or decimal numbers, and answer null where an argument isn't usable."""
    functions = calendar_functions(CALENDARS)
    start, end = at("2025-03-03 10:00"), at("2025-03-03 14:00")
    assert functions["business days after"](start, Decimal(1)) == at("2025-03-04 18:00")
    assert functions["business hours after"](start, Decimal("1.5")) == at("2025-03-03 11:30")
    assert functions["business hours after"](start, 1, ROUND_THE_CLOCK) == at("2025-03-03 11:00")
    assert functions["working minutes between"](start, end) == 180
    assert functions["business days after"](None, 1) is None
    assert functions["business days after"](start, None) is None
    assert functions["business days after"](start.replace(tzinfo=None), 1) is None
    assert functions["business hours after"](start, -1) is None
    assert functions["working minutes between"](start, end, "CAL-9x9") is None
