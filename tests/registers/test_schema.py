"""Migrations."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

import registers
from engine import SchemaMismatch, create_database, writing
from registers.tables import APPEND_ONLY, metadata
from tests.registers.conftest import Begin


def test_migrations_build_the_tables_of_the_code(database: Engine) -> None:
    """The migrations lead to exactly the tables that the code describes, and running them again changes nothing."""
    registers.migrate(database)
    registers.check_schema(database)
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _is_ours})
        assert compare_metadata(context, metadata) == []


def _is_ours(name: str | None, kind: str, parents: object) -> bool:
    return kind != "table" or name in metadata.tables


def test_missing_migration_is_noticed(tmp_path: Path) -> None:
    """Code doesn't run on tables that it wasn't written for."""
    database = create_database(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(SchemaMismatch, match="version None"):
        registers.check_schema(database)
    database.dispose()


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("act", ["UPDATE {table} SET actor = 'nobody'", "DELETE FROM {table}"])
def test_history_can_not_be_rewritten(table: str, act: str, begin: Begin, database: Engine) -> None:
    """Neither trail nor timeline can be changed or deleted, not even with a database shell."""
    with begin() as registers:
        registers.note("C001", "hello")
    with pytest.raises(DBAPIError, match="append-only"), writing(database) as connection:
        connection.execute(text(act.format(table=table)))
