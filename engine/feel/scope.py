"""Where names live while an expression runs, and how much it may still do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from engine.feel.errors import FeelLimitError
from engine.feel.limits import MAX_CALL_DEPTH, MAX_LIST, MAX_STEPS, MAX_STRING
from engine.texts import Text


class Run:
    """One evaluation: the caller's variables and functions, and the budget."""

    __slots__ = ("context", "depth", "functions", "payer", "steps")

    def __init__(self, context: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]], steps: int) -> None:
        self.context = context
        self.functions = functions
        self.steps = steps
        self.depth = 0
        self.payer: Run | None = None

    def within(self, context: Mapping[str, Any]) -> Run:
        """Go on with other variables on the same budget: in a boxed expression, in a function's body."""
        inner = Run(context, self.functions, 0)
        inner.payer = self.payer or self
        return inner

    def spend(self, steps: int) -> None:
        """Pay for work about to be done."""
        if self.payer is not None:
            self.payer.spend(steps)
            return
        self.steps -= steps
        if self.steps < 0:
            raise FeelLimitError(
                Text("the expression takes more than {limit} steps; make the list or range shorter", limit=MAX_STEPS)
            )

    def descend(self, levels: int) -> None:
        """Enter a function's body; every call must be undone by `ascend`."""
        if self.payer is not None:
            self.payer.descend(levels)
            return
        self.depth += levels
        if self.depth > MAX_CALL_DEPTH:
            raise FeelLimitError(Text("functions call each other more deeply than is allowed"))

    def ascend(self, levels: int) -> None:
        (self.payer or self).depth -= levels

    def now(self) -> datetime | None:
        """Return the caller's present (`__now__`); an expression never asks the machine."""
        moment = self.context.get("__now__")
        return moment if isinstance(moment, datetime) else None


class Scope:
    """A frame of local names. `item` holds a filter's element, whose own entries are visible as names."""

    __slots__ = ("item", "parent", "run", "values")

    def __init__(self, values: dict[str, Any], parent: Scope | None, run: Run, item: Any = None) -> None:
        self.values = values
        self.parent = parent
        self.run = run
        self.item = item


def new_run(context: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> Run:
    """Start an evaluation with the full budget."""
    return Run(context, functions, MAX_STEPS)


def checked_list(items: list[Any]) -> list[Any]:
    """Return the list unless it is too long to go on with."""
    if len(items) > MAX_LIST:
        raise FeelLimitError(Text("the expression makes a list of more than {limit} items", limit=MAX_LIST))
    return items


def checked_text(text: str) -> str:
    """Return the text unless it is too long to go on with."""
    if len(text) > MAX_STRING:
        raise FeelLimitError(Text("the expression makes a text of more than {limit} characters", limit=MAX_STRING))
    return text
