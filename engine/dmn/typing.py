"""The types that a file refers to: FEEL's own, and its item definitions (DMN 1.5, 7.3.2 and 10.3.2.9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.dmn.document import Report, child, children, name_of, text_of
from engine.feel import FeelSyntaxError, FeelType, UnaryTests, compile_unary_tests, kind_of, named_type
from engine.feel.calendar import is_day, midnight
from engine.feel.types import ANY_TYPE
from engine.texts import Text

_DEEPEST = 40  # types that narrow or hold one another
_UNDEFINED = {"", "undefined", "<undefined>"}  # what editors write for “no type”


@dataclass(frozen=True, slots=True)
class DataType:
    """A type that values are fitted to.

    `items`: the type of a collection's items. `entries`: a structure's components. `allowed` and `constraint` are
    tests that the value (of a collection: every item, and the whole) must pass. `base`: the type that this one narrows.
    """

    kind: FeelType = ANY_TYPE
    items: DataType | None = None
    entries: tuple[tuple[str, DataType], ...] = ()
    base: DataType | None = None
    allowed: UnaryTests | None = None
    constraint: UnaryTests | None = None

    @property
    def is_any(self) -> bool:
        """Every value is of this type as it stands."""
        return self == ANY

    def admits(self, value: Any) -> bool:
        """Tell whether the value is of the type as it stands; null is of every type."""
        if value is None:
            return True
        if self.items is not None:
            fits = kind_of(value) == "list" and all(self.items.admits(item) for item in value)
        elif self.base is not None:
            fits = self.base.admits(value)
        elif self.entries:
            fits = kind_of(value) == "context" and all(n in value and t.admits(value[n]) for n, t in self.entries)
        else:
            fits = self.kind.admits(value)
        return fits and all(t.matches(value, {}) for t in (self.allowed, self.constraint) if t is not None)

    def coerced(self, value: Any) -> Any:
        """Return the value as one of the type, null if it can't be (10.3.2.9.4).

        A list of one stands for its item, an item for a list of one, a date for its midnight UTC.
        """
        if self.admits(value):
            return value
        candidates: list[Any] = [[value]]
        if isinstance(value, list) and len(value) == 1:
            candidates.append(value[0])
        if is_day(value):
            candidates.append(midnight(value))
        return next((candidate for candidate in candidates if self.admits(candidate)), None)


ANY = DataType()


class Types:
    """Item definitions of a file, resolved to FEEL's own types."""

    def __init__(self, definitions: Any) -> None:
        self._items = {name_of(item): item for item in children(definitions, "itemDefinition")}
        self._built: dict[str, DataType] = {}
        self._imported: dict[str, DataType] = {}
        self._open = 0  # types being built, one within the other

    def add(self, prefix: str, types: Types, report: Report) -> None:
        """Make another file's types known under `prefix.name`; without a prefix under their own names."""
        known = types._imported | {name: types.named(name, None, report) for name in types._items}
        self._imported.update({f"{prefix}.{name}" if prefix else name: kind for name, kind in known.items()})

    def for_feel(self, report: Report) -> dict[str, FeelType]:
        """Return the file's types by name, for `instance of` and for a function's parameters."""
        known = self._imported | {name: self.named(name, None, report) for name in self._items if name}
        return {name: FeelType(found.kind.kind, judge=found) for name, found in known.items()}

    def data_type(self, element: Any, report: Report) -> DataType:
        """Return the type that an element's `typeRef` names; any if it names none, or one that doesn't exist."""
        return ANY if element is None else self.named((element.get("typeRef") or "").strip(), element, report)

    def named(self, written: str, at: Any, report: Report) -> DataType:
        """Return the type of this name; an unknown one is reported and taken as any."""
        if written.lower() in _UNDEFINED:
            return ANY
        if written in self._imported and written not in self._items:
            return self._imported[written]
        name = written if written in self._items else written.rpartition(":")[2]
        if name not in self._items:
            kind = named_type(name)
            if kind.unknown:
                self._unknown(kind.unknown, at, report)
                return ANY
            return ANY if kind == ANY_TYPE else DataType(kind)
        if name not in self._built:
            self._built[name] = ANY  # what refers to itself ends here
            self._open += 1
            if self._open <= _DEEPEST:
                self._built[name] = self._item(self._items[name], report)
            else:
                self._unknown(name, at, report)
            self._open -= 1
        return self._built[name]

    def _item(self, item: Any, report: Report) -> DataType:
        """Build the type of an item definition or component."""
        parts = list(children(item, "itemComponent"))
        function = child(item, "functionItem")
        reference = item.get("typeRef") or _element_text(item, "typeRef")
        allowed = self._tests(child(item, "allowedValues"), report)
        constraint = self._tests(child(item, "typeConstraint"), report)
        if parts:
            entries = tuple((name_of(part), self._item(part, report)) for part in parts)
            kind = DataType(FeelType("context"), entries=entries)
        elif function is not None:
            taken = tuple(self.data_type(p, report).kind for p in children(function, "parameters"))
            gives = self.named((function.get("outputTypeRef") or "").strip(), function, report).kind
            kind = DataType(FeelType("function", parameters=taken, result=gives))
        else:
            kind = self.named(reference, item, report)
        if item.get("isCollection") == "true":
            items = DataType(kind.kind, base=kind, allowed=allowed) if allowed is not None else kind
            return DataType(FeelType("list", inner=kind.kind), items=items, constraint=constraint)
        if allowed is None and constraint is None:
            return kind
        return DataType(kind.kind, base=kind, allowed=allowed, constraint=constraint)

    def result_of(self, element: Any, report: Report) -> DataType:
        """Return the type of what a function gives: its function type's output, or the type that is written."""
        written = "" if element is None else (element.get("typeRef") or "").strip().rpartition(":")[2]
        function = child(self._items[written], "functionItem") if written in self._items else None
        if function is not None:
            return self.named((function.get("outputTypeRef") or "").strip(), function, report)
        found = self.data_type(element, report)
        return ANY if found.kind.kind == "function" else found

    def _tests(self, element: Any, report: Report) -> UnaryTests | None:
        written = text_of(element)
        if not written:
            return None
        try:
            return compile_unary_tests(written)
        except FeelSyntaxError as error:
            report.error(
                "feel-syntax", element,
                Text("allowed values: {reason} (line {line}, column {column})", reason=error.reason, line=error.line,
                     column=error.column),
                Text("Correct the type's allowed values."),
            )  # fmt: skip
            return None

    def _unknown(self, name: str, at: Any, report: Report) -> None:
        report.error(
            "type-unknown", at,
            Text("there is no type “{type}”", type=name),
            Text("Choose string, number, boolean, date, time, date and time, a duration, or a type of the file."),
        )  # fmt: skip

    def names(self) -> set[str]:
        """Return the names of all components, which may stand after a dot."""
        return {
            name_of(component)
            for item in self._items.values()
            for component in item.iter()
            if isinstance(component.tag, str) and component.tag.endswith("itemComponent")
        }

    def of(self, element: Any, report: Report) -> tuple[FeelType, str]:
        """Return the type and the allowed values (FEEL, or empty) of an element's `typeRef`.

        An unknown type is reported and taken as any.
        """
        written = "" if element is None else (element.get("typeRef") or "").strip()
        if written.lower() in _UNDEFINED:
            return ANY_TYPE, ""
        if written in self._imported and written not in self._items:
            return self._imported[written].kind, ""
        kind, allowed = self._resolve(written, frozenset())
        if kind.unknown:
            self._unknown(kind.unknown, element, report)
            return ANY_TYPE, ""
        return kind, allowed

    def _resolve(self, written: str, seen: frozenset[str]) -> tuple[FeelType, str]:
        name = written if written in self._items else written.rpartition(":")[2]
        item = self._items.get(name)
        if item is None:
            return named_type(name) if name.lower() not in _UNDEFINED else ANY_TYPE, ""
        if name in seen or len(seen) > _DEEPEST:
            return FeelType("any", unknown=name), ""
        kind, allowed = ANY_TYPE, ""
        reference = item.get("typeRef") or _element_text(item, "typeRef")
        if any(True for _ in children(item, "itemComponent")):
            kind = FeelType("context")
        elif reference:
            kind, allowed = self._resolve(reference, seen | {name})
        if item.get("isCollection") == "true":
            return FeelType("list", inner=kind, unknown=kind.unknown), ""
        return kind, text_of(child(item, "allowedValues")) or allowed


def _element_text(item: Any, name: str) -> str:
    found = child(item, name)
    return "" if found is None else (found.text or "").strip()
