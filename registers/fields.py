"""Field types: what a register's field may hold, and how it is kept as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from engine import Text


class WrongValue(ValueError):
    """A value that the field can't hold; `text` says why."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(str(text))


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a select: the stored value and its label."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a register. `register` is what a ref points to; `columns` the typed columns of a table."""

    name: str
    type: str
    label: str
    required: bool = False
    options: tuple[Option, ...] = ()
    register: str | None = None
    columns: tuple[Field, ...] = ()

    def clean(self, value: Any) -> Any:
        """Return the value as the field's Python type; empty text and empty lists become None.

        Raises WrongValue.
        """
        if value is None or value == "" or value == [] or value == ():
            return None
        return TYPES[self.type].clean(value, self)

    def to_json(self, value: Any) -> Any:
        """Return a clean value as JSON."""
        return None if value is None else TYPES[self.type].to_json(value, self)

    def from_json(self, data: Any) -> Any:
        """Return a stored value as the field's Python type."""
        return None if data is None else TYPES[self.type].from_json(data, self)

    def references(self, value: Any) -> tuple[str, ...]:
        """The records that a clean value points to."""
        if value is None or self.register is None:
            return ()
        return (value,) if self.type == "ref" else tuple(value)


def _same(value: Any, _: Field) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class FieldType:
    """How one type checks, stores and restores its values."""

    clean: Callable[[Any, Field], Any]
    to_json: Callable[[Any, Field], Any] = field(default=_same)
    from_json: Callable[[Any, Field], Any] = field(default=_same)


def _text(value: Any, _: Field) -> str:
    if not isinstance(value, str):
        raise WrongValue(Text("must be text"))
    if "\x00" in value:  # PostgreSQL can't store it
        raise WrongValue(Text("must not hold a NUL character"))
    return value


def _int(value: Any, _: Field) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or value != int(value):
        raise WrongValue(Text("must be a whole number"))
    return int(value)


def _dec(value: Any, _: Field) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
        raise WrongValue(Text("must be a number"))
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise WrongValue(Text("must be a number")) from None
    if not number.is_finite():
        raise WrongValue(Text("must be a number"))
    return number


def _bool(value: Any, _: Field) -> bool:
    if not isinstance(value, bool):
        raise WrongValue(Text("must be yes or no"))
    return value


def _date(value: Any, _: Field) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise WrongValue(Text("must be a date"))
    return value


def _date_time(value: Any, _: Field) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise WrongValue(Text("must be a date and time with a zone"))
    return value.astimezone(UTC)


def _select(value: Any, definition: Field) -> str:
    text = str(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else _text(value, definition)
    if definition.options and text not in {option.value for option in definition.options}:
        raise WrongValue(Text("{value} is not one of the choices", value=text))
    return text


def _many(one: Callable[[Any, Field], str]) -> Callable[[Any, Field], list[str]]:
    def clean(value: Any, definition: Field) -> list[str]:
        if not isinstance(value, (list, tuple, set, frozenset)):
            raise WrongValue(Text("must be a list"))
        members = sorted(value) if isinstance(value, (set, frozenset)) else value
        return list(dict.fromkeys(one(member, definition) for member in members))

    return clean


def _table(value: Any, definition: Field) -> list[dict[str, Any]]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(row, Mapping) for row in value):
        raise WrongValue(Text("must be a list of rows"))
    rows = []
    for number, row in enumerate(value, 1):
        try:
            rows.append({column.name: column.clean(row.get(column.name)) for column in definition.columns})
        except WrongValue as error:
            raise WrongValue(Text("row {row}: {problem}", row=number, problem=error.text)) from error
    return rows


def _json(value: Any, definition: Field) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _json(inner, definition) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(inner, definition) for inner in value]
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise WrongValue(Text("can't be kept as JSON"))


def _instant(data: str, _: Field) -> datetime:
    return datetime.fromisoformat(data)


TYPES: Mapping[str, FieldType] = {
    "text": FieldType(_text),
    "area": FieldType(_text),
    "int": FieldType(_int),
    "dec": FieldType(_dec, lambda value, _: str(value), lambda data, _: Decimal(data)),
    "bool": FieldType(_bool),
    "date": FieldType(_date, lambda value, _: value.isoformat(), lambda data, _: date.fromisoformat(data)),
    # A fixed width keeps text order and time order the same, so that SQL can sort and compare.
    "dt": FieldType(_date_time, lambda value, _: value.isoformat(timespec="microseconds"), _instant),
    "select": FieldType(_select),
    "multi": FieldType(_many(_select)),
    "user": FieldType(_text),
    "users": FieldType(_many(_text)),
    "ref": FieldType(_text),
    "refs": FieldType(_many(_text)),
    "table": FieldType(
        _table,
        lambda rows, f: [{c.name: c.to_json(row.get(c.name)) for c in f.columns} for row in rows],
        lambda rows, f: [{c.name: c.from_json(row.get(c.name)) for c in f.columns} for row in rows],
    ),
    "json": FieldType(_json),
}
