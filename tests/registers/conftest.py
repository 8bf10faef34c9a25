"""A real SQLite file, migrated; time stands at Monday 2025-03-03 10:00 in Shanghai."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, event

import registers
from engine import create_database
from registers import Registers, RegisterStore, load_demo
from tests.registers.times import NOW

PASSWORD = "correct horse"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    database = create_database(f"sqlite:///{tmp_path}/registers.db")
    registers.migrate(database)
    yield database
    database.dispose()


@pytest.fixture
def store(database: Engine) -> RegisterStore:
    # Cheap hashes: the tests check the logic, not argon2.
    return RegisterStore(database, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def demo(store: RegisterStore) -> RegisterStore:
    load_demo(store, password=PASSWORD, now=NOW)
    return store


class Begin(Protocol):
    def __call__(self, actor: str | None = ..., now: datetime = ...) -> AbstractContextManager[Registers]: ...


@pytest.fixture
def begin(demo: RegisterStore) -> Begin:
    """Open a unit of work over the demo organisation."""

    def open_unit(actor: str | None = "u_desk1", now: datetime = NOW) -> AbstractContextManager[Registers]:
        return demo.begin(actor, now)

    return open_unit


@pytest.fixture
def statements(database: Engine) -> Iterator[list[str]]:
    """The SQL statements executed so far; `clear()` it before what is to be counted."""
    seen: list[str] = []

    def remember(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(database, "before_cursor_execute", remember)
    yield seen
    event.remove(database, "before_cursor_execute", remember)
