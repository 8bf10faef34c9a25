"""A small installation to test with: a ledger that handlers write to in the step's transaction, people, forms."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Column, Connection, Engine, Integer, MetaData, String, Table, create_engine, insert, select

from engine import HandlerRegistry, MovedClock, ProcessEngine, User, Work, create_database, migrate, reading, writing

POSTGRES = os.environ.get("GUICHENG_TEST_POSTGRES")  # e.g. postgresql+psycopg://postgres@localhost: run there
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
opened: list[Engine] = []  # by this test; closed at its end
ANN = User("ann", "Ann", frozenset({"staff"}))
BOB = User("bob", "Bob", frozenset({"staff", "checker"}))
EVE = User("eve", "Eve", frozenset({"visitor"}))
ADMIN = User("root", "Root", frozenset({"system_admin"}))

ledger_table = Table(
    "ledger",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("entry", String, nullable=False),
    Column("key", String, nullable=False),
)


class Ledger:
    """What handlers write to: rows of a table in the same database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write(self, entry: str, key: str) -> None:
        """Add a row in the step's transaction."""
        self._connection.execute(insert(ledger_table).values(entry=entry, key=key))


class NoReferences:
    """Registers without any record."""

    def exists(self, register: str, key: str) -> bool:
        return False

    def label(self, register: str, key: str) -> str:
        return key

    def search(self, register: str, text: str, limit: int) -> list[tuple[str, str]]:
        return []

    def fields(self, register: str, key: str) -> Mapping[str, Any]:
        return {}


@dataclass
class Installation:
    """An engine, its clock and its database."""

    database: Engine
    clock: MovedClock
    engine: ProcessEngine

    def ledger(self) -> list[str]:
        """The committed entries."""
        with reading(self.database) as connection:
            return list(connection.execute(select(ledger_table.c.entry).order_by(ledger_table.c.id)).scalars())

    def keys(self) -> list[str]:
        """The idempotency keys of the committed entries."""
        with reading(self.database) as connection:
            return list(connection.execute(select(ledger_table.c.key).order_by(ledger_table.c.id)).scalars())


@contextmanager
def collaborators(connection: Connection | None, work: Work) -> Iterator[Mapping[str, Any]]:
    """Give handlers their ledger."""
    given: dict[str, Any] = {"references": NoReferences()}
    if connection is not None:
        given["ledger"] = Ledger(connection)
    yield given


def address(path: Path) -> str:
    """The database of an installation: a file, or on a PostgreSQL server one named after the directory."""
    return f"{POSTGRES}/{_named(path)}" if POSTGRES else f"sqlite:///{path}/engine.db"


def create_installation(path: Path) -> None:
    """Create the database."""
    _administer(f"DROP DATABASE IF EXISTS {_named(path)}", f"CREATE DATABASE {_named(path)}")
    database = create_database(address(path))
    migrate(database)
    with writing(database) as connection:
        ledger_table.create(connection)
    database.dispose()


def copy_installation(source: Path, target: Path) -> None:
    """Copy a database that nobody uses."""
    shutil.copytree(source, target, dirs_exist_ok=True)
    _administer(
        f"DROP DATABASE IF EXISTS {_named(target)}", f"CREATE DATABASE {_named(target)} TEMPLATE {_named(source)}"
    )


def open_installation(path: Path, handlers: HandlerRegistry, *, now: datetime = NOW) -> Installation:
    """Start an engine on a created database."""
    database = create_database(address(path))
    opened.append(database)
    clock = MovedClock(now)
    engine = ProcessEngine(database, clock=clock, handlers=handlers, collaborators=collaborators)
    return Installation(database, clock, engine)


def _named(path: Path) -> str:
    return "engine_" + hashlib.sha256(str(path).encode()).hexdigest()[:12]


def _administer(*statements: str) -> None:
    if POSTGRES is not None:
        server = create_engine(f"{POSTGRES}/postgres", isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        server.dispose()


def form(form_id: str, *keys: str, required: bool = False) -> bytes:
    """Write a form of text fields."""
    fields = [
        {"type": "textfield", "id": f"field_{key}", "key": key, "label": key, "validate": {"required": required}}
        for key in keys
    ]
    return json.dumps({"id": form_id, "type": "default", "schemaVersion": 19, "components": fields}).encode()


def registry(module: ModuleType) -> HandlerRegistry:
    """Collect a test module's handlers."""
    return HandlerRegistry.of(module)
