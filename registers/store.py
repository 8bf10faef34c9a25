"""The registers of a database: the door for everything outside this package."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Connection, Engine

from registers.calendars import WorkingCalendar, calendar_functions
from registers.definition import Definitions, load_definitions
from registers.people import People
from registers.references import References
from registers.sla import next_milestone_at
from registers.tokens import ApiTokens
from registers.unit_of_work import Registers
from registers.workdays import StoredCalendars


class RegisterStore:
    """Opens units of work and answers what needs none."""

    def __init__(
        self, database: Engine, definitions: Definitions | None = None, *, hasher: PasswordHasher | None = None
    ) -> None:
        self._database = database
        self._hasher = hasher or PasswordHasher()
        self._calendars = StoredCalendars(database)
        self.definitions = definitions or load_definitions()
        self.people = People(self._connect, hasher=self._hasher)
        self.tokens = ApiTokens(self._connect)

    @contextmanager
    def begin(
        self, actor: str | None, now: datetime, *, element: str | None = None, connection: Connection | None = None
    ) -> Iterator[Registers]:
        """Open a unit of work for an actor; what it changed is written at its end, nothing after an exception.

        With `connection` it is part of that transaction, which its owner commits. `element` is named in the trail.
        """
        with self._connect() if connection is None else nullcontext(connection) as joined:
            registers = Registers(
                joined,
                self.definitions,
                actor=actor,
                now=now.astimezone(UTC),
                element=element,
                calendars=self._calendars.at(now, joined),
                people=People(lambda: nullcontext(joined), hasher=self._hasher),
            )
            yield registers
            registers.flush()

    def references(self, *, locale: str, at: datetime) -> References:
        """Look up and search keys for forms and pages."""
        return References(self._connect, self.definitions, self.people, locale=locale, at=at)

    @property
    def calendars(self) -> Mapping[str, WorkingCalendar]:
        """The business calendars by name."""
        return self._calendars

    def calendar_functions(self) -> dict[str, Callable[..., Any]]:
        """The FEEL functions about business time, over the calendars of this database."""
        return calendar_functions(self._calendars)

    def forget_calendars(self) -> None:
        """Read the table of workdays again at the next use; call it after changing the table."""
        self._calendars.forget()

    def next_milestone_at(self) -> datetime | None:
        """When the next SLA milestone is due."""
        with self._database.connect() as connection:
            return next_milestone_at(connection)

    def _connect(self) -> AbstractContextManager[Connection]:
        return self._database.begin()
