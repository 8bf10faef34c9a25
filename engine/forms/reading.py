"""One posted value → one typed value, or the reason why not. Accepts what browsers post and what JSON clients send."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from engine.forms.fields import ROW_LIMIT, TEXT_LIMIT, Field, FieldType, Option
from engine.forms.references import References, pick
from engine.texts import Text

LOCAL = ZoneInfo("Asia/Shanghai")
MOST_TEXT = 10 * TEXT_LIMIT  # no form may allow more
KEY_LIMIT = 300
YEARS = range(1900, 2200)
INT = re.compile(r"[+-]?[0-9]{1,18}")
DEC = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})")
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
TRUE = frozenset({"true", "on", "yes", "1"})
FALSE = frozenset({"false", "off", "no", "0"})

NOT_TEXT = Text("Enter text.")
NOT_WHOLE = Text("Enter a whole number.")
NOT_NUMBER = Text("Enter a number.")
NOT_DATE = Text("Enter a date as year-month-day, e.g. 2026-03-01.")
NOT_DATE_TIME = Text("Enter a date and time, e.g. 2026-03-01 14:30.")
NOT_ANSWER = Text("Answer yes or no.")
NOT_OPTION = Text("Choose one of the options.")
NOT_LIST = Text("Enter a list.")
CONTROL = Text("The text contains control characters.")


@dataclass(frozen=True, slots=True)
class Reading:
    """A typed value, or None with the problem.

    `candidates` are the records (key, label) that ambiguous text may mean; `entries` the single readings of a list of
    references, with the text that each was given as.
    """

    value: Any = None
    problem: Text | None = None
    candidates: tuple[tuple[str, str], ...] = ()
    entries: tuple[tuple[str, Reading], ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads values in one person's surroundings: the registers to pick from and the local time zone.

    `allowed(field, key)` says whether a record may be picked in that field.
    """

    references: References
    allowed: Callable[[Field, str], bool]
    timezone: tzinfo = LOCAL

    def read(self, field: Field, raw: Any, options: tuple[Option, ...] = ()) -> Reading:
        """Turn a raw value into the field's type; rows of tables are read cell by cell elsewhere."""
        if _blank(raw) or (isinstance(raw, list | tuple) and not raw):
            return Reading(_nothing(field))
        match field.type:
            case FieldType.TEXT | FieldType.AREA:
                return _text(raw, lines=field.type is FieldType.AREA)
            case FieldType.INT:
                return _whole(raw)
            case FieldType.DEC:
                return _number(raw)
            case FieldType.BOOL:
                return _answer(raw)
            case FieldType.DATE:
                return _date(raw, self.timezone)
            case FieldType.DT:
                return _date_time(raw, self.timezone)
            case FieldType.SELECT:
                return _option(raw, options)
            case FieldType.MULTI:
                return _several_options(raw, options)
            case FieldType.REF:
                return self._reference(field, raw)
            case FieldType.REFS:
                return self._several_references(field, raw)
        return Reading(problem=NOT_LIST)

    def _reference(self, field: Field, raw: Any) -> Reading:
        reading = _text(raw, lines=False)
        text = reading.value
        if reading.problem is not None:
            return reading
        if len(text) > KEY_LIMIT:
            return Reading(problem=Text("This is too long for a name or number."))
        found = pick(
            text, register=field.register or "", references=self.references, allowed=partial(self.allowed, field)
        )
        if found.key is not None:
            return Reading(found.key)
        if not found.candidates:
            return Reading(problem=Text("Nothing is found for “{text}”.", text=text))
        return Reading(
            problem=Text("“{text}” is not precise enough: choose one.", text=text), candidates=found.candidates
        )

    def _several_references(self, field: Field, raw: Any) -> Reading:
        entries = [raw] if isinstance(raw, str) else raw
        if not isinstance(entries, list | tuple):
            return Reading(problem=NOT_LIST)
        if len(entries) > ROW_LIMIT:
            return Reading(problem=Text("Choose at most {limit}.", limit=ROW_LIMIT))
        readings = [(str(entry), self._reference(field, entry)) for entry in entries if not _blank(entry)]
        keys = list(dict.fromkeys(reading.value for _, reading in readings if reading.problem is None))
        problems = [reading.problem for _, reading in readings if reading.problem is not None]
        return Reading(None if problems else keys, problems[0] if problems else None, entries=tuple(readings))


def _nothing(field: Field) -> Any:
    if field.type in (FieldType.MULTI, FieldType.REFS, FieldType.TABLE):
        return []
    return False if field.type is FieldType.BOOL and field.widget == "checkbox" else None


