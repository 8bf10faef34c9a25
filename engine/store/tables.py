"""The engine's tables. Column by column what is kept, and why it is a column."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from engine.store.types import Serial, UtcDateTime, Values

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# --- definitions: immutable -----------------------------------------------------------------------------------------

process_definition = Table(
    "process_definition",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("key", String(255), nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", String(255), nullable=False),
    Column("checksum", String(64), nullable=False),  # over the diagram and all it names
    Column("published_at", UtcDateTime, nullable=False),
    Column("published_by", String(255), nullable=False),
    Column("publication", Integer, nullable=False, server_default="0"),  # versions put into force together share it
    UniqueConstraint("key", "version"),
)

resource = Table(  # file contents by what they are, so that ten versions share one form
    "resource",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

definition_resource = Table(
    "definition_resource",
    metadata,
    Column("definition_id", ForeignKey("process_definition.id"), nullable=False),
    Column("kind", String(16), nullable=False),  # diagram, normalised, decision, form
    Column("name", String(255), nullable=False),
    Column("sha256", ForeignKey("resource.sha256"), nullable=False),
    PrimaryKeyConstraint("definition_id", "kind", "name"),
)

# --- instances and what they wait for -------------------------------------------------------------------------------

process_instance = Table(
    "process_instance",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("definition_id", ForeignKey("process_definition.id"), nullable=False, index=True),
    Column("business_key", String(255), index=True),
    Column("state", String(16), nullable=False, index=True),
    Column("snapshot", LargeBinary, nullable=False),
    Column("variables", Values, nullable=False),
    Column("revision", Integer, nullable=False),  # counted up by every step; a step that read an older one is refused
    Column("history_seq", Integer, nullable=False),  # number of the newest history entry
    Column("started_at", UtcDateTime, nullable=False),
    Column("started_by", String(255)),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("parent_id", ForeignKey("process_instance.id")),  # the case that called this one
    Column("parent_token", String(255)),  # its token that waits for the end of this one
    Column("parent_element", String(255)),  # and where that stands
    Column("root_id", ForeignKey("process_instance.id"), index=True),  # the outermost caller; null: this one
    Column("depth", Integer, nullable=False, server_default="0"),  # callers above it
    Index(None, "parent_id", "state"),
)

user_task = Table(
    "user_task",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("instance_id", ForeignKey("process_instance.id"), nullable=False),
    Column("definition_id", ForeignKey("process_definition.id"), nullable=False, index=True),
    Column("token", String(255), nullable=False),
    Column("element_id", String(255), nullable=False),
    Column("form_id", String(255)),
    Column("role", String(255)),
    Column("assignee", String(255)),
    Column("state", String(16), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),
    Column("claimed_by", String(255)),
    Column("claimed_at", UtcDateTime),
    Column("completed_by", String(255)),
    Column("closed_at", UtcDateTime),  # completed or cancelled
    Index(None, "instance_id", "element_id"),
    Index(None, "state", "role", "due_at"),
    Index(None, "state", "assignee", "due_at"),
    Index(None, "state", "claimed_by", "due_at"),
)

job = Table(
    "job",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("instance_id", ForeignKey("process_instance.id"), nullable=False, index=True),
    Column("token", String(255), nullable=False),
    Column("element_id", String(255), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("handler", String(255)),
    Column("inputs", Values, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),  # begun so far
    Column("retries", Integer, nullable=False),  # attempts in all
    Column("timeout", Integer, nullable=False),  # seconds
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("lease_token", String(64)),  # who runs it now
    Column("lease_until", UtcDateTime),  # when that worker counts as dead
    Column("finished_at", UtcDateTime),
    Column("error", Text),
    Column("traceback", Text),
    Index(None, "state", "due_at"),
)

timer = Table(
    "timer",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("instance_id", ForeignKey("process_instance.id"), nullable=False),
    Column("token", String(255), nullable=False),
    Column("element_id", String(255), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("faulted", Boolean, nullable=False),  # firing it failed: a job of kind `timer` goes on with it
    UniqueConstraint("instance_id", "token"),
    Index(None, "faulted", "due_at"),
)

start_timer = Table(  # when start events of the newest versions next begin a case by the clock
    "start_timer",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("definition_id", ForeignKey("process_definition.id"), nullable=False),
    Column("element_id", String(255), nullable=False),
    Column("number", Integer, nullable=False),  # which of the start event's definitions
    Column("schedule", Values, nullable=False),  # the raster of a cycle
    Column("due_at", UtcDateTime, index=True),  # null: it has begun its last case
    Column("fault", Text),  # why its last case could not begin
    UniqueConstraint("definition_id", "element_id", "number"),
)

subscription = Table(  # who waits for a message or signal: a token of an instance, or a start event of a newest version
    "subscription",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("name", String(255), nullable=False),
    Column("key", String(255)),
    Column("element_id", String(255), nullable=False),
    Column("instance_id", ForeignKey("process_instance.id")),
    Column("token", String(255)),
    Column("definition_id", ForeignKey("process_definition.id"), index=True),
    Column("kind", String(16), nullable=False, server_default="message"),  # message or signal
    UniqueConstraint("instance_id", "token"),
    Index(None, "name", "key"),
)

message = Table(  # the inbox, and the memory of what was delivered to whom
    "message",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("message_id", String(255), unique=True),  # the sender's; a second one with it changes nothing
    Column("name", String(255), nullable=False),
    Column("key", String(255)),
    Column("variables", Values, nullable=False),
    Column("state", String(16), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("delivered_at", UtcDateTime),
    Column("source_instance_id", ForeignKey("process_instance.id"), index=True),
    Column("source_element_id", String(255)),
    Column("actor", String(255)),
    Column("instance_id", ForeignKey("process_instance.id"), index=True),  # the receiver
    Column("element_id", String(255)),
    Column("fault", Text),  # why the last attempt to deliver it failed
    Index(None, "state", "name", "key"),
    Index(None, "state", "expires_at"),
)

history_entry = Table(  # append-only: triggers of the migration refuse UPDATE and DELETE
    "history_entry",
    metadata,
    Column("instance_id", ForeignKey("process_instance.id"), nullable=False),
    Column("seq", Integer, nullable=False),  # 1, 2, 3 … without a gap within the instance
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(255)),
    Column("kind", String(32), nullable=False),
    Column("element_id", String(255), nullable=False),
    Column("definition_id", ForeignKey("process_definition.id"), nullable=False),
    Column("details", Values, nullable=False),
    PrimaryKeyConstraint("instance_id", "seq"),
)
