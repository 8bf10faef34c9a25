"""Types as they stand after `instance of`, in a function's parameters and in a decision's `typeRef`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lark import Tree

from engine.feel.calendar import midnight
from engine.feel.kinds import CONTEXT, DATE, DATE_TIME, FUNCTION, LIST, NULL, RANGE, FeelFunction, kind_of

_ALIASES = {
    "Any": "any",
    "any": "any",
    "Null": NULL,
    "null": NULL,
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "integer": "number",
    "long": "number",
    "double": "number",
}
NAMES = frozenset({
    "any", NULL, "number", "string", "boolean", "date", "time", "date and time", "days and time duration",
    "years and months duration", LIST, CONTEXT, RANGE, FUNCTION,
})  # fmt: skip


class Admitting(Protocol):
    """What tells whether a value is of a type."""

    def admits(self, value: Any) -> bool:
        """Tell whether the value is of the type; null is of every type."""


@dataclass(frozen=True, slots=True)
class FeelType:
    """A type. `inner` is a list's or range's element, `entries` a context's. `unknown` names what isn't a type."""

    kind: str
    inner: FeelType | None = None
    entries: tuple[tuple[str, FeelType], ...] = ()
    parameters: tuple[FeelType, ...] | None = None
    result: FeelType | None = None
    unknown: str = ""
    judge: Admitting | None = None  # a type from outside (an item definition) decides itself

    def holds(self, value: Any) -> bool:
        """Tell whether the value is an instance; null is one of `Null` only."""
        if self.judge is not None:
            return value is not None and self.judge.admits(value)
        if self.kind == "any":
            return value is not None
        if kind_of(value) != self.kind:
            return False
        if self.kind == LIST and self.inner is not None:
            return all(self.inner.admits(item) for item in value)
        if self.kind == RANGE and self.inner is not None:
            return all(bound is None or self.inner.holds(bound) for bound in (value.start, value.end))
        if self.kind == CONTEXT:
            return all(name in value and kind.admits(value[name]) for name, kind in self.entries)
        if isinstance(value, FeelFunction) and self.parameters is not None:
            return self._holds_function(value)
        return True

    def _holds_function(self, function: FeelFunction) -> bool:
        """Tell whether a function may stand for this type: it takes at least these, and gives at most that."""
        own, asked = function.type or FeelType(FUNCTION), self.parameters or ()
        if len(function.parameters) != len(asked):
            return False
        taken = own.parameters or (ANY_TYPE,) * len(asked)
        fits = all(given.conforms_to(parameter) for given, parameter in zip(asked, taken, strict=True))
        return fits and (own.result is None or self.result is None or own.result.conforms_to(self.result))

    def conforms_to(self, other: FeelType) -> bool:
        """Tell whether every value of this type is one of the other (10.3.2.9.1, 10.3.2.9.2)."""
        if other.kind == "any" or self.kind == NULL or self == other:
            return True
        if self.kind != other.kind or other.judge is not None:
            return False
        if self.kind in {LIST, RANGE}:
            return other.inner is None or (self.inner or ANY_TYPE).conforms_to(other.inner)
        if self.kind == CONTEXT:
            own = dict(self.entries)
            return all(name in own and own[name].conforms_to(kind) for name, kind in other.entries)
        if self.kind != FUNCTION or other.parameters is None:
            return True
        if self.parameters is None or len(self.parameters) != len(other.parameters):
            return False
        fits = all(b.conforms_to(a) for a, b in zip(self.parameters, other.parameters, strict=True))
        return fits and (self.result or ANY_TYPE).conforms_to(other.result or ANY_TYPE)

    def admits(self, value: Any) -> bool:
        """Tell whether the value may stand where this type is asked for: null may everywhere."""
        return value is None or self.holds(value)

    def conform(self, value: Any) -> tuple[bool, Any]:
        """Fit an argument to the type: a list of one stands for its value, a value for a list of one.

        A date stands for its midnight UTC (10.3.2.9.4).
        """
        if self.unknown or self.admits(value):
            return True, value
        if self.kind == LIST and self.holds([value]):
            return True, [value]
        if isinstance(value, list) and len(value) == 1 and self.holds(value[0]):
            return True, value[0]
        if self.kind == DATE_TIME and kind_of(value) == DATE:
            return True, midnight(value)
        return False, None


ANY_TYPE = FeelType("any")


def named_type(name: str) -> FeelType:
    """Return the built-in type of this name; an unknown one is marked."""
    name = " ".join(name.split())
    name = _ALIASES.get(name, name)
    return FeelType(name) if name in NAMES else FeelType("any", unknown=name)


def read_type(tree: Tree[Any], types: Mapping[str, FeelType]) -> FeelType:
    """Read a type from its syntax tree; `types` are those in scope beside FEEL's own."""
    if tree.data == "type_name":
        name = ".".join(map(str, tree.children))
        return types[name] if name in types else named_type(name)
    if tree.data == "type_context":
        parts = [(str(e.children[0]), read_type(e.children[1], types)) for e in tree.children]
        return FeelType(CONTEXT, entries=tuple(parts), unknown=_first_unknown(*(t for _, t in parts)))
    inner = [read_type(child, types) for child in tree.children]
    if tree.data == "type_function":
        return FeelType(FUNCTION, parameters=tuple(inner[:-1]), result=inner[-1], unknown=_first_unknown(*inner))
    kind = LIST if tree.data == "type_list" else RANGE
    return FeelType(kind, inner=inner[0], unknown=_first_unknown(*inner))


def _first_unknown(*types: FeelType) -> str:
    return next((t.unknown for t in types if t.unknown), "")
