"""SQL over records: filters, orders and text search, from names that a register's definition allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Numeric,
    RowMapping,
    Select,
    String,
    and_,
    cast,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite

from engine import Text
from registers.definition import COMMON_COLUMNS, Definitions, Register
from registers.errors import InvalidQuery
from registers.fields import Field, WrongValue
from registers.records import Between, Record
from registers.tables import record, record_link

FIELD_LINK = "field:"  # begins the kind of links that reference fields make

# Loading what isn't one of the register's own columns would only cost.
RECORD_COLUMNS = tuple(column for column in record.c if column.name not in ("search", "open"))


def insert_into(dialect: Dialect) -> Any:
    """The `insert` of this database, which knows ON CONFLICT."""
    return sqlite.insert if dialect.name == "sqlite" else postgresql.insert


def record_from(row: RowMapping, definitions: Definitions) -> Record:
    """Build a record from a row of `RECORD_COLUMNS`; fields that the definition has lost are left out."""
    definition = definitions[row["register"]]
    stored = row["fields"]
    fields = {name: f.from_json(stored[name]) for name, f in definition.fields.items() if name in stored}
    return Record(
        number=row["number"],
        register=row["register"],
        state=row["state"],
        fields=fields,
        revision=row["revision"],
        created_at=row["created_at"],
        created_by=row["created_by"],
        updated_at=row["updated_at"],
        updated_by=row["updated_by"],
        definition=definition,
    )


def load_records(connection: Connection, definitions: Definitions, numbers: Iterable[str]) -> dict[str, Record]:
    """Read those of the numbers that exist, in one statement."""
    wanted = list(dict.fromkeys(numbers))
    if not wanted:
        return {}
    rows = connection.execute(select(*RECORD_COLUMNS).where(record.c.number.in_(wanted))).mappings()
    return {row["number"]: record_from(row, definitions) for row in rows}


def load_with_references(connection: Connection, definitions: Definitions, number: str) -> dict[str, Record]:
    """Read a record and those that its reference fields point to, in one statement."""
    is_reference = record_link.c.kind.startswith(FIELD_LINK, autoescape=True)
    targets = select(record_link.c.target).where(record_link.c.source == number, is_reference)
    wanted = or_(record.c.number == number, record.c.number.in_(targets))
    rows = connection.execute(select(*RECORD_COLUMNS).where(wanted)).mappings()
    return {row["number"]: record_from(row, definitions) for row in rows}


def search_text(values: Iterable[Any]) -> str:
    """What a record or person is found by: case-folded, so that a folded query is a substring of it."""
    return "\n".join(str(value).casefold() for value in values if value not in (None, ""))


def contains(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Every word of the text occurs in the column; wildcards in it are ordinary characters."""
    words = [word for word in text.casefold().split() if word]
    clauses = [column.contains(word, autoescape=True) for word in words]
    return clauses[0] if len(clauses) == 1 else _all(clauses)


def _all(clauses: list[ColumnElement[bool]]) -> ColumnElement[bool]:
    return and_(true(), *clauses)


def select_records(register: Register, filters: Mapping[str, Any]) -> Select[Any]:
    """Select the register's records that meet every filter.

    Filters are `state`, `open`, `text`, a common column or a field; a value is one value, a list of them, or `Between`.
    Empty values filter nothing.

    Raises InvalidQuery with every filter that isn't possible.
    """
    query = select(*RECORD_COLUMNS).where(record.c.register == register.key)
    errors: dict[str, list[Text]] = {}
    for name, value in filters.items():
        if value is None or value == "" or value == []:
            continue
        try:
            query = query.where(_condition(register, name, value))
        except WrongValue as error:
            errors[name] = [error.text]
    if errors:
        raise InvalidQuery(errors)
    return query


def ordered(query: Select[Any], register: Register, order: str | None) -> Select[Any]:
    """Sort by a common or list column; a leading minus reverses. Numbers decide between equals.

    Raises InvalidQuery.
    """
    wanted = order or register.sort
    name = wanted.removeprefix("-")
    if name not in register.orders:
        raise InvalidQuery({"order": [Text("{register} can't be sorted by {name}", register=register.key, name=name)]})
    common = name in COMMON_COLUMNS
    column = record.c[name] if common else _typed(register.fields[name])
    down = wanted.startswith("-")
    first = column.desc() if down else column.asc()
    if not common or record.c[name].nullable:  # where it isn't needed, it would keep the index from being used
        first = first.nulls_last()
    return query.order_by(first, record.c.number.desc() if down else record.c.number.asc())


def counted(query: Select[Any]) -> Select[Any]:
    """Count what a query would return."""
    return select(func.count()).select_from(query.order_by(None).subquery())


def _condition(register: Register, name: str, value: Any) -> ColumnElement[bool]:
    if name == "text":
        return contains(record.c.search, str(value)) if str(value).strip() else _all([])
    if name == "open":
        return record.c.open.is_(bool(value))
    if name == "state":
        return _in_state(register, _many(value))
    if name in COMMON_COLUMNS:
        return _compare(record.c[name], value, lambda one: one)
    if name not in register.fields:
        raise WrongValue(Text("{register} has no field {name}", register=register.key, name=name))
    field = register.fields[name]
    if field.register is not None:
        return _points_to(field, value)
    if field.type in ("multi", "users"):
        held = cast(record.c.fields[name], String)
        return or_(*(held.contains(f'"{member}"', autoescape=True) for member in _many(value)))
    if field.type in ("table", "json"):
        raise WrongValue(Text("{name} can't be filtered by", name=name))
    return _compare(_typed(field), value, lambda one: _sql_value(field, one))


def _in_state(register: Register, states: list[Any]) -> ColumnElement[bool]:
    """States that are all open (or all closed) say so too: open records are few, and have an index."""
    known = {register.states[state].terminal for state in states if state in register.states}
    wanted = record.c.state.in_(states)
    return and_(wanted, record.c.open.is_(not known.pop())) if len(known) == 1 else wanted


def _points_to(field: Field, value: Any) -> ColumnElement[bool]:
    """Reference fields are links too, and these have an index: 50 000 incidents are searched in milliseconds."""
    targets = [field.clean([one])[0] if field.type == "refs" else field.clean(one) for one in _many(value)]
    link = record_link.c
    return record.c.number.in_(
        select(link.source).where(link.target.in_(targets), link.kind == FIELD_LINK + field.name)
    )


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]


def _compare(column: ColumnElement[Any], value: Any, convert: Any) -> ColumnElement[bool]:
    if isinstance(value, Between):
        clauses = []
        if value.low is not None:
            clauses.append(column >= convert(value.low))
        if value.high is not None:
            clauses.append(column < convert(value.high))
        return _all(clauses)
    if isinstance(value, (list, tuple, set, frozenset)):
        return column.in_([convert(one) for one in value])
    converted = convert(value)
    return column.is_(converted) if isinstance(converted, bool) else column == converted


def _typed(field: Field) -> ColumnElement[Any]:
    path = record.c.fields[field.name]
    if field.type == "int":
        return path.as_integer()
    if field.type == "bool":
        return path.as_boolean()
    if field.type == "dec":
        return cast(path.as_string(), Numeric(38, 12))
    return path.as_string()


def _sql_value(field: Field, value: Any) -> Any:
    clean = field.clean(value)
    return field.to_json(clean) if isinstance(clean, (date, datetime)) else clean
