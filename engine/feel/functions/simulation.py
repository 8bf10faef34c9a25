"""Match a pattern without going back: for those that Python's matcher could take for ever over.

All ways to read the text are followed at once, character by character, as Thompson's and Pike's machines do: the time
is the length of the text times that of the pattern, whatever the two are. The first way in the order of a backtracking
matcher wins, so the result is the same, but for loops whose body may be empty (`(a*?)*`), where a group, or the end of
a lazy loop, may be another. See Russ Cox, "Regular Expression Matching: the Virtual Machine Approach".
"""

from __future__ import annotations

import re
import re._constants as op  # type: ignore[import-not-found]  # (Python's own parser of patterns, 3.11 and later)
import re._parser as parser  # type: ignore[import-not-found]
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.feel.functions.characters import joined

_LARGEST = 5_000  # instructions; bounded repetitions are written out
_CHARACTER, _SPLIT, _JUMP, _SAVE, _ASSERT, _MATCH = range(6)
_CATEGORIES: dict[str, Callable[[str], bool]] = {
    "DIGIT": str.isdecimal, "SPACE": str.isspace, "WORD": lambda c: c.isalnum() or c == "_",
}  # fmt: skip
Saved = tuple[int, ...]


class TooLarge(ValueError):
    """The pattern is beyond this machine: it has a reference to a group, or it is too long when written out."""


@dataclass(frozen=True, slots=True)
class Found:
    """A match, to be used as `re.Match` is."""

    text: str
    saved: Saved
    re: Machine

    def start(self) -> int:
        """Return where it begins."""
        return self.saved[0]

    def end(self) -> int:
        """Return the place behind it."""
        return self.saved[1]

    def group(self) -> str:
        """Return all of it."""
        return self.text[self.saved[0] : self.saved[1]]

    def groups(self) -> tuple[str | None, ...]:
        """Return what the groups matched."""
        return tuple(self[number] for number in range(1, self.re.groups + 1))

    def __getitem__(self, number: int) -> str | None:
        start, end = self.saved[2 * number : 2 * number + 2]
        return None if start < 0 or end < 0 else self.text[start:end]


