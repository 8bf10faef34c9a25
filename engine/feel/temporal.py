"""Reading, writing and taking apart dates, times and durations.

Clocks are Python's, of microseconds; finer fractions are cut off.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from engine.feel.calendar import Day, FarMoment, Moment, make_date, make_moment
from engine.feel.kinds import DATE, DATE_TIME, DAYS, MONTHS, RANGE, TIME
from engine.values import YearsMonths, parse_duration

_DATE = r"(-?(?:\d{4}|[1-9]\d{4,8}))-(\d{2})-(\d{2})"
_TIME = r"(\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?"
_ZONE = r"([Zz]|[+-]\d{2}:\d{2}(?::\d{2})?|@[A-Za-z0-9_+\-/]{1,64})?"
_DATE_TEXT = re.compile(_DATE, re.ASCII)
_TIME_TEXT = re.compile(f"T?{_TIME}{_ZONE}", re.ASCII)
_MOMENT_TEXT = re.compile(f"{_DATE}T{_TIME}{_ZONE}", re.ASCII)


def parse_date(text: str) -> Day | None:
    """Read `2026-03-01`."""
    match = _DATE_TEXT.fullmatch(text)
    return make_date(*map(int, match.groups())) if match else None


def parse_time(text: str) -> time | None:
    """Read `09:30:00`, with an optional offset (`+08:00`, `Z`) or zone (`@Asia/Shanghai`)."""
    match = _TIME_TEXT.fullmatch(text)
    return _time(match.groups()) if match else None


def _time(groups: tuple[Any, ...]) -> time | None:
    hour, minute, second, fraction, zone = groups
    try:
        micro = int((fraction or ".0")[1:].ljust(6, "0")[:6])
        moment = time(int(hour), int(minute), int(second), micro)
    except ValueError:
        return None
    if zone is None:
        return moment
    found = parse_zone(zone)
    return moment.replace(tzinfo=found) if found else None


def parse_zone(text: str) -> tzinfo | None:
    """Read `Z`, `+08:00` or `@Asia/Shanghai`."""
    if text in {"Z", "z"}:
        return timezone.utc  # noqa: UP017 (the same object as datetime.UTC)
    if text.startswith("@"):
        try:
            return ZoneInfo(text[1:])
        except (KeyError, ValueError, OSError):
            return None
    hours, minutes, *seconds = text[1:].split(":")
    offset = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds[0]) if seconds else 0)
    if offset > timedelta(hours=14) or int(minutes) > 59:
        return None
    return timezone(-offset if text[0] == "-" else offset)


def parse_datetime(text: str) -> Moment | None:
    """Read `2026-03-01T09:30:00+08:00`; a bare date is its midnight."""
    match = _MOMENT_TEXT.fullmatch(text)
    if match is None:
        return make_moment(parse_date(text), time())
    groups = match.groups()
    day, clock = make_date(*map(int, groups[:3])), _time(groups[3:])
    return make_moment(day, clock) if clock is not None else None


def parse_temporal(text: str) -> Any:
    """Read the text of an `@"…"` literal, whatever kind it is; None when it is none."""
    for read in (parse_date, parse_time, parse_datetime, parse_duration):
        value = read(text)
        if value is not None:
            return value
    return None


def zone_text(moment: time | Moment) -> str:
    """Write the zone as FEEL does: `Z`, `+08:00`, `@Asia/Shanghai`, or nothing."""
    zone = moment.tzinfo
    if zone is None:
        return ""
    if isinstance(zone, ZoneInfo) and zone.key:
        return f"@{zone.key}"
    written = moment.isoformat()
    offset = written[-6:] if written[-6] in "+-" else written[-9:]
    return "Z" if offset == "+00:00" else offset


def temporal_text(moment: Day | time | Moment) -> str:
    """Write a date, time or date-time as FEEL's `string()` does."""
    if not isinstance(moment, (time, datetime, FarMoment)):
        return moment.isoformat()
    bare = moment.replace(tzinfo=None).isoformat()
    return (bare.rstrip("0") if "." in bare else bare) + zone_text(moment)


def _offset(moment: time | Moment) -> timedelta | None:
    return moment.utcoffset()


def _zone_name(moment: time | Moment) -> str | None:
    return moment.tzinfo.key if isinstance(moment.tzinfo, ZoneInfo) else None


def _seconds(moment: time | Moment) -> Decimal:
    return Decimal(moment.second) + Decimal(moment.microsecond).scaleb(-6).normalize()


def _part(divisor: int, modulus: int | None) -> Callable[[timedelta], int]:
    def part(duration: timedelta) -> int:
        units = abs(duration) // timedelta(seconds=divisor)
        units = units % modulus if modulus else units
        return -units if duration < timedelta(0) else units

    return part


def _duration_seconds(duration: timedelta) -> Decimal:
    rest = Decimal(abs(duration) % timedelta(minutes=1) // timedelta(microseconds=1)).scaleb(-6)
    rest = rest.quantize(Decimal(1)) if rest == rest.to_integral_value() else rest.normalize()
    return -rest if duration < timedelta(0) else rest


_DAY_PARTS: dict[str, Callable[[Any], Any]] = {
    "year": lambda v: v.year,
    "month": lambda v: v.month,
    "day": lambda v: v.day,
    "weekday": lambda v: v.isoweekday(),
}
_CLOCK_PARTS: dict[str, Callable[[Any], Any]] = {
    "hour": lambda v: v.hour,
    "minute": lambda v: v.minute,
    "second": _seconds,
    "time offset": _offset,
    "timezone": _zone_name,
}
# kind → property → reader; what is not listed here is null
PROPERTIES: dict[str, dict[str, Callable[[Any], Any]]] = {
    DATE: _DAY_PARTS,
    TIME: _CLOCK_PARTS,
    DATE_TIME: _DAY_PARTS | _CLOCK_PARTS,
    DAYS: {
        "days": _part(86400, None),
        "hours": _part(3600, 24),
        "minutes": _part(60, 60),
        "seconds": _duration_seconds,
    },
    MONTHS: {"years": lambda v: v.years, "months": lambda v: v.months},
    RANGE: {
        "start": lambda v: v.start,
        "end": lambda v: v.end,
        "start included": lambda v: v.start_included,
        "end included": lambda v: v.end_included,
    },
}
__all__ = [
    "PROPERTIES", "YearsMonths", "make_date", "parse_date", "parse_datetime", "parse_duration", "parse_temporal",
    "parse_time", "parse_zone", "temporal_text", "zone_text",
]  # fmt: skip
