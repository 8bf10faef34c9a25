"""Range functions: Allen's relations between points and intervals (10.3.4.11), and `range`."""

from __future__ import annotations

from typing import Any

from engine.feel.functions.registry import builtin
from engine.feel.kinds import Range, equal, in_range, kind_of, less

_POINT = "number|string|date|time|date and time|days and time duration|years and months duration"
_EITHER = f"{_POINT}|range"


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


@builtin("before", f"point1: {_EITHER}, point2: {_EITHER}")
def before(first: Any, second: Any) -> bool | None:
    left, right = _bounds(first), _bounds(second)
    touching = not (left.end_included and right.start_included)
    return _either(less(left.end, right.start), _only_if(touching, equal(left.end, right.start)))


@builtin("after", f"point1: {_EITHER}, point2: {_EITHER}")
def after(first: Any, second: Any) -> bool | None:
    return before(second, first)


@builtin("meets", "range1: range, range2: range")
def meets(first: Range, second: Range) -> bool | None:
    return _only_if(first.end_included and second.start_included, equal(first.end, second.start))


@builtin("met by", "range1: range, range2: range")
def met_by(first: Range, second: Range) -> bool | None:
    return meets(second, first)


@builtin("overlaps", "range1: range, range2: range")
def overlaps(first: Range, second: Range) -> bool | None:
    apart = _either(before(first, second), after(first, second))
    return None if apart is None else not apart


def _starts_earlier(first: Range, second: Range) -> bool | None:
    wider = first.start_included and not second.start_included
    return _either(less(first.start, second.start), _only_if(wider, equal(first.start, second.start)))


def _ends_earlier(first: Range, second: Range) -> bool | None:
    narrower = second.end_included and not first.end_included
    return _either(less(first.end, second.end), _only_if(narrower, equal(first.end, second.end)))


@builtin("overlaps before", "range1: range, range2: range")
def overlaps_before(first: Range, second: Range) -> bool | None:
    ends = _either(
        _ends_earlier(first, second),
        _only_if(first.end_included == second.end_included, equal(first.end, second.end)),
    )
    return _both(_both(_starts_earlier(first, second), overlaps(first, second)), ends)


@builtin("overlaps after", "range1: range, range2: range")
def overlaps_after(first: Range, second: Range) -> bool | None:
    starts = _either(
        _starts_earlier(second, first),
        _only_if(first.start_included == second.start_included, equal(first.start, second.start)),
    )
    return _both(_both(starts, overlaps(first, second)), _ends_earlier(second, first))


@builtin("finishes", f"point: {_EITHER}, range: range")
def finishes(first: Any, second: Range) -> bool | None:
    if not isinstance(first, Range):
        return _only_if(second.end_included, equal(first, second.end))
    same_end = _only_if(first.end_included == second.end_included, equal(first.end, second.end))
    return _both(same_end, _starts_within(first, second))


def _starts_within(first: Range, second: Range) -> bool | None:
    closed = not first.start_included or second.start_included
    return _either(less(second.start, first.start), _only_if(closed, equal(first.start, second.start)))


def _ends_within(first: Range, second: Range) -> bool | None:
    closed = not first.end_included or second.end_included
    return _either(less(first.end, second.end), _only_if(closed, equal(first.end, second.end)))


@builtin("finished by", f"range: range, point: {_EITHER}")
def finished_by(first: Range, second: Any) -> bool | None:
    return finishes(second, first)


@builtin("includes", f"range: range, point: {_EITHER}")
def includes(first: Range, second: Any) -> bool | None:
    if not isinstance(second, Range):
        return in_range(second, first)
    return _both(_starts_within(second, first), _ends_within(second, first))


@builtin("during", f"point: {_EITHER}, range: range")
def during(first: Any, second: Range) -> bool | None:
    return includes(second, first)


@builtin("starts", f"point: {_EITHER}, range: range")
def starts(first: Any, second: Range) -> bool | None:
    if not isinstance(first, Range):
        return _only_if(second.start_included, equal(first, second.start))
    same_start = _only_if(first.start_included == second.start_included, equal(first.start, second.start))
    return _both(same_start, _ends_within(first, second))


@builtin("started by", f"range: range, point: {_EITHER}")
def started_by(first: Range, second: Any) -> bool | None:
    return starts(second, first)


@builtin("coincides", f"point1: {_EITHER}, point2: {_EITHER}")
def coincides(first: Any, second: Any) -> bool | None:
    if isinstance(first, Range) != isinstance(second, Range) or kind_of(first) != kind_of(second):
        return None
    return equal(first, second)


@builtin("range", "from: string")
def range_(text: str) -> Range | None:
    """Read a range of literals, `"[1..3]"`."""
    from engine.feel.expression import constant_value

    value = constant_value(text)
    return value if isinstance(value, Range) else None
