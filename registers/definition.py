"""Register definitions: what a register keeps, read from `definitions/*.toml`. No register is written in Python."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import Text
from registers.errors import IllegalTransition, InvalidDefinitions, UnknownRegister
from registers.fields import TYPES, Field, Option
from registers.organisation import roles

DIRECTORY = Path(__file__).parent / "definitions"
COMMON_COLUMNS = ("number", "state", "created_at", "created_by", "updated_at", "updated_by")
_KEY = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class State:
    """A state of a register's records; `to` are the states that may follow."""

    name: str
    label: str
    to: tuple[str, ...]
    terminal: bool = False


@dataclass(frozen=True, slots=True)
class Register:
    """What one register keeps and shows.

    `number` is the pattern of its numbers with `{year}` and `{serial}`; None: numbers are given from outside.
    `readers` are the roles that may read it without working in a process that needs it; none: administrators only.
    `protected` is the error code that whoever writes without authority gets; None: everybody may write.
    `labels` maps a locale to the field that names a record in it, `""` being every other locale.
    """

    key: str
    title: str
    plural: str
    fields: Mapping[str, Field]
    states: Mapping[str, State]
    initial: str
    number: str | None = None
    protected: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()  # of the list page
    sort: str = "-created_at"
    search: tuple[str, ...] = ()
    forms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # task → form field → field
    readers: tuple[str, ...] = ()

    def values_of(self, element: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """The fields that a task's form values fill: as `forms` says for the task, else those of the same name."""
        if element in self.forms:
            return {name: values[key] for key, name in self.forms[element].items() if key in values}
        return {name: value for name, value in values.items() if name in self.fields}

    @property
    def references(self) -> frozenset[str]:
        """The registers that its records point to."""
        fields = [*self.fields.values(), *(column for field in self.fields.values() for column in field.columns)]
        return frozenset(field.register for field in fields if field.register)

    @property
    def orders(self) -> frozenset[str]:
        """What a list may be sorted by."""
        return frozenset((*COMMON_COLUMNS, *(name for name in self.columns if name in self.fields)))

    def is_open(self, state: str) -> bool:
        """Whether records in this state still need work."""
        return not self.states[state].terminal

    def check_transition(self, number: str, old: str, new: str) -> None:
        """Make sure that a record may go from one state to another; staying is always allowed.

        Raises IllegalTransition.
        """
        if new == old or (new in self.states and new in self.states[old].to):
            return
        raise IllegalTransition(
            Text(
                "{number} is {old} and can't become {new}; possible: {possible}",
                number=number,
                old=Text(self.states[old].label),
                new=Text(self.states[new].label) if new in self.states else new,
                possible=", ".join(self.states[old].to) or "–",
            )
        )

    def label(self, fields: Mapping[str, Any], locale: str = "") -> str:
        """Name a record for people: the field for this locale, else the one for all others."""
        for key in (locale, ""):
            text = fields.get(self.labels.get(key, ""))
            if text:
                return str(text)
        return ""


@dataclass(frozen=True, slots=True)
class LinkKind:
    """What a link between two records means, seen from its first and from its second end."""

    label: str
    inverse: str


class Definitions(Mapping[str, Register]):
    """The registers of an installation by key, and the kinds of links between their records."""

    def __init__(
        self,
        registers: Mapping[str, Register],
        translations: Mapping[str, str],
        link_kinds: Mapping[str, LinkKind] | None = None,
    ) -> None:
        self._registers = dict(registers)
        self.link_kinds = dict(link_kinds or {})
        self.translations = dict(translations)  # every English label → Chinese, for the catalogue `messages`

    def __getitem__(self, key: str) -> Register:
        try:
            return self._registers[key]
        except KeyError:
            raise UnknownRegister(Text("there is no register {register}", register=key)) from None

    def __contains__(self, key: object) -> bool:
        return key in self._registers

    def __iter__(self) -> Iterator[str]:
        return iter(self._registers)

    def __len__(self) -> int:
        return len(self._registers)


def load_definitions(directory: Path = DIRECTORY) -> Definitions:
    """Read every `*.toml` of a directory as a register definition, and `_links.toml` for the kinds of links.

    Raises InvalidDefinitions with all problems of all files.
    """
    reader = _Reader()
    registers = {}
    for path in sorted(directory.glob("[!_]*.toml")):
        register = reader.read(path)
        if register is not None:
            registers[register.key] = register
    for register in registers.values():
        reader.check_references(register, registers)
    link_kinds = reader.read_links(directory / "_links.toml")
    if reader.problems:
        raise InvalidDefinitions(reader.problems)
    return Definitions(registers, reader.translations, link_kinds)


class _Reader:
    """Reads definition files and collects what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.translations: dict[str, str] = {}
        self._where = ""

    def read(self, path: Path) -> Register | None:
        self._where = path.name
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            self._problem(f"is not TOML: {error}")
            return None
        if data.get("key") != path.stem:
            self._problem(f"key must be {path.stem!r} like the file")
        known = {
            "key",
            "title",
            "plural",
            "number",
            "labels",
            "columns",
            "sort",
            "search",
            "initial",
            "forms",
            "protected",
            "readers",
        }
        for name in sorted(data.keys() - known - {"fields", "states"}):
            self._problem(f"unknown entry {name!r}")
        fields = {name: self._field(name, spec) for name, spec in data.get("fields", {}).items()}
        states = {name: self._state(name, spec) for name, spec in data.get("states", {}).items()}
        register = Register(
            key=path.stem,
            title=self._label("title", data.get("title")),
            plural=self._label("plural", data.get("plural")),
            fields=fields,
            states=states,
            initial=data.get("initial", next(iter(states), "")),
            number=data.get("number"),
            protected=data.get("protected"),
            labels=data.get("labels", {}),
            columns=tuple(data.get("columns", ())),
            sort=data.get("sort", "-created_at"),
            search=tuple(data.get("search", ())),
            forms=data.get("forms", {}),
            readers=tuple(data.get("readers", ())),
        )
        self._check(register)
        return register

    def read_links(self, path: Path) -> dict[str, LinkKind]:
        self._where = path.name
        data = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return {
            kind: LinkKind(self._label(kind, spec.get("label")), self._label(kind, spec.get("inverse")))
            for kind, spec in data.items()
        }

    def check_references(self, register: Register, registers: Mapping[str, Register]) -> None:
        self._where = f"{register.key}.toml"
        for definition in register.fields.values():
            if definition.register and definition.register not in registers:
                self._problem(f"field {definition.name}: there is no register {definition.register!r}")

    def _problem(self, what: str) -> None:
        self.problems.append(f"{self._where}: {what}")

    def _label(self, what: str, value: Any) -> str:
        """Labels are `["English", "中文"]`."""
        if not (isinstance(value, list) and len(value) == 2 and all(isinstance(v, str) and v for v in value)):
            self._problem(f'{what}: the label must be ["English", "中文"]')
            return ""
        english, chinese = value
        if self.translations.setdefault(english, chinese) != chinese:
            self._problem(f"{what}: {english!r} is {self.translations[english]} elsewhere, not {chinese}")
        return english

    def _field(self, name: str, spec: Mapping[str, Any]) -> Field:
        where = f"field {name}"
        if not _KEY.fullmatch(name) or name in (*COMMON_COLUMNS, "open", "text", "revision"):
            self._problem(f"{where}: the name is not usable")
        kind = spec.get("type", "")
        if kind not in TYPES:
            self._problem(f"{where}: unknown type {kind!r}")
        for entry in sorted(spec.keys() - {"type", "label", "required", "options", "register", "columns"}):
            self._problem(f"{where}: unknown entry {entry!r}")
        if (kind in ("ref", "refs")) != ("register" in spec):
            self._problem(f"{where}: a register belongs to ref and refs, and only to them")
        if (kind == "table") != ("columns" in spec):
            self._problem(f"{where}: columns belong to a table, and only to it")
        options = tuple(Option(o[0], self._label(f"{where}, {o[0]}", o[1:])) for o in spec.get("options", ()))
        columns = tuple(self._field(column, inner) for column, inner in spec.get("columns", {}).items())
        label = self._label(where, spec.get("label"))
        return Field(name, kind, label, spec.get("required", False), options, spec.get("register"), columns)

    def _state(self, name: str, spec: Mapping[str, Any]) -> State:
        for entry in sorted(spec.keys() - {"label", "to", "terminal"}):
            self._problem(f"state {name}: unknown entry {entry!r}")
        label = self._label(f"state {name}", spec.get("label"))
        return State(name, label, tuple(spec.get("to", ())), spec.get("terminal", False))

    def _check(self, register: Register) -> None:
        if register.initial not in register.states:
            self._problem(f"the initial state {register.initial!r} is not defined")
        for state in register.states.values():
            for target in state.to:
                if target not in register.states:
                    self._problem(f"state {state.name}: {target!r} is not a state")
        for what in ("columns", "search"):
            for name in getattr(register, what):
                if name not in register.fields and name not in COMMON_COLUMNS:
                    self._problem(f"{what}: there is no field {name!r}")
        for element, mapping in register.forms.items():
            for name in mapping.values():
                if name not in register.fields:
                    self._problem(f"forms.{element}: there is no field {name!r}")
        for role in register.readers:
            if role not in roles():
                self._problem(f"readers: there is no role {role!r}")
        for locale, name in register.labels.items():
            if name not in register.fields:
                self._problem(f"labels {locale!r}: there is no field {name!r}")
        if register.sort.removeprefix("-") not in register.orders:
            self._problem(f"sort: {register.sort!r} is neither a common nor a list column")
        if register.number is not None and "{serial" not in register.number:
            self._problem("number: the pattern needs {serial}")
