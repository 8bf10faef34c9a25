"""`for`, `some` and `every`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from engine.feel.calendar import Day, is_moment, moved
from engine.feel.compiler import Closure, Code, Compiler, Frame, Frames, cost, rule, usable
from engine.feel.kinds import DATE, LIST, NULL, NUMBER, RANGE, Range, kind_of, number_of
from engine.feel.limits import MAX_ITERATORS
from engine.feel.scope import Scope, checked_list
from engine.texts import Text


class NoDomain(Exception):
    """What is to be iterated over is null or no list, so that the whole is null."""


@dataclass(frozen=True, slots=True)
class _Iterator:
    name: str
    first: Closure
    last: Closure | None  # of a bare range

    def items(self, scope: Scope) -> Iterable[Any]:
        first = self.first(scope)
        if self.last is not None:
            return _counted(first, self.last(scope))
        return items_of(first)


def items_of(value: Any) -> Iterable[Any]:
    """Return what is iterated over: a list's items, a range's whole numbers or dates, any other value once.

    Raises NoDomain.
    """
    kind = kind_of(value)
    if kind == RANGE:
        return _within(value)
    if kind == NULL:
        raise NoDomain
    return (usable(item) for item in value) if kind == LIST else [value]


@rule("for")
def for_(compiler: Compiler, children: list[Any], frames: Frames) -> Code:
    *declared, body = children
    partial = Frame({"partial"})
    iterators, inner, size = _iterators(compiler, declared, (*frames, partial))
    code = compiler.compile(body, inner)
    evaluate, step = code.run, code.size

    def run(scope: Scope) -> Any:
        results: list[Any] = []
        outer = Scope({"partial": results}, scope, scope.run)
        try:
            for frame in _walk(iterators, outer):
                scope.run.spend(step)
                value = evaluate(frame)
                results.append(list(value) if value is results else value)
        except NoDomain:
            return None
        return checked_list(results)

    return Code(run, size + cost(code))


@rule("quantified")
def quantified(compiler: Compiler, children: list[Any], frames: Frames) -> Code:
    word, *declared, body = children
    iterators, inner, size = _iterators(compiler, declared, frames)
    code = compiler.compile(body, inner)
    evaluate, step = code.run, code.size
    decisive = word == "some"

    def run(scope: Scope) -> Any:
        answer: bool | None = not decisive
        try:
            for frame in _walk(iterators, scope):
                scope.run.spend(step)
                value = evaluate(frame)
                if value is decisive:
                    return decisive
                if not isinstance(value, bool):
                    answer = None
        except NoDomain:
            return None
        return answer

    return Code(run, size + cost(code))


def _iterators(compiler: Compiler, declared: list[Any], frames: Frames) -> tuple[list[_Iterator], Frames, int]:
    """Compile the iterators; each sees the names of those before it."""
    if len(declared) > MAX_ITERATORS:
        raise compiler.error(Text("more than {limit} iterators", limit=MAX_ITERATORS), declared[0])
    iterators = []
    size = 1
    for tree in declared:
        name = str(tree.children[0])
        bounds = [compiler.compile(child, frames) for child in tree.children[1:]]
        iterators.append(_Iterator(name, bounds[0].run, bounds[1].run if len(bounds) > 1 else None))
        size += sum(bound.size for bound in bounds)
        frames = (*frames, Frame({name}))
    return iterators, frames, size


def _walk(iterators: list[_Iterator], scope: Scope, at: int = 0) -> Iterator[Scope]:
    """Yield a scope for every combination, the last iterator turning fastest."""
    iterator = iterators[at]
    for item in iterator.items(scope):
        frame = Scope({iterator.name: item}, scope, scope.run)
        scope.run.spend(1)
        if at + 1 == len(iterators):
            yield frame
        else:
            yield from _walk(iterators, frame, at + 1)


def _counted(first: Any, last: Any) -> Iterable[Any]:
    """Count from one number or date to another, upwards or downwards."""
    kind = kind_of(first)
    if kind != kind_of(last):
        raise NoDomain
    if kind == DATE:
        return _days(first, last)
    start, end = number_of(first), number_of(last)
    if kind != NUMBER or start is None or end is None:
        raise NoDomain
    return _numbers(start, end)


def _numbers(start: Any, end: Any) -> Iterator[Any]:
    step = 1 if start <= end else -1
    value = start
    while (value <= end) if step > 0 else (value >= end):
        yield value
        value += step


def _days(start: Day, end: Day) -> Iterator[Day]:
    step = timedelta(days=1 if start <= end else -1)
    day = start
    while True:
        yield day
        if day == end:
            return
        day = moved(day, step)


def _within(interval: Range) -> Iterable[Any]:
    """Yield the whole numbers or dates within a closed range."""
    if interval.start is None or interval.end is None or is_moment(interval.start):
        raise NoDomain
    items = _counted(interval.start, interval.end)
    return (
        item
        for item in items
        if (interval.start_included or item != interval.start) and (interval.end_included or item != interval.end)
    )
