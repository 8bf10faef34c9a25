"""Numeric functions (10.3.4.5). `random number` is left out: an expression gives the same every time."""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
    InvalidOperation,
    Overflow,
)
from typing import Any

from engine.feel.arithmetic import DECIMAL128, numeric
from engine.feel.functions.conversions import whole
from engine.feel.functions.registry import builtin
from engine.values import YearsMonths

_WIDE = DECIMAL128.copy()  # a result of 34 digits may take more on the way
_WIDE.prec = 80


def _rounded(number: Any, scale: Any, rounding: str) -> Decimal | None:
    places = whole(scale)
    if places is None or not -6111 <= places <= 6176:
        return None
    number = Decimal(number)
    if number.is_zero():
        return number
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= places and places > 0:
        return number  # has no more digits than are asked for
    try:
        return _normal(number.quantize(Decimal(1).scaleb(-places), rounding=rounding, context=_WIDE))
    except InvalidOperation:
        return None


def _normal(number: Decimal) -> Decimal:
    """Write a whole number without an exponent (1E+2 → 100)."""
    exponent = number.as_tuple().exponent
    return number.quantize(Decimal(1), context=_WIDE) if isinstance(exponent, int) and 0 < exponent < 40 else number


@builtin("decimal", "n: number, scale: number")
def decimal(number: Any, scale: Any) -> Decimal | None:
    return _rounded(number, scale, ROUND_HALF_EVEN)


@builtin("floor", "n: number, scale?: number")
def floor(number: Any, scale: Any = None) -> Decimal | None:
    return _rounded(number, 0 if scale is None else scale, ROUND_FLOOR)


@builtin("ceiling", "n: number, scale?: number")
def ceiling(number: Any, scale: Any = None) -> Decimal | None:
    return _rounded(number, 0 if scale is None else scale, ROUND_CEILING)


@builtin("round up", "n: number, scale: number")
def round_up(number: Any, scale: Any) -> Decimal | None:
    return _rounded(number, scale, ROUND_UP)


@builtin("round down", "n: number, scale: number")
def round_down(number: Any, scale: Any) -> Decimal | None:
    return _rounded(number, scale, ROUND_DOWN)


@builtin("round half up", "n: number, scale: number")
def round_half_up(number: Any, scale: Any) -> Decimal | None:
    return _rounded(number, scale, ROUND_HALF_UP)


@builtin("round half down", "n: number, scale: number")
def round_half_down(number: Any, scale: Any) -> Decimal | None:
    return _rounded(number, scale, ROUND_HALF_DOWN)


@builtin("abs", "n: number|days and time duration|years and months duration")
def abs_(value: Any) -> Any:
    return YearsMonths(abs(value.total)) if isinstance(value, YearsMonths) else abs(value)


@builtin("modulo", "dividend: number, divisor: number")
def modulo(dividend: Any, divisor: Any) -> Decimal | None:
    """Compute `dividend - divisor * floor(dividend / divisor)`: the sign is the divisor's."""
    if divisor == 0:
        return None
    try:
        rest = _WIDE.remainder(dividend, divisor)
    except (InvalidOperation, Overflow):
        return None
    if rest and (rest < 0) != (divisor < 0):
        rest = _WIDE.add(rest, divisor)
    return DECIMAL128.plus(rest)


@builtin("sqrt", "number: number")
def sqrt(number: Any) -> Decimal | None:
    return None if number < 0 else DECIMAL128.sqrt(Decimal(number))


@builtin("log", "number: number")
def log(number: Any) -> Decimal | None:
    return None if number <= 0 else DECIMAL128.ln(Decimal(number))


@builtin("exp", "number: number")
def exp(number: Any) -> Decimal | None:
    try:
        return DECIMAL128.exp(Decimal(number))
    except Overflow:
        return None


@builtin("odd", "number: number")
def odd(number: Any) -> bool:
    return numeric("-", number, 1) is not None and modulo(number, 2) == 1


@builtin("even", "number: number")
def even(number: Any) -> bool:
    return modulo(number, 2) == 0
