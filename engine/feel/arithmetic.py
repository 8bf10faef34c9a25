"""`+ - * / **` on numbers, texts, dates, times and durations (DMN 1.5, tables 50–53); null where undefined.

Numbers are IEEE 754 decimal128, as the standard asks.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import (
    ROUND_HALF_EVEN,
    Clamped,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from typing import Any

from engine.feel.calendar import Moment, between, is_moment, make_date, make_moment, midnight, moved, shifted
from engine.feel.kinds import DATE, DATE_TIME, DAYS, MONTHS, NUMBER, STRING, TIME, instant, kind_of, number_of
from engine.feel.scope import checked_text
from engine.values import YearsMonths

DECIMAL128 = Context(
    prec=34,
    Emin=-6143,
    Emax=6144,
    rounding=ROUND_HALF_EVEN,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
DECIMAL128.clear_traps()
for _trap in (InvalidOperation, DivisionByZero, Overflow):
    DECIMAL128.traps[_trap] = True
DECIMAL128.traps[Clamped] = False
_MICRO = timedelta(microseconds=1)
_DAY = timedelta(days=1)


def operate(operator: str, left: Any, right: Any) -> Any:
    """Apply an operator to two values of any kinds."""
    first, second = kind_of(left), kind_of(right)
    if first == second == NUMBER:
        return numeric(operator, left, right)
    method = _TABLE.get((operator, first, second))
    if method is None:
        return None
    try:
        return method(left, right)
    except (OverflowError, ValueError, TypeError, ArithmeticError):
        return None  # beyond the calendar, or a zoned time with a local one: undefined, so null


def numeric(operator: str, left: Any, right: Any) -> Decimal | None:
    """Apply an operator to two numbers; null for what is none, or beyond decimal128 (34 digits, exponent 6144)."""
    left, right = number_of(left), number_of(right)
    if left is None or right is None:
        return None
    try:
        return _NUMERIC[operator](left, right)
    except (Overflow, InvalidOperation, DivisionByZero):
        return None


def negate(value: Any) -> Any:
    """Apply the unary minus."""
    number = number_of(value)
    if number is not None:
        return DECIMAL128.minus(number)
    if isinstance(value, timedelta):
        return -value
    return YearsMonths(-value.total) if isinstance(value, YearsMonths) else None


def add_months(moment: Any, months: int) -> Any:
    """Move a date or date-time by months; the 31st becomes the last day of a shorter month."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    days = (make_date(year, month + 1, min(day, moment.day)) for day in (moment.day, 30, 29, 28))
    found = next((day for day in days if day is not None), None)
    if found is None:
        raise OverflowError("beyond the calendar")
    return make_moment(found, moment.timetz()) if is_moment(moment) else found


def _power(left: Any, right: Any) -> Decimal:
    return DECIMAL128.power(left, right)


def _between(left: Any, right: Any) -> timedelta:
    if kind_of(left) != kind_of(right):
        left, right = midnight(left), midnight(right)
    if not is_moment(left):
        return timedelta(days=left.toordinal() - right.toordinal())
    if (left.tzinfo is None) is not (right.tzinfo is None):
        raise ValueError("one is local, the other is not")
    return between(instant(left), instant(right))


def _between_times(left: time, right: time) -> timedelta:
    day = date(2000, 1, 1)
    return datetime.combine(day, left) - datetime.combine(day, right)


def shift(moment: Moment, by: timedelta) -> Moment:
    """Add elapsed time; in a named zone the clock's jumps count."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        return shifted(moment, by)
    return shifted(instant(moment), by).astimezone(moment.tzinfo)


def _shift_time(moment: time, by: timedelta) -> time:
    return (datetime.combine(date(2000, 1, 15), moment) + by % _DAY).timetz()


def _scale(duration: Any, factor: Any) -> Any:
    factor = number_of(factor)
    if isinstance(duration, YearsMonths):
        return YearsMonths(int(DECIMAL128.multiply(duration.total, factor)))
    return timedelta(microseconds=int(DECIMAL128.multiply(duration // _MICRO, factor)))


def _shrink(duration: Any, divisor: Any) -> Any:
    divisor = number_of(divisor)
    if isinstance(duration, YearsMonths):
        return YearsMonths(int(DECIMAL128.divide(duration.total, divisor)))
    return timedelta(microseconds=int(DECIMAL128.divide(duration // _MICRO, divisor)))


def _ratio(left: Any, right: Any) -> Decimal:
    if isinstance(left, YearsMonths):
        return DECIMAL128.divide(left.total, right.total)
    return DECIMAL128.divide(left // _MICRO, right // _MICRO)


_NUMERIC: dict[str, Callable[[Any, Any], Decimal]] = {
    "+": DECIMAL128.add,
    "-": DECIMAL128.subtract,
    "*": DECIMAL128.multiply,
    "/": DECIMAL128.divide,
    "**": _power,
}
_TABLE: dict[tuple[str, str, str], Callable[[Any, Any], Any]] = {
    ("+", STRING, STRING): lambda a, b: checked_text(a + b),
    ("-", DATE, DATE): _between,
    ("-", DATE_TIME, DATE_TIME): _between,
    ("-", DATE, DATE_TIME): _between,
    ("-", DATE_TIME, DATE): _between,
    ("-", TIME, TIME): _between_times,
    ("+", DATE, DAYS): moved,
    ("-", DATE, DAYS): lambda a, b: moved(a, -b),
    ("+", DAYS, DATE): lambda a, b: moved(b, a),
    ("+", DATE_TIME, DAYS): shift,
    ("-", DATE_TIME, DAYS): lambda a, b: shift(a, -b),
    ("+", DAYS, DATE_TIME): lambda a, b: shift(b, a),
    ("+", TIME, DAYS): _shift_time,
    ("-", TIME, DAYS): lambda a, b: _shift_time(a, -b),
    ("+", DAYS, TIME): lambda a, b: _shift_time(b, a),
    ("+", DAYS, DAYS): lambda a, b: a + b,
    ("-", DAYS, DAYS): lambda a, b: a - b,
    ("+", MONTHS, MONTHS): lambda a, b: YearsMonths(a.total + b.total),
    ("-", MONTHS, MONTHS): lambda a, b: YearsMonths(a.total - b.total),
    **{("+", kind, MONTHS): lambda a, b: add_months(a, b.total) for kind in (DATE, DATE_TIME)},
    **{("-", kind, MONTHS): lambda a, b: add_months(a, -b.total) for kind in (DATE, DATE_TIME)},
    **{("+", MONTHS, kind): lambda a, b: add_months(b, a.total) for kind in (DATE, DATE_TIME)},
    **{("*", kind, NUMBER): _scale for kind in (DAYS, MONTHS)},
    **{("*", NUMBER, kind): lambda a, b: _scale(b, a) for kind in (DAYS, MONTHS)},
    **{("/", kind, NUMBER): _shrink for kind in (DAYS, MONTHS)},
    **{("/", kind, kind): _ratio for kind in (DAYS, MONTHS)},
}
