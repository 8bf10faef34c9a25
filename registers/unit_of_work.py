"""One transaction's view of the registers: changes pile up per record and are written once, at the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from registers.calendars import ZONE, Calendars, WorkingCalendar
from registers.definition import Definitions, Register
from registers.engine_names import Text
from registers.errors import DuplicateNumber, InvalidRecord, RecordNotFound, StaleRecord
from registers.fields import WrongValue
from registers.knowledge import Knowledge
from registers.outbox import Outbox
from registers.people import People
from registers.queries import (
    RECORD_COLUMNS,
    counted,
    insert_into,
    ordered,
    record_from,
    search_text,
    select_records,
)
from registers.records import Change, Link, Note, Page, Record
from registers.sla import SlaClocks
from registers.tables import number_sequence, record, record_link, record_note, record_trail

FIELD_LINK = "field:"


@dataclass(slots=True)
class _Touched:
    """A record in this unit: as stored (None: new), as it is now, and what happened at which element."""

    stored: Record | None
    current: Record
    trail: dict[str | None, dict[str, tuple[Any, Any]]] = field(default_factory=dict)


class Registers:
    """The registers within one transaction, for one actor at one moment.

    A record is loaded at most once, checked against its revision when written, and its trail says who changed what
    at which element. Nothing is written before `flush`, which `RegisterStore.begin` calls at its successful end;
    queries flush first, so that they see what was changed.
    """

    def __init__(
        self,
        connection: Connection,
        definitions: Definitions,
        *,
        actor: str | None,
        now: datetime,
        element: str | None,
        calendars: Calendars,
        people: People,
    ) -> None:
        self.connection = connection
        self.definitions = definitions
        self.actor = actor
        self.now = now
        self.element = element
        self.people = people
        self._calendars = calendars
        self._touched: dict[str, _Touched] = {}
        self._known: set[str] = set()
        self._notes: list[dict[str, Any]] = []
        self._links: list[tuple[str, str, str]] = []
        self.sla = SlaClocks(self)
        self.outbox = Outbox(self)
        self.knowledge = Knowledge(self)

    # --- records --------------------------------------------------------------------------------------------------

    def open(
        self, register: str, fields: Mapping[str, Any], *, number: str | None = None, state: str | None = None
    ) -> Record:
        """Add a record in the register's initial (or the given) state, numbered by the register's pattern.

        Raises InvalidRecord with all errors, UnknownRegister, DuplicateNumber (at the latest when it is written).
        """
        definition = self.definitions[register]
        clean = self._clean(definition, fields)
        missing = {
            n: [Text("is required")] for n, f in definition.fields.items() if f.required and clean.get(n) is None
        }
        if missing:
            raise InvalidRecord(missing)
        if number is None:
            number = self.next_number(register)
        else:
            self._skip_number(definition, number)
        if number in self._touched:
            raise DuplicateNumber(Text("{number} exists already", number=number))
        now, actor = self.now, self.actor
        opened = state or definition.initial
        empty = Record(number, register, opened, {}, 1, now, actor, now, actor, definition)
        self._touched[number] = _Touched(None, empty)
        self._trace(number, "state", None, opened)
        return self._apply(number, clean)

    def get(self, number: str) -> Record:
        """Return a record by its number. Raises RecordNotFound."""
        found = self.load([number])
        if number not in found:
            raise RecordNotFound(Text("there is no record {number}", number=number))
        return found[number]

    def load(self, numbers: Iterable[str]) -> dict[str, Record]:
        """Return those of the numbers that exist, in one statement for all that aren't here yet."""
        wanted = list(dict.fromkeys(numbers))
        missing = [number for number in wanted if number not in self._touched]
        if missing:
            rows = self.connection.execute(select(*RECORD_COLUMNS).where(record.c.number.in_(missing)))
            for row in rows.mappings():
                self._keep(record_from(row, self.definitions))
        return {number: self._touched[number].current for number in wanted if number in self._touched}

    def update(self, number: str, changes: Mapping[str, Any]) -> Record:
        """Change fields of a record; what stays equal leaves no trace.

        Raises InvalidRecord with all errors, RecordNotFound.
        """
        found = self.get(number)
        clean = self._clean(found.definition, changes)
        emptied = [n for n, v in clean.items() if v is None and found.definition.fields[n].required]
        if emptied:
            raise InvalidRecord({name: [Text("is required")] for name in emptied})
        return self._apply(number, clean)

    def transition(self, number: str, state: str) -> Record:
        """Move a record to another state; to the same state is no move.

        Raises IllegalTransition (`ERR_ILLEGAL_TRANSITION`), RecordNotFound.
        """
        found = self.get(number)
        found.definition.check_transition(number, found.state, state)
        if state == found.state:
            return found
        self._trace(number, "state", found.state, state)
        return self._keep_current(replace(found, state=state))

    def next_number(self, register: str) -> str:
        """Take the register's next number: without gaps, as the transaction that takes it must commit to use it up.

        `register` may also be the prefix (`INC`).
        """
        definition = self._numbered(register)
        pattern = str(definition.number)
        year = self.now.astimezone(ZONE).year if "{year" in pattern else 0
        table = number_sequence
        statement = insert_into(self.connection.dialect)(table).values(prefix=_prefix(pattern), year=year, last=1)
        statement = statement.on_conflict_do_update(
            index_elements=[table.c.prefix, table.c.year], set_={"last": table.c.last + 1}
        ).returning(table.c.last)
        return pattern.format(year=year, serial=self.connection.execute(statement).scalar_one())

    # --- around a record ------------------------------------------------------------------------------------------

    def note(self, number: str, text: str | Text) -> None:
        """Add an entry to a record's timeline. A `Text` is shown in the reader's language."""
        if number not in self._touched and number not in self._known:
            self.get(number)
        template, values = (text.template, dict(text.values)) if isinstance(text, Text) else (text, None)
        self._notes.append(
            {
                "number": number,
                "at": self.now,
                "actor": self.actor,
                "element": self.element,
                "text": template,
                "values": None if values is None else {key: _plain(value) for key, value in values.items()},
            }
        )

    def link(self, source: str, target: str, kind: str) -> None:
        """Link two records; a link that exists already stays as it is. Raises RecordNotFound."""
        missing = {source, target} - self.load([source, target]).keys()
        if missing:
            raise RecordNotFound(Text("there is no record {number}", number=", ".join(sorted(missing))))
        self._links.append((source, target, kind))
        self._trace(source, "link", None, f"{kind} {target}")
        self._trace(target, "link", None, f"{kind} {source}")

    def links(self, number: str) -> list[Link]:
        """All links of a record, from whichever end they were made; reference fields count as links."""
        self.flush()
        far = record.alias("far")
        table = record_link
        query = (
            select(table.c.kind, table.c.source, table.c.at, table.c.actor, *(far.c[c.name] for c in RECORD_COLUMNS))
            .join(
                far,
                or_(
                    and_(table.c.source == number, far.c.number == table.c.target),
                    and_(table.c.target == number, far.c.number == table.c.source),
                ),
            )
            .order_by(table.c.id)
        )
        return [
            Link(row["kind"], row["source"] == number, record_from(row, self.definitions), row["at"], row["actor"])
            for row in self.connection.execute(query).mappings()
        ]

    def notes(self, number: str) -> list[Note]:
        """The record's timeline, oldest first."""
        self.flush()
        query = select(record_note).where(record_note.c.number == number).order_by(record_note.c.id)
        return [
            Note(
                row["at"],
                row["actor"],
                row["element"],
                row["text"] if row["values"] is None else Text(row["text"], **row["values"]),
            )
            for row in self.connection.execute(query).mappings()
        ]

    def trail(self, number: str) -> list[Change]:
        """Every change of the record, field by field, oldest first."""
        definition = self.get(number).definition
        self.flush()
        query = select(record_trail).where(record_trail.c.number == number).order_by(record_trail.c.id)
        changes = []
        for row in self.connection.execute(query).mappings():
            for name, (before, after) in row["changes"].items():
                known = definition.fields.get(name)
                read = known.from_json if known else _plain
                changes.append(Change(row["at"], row["actor"], row["element"], name, read(before), read(after)))
        return changes

    # --- lists ----------------------------------------------------------------------------------------------------

    def find(self, register: str, *, limit: int | None = None, **equals: Any) -> list[Record]:
        """Return records by `state`, `open`, `text`, fields; in the register's order. Raises InvalidQuery."""
        self.flush()
        definition = self.definitions[register]
        query = ordered(select_records(definition, equals), definition, None)
        rows = self.connection.execute(query.limit(limit) if limit else query).mappings()
        return [self._keep(record_from(row, self.definitions)) for row in rows]

    def count(self, register: str, **equals: Any) -> int:
        """Count records that `find` would return."""
        self.flush()
        return self.connection.execute(counted(select_records(self.definitions[register], equals))).scalar_one()

    def page(
        self,
        register: str,
        filters: Mapping[str, Any] | None = None,
        *,
        order: str | None = None,
        number: int = 1,
        size: int = 25,
    ) -> Page[Record]:
        """Return one page of a register in two statements, however long it is.

        Raises InvalidQuery with every filter or order that the register doesn't offer.
        """
        self.flush()
        definition = self.definitions[register]
        query = select_records(definition, filters or {})
        number = max(1, number)
        rows = self.connection.execute(ordered(query, definition, order).limit(size).offset((number - 1) * size))
        records = tuple(self._keep(record_from(row, self.definitions)) for row in rows.mappings())
        return Page(records, self.connection.execute(counted(query)).scalar_one(), number, size)

    def calendar(self, name: str) -> WorkingCalendar:
        """Return a business calendar by its name, `CAL-24x7` or `CAL-5x8`."""
        return self._calendars[name]

    def vouch(self, numbers: Iterable[str]) -> None:
        """Take records as existing because they were checked in this very transaction, and save the statement."""
        self._known.update(numbers)

    @contextmanager
    def at_element(self, element: str) -> Iterator[None]:
        """Name an element of the diagram in the trail of what is changed meanwhile."""
        before, self.element = self.element, element
        try:
            yield
        finally:
            self.element = before

    # --- writing --------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Write what has piled up: one UPDATE per touched record, one INSERT for all their trail rows.

        Raises StaleRecord when another transaction was faster, InvalidRecord for references to nothing.
        """
        touched = [t for t in self._touched.values() if t.trail]
        self._check_references(touched)
        self._write_records(touched)
        self._write_links(touched)
        self._write_trail(touched)
        if self._notes:
            self.connection.execute(insert(record_note), self._notes)
            self._notes = []
        for one in touched:
            one.stored, one.trail = one.current, {}
        self.sla.flush()
        self.outbox.flush()

    def _write_records(self, touched: Sequence[_Touched]) -> None:
        added = [_row(t.current) for t in touched if t.stored is None]
        if added:
            try:
                self.connection.execute(insert(record), added)
            except IntegrityError as error:
                numbers = ", ".join(row["number"] for row in added)
                raise DuplicateNumber(Text("{number} exists already", number=numbers)) from error
        for one in touched:
            if one.stored is None or (one.stored.state, one.stored.fields) == (one.current.state, one.current.fields):
                continue
            one.current = replace(one.current, revision=one.stored.revision + 1)
            statement = update(record).where(
                record.c.number == one.current.number, record.c.revision == one.stored.revision
            )
            values = _row(one.current)
            if self.connection.execute(statement.values(**values)).rowcount != 1:
                raise StaleRecord(
                    Text("{number} was changed by somebody else meanwhile; try again", number=one.current.number)
                )

    def _write_trail(self, touched: Sequence[_Touched]) -> None:
        rows = [
            {
                "number": one.current.number,
                "at": self.now,
                "actor": self.actor,
                "element": element,
                "changes": {name: _stored_change(one.current.definition, name, c) for name, c in changes.items()},
            }
            for one in touched
            for element, changes in one.trail.items()
        ]
        if rows:
            self.connection.execute(insert(record_trail), rows)

    def _write_links(self, touched: Sequence[_Touched]) -> None:
        added, removed = [], []
        for one in touched:
            for name in {name for changes in one.trail.values() for name in changes}:
                definition = one.current.definition.fields.get(name)
                if definition is None or definition.register is None:
                    continue
                old = set(definition.references(one.stored.fields.get(name))) if one.stored else set()
                new = set(definition.references(one.current.fields.get(name)))
                added += [(one.current.number, target, FIELD_LINK + name) for target in sorted(new - old)]
                removed += [(one.current.number, target, FIELD_LINK + name) for target in old - new]
        table = record_link
        if removed:
            matches = (and_(table.c.source == s, table.c.target == t, table.c.kind == k) for s, t, k in removed)
            self.connection.execute(delete(table).where(or_(*matches)))
        rows = [
            {"source": source, "target": target, "kind": kind, "at": self.now, "actor": self.actor}
            for source, target, kind in added + self._links
        ]
        if rows:
            self.connection.execute(insert_into(self.connection.dialect)(table).on_conflict_do_nothing(), rows)
        self._links = []

    def _check_references(self, touched: Sequence[_Touched]) -> None:
        wanted: dict[str, list[str]] = {}
        for one in touched:
            for name in {name for changes in one.trail.values() for name in changes}:
                definition = one.current.definition.fields.get(name)
                for target in definition.references(one.current.fields.get(name)) if definition else ():
                    if target not in self._touched and target not in self._known:
                        wanted.setdefault(target, []).append(name)
        if not wanted:
            return
        found = set(self.connection.execute(select(record.c.number).where(record.c.number.in_(wanted))).scalars())
        self._known |= found
        errors = {
            name: [Text("there is no record {number}", number=target)]
            for target, names in wanted.items()
            if target not in found
            for name in names
        }
        if errors:
            raise InvalidRecord(errors)

    # --- inside ---------------------------------------------------------------------------------------------------

    def _clean(self, definition: Register, values: Mapping[str, Any]) -> dict[str, Any]:
        clean: dict[str, Any] = {}
        errors: dict[str, list[Text]] = {}
        for name, value in values.items():
            if name not in definition.fields:
                errors[name] = [Text("{register} has no field {name}", register=definition.key, name=name)]
                continue
            try:
                clean[name] = definition.fields[name].clean(value)
            except WrongValue as error:
                errors[name] = [error.text]
        if errors:
            raise InvalidRecord(errors)
        return clean

    def _apply(self, number: str, clean: Mapping[str, Any]) -> Record:
        current = self._touched[number].current
        fields = dict(current.fields)
        for name, value in clean.items():
            if fields.get(name) == value:
                continue
            self._trace(number, name, fields.get(name), value)
            if value is None:
                del fields[name]
            else:
                fields[name] = value
        return self._keep_current(replace(current, fields=fields))

    def _keep(self, found: Record) -> Record:
        """Remember a loaded record; what this unit holds already is newer than the row."""
        return self._touched.setdefault(found.number, _Touched(found, found)).current

    def _keep_current(self, changed: Record) -> Record:
        touched = self._touched[changed.number]
        touched.current = replace(changed, updated_at=self.now, updated_by=self.actor) if touched.trail else changed
        return touched.current

    def _trace(self, number: str, name: str, before: Any, after: Any) -> None:
        changes = self._touched[number].trail.setdefault(self.element, {})
        if name == "link" and name in changes:
            after = f"{changes[name][1]}, {after}"
        changes[name] = (changes[name][0] if name in changes else before, after)

    def _numbered(self, register: str) -> Register:
        for definition in self.definitions.values():
            if definition.number and register in (definition.key, _prefix(definition.number)):
                return definition
        self.definitions[register]  # raises UnknownRegister for what is neither a key nor a prefix
        raise InvalidRecord({"number": [Text("{register} numbers are given from outside", register=register)]})

    def _skip_number(self, definition: Register, number: str) -> None:
        """Make sure that a number given from outside is never given again by the sequence."""
        pattern = definition.number
        match = re.fullmatch(_expression(pattern), number) if pattern else None
        if pattern is None or match is None:
            return
        year, serial = int(match.groupdict().get("year") or 0), int(match["serial"])
        table = number_sequence
        statement = insert_into(self.connection.dialect)(table).values(prefix=_prefix(pattern), year=year, last=serial)
        statement = statement.on_conflict_do_update(
            index_elements=[table.c.prefix, table.c.year],
            set_={"last": statement.excluded.last},
            where=table.c.last < statement.excluded.last,
        )
        self.connection.execute(statement)


def _prefix(pattern: str) -> str:
    return pattern.split("-", 1)[0]


def _expression(pattern: str) -> str:
    return re.sub(r"\\{(year|serial)[^}]*\\}", r"(?P<\1>\\d+)", re.escape(pattern))


def _row(one: Record) -> dict[str, Any]:
    definition = one.definition
    found_by = (one.fields.get(name) for name in definition.search)
    return {
        "number": one.number,
        "register": one.register,
        "state": one.state,
        "open": one.is_open,
        "fields": {name: definition.fields[name].to_json(value) for name, value in one.fields.items()},
        "search": search_text((one.number, *found_by)),
        "revision": one.revision,
        "created_at": one.created_at,
        "created_by": one.created_by,
        "updated_at": one.updated_at,
        "updated_by": one.updated_by,
    }


def _stored_change(definition: Register, name: str, change: tuple[Any, Any]) -> list[Any]:
    known = definition.fields.get(name)
    write: Callable[[Any], Any] = known.to_json if known else _plain
    return [write(change[0]), write(change[1])]


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
