"""A case may be called by another one; and versions know which others were put into force with them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COLUMNS = ("parent_id", "parent_token", "parent_element", "root_id", "depth")


def upgrade() -> None:
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    for column in ("parent_id", "root_id"):  # Alembic can't add a column with a reference to a table of SQLite's
        op.execute(
            f"ALTER TABLE process_instance ADD COLUMN {column} {kind} "
            f"CONSTRAINT fk_process_instance_{column} REFERENCES process_instance (id)"
        )
        if column == "parent_id":
            op.add_column("process_instance", sa.Column("parent_token", sa.String(length=255)))
            op.add_column("process_instance", sa.Column("parent_element", sa.String(length=255)))
    op.add_column("process_instance", sa.Column("depth", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_process_instance_parent_id_state", "process_instance", ["parent_id", "state"])
    op.create_index("ix_process_instance_root_id", "process_instance", ["root_id"])
    op.add_column("process_definition", sa.Column("publication", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE process_definition SET publication = id")


def downgrade() -> None:
    op.drop_index("ix_process_instance_root_id", table_name="process_instance")
    op.drop_index("ix_process_instance_parent_id_state", table_name="process_instance")
    with op.batch_alter_table("process_instance") as table:
        for column in reversed(COLUMNS):
            table.drop_column(column)
    op.drop_column("process_definition", "publication")
