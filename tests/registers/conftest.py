"""A real SQLite file, migrated; time stands at Monday 2025-03-03 10:00 in Shanghai."""

from __future__ import annotations

import shutil
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
HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # the tests check the logic, not argon2


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database and one with the demo organisation, made once: each test works on a copy."""
    folder = tmp_path_factory.mktemp("registers")
    for name in ("empty", "demo"):
        database = create_database(f"sqlite:///{folder}/{name}.db")
        registers.migrate(database)
        if name == "demo":
            load_demo(RegisterStore(database, hasher=HASHER), password=PASSWORD, now=NOW)
        with database.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.dispose()
    return folder


@pytest.fixture
def database(request: pytest.FixtureRequest, templates: Path, tmp_path: Path) -> Iterator[Engine]:
    template = "demo" if "demo" in request.fixturenames else "empty"
    shutil.copy(templates / f"{template}.db", tmp_path / "registers.db")
    database = create_database(f"sqlite:///{tmp_path}/registers.db")
    yield database
    database.dispose()


@pytest.fixture
def store(database: Engine) -> RegisterStore:
    return RegisterStore(database, hasher=HASHER)


@pytest.fixture
def demo(store: RegisterStore) -> RegisterStore:
    """A store with the demo organisation."""
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
