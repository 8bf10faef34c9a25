"""One transaction's view of the registers: changes pile up per record and are written once, at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from engine import Page, Text
from registers.around import links_of, notes_of, trail_of
from registers.calendars import Calendars, WorkingCalendar
from registers.definition import Definitions, Register
from registers.errors import DuplicateNumber, InvalidRecord, ProtectedRecord, RecordNotFound
from registers.fields import WrongValue
from registers.knowledge import Knowledge
from registers.numbering import numbered, reserve_number, take_number
from registers.outbox import Outbox
from registers.people import People
from registers.queries import counted, load_records, load_with_references, ordered, record_from, select_records
from registers.records import Change, Link, Note, Record
from registers.references import References
from registers.sla_clocks import SlaClocks
from registers.tables import record_note
from registers.writing import Touched, check_references, plain, write_links, write_records, write_trail


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
        take_write_lock: Callable[[], None],
    ) -> None:
        self.connection = connection
        self.definitions = definitions
        self.actor = actor
        self.now = now
        self.element = element
        self.people = people
        self._calendars = calendars
        self._take_write_lock = take_write_lock
        self._touched: dict[str, Touched] = {}
        self._authorised: set[str] = set()
        self._notes: list[dict[str, Any]] = []
        self._links: list[tuple[str, str, str]] = []
        self.sla = SlaClocks(self)
        self.outbox = Outbox(self)
        self.knowledge = Knowledge(self)
        self.references = References(
            lambda: nullcontext(connection), definitions, people, load=self.load, locale="", at=now
        )

    # --- records --------------------------------------------------------------------------------------------------

    def open(
        self, register: str, fields: Mapping[str, Any], *, number: str | None = None, state: str | None = None
    ) -> Record:
        """Add a record in the register's initial (or the given) state, numbered by the register's pattern.

        Raises InvalidRecord with all errors, UnknownRegister, ProtectedRecord, DuplicateNumber (at the latest when
        it is written).
        """
        definition = self.definitions[register]
        self._check_authority(definition, number or register)
        clean = self._clean(definition, fields)
        missing = {
            n: [Text("is required")] for n, f in definition.fields.items() if f.required and clean.get(n) is None
        }
        if missing:
            raise InvalidRecord(missing)
        if number is None:
            number = self.next_number(register)
        elif definition.number:
            reserve_number(self.writable(), definition.number, number)
        if number in self._touched:
            raise DuplicateNumber(Text("{number} exists already", number=number))
        now, actor = self.now, self.actor
        opened = state or definition.initial
        empty = Record(number, register, opened, {}, 1, now, actor, now, actor, definition)
        self._touched[number] = Touched(None, empty)
        self._trace(number, "state", None, opened)
        return self._apply(number, clean)

    def get(self, number: str) -> Record:
        """Return a record by its number. Raises RecordNotFound."""
        found = self.load([number])
        if number not in found:
            raise RecordNotFound(Text("there is no record {number}", number=number))
        return found[number]

    def load(self, numbers: Iterable[str]) -> dict[str, Record]:
        """Return those of the numbers that exist, in one statement for all that aren't here yet.

        A single one brings the records along that it refers to: a form will ask for them, a mail name them.
        """
        wanted = list(dict.fromkeys(numbers))
        missing = [number for number in wanted if number not in self._touched]
        if len(missing) == 1:
            read = load_with_references(self.connection, self.definitions, missing[0])
        else:
            read = load_records(self.connection, self.definitions, missing)
        for found in read.values():
            self._keep(found)
        return {number: self._touched[number].current for number in wanted if number in self._touched}

    def at_hand(self, number: str) -> Record | None:
        """Return a record if this unit has it already, without asking the database."""
        return self._touched[number].current if number in self._touched else None

    def update(self, number: str, changes: Mapping[str, Any]) -> Record:
        """Change fields of a record; what stays equal leaves no trace.

        Raises InvalidRecord with all errors, ProtectedRecord, RecordNotFound.
        """
        found = self.get(number)
        self._check_authority(found.definition, number)
        clean = self._clean(found.definition, changes)
        emptied = [n for n, v in clean.items() if v is None and found.definition.fields[n].required]
        if emptied:
            raise InvalidRecord({name: [Text("is required")] for name in emptied})
        return self._apply(number, clean)

    def transition(self, number: str, state: str) -> Record:
        """Move a record to another state; to the same state is no move.

        Raises IllegalTransition (`ERR_ILLEGAL_TRANSITION`), ProtectedRecord, RecordNotFound.
        """
        found = self.get(number)
        found.definition.check_transition(number, found.state, state)
        if state == found.state:
            return found
        self._check_authority(found.definition, number)
        self._trace(number, "state", found.state, state)
        return self._keep_current(replace(found, state=state))

    def next_number(self, register: str) -> str:
        """Take the register's next number, without gaps; `register` may also be the prefix (`INC`).

        Raises UnknownRegister, InvalidRecord for a register whose numbers come from outside.
        """
        definition = numbered(self.definitions, register)
        return take_number(self.writable(), str(definition.number), self.now)

    # --- around a record ------------------------------------------------------------------------------------------

    def note(self, number: str, text: str | Text) -> None:
        """Add an entry to a record's timeline. A `Text` is shown in the reader's language."""
        self.get(number)
        template, values = (text.template, dict(text.values)) if isinstance(text, Text) else (text, None)
        self._notes.append(
            {
                "number": number,
                "at": self.now,
                "actor": self.actor,
                "element": self.element,
                "text": template,
                "values": None if values is None else {key: plain(value) for key, value in values.items()},
            }
        )

    def link(self, source: str, target: str, kind: str) -> None:
        """Link two records; a link that exists already stays as it is. Raises RecordNotFound."""
        missing = {source, target} - self.load([source, target]).keys()
        if missing:
            raise RecordNotFound(Text("there is no record {number}", number=", ".join(sorted(missing))))
        if (source, target, kind) in self._links:
            return
        self._links.append((source, target, kind))
        self._trace(source, "link", None, f"{kind} {target}")
        self._trace(target, "link", None, f"{kind} {source}")

    def links(self, number: str) -> list[Link]:
        """All links of a record, from whichever end they were made; reference fields count as links.

        Raises RecordNotFound.
        """
        near = self.get(number)
        self.flush()
        return links_of(self.connection, self.definitions, near)

    def notes(self, number: str) -> list[Note]:
        """The record's timeline, oldest first."""
        self.flush()
        return notes_of(self.connection, number)

    def trail(self, number: str) -> list[Change]:
        """Every change of the record, field by field, oldest first. Raises RecordNotFound."""
        definition = self.get(number).definition
        self.flush()
        return trail_of(self.connection, definition, number)

    # --- lists ----------------------------------------------------------------------------------------------------

    def find(self, register: str, *, limit: int | None = None, **equals: Any) -> list[Record]:
        """Return records by `state`, `open`, `text`, fields; in the register's order. Raises InvalidQuery."""
        definition = self.definitions[register]
        self._flush_changes_of(register)
        query = ordered(select_records(definition, equals), definition, None)
        rows = self.connection.execute(query.limit(limit) if limit else query).mappings()
        return [self._keep(record_from(row, self.definitions)) for row in rows]

    def count(self, register: str, **equals: Any) -> int:
        """Count records that `find` would return."""
        self._flush_changes_of(register)
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
        definition = self.definitions[register]
        self._flush_changes_of(register)
        query = select_records(definition, filters or {})
        number = max(1, number)
        rows = self.connection.execute(ordered(query, definition, order).limit(size).offset((number - 1) * size))
        records = tuple(self._keep(record_from(row, self.definitions)) for row in rows.mappings())
        return Page(records, number, size, self.connection.execute(counted(query)).scalar_one())

    def calendar(self, name: str) -> WorkingCalendar:
        """Return a business calendar by its name, `CAL-24x7` or `CAL-5x8`."""
        return self._calendars[name]

    @contextmanager
    def at_element(self, element: str) -> Iterator[None]:
        """Name an element of the diagram in the trail of what is changed meanwhile."""
        before, self.element = self.element, element
        try:
            yield
        finally:
            self.element = before

    @contextmanager
    def authorised(self, register: str) -> Iterator[None]:
        """Allow writing to a protected register meanwhile: for the procedure that has checked the authority."""
        self._authorised.add(register)
        try:
            yield
        finally:
            self._authorised.discard(register)

    def writable(self) -> Connection:
        """Return the connection after making sure that the transaction may write."""
        self._take_write_lock()
        return self.connection

    # --- writing --------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Write what has piled up: one UPDATE per touched record, one INSERT for all their trail rows.

        Raises StaleRecord when another transaction was faster, InvalidRecord for references to nothing.
        """
        touched = [t for t in self._touched.values() if t.trail]
        if touched or self._links or self._notes:
            connection = self.writable()
            check_references(connection, touched, {n: t.current.register for n, t in self._touched.items()})
            write_records(connection, touched)
            write_links(connection, touched, self._links, at=self.now, actor=self.actor)
            write_trail(connection, touched, at=self.now, actor=self.actor)
            if self._notes:
                connection.execute(insert(record_note), self._notes)
            self._links, self._notes = [], []
            for one in touched:
                one.stored, one.trail = one.current, {}
        self.sla.flush()
        self.outbox.flush()

    def flush_new(self, number: str) -> None:
        """Write what has piled up if this record isn't stored yet, for rows that refer to it."""
        if number in self._touched and self._touched[number].stored is None:
            self.flush()

    def _flush_changes_of(self, register: str) -> None:
        if any(one.trail and one.current.register == register for one in self._touched.values()):
            self.flush()

    # --- inside ---------------------------------------------------------------------------------------------------

    def _check_authority(self, definition: Register, number: str) -> None:
        if definition.protected and definition.key not in self._authorised:
            text = Text("{number} may be changed only by the procedure that is authorised to", number=number)
            raise ProtectedRecord(definition.protected, text)

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
        return self._touched.setdefault(found.number, Touched(found, found)).current

    def _keep_current(self, changed: Record) -> Record:
        touched = self._touched[changed.number]
        touched.current = replace(changed, updated_at=self.now, updated_by=self.actor) if touched.trail else changed
        return touched.current

    def _trace(self, number: str, name: str, before: Any, after: Any) -> None:
        self._touched[number].trace(self.element, name, (before, after))
