"""What the registers hand out: records, their trail, notes and links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine import Text
from registers.definition import Register


@dataclass(frozen=True, slots=True)
class Record:
    """One record at one revision. `fields` holds typed values; a field that was never filled is absent."""

    number: str
    register: str
    state: str
    fields: Mapping[str, Any]
    revision: int
    created_at: datetime
    created_by: str | None
    updated_at: datetime
    updated_by: str | None
    definition: Register = field(repr=False, compare=False)

    def __getitem__(self, name: str) -> Any:
        """The field's value, None where it was never filled."""
        return self.fields.get(name)

    @property
    def is_open(self) -> bool:
        """Whether the record's state is not a terminal one."""
        return self.definition.is_open(self.state)

    def label(self, locale: str = "") -> str:
        """What the record is called in the reader's language."""
        return self.definition.label(self.fields, locale)


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a record's trail: who changed which field at which element of a diagram."""

    at: datetime
    actor: str | None
    element: str | None
    field: str  # `state`, `link` or a field's name
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Note:
    """An entry of a record's timeline: a person's words, or a sentence of the system that can be translated."""

    at: datetime
    actor: str | None
    element: str | None
    text: str | Text


@dataclass(frozen=True, slots=True)
class Link:
    """A link seen from one of its ends. `other` is the record at the far end, `label` what that is to this one."""

    kind: str
    label: str
    outgoing: bool
    other: Record
    at: datetime
    actor: str | None


@dataclass(frozen=True, slots=True)
class Between:
    """A filter for ordered values: `low` ≤ value < `high`; None leaves that side open."""

    low: Any = None
    high: Any = None
