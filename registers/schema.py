"""Bring the registers' tables up to date."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from engine import SchemaMismatch, Text

VERSION_TABLE = "registers_version"


def migrate(database: Engine) -> None:
    """Create or upgrade the registers' tables; nothing happens when they are up to date."""
    config = _config()
    with database.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def check_schema(database: Engine) -> None:
    """Make sure that the tables are the ones this code was written for.

    Raises SchemaMismatch.
    """
    head = ScriptDirectory.from_config(_config()).get_current_head()
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        found = context.get_current_revision()
    if found != head:
        raise SchemaMismatch(
            Text("the registers' tables are at version {found}, the code needs {head}: migrate", found=found, head=head)
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config
