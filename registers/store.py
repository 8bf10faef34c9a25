"""The registers of a database: the door for everything outside this package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Connection, Engine

from engine import reading, writing
from registers.calendars import WorkingCalendar, calendar_functions
from registers.definition import Definitions, load_definitions
from registers.people import People
from registers.queries import load_records
from registers.records import Record
from registers.references import References
from registers.sla_clocks import next_milestone_at
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
        self.people = People(self._reading, self._writing, hasher=self._hasher)
        self.tokens = ApiTokens(self._reading, self._writing)

    @contextmanager
    def begin(
        self, actor: str | None, now: datetime, *, element: str | None = None, connection: Connection | None = None
    ) -> Iterator[Registers]:
        """Open a unit of work for an actor; what it changed is written at its end, nothing after an exception.

        With `connection` it is part of that transaction, which its owner commits. A transaction of its own asks for
        the database's write lock only when there is something to write: pages that read wait for nobody. Records that
        changed between reading and writing are noticed by their revision. `element` is named in the trail.
        """
        if connection is not None:
            registers = self._unit(connection, actor, now, element, lambda: None)
            yield registers
            registers.flush()
            return
        with self._database.connect() as own:
            registers = self._unit(own, actor, now, element, lambda: _take_write_lock(own))
            yield registers
            registers.flush()
            if own.get_execution_options().get("writing"):
                own.commit()

    def references(self, *, locale: str, at: datetime) -> References:
        """Look up and search keys for forms and pages."""
        return References(
            self._reading, self.definitions, self.people, load=self._load, locale=locale, at=at.astimezone(UTC)
        )

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

    def _unit(
        self,
        connection: Connection,
        actor: str | None,
        now: datetime,
        element: str | None,
        take_write_lock: Callable[[], None],
    ) -> Registers:
        def write() -> AbstractContextManager[Connection]:
            take_write_lock()
            return nullcontext(connection)

        now = now.astimezone(UTC)
        return Registers(
            connection,
            self.definitions,
            actor=actor,
            now=now,
            element=element,
            calendars=self._calendars.at(now, connection),
            people=People(lambda: nullcontext(connection), write, hasher=self._hasher),
            take_write_lock=take_write_lock,
        )

    def _load(self, numbers: Iterable[str]) -> dict[str, Record]:
        with self._reading() as connection:
            return load_records(connection, self.definitions, numbers)

    def _reading(self) -> AbstractContextManager[Connection]:
        return reading(self._database)

    def _writing(self) -> AbstractContextManager[Connection]:
        return writing(self._database)


def _take_write_lock(connection: Connection) -> None:
    """Let a transaction that has only read so far go on as one that writes."""
    if not connection.get_execution_options().get("writing"):
        connection.rollback()
        connection.execution_options(writing=True)
