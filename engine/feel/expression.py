"""Compiled expressions and unary tests: what the rest of the engine holds in its hands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

from engine.feel import calls, iterations, literals, operators  # noqa: F401 (their rules register themselves)
from engine.feel.compiler import UNKNOWN, Closure, Code, Compiler, Frame, phrases_of
from engine.feel.errors import FeelLimitError, FeelSyntaxError
from engine.feel.functions import BUILTINS
from engine.feel.kinds import FeelFunction
from engine.feel.lexer import BUILTIN_PHRASES
from engine.feel.operators import positive_test
from engine.feel.parser import parse, parse_unary_tests
from engine.feel.scope import Run, Scope, new_run
from engine.feel.types import NAMES as TYPE_NAMES
from engine.feel.types import FeelType
from engine.texts import Text

_NO_FUNCTIONS: Mapping[str, Callable[..., Any]] = {}
_NO_TYPES: Mapping[str, FeelType] = {}
_BUILTIN_PHRASES = frozenset(name for name in (*BUILTINS, *TYPE_NAMES) if " " in name)
BUILTIN_PHRASES |= _BUILTIN_PHRASES


class _Compiled:
    """What expressions and unary tests have in common. Equal texts are equal."""

    __slots__ = ("_run", "calls", "doubts", "names", "text", "uncertain")

    def __init__(self, text: str, run: Closure, compiler: Compiler) -> None:
        self.text = text
        self.names = frozenset(compiler.names)  # variables read (roots of paths)
        self.uncertain = frozenset(compiler.uncertain)  # of these: read in filters only, so maybe an item's entry
        self.calls = frozenset(compiler.calls)  # functions called beyond the built-in ones
        self.doubts = tuple(compiler.doubts)  # what is legal but always null
        self._run = run

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, _Compiled) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text!r})"


class Expression(_Compiled):
    """A compiled FEEL expression."""

    __slots__ = ("constant",)

    def __init__(self, text: str, code: Code, compiler: Compiler) -> None:
        super().__init__(text, code.run, compiler)
        self.constant = code.constant  # its value if it is a literal, else UNKNOWN

    def evaluate(self, context: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]] = _NO_FUNCTIONS) -> Any:
        """Return the expression's value; None is FEEL's null.

        `functions` are called by their FEEL names; what they raise is not caught. `now()` and `today()` need
        `context["__now__"]`. Raises FeelLimitError.
        """
        try:
            value = self._run(Scope({}, None, new_run(context, functions)))
        except RecursionError:
            raise too_deep() from None
        # A variable that isn't set yet may bear a built-in function's name: a case's `number`, a `count`, a `date`.
        return None if isinstance(value, FeelFunction) and self.text in BUILTINS else value

    def value_in(self, run: Run) -> Any:
        """Return the value as a part of an evaluation under way, whose budget it shares."""
        return self._run(Scope({}, None, run))


class UnaryTests(_Compiled):
    """The compiled tests of a decision table's cell."""

    __slots__ = ("literals", "plain", "tests")

    def __init__(
        self, text: str, run: Closure, compiler: Compiler, tests: tuple[Code, ...], known: tuple[Any, ...] = ()
    ) -> None:
        super().__init__(text, run, compiler)
        self.tests = tests  # empty: any value
        self.literals = tuple(value for value in known if value is not UNKNOWN)  # what is compared with
        # the same if that is all the cell depends on, else None
        self.plain = None if any(value is UNKNOWN for value in known) else self.literals

    def passes(self, scope: Scope) -> bool:
        """Tell whether the `?` of a scope passes: for a table, which tests one value against many cells."""
        return self._run(scope) is True

    def matches(
        self,
        value: Any,
        context: Mapping[str, Any],
        functions: Mapping[str, Callable[..., Any]] = _NO_FUNCTIONS,
    ) -> bool:
        """Tell whether the value passes; null counts as no.

        Raises FeelLimitError.
        """
        try:
            return self._run(Scope({"?": value}, None, new_run(context, functions))) is True
        except RecursionError:
            raise too_deep() from None


def too_deep() -> FeelLimitError:
    """Make the error for the end of Python's stack."""
    return FeelLimitError(Text("the values or functions of the expression are nested too deeply"))


def compile_expression(
    text: str,
    *,
    functions: Collection[str] = (),
    names: Collection[str] = (),
    types: Mapping[str, FeelType] = _NO_TYPES,
) -> Expression:
    """Compile a FEEL expression; a leading `=` is allowed. `types` are those in scope beside FEEL's own.

    `functions` and `names` tell which functions and variables are in scope: needed only for those that are more than
    one plain word (`business days after`). Raises FeelSyntaxError.
    """
    phrases, declared = _phrases(functions, names), _declared(names)
    if types and ("instance" in text or "function" in text):
        return _compiled(text, phrases | phrases_of(types), types, declared)
    return _expression(text, phrases, declared)


def compile_unary_tests(text: str, *, functions: Collection[str] = (), names: Collection[str] = ()) -> UnaryTests:
    """Compile a decision table's input cell: `-`, values, ranges, comparisons, `not(…)`, conditions on `?`.

    Raises FeelSyntaxError.
    """
    return _unary_tests(text, _phrases(functions, names), _declared(names))


def constant_value(text: str) -> Any:
    """Return the value of a text that is a literal; None for anything else."""
    try:
        constant = compile_expression(text).constant
    except FeelSyntaxError:
        return None
    return None if constant is UNKNOWN else constant


def _phrases(functions: Collection[str], names: Collection[str]) -> frozenset[str]:
    return _BUILTIN_PHRASES | phrases_of(functions) | phrases_of(names) if functions or names else _BUILTIN_PHRASES


def _declared(names: Collection[str]) -> frozenset[str]:
    """Return the variables that may hold a function and bear a built-in one's name."""
    return frozenset(name for name in names if name in BUILTINS) if names else frozenset()


@lru_cache(maxsize=4096)
def _expression(text: str, phrases: frozenset[str], declared: frozenset[str]) -> Expression:
    return _compiled(text, phrases, _NO_TYPES, declared)


def _compiled(
    text: str, phrases: frozenset[str], types: Mapping[str, FeelType], declared: frozenset[str]
) -> Expression:
    source = " " + text.lstrip()[1:] if text.lstrip()[:1] == "=" else text
    source = " " * (len(text) - len(source)) + source  # positions stay the text's own
    tree = parse(source, phrases)
    compiler = Compiler(text, types, declared)
    return Expression(text, compiler.compile(tree, ()), compiler)


@lru_cache(maxsize=8192)
def _unary_tests(text: str, phrases: frozenset[str], declared: frozenset[str]) -> UnaryTests:
    tree = parse_unary_tests(text, phrases)
    compiler = Compiler(text, declared=declared)
    if tree is None:
        return UnaryTests(text, lambda _: True, compiler, ())
    parts: list[Any] = tree.children[0].children  # type: ignore[union-attr]
    tests = tuple(positive_test(compiler, test, (Frame({"?"}),)) for test in parts)
    runs = tuple(test.run for test in tests)
    wanted = tree.data == "any_of"

    def any_of(scope: Scope) -> Any:
        return any(run(scope) is True for run in runs)

    def none_of(scope: Scope) -> Any:
        return not any(run(scope) is True for run in runs)

    run = runs[0] if wanted and len(runs) == 1 else any_of if wanted else none_of
    return UnaryTests(text, run, compiler, tests, tuple(test.constant for test in tests))
