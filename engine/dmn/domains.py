"""Cutting a column's values into pieces that no cell divides, so that a table can be checked for gaps and overlaps.

Every cell made of literals, ranges and comparisons is true or false on the whole of a piece; one sample decides it.
With a bit mask of rules per piece, gaps and overlaps become set algebra.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cmp_to_key
from typing import Any

from engine.dmn.table import DecisionTable, Input
from engine.feel import Range, UnaryTests, equal, feel_text, kind_of, less
from engine.feel.arithmetic import operate
from engine.texts import Text
from engine.values import YearsMonths

BUDGET = 20_000  # nodes a search may visit; beyond that the table counts as unchecked
_SCALES = {"number", "date", "time", "date and time", "days and time duration", "years and months duration"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a column's values: a sample of it, its name for people, and the rules whose cell it passes (a mask).

    `expected` is false for values beyond those listed: they count for overlaps, but nobody needs a rule for them.
    """

    sample: Any
    label: Text | str
    rules: int
    expected: bool = True


Column = tuple[Piece, ...]


def partition(table: DecisionTable) -> tuple[Column, ...] | None:
    """Cut all columns; None when a cell is more than literals, so that only a run can tell what it means."""
    columns = []
    for at, column in enumerate(table.inputs):
        cells = [rule.tests[at] for rule in table.rules]
        if not all(is_plain(cell) for cell in cells):
            return None
        columns.append(_column(column, cells))
    return tuple(columns)


def is_plain(cell: UnaryTests) -> bool:
    """Tell whether a cell consists of literals, ranges of literals and comparisons with literals.

    Ranges of texts don't count: between any two texts there are always more.
    """
    return cell.plain is not None and not any(
        isinstance(test, Range) and "string" in {kind_of(test.start), kind_of(test.end)} for test in cell.plain
    )


def _column(column: Input, cells: Sequence[UnaryTests]) -> Column:
    points: list[Any] = []
    listed = [column.values] if column.values is not None and is_plain(column.values) else []
    for cell in [*cells, *listed]:
        for test in cell.plain or ():
            points += [v for v in (test.start, test.end) if v is not None] if isinstance(test, Range) else [test]
    if column.type.kind == "boolean" or any(isinstance(p, bool) for p in points):
        points += [True, False]
    samples: list[tuple[Any, Text | str, bool]] = []
    for kind in dict.fromkeys(kind_of(p) for p in points):
        values = _distinct([p for p in points if kind_of(p) == kind])
        samples += _scale(values) if kind in _SCALES else [(v, _label(v), True) for v in values]
    if not any(kind_of(p) in {*_SCALES, "boolean"} for p in points):
        samples.append((_Other(), Text("any other value"), not points))
    pieces = []
    for sample, label, expected in samples:
        allowed = not listed or listed[0].matches(sample, {})
        mask = sum(1 << n for n, cell in enumerate(cells) if cell.matches(sample, {}))
        pieces.append(Piece(sample, label, mask, expected and allowed))
    return tuple(pieces)


class _Other:
    """A value unlike all others; FEEL finds it equal to nothing."""


def _label(value: Any) -> str:
    return feel_text([value])[1:-1]


def _distinct(values: Iterable[Any]) -> list[Any]:
    kept: list[Any] = []
    for value in values:
        if not any(equal(value, other) is True for other in kept):
            kept.append(value)
    return kept


def _scale(values: list[Any]) -> list[tuple[Any, Text | str, bool]]:
    """Cut a scale at the values: each by itself, and what lies before, between and behind."""
    ordered = sorted(values, key=cmp_to_key(lambda a, b: -1 if less(a, b) else 1 if less(b, a) else 0))
    samples: list[tuple[Any, Text | str, bool]] = []
    below = _step(ordered[0], -1)
    if below is not None:
        samples.append((below, f"< {_label(ordered[0])}", True))
    for at, value in enumerate(ordered):
        samples.append((value, _label(value), True))
        if at + 1 < len(ordered):
            middle = _between(value, ordered[at + 1])
            if middle is not None:
                label = Text("between {low} and {high}", low=_label(value), high=_label(ordered[at + 1]))
                samples.append((middle, label, True))
    above = _step(ordered[-1], 1)
    if above is not None:
        samples.append((above, f"> {_label(ordered[-1])}", True))
    return samples


def _step(value: Any, direction: int) -> Any:
    """Return a value beyond this one, or None where the scale ends."""
    if kind_of(value) == "number":
        return operate("+", value, direction)
    if isinstance(value, YearsMonths):
        return YearsMonths(value.total + direction)
    moved = operate("+", value, timedelta(days=direction) if isinstance(value, date) else timedelta(seconds=direction))
    return moved if less(*((moved, value) if direction < 0 else (value, moved))) is True else None


def _between(low: Any, high: Any) -> Any:
    """Return a value strictly between two, or None if there is none."""
    if isinstance(low, YearsMonths):
        return YearsMonths(low.total + 1) if high.total - low.total > 1 else None
    if isinstance(low, date) and not isinstance(low, datetime):
        return low + timedelta(days=1) if high - low > timedelta(days=1) else None
    if isinstance(low, (datetime, time)):
        distance = operate("-", high, low)
        return operate("+", low, distance / 2) if isinstance(distance, timedelta) else None
    if isinstance(low, timedelta):
        return low + (high - low) / 2 if high - low > timedelta(microseconds=1) else None
    return operate("/", operate("+", low, high), 2)


class _Exhausted(Exception):
    pass


def uncovered(
    columns: Sequence[Column], rules: int, *, within: int | None = None, limit: int = 5
) -> list[list[Piece]] | None:
    """Return combinations of pieces that none of the rules (a mask) matches, at most `limit`.

    A short one holds for any values of the columns left out. None if there are too many to look through.

    `within`: only look where this rule (its number from 0) matches, including values that nobody expects.
    """
    found: list[list[Piece]] = []
    seen: set[tuple[int, int]] = set()

    def search(at: int, left: int, path: list[Piece]) -> None:
        if left == 0:
            found.append(path)
        if left == 0 or at == len(columns) or len(found) >= limit or (at, left) in seen:
            return
        seen.add((at, left))
        if len(seen) > BUDGET:
            raise _Exhausted
        tried: set[int] = set()
        for piece in columns[at]:
            rest = left & piece.rules
            if rest not in tried and (piece.expected if within is None else piece.rules >> within & 1):
                tried.add(rest)
                search(at + 1, rest, [*path, piece])

    try:
        search(0, rules, [])
    except (_Exhausted, RecursionError):
        return None
    return found


def overlaps(columns: Sequence[Column], count: int) -> list[tuple[int, int, list[Piece]]]:
    """Return pairs of rules (numbers from 0) that match at once, with a combination where they do."""
    pairs = []
    for first in range(count):
        common = ((1 << count) - 1) & ~((1 << (first + 1)) - 1)
        for column in columns:
            reach = 0
            for piece in column:
                if piece.rules >> first & 1:
                    reach |= piece.rules
            common &= reach
        for second in range(first + 1, count):
            if common >> second & 1:
                both = 1 << first | 1 << second
                example = [next(p for p in column if p.rules & both == both) for column in columns]
                pairs.append((first, second, example))
    return pairs
