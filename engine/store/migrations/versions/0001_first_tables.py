"""The first tables: definitions, instances and what they wait for, messages, history."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from engine.store.migrations.append_only import append_only

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
VALUES = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
TABLES = (
    "resource",
    "process_definition",
    "definition_resource",
    "process_instance",
    "user_task",
    "job",
    "timer",
    "subscription",
    "message",
    "history_entry",
)


def upgrade() -> None:
    _create_definitions()
    _create_instances()
    _create_waits()
    _create_messages()
    _create_history()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_definitions() -> None:
    op.create_table(
        "process_definition",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("checksum", sa.String(length=64), nullable=False),
        sa.Column("published_at", TIME, nullable=False),
        sa.Column("published_by", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_definition")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_process_definition_key_version")),
    )
    op.create_table(
        "resource",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_resource")),
    )
    op.create_table(
        "definition_resource",
        sa.Column("definition_id", SERIAL, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_definition_resource_definition_id")
        ),
        sa.ForeignKeyConstraint(["sha256"], ["resource.sha256"], name=op.f("fk_definition_resource_sha256")),
        sa.PrimaryKeyConstraint("definition_id", "kind", "name", name=op.f("pk_definition_resource")),
    )


def _create_instances() -> None:
    op.create_table(
        "process_instance",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("definition_id", SERIAL, nullable=False),
        sa.Column("business_key", sa.String(length=255), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.Column("variables", VALUES, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("history_seq", sa.Integer(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("started_by", sa.String(length=255), nullable=True),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_process_instance_definition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_instance")),
    )
    op.create_index(op.f("ix_process_instance_business_key"), "process_instance", ["business_key"], unique=False)
    op.create_index(op.f("ix_process_instance_definition_id"), "process_instance", ["definition_id"], unique=False)
    op.create_index(op.f("ix_process_instance_state"), "process_instance", ["state"], unique=False)
    op.create_table(
        "user_task",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("instance_id", SERIAL, nullable=False),
        sa.Column("definition_id", SERIAL, nullable=False),
        sa.Column("token", sa.String(length=255), nullable=False),
        sa.Column("element_id", sa.String(length=255), nullable=False),
        sa.Column("form_id", sa.String(length=255), nullable=True),
        sa.Column("role", sa.String(length=255), nullable=True),
        sa.Column("assignee", sa.String(length=255), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=True),
        sa.Column("claimed_by", sa.String(length=255), nullable=True),
        sa.Column("claimed_at", TIME, nullable=True),
        sa.Column("completed_by", sa.String(length=255), nullable=True),
        sa.Column("closed_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["definition_id"], ["process_definition.id"], name=op.f("fk_user_task_definition_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_user_task_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_task")),
    )
    op.create_index(op.f("ix_user_task_definition_id"), "user_task", ["definition_id"], unique=False)
    op.create_index(
        op.f("ix_user_task_instance_id_element_id"), "user_task", ["instance_id", "element_id"], unique=False
    )
    op.create_index(
        op.f("ix_user_task_state_assignee_due_at"), "user_task", ["state", "assignee", "due_at"], unique=False
    )
    op.create_index(
        op.f("ix_user_task_state_claimed_by_due_at"), "user_task", ["state", "claimed_by", "due_at"], unique=False
    )
    op.create_index(op.f("ix_user_task_state_role_due_at"), "user_task", ["state", "role", "due_at"], unique=False)


def _create_waits() -> None:
    op.create_table(
        "job",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("instance_id", SERIAL, nullable=False),
        sa.Column("token", sa.String(length=255), nullable=False),
        sa.Column("element_id", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("handler", sa.String(length=255), nullable=True),
        sa.Column("inputs", VALUES, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("timeout", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("lease_token", sa.String(length=64), nullable=True),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("traceback", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_job_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index(op.f("ix_job_instance_id"), "job", ["instance_id"], unique=False)
    op.create_index(op.f("ix_job_state_due_at"), "job", ["state", "due_at"], unique=False)
    op.create_table(
        "timer",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("instance_id", SERIAL, nullable=False),
        sa.Column("token", sa.String(length=255), nullable=False),
        sa.Column("element_id", sa.String(length=255), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("faulted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_timer_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
        sa.UniqueConstraint("instance_id", "token", name=op.f("uq_timer_instance_id_token")),
    )
    op.create_index(op.f("ix_timer_faulted_due_at"), "timer", ["faulted", "due_at"], unique=False)
    op.create_table(
        "subscription",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=True),
        sa.Column("element_id", sa.String(length=255), nullable=False),
        sa.Column("instance_id", SERIAL, nullable=True),
        sa.Column("token", sa.String(length=255), nullable=True),
        sa.Column("definition_id", SERIAL, nullable=True),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_subscription_definition_id")
        ),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_subscription_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("instance_id", "token", name=op.f("uq_subscription_instance_id_token")),
    )
    op.create_index(op.f("ix_subscription_definition_id"), "subscription", ["definition_id"], unique=False)
    op.create_index(op.f("ix_subscription_name_key"), "subscription", ["name", "key"], unique=False)


def _create_messages() -> None:
    op.create_table(
        "message",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=True),
        sa.Column("variables", VALUES, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=True),
        sa.Column("delivered_at", TIME, nullable=True),
        sa.Column("source_instance_id", SERIAL, nullable=True),
        sa.Column("source_element_id", sa.String(length=255), nullable=True),
        sa.Column("actor", sa.String(length=255), nullable=True),
        sa.Column("instance_id", SERIAL, nullable=True),
        sa.Column("element_id", sa.String(length=255), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_message_instance_id")),
        sa.ForeignKeyConstraint(
            ["source_instance_id"], ["process_instance.id"], name=op.f("fk_message_source_instance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("message_id", name=op.f("uq_message_message_id")),
    )
    op.create_index(op.f("ix_message_instance_id"), "message", ["instance_id"], unique=False)
    op.create_index(op.f("ix_message_source_instance_id"), "message", ["source_instance_id"], unique=False)
    op.create_index(op.f("ix_message_state_expires_at"), "message", ["state", "expires_at"], unique=False)
    op.create_index(op.f("ix_message_state_name_key"), "message", ["state", "name", "key"], unique=False)


def _create_history() -> None:
    op.create_table(
        "history_entry",
        sa.Column("instance_id", SERIAL, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("element_id", sa.String(length=255), nullable=False),
        sa.Column("definition_id", SERIAL, nullable=False),
        sa.Column("details", VALUES, nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_history_entry_definition_id")
        ),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_history_entry_instance_id")),
        sa.PrimaryKeyConstraint("instance_id", "seq", name=op.f("pk_history_entry")),
    )
    for statement in append_only("history_entry", op.get_bind().dialect.name):
        op.execute(statement)
