"""The engine's tables are made by migrations, and keep what they promise."""

from __future__ import annotations

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, func, insert, select, text, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from engine.errors import SchemaMismatch
from engine.steps import Fact
from engine.store import history, tables
from engine.store.database import reading, writing
from engine.store.schema import VERSION_TABLE, check_schema, migrate
from tests.engine.store.conftest import NOW


def test_migrations_give_the_tables_that_the_code_describes(empty: Engine) -> None:
    """After all migrations Alembic finds no difference to the tables in the code."""
    migrate(empty)
    with reading(empty) as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert compare_metadata(context, tables.metadata) == []


def test_migrating_twice_changes_nothing(database: Engine) -> None:
    """`migrate` may run at every start."""
    migrate(database)
    check_schema(database)


def test_database_without_tables_is_refused(empty: Engine) -> None:
    """Code and schema must fit before the first request, and the error says what to do."""
    with pytest.raises(SchemaMismatch, match="the code needs 0004: migrate"):
        check_schema(empty)


@pytest.mark.parametrize("change", ["UPDATE history_entry SET actor = 'nobody'", "DELETE FROM history_entry"])
def test_history_can_only_be_added_to(database: Engine, change: str) -> None:
    """The database itself refuses to change or delete history."""
    with writing(database) as connection:
        history.append(
            connection, [Fact("started", "s")], instance_id=1, definition_id=1, after=0, actor="ann", now=NOW
        )
    with pytest.raises(DatabaseError, match="history_entry is append-only"), writing(database) as connection:
        connection.execute(text(change))


def test_foreign_keys_are_checked(database: Engine) -> None:
    """SQLite checks them only when it is told to."""
    row = {"instance_id": 7, "token": "t", "element_id": "e", "due_at": NOW, "faulted": False}
    with pytest.raises(IntegrityError), writing(database) as connection:
        connection.execute(insert(tables.timer).values(**row))


def test_commits_reach_the_disk(database: Engine) -> None:
    """Every commit is synced: a power cut takes nothing back that was answered."""
    with reading(database) as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2  # FULL
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"


def test_read_then_write_at_once_loses_nothing(database: Engine) -> None:
    """Eight transactions that read and then write the same row all succeed, each on what the one before wrote."""
    column = tables.process_instance.c.revision

    def count_up() -> None:
        with writing(database) as connection:
            value = connection.execute(select(column)).scalar_one()
            connection.execute(update(tables.process_instance).values(revision=value + 1))

    threads = [threading.Thread(target=count_up) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(database) as connection:
        assert connection.execute(select(column)).scalar() == 9


def test_failed_transaction_leaves_nothing(database: Engine) -> None:
    """An exception anywhere rolls everything back."""
    row = insert(tables.resource).values(sha256="a", content=b"a")
    with pytest.raises(IntegrityError), writing(database) as connection:  # noqa: PT012
        connection.execute(row)
        connection.execute(row)
    with reading(database) as connection:
        assert connection.execute(select(func.count()).select_from(tables.resource)).scalar() == 0