def _text(raw: Any, *, lines: bool) -> Reading:
    if not isinstance(raw, str):
        return Reading(problem=NOT_TEXT)
    if len(raw) > MOST_TEXT:
        return Reading(problem=Text("The text is longer than {limit} characters.", limit=MOST_TEXT))
    text = raw.replace("\r\n", "\n").strip()
    kept = "\n\t" if lines else ""
    if any(unicodedata.category(letter) in ("Cc", "Cs") and letter not in kept for letter in text):
        return Reading(problem=CONTROL)
    return Reading(text)


def _whole(raw: Any) -> Reading:
    if isinstance(raw, str):
        text = unicodedata.normalize("NFKC", raw[:100]).strip()
        return Reading(int(text)) if INT.fullmatch(text) and len(raw) <= 100 else Reading(problem=NOT_WHOLE)
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal | float):
        return Reading(problem=NOT_WHOLE)
    number = Decimal(raw)
    if not _is_handy(number) or number != int(number):
        return Reading(problem=NOT_WHOLE)
    return Reading(int(number))


def _number(raw: Any) -> Reading:
    if isinstance(raw, str):
        text = unicodedata.normalize("NFKC", raw[:100]).strip()
        return Reading(Decimal(text)) if DEC.fullmatch(text) and len(raw) <= 100 else Reading(problem=NOT_NUMBER)
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal | float):
        return Reading(problem=NOT_NUMBER)
    number = Decimal(repr(raw)) if isinstance(raw, float) else Decimal(raw)
    return Reading(number) if _is_handy(number) else Reading(problem=NOT_NUMBER)


def _is_handy(number: Decimal) -> bool:
    """Tell whether a number has at most 18 digits before and 12 after the point; nothing is computed with others."""
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and -12 <= exponent <= 18 and (not number or number.adjusted() < 18)


def _answer(raw: Any) -> Reading:
    if isinstance(raw, bool):
        return Reading(raw)
    word = raw.strip().lower() if isinstance(raw, str) else ""
    if word in TRUE or word in FALSE:
        return Reading(word in TRUE)
    return Reading(problem=NOT_ANSWER)


def _date(raw: Any, timezone: tzinfo) -> Reading:
    if isinstance(raw, datetime):
        moment = _date_time(raw, timezone)
        return (
            Reading(moment.value.astimezone(timezone).date()) if moment.problem is None else Reading(problem=NOT_DATE)
        )
    try:
        value = date.fromisoformat(raw.strip()) if isinstance(raw, str) and DATE.fullmatch(raw.strip()) else raw
    except ValueError:
        return Reading(problem=NOT_DATE)
    return Reading(value) if isinstance(value, date) and value.year in YEARS else Reading(problem=NOT_DATE)


def _date_time(raw: Any, timezone: tzinfo) -> Reading:
    try:
        text = isinstance(raw, str) and DATE_TIME.fullmatch(raw.strip())
        value = datetime.fromisoformat(raw.strip()) if text else raw
    except ValueError:
        return Reading(problem=NOT_DATE_TIME)
    if not isinstance(value, datetime) or value.year not in YEARS:
        return Reading(problem=NOT_DATE_TIME)
    return Reading((value if value.tzinfo else value.replace(tzinfo=timezone)).astimezone(UTC))


def _option(raw: Any, options: tuple[Option, ...]) -> Reading:
    given = _whole(raw).value if isinstance(raw, Decimal) else raw
    for option in options:
        if option.text == given.strip() if isinstance(given, str) else _is_same(option.value, given):
            return Reading(option.value)
    return Reading(problem=NOT_OPTION)


def _is_same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and a == b  # 1 is not True


def _several_options(raw: Any, options: tuple[Option, ...]) -> Reading:
    entries = [raw] if isinstance(raw, str) else raw
    if not isinstance(entries, list | tuple):
        return Reading(problem=NOT_LIST)
    if len(entries) > 2 * ROW_LIMIT:
        return Reading(problem=Text("Choose at most {limit}.", limit=2 * ROW_LIMIT))
    readings = [_option(entry, options) for entry in entries if not _blank(entry)]
    if any(reading.problem for reading in readings):
        return Reading(problem=NOT_OPTION)
    chosen = {Option(reading.value, "").text for reading in readings}
    return Reading([option.value for option in options if option.text in chosen])


def _blank(entry: Any) -> bool:
    return entry is None or (isinstance(entry, str) and not entry.strip())


def rows_of(raw: Any) -> list[Mapping[str, Any]] | None:
    """Return a table's raw rows, or None if this isn't a list of mappings."""
    if raw in (None, ""):
        return []
    if not isinstance(raw, list | tuple) or not all(isinstance(row, Mapping) for row in raw[: 2 * ROW_LIMIT]):
        return None
    return list(raw)
