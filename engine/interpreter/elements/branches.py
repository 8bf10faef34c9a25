"""What parallel branches have written since they parted, so that a join can tell of a variable that several wrote.

All tokens share one scope of variables, so nothing is lost at a join: the last write stands. Whoever wrote before it
may not expect that, so history says who wrote what. Each token carries, for each split that it is still inside of, the
names that its branch has written; what is carried goes with the token, and is gone with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from SpiffWorkflow.task import Task

from engine.values import json_size, to_json

LEVELS = 8  # of splits within splits that are told apart; a loop that splits and never joins has no more
VALUE = 200  # bytes of a value that is shown; a larger one is in the history of its writer
_KEY = "branches"


def carried(token: Task, *, ways: int) -> dict[str, Any]:
    """What the tokens behind this one begin with, when it goes on along so many flows."""
    levels = token.internal_data.get(_KEY, [])
    if ways > 1:
        levels = [*levels, {"ways": ways, "wrote": {}}]
        if len(levels) > LEVELS:
            first, second, *rest = levels
            levels = [{"ways": second["ways"], "wrote": {**first["wrote"], **second["wrote"]}}, *rest]
    if not levels:
        return {}
    return {_KEY: [{"ways": level["ways"], "wrote": dict(level["wrote"])} for level in levels]}


def note_write(token: Task, values: Mapping[str, Any], writer: str) -> None:
    """Note that a token, or one inside it, has written variables."""
    levels = token.internal_data.get(_KEY)
    if levels:
        for name, value in values.items():
            plain = to_json(value)
            levels[-1]["wrote"][name] = {"element": writer, "value": plain if json_size(plain) <= VALUE else "…"}


def merge(tokens: Iterable[Task], *, into: Task) -> dict[str, list[dict[str, Any]]]:
    """Let one token go on for several that have come together; return the names that several of them have written.

    Each with its writers and what they wrote, if that wasn't the same.
    """
    stacks = [token.internal_data.get(_KEY, []) for token in tokens]
    tops = [stack[-1] for stack in stacks if stack]
    longest: list[dict[str, Any]] = max(stacks, key=len, default=[])
    if not longest:
        return {}
    wrote = [top["wrote"] for top in tops]
    names = sorted({name for own in wrote for name in own})
    found = {name: [own[name] for own in wrote if name in own] for name in names}
    together = {name: writers[-1] for name, writers in found.items()}
    ways = min(top["ways"] for top in tops) - len(stacks) + 1
    below = [*longest[:-1]]
    if ways > 1:
        below.append({"ways": ways, "wrote": together})
    elif below:
        below[-1] = {**below[-1], "wrote": {**below[-1]["wrote"], **together}}
    into.internal_data[_KEY] = below
    if not below:
        del into.internal_data[_KEY]
    return {name: writers for name, writers in found.items() if _differ(writers)}


def _differ(writers: list[dict[str, Any]]) -> bool:
    values = [writer["value"] for writer in writers]
    return len(writers) > 1 and (any(v != values[0] for v in values) or values[0] == "…")
