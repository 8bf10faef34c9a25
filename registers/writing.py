"""How a unit of work reaches the tables: few statements, each for everything of its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from engine import Text
from registers.definition import Register
from registers.errors import DuplicateNumber, InvalidRecord, StaleRecord
from registers.fields import Field
from registers.queries import FIELD_LINK, insert_into, search_text
from registers.records import Record
from registers.tables import record, record_link, record_trail


@dataclass(slots=True)
class Touched:
    """A record in a unit: as stored (None: new), as it is now, and what happened at which element."""

    stored: Record | None
    current: Record
    trail: dict[str | None, dict[str, tuple[Any, Any]]] = field(default_factory=dict)

    def trace(self, element: str | None, name: str, change: tuple[Any, Any]) -> None:
        """Remember a change; several of one field at one element become one."""
        changes = self.trail.setdefault(element, {})
        before, after = change
        if name == "link" and name in changes:
            after = f"{changes[name][1]}, {after}"
        changes[name] = (changes[name][0] if name in changes else before, after)

    def changed_references(self) -> Iterator[Field]:
        """The reference fields among what was changed."""
        for name in dict.fromkeys(name for changes in self.trail.values() for name in changes):
            definition = self.current.definition.fields.get(name)
            if definition is not None and definition.register is not None:
                yield definition


def check_references(connection: Connection, touched: Iterable[Touched], known: Mapping[str, str]) -> None:
    """Make sure that changed references point to records of the right register.

    `known` are numbers whose register is known; only the others are asked for, in one statement.

    Raises InvalidRecord.
    """
    wanted = [
        (definition, target)
        for one in touched
        for definition in one.changed_references()
        for target in definition.references(one.current.fields.get(definition.name))
        if known.get(target) != definition.register
    ]
    if not wanted:
        return
    query = select(record.c.number, record.c.register).where(record.c.number.in_({target for _, target in wanted}))
    found = {row.number: row.register for row in connection.execute(query)}
    errors: dict[str, list[Text]] = {}
    for definition, target in wanted:
        if found.get(target, known.get(target)) != definition.register:
            problem = Text(
                "there is no {number} in the register {register}", number=target, register=definition.register
            )
            errors.setdefault(definition.name, []).append(problem)
    if errors:
        raise InvalidRecord(errors)


def write_records(connection: Connection, touched: Iterable[Touched]) -> None:
    """Insert the new records in one statement, update each changed one if its revision is still the one loaded.

    Raises DuplicateNumber, StaleRecord.
    """
    added = [_row(one.current) for one in touched if one.stored is None]
    if added:
        try:
            connection.execute(insert(record), added)
        except IntegrityError as error:
            numbers = ", ".join(row["number"] for row in added)
            raise DuplicateNumber(Text("{number} exists already", number=numbers)) from error
    for one in touched:
        if one.stored is not None and _differs(one.stored, one.current):
            one.current = _updated(connection, one.current, one.stored.revision)


def _differs(stored: Record, current: Record) -> bool:
    return (stored.state, stored.fields) != (current.state, current.fields)


def _updated(connection: Connection, current: Record, revision: int) -> Record:
    changed = replace(current, revision=revision + 1)
    values = {name: value for name, value in _row(changed).items() if name not in _FIXED}
    same = (record.c.number == changed.number, record.c.revision == revision)
    if connection.execute(update(record).where(*same).values(**values)).rowcount != 1:
        raise StaleRecord(Text("{number} was changed by somebody else meanwhile; try again", number=changed.number))
    return changed


def write_links(
    connection: Connection,
    touched: Iterable[Touched],
    links: Iterable[tuple[str, str, str]],
    *,
    at: datetime,
    actor: str | None,
) -> None:
    """Write the links made by hand and those that reference fields make; drop those of references that are gone."""
    added: list[tuple[str, str, str]] = []
    removed: list[tuple[str, str, str]] = []
    for one in touched:
        for definition in one.changed_references():
            kind = FIELD_LINK + definition.name
            old = set(definition.references(one.stored.fields.get(definition.name))) if one.stored else set()
            new = set(definition.references(one.current.fields.get(definition.name)))
            added += [(one.current.number, target, kind) for target in sorted(new - old)]
            removed += [(one.current.number, target, kind) for target in sorted(old - new)]
    table = record_link
    if removed:
        matches = (and_(table.c.source == s, table.c.target == t, table.c.kind == k) for s, t, k in removed)
        connection.execute(delete(table).where(or_(*matches)))
    added += links
    if added:
        rows = [{"source": s, "target": t, "kind": k, "at": at, "actor": actor} for s, t, k in added]
        connection.execute(insert_into(connection.dialect)(table).on_conflict_do_nothing(), rows)


def write_trail(connection: Connection, touched: Iterable[Touched], *, at: datetime, actor: str | None) -> None:
    """Write one trail row per record and element, all in one statement."""
    rows = [
        {
            "number": one.current.number,
            "at": at,
            "actor": actor,
            "element": element,
            "changes": [_stored_change(one.current.definition, name, c) for name, c in changes.items()],
        }
        for one in touched
        for element, changes in one.trail.items()
    ]
    if rows:
        connection.execute(insert(record_trail), rows)


def plain(value: Any) -> Any:
    """A value as JSON where no field says how: what JSON lacks becomes text."""
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


_FIXED = ("number", "register", "created_at", "created_by")


def _row(one: Record) -> dict[str, Any]:
    definition = one.definition
    return {
        "number": one.number,
        "register": one.register,
        "state": one.state,
        "open": one.is_open,
        "fields": {name: definition.fields[name].to_json(value) for name, value in one.fields.items()},
        "search": search_text((one.number, *(one.fields.get(name) for name in definition.search))),
        "revision": one.revision,
        "created_at": one.created_at,
        "created_by": one.created_by,
        "updated_at": one.updated_at,
        "updated_by": one.updated_by,
    }


def _stored_change(definition: Register, name: str, change: Sequence[Any]) -> list[Any]:
    known = definition.fields.get(name)
    write: Callable[[Any], Any] = known.to_json if known else plain
    return [name, *(write(value) for value in change)]
