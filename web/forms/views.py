"""What the templates draw: controls and blocks with every word already in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Choice:
    """A radio button, a checkbox of a list, or an option of a select."""

    id: str
    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """Typed text that may mean several records, and those records as choices."""

    id: str
    typed: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; `drop` is what its remove button posts."""

    number: int
    cells: tuple[Control | None, ...]
    drop: str
    drop_label: str


@dataclass(frozen=True, slots=True)
class Control:
    """One field as drawn. `kind` names the macro: input · area · select · radios · checks · checkbox · pick · picks ·
    table · fixed · fixed_rows. `bare`: it stands in a table, its label is for screen readers only."""

    kind: str
    id: str
    name: str
    label: str
    description: str = ""
    errors: tuple[str, ...] = ()
    required: bool = False
    bare: bool = False
    trigger: bool = False  # the form is shown again when this changes
    value: str = ""
    input_type: str = "text"
    input_mode: str = ""
    choices: tuple[Choice, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    list_id: str = ""
    search_url: str = ""
    headings: tuple[tuple[str, bool], ...] = ()  # (label, required) of a table's columns
    rows: tuple[Row, ...] = ()
    may_add: bool = False
    texts: tuple[tuple[str, ...], ...] = ()  # cells of a table that is only shown

    @property
    def described_by(self) -> str:
        """Ids of the hint and the errors, as `aria-describedby` takes them."""
        parts = [f"{self.id}-hint" if self.description else "", f"{self.id}-errors" if self.errors else ""]
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Block:
    """One line of the form: a control, a note, a divider or a section; `width` of 12, 0 for what is left."""

    kind: str  # control · note · separator · spacer · section
    width: int = 12
    control: Control | None = None
    note: Markup | None = None
    label: str = ""
    lines: tuple[tuple[Block, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Datalist:
    """Suggestions of one register, shared by the inputs that pick from it."""

    id: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """A line of the error summary; `target` is the id of the input it leads to, empty for the form as a whole."""

    target: str
    text: str
