"""A small installation to test with: a ledger that handlers write to in the step's transaction, people, forms."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Column, Connection, Engine, Integer, MetaData, String, Table, insert, select

from engine import HandlerRegistry, MovedClock, ProcessEngine, User, Work, create_database, migrate, reading, writing

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
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


def create_installation(path: Path) -> None:
    """Create the database."""
    database = create_database(f"sqlite:///{path}/engine.db")
    migrate(database)
    with writing(database) as connection:
        ledger_table.create(connection)
    database.dispose()


def open_installation(path: Path, handlers: HandlerRegistry, *, now: datetime = NOW) -> Installation:
    """Start an engine on a created database."""
    database = create_database(f"sqlite:///{path}/engine.db")
    clock = MovedClock(now)
    engine = ProcessEngine(database, clock=clock, handlers=handlers, collaborators=collaborators)
    return Installation(database, clock, engine)


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
