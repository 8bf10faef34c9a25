"""Conversion and boolean functions (10.3.4.1–10.3.4.2)."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

from engine.feel.arithmetic import DECIMAL128
from engine.feel.calendar import Day, FarMoment, Moment, is_day, is_moment, make_moment, midnight
from engine.feel.functions.registry import builtin
from engine.feel.functions.writing import write
from engine.feel.kinds import equal, kind_of, number_of
from engine.feel.temporal import make_date, parse_date, parse_datetime, parse_duration, parse_time, parse_zone
from engine.values import YearsMonths

_NUMBER = re.compile(r"-?(\d+(\.\d+)?|\.\d+)([eE][+-]?\d{1,5})?", re.ASCII)
_SEPARATORS = {" ", ",", ".", ""}


@builtin("not", "negand: any")
def not_(negand: Any) -> bool | None:
    return not negand if isinstance(negand, bool) else None


@builtin("is", "value1: any, value2: any")
def is_(left: Any, right: Any) -> bool:
    """Tell whether both are the same value of the same kind: two times also need the same zone."""
    if kind_of(left) != kind_of(right):
        return False
    if isinstance(left, (datetime, time, FarMoment)):
        return bool(left.replace(tzinfo=None) == right.replace(tzinfo=None)) and left.utcoffset() == right.utcoffset()
    return equal(left, right) is True


@builtin("string", "from: any")
def string(value: Any) -> str | None:
    return None if value is None else write(value)


@builtin("number", "from: string|number")
def number(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not _NUMBER.fullmatch(value):
        return None
    try:
        return DECIMAL128.create_decimal(value)
    except ArithmeticError:
        return None


@builtin("number", "from: string, grouping separator: any, decimal separator: any")
def number_with_separators(text: str, grouping: Any, point: Any) -> Any:
    grouping, point = grouping or "", point or ""
    if grouping not in _SEPARATORS or point not in {",", ".", ""} or (grouping and grouping == point):
        return None
    plain = text.replace(grouping, "") if grouping else text
    return number(plain.replace(point, ".") if point else plain)


@builtin("date", "from: string|date|date and time")
def date_(value: Any) -> Any:
    if isinstance(value, str):
        return parse_date(value)
    return value.date() if is_moment(value) else value


@builtin("date", "year: number, month: number, day: number")
def date_of_parts(year: Any, month: Any, day: Any) -> Day | None:
    parts = [whole(part) for part in (year, month, day)]
    return None if None in parts else make_date(*parts)  # type: ignore[arg-type]


@builtin("date and time", "from: string|date and time|date")
def date_and_time(value: Any) -> Moment | None:
    if isinstance(value, str):
        return parse_datetime(value)
    return midnight(value)


@builtin("date and time", "date: date|date and time, time: time")
def date_and_time_of_parts(day: Any, clock: time) -> Moment | None:
    return make_moment(day.date() if is_moment(day) else day, clock)


@builtin("date and time", "date: date and time, timezone: string")
def date_and_time_in_zone(moment: Moment, zone: str) -> Moment | None:
    found = parse_zone(zone if zone == "Z" or zone[:1] in {"+", "-"} else f"@{zone}") if zone else None
    if found is None:
        return None
    return moment.astimezone(found) if moment.tzinfo else moment.replace(tzinfo=found)


@builtin("time", "from: string|time|date and time|date")
def time_(value: Any) -> time | None:
    if isinstance(value, str):
        return parse_time(value)
    if is_moment(value):
        return value.timetz()
    return midnight(value).timetz() if is_day(value) else value


@builtin("time", "hour: number, minute: number, second: number, offset?: any")
def time_of_parts(hour: Any, minute: Any, second: Any, offset: Any = None) -> time | None:
    hours, minutes, seconds = whole(hour), whole(minute), number_of(second)
    if hours is None or minutes is None or seconds is None or not (offset is None or isinstance(offset, timedelta)):
        return None
    micros = int(seconds % 1 * 1_000_000)
    try:
        zone = None if offset is None else timezone(offset)
        return time(hours, minutes, int(seconds), micros, tzinfo=zone)
    except (ValueError, OverflowError):
        return None


@builtin("duration", "from: string|days and time duration|years and months duration")
def duration(value: Any) -> Any:
    return parse_duration(value) if isinstance(value, str) else value


@builtin("years and months duration", "from: date|date and time, to: date|date and time")
def years_and_months_duration(first: Any, last: Any) -> YearsMonths | None:
    """Count the whole months between two dates."""
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        months -= 1
    elif months < 0 and last.day > first.day:
        months += 1
    return YearsMonths(months)


def whole(value: Any) -> int | None:
    """Return the number if it is whole and of a size that counts or indexes something."""
    number = number_of(value)
    if number is None or abs(number) > 10**15 or (isinstance(number, Decimal) and number != number.to_integral_value()):
        return None
    return int(number)
