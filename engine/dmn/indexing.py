"""Looking up the rules that a column's value passes, instead of testing every cell.

A column whose cells hold nothing but literals, ranges of numbers and `-` becomes a table from values to rules, as bits
of an integer: rule 1 is the lowest. A hundred rules are then decided in the time of a few tests.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.feel import Range, UnaryTests

_FEW = 4  # rules; fewer are tested as fast as looked up


@dataclass(frozen=True, slots=True)
class ColumnIndex:
    """Which rules pass, by value.

    `anyway`: those with `-`. `exact`: text or boolean → rules. `points`: numbers at which something changes, with the
    rules `at` each of them and `between` it and the one before (the last: beyond all).
    """

    anyway: int
    exact: dict[tuple[type, Any], int]
    points: tuple[Decimal, ...]
    at: tuple[int, ...]
    between: tuple[int, ...]

    def passing(self, value: Any) -> int | None:
        """Return the rules whose cells the value passes; None for a value that must be tested cell by cell."""
        kind = type(value)
        if kind is str or kind is bool:
            return self.exact.get((kind, value), self.anyway)
        if kind is int or (kind is Decimal and value.is_finite()):
            place = bisect_left(self.points, value)
            return self.at[place] if place < len(self.points) and self.points[place] == value else self.between[place]
        return self.anyway if value is None else None


def index_of(cells: Sequence[UnaryTests]) -> ColumnIndex | None:
    """Index a column; None if a cell is more than literals, or if there are too few to be worth it."""
    if len(cells) < _FEW or not all(_is_plain(cell) for cell in cells):
        return None
    anyway = sum(1 << at for at, cell in enumerate(cells) if not cell.tests)
    exact: dict[tuple[type, Any], int] = {}
    ranges: list[tuple[int, Any]] = []
    for at, cell in enumerate(cells):
        for literal in cell.literals:
            if isinstance(literal, (str, bool)):
                known = (type(literal), literal)
                exact[known] = exact.get(known, anyway) | 1 << at
            else:
                ranges.append((1 << at, literal))
    points = sorted({p for _, r in ranges for p in _bounds(r) if p is not None})
    at_points = [anyway] * len(points)
    between = [anyway] * (len(points) + 1)
    places = {point: place for place, point in enumerate(points)}
    for bit, literal in ranges:
        low, high = _bounds(literal)
        first, last = places.get(low, -1), places.get(high, len(points))
        for place in range(max(first, 0), min(last, len(points) - 1) + 1):
            if _holds(literal, points[place]):
                at_points[place] |= bit
        for place in range(first + 1, last + 1):
            between[place] |= bit
    return ColumnIndex(anyway, exact, tuple(points), tuple(at_points), tuple(between))


def _is_plain(cell: UnaryTests) -> bool:
    if not cell.tests:
        return True
    if cell.plain is None or "!=" in cell.text or cell.text.lstrip().startswith("not"):
        return False
    return all(_is_known(literal) for literal in cell.plain)


def _is_known(literal: Any) -> bool:
    if isinstance(literal, Range):
        return all(bound is None or type(bound) is Decimal for bound in (literal.start, literal.end))
    return type(literal) in {str, bool, Decimal}


def _bounds(literal: Any) -> tuple[Any, Any]:
    return (literal.start, literal.end) if isinstance(literal, Range) else (literal, literal)


def _holds(literal: Any, point: Decimal) -> bool:
    if not isinstance(literal, Range):
        return bool(literal == point)
    above = literal.start is None or literal.start < point or (literal.start_included and literal.start == point)
    below = literal.end is None or point < literal.end or (literal.end_included and literal.end == point)
    return above and below
