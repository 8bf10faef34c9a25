"""Range functions: Allen's relations between points and intervals (10.3.4.11), and `range`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from engine.feel.functions.registry import builtin
from engine.feel.kinds import ORDERED, Range, equal, in_range, kind_of, less

_POINT = "number|string|date|time|date and time|days and time duration|years and months duration"
_Relation = Callable[[Any, Any], bool | None]
_RANGES = "range1, range2"
_RANGE_TEXT = re.compile(r"([\[\](])(.{0,500}?)\.\.(.{0,500})([\[\])])", re.DOTALL)
_CALL = re.compile(r'(date|time|date and time|duration)\s*\(\s*"[^"\\]*"\s*\)')


def relation(name: str, *forms: str) -> Callable[[_Relation], _Relation]:
    """Register a relation in each of its forms, given by the parameters' names."""

    def register(function: _Relation) -> _Relation:
        for form in forms:
            parts = (f"{p}: {_POINT if p.startswith('point') else 'range'}" for p in form.split(", "))
            builtin(name, ", ".join(parts))(function)
        return function

    return register


def _both(first: bool | None, second: bool | None) -> bool | None:
    if first is False or second is False:
        return False
    return True if first and second else None


def _either(first: bool | None, second: bool | None) -> bool | None:
    if first is True or second is True:
        return True
    return None if first is None or second is None else False


def _bounds(value: Any) -> Range:
    """Take a point as the range that holds nothing else."""
    return value if isinstance(value, Range) else Range(value, value)


def _only_if(condition: bool, answer: bool | None) -> bool | None:
    return answer if condition else None if answer is None else False


@relation("before", "point1, point2", "point, range", "range, point", _RANGES)
def before(first: Any, second: Any) -> bool | None:
    left, right = _bounds(first), _bounds(second)
    if left.end is None or right.start is None:
        return False  # without an end, or without a start
    touching = not (left.end_included and right.start_included)
    return _either(less(left.end, right.start), _only_if(touching, equal(left.end, right.start)))


@relation("after", "point1, point2", "point, range", "range, point", _RANGES)
def after(first: Any, second: Any) -> bool | None:
    return before(second, first)


@relation("meets", _RANGES)
def meets(first: Range, second: Range) -> bool | None:
    return _only_if(first.end_included and second.start_included, equal(first.end, second.start))


@relation("met by", _RANGES)
def met_by(first: Range, second: Range) -> bool | None:
    return meets(second, first)


@relation("overlaps", _RANGES)
def overlaps(first: Range, second: Range) -> bool | None:
    apart = _either(before(first, second), after(first, second))
    return None if apart is None else not apart


def _starts_earlier(first: Range, second: Range) -> bool | None:
    if first.start is None or second.start is None:
        return second.start is not None
    wider = first.start_included and not second.start_included
    return _either(less(first.start, second.start), _only_if(wider, equal(first.start, second.start)))


def _ends_earlier(first: Range, second: Range) -> bool | None:
    if first.end is None or second.end is None:
        return first.end is not None
    narrower = second.end_included and not first.end_included
    return _either(less(first.end, second.end), _only_if(narrower, equal(first.end, second.end)))


@relation("overlaps before", _RANGES)
def overlaps_before(first: Range, second: Range) -> bool | None:
    ends = _either(
        _ends_earlier(first, second),
        _only_if(first.end_included == second.end_included, equal(first.end, second.end)),
    )
    return _both(_both(_starts_earlier(first, second), overlaps(first, second)), ends)


@relation("overlaps after", _RANGES)
def overlaps_after(first: Range, second: Range) -> bool | None:
    return overlaps_before(second, first)


@relation("finishes", "point, range", _RANGES)
def finishes(first: Any, second: Range) -> bool | None:
    if not isinstance(first, Range):
        return _only_if(second.end_included, equal(first, second.end))
    same_end = _only_if(first.end_included == second.end_included, equal(first.end, second.end))
    return _both(same_end, _starts_within(first, second))


def _starts_within(first: Range, second: Range) -> bool | None:
    earlier = _starts_earlier(first, second)
    return None if earlier is None else not earlier


def _ends_within(first: Range, second: Range) -> bool | None:
    earlier = _ends_earlier(second, first)
    return None if earlier is None else not earlier


@relation("finished by", "range, point", _RANGES)
def finished_by(first: Range, second: Any) -> bool | None:
    return finishes(second, first)


@relation("includes", "range, point", _RANGES)
def includes(first: Range, second: Any) -> bool | None:
    if not isinstance(second, Range):
        return in_range(second, first)
    return _both(_starts_within(second, first), _ends_within(second, first))


@relation("during", "point, range", _RANGES)
def during(first: Any, second: Range) -> bool | None:
    return includes(second, first)


@relation("starts", "point, range", _RANGES)
def starts(first: Any, second: Range) -> bool | None:
    if not isinstance(first, Range):
        return _only_if(second.start_included, equal(first, second.start))
    same_start = _only_if(first.start_included == second.start_included, equal(first.start, second.start))
    return _both(same_start, _ends_within(first, second))


@relation("started by", "range, point", _RANGES)
def started_by(first: Range, second: Any) -> bool | None:
    return starts(second, first)


@relation("coincides", "point1, point2", _RANGES)
def coincides(first: Any, second: Any) -> bool | None:
    if isinstance(first, Range) != isinstance(second, Range) or kind_of(first) != kind_of(second):
        return None
    return equal(first, second)


@builtin("range", "from: string")
def range_(text: str) -> Range | None:
    """Read a range of literals, `"[1..3]"` or `"[18..)"` with an open end."""
    match = _RANGE_TEXT.fullmatch(text.strip())
    if match is None:
        return None
    opening, low, high, closing = match.groups()
    start, end = _endpoint(low), _endpoint(high)
    included = (opening == "[", closing == "]")
    if not low.strip() or not high.strip():
        if low.strip() == high.strip() or included[1 if low.strip() else 0]:
            return None  # no end at all, or an open one that is to be included
        known = start if low.strip() else end
        return Range(start, end, *included) if kind_of(known) in ORDERED else None
    return Range(start, end, *included) if less(start, end) or equal(start, end) else None


def _endpoint(text: str) -> Any:
    """Return the value of a literal, or of a date, time or duration written as a call."""
    from engine.feel.expression import compile_expression, constant_value

    call = _CALL.fullmatch(text.strip())
    return constant_value(text) if call is None else compile_expression(text).evaluate({})
