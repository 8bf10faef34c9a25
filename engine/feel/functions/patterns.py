"""Regular expressions: XPath's, translated to Python's, and refused where they could run away.

Python's matcher backtracks. A pattern in which one repetition stands within another, or two unbounded repetitions can
share text, takes exponential or high polynomial time on a hostile text. Such patterns are refused with a
`FeelLimitError`; what is left is bounded by the length of pattern and text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from engine.feel.errors import FeelLimitError
from engine.feel.functions.backtracking import runs_away
from engine.feel.limits import MAX_MATCHED, MAX_PATTERN
from engine.feel.scope import Run
from engine.texts import Text

_FLAGS = {"s": re.DOTALL, "m": re.MULTILINE, "i": re.IGNORECASE, "x": re.VERBOSE}
_CLASSES = {
    "L": r"^\W\d_", "Lu": r"A-ZÀ-ÖØ-ÞΑ-ΩА-Я", "Ll": r"a-zß-öø-ÿα-ωа-я", "N": r"\d", "Nd": r"\d", "P": r"!-/:-@\[-`{-~",
    "Z": r"\s", "Zs": r"\s", "IsBasicLatin": r"\x00-\x7f", "S": r"$+<=>^`|~",
}  # fmt: skip
_CATEGORY = re.compile(r"\\([pP])\{(\w+)\}")
# what Python has and XPath hasn't: look-around, named groups, conditionals, inline flags
_FOREIGN = re.compile(r"(?<!\\)(?:\\\\)*\(\?(?!:)")
# a class within a class, or set operators: reserved in Python, subtraction in XPath; rare enough to be null
_CLASS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*", re.DOTALL)
_SET_SIGNS = re.compile(r"^\[(?:\\.|[^\\])*?(?:\[|--|&&|~~|\|\|)", re.DOTALL)
_REFERENCE = re.compile(r"\\\\|\\\$|\$(\d+)|\\|\$")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern; `matches_empty`: it matches the empty text."""

    compiled: re.Pattern[str]
    matches_empty: bool


@lru_cache(maxsize=512)
def compile_pattern(pattern: str, flags: str) -> Pattern | None:
    """Compile an XPath pattern; null when it isn't one.

    Raises FeelLimitError for a pattern that is too long or could run away.
    """
    if len(pattern) > MAX_PATTERN:
        raise FeelLimitError(Text("the pattern is longer than {limit} characters", limit=MAX_PATTERN))
    literal = "q" in flags
    options = re.RegexFlag(0)
    for flag in flags.replace("q", ""):
        if flag not in _FLAGS:
            return None
        options |= _FLAGS[flag]
    translated = re.escape(pattern) if literal else _translate(pattern)
    if translated is None:
        return None
    try:
        if runs_away(translated, options):
            raise FeelLimitError(
                Text("the pattern “{pattern}” could take for ever: it repeats what already repeats", pattern=pattern)
            )
        compiled = re.compile(translated, options)
    except (re.error, OverflowError, RecursionError):
        return None
    return Pattern(compiled, compiled.fullmatch("") is not None)


def _translate(pattern: str) -> str | None:
    if _FOREIGN.search(pattern) or any(_SET_SIGNS.search(found) for found in _CLASS.findall(pattern)):
        return None

    def category(match: re.Match[str]) -> str:
        members = _CLASSES.get(match[2])
        if members is None:
            return match[0]
        if members.startswith("^"):
            return f"[{members}]" if match[1] == "p" else f"[{members[1:]}]"
        return f"[{'^' if match[1] == 'P' else ''}{members}]"

    return _CATEGORY.sub(category, pattern)


def find_all(run: Run, pattern: Pattern, text: str) -> Iterator[re.Match[str]]:
    """Yield the matches, left to right, paying for the text's length."""
    if len(text) > MAX_MATCHED:
        raise FeelLimitError(Text("a pattern is matched against at most {limit} characters", limit=MAX_MATCHED))
    run.spend(1 + len(text) // 20)
    return pattern.compiled.finditer(text)


def expand(match: re.Match[str], replacement: str, *, literal: bool) -> str | None:
    r"""Fill `$1` … into a replacement; `\$` and `\\` stand for themselves, anything else with `$` or `\` is null."""
    if literal:
        return replacement
    parts: list[str] = []
    end = 0
    for found in _REFERENCE.finditer(replacement):
        parts.append(replacement[end : found.start()])
        end = found.end()
        if found[1]:
            parts.append(_group(match, found[1]))
        elif len(found[0]) == 2:
            parts.append(found[0][1])
        else:
            return None
    return "".join(parts) + replacement[end:]


def _group(match: re.Match[str], digits: str) -> str:
    """Return the group of the longest number that names one; the digits beyond it stand for themselves."""
    groups = match.re.groups
    for length in range(min(len(digits), 3), 0, -1):
        number = int(digits[:length])
        if number <= groups:
            return (match[number] or "") + digits[length:]
    return digits[1:]
