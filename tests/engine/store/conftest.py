"""A real SQLite file with the engine's tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, insert

from engine.store import tables
from engine.store.database import create_database, writing
from engine.store.schema import migrate

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Engine]:
    """An SQLite file without tables."""
    database = create_database(f"sqlite:///{tmp_path}/engine.db")
    yield database
    database.dispose()


@pytest.fixture
def database(empty: Engine) -> Engine:
    """An SQLite file with tables, a definition (1) and an instance (1)."""
    migrate(empty)
    with writing(empty) as connection:
        connection.execute(
            insert(tables.process_definition).values(
                id=1, key="p", version=1, name="P", checksum="c", published_at=NOW, published_by="ann"
            )
        )
        add_instance(connection, 1)
    return empty


@pytest.fixture
def connection(database: Engine) -> Iterator[Connection]:
    """A writing transaction on it."""
    with writing(database) as connection:
        yield connection


def add_instance(connection: Connection, instance_id: int) -> None:
    """Insert an instance at rest."""
    connection.execute(
        insert(tables.process_instance).values(
            id=instance_id,
            definition_id=1,
            state="active",
            snapshot=b"s",
            variables={},
            revision=1,
            history_seq=0,
            started_at=NOW,
            updated_at=NOW,
        )
    )
