"""A real SQLite file, migrated; time stands at Monday 2025-03-03 10:00 in Shanghai."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, create_engine, event

import registers
from engine import create_database
from registers import Registers, RegisterStore, load_demo
from tests.registers.times import NOW

# How fast a machine is at the moment says nothing about our laws.
settings.register_profile("registers", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("registers")

PASSWORD = "correct horse"
POSTGRES = os.environ.get("GUICHENG_TEST_POSTGRES")  # e.g. postgresql+psycopg://postgres@localhost: run there
HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # the tests check the logic, not argon2


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A migrated database and one with the demo organisation, made once: each test works on a copy."""
    folder = tmp_path_factory.mktemp("registers")
    for name in ("empty", "demo"):
        database = create_database(_made(folder, name))
        registers.migrate(database)
        if name == "demo":
            load_demo(RegisterStore(database, hasher=HASHER), password=PASSWORD, now=NOW)
        database.dispose()  # SQLite writes its log back when the last connection closes
    yield folder
    for name in ("copy", "demo", "empty"):
        _administer(f"DROP DATABASE IF EXISTS guicheng_{name}")


@pytest.fixture
def database(request: pytest.FixtureRequest, templates: Path, tmp_path: Path) -> Iterator[Engine]:
    template = "demo" if "demo" in request.fixturenames else "empty"
    if POSTGRES is None:
        shutil.copy(templates / f"{template}.db", tmp_path / "copy.db")
    database = create_database(_made(tmp_path, "copy", template))
    yield database
    database.dispose()


def _made(folder: Path, name: str, template: str | None = None) -> str:
    """The address of a database; on PostgreSQL it is created first, as a copy of another."""
    if POSTGRES is None:
        return f"sqlite:///{folder}/{name}.db"
    _administer(f"DROP DATABASE IF EXISTS guicheng_{name}")
    _administer(f"CREATE DATABASE guicheng_{name}" + (f" TEMPLATE guicheng_{template}" if template else ""))
    return f"{POSTGRES}/guicheng_{name}"


def _administer(statement: str) -> None:
    if POSTGRES is not None:
        server = create_engine(f"{POSTGRES}/postgres", isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.exec_driver_sql(statement)
        server.dispose()


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
