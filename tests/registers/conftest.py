"""A real SQLite file, migrated, with the demo's calendar; time stands at Monday 2025-03-03 10:00 in Shanghai."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, create_engine, event

import registers
from registers import ZONE, RegisterStore


def at(text: str) -> datetime:
    """A local date-time in Shanghai: `2025-03-03 10:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


NOW = at("2025-03-03 10:00")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    database = create_engine(f"sqlite:///{tmp_path}/registers.db")

    @event.listens_for(database, "connect")
    def enforce_foreign_keys(connection: object, _: object) -> None:
        connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[attr-defined]

    registers.migrate(database)
    yield database
    database.dispose()


@pytest.fixture
def store(database: Engine) -> RegisterStore:
    # Cheap hashes: the tests check the logic, not argon2.
    return RegisterStore(database, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


class Statements(list[str]):
    """The SQL that was executed."""


@pytest.fixture
def statements(database: Engine) -> Iterator[Statements]:
    seen = Statements()

    def remember(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(database, "before_cursor_execute", remember)
    yield seen
    event.remove(database, "before_cursor_execute", remember)
