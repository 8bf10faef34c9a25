"""How a built-in function is declared, chosen among its overloads, and called.

```python
@builtin("substring", "string: string, start position: number, length?: number")
def substring(string, start, length=None): ...
```

Every argument is checked against its kind before the function runs: a null or a value of a wrong kind gives null
(unless the kind is `any`), a single value stands for a list of one and a list of one for its value (10.3.2.9.4).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.feel.kinds import FUNCTION, LIST, FeelFunction, kind_of
from engine.feel.scope import Run
from engine.feel.types import FeelType

ANY = "any"
ABSENT = object()  # an optional argument that was not written
BUILTINS: dict[str, Builtin] = {}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; `kinds` holds `any` or the kinds that are taken."""

    name: str
    kinds: frozenset[str]
    optional: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """One overload.

    `variadic`: its only parameter is a list that may be written out as arguments. `rest`: the last may be repeated.
    """

    parameters: tuple[Parameter, ...]
    function: Callable[..., Any]
    takes_run: bool
    variadic: bool
    rest: bool

    def call(self, run: Run, arguments: Sequence[Any]) -> Any:
        """Conform the arguments and call; null if one doesn't fit."""
        conformed = self.conform(arguments)
        return None if conformed is None else self.apply(run, conformed)

    def conform(self, arguments: Sequence[Any]) -> list[Any] | None:
        """Fit the arguments to the parameters; None if one doesn't."""
        if self.variadic:
            arguments = [list(arguments)] if len(arguments) != 1 or kind_of(arguments[0]) != LIST else arguments
        conformed: list[Any] = []
        parameters = self.parameters
        for at, value in enumerate(arguments):
            if value is ABSENT:
                conformed.append(None)
                continue
            fits, value = _conform(value, parameters[at if at < len(parameters) else -1].kinds)
            if not fits:
                return None
            conformed.append(value)
        return conformed

    def apply(self, run: Run, conformed: list[Any]) -> Any:
        """Call with arguments that fit."""
        return self.function(run, *conformed) if self.takes_run else self.function(*conformed)

    def accepts(self, count: int) -> bool:
        """Tell whether so many positional arguments may be written."""
        required = sum(not p.optional for p in self.parameters)
        if self.variadic or self.rest:
            return count >= required
        return required <= count <= len(self.parameters)


@dataclass(frozen=True, slots=True)
class Builtin:
    """A built-in function with its overloads."""

    name: str
    signatures: tuple[Signature, ...]

    def positional(self, count: int) -> tuple[Signature, ...]:
        """Return the overloads for so many arguments; the first whose kinds fit is meant."""
        return tuple(s for s in self.signatures if s.accepts(count))

    def named(self, names: Sequence[str]) -> tuple[Signature, tuple[int | None, ...]] | None:
        """Return the overload with these parameters, and for each parameter the argument's place.

        `before(range, point)` and `before(point, range)` are told apart by the order they are written in.
        """
        as_written = [s for s in self.signatures if [p.name for p in s.parameters] == list(names)]
        for signature in (*as_written, *self.signatures):
            known = [p.name for p in signature.parameters]
            required = {p.name for p in signature.parameters if not p.optional}
            if required <= set(names) <= set(known) and len(set(names)) == len(names):
                return signature, tuple(names.index(n) if n in names else None for n in known)
        return None

    def as_value(self) -> BuiltinFunction:
        """Return the function as a value, to be handed to `sort` and the like."""
        first = self.signatures[0]
        names = tuple(p.name for p in first.parameters)
        types = tuple(FeelType(next(iter(p.kinds)) if len(p.kinds) == 1 else ANY) for p in first.parameters)
        return BuiltinFunction(names, self._call, FeelType(FUNCTION, parameters=types), self)

    def _call(self, run: Run, arguments: list[Any]) -> Any:
        return call_first(self.positional(len(arguments)), run, arguments)


@dataclass(frozen=True, slots=True, eq=False)
class BuiltinFunction(FeelFunction):
    """A built-in function as a value: called with any of its signatures."""

    builtin: Builtin | None = None

    def invoke(self, run: Run, arguments: list[Any]) -> Any:
        """Call with positional arguments."""
        return self.call(run, arguments)

    def invoke_named(self, run: Run, names: Sequence[str], values: list[Any]) -> Any:
        """Call the signature with these parameters."""
        bound = self.builtin.named(names) if self.builtin is not None else None
        if bound is None:
            return None
        return bound[0].call(run, [ABSENT if at is None else values[at] for at in bound[1]])


def call_first(signatures: Sequence[Signature], run: Run, arguments: Sequence[Any]) -> Any:
    """Call the first overload whose kinds fit; null if none does."""
    for signature in signatures:
        conformed = signature.conform(arguments)
        if conformed is not None:
            return signature.apply(run, conformed)
    return None


def builtin(name: str, parameters: str, *, run: bool = False, variadic: bool = False) -> Any:
    """Register a function under a FEEL name; registering the name again adds an overload."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        signature = Signature(_parameters(parameters), function, run, variadic, parameters.endswith("..."))
        known = BUILTINS.get(name, Builtin(name, ()))
        BUILTINS[name] = Builtin(name, (*known.signatures, signature))
        return function

    return register


def _parameters(text: str) -> tuple[Parameter, ...]:
    parsed = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        name, _, kinds = (p.strip(" .") for p in part.partition(":"))
        parsed.append(Parameter(name.rstrip("?"), frozenset(k.strip() for k in kinds.split("|")), name.endswith("?")))
    return tuple(parsed)


def _conform(value: Any, kinds: frozenset[str]) -> tuple[bool, Any]:
    if ANY in kinds:
        return True, value
    kind = kind_of(value)
    if kind in kinds:
        return True, value
    if value is None:
        return False, None
    if LIST in kinds:
        return True, [value]
    if kind == LIST and len(value) == 1 and kind_of(value[0]) in kinds:
        return True, value[0]
    return False, None
