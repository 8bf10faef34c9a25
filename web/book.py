"""What numbers and people are called, looked up for a whole page at once and only once per request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import g
from flask_babel import gettext

from engine import SYSTEM
from web.context import clock, parts
from web.translations import language

if TYPE_CHECKING:
    from registers import Record


class Book:
    """Names of records and people that this request has come across."""

    def __init__(self) -> None:
        self._records: dict[str, Record | None] = {}
        self._people: dict[str, str] = {SYSTEM.id: gettext("the system")}

    def learn(self, *, numbers: Iterable[str | None] = (), people: Iterable[str | None] = ()) -> None:
        """Look up what isn't known yet: one statement for all numbers and one for all people."""
        new_numbers = [n for n in dict.fromkeys(numbers) if n and n not in self._records]
        new_people = [p for p in dict.fromkeys(people) if p and p not in self._people]
        if not new_numbers and not new_people:
            return
        if new_numbers:
            with parts().registers.begin(None, clock().now()) as registers:
                found = registers.load(new_numbers)
            self._records.update({number: found.get(number) for number in new_numbers})
        if new_people:
            names = {p.id: p.called(language()) for p in parts().registers.people.by_id(new_people, at=clock().now())}
            self._people.update({person: names.get(person, person) for person in new_people})

    def learn_records(self, records: Iterable[Record | None]) -> None:
        """Remember records that were read anyway, and look up all that they refer to."""
        known = [record for record in records if record is not None]
        self._records.update({record.number: record for record in known})
        numbers: list[str] = []
        people: list[str | None] = []
        for record in known:
            people += [record.created_by, record.updated_by]
            for field in record.definition.fields.values():
                value = record.fields.get(field.name)
                numbers += field.references(value)
                if field.type in {"user", "users"} and value:
                    people += [value] if isinstance(value, str) else list(value)
        self.learn(numbers=numbers, people=people)

    def person(self, person_id: str | None) -> str:
        """Return a person's name, the id where there is none."""
        if not person_id:
            return ""
        self.learn(people=[person_id])
        return self._people[person_id]

    def title(self, number: str | None) -> str:
        """Return what a record is called in the reader's language, an empty text where nothing is known."""
        if not number:
            return ""
        self.learn(numbers=[number])
        record = self._records[number]
        return record.label(language()) if record else ""

    def record(self, number: str) -> Record | None:
        """Return the record of a number, None where there is none."""
        self.learn(numbers=[number])
        return self._records[number]


def book() -> Book:
    """Return the request's book."""
    found: Any = g.get("book")
    if found is None:
        found = g.book = Book()
    return found
