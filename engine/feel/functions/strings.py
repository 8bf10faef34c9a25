"""String functions (10.3.4.3). Lengths and places count characters (code points)."""

from __future__ import annotations

from typing import Any

from engine.feel.functions.conversions import whole
from engine.feel.functions.patterns import compile_pattern, expand, find_all
from engine.feel.functions.registry import builtin
from engine.feel.scope import Run, checked_list, checked_text


@builtin("substring", "string: string, start position: number, length?: number|Null")
def substring(string: str, start: Any, length: Any = None) -> str | None:
    """Cut out characters; a place or length that isn't whole counts without its fraction."""
    first = whole(int(start))
    if first is None or first == 0 or abs(first) > len(string):
        return None
    first = first - 1 if first > 0 else len(string) + first
    if length is None:
        return string[first:]
    count = whole(int(length))
    return None if count is None or count < 1 else string[first : first + count]


@builtin("string length", "string: string")
def string_length(string: str) -> int:
    return len(string)


@builtin("upper case", "string: string")
def upper_case(string: str) -> str:
    return checked_text(string.upper())


@builtin("lower case", "string: string")
def lower_case(string: str) -> str:
    return checked_text(string.lower())


@builtin("substring before", "string: string, match: string")
def substring_before(string: str, match: str) -> str:
    before, found, _ = string.partition(match) if match else ("", "", "")
    return before if found else ""


@builtin("substring after", "string: string, match: string")
def substring_after(string: str, match: str) -> str:
    return string.partition(match)[2] if match else string


@builtin("contains", "string: string, match: string")
def contains(string: str, match: str) -> bool:
    return match in string


@builtin("starts with", "string: string, match: string")
def starts_with(string: str, match: str) -> bool:
    return string.startswith(match)


@builtin("ends with", "string: string, match: string")
def ends_with(string: str, match: str) -> bool:
    return string.endswith(match)


@builtin("matches", "input: string, pattern: string, flags?: string|Null", run=True)
def matches(run: Run, string: str, pattern: str, flags: str | None = None) -> bool | None:
    compiled = compile_pattern(pattern, flags or "")
    if compiled is None:
        return None
    return next(find_all(run, compiled, string), None) is not None


@builtin("replace", "input: string, pattern: string, replacement: string, flags?: string|Null", run=True)
def replace(run: Run, string: str, pattern: str, replacement: str, flags: str | None = None) -> str | None:
    compiled = compile_pattern(pattern, flags or "")
    if compiled is None or compiled.matches_empty:
        return None  # XPath: a pattern that matches nothing at all can't be replaced
    parts: list[str] = []
    end = size = 0
    for match in find_all(run, compiled, string):
        written = expand(match, replacement, literal="q" in (flags or ""))
        if written is None:
            return None
        parts += (string[end : match.start()], written)
        size += len(written)
        checked_text("" if size < 1000 else "".join(parts))
        end = match.end()
    return checked_text("".join(parts) + string[end:])


@builtin("split", "string: string, delimiter: string", run=True)
def split(run: Run, string: str, delimiter: str) -> list[str] | None:
    compiled = compile_pattern(delimiter, "")
    if compiled is None:
        return None
    parts: list[str] = []
    end = 0
    for match in find_all(run, compiled, string):
        if match.end() == match.start():
            continue
        parts.append(string[end : match.start()])
        end = match.end()
    return checked_list([*parts, string[end:]])


@builtin("extract", "input: string, pattern: string", run=True)
def extract(run: Run, string: str, pattern: str) -> list[list[str]] | None:
    """List every match as the list of the whole and its groups."""
    compiled = compile_pattern(pattern, "")
    if compiled is None:
        return None
    return checked_list([[m.group(), *(g or "" for g in m.groups())] for m in find_all(run, compiled, string)])


@builtin("string join", "list: list, delimiter?: any")
def string_join(items: list[Any], delimiter: Any = None) -> str | None:
    if not (delimiter is None or isinstance(delimiter, str)):
        return None
    present = [item for item in items if item is not None]
    if not all(isinstance(item, str) for item in present):
        return None
    size = sum(len(item) for item in present) + len(delimiter or "") * len(present)
    return checked_text("x" * min(size, 10**6)) and (delimiter or "").join(present)


@builtin("trim", "string: string")
def trim(string: str) -> str:
    return string.strip()
