"""Values as FEEL's `string()` writes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.feel.arithmetic import DECIMAL128
from engine.feel.kinds import (
    BOOLEAN,
    CONTEXT,
    DATE,
    DATE_TIME,
    DAYS,
    FUNCTION,
    LIST,
    MONTHS,
    NULL,
    NUMBER,
    RANGE,
    STRING,
    TIME,
    kind_of,
    number_of,
)
from engine.feel.scope import checked_text
from engine.feel.temporal import temporal_text
from engine.values import duration_text

_PLAIN_DIGITS = 60  # beyond that a number is written with an exponent


def write(value: Any) -> str:
    """Write a value as text: a string as it is, anything else as a literal."""
    return checked_text(value if isinstance(value, str) else _literal(value))


def write_number(value: Any) -> str:
    """Write a number without exponent and without trailing zeros beyond those it was given."""
    number = number_of(value)
    if number is None:
        return "null"
    if isinstance(number, int):
        return str(number) if abs(number) < 10**_PLAIN_DIGITS else str(Decimal(number).normalize(DECIMAL128))
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and (exponent > _PLAIN_DIGITS or exponent < -_PLAIN_DIGITS):
        return str(number)
    written = f"{number:f}"
    return written.lstrip("-") if number == 0 else written


def _literal(value: Any) -> str:
    return _WRITERS.get(kind_of(value), lambda _: "?")(value)


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _list(value: Any) -> str:
    return "[" + ", ".join(_literal(item) for item in value) + "]"


def _context(value: Any) -> str:
    return "{" + ", ".join(f"{_key(key)}: {_literal(item)}" for key, item in value.items()) + "}"


def _key(key: str) -> str:
    return key if all(word.isidentifier() for word in key.split(" ")) else _quoted(key)


def _range(value: Any) -> str:
    opening, closing = "[" if value.start_included else "(", "]" if value.end_included else ")"
    bounds = [_literal(bound) if bound is not None else "" for bound in (value.start, value.end)]
    if bounds[0] and bounds[1]:
        return f"{opening}{bounds[0]}..{bounds[1]}{closing}"
    if bounds[0]:
        return f"(>{'=' if value.start_included else ''} {bounds[0]})"
    return f"(<{'=' if value.end_included else ''} {bounds[1]})"


_WRITERS: dict[str, Any] = {
    NULL: lambda _: "null",
    BOOLEAN: lambda value: "true" if value else "false",
    NUMBER: write_number,
    STRING: _quoted,
    DATE: temporal_text,
    TIME: temporal_text,
    DATE_TIME: temporal_text,
    DAYS: duration_text,
    MONTHS: str,
    LIST: _list,
    CONTEXT: _context,
    RANGE: _range,
    FUNCTION: lambda value: f"function({', '.join(value.parameters)})",
}
