r"""Sets of characters as XPath's patterns name them: `[a-z-[aeiou]]`, `\p{Lu}`, `\i` (XML Schema part 2, annex G).

A set is a sorted tuple of pairs of code points, both ends included.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable
from functools import cache

Set = tuple[tuple[int, int], ...]
_LAST = sys.maxunicode
_BLOCKS = {
    "BasicLatin": (0x0, 0x7F), "Latin-1Supplement": (0x80, 0xFF), "LatinExtended-A": (0x100, 0x17F),
    "LatinExtended-B": (0x180, 0x24F), "IPAExtensions": (0x250, 0x2AF), "SpacingModifierLetters": (0x2B0, 0x2FF),
    "CombiningDiacriticalMarks": (0x300, 0x36F), "Greek": (0x370, 0x3FF), "GreekandCoptic": (0x370, 0x3FF),
    "Cyrillic": (0x400, 0x4FF), "Armenian": (0x530, 0x58F), "Hebrew": (0x590, 0x5FF), "Arabic": (0x600, 0x6FF),
    "Devanagari": (0x900, 0x97F), "Thai": (0xE00, 0xE7F), "GeneralPunctuation": (0x2000, 0x206F),
    "CurrencySymbols": (0x20A0, 0x20CF), "LetterlikeSymbols": (0x2100, 0x214F), "NumberForms": (0x2150, 0x218F),
    "Arrows": (0x2190, 0x21FF), "MathematicalOperators": (0x2200, 0x22FF), "BoxDrawing": (0x2500, 0x257F),
    "CJKSymbolsandPunctuation": (0x3000, 0x303F), "Hiragana": (0x3040, 0x309F), "Katakana": (0x30A0, 0x30FF),
    "CJKUnifiedIdeographsExtensionA": (0x3400, 0x4DBF), "CJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "HangulSyllables": (0xAC00, 0xD7AF), "PrivateUse": (0xE000, 0xF8FF),
    "HalfwidthandFullwidthForms": (0xFF00, 0xFFEF),
}  # fmt: skip
_SPACE: Set = ((9, 10), (13, 13), (32, 32))
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}
_PUNCTUATION = set("\\|.?*+(){}-[]^$")


class NoPattern(ValueError):
    """The text is not an XPath pattern."""


def joined(*sets: Iterable[tuple[int, int]]) -> Set:
    """Return the union of sets."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(pair for pairs in sets for pair in pairs):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def complement(members: Set) -> Set:
    """Return all other characters."""
    rest, low = [], 0
    for first, last in members:
        if first > low:
            rest.append((low, first - 1))
        low = last + 1
    return (*rest, (low, _LAST)) if low <= _LAST else tuple(rest)


def without(members: Set, removed: Set) -> Set:
    """Return the members of one set that aren't in the other."""
    return complement(joined(complement(members), removed))


def written(members: Set) -> str:
    """Write a set as a class of Python's patterns."""
    if not members:
        return r"[^\s\S]"
    return "[" + "".join(_one(low) if low == high else f"{_one(low)}-{_one(high)}" for low, high in members) + "]"


def _one(code: int) -> str:
    character = chr(code)
    return character if character.isalnum() and code < 128 else f"\\U{code:08x}"


@cache
def _categories() -> dict[str, Set]:
    """Return the characters of every general category, of one letter and of two."""
    runs: dict[str, list[tuple[int, int]]] = {}
    start, known = 0, unicodedata.category("\0")
    for code in range(1, _LAST + 2):
        category = unicodedata.category(chr(code)) if code <= _LAST else ""
        if category != known:
            runs.setdefault(known, []).append((start, code - 1))
            start, known = code, category
    found = {name: tuple(pairs) for name, pairs in runs.items()}
    for letter in {name[0] for name in found}:
        found[letter] = joined(*(pairs for name, pairs in found.items() if name[0] == letter and len(name) == 2))
    return found


def named(name: str) -> Set:
    r"""Return the set of `\p{name}`; raise NoPattern for an unknown one."""
    if name.startswith("Is") and name[2:] in _BLOCKS:
        return (_BLOCKS[name[2:]],)
    if name not in _categories():
        raise NoPattern
    return _categories()[name]


def escaped(letter: str) -> Set:
    r"""Return the set of `\d`, `\w`, `\s`, `\i`, `\c`, of a capital for all others, or of an escaped sign."""
    if letter in _ESCAPED:
        return ((ord(_ESCAPED[letter]),) * 2,)
    if letter in _PUNCTUATION:
        return ((ord(letter),) * 2,)
    if letter.lower() not in _CLASSES:
        raise NoPattern
    members = _CLASSES[letter.lower()]()
    return members if letter.islower() else complement(members)


def _initial() -> Set:
    return joined(_categories()["L"], _categories()["Nl"], ((58, 58), (95, 95)))


_CLASSES = {
    "d": lambda: _categories()["Nd"],
    "w": lambda: joined(*(_categories()[name] for name in "LMNS"), ((95, 95),)),
    "s": lambda: _SPACE,
    "i": _initial,
    "c": lambda: joined(_initial(), _categories()["Nd"], _categories()["M"], ((45, 46), (183, 183))),
}
_ITEM = re.compile(r"\\([pP])\{([^}]*)\}|\\(.)|(.)", re.DOTALL)


def read_class(pattern: str, at: int) -> tuple[Set, int]:
    """Read the class that begins behind `[`; return it with the place behind its `]`.

    Raises NoPattern.
    """
    levels: list[tuple[bool, Set]] = []  # classes from which the one being read is taken away
    negated, at = _negated(pattern, at)
    members: Set = ()
    while True:
        if pattern.startswith("-[", at) and members:
            levels.append((negated, members))
            (negated, at), members = _negated(pattern, at + 2), ()
        elif pattern.startswith("]", at) and members:
            at += 1
            members = complement(members) if negated else members
            if not levels:
                return members, at
            negated, outer = levels.pop()
            members = without(complement(outer) if negated else outer, members)
            negated = False
            if not pattern.startswith("]", at):
                raise NoPattern
        else:
            found, at = _member(pattern, at)
            members = joined(members, found)


def _negated(pattern: str, at: int) -> tuple[bool, int]:
    return (True, at + 1) if pattern.startswith("^", at) else (False, at)


def _member(pattern: str, at: int) -> tuple[Set, int]:
    """Read a character, a class, or a range of characters."""
    low, at = _single(pattern, at)
    if not pattern.startswith("-", at) or pattern.startswith(("-]", "-["), at):
        return low, at
    high, after = _single(pattern, at + 1)
    if low[0][0] != low[-1][1] or high[0][0] != high[-1][1] or low[0][0] > high[0][0]:
        raise NoPattern
    return ((low[0][0], high[0][0]),), after


def _single(pattern: str, at: int) -> tuple[Set, int]:
    match = _ITEM.match(pattern, at)
    if match is None or match[4] in {"[", "]"} or match[0] == "\\":
        raise NoPattern
    if match[2] is not None:
        members = named(match[2])
        return (members if match[1] == "p" else complement(members)), match.end()
    return (escaped(match[3]) if match[3] else ((ord(match[4]),) * 2,)), match.end()
