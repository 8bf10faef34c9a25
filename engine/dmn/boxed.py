"""Boxed expressions (DMN 1.5, 10.2.2 and 10.3): what may stand wherever a decision's logic stands.

Each is a frozen value that gives a value within a `Run`; names of their own live in a context around their parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from engine.dmn.table import DecisionTable
from engine.dmn.typing import ANY, DataType
from engine.feel import Expression, FeelFunction, FeelType, UnaryTests, kind_of
from engine.feel.calls import call_given
from engine.feel.iterations import NoDomain, items_of
from engine.feel.operators import item_at
from engine.feel.scope import Run, checked_list

_LEVELS = 6  # Python frames of a call, as limits.MAX_CALL_DEPTH counts them


class Read(NamedTuple):
    """A name that is read, or called as a function."""

    name: str
    is_call: bool


class Boxed(Protocol):
    """Any boxed expression."""

    def value(self, run: Run) -> Any:
        """Evaluate."""

    def reads(self) -> Iterator[Read]:
        """Yield the names that it reads or calls from outside itself, in an order that stays."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A FEEL expression in a box."""

    expression: Expression

    def value(self, run: Run) -> Any:
        return self.expression.value_in(run)

    def reads(self) -> Iterator[Read]:
        yield from names_of(self.expression)


@dataclass(frozen=True, slots=True)
class Tabular:
    """A decision table in a box."""

    table: DecisionTable

    def value(self, run: Run) -> Any:
        return self.table.decide(run).value

    def reads(self) -> Iterator[Read]:
        for expression in self.table.expressions():
            yield from names_of(expression)


@dataclass(frozen=True, slots=True)
class Typed:
    """A box whose value must be of a type."""

    inner: Boxed
    type: DataType

    def value(self, run: Run) -> Any:
        return self.type.coerced(self.inner.value(run))

    def reads(self) -> Iterator[Read]:
        yield from self.inner.reads()


@dataclass(frozen=True, slots=True)
class ContextBox:
    """Entries, each of which sees those above it; one without a name is the result of the whole."""

    entries: tuple[tuple[str | None, Boxed], ...]

    def value(self, run: Run) -> Any:
        scope, result = dict(run.context), {}
        inner = run.within(scope)
        for name, box in self.entries:
            value = box.value(inner)
            if name is None:
                return value
            scope[name] = result[name] = value
        return result

    def reads(self) -> Iterator[Read]:
        bound: set[str] = set()
        for name, box in self.entries:
            if isinstance(box, FunctionBox) and name is not None:
                bound.add(name)  # a function may call itself
            yield from (read for read in box.reads() if read.name not in bound)
            bound |= {name} if name is not None else set()


@dataclass(frozen=True, slots=True)
class ListBox:
    """A list of boxes; a relation is a list of contexts."""

    items: tuple[Boxed, ...]

    def value(self, run: Run) -> Any:
        return [item.value(run) for item in self.items]

    def reads(self) -> Iterator[Read]:
        for item in self.items:
            yield from item.reads()


@dataclass(frozen=True, slots=True)
class RowBox:
    """A relation's row: cells that don't see each other."""

    cells: tuple[tuple[str, Boxed], ...]

    def value(self, run: Run) -> Any:
        return {name: cell.value(run) for name, cell in self.cells}

    def reads(self) -> Iterator[Read]:
        for _, cell in self.cells:
            yield from cell.reads()


@dataclass(frozen=True, slots=True)
class FunctionBox:
    """A function definition: parameters with their types, and a body."""

    parameters: tuple[tuple[str, DataType], ...]
    body: Boxed
    result: DataType = ANY

    def value(self, run: Run) -> FeelFunction:
        return self.closure(lambda _: run.context)

    def closure(self, surroundings: Callable[[Run], Any]) -> FeelFunction:
        """Make the function value; `surroundings` gives the body's variables beside the parameters."""

        def call(run: Run, values: list[Any]) -> Any:
            run.spend(1)
            run.descend(_LEVELS)
            given = {name: kind.coerced(v) for (name, kind), v in zip(self.parameters, values, strict=True)}
            try:
                return self.result.coerced(self.body.value(run.within({**surroundings(run), **given})))
            finally:
                run.ascend(_LEVELS)

        types = tuple(kind.kind for _, kind in self.parameters)
        signature = FeelType("function", parameters=types, result=None if self.result.is_any else self.result.kind)
        return FeelFunction(tuple(name for name, _ in self.parameters), call, signature)

    def reads(self) -> Iterator[Read]:
        bound = {name for name, _ in self.parameters}
        yield from (read for read in self.body.reads() if read.name not in bound)