@dataclass(frozen=True, slots=True)
class Machine:
    """A pattern written out as instructions: (kind, argument, argument)."""

    program: tuple[tuple[int, Any, Any], ...]
    groups: int

    def finditer(self, text: str, spend: Callable[[int], None]) -> Iterator[Found]:
        """Yield the matches, left to right, none within another; `spend` is told of the work."""
        at = 0
        while at <= len(text):
            saved = self._find(text, at, spend)
            if saved is None:
                return
            yield Found(text, saved, self)
            at = saved[1] if saved[1] > saved[0] else saved[1] + 1

    def _find(self, text: str, start: int, spend: Callable[[int], None]) -> Saved | None:
        nothing = (-1,) * (2 * self.groups + 2)
        found: Saved | None = None
        threads: list[tuple[int, Saved]] = []
        for at in range(start, len(text) + 1):
            reached: set[int] = set()
            ready: list[tuple[int, Saved]] = []
            for place, saved in threads:
                self._follow(place, saved, text, at, reached, ready)
            if found is None:
                self._follow(0, (at, *nothing[1:]), text, at, reached, ready)
            if not ready and found is not None:
                break
            spend(1 + len(reached) // 4)
            threads, ended = self._step(ready, text[at : at + 1], at)
            found = ended or found
        return found

    def _step(self, ready: list[tuple[int, Saved]], character: str, at: int) -> tuple[list[tuple[int, Saved]], Any]:
        """Take one character; what stands behind a way that has matched is worth less and ends."""
        going: list[tuple[int, Saved]] = []
        for place, saved in ready:
            kind, test, _ = self.program[place]
            if kind == _MATCH:
                return going, (saved[0], at, *saved[2:])
            if character and test(character):
                going.append((place + 1, saved))
        return going, None

    def _follow(self, place: int, saved: Saved, text: str, at: int, reached: set[int], ready: list[Any]) -> None:
        """Follow what takes no character, in order of preference, to the instructions that do."""
        todo = [(place, saved)]
        while todo:
            place, saved = todo.pop()
            if place in reached:
                continue
            reached.add(place)
            kind, first, second = self.program[place]
            if kind == _JUMP:
                todo.append((first, saved))
            elif kind == _SPLIT:
                todo += ((second, saved), (first, saved))
            elif kind == _SAVE:
                todo.append((place + 1, (*saved[:first], at, *saved[first + 1 :])))
            elif kind == _ASSERT:
                if first(text, at):
                    todo.append((place + 1, saved))
            else:
                ready.append((place, saved))


def machine(pattern: str, flags: int) -> Machine:
    """Write out a pattern of Python's.

    Raises TooLarge, re.error.
    """
    parsed = parser.parse(pattern, flags)
    writer = _Writer(flags)
    writer.sequence(parsed)
    writer.write(_MATCH)
    return Machine(tuple(writer.program), parsed.state.groups - 1)


class _Writer:
    def __init__(self, flags: int) -> None:
        self.flags = flags
        self.program: list[tuple[int, Any, Any]] = []

    def write(self, kind: int, first: Any = None, second: Any = None) -> int:
        if len(self.program) >= _LARGEST:
            raise TooLarge
        self.program.append((kind, first, second))
        return len(self.program) - 1

    def sequence(self, items: Any) -> None:
        for kind, argument in items:
            self.item(kind, argument)

    def item(self, kind: Any, argument: Any) -> None:
        if kind in {op.MAX_REPEAT, op.MIN_REPEAT}:
            self.repetition(*argument, greedy=kind is op.MAX_REPEAT)
        elif kind is op.SUBPATTERN:
            number, _, _, body = argument
            if number is not None:
                self.write(_SAVE, 2 * number)
            self.sequence(body)
            if number is not None:
                self.write(_SAVE, 2 * number + 1)
        elif kind is op.BRANCH:
            self.alternatives(argument[1])
        elif kind is op.AT:
            self.write(_ASSERT, _place(argument, multiline=bool(self.flags & re.MULTILINE)))
        else:
            self.write(_CHARACTER, self.test(kind, argument))

    def split(self, here: int, first: int, second: int, *, greedy: bool = True) -> None:
        self.program[here] = (_SPLIT, first, second) if greedy else (_SPLIT, second, first)

    def repetition(self, least: int, most: Any, body: Any, *, greedy: bool) -> None:
        for _ in range(least):
            self.sequence(body)
        if most is op.MAXREPEAT:
            here = self.write(_SPLIT)
            self.sequence(body)
            self.write(_JUMP, here)
            self.split(here, here + 1, len(self.program), greedy=greedy)
            return
        splits = []
        for _ in range(least, most):
            splits.append(self.write(_SPLIT))
            self.sequence(body)
        for here in splits:
            self.split(here, here + 1, len(self.program), greedy=greedy)

    def alternatives(self, branches: Any) -> None:
        jumps = []
        for branch in branches[:-1]:
            here = self.write(_SPLIT)
            self.sequence(branch)
            jumps.append(self.write(_JUMP))
            self.split(here, here + 1, len(self.program))
        self.sequence(branches[-1])
        for here in jumps:
            self.program[here] = (_JUMP, len(self.program), None)

    def test(self, kind: Any, argument: Any) -> Callable[[str], bool]:
        """Return what tells whether a character is taken."""
        if kind is op.ANY:
            return lambda c: bool(self.flags & re.DOTALL) or c != "\n"
        if kind is op.IN:
            items = list(argument)
        elif kind in {op.LITERAL, op.NOT_LITERAL}:
            items = [(op.NEGATE, None)] * (kind is op.NOT_LITERAL) + [(op.LITERAL, argument)]
        else:
            raise TooLarge
        return _members(items, insensitive=bool(self.flags & re.IGNORECASE))


def _members(items: list[tuple[Any, Any]], *, insensitive: bool) -> Callable[[str], bool]:
    negated = items[0][0] is op.NEGATE
    bounds: list[tuple[int, int]] = []
    categories: list[Callable[[str], bool]] = []
    for kind, argument in items[1 if negated else 0 :]:
        if kind is op.LITERAL:
            bounds.append((argument, argument))
        elif kind is op.RANGE:
            bounds.append(argument)
        else:
            categories.append(_category(str(argument)))
    members = joined(bounds)
    starts = [low for low, _ in members]

    def holds(character: str) -> bool:
        at = bisect_right(starts, ord(character))
        return (at > 0 and ord(character) <= members[at - 1][1]) or any(has(character) for has in categories)

    def takes(character: str) -> bool:
        forms = {character, character.lower(), character.upper()} if insensitive else {character}
        return any(holds(form) for form in forms if len(form) == 1) is not negated

    return takes


def _category(name: str) -> Callable[[str], bool]:
    has = next(test for word, test in _CATEGORIES.items() if word in name)
    return (lambda c: not has(c)) if "NOT" in name else has


def _place(kind: Any, *, multiline: bool) -> Callable[[str, int], bool]:
    if kind is op.AT_BEGINNING and multiline:
        return lambda text, at: at == 0 or text[at - 1] == "\n"
    if kind in {op.AT_BEGINNING, op.AT_BEGINNING_STRING}:
        return lambda _, at: at == 0
    if kind is op.AT_END and multiline:
        return lambda text, at: at == len(text) or text[at] == "\n"
    if kind in {op.AT_END, op.AT_END_STRING}:
        return lambda text, at: at == len(text)
    raise TooLarge
