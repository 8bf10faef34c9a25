"""The values a process variable may hold, and their lossless JSON form.

JSON's own types stand as they are. What JSON lacks is written as an object with one tag:
`{"$decimal": "1.50"}`, `{"$date": "2026-03-01"}`, `{"$time": …}`, `{"$datetime": …}`, `{"$duration": "P1DT2H"}`,
`{"$months": 14}`; a context that itself has a key beginning with `$` is wrapped as `{"$context": {…}}`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MAX_DEPTH = 100  # nesting that is stored; deeper data is a mistake, not a variable
VALUE_LIMIT = 256 * 1024  # bytes of one variable as JSON: what is larger is a document, kept elsewhere under a number
ALL_LIMIT = 1024 * 1024  # of all variables of a case
_DAYS = re.compile(
    r"(?P<sign>-)?P(?:(?P<days>\d{1,12})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,12})H)?(?:(?P<minutes>\d{1,12})M)?(?:(?P<seconds>\d{1,12})(?P<fraction>\.\d{1,9})?S)?)?"
)
_MONTHS = re.compile(r"(?P<sign>-)?P(?:(?P<years>\d{1,9})Y)?(?:(?P<months>\d{1,9})M)?")


class UnsupportedValue(TypeError):
    """The value, or something inside it, is of a type that a variable can't hold; the message says where."""


@dataclass(frozen=True, slots=True, order=True)
class YearsMonths:
    """A duration in whole months (XPath's yearMonthDuration); negative is backwards."""

    total: int

    @property
    def years(self) -> int:
        """Whole years, with the duration's sign."""
        return abs(self.total) // 12 * (-1 if self.total < 0 else 1)

    @property
    def months(self) -> int:
        """Months beyond the whole years, with the duration's sign."""
        return abs(self.total) % 12 * (-1 if self.total < 0 else 1)

    def __str__(self) -> str:
        years, months = divmod(abs(self.total), 12)
        body = (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
        return f"{'-' if self.total < 0 else ''}P{body}"


def duration_text(duration: timedelta) -> str:
    """Write a days-and-time duration in ISO 8601, e.g. `P1DT2H0.5S`; zero is `PT0S`."""
    micros = abs(duration) // timedelta(microseconds=1)
    seconds, fraction = divmod(micros, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    tail = f"{seconds}.{fraction:06d}".rstrip("0") if fraction else str(seconds)
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{tail}S" if seconds or fraction or not (days or clock) else ""
    return f"{'-' if duration < timedelta(0) else ''}P" + (f"{days}D" if days else "") + (f"T{clock}" if clock else "")


def parse_duration(text: str) -> timedelta | YearsMonths | None:
    """Read an ISO-8601 duration of either kind (`P1DT2H` or `P1Y2M`, not mixed); None when it isn't one."""
    match = _DAYS.fullmatch(text)
    if match and any(match[part] for part in ("days", "hours", "minutes", "seconds")):
        parts = {part: int(match[part] or 0) for part in ("days", "hours", "minutes", "seconds")}
        micros = int((match["fraction"] or ".0")[1:].ljust(6, "0")[:6])
        try:
            length = timedelta(**parts, microseconds=micros)
        except OverflowError:
            return None
        return -length if match["sign"] else length
    match = _MONTHS.fullmatch(text)
    if match and (match["years"] or match["months"]):
        total = int(match["years"] or 0) * 12 + int(match["months"] or 0)
        return YearsMonths(-total if match["sign"] else total)
    return None


def to_json(value: Any) -> Any:
    """Return the value as JSON types only, so that `from_json` gives back an equal value of equal types.

    Tuples become lists. Raises UnsupportedValue for anything else, for non-finite numbers, for keys that are
    not text, and below 100 levels.
    """
    return _encode(value, "value", 0)


def json_size(value: Any) -> int:
    """How many bytes a value that `to_json` gave, or one of JSON's own, takes as a text."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def from_json(data: Any) -> Any:
    """Return the value that `to_json` wrote.

    Raises ValueError for an unknown tag.
    """
    if isinstance(data, list):
        return [from_json(item) for item in data]
    if not isinstance(data, dict):
        return data
    if len(data) == 1:
        ((key, body),) = data.items()
        if key == "$context":
            return {name: from_json(item) for name, item in body.items()}
        if key.startswith("$"):
            if key not in _READERS:
                raise ValueError(f"unknown tag {key} in stored data")
            return _READERS[key](body)
    return {name: from_json(item) for name, item in data.items()}


def _encode(value: Any, where: str, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise UnsupportedValue(f"{where} is nested deeper than {MAX_DEPTH} levels")
    if value is None or isinstance(value, (bool, str, int)):
        return _plain(value)
    if isinstance(value, Mapping):
        return _encode_context(value, where, depth)
    if isinstance(value, (list, tuple)):
        return [_encode(item, f"{where}[{number}]", depth + 1) for number, item in enumerate(value)]
    return _encode_tagged(value, where)


def _plain(value: Any) -> Any:
    """Strip subclasses (enums, marked-up strings): what is stored is the bare value."""
    for kind in (bool, str, int):
        if isinstance(value, kind):
            return value if type(value) is kind else kind(value)
    return None


def _encode_context(value: Mapping[Any, Any], where: str, depth: int) -> dict[str, Any]:
    encoded = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise UnsupportedValue(f"{where} has the key {key!r}; keys are text")
        encoded[str(key)] = _encode(item, f"{where}.{key}", depth + 1)
    return {"$context": encoded} if any(key.startswith("$") for key in encoded) else encoded


def _encode_tagged(value: Any, where: str) -> Any:
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, Decimal) and value.is_finite():
        return {"$decimal": str(value)}
    if isinstance(value, datetime):
        return {"$datetime": value.isoformat() + _zone(value.tzinfo)}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, time):
        return {"$time": value.isoformat() + _zone(value.tzinfo)}
    if isinstance(value, timedelta):
        return {"$duration": duration_text(value)}
    if isinstance(value, YearsMonths):
        return {"$months": value.total}
    raise UnsupportedValue(
        f"{where} is {value!r:.60} of type {type(value).__name__}; a variable holds text, numbers, true/false, "
        "dates, times, durations, lists and contexts"
    )


def _zone(tzinfo: Any) -> str:
    return f"@{tzinfo.key}" if isinstance(tzinfo, ZoneInfo) and tzinfo.key else ""


def _read_datetime(text: str) -> datetime:
    stamp, _, zone = text.partition("@")
    moment = datetime.fromisoformat(stamp)
    return moment.astimezone(_zone_named(zone)) if zone else moment


def _read_time(text: str) -> time:
    stamp, _, zone = text.partition("@")
    moment = time.fromisoformat(stamp)
    return moment.replace(tzinfo=_zone_named(zone)) if zone else moment


def _zone_named(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"unknown time zone {name} in stored data") from error


def _read_duration(text: str) -> timedelta:
    duration = parse_duration(text)
    if not isinstance(duration, timedelta):
        raise ValueError(f"not a duration: {text}")
    return duration


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "$decimal": Decimal,
    "$date": date.fromisoformat,
    "$time": _read_time,
    "$datetime": _read_datetime,
    "$duration": _read_duration,
    "$months": YearsMonths,
}