@dataclass(frozen=True, slots=True)
class Invocation:
    """A call with bindings of parameter names."""

    function: Expression
    bindings: tuple[tuple[str, Boxed], ...]

    def value(self, run: Run) -> Any:
        names = tuple(name for name, _ in self.bindings)
        values = [box.value(run) for _, box in self.bindings]
        return call_given(self.function.value_in(run), self.function.text, run, names, values)

    def reads(self) -> Iterator[Read]:
        if self.function.names == {self.function.text}:
            yield Read(self.function.text, is_call=True)
        else:
            yield from names_of(self.function)
        for _, box in self.bindings:
            yield from box.reads()


@dataclass(frozen=True, slots=True)
class Conditional:
    """If, then, else."""

    condition: Boxed
    then: Boxed
    otherwise: Boxed

    def value(self, run: Run) -> Any:
        return (self.then if self.condition.value(run) is True else self.otherwise).value(run)

    def reads(self) -> Iterator[Read]:
        for box in (self.condition, self.then, self.otherwise):
            yield from box.reads()


@dataclass(frozen=True, slots=True)
class Filter:
    """The items of a list for which a condition is true."""

    source: Boxed
    match: Boxed

    def value(self, run: Run) -> Any:
        source = self.source.value(run)
        if source is None:
            return None
        items = list(source) if kind_of(source) == "list" else [source]
        kept = []
        for item in items:
            run.spend(1)
            entries = item if isinstance(item, dict) else {}
            answer = self.match.value(run.within({**run.context, "item": item, **entries}))
            if kind_of(answer) == "number":
                return item_at(items, answer)
            if answer is not None and not isinstance(answer, bool):
                return None  # neither a condition nor a place
            if answer is True:
                kept.append(item)
        return kept

    def reads(self) -> Iterator[Read]:
        yield from self.source.reads()
        yield from (read for read in self.match.reads() if read.name != "item")


@dataclass(frozen=True, slots=True)
class Iteration:
    """`for`, `some` and `every` in a box."""

    kind: str
    variable: str
    source: Boxed
    body: Boxed

    def value(self, run: Run) -> Any:
        try:
            items = items_of(self.source.value(run))
            return self._collected(items, run) if self.kind == "for" else self._quantified(items, run)
        except NoDomain:
            return None

    def _collected(self, items: Iterable[Any], run: Run) -> list[Any]:
        results: list[Any] = []
        for item in items:
            run.spend(1)
            value = self.body.value(run.within({**run.context, self.variable: item, "partial": results}))
            results.append(list(results) if value is results else value)
        return checked_list(results)

    def _quantified(self, items: Iterable[Any], run: Run) -> bool | None:
        decisive = self.kind == "some"
        answer: bool | None = not decisive
        for item in items:
            run.spend(1)
            value = self.body.value(run.within({**run.context, self.variable: item}))
            if value is decisive:
                return decisive
            if not isinstance(value, bool):
                answer = None
        return answer

    def reads(self) -> Iterator[Read]:
        yield from self.source.reads()
        yield from (read for read in self.body.reads() if read.name not in {self.variable, "partial"})


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Logic that isn't there or can't be read: null."""

    def value(self, _: Run) -> Any:
        return None

    def reads(self) -> Iterator[Read]:
        yield from ()


def names_of(expression: Expression | UnaryTests) -> Iterator[Read]:
    """Yield what an expression reads and calls, in an order that stays."""
    yield from (Read(name, is_call=False) for name in sorted(expression.names - {"__now__"}))
    yield from (Read(name, is_call=True) for name in sorted(expression.calls))
