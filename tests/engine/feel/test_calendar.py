"""Years beyond Python's: -999,999,999 to 999,999,999 (DMN 1.5, 10.3.2.3.5 and 10.3.2.3.7)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.feel.calendar import FarDate, from_ordinal, make_date
from tests.engine.feel.cases import feel, lines, same

FAR = lines("""
date("-2017-01-01").year => -2017
date("12017-01-01") = date(12017, 1, 1) => true
date("012017-01-01") => null
date("999999999-12-31") + @"P1D" => null
date("1000000000-01-01") => null
string(date("-0044-03-15")) => "-0044-03-15"
string(@"10000-01-01") => "10000-01-01"
@"9999-12-31" + @"P1D" => @"10000-01-01"
@"10000-01-01" - @"P1D" => @"9999-12-31"
@"10000-01-01" - @"9999-12-31" => @"P1D"
@"0001-01-01" - @"P1D" => @"0000-12-31"
@"20000-03-31" - @"P1M" => @"20000-02-29"
@"9999-12-31" < @"10000-01-01" => true
@"10000-01-01" > @"9999-12-31" => true
@"-0001-01-01" in [@"-0002-01-01"..@"2026-01-01"] => true
date("20001-02-29") => null
date("20000-02-29").weekday => 2
day of week(@"20000-02-29") => "Tuesday"
day of year(@"20001-12-31") => 365
week of year(@"20001-12-31") => 1
years and months duration(@"9999-12-31", @"10001-12-31") => @"P2Y"
for d in @"9999-12-31"..@"10000-01-01" return d.month => [12, 1]
@"99999-12-31T11:22:33+02:00" = @"99999-12-31T09:22:33Z" => true
@"99999-12-31T11:22:33+02:00" < @"99999-12-31T09:22:34Z" => true
@"99999-12-31T11:22:33" = @"99999-12-31T09:22:33Z" => null
@"9999-12-31T23:30:00Z" + @"PT1H" => @"10000-01-01T00:30:00Z"
@"10000-01-01T00:30:00Z" - @"PT1H" => @"9999-12-31T23:30:00Z"
@"10000-01-01T00:30:00Z" - @"9999-12-31T23:30:00Z" => @"PT1H"
@"99999-12-31T23:30:00@Europe/Paris".time offset => @"PT1H"
string(@"-0044-03-15T12:00:00.5") => "-0044-03-15T12:00:00.5"
date(@"99999-12-31T11:22:33Z") => @"99999-12-31"
time(@"99999-12-31T11:22:33Z") => @"11:22:33Z"
date and time(@"99999-12-31", @"10:00:00") => @"99999-12-31T10:00:00"
date and time(@"99999-12-31") => @"99999-12-31T00:00:00Z"
@"99999-12-31T10:00:00".minute => 0
@"99999-12-31" instance of date => true
@"99999-12-31T10:00:00" instance of date and time => true
is(@"99999-12-31T10:00:00", @"99999-12-31T10:00:00Z") => false
@"99999-12-31T10:00:00" + @"P1Y" => @"100000-12-31T10:00:00"
""")


@pytest.mark.parametrize(("expression", "expected"), FAR, ids=lambda text: text)
def test_far_dates(expression: str, expected: str) -> None:
    """They are read, written, compared, moved and taken apart as near ones are."""
    assert same(feel(expression), feel(expected))


@given(st.integers(-360_000_000_000, 360_000_000_000))
def test_days_are_counted_there_and_back(days: int) -> None:
    """Every day has one count, the next day the next."""
    day = from_ordinal(days)
    assert from_ordinal(day.toordinal()) == day
    assert from_ordinal(day.toordinal() + 1) > day  # type: ignore[operator]
    assert from_ordinal(day.toordinal() + 7).weekday() == day.weekday()


@given(st.dates(max_value=date(9000, 1, 1)), st.integers(-3, 3))
def test_far_days_are_near_days_moved_by_cycles(near: date, cycles: int) -> None:
    """400 years are 146,097 days, wherever they begin."""
    far = make_date(near.year + cycles * 400, near.month, near.day)
    assert far is not None
    assert far.toordinal() == near.toordinal() + cycles * 146_097
    assert isinstance(far, FarDate) is not (1 <= far.year <= 9999)
    assert far + timedelta(days=1) == from_ordinal(far.toordinal() + 1)
