"""Carry out acts: each in one database transaction, repeated where that is the right answer to a failure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from engine.acts.failures import HandlerFailed
from engine.acts.hosting import Installation
from engine.acts.transaction import Transaction
from engine.clock import Clock
from engine.errors import ExecutionError, StaleInstance
from engine.publishing import Library
from engine.store.database import reading, writing
from engine.texts import Text

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

T = TypeVar("T")
RUNS_PARKED = 3  # so many runs of one element may fail in an act before all that follow are left to jobs untried
ATTEMPTS = 3  # an act that lost against another is tried so often before its person hears of it


class Acts:
    """Begins the transactions of acts and of readers."""

    def __init__(self, database: Engine, clock: Clock, installation: Installation) -> None:
        self.clock = clock
        self.installation = installation
        self.library = Library(database, installation)
        self._database = database

    def carry_out(self, act: Callable[[Transaction], T], *, actor: str | None) -> T:
        """Run an act and commit; on any exception nothing of it is stored.

        A transactional handler that fails must not cost a person their work: the act is repeated with that handler
        put off, and it becomes a visible job. An act that met a conflict is repeated on the new state.

        Raises whatever the act raises; StaleInstance after several conflicts.
        """
        parked: dict[str, HandlerFailed] = {}
        conflicts = 0
        while True:
            try:
                with writing(self._database) as connection:
                    return act(self._transaction(connection, actor, parked))
            except HandlerFailed as failure:
                if failure.place in parked:
                    raise ExecutionError(Text("{failure}", failure=str(failure))) from failure
                parked[failure.place] = failure
                if sum(failure.element == other.element for other in parked.values()) > RUNS_PARKED:
                    parked[failure.element] = failure
            except StaleInstance:
                conflicts += 1
                if conflicts == ATTEMPTS:
                    raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Begin a transaction that only reads."""
        with reading(self._database) as connection:
            yield connection

    def _transaction(self, connection: Connection, actor: str | None, parked: dict[str, HandlerFailed]) -> Transaction:
        return Transaction(
            connection, self.library, self.installation, now=self.clock.now(), actor=actor, parked=parked
        )
