"""Start events with a timer: when each next begins a case, for the newest versions only."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
VALUES = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "start_timer",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("definition_id", SERIAL, nullable=False),
        sa.Column("element_id", sa.String(length=255), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("schedule", VALUES, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_start_timer_definition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_start_timer")),
        sa.UniqueConstraint(
            "definition_id", "element_id", "number", name=op.f("uq_start_timer_definition_id_element_id_number")
        ),
    )
    op.create_index(op.f("ix_start_timer_due_at"), "start_timer", ["due_at"])


def downgrade() -> None:
    op.drop_table("start_timer")
