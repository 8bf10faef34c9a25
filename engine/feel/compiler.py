"""Syntax tree → Python closures.

Each closure takes a `Scope` and returns a value. Nothing here evaluates text as Python, and no attribute of a value is
ever looked up by a name from the expression: paths read contexts and a fixed table of properties.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lark import Token, Tree

from engine.feel.errors import FeelSyntaxError
from engine.feel.limits import MAX_DEPTH
from engine.feel.scope import Scope
from engine.feel.types import FeelType
from engine.texts import Text

Closure = Callable[[Scope], Any]
UNKNOWN = object()  # not a constant


@dataclass(frozen=True, slots=True)
class Code:
    """A compiled part: its closure, what one run of it costs, and its value if that is known already."""

    run: Closure
    size: int = 1
    constant: Any = UNKNOWN


@dataclass(frozen=True, slots=True)
class Frame:
    """Names that a construct brings into scope; `item`: a filter's element, whose entries aren't known in advance."""

    names: set[str]
    item: bool = False


Frames = tuple[Frame, ...]


@dataclass(slots=True)
class Compiler:
    """The compilation of one text, and what was found out on the way."""

    text: str
    types: Mapping[str, FeelType] = field(default_factory=dict)  # beside FEEL's own
    declared: frozenset[str] = frozenset()  # variables that bear a built-in function's name
    names: set[str] = field(default_factory=set)  # variables read
    uncertain: set[str] = field(default_factory=set)  # of these: only read in filters, where they may be fields
    calls: set[str] = field(default_factory=set)  # functions called that aren't built in
    doubts: list[Text] = field(default_factory=list)  # legal, but null whatever the data
    asks_input: bool = False  # `?` is read
    level: int = 0

    def compile(self, tree: Tree[Token], frames: Frames) -> Code:
        """Compile a part in the scope of `frames`, outermost first.

        Raises FeelSyntaxError.
        """
        self.level += 1
        if self.level > MAX_DEPTH:
            raise self.error(Text("the expression is nested deeper than {limit} levels", limit=MAX_DEPTH), tree)
        code = RULES[tree.data](self, tree.children, frames)
        self.level -= 1
        return code

    def error(self, reason: Text, at: Any) -> FeelSyntaxError:
        """Make an error that points at the first token of a part."""
        while isinstance(at, Tree):
            at = at.children[0] if at.children else None
        position = at.start_pos if isinstance(at, Token) and at.start_pos is not None else 0
        return FeelSyntaxError(reason, text=self.text, position=position)


Rule = Callable[[Compiler, list[Any], Frames], Code]
RULES: dict[str, Rule] = {}


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Register the compilation of grammar rules."""

    def register(function: Rule) -> Rule:
        for name in names:
            RULES[name] = function
        return function

    return register


def constant(value: Any) -> Code:
    """Compile a known value."""
    return Code(lambda _: value, 1, value)


def cost(*codes: Code) -> int:
    """Sum what parts cost, plus one for what joins them."""
    return 1 + sum(code.size for code in codes)


def levels_of(tree: Any) -> int:
    """Count a tree's levels of nesting, each of which is a few Python frames when it runs."""
    deepest, todo = 0, [(tree, 1)]
    while todo:
        node, level = todo.pop()
        deepest = max(deepest, level)
        if isinstance(node, Tree):
            todo.extend((child, level + 1) for child in node.children)
    return deepest


def usable(value: Any) -> Any:
    """Take a value from outside: floats become decimals, a number that is none (NaN) becomes null."""
    if isinstance(value, float):
        value = Decimal(repr(value))
    return None if isinstance(value, Decimal) and not value.is_finite() else value


def phrases_of(names: Collection[str]) -> frozenset[str]:
    """Return the names that the lexer must be told about."""
    return frozenset(name for name in names if not name.isidentifier())
