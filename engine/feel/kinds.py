"""The kinds of FEEL values, equality and order between them (DMN 1.5, 10.3.2.2–10.3.2.3).

A function returns None for FEEL's null wherever the standard says so: comparing what can't be compared is null,
neither true nor false.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.feel.calendar import FarDate, FarMoment, Moment
from engine.values import YearsMonths

NUMBER, STRING, BOOLEAN, DATE, TIME = "number", "string", "boolean", "date", "time"
DATE_TIME, DAYS, MONTHS = "date and time", "days and time duration", "years and months duration"
LIST, CONTEXT, RANGE, FUNCTION, NULL = "list", "context", "range", "function", "Null"
ORDERED = frozenset({NUMBER, STRING, DATE, TIME, DATE_TIME, DAYS, MONTHS})
_EXACT: dict[type, str] = {}


@dataclass(frozen=True, slots=True)
class Range:
    """An interval. A bound of None is open to that side (`(> 5)`), and then not included."""

    start: Any
    end: Any
    start_included: bool = True
    end_included: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class FeelFunction:
    """A function value: made by `function(…) …`, or a built-in named without calling it."""

    parameters: tuple[str, ...]
    call: Callable[[Any, list[Any]], Any]  # (run, positional arguments)
    type: Any = None  # the FeelType of the parameters and the result, as far as they are known

    def invoke(self, run: Any, arguments: list[Any]) -> Any:
        """Call with positional arguments; a wrong number of them gives null."""
        return self.call(run, arguments) if len(arguments) == len(self.parameters) else None

    def invoke_named(self, run: Any, names: Sequence[str], values: list[Any]) -> Any:
        """Call with named arguments; wrong names give null."""
        if len(names) != len(self.parameters) or set(names) != set(self.parameters):
            return None
        return self.invoke(run, [values[names.index(parameter)] for parameter in self.parameters])


def kind_of(value: Any) -> str:
    """Name the value's kind; `unknown` for what FEEL has no word for."""
    kind = _EXACT.get(type(value))
    if kind is None:
        kind = next((k for cls, k in _FAMILIES if isinstance(value, cls)), "unknown")
    return kind


_FAMILIES: tuple[tuple[type, str], ...] = (
    (type(None), NULL), (bool, BOOLEAN), (int, NUMBER), (Decimal, NUMBER), (float, NUMBER), (str, STRING),
    (datetime, DATE_TIME), (FarMoment, DATE_TIME), (date, DATE), (FarDate, DATE),
    (time, TIME), (timedelta, DAYS), (YearsMonths, MONTHS), (list, LIST),
    (tuple, LIST), (dict, CONTEXT), (Range, RANGE), (FeelFunction, FUNCTION), (Mapping, CONTEXT),
)  # fmt: skip
_EXACT.update(_FAMILIES)


def number_of(value: Any) -> Any:
    """Return a finite number as Decimal or int, anything else as None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    return value if isinstance(value, int) else None


def equal(left: Any, right: Any) -> bool | None:
    """Compare for equality: true, false, or null for values of different kinds."""
    if left is None or right is None:
        return left is None and right is None
    kind = kind_of(left)
    if kind != kind_of(right):
        return None
    if kind == NUMBER:
        return number_of(left) == number_of(right)
    if kind == LIST:
        return _equal_lists(left, right)
    if kind == CONTEXT:
        return _equal_contexts(left, right)
    if kind == RANGE:
        return _equal_ranges(left, right)
    if kind in {TIME, DATE_TIME} and _zoned(left) != _zoned(right):
        return None
    if kind == DATE_TIME:
        return bool(instant(left) == instant(right))
    if kind == FUNCTION:
        return left is right or None
    return bool(left == right) if kind != "unknown" else None


def instant(moment: Moment) -> Moment:
    """Return the moment in UTC, so that two zones compare by what they mean; a local one stays as it is."""
    if moment.tzinfo is None:
        return moment
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return moment


def _zoned(value: time | Moment) -> bool:
    return value.tzinfo is not None


def _equal_lists(left: Any, right: Any) -> bool | None:
    if len(left) != len(right):
        return False
    return _all(equal(a, b) for a, b in zip(left, right, strict=True))


def _equal_contexts(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool | None:
    if left.keys() != right.keys():
        return False
    return _all(equal(value, right[key]) for key, value in left.items())


def _equal_ranges(left: Range, right: Range) -> bool | None:
    if (left.start_included, left.end_included) != (right.start_included, right.end_included):
        return False
    return _all((equal(left.start, right.start), equal(left.end, right.end)))


def _all(results: Any) -> bool | None:
    answer: bool | None = True
    for result in results:
        if result is False:
            return False
        if result is None:
            answer = None
    return answer


def less(left: Any, right: Any) -> bool | None:
    """Tell whether left < right; null when the two have no order."""
    kind = kind_of(left)
    if kind not in ORDERED or kind != kind_of(right):
        return None
    if kind == NUMBER:
        left, right = number_of(left), number_of(right)
        return None if left is None or right is None else left < right
    if kind in {TIME, DATE_TIME}:
        if _zoned(left) != _zoned(right):
            return None
        if kind == DATE_TIME:
            left, right = instant(left), instant(right)
    try:
        return bool(left < right)
    except TypeError:  # a time in a named zone has no order without a date
        return None


def less_or_equal(left: Any, right: Any) -> bool | None:
    """Tell whether left ≤ right; null when the two have no order."""
    smaller = less(left, right)
    return True if smaller else None if smaller is None else equal(left, right)


def compare(operator: str, left: Any, right: Any) -> bool | None:
    """Apply one of `= != < <= > >=`."""
    return COMPARISONS[operator](left, right)


def unequal(left: Any, right: Any) -> bool | None:
    """Compare for inequality; null for values of different kinds."""
    same = equal(left, right)
    return None if same is None else not same


COMPARISONS: dict[str, Callable[[Any, Any], bool | None]] = {
    "=": equal,
    "!=": unequal,
    "<": less,
    "<=": less_or_equal,
    ">": lambda left, right: less(right, left),
    ">=": lambda left, right: less_or_equal(right, left),
}


def in_range(value: Any, interval: Range) -> bool | None:
    """Tell whether the value lies within the interval."""
    if value is None:
        return None
    above: bool | None = True
    if interval.start is not None:
        above = (less_or_equal if interval.start_included else less)(interval.start, value)
    below: bool | None = True
    if interval.end is not None:
        below = (less_or_equal if interval.end_included else less)(value, interval.end)
    return _all((above, below))


def contained(value: Any, tested: Any) -> bool | None:
    """Apply `value in tested`: a list has it (or a range in it), a range embraces it, anything else equals it."""
    kind = kind_of(tested)
    if kind == RANGE and kind_of(value) != RANGE:
        return in_range(value, tested)
    if kind == LIST and kind_of(value) != LIST:
        return any(_matches(value, item) for item in tested)
    if kind == LIST:
        return bool(equal(value, tested)) or any(equal(value, item) is True for item in tested)
    return equal(value, tested)


def _matches(value: Any, item: Any) -> bool:
    if kind_of(item) == RANGE and kind_of(value) != RANGE:
        return in_range(value, item) is True
    return equal(value, item) is True
