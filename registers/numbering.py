"""Numbers of records: `INC-2025-00001`, counted per prefix and year, without gaps."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import Connection

from engine import Text
from registers.calendars import ZONE
from registers.definition import Definitions, Register
from registers.errors import InvalidRecord
from registers.queries import insert_into
from registers.tables import number_sequence


def numbered(definitions: Definitions, register: str) -> Register:
    """Return the numbered register of this key or prefix.

    Raises UnknownRegister, InvalidRecord for a register whose numbers come from outside.
    """
    for definition in definitions.values():
        if definition.number and register in (definition.key, prefix_of(definition.number)):
            return definition
    key = definitions[register].key  # raises UnknownRegister for what is neither a key nor a prefix
    raise InvalidRecord({"number": [Text("{register} numbers are given from outside", register=key)]})


def take_number(connection: Connection, pattern: str, now: datetime) -> str:
    """Count a pattern's sequence up, in one statement.

    Other transactions wait for this one to end, and its rollback gives the number back: hence no gaps.
    """
    year = now.astimezone(ZONE).year if "{year" in pattern else 0
    table = number_sequence
    statement = insert_into(connection.dialect)(table).values(prefix=prefix_of(pattern), year=year, last=1)
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.prefix, table.c.year], set_={"last": table.c.last + 1}
    ).returning(table.c.last)
    return pattern.format(year=year, serial=connection.execute(statement).scalar_one())


def reserve_number(connection: Connection, pattern: str, number: str) -> None:
    """Make sure that a number given from outside is never given again by the sequence."""
    match = re.fullmatch(_expression(pattern), number)
    if match is None:
        return
    year, serial = int(match.groupdict().get("year") or 0), int(match["serial"])
    table = number_sequence
    statement = insert_into(connection.dialect)(table).values(prefix=prefix_of(pattern), year=year, last=serial)
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.prefix, table.c.year],
        set_={"last": statement.excluded.last},
        where=table.c.last < statement.excluded.last,
    )
    connection.execute(statement)


def prefix_of(pattern: str) -> str:
    """The part of a number pattern before its first hyphen."""
    return pattern.split("-", 1)[0]


def _expression(pattern: str) -> str:
    return re.sub(r"\\{(year|serial)[^}]*\\}", r"(?P<\1>\\d+)", re.escape(pattern))
