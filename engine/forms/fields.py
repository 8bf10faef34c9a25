"""What a form is made of: fields that ask for a value, and the notes, dividers and sections around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.feel import Expression

PEOPLE = "user"  # the register that people are picked from
TEXT_LIMIT = 10_000  # characters a text may have where the form sets no smaller limit
PATTERN_LIMIT = 256  # characters that are given to a regular expression at most; see patterns.py
ROW_LIMIT = 200  # rows of a table, entries of a list of references


class FieldType(StrEnum):
    """What a field's value is."""

    TEXT = "text"  # str, one line
    AREA = "area"  # str, several lines
    INT = "int"  # int
    DEC = "dec"  # Decimal
    BOOL = "bool"  # bool; as a checkbox never null
    DATE = "date"  # date
    DT = "dt"  # aware date-time in UTC, asked for and shown in local time
    SELECT = "select"  # one option's value
    MULTI = "multi"  # list of options' values, in the options' order
    REF = "ref"  # key of a record in `register` (people: register `user`)
    REFS = "refs"  # list of such keys
    TABLE = "table"  # list of dicts, one per row


LISTS = frozenset({FieldType.MULTI, FieldType.REFS, FieldType.TABLE})
REFERENCES = frozenset({FieldType.REF, FieldType.REFS})


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: the value that is kept and the label that people read."""

    value: str | int | bool
    label: str

    @property
    def text(self) -> str:
        """The value as a browser posts it: `true`, `5`, `high`."""
        return str(self.value).lower() if isinstance(self.value, bool) else str(self.value)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a value must keep to; bounds that are FEEL are evaluated when the form is filled in."""

    minimum: Decimal | Expression | None = None
    maximum: Decimal | Expression | None = None
    min_length: int | Expression | None = None
    max_length: int | Expression | None = None
    pattern: re.Pattern[str] | None = None
    pattern_message: str = ""
    decimal_digits: int | None = None
    kind: str | None = None  # "email" | "phone"
    max_rows: int = ROW_LIMIT


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form.

    `id` is the form-js component's, `key` the name of the value. `widget` is the component type that the author chose
    (`radio` or `select` for one choice). `row` and `width` (of 16) place it; `default` is what the form opens with.
    """

    id: str
    key: str
    type: FieldType
    label: str
    widget: str
    description: str = ""
    required: bool = False
    required_if: Expression | None = None
    hide: Expression | None = None
    readonly: bool = False
    readonly_if: Expression | None = None
    default: Any = None  # a plain value, used where the context holds none
    default_expression: Expression | None = None  # FEEL, wins over the context: `=null` opens empty every time
    options: tuple[Option, ...] = ()
    options_from: Expression | None = None  # FEEL → list of texts or of {label, value}
    register: str | None = None
    filter: Expression | None = None  # over a record's fields: which records may be picked
    columns: tuple[Field, ...] = ()
    initial_rows: int = 1
    limits: Limits = field(default_factory=Limits)
    row: str = ""
    width: int | None = None

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Every FEEL expression of the field and its columns."""
        own = (
            self.required_if,
            self.hide,
            self.readonly_if,
            self.default_expression,
            self.options_from,
            self.filter,
            self.limits.minimum,
            self.limits.maximum,
            self.limits.min_length,
            self.limits.max_length,
        )
        nested = tuple(e for column in self.columns for e in column.expressions)
        return tuple(e for e in own if e is not None and not isinstance(e, int | Decimal)) + nested


@dataclass(frozen=True, slots=True)
class Note:
    """Text between fields, in a small part of Markdown."""

    id: str
    text: str
    hide: Expression | None = None
    row: str = ""
    width: int | None = None


@dataclass(frozen=True, slots=True)
class Divider:
    """A line (`separator`) or a gap (`spacer`)."""

    id: str
    widget: str
    hide: Expression | None = None
    row: str = ""
    width: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A titled group of nodes; hidden together."""

    id: str
    label: str
    nodes: tuple[Node, ...]
    hide: Expression | None = None
    row: str = ""
    width: int | None = None


Node = Field | Note | Divider | Section


@dataclass(frozen=True, slots=True)
class Rule:
    """A check across fields: while `when` is true, `message` stands at `field` ("" is the whole form)."""

    field: str
    when: Expression
    message: str


def fields_of(nodes: tuple[Node, ...]) -> Iterator[Field]:
    """Give the fields in the order drawn, those inside sections included."""
    for node in nodes:
        if isinstance(node, Field):
            yield node
        elif isinstance(node, Section):
            yield from fields_of(node.nodes)


def expressions_of(nodes: tuple[Node, ...]) -> Iterator[Expression]:
    """Give every FEEL expression of the nodes, sections' and notes' conditions included."""
    for node in nodes:
        if isinstance(node, Field):
            yield from node.expressions
            continue
        if node.hide is not None:
            yield node.hide
        if isinstance(node, Section):
            yield from expressions_of(node.nodes)


Context = Mapping[str, Any]  # variables and record fields by name, and `__now__`
