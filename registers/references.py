"""Picking records and people by typing: what forms and pages ask about keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, select

from registers.definition import Definitions, Register
from registers.people import Connect, People
from registers.queries import RECORD_COLUMNS, contains, record_from
from registers.records import Record
from registers.tables import record

PEOPLE = "user"  # the register name of people in forms


Load = Callable[[Iterable[str]], Mapping[str, Record]]


class References:
    """Looks keys up and finds them by typing, in one reader's language, at one moment.

    `load` returns those of some numbers that exist; a unit of work passes its own, so that a record that a form asks
    about and a handler then works with is read once.
    """

    def __init__(
        self, connect: Connect, definitions: Definitions, people: People, *, load: Load, locale: str, at: datetime
    ) -> None:
        self._connect = connect
        self._definitions = definitions
        self._people = people
        self._load = load
        self._locale = locale
        self._at = at

    def exists(self, register: str, key: str) -> bool:
        """Whether the register holds this key: for people, an active one."""
        if register == PEOPLE:
            return self._people.load(key, at=self._at) is not None
        return self._record(register, key) is not None

    def fields(self, register: str, key: str) -> dict[str, Any]:
        """The record's fields, and its state as `state`; nothing where it is unknown."""
        if register == PEOPLE:
            person = self._people.load(key, at=self._at)
            return {"roles": sorted(person.roles), "department": person.department} if person else {}
        found = self._record(register, key)
        return {**found.fields, "state": found.state} if found else {}

    def label(self, register: str, key: str) -> str:
        """What the key is called; the key itself where nothing is known."""
        return self.labels(register, [key])[key]

    def labels(self, register: str, keys: Iterable[str]) -> dict[str, str]:
        """What several keys are called, in one statement."""
        wanted = list(dict.fromkeys(keys))
        if register == PEOPLE:
            found = {p.id: p.called(self._locale) for p in self._people.by_id(wanted, at=self._at)}
        else:
            found = {number: one.label(self._locale) for number, one in self._load(wanted).items()}
        return {key: found.get(key) or key for key in wanted}

    def _record(self, register: str, key: str) -> Record | None:
        self._definitions[register]  # raises UnknownRegister
        found = self._load([key]).get(key)
        return found if found is not None and found.register == register else None

    def search(self, register: str, text: str, limit: int = 20) -> list[tuple[str, str]]:
        """Return (key, label) of what the typed text may mean: each of its words occurs in the key or the names.

        Keys that begin with the text come first. Closed records and people who left aren't offered.
        """
        if register == PEOPLE:
            return [(p.id, p.called(self._locale)) for p in self._people.search(text, at=self._at, limit=limit)]
        definition = self._definitions[register]
        query = select(*RECORD_COLUMNS).where(record.c.register == register, record.c.open)
        start = text.strip()
        if start:
            query = query.where(contains(record.c.search, start))
            begins = record.c.search.startswith(start.casefold(), autoescape=True)  # the number comes first in it
            query = query.order_by(case((begins, 0), else_=1))
        query = _newest_or_first(query, definition).limit(limit)
        with self._connect() as connection:
            rows = connection.execute(query).mappings()
            records = [record_from(row, self._definitions) for row in rows]
        return [(one.number, one.label(self._locale)) for one in records]


def _newest_or_first(query: Select[Any], definition: Register) -> Select[Any]:
    """Numbered registers grow at the end: the newest are meant. Others are lists of names."""
    return query.order_by(record.c.created_at.desc() if definition.number else record.c.number, record.c.number)
