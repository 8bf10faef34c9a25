"""Regular expressions that authors write into forms: compiled, and refused where matching could take for ever.

Python's matcher backtracks and has no time limit. So the input is capped (`PATTERN_LIMIT` characters) and patterns are
refused that can divide one text in too many ways: a repetition of something that itself repeats or has alternatives,
and neighbouring repetitions of overlapping characters. What passes is at worst cubic, under a second for the capped
input. (OWASP, "Regular expression Denial of Service".)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from re import _constants as op  # the standard library's own parser of patterns
from re import _parser as parser
from typing import Any

from engine.forms.fields import PATTERN_LIMIT
from engine.texts import Text

PATTERN_LENGTH = 500
WAYS = 2 * PATTERN_LIMIT  # ways to divide a text between neighbours: one unlimited ambiguity, not two
OTHER = "中"  # stands for every character beyond ASCII
SAMPLE = frozenset([chr(code) for code in range(128)] + [OTHER])
REPEATS = {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}
CLASSES = {
    op.CATEGORY_DIGIT: r"\d",
    op.CATEGORY_SPACE: r"\s",
    op.CATEGORY_WORD: r"\w",
    op.CATEGORY_NOT_DIGIT: r"\D",
    op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_NOT_WORD: r"\W",
}

Item = tuple[Any, Any]  # (operation, argument) as the parser gives it


class UnsafePattern(ValueError):
    """The pattern can't be compiled or is dangerous; `text` says why."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(str(text))


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Compile with ASCII classes (as browsers read `\\d` and `\\w`).

    Raises UnsafePattern.
    """
    if len(pattern) > PATTERN_LENGTH:
        raise UnsafePattern(Text("The pattern is longer than {limit} characters.", limit=PATTERN_LENGTH))
    try:
        compiled = re.compile(pattern, re.ASCII)
        items = list(parser.parse(pattern, re.ASCII))
    except (re.error, OverflowError, RecursionError) as error:
        raise UnsafePattern(Text("The pattern can't be read: {error}.", error=str(error))) from error
    _Scan().sequence(items)
    return compiled


class _Scan:
    """Walks a pattern once and counts in how many ways neighbours can share a text."""

    def __init__(self) -> None:
        self.ways = 1
        self.open: list[frozenset[str]] = []  # characters of repetitions whose end is not settled yet

    def sequence(self, items: Iterable[Item]) -> None:
        for code, argument in items:
            if code in REPEATS:
                self._repetition(*argument)
            elif code is op.BRANCH:
                self._alternatives(argument[1])
            elif code in (op.GROUPREF, op.GROUPREF_EXISTS):
                raise UnsafePattern(Text("The pattern refers back to one of its groups."))
            elif inner := _inner(code, argument):
                self.sequence(inner)
            elif _consumes(code):
                letters = _single(code, argument)
                self.open = [characters for characters in self.open if characters & letters]

    def _repetition(self, low: int, high: int, body: Sequence[Item]) -> None:
        divisions = _divisions(body)
        if divisions > 1 and (high > 16 or divisions**high > WAYS):
            raise UnsafePattern(Text("The pattern repeats something that itself repeats or has alternatives."))
        if low == high:
            self.sequence(body)
            return
        letters = _letters(body)
        if any(characters & letters for characters in self.open):
            self._multiply(min(high - low + 1, PATTERN_LIMIT))
        self.open.append(letters)

    def _alternatives(self, branches: Sequence[Sequence[Item]]) -> None:
        starts = [_letters(list(branch)[:1]) for branch in branches]
        if any(a & b or not a for i, a in enumerate(starts) for b in starts[i + 1 :]):
            self._multiply(len(branches))
        before, after = self.open, []
        for branch in branches:
            self.open = list(before)
            self.sequence(branch)
            after += [characters for characters in self.open if characters not in after]
        self.open = after

    def _multiply(self, factor: int) -> None:
        self.ways *= factor
        if self.ways > WAYS:
            raise UnsafePattern(Text("The pattern repeats the same characters in several neighbouring places."))


def _divisions(items: Iterable[Item]) -> int:
    """In how many ways the items can match a text, roughly and capped."""
    total = 1
    for code, argument in items:
        if code in REPEATS:
            low, high, body = argument
            total *= min(high - low + 1, WAYS) * _divisions(body)
        elif code is op.BRANCH:
            total *= sum(_divisions(branch) for branch in argument[1])
        else:
            total *= _divisions(_inner(code, argument))
        total = min(total, WAYS + 1)
    return total


def _inner(code: Any, argument: Any) -> Sequence[Item]:
    if code is op.SUBPATTERN:
        return list(argument[3])
    if code in (op.ASSERT, op.ASSERT_NOT):
        return list(argument[1])
    return list(argument) if code is op.ATOMIC_GROUP else []


def _consumes(code: Any) -> bool:
    return code not in (op.AT, op.ASSERT, op.ASSERT_NOT, op.SUBPATTERN, op.ATOMIC_GROUP)


def _letters(items: Iterable[Item]) -> frozenset[str]:
    """Which sample characters can occur anywhere in what the items match."""
    letters: set[str] = set()
    for code, argument in items:
        if code in REPEATS:
            letters |= _letters(argument[2])
        elif code is op.BRANCH:
            letters.update(*(_letters(branch) for branch in argument[1]))
        elif inner := _inner(code, argument):
            letters |= _letters(inner)
        elif _consumes(code):
            letters |= _single(code, argument)
    return frozenset(letters)


def _single(code: Any, argument: Any) -> frozenset[str]:
    """Sample characters that one place can match, upper and lower case being one (the pattern may ignore case)."""
    return frozenset(letter.lower() for letter in _matching(code, argument))


def _matching(code: Any, argument: Any) -> frozenset[str]:
    if code is op.LITERAL:
        return frozenset({_sample(argument)})
    if code is op.NOT_LITERAL:
        return SAMPLE - {chr(argument)}
    if code is op.IN:
        negated = argument[0][0] is op.NEGATE
        members = {letter for letter in SAMPLE for kind, value in argument if _member(letter, kind, value)}
        return SAMPLE - (members - {OTHER}) if negated else frozenset(members)
    return SAMPLE


def _sample(code: int) -> str:
    return chr(code) if code < 128 else OTHER


def _member(letter: str, kind: Any, value: Any) -> bool:
    if kind is op.LITERAL:
        return _sample(value) == letter
    if kind is op.RANGE:
        return value[0] <= ord(letter) <= value[1] or (letter == OTHER and value[1] >= 128)
    return kind is op.CATEGORY and re.fullmatch(CLASSES.get(value, "."), letter, re.ASCII | re.DOTALL) is not None
