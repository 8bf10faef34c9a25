"""Alembic's entry point; the connection is handed in by `registers.schema.migrate`."""

from alembic import context

from registers.schema import VERSION_TABLE
from registers.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite can't alter most things in place
)
with context.begin_transaction():
    context.run_migrations()
