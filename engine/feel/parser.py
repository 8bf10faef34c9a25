"""FEEL tokens → syntax tree, and the errors a process owner reads."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Tree, UnexpectedToken
from lark.lexer import Lexer

from engine.feel.brackets import settle
from engine.feel.errors import FeelSyntaxError
from engine.feel.lexer import tokenize
from engine.feel.limits import MAX_TEXT
from engine.texts import Text

_VALUE = {"NAME", "NUMBER", "STRING"}
_OPERATOR = {"PLUS", "MINUS", "COMPARE", "_AND"}
# what may follow, in the words of the text's author; the first that applies are shown
_WORDS: tuple[tuple[str, Text], ...] = (
    ("_THEN", Text("“then”")),
    ("_ELSE", Text("“else”")),
    ("_RETURN", Text("“return”")),
    ("_SATISFIES", Text("“satisfies”")),
    ("_FOR_IN", Text("“in”")),
    ("_RPAR", Text("“)”")),
    ("_RSQB", Text("“]”")),
    ("REND", Text("the end of the range")),
    ("_RBRACE", Text("“}}”")),
    ("_COLON", Text("“:”")),
    ("_COMMA", Text("“,”")),
    ("_LPAR", Text("“(”")),
    ("_TYPE_END", Text("“>”")),
)


class _Given(Lexer):
    """Hands on tokens that were made before; lark only parses."""

    __future_interface__ = 1

    def __init__(self, _: Any) -> None:
        pass

    def lex(self, state: Any, _: Any) -> Iterator[Token]:
        return iter(state.text)


@cache
def _lark() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer=_Given, start=["expression", "unary_tests"], maybe_placeholders=False)


def parse(text: str, phrases: Collection[str]) -> Tree[Token]:
    """Parse an expression. `phrases` are names in scope that are more than one plain word.

    Raises FeelSyntaxError.
    """
    return _parse(text, _tokens(text, phrases), "expression")


def parse_unary_tests(text: str, phrases: Collection[str]) -> Tree[Token] | None:
    """Parse the tests of a decision table's cell; None stands for `-`, any value.

    Raises FeelSyntaxError.
    """
    tokens = _tokens(text, phrases)
    if not tokens or [t.type for t in tokens] == ["MINUS"]:
        return None
    if _is_negation(tokens):
        tokens = [tokens[1].update(type="_NOT_TESTS"), *tokens[2:]]
    return _parse(text, tokens, "unary_tests")


def _tokens(text: str, phrases: Collection[str]) -> list[Token]:
    if len(text) > MAX_TEXT:
        reason = Text("the text is longer than {limit} characters", limit=MAX_TEXT)
        raise FeelSyntaxError(reason, text=text, position=MAX_TEXT)
    return settle(tokenize(text, frozenset(phrases)))


def _is_negation(tokens: list[Token]) -> bool:
    """Tell whether `not(` … `)` embraces the whole text."""
    if len(tokens) < 3 or tokens[0].value != "not" or tokens[1].type != "_LPAR":
        return False
    depth = 0
    for index, token in enumerate(tokens[1:], 1):
        depth += (token.value == "(") - (token.value == ")")
        if depth == 0:
            return index == len(tokens) - 1
    return False


def _parse(text: str, tokens: list[Token], start: str) -> Tree[Token]:
    if not tokens:
        raise FeelSyntaxError(Text("the expression is empty; expected a value"), text=text, position=0)
    try:
        return _lark().parse(tokens, start=start)
    except UnexpectedToken as error:
        raise _complaint(text, tokens, error) from None


def _complaint(text: str, tokens: list[Token], error: UnexpectedToken) -> FeelSyntaxError:
    expected = _expected(set(error.accepts or error.expected))
    if error.token.type == "$END":
        reason = Text("the expression ends too early; expected {expected}", expected=expected)
        return FeelSyntaxError(reason, text=text, position=len(text))
    position = error.token.start_pos or 0
    before = next((t for t in reversed(tokens) if (t.start_pos or 0) < position), None)
    if error.token.type == "NAME" and before is not None and before.type == "NAME":
        reason = Text(
            "“{first}” and “{second}” stand side by side: an operator is missing, or the text's double quotes; "
            "expected {expected}",
            first=before.value,
            second=error.token.value,
            expected=expected,
        )
    else:
        found = str(error.token.value)[:40]
        reason = Text("“{found}” can't stand here; expected {expected}", found=found, expected=expected)
    return FeelSyntaxError(reason, text=text, position=position)


def _expected(kinds: set[str]) -> Text:
    words = [word for kind, word in _WORDS if kind in kinds]
    if kinds >= _VALUE:
        words = [Text("a value")]
    elif kinds >= _OPERATOR:
        words = [*[w for k, w in _WORDS if k in kinds and k not in {"_LPAR", "_COMMA"}], Text("an operator")]
    elif "NAME" in kinds:
        words = [Text("a name"), *words]
    if not words or kinds == {"$END"}:
        return Text("the end of the expression")
    sentence = words[0]
    for word in words[1:3]:
        sentence = Text("{first} or {second}", first=sentence, second=word)
    return sentence
