"""Typed values as text: in inputs (what a browser takes back) and for reading."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any

from engine import Field, FieldType, Option, References
from web.forms.words import Speaker

DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", re.ASCII)


def input_text(value: Any, timezone: tzinfo) -> str:
    """Write a value for an input's `value`; text that was typed stays as it was typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return _local(value, timezone).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value if isinstance(value, str) else str(value)


def input_type(field: Field, text: str) -> tuple[str, str]:
    """Return an input's type and input mode.

    Browsers silently empty a date input whose text is no date, so such a text gets a plain input; numbers always do
    (with a number keyboard), because a wheel must not change them.
    """
    if field.type is FieldType.INT:
        return "text", "numeric"
    if field.type is FieldType.DEC:
        return "text", "decimal"
    if field.type is FieldType.DATE:
        return ("date" if not text or DATE.fullmatch(text) else "text"), ""
    if field.type is FieldType.DT:
        return ("datetime-local" if not text or DATE_TIME.fullmatch(text) else "text"), ""
    return {"email": "email", "phone": "tel"}.get(field.limits.kind or "", "text"), ""


def reference_text(register: str, key: str, references: References) -> str:
    """Write a record as `label (key)`, which the engine understands when it is posted back."""
    label = references.label(register, key)
    return entry_text(key, label)


def entry_text(key: str, label: str) -> str:
    """Write a register's entry as `label (key)`; the key alone where it has no other name."""
    return key if not label or label == key else f"{label} ({key})"


def read_text(field: Field, value: Any, *, references: References, speaker: Speaker, timezone: tzinfo) -> str:
    """Write a value for reading: options and records by their labels, times local. Not for tables."""
    if value is None or value == "" or value == []:
        return speaker.own("nothing")
    if isinstance(value, list | tuple):
        separate = [read_text(field, v, references=references, speaker=speaker, timezone=timezone) for v in value]
        return "; ".join(separate)
    if field.register and isinstance(value, str):
        return reference_text(field.register, value, references)
    for option in field.options:
        if option.text == Option(value, "").text:
            return speaker.form(option.label)
    if isinstance(value, bool):
        return speaker.own("yes" if value else "no")
    if field.type is FieldType.DT and isinstance(value, str) and DATE_TIME.match(value):
        value = _moment(value)
    if isinstance(value, datetime):
        return _local(value, timezone).strftime("%Y-%m-%d %H:%M")
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _moment(text: str) -> datetime | str:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text


def _local(value: datetime, timezone: tzinfo) -> datetime:
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(timezone)


def rows_to_read(value: Any) -> list[Mapping[str, Any]]:
    """Return a table's rows, whatever was kept."""
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list | tuple) else []
