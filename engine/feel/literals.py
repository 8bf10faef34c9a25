"""Literals, names, lists, contexts and ranges."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from lark import Token

from engine.feel.arithmetic import DECIMAL128
from engine.feel.compiler import UNKNOWN, Code, Compiler, Frame, Frames, constant, cost, rule, usable
from engine.feel.functions import BUILTINS
from engine.feel.kinds import ORDERED, Range, kind_of
from engine.feel.scope import Scope
from engine.feel.temporal import parse_temporal
from engine.texts import Text

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{6}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "'": "'"}
_SURROGATES = re.compile("[\ud800-\udfff]")


def unescape(compiler: Compiler, token: Token) -> str:
    """Return the text that a string literal stands for.

    Raises FeelSyntaxError for half a surrogate pair: such a text can't be stored.
    """

    def replace(match: re.Match[str]) -> str:
        code = match[1]
        if len(code) > 1:
            number = int(code[1:], 16)
            return chr(number) if number <= 0x10FFFF else match[0]
        return _ESCAPED.get(code, match[0])

    text = _ESCAPE.sub(replace, str(token)[1:-1])
    if _SURROGATES.search(text):
        try:
            text = text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            raise compiler.error(Text("the text holds half a character (a lone surrogate)"), token) from None
    return text


def key(compiler: Compiler, token: Token) -> str:
    """Return the name a key stands for, written bare or as a text."""
    return unescape(compiler, token) if token.type == "STRING" else str(token)


@rule("number")
def number(compiler: Compiler, children: list[Any], _: Frames) -> Code:
    try:
        return constant(DECIMAL128.plus(Decimal(str(children[0]))))
    except ArithmeticError:
        raise compiler.error(Text("the number is too large (34 digits, exponent 6144)"), children[0]) from None


@rule("string")
def string(compiler: Compiler, children: list[Any], _: Frames) -> Code:
    return constant(unescape(compiler, children[0]))


@rule("temporal")
def temporal(compiler: Compiler, children: list[Any], _: Frames) -> Code:
    token = children[0]
    written = str(token)[1:].strip()[1:-1]
    value = parse_temporal(written)
    if value is None:
        reason = Text(
            "“{written}” is no date (2026-03-01), time (09:30:00), date and time (2026-03-01T09:30:00+08:00) "
            "or duration (P1DT2H, P1Y2M)",
            written=written[:60],
        )
        raise compiler.error(reason, token)
    return constant(value)


@rule("true")
def true(*_: Any) -> Code:
    return constant(True)


@rule("false")
def false(*_: Any) -> Code:
    return constant(False)


@rule("null")
def null(*_: Any) -> Code:
    return constant(None)


@rule("name")
def name(compiler: Compiler, children: list[Any], frames: Frames) -> Code:
    return resolve(compiler, children[0], frames)


def resolve(compiler: Compiler, token: Token, frames: Frames) -> Code:
    """Compile the reading of a name: a local one by its known distance, else a variable of the caller."""
    name = str(token)
    in_filter = False
    if name == "?":
        compiler.asks_input = True
    for hops, frame in enumerate(reversed(frames)):
        if name in frame.names:
            return Code(_searched(name, None) if in_filter or frame.item else _local(name, hops))
        in_filter = in_filter or frame.item
    if name == "?":
        raise compiler.error(Text("“?” stands for a decision table's input and has no meaning here"), token)
    built_in = name in BUILTINS and name not in compiler.declared
    fallback = BUILTINS[name].as_value() if built_in else None
    if " " not in name or fallback is None:
        if name not in compiler.names and in_filter:
            compiler.uncertain.add(name)
        elif not in_filter:
            compiler.uncertain.discard(name)
        compiler.names.add(name)
    return Code(_searched(name, fallback) if in_filter else _variable(name, fallback))


def _local(name: str, hops: int) -> Any:
    if hops == 0:
        return lambda scope: scope.values[name]
    if hops == 1:
        return lambda scope: scope.parent.values[name]

    def read(scope: Scope) -> Any:
        frame: Any = scope
        for _ in range(hops):
            frame = frame.parent
        return frame.values[name]

    return read


def _variable(name: str, fallback: Any) -> Any:
    def read(scope: Scope) -> Any:
        value = scope.run.context.get(name, fallback)
        return usable(value) if type(value) in (float, Decimal) else value

    return read


def _searched(name: str, fallback: Any) -> Any:
    """Read a name where a filter's element may have an entry of that name, which goes first."""

    def read(scope: Scope) -> Any:
        frame: Scope | None = scope
        while frame is not None:
            if isinstance(frame.item, dict) and name in frame.item:
                return usable(frame.item[name])
            if name in frame.values:
                return frame.values[name]
            frame = frame.parent
        return usable(scope.run.context.get(name, fallback))

    return read


@rule("list")
def list_(compiler: Compiler, children: list[Any], frames: Frames) -> Code:
    items = [compiler.compile(child, frames) for child in children]
    runs = [item.run for item in items]
    return Code(lambda scope: [run(scope) for run in runs], cost(*items))


@rule("context")
def context(compiler: Compiler, children: list[Any], frames: Frames) -> Code:
    frame = Frame(set())
    entries: list[tuple[str, Any]] = []
    size = 1
    for child in children:
        name = key(compiler, child.children[0])
        if name in frame.names:
            raise compiler.error(Text("the context has two entries called “{name}”", name=name), child)
        body = child.children[1]
        if body.data == "function":
            frame.names.add(name)  # a function may call itself
        code = compiler.compile(body, (*frames, frame))
        frame.names.add(name)
        entries.append((name, code.run))
        size += code.size

    def run(scope: Scope) -> Any:
        values: dict[str, Any] = {}
        inner = Scope(values, scope, scope.run)
        for name, evaluate in entries:
            values[name] = evaluate(inner)
        return dict(values)

    return Code(run, size)


@rule("range")
def range_(compiler: Compiler, children: list[Any], frames: Frames) -> Code:
    opening, first, last, closing = children
    start, end = compiler.compile(first, frames), compiler.compile(last, frames)
    included = (opening == "[", closing == "]")

    def run(scope: Scope) -> Any:
        return make_range(start.run(scope), end.run(scope), included)

    return _folded(run, start, end)


@rule("half_range")
def half_range(compiler: Compiler, children: list[Any], frames: Frames) -> Code:
    operator, bound = str(children[0]), compiler.compile(children[1], frames)
    return _folded(lambda scope: half_open(operator, bound.run(scope)), bound)


def _folded(run: Any, *parts: Code) -> Code:
    """Evaluate at once what consists of constants only."""
    if any(part.constant is UNKNOWN for part in parts):
        return Code(run, cost(*parts))
    value = run(None)
    return Code(lambda _: value, cost(*parts), value)


def make_range(start: Any, end: Any, included: tuple[bool, bool]) -> Range | None:
    """Build a range of two values of one ordered kind, else null."""
    kind = kind_of(start)
    if kind not in ORDERED or kind != kind_of(end):
        return None
    return Range(start, end, *included)


def half_open(operator: str, bound: Any) -> Range | None:
    """Build the range of a comparison: `(< 5)`, `(= 5)`."""
    if kind_of(bound) not in ORDERED:
        return None
    ranges = {
        "<": Range(None, bound, False, False),
        "<=": Range(None, bound, False, True),
        ">": Range(bound, None, False, False),
        ">=": Range(bound, None, True, False),
        "=": Range(bound, bound),
    }
    return ranges.get(operator)
