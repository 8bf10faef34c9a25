"""Reading what surrounds a record: links from both ends, the timeline, the trail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from engine import Text
from registers.definition import Definitions, Register
from registers.queries import FIELD_LINK, RECORD_COLUMNS, record_from
from registers.records import Change, Link, Note, Record
from registers.tables import record, record_link, record_note, record_trail
from registers.writing import plain


def links_of(connection: Connection, definitions: Definitions, near: Record) -> list[Link]:
    """All links of a record with the records at their far ends, in one statement."""
    far, number = record.alias("far"), near.number
    table = record_link
    outgoing = and_(table.c.source == number, far.c.number == table.c.target)
    incoming = and_(table.c.target == number, far.c.number == table.c.source)
    query = (
        select(table.c.kind, table.c.source, table.c.at, table.c.actor, *(far.c[c.name] for c in RECORD_COLUMNS))
        .join(far, or_(outgoing, incoming))
        .where(or_(table.c.source == number, table.c.target == number))
        .order_by(table.c.id)
    )
    links = []
    for row in connection.execute(query).mappings():
        other, outgoing = record_from(row, definitions), row["source"] == number
        label = _label(definitions, row["kind"], near if outgoing else other, outgoing=outgoing)
        links.append(Link(row["kind"], label, outgoing, other, row["at"], row["actor"]))
    return links


def _label(definitions: Definitions, kind: str, source: Record, *, outgoing: bool) -> str:
    """What a link is called from this end: its kind's label, or the reference field that makes it."""
    if kind.startswith(FIELD_LINK):
        field = source.definition.fields.get(kind.removeprefix(FIELD_LINK))
        return field.label if field else ""
    known = definitions.link_kinds.get(kind)
    if known is None:
        return kind.replace("_", " ")
    return known.label if outgoing else known.inverse


def notes_of(connection: Connection, number: str) -> list[Note]:
    """The record's timeline, oldest first."""
    query = select(record_note).where(record_note.c.number == number).order_by(record_note.c.id)
    rows = connection.execute(query).mappings()
    return [Note(row["at"], row["actor"], row["element"], _said(row["text"], row["values"])) for row in rows]


def trail_of(connection: Connection, definition: Register, number: str) -> list[Change]:
    """Every change of the record, field by field, oldest first."""
    query = select(record_trail).where(record_trail.c.number == number).order_by(record_trail.c.id)
    changes = []
    for row in connection.execute(query).mappings():
        for name, before, after in row["changes"]:
            known = definition.fields.get(name)
            read: Callable[[Any], Any] = known.from_json if known else plain
            changes.append(Change(row["at"], row["actor"], row["element"], name, read(before), read(after)))
    return changes


def _said(text: str, values: dict[str, Any] | None) -> str | Text:
    return text if values is None else Text(text, **values)
