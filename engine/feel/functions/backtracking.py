"""Find out whether a regular expression could take exponential or high polynomial time.

The test errs on the safe side. What is repeated must be deterministic: at every character it is clear which part of
the pattern takes it (no repetition that may end where the next part could also go on, no alternatives that begin
alike, nothing that may be empty). Outside repetitions a few such choices are allowed, and two unbounded repetitions in
a row that share characters (quadratic).

Allowed are `([a-z]+\\.)+com`, `(\\d+,)*\\d+`, `.*x.*`; refused `(a+)+`, `(a|aa)*`, `a*a*a*`, `(\\w*\\d)+`.
"""

from __future__ import annotations

import re
import re._constants as op  # type: ignore[import-not-found]  # (Python's own parser of patterns, 3.11 and later)
import re._parser as parser  # type: ignore[import-not-found]
from dataclasses import dataclass, replace
from typing import Any

MANY = op.MAXREPEAT
_SAMPLES = "".join(map(chr, range(128))) + "é中Ωя\u00a0\u3000٣"
_EVERYTHING = frozenset(_SAMPLES)
_REPEATS = {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}
_LARGE = 1000  # rounds that a bounded repetition may have; more costs memory in the matcher
_WAYS = 64  # choices outside repetitions that are tried out
_SHARING = 2  # unbounded repetitions in a row that may share characters: n² for the two, n more for the search


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a part of a pattern can match: `first` and `every` are sample characters it may begin with and hold."""

    first: frozenset[str]
    every: frozenset[str]
    last: frozenset[str]  # characters that may stand where a variable tail could have gone on
    empty: bool  # it may match nothing
    variable: bool  # it may match texts of different lengths
    ways: int = 1  # an estimate of how many ways one text can be shared out among the parts
    open_ended: tuple[frozenset[str], ...] = ()  # the sample characters of unbounded repetitions at its end


_NOTHING = _Shape(frozenset(), frozenset(), frozenset(), empty=True, variable=False)


class _RunsAway(Exception):
    pass


def runs_away(pattern: str, flags: int) -> bool:
    """Tell whether matching could take more than quadratic time.

    Raises re.error for what isn't a pattern.
    """
    parsed = parser.parse(pattern, flags)
    insensitive = bool(flags & re.IGNORECASE)
    try:
        _sequence(parsed, insensitive)
    except _RunsAway:
        return True
    return False


def _sequence(items: Any, insensitive: bool) -> _Shape:
    shape = _NOTHING
    for kind, argument in items:
        shape = _joined(shape, _item(kind, argument, insensitive))
    return shape


def _joined(left: _Shape, right: _Shape) -> _Shape:
    # an unbounded tail stays in play while what follows can be taken from its characters
    kept = tuple(tail for tail in left.open_ended if right.empty or tail & right.first)
    open_ended = kept + right.open_ended
    if right.open_ended:
        tail = right.open_ended[-1]
        if sum(bool(tail & other) for other in open_ended) > _SHARING:
            raise _RunsAway
    return _Shape(
        first=left.first | right.first if left.empty else left.first,
        every=left.every | right.every,
        ways=_bounded(left.ways * right.ways * (2 if left.last & right.first else 1)),
        last=(left.last | right.last) if right.empty else right.last,
        empty=left.empty and right.empty,
        variable=left.variable or right.variable,
        open_ended=open_ended if right.every or right.open_ended else left.open_ended,
    )


def _item(kind: Any, argument: Any, insensitive: bool) -> _Shape:
    if kind in _REPEATS:
        return _repetition(argument, insensitive)
    if kind is op.SUBPATTERN:
        return _sequence(argument[3], insensitive)
    if kind is op.BRANCH:
        return _alternatives([_sequence(branch, insensitive) for branch in argument[1]])
    if kind is op.AT:
        return _NOTHING
    if kind is op.ATOMIC_GROUP:
        return _sequence(argument, insensitive)
    if kind is op.GROUPREF:
        return _Shape(_EVERYTHING, _EVERYTHING, _EVERYTHING, empty=True, variable=True, open_ended=(_EVERYTHING,))
    characters = _characters(kind, argument, insensitive)
    return _Shape(characters, characters, frozenset(), empty=False, variable=False)


def _alternatives(shapes: list[_Shape]) -> _Shape:
    first = frozenset().union(*(s.first for s in shapes))
    empty = any(s.empty for s in shapes)
    overlapping = sum(s.empty for s in shapes) > 1 or sum(len(s.first) for s in shapes) > len(first)
    return _Shape(
        first=first,
        every=frozenset().union(*(s.every for s in shapes)),
        ways=_bounded(sum(s.ways for s in shapes)) if overlapping else max(s.ways for s in shapes),
        last=frozenset().union(first if empty else (), *(s.last for s in shapes)),
        empty=empty,
        variable=True,
        open_ended=tuple(tail for s in shapes for tail in s.open_ended),
    )


def _repetition(argument: tuple[int, Any, Any], insensitive: bool) -> _Shape:
    least, most, body = argument
    if most is not MANY and most > _LARGE:
        raise _RunsAway
    shape = _sequence(body, insensitive)
    if most is not MANY and most <= 1:
        if least == most:
            return shape
        return replace(shape, last=shape.last | shape.first, empty=True, variable=True)
    if shape.empty or shape.ways > 1 or shape.last & shape.first:
        raise _RunsAway
    return _Shape(
        first=shape.first,
        every=shape.every,
        last=shape.last | (shape.first if least != most else frozenset()),
        empty=shape.empty or least == 0,
        variable=shape.variable or least != most,
        open_ended=(shape.every,) if most is MANY or most - least > 3 else shape.open_ended,
    )


def _bounded(ways: int) -> int:
    if ways > _WAYS:
        raise _RunsAway
    return ways


def _characters(kind: Any, argument: Any, insensitive: bool) -> frozenset[str]:
    """Return the sample characters that a single-character item matches."""
    if kind is op.ANY:
        return _EVERYTHING
    if kind is op.LITERAL:
        literal = chr(argument)
        return frozenset({literal.lower(), literal.upper(), literal} if insensitive else {literal})
    if kind is op.NOT_LITERAL:
        return _EVERYTHING - {chr(argument)}
    if kind is op.IN:
        return _members(argument, insensitive)
    return _EVERYTHING


def _members(items: Any, insensitive: bool) -> frozenset[str]:
    negated = bool(items) and items[0][0] is op.NEGATE
    found: set[str] = set()
    for kind, argument in items[1 if negated else 0 :]:
        if kind is op.LITERAL:
            found.add(chr(argument))
        elif kind is op.RANGE:
            low, high = argument
            found |= {c for c in _SAMPLES if low <= ord(c) <= high} | {chr(low), chr(high)}
        else:
            found |= {c for c in _SAMPLES if _in_category(c, argument)}
    if insensitive:
        found |= {c.lower() for c in found} | {c.upper() for c in found}
    return _EVERYTHING - found if negated else frozenset(found)


def _in_category(character: str, category: Any) -> bool:
    name = str(category)
    if "DIGIT" in name:
        matched = character.isdigit()
    elif "SPACE" in name:
        matched = character.isspace()
    else:
        matched = character.isalnum() or character == "_"
    return not matched if "NOT" in name else matched
