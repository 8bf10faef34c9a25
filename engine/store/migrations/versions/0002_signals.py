"""Tokens and start events wait for signals, too: a kind for each subscription."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscription", sa.Column("kind", sa.String(length=16), nullable=False, server_default="message"))


def downgrade() -> None:
    op.execute("DELETE FROM subscription WHERE kind <> 'message'")
    op.drop_column("subscription", "kind")
