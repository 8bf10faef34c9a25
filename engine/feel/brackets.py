"""Decide what each bracket, `in`, `..` and type sign means, so that the grammar needs one token of look-ahead."""

from __future__ import annotations

from dataclasses import dataclass

from lark import Token

# tokens after which an operand is complete: what follows is an operator, a filter or a call
_ENDS = {"NAME", "NUMBER", "STRING", "AT_STRING", "TRUE", "FALSE", "NULL", "_RPAR", "_RSQB", "_RBRACE", "REND"}
_STARTS = {"NAME", "NUMBER", "STRING", "AT_STRING", "TRUE", "FALSE", "NULL", "_LPAR", "_LSQB", "_LBRACE", "MINUS",
           "_IF", "_FOR", "SOME", "EVERY", "_FUNCTION"}  # fmt: skip
_GENERIC = {"list": "_LIST_OF", "range": "_RANGE_OF", "context": "_CONTEXT_OF", "function": "_FUNCTION_OF"}
_ARITHMETIC = {"PLUS", "MINUS", "STAR", "SLASH", "POWER", "_DOT", "_LSQB", "_LPAR"}


@dataclass(slots=True)
class _Open:
    """Something that was opened: a bracket, an iteration up to `return`, or a type's `<`."""

    kind: str  # ( [ ] { filter, for, params, type
    at: int


def settle(tokens: list[Token]) -> list[Token]:
    """Return the tokens with context-free types."""
    return _Settler(tokens).run()


def _matches(tokens: list[Token]) -> dict[int, int]:
    """Map each round bracket to the one that closes it, as far as they match."""
    stack: list[int] = []
    pairs: dict[int, int] = {}
    for index, token in enumerate(tokens):
        if token.type == "_LPAR":
            stack.append(index)
        elif token.type == "_RPAR" and stack:
            pairs[stack.pop()] = index
    return pairs


class _Settler:
    def __init__(self, tokens: list[Token]) -> None:
        self.given = tokens
        self.done: list[Token] = []
        self.open: list[_Open] = []
        self.ranges: set[int] = set()  # positions of brackets that hold a `..`
        self.index = 0
        self.closing = _matches(tokens)
        self.bodies: set[int] = set()  # positions of brackets behind which a function's body begins

    def run(self) -> list[Token]:
        while self.index < len(self.given):
            token = self.given[self.index]
            self.done.append(token)
            handle = _HANDLERS.get(token.type)
            if handle is not None:
                handle(self, token)
            self.index += 1
        return self.done

    def retype(self, at: int, kind: str) -> None:
        self.done[at] = self.done[at].update(type=kind)

    def here(self, kind: str) -> None:
        self.retype(len(self.done) - 1, kind)

    def push(self, kind: str) -> None:
        self.open.append(_Open(kind, len(self.done) - 1))

    def top(self) -> str:
        return self.open[-1].kind if self.open else ""

    def before(self) -> str:
        return self.done[-2].type if len(self.done) > 1 else ""

    def ended(self) -> bool:
        """Tell whether an operand is complete before this token."""
        return self.before() in _ENDS and len(self.done) - 2 not in self.bodies

    def after(self) -> str:
        return self.given[self.index + 1].type if self.index + 1 < len(self.given) else ""

    def in_type(self) -> bool:
        previous = self.before()
        return previous in {"_INSTANCE_OF", "_ARROW", *_GENERIC.values()} or (
            previous in {"_COLON", "_COMMA"} and self.top() in {"params", "type"} and not (
                previous == "_COMMA" and self.top() == "params")
        )  # fmt: skip

    def name(self, token: Token) -> None:
        if token.value == "external" and len(self.done) - 2 in self.bodies and self.after() == "_LBRACE":
            self.here("_EXTERNAL")
        if not self.in_type():
            return
        self.here("NAME")
        following = self.given[self.index + 1] if self.index + 1 < len(self.given) else None
        if token.value in _GENERIC and following is not None and following.value == "<":
            self.here(_GENERIC[token.value])
            self.push("type")
            self.index += 1  # the `<` belongs to the name

    def function(self, token: Token) -> None:
        self.name(token)

    def compare(self, token: Token) -> None:
        if token.value == ">" and self.top() == "type":
            self.here("_TYPE_END")
            self.open.pop()

    def left_paren(self, _: Token) -> None:
        self.push("params" if self.before() == "_FUNCTION" else "(")
        if self.before() == "_IN" and not self._continues_after_close():
            self.here("_IN_LPAR")

    def _continues_after_close(self) -> bool:
        """Tell whether `in (a) + b` goes on as arithmetic, so that the bracket only groups."""
        following = self.closing.get(self.index, len(self.given)) + 1
        return following < len(self.given) and self.given[following].type in _ARITHMETIC

    def left_square(self, _: Token) -> None:
        if not self.ended():
            self.push("[")
        elif self.open and self.open[-1].at in self.ranges and self.after() not in _STARTS:
            self.here("REND")
            self.open.pop()
        else:
            self.here("_LFILTER")
            self.push("filter")

    def right_square(self, _: Token) -> None:
        empty_list = self.before() == "_LSQB" and self.after() not in _STARTS
        if not self.ended() and not empty_list and self.after() in _STARTS:
            self.push("]")
        else:
            self.close()

    def close(self, _: Token | None = None) -> None:
        """Close the innermost bracket; a wrong one is left for the grammar to complain about."""
        while self.open and self.open[-1].kind in {"for", "type"}:
            self.open.pop()
        if not self.open:
            return
        closed = self.open.pop()
        if closed.at in self.ranges:
            self.here("REND")
        if closed.kind == "params":
            self.bodies.add(len(self.done) - 1)

    def dots(self, _: Token) -> None:
        if self.open and self.open[-1].kind in {"(", "[", "]"}:
            self.ranges.add(self.open[-1].at)
            self.retype(self.open[-1].at, "RSTART")

    def iteration(self, _: Token) -> None:
        self.push("for")

    def iterated(self, _: Token) -> None:
        if self.top() == "for":
            self.open.pop()

    def membership(self, _: Token) -> None:
        if self.top() == "for":
            self.here("_FOR_IN")

    def brace(self, _: Token) -> None:
        self.push("{")


_HANDLERS = {
    "NAME": _Settler.name, "_FUNCTION": _Settler.function, "NULL": _Settler.name, "COMPARE": _Settler.compare,
    "_LPAR": _Settler.left_paren, "_LSQB": _Settler.left_square, "_RSQB": _Settler.right_square,
    "_RPAR": _Settler.close, "_RBRACE": _Settler.close, "_LBRACE": _Settler.brace, "_DOTDOT": _Settler.dots,
    "_FOR": _Settler.iteration, "SOME": _Settler.iteration, "EVERY": _Settler.iteration,
    "_RETURN": _Settler.iterated, "_SATISFIES": _Settler.iterated, "_IN": _Settler.membership,
}  # fmt: skip
