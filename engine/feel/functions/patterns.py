"""Regular expressions: XPath's, translated to Python's, and matched in another way where those could run away.

Python's matcher backtracks. A pattern in which one repetition stands within another, or two unbounded repetitions can
share text, takes exponential or high polynomial time on a hostile text. Such patterns are run by `simulation`; only
those among them that refer back to a group are refused, with a `FeelLimitError`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from engine.feel.errors import FeelLimitError
from engine.feel.functions.backtracking import runs_away
from engine.feel.functions.characters import NoPattern, complement, escaped, named, read_class, written
from engine.feel.functions.simulation import Found, Machine, TooLarge, machine
from engine.feel.limits import MAX_MATCHED, MAX_PATTERN
from engine.feel.scope import Run
from engine.texts import Text

_FLAGS = {"s": re.DOTALL, "m": re.MULTILINE, "i": re.IGNORECASE, "x": re.RegexFlag(0)}
_SPACES = " \t\n\r"
# what Python has and XPath hasn't: look-around, named groups, inline flags, repetitions that give nothing back
_FOREIGN = re.compile(r"\(\?(?!:)|[*+?}]\+")
_COUNT = re.compile(r"\{\d+(?:,\d*)?\}")
_REFERENCE = re.compile(r"\\\\|\\\$|\$(\d+)|\\|\$")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern; `matches_empty`: it matches the empty text."""

    compiled: re.Pattern[str] | Machine
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
    try:
        translated = re.escape(pattern) if literal else _translate(pattern, flags)
        if runs_away(translated, options):
            return _simulated(pattern, translated, options)
        compiled = re.compile(translated, options)
    except (re.error, NoPattern, OverflowError, RecursionError):
        return None
    return Pattern(compiled, compiled.fullmatch("") is not None)


def _simulated(pattern: str, translated: str, options: int) -> Pattern:
    try:
        simulated = machine(translated, options)
    except TooLarge:
        raise FeelLimitError(
            Text("the pattern “{pattern}” could take for ever: it repeats what already repeats", pattern=pattern)
        ) from None
    whole = next(simulated.finditer("", lambda _: None), None)
    return Pattern(simulated, whole is not None)


def _translate(pattern: str, flags: str) -> str:
    """Write an XPath pattern as Python does; raise NoPattern for what isn't one."""
    pattern = _without_spaces(pattern) if "x" in flags else pattern
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        sign = pattern[at]
        at += 1
        if sign == "[":
            members, at = read_class(pattern, at)
            parts.append(written(members))
        elif sign == "\\":
            part, at = _escape(pattern, at)
            parts.append(part)
        elif sign == "$" and "m" not in flags:
            parts.append(r"\Z")
        elif sign == "." and "s" not in flags:
            parts.append(r"[^\n\r]")
        elif sign == "{" and not _COUNT.match(pattern, at - 1):
            raise NoPattern
        else:
            parts.append(sign)
        if sign in "(*+?}" and _FOREIGN.match(pattern, at - 1):
            raise NoPattern
        if sign == "]":
            raise NoPattern
    return "".join(parts)


def _without_spaces(pattern: str) -> str:
    """Remove the blanks outside classes, even behind a backslash, as the flag x asks."""
    kept: list[str] = []
    depth = 0
    for at, sign in enumerate(pattern):
        bare = not at or pattern[at - 1] != "\\"
        depth += bare and sign == "["
        depth -= bare and sign == "]"
        if depth > 0 or sign not in _SPACES:
            kept.append(sign)
    return "".join(kept)


def _escape(pattern: str, at: int) -> tuple[str, int]:
    """Translate what follows a backslash; return it with the place behind it."""
    letter = pattern[at : at + 1]
    if letter in {"p", "P"}:
        end = pattern.find("}", at)
        if end < 0 or pattern[at + 1 : at + 2] != "{":
            raise NoPattern
        members = named(pattern[at + 2 : end])
        return written(members if letter == "p" else complement(members)), end + 1
    if letter.isdigit():
        return f"\\{letter}", at + 1  # a group matched before
    if letter in {"d", "D", "w", "W", "s", "S"}:
        return f"\\{letter}", at + 1  # Python's are the same but for rare signs, and faster
    if not letter:
        raise NoPattern
    return written(escaped(letter)) if letter in "nrtiIcC" else re.escape(_sign(letter)), at + 1


def _sign(letter: str) -> str:
    return chr(escaped(letter)[0][0])


def find_all(run: Run, pattern: Pattern, text: str) -> Iterator[re.Match[str] | Found]:
    """Yield the matches, left to right, paying for the text's length."""
    if len(text) > MAX_MATCHED:
        raise FeelLimitError(Text("a pattern is matched against at most {limit} characters", limit=MAX_MATCHED))
    run.spend(1 + len(text) // 20)
    if isinstance(pattern.compiled, Machine):
        return pattern.compiled.finditer(text, run.spend)
    return pattern.compiled.finditer(text)


def expand(match: re.Match[str] | Found, replacement: str, *, literal: bool) -> str | None:
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


def _group(match: re.Match[str] | Found, digits: str) -> str:
    """Return the group of the longest number that names one; the digits beyond it stand for themselves."""
    groups = match.re.groups
    for length in range(min(len(digits), 3), 0, -1):
        number = int(digits[:length])
        if number <= groups:
            return (match[number] or "") + digits[length:]
    return digits[1:]
