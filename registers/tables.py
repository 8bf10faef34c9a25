"""The registers' tables. They live beside the engine's, in the same database, with a migration history of their own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from engine import Serial, UtcDateTime

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _number(name: str, **options: Any) -> Column[str]:
    return Column(name, String(64), ForeignKey("record.number"), **options)


record = Table(
    "record",
    metadata,
    Column("number", String(64), primary_key=True),
    Column("register", String(40), nullable=False),
    Column("state", String(40), nullable=False),
    Column("open", Boolean, nullable=False),  # the state isn't terminal
    Column("fields", Json, nullable=False),
    Column("search", Text, nullable=False),  # case-folded number and search fields
    Column("revision", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(64)),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("updated_by", String(64)),
    Index(None, "register", "open", "created_at", "number"),
    Index(None, "register", "created_at", "number"),
    Index(None, "register", "state"),
)

record_trail = Table(  # append-only: triggers refuse UPDATE and DELETE
    "record_trail",
    metadata,
    Column("id", Serial, primary_key=True),
    _number("number", nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(64)),  # person id; None: clock and machines
    Column("element", String(255)),  # the diagram's element, where one caused the change
    Column("changes", Json, nullable=False),  # [[field, before, after]], in the order of the changes
)

record_note = Table(  # append-only
    "record_note",
    metadata,
    Column("id", Serial, primary_key=True),
    _number("number", nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(64)),
    Column("element", String(255)),
    Column("text", Text, nullable=False),
    Column("values", Json),  # values of a translatable sentence; None: a person's own words
)

record_link = Table(
    "record_link",
    metadata,
    Column("id", Serial, primary_key=True),
    _number("source", nullable=False),
    _number("target", nullable=False),
    Column("kind", String(40), nullable=False),  # a link kind, or `field:<name>` for a reference field
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(64)),
    UniqueConstraint("source", "target", "kind"),
    Index(None, "target", "kind", "source"),
)

number_sequence = Table(
    "number_sequence",
    metadata,
    Column("prefix", String(20), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),  # 0: not counted per year
    Column("last", Integer, nullable=False),
)

person = Table(
    "person",
    metadata,
    Column("id", String(64), primary_key=True),  # also the login
    Column("name", String(120), nullable=False),
    Column("name_latin", String(120), nullable=False),
    Column("department", String(64)),
    Column("supervisor", String(64), ForeignKey("person.id")),
    Column("email", String(254), nullable=False),
    Column("locale", String(20), nullable=False),
    Column("password_hash", String(255)),
    Column("active", Boolean, nullable=False),
    Column("search", Text, nullable=False),
)

person_role = Table(
    "person_role",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("person", String(64), ForeignKey("person.id"), nullable=False, index=True),
    Column("role", String(64), nullable=False, index=True),
    Column("kind", String(20), nullable=False),  # post · hat · delegate (stands in for `role` within `scope`)
    Column("scope", String(64)),
    Column("valid_from", Date),
    Column("valid_to", Date),  # last day, inclusive
)

person_department = Table(  # where somebody worked before: segregation of audits needs it
    "person_department",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("person", String(64), ForeignKey("person.id"), nullable=False, index=True),
    Column("department", String(64), nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("name", String(120), nullable=False),
    Column("scopes", String(255), nullable=False),  # separated by blanks
    Column("digest", String(64), nullable=False, unique=True),  # SHA-256 of the secret
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(64)),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
)

ended_session = Table(
    "ended_session",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the session's id
    Column("ended_at", UtcDateTime, nullable=False),
)

calendar_day = Table(
    "calendar_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("working", Boolean, nullable=False),
    Column("reason", String(120), nullable=False),
)

calendar_year = Table(  # years that `calendar_day` describes completely, so that the library isn't asked
    "calendar_year",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
)

sla_clock = Table(
    "sla_clock",
    metadata,
    Column("id", Serial, primary_key=True),
    _number("number", nullable=False),
    Column("metric", String(20), nullable=False),  # response · resolution
    Column("calendar", String(20), nullable=False),
    Column("target_s", Integer, nullable=False),  # seconds of working time
    Column("warn_percent", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("pauses", Json, nullable=False),  # [[from, to | null, "paused" | "stopped"]]
    Column("due_at", UtcDateTime, nullable=False),
    Column("warn_at", UtcDateTime, nullable=False),
    Column("stopped_at", UtcDateTime),
    Column("warned_at", UtcDateTime),  # when the milestone was marked
    Column("breached_at", UtcDateTime),
    Column("breached", Boolean, nullable=False),
    Column("next_at", UtcDateTime, index=True),  # when the next milestone must be fired
    UniqueConstraint("number", "metric"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("template", String(64), nullable=False),
    Column("recipient", String(64), nullable=False),  # person id, or the address of somebody outside
    Column("name", String(120), nullable=False),
    Column("address", String(254), nullable=False),
    Column("locale", String(20), nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("number", String(64), index=True),  # the record it is about
    Column("state", String(20), nullable=False),  # pending · sent · failed
    Column("tries", Integer, nullable=False),
    Column("error", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("dedupe", String(255), unique=True),
    Index(None, "state", "id"),
)

APPEND_ONLY = ("record_trail", "record_note")
