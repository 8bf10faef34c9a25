"""Picking records and people by typing: what forms and pages ask about keys."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, case, select

from registers.definition import Definitions, Register
from registers.people import Connect, People
from registers.queries import RECORD_COLUMNS, contains, record_from
from registers.tables import record

PEOPLE = "user"  # the register name of people in forms


class References:
    """Looks keys up and finds them by typing, in one reader's language, at one moment."""

    def __init__(
        self, connect: Connect, definitions: Definitions, people: People, *, locale: str, at: datetime
    ) -> None:
        self._connect = connect
        self._definitions = definitions
        self._people = people
        self._locale = locale
        self._at = at

    def exists(self, register: str, key: str) -> bool:
        """Whether the register holds this key: for people, an active one."""
        if register == PEOPLE:
            return self._people.load(key, at=self._at) is not None
        self._definitions[register]  # raises UnknownRegister
        with self._connect() as connection:
            query = select(record.c.number).where(record.c.number == key, record.c.register == register)
            return connection.execute(query).first() is not None

    def fields(self, register: str, key: str) -> dict[str, Any]:
        """The record's fields, and its state as `state`; nothing where it is unknown."""
        if register == PEOPLE:
            found = self._people.load(key, at=self._at)
            return {"roles": sorted(found.roles), "department": found.department} if found else {}
        query = select(*RECORD_COLUMNS).where(record.c.number == key, record.c.register == register)
        with self._connect() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return {}
        one = record_from(row, self._definitions)
        return {**one.fields, "state": one.state}

    def label(self, register: str, key: str) -> str:
        """What the key is called; the key itself where nothing is known."""
        return self.labels(register, [key])[key]

    def labels(self, register: str, keys: Iterable[str]) -> dict[str, str]:
        """What several keys are called, in one statement."""
        wanted = list(dict.fromkeys(keys))
        found: dict[str, str] = {}
        if register == PEOPLE:
            found = {p.id: p.called(self._locale) for p in self._people.by_id(wanted, at=self._at)}
        elif wanted:
            with self._connect() as connection:
                query = select(*RECORD_COLUMNS).where(record.c.number.in_(wanted), record.c.register == register)
                found = dict(self._labelled(connection, query))
        return {key: found.get(key) or key for key in wanted}

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
            return self._labelled(connection, query)

    def _labelled(self, connection: Connection, query: Select[Any]) -> list[tuple[str, str]]:
        rows = connection.execute(query).mappings()
        records = [record_from(row, self._definitions) for row in rows]
        return [(one.number, one.label(self._locale)) for one in records]


def _newest_or_first(query: Select[Any], definition: Register) -> Select[Any]:
    """Numbered registers grow at the end: the newest are meant. Others are lists of names."""
    return query.order_by(record.c.created_at.desc() if definition.number else record.c.number, record.c.number)
