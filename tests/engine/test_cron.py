"""Cron: the times that an expression names, in its time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cron import CronError, parse_cron

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday


def times(text: str, count: int = 3, start: datetime = NOON) -> list[str]:
    """The next times, in UTC."""
    cron, found = parse_cron(text), []
    moment: datetime | None = start
    for _ in range(count):
        moment = cron.after(moment) if moment is not None else None
        if moment is not None:
            found.append(moment.strftime("%y-%m-%d %H:%M:%S"))
    return found


NEXT = {
    "0 0 12 * * ?": ["26-03-03 12:00:00", "26-03-04 12:00:00", "26-03-05 12:00:00"],
    "0/20 * * * * ?": ["26-03-02 12:00:20", "26-03-02 12:00:40", "26-03-02 12:01:00"],
    "*/15 * * * *": ["26-03-02 12:15:00", "26-03-02 12:30:00", "26-03-02 12:45:00"],
    "0 15 10 ? * 2": ["26-03-09 10:15:00", "26-03-16 10:15:00", "26-03-23 10:15:00"],  # Quartz: Sunday is 1
    "15 10 * * 1": ["26-03-09 10:15:00", "26-03-16 10:15:00", "26-03-23 10:15:00"],  # Unix: Sunday is 0
    "0 0 * * 7": ["26-03-08 00:00:00", "26-03-15 00:00:00", "26-03-22 00:00:00"],
    "0 0 9 ? * FRI-MON": ["26-03-06 09:00:00", "26-03-07 09:00:00", "26-03-08 09:00:00"],
    "0 0 22-1 * * ?": ["26-03-02 22:00:00", "26-03-02 23:00:00", "26-03-03 00:00:00"],
    "0 0 0 L * ?": ["26-03-31 00:00:00", "26-04-30 00:00:00", "26-05-31 00:00:00"],
    "0 0 0 L-2 * ?": ["26-03-29 00:00:00", "26-04-28 00:00:00", "26-05-29 00:00:00"],
    "0 0 0 LW * ?": ["26-03-31 00:00:00", "26-04-30 00:00:00", "26-05-29 00:00:00"],
    "0 0 0 1W * ?": ["26-04-01 00:00:00", "26-05-01 00:00:00", "26-06-01 00:00:00"],
    "0 0 0 1W 8 ?": ["26-08-03 00:00:00", "27-08-02 00:00:00", "28-08-01 00:00:00"],  # Saturday the 1st: not into July
    "0 0 0 15W 3,8 ?": ["26-03-16 00:00:00", "26-08-14 00:00:00", "27-03-15 00:00:00"],
    "0 0 0 ? * 6L": ["26-03-27 00:00:00", "26-04-24 00:00:00", "26-05-29 00:00:00"],
    "0 0 0 ? * FRI#2": ["26-03-13 00:00:00", "26-04-10 00:00:00", "26-05-08 00:00:00"],
    "0 0 0 ? * 2#5": ["26-03-30 00:00:00", "26-06-29 00:00:00", "26-08-31 00:00:00"],
    "0 0 0 29 2 ?": ["28-02-29 00:00:00", "32-02-29 00:00:00", "36-02-29 00:00:00"],
    "0 0 0 1 JAN ? 2027-2028": ["27-01-01 00:00:00", "28-01-01 00:00:00"],
    "0 0 0 1 1 ? 2020": [],
    "0 0 10 15 * 3": None,
    "0 10 15 * 3": ["26-03-04 10:00:00", "26-03-11 10:00:00", "26-03-15 10:00:00"],  # Unix: by either kind of day
    "CRON_TZ=Asia/Shanghai 0 0 9 ? * *": ["26-03-03 01:00:00", "26-03-04 01:00:00", "26-03-05 01:00:00"],
    "TZ=America/New_York 0 9 * * *": ["26-03-02 14:00:00", "26-03-03 14:00:00", "26-03-04 14:00:00"],
}


@pytest.mark.parametrize("text", NEXT)
def test_next_times(text: str) -> None:
    """Field by field, with every special day."""
    expected = NEXT[text]
    if expected is None:
        with pytest.raises(CronError):
            parse_cron(text)
    else:
        assert times(text) == expected


WRONG = ["", "* * * *", "0 0 25 * * ?", "0 61 * * * ?", "0 0 0 0 * ?", "0 0 0 ? * 8", "0 0 0 ? * 0", "0 0 0 ? 13 *"]
WRONG += [
    "x * * * *",
    "*/0 * * * *",
    "1-x * * * *",
    "0 0 0 32W * ?",
    "0 0 0 ? * FRI#6",
    "0 0 9 ? * * 1900",
    "*-5 * * * *",
]
WRONG += ["CRON_TZ=Nowhere 0 0 9 ? * *", "CRON_TZ=/etc/passwd 0 0 9 ? * *", "0 0 0 99999999999999 * ?"]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_none_is_refused(text: str) -> None:
    """With a reason that people can read."""
    with pytest.raises(CronError) as caught:
        parse_cron(text)
    assert str(caught.value.text)


def test_spring_and_autumn() -> None:
    """A time that doesn't exist comes as much later; one that exists twice comes once."""
    berlin = "CRON_TZ=Europe/Berlin 0 30 2 * * ?"
    spring = times(berlin, 2, datetime(2026, 3, 28, 12, tzinfo=UTC))
    assert spring == ["26-03-29 01:30:00", "26-03-30 00:30:00"]  # 03:30 that day, 02:30 the next
    autumn = times(berlin, 2, datetime(2026, 10, 24, 12, tzinfo=UTC))
    assert autumn == ["26-10-25 00:30:00", "26-10-26 01:30:00"]


FIELDS = st.sampled_from(["*", "0", "7", "1-5", "*/3", "2,4", "5-2"])


@given(
    FIELDS, FIELDS, st.sampled_from(["*", "1", "L", "15W", "10-20"]), st.timedeltas(timedelta(0), timedelta(days=2000))
)
def test_times_grow_and_leave_nothing_out(minute: str, hour: str, day: str, passed: timedelta) -> None:
    """Law: the time after any moment before it is the same one; no time lies between two that follow each other."""
    cron, start = parse_cron(f"0 {minute} {hour} {day} * ?"), NOON + passed
    found = [start]
    for _ in range(3):
        following = cron.after(found[-1])
        assert following is not None
        found.append(following)
    for earlier, later in pairwise(found):
        assert earlier < later
        assert cron.after(earlier + (later - earlier) / 2) == later
