"""FEEL text → tokens.

FEEL names may hold spaces and even operators (`date and time`, `risk-factor`), and brackets mean different things in
different places. The standard leaves that to the scope; here it is settled by the names known in advance and by what
stands on either side of a token, so that the grammar stays LALR(1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import islice

from lark import Token

from engine.feel.errors import FeelSyntaxError
from engine.texts import Text

NAME_START = r"[^\W\d]|[\U00010000-\U000EFFFF]"
NAME_PART = r"(?:\w|[\u00b7\u0300-\u036f\u203f\u2040\U00010000-\U000EFFFF])"
_TOKEN = re.compile(
    r"(?P<SPACE>(?:[\s\ufeff\u180e\u200b]|//[^\n]*|/\*.*?\*/)+)"
    r'|(?P<AT_STRING>@\s*"(?:[^"\\]|\\.)*")'
    r'|(?P<STRING>"(?:[^"\\]|\\.)*")'
    r"|(?P<_DOTDOT>\.\.)"
    r"|(?P<NUMBER>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)"
    rf"|(?P<NAME>(?:{NAME_START}){NAME_PART}*|\?)"
    r"|(?P<_ARROW>->)|(?P<POWER>\*\*)|(?P<COMPARE>!=|<=|>=|[=<>])"
    r"|(?P<PUNCTUATION>[-+*/().,:\[\]{}])",
    re.DOTALL,
)
KEYWORDS = {
    "if": "_IF", "then": "_THEN", "else": "_ELSE", "for": "_FOR", "in": "_IN", "return": "_RETURN", "some": "SOME",
    "every": "EVERY", "satisfies": "_SATISFIES", "and": "_AND", "or": "_OR", "between": "_BETWEEN",
    "function": "_FUNCTION", "true": "TRUE", "false": "FALSE", "null": "NULL",
}  # fmt: skip
PUNCTUATION = {
    "-": "MINUS", "+": "PLUS", "*": "STAR", "/": "SLASH", "(": "_LPAR", ")": "_RPAR", ".": "_DOT", ",": "_COMMA",
    ":": "_COLON", "[": "_LSQB", "]": "_RSQB", "{": "_LBRACE", "}": "_RBRACE",
}  # fmt: skip
BUILTIN_PHRASES: set[str] = set()  # functions and types of several words; filled by expression.py
_MAX_DECLARED = 50  # names of several words that a text may declare with the same first word
_KEY = re.compile(rf'"((?:{NAME_START})[^"\\\n]{{1,100}})"\s*:')  # an entry's name written as a text
# an entry's name written bare, with the signs that a name may hold (rule 30): `{net-price: 1}`
_BARE_KEY = re.compile(rf"[{{,]\s*((?:{NAME_START}){NAME_PART}*(?:(?:[ ]*[-+*/.'][ ]*|[ ]+){NAME_PART}+)+)\s*:")
_INSTANCE_OF = re.compile(r"instance\s+of(?!\w)")
# What people write who know another language, and what FEEL has instead.
_FOREIGN = (
    ("==", Text("FEEL compares with a single “=”")),
    ("!", Text("FEEL has no “!”: write not(…), or != for “is not equal”")),
    ("&&", Text("FEEL has no “&&”: write and")),
    ("||", Text("FEEL has no “||”: write or")),
    ("'", Text('texts stand in double quotes (")')),
    ("“", Text('texts stand in straight double quotes (")')),
    ("”", Text('texts stand in straight double quotes (")')),
    ('"', Text("this text has no closing double quote")),
    ("%", Text("FEEL has no “%”: write modulo(…, …)")),
    ("${", Text("“${{…}}” is another language's; FEEL stands without it")),
    ("#{", Text("“#{{…}}” is another language's; FEEL stands without it")),
)


def tokenize(text: str, phrases: frozenset[str]) -> list[Token]:
    """Split the text; a name of several words becomes one NAME if it is in `phrases` or declared in the text itself.

    Raises FeelSyntaxError.
    """
    tokens: list[Token] = []
    if "{" in text:
        keys = (" ".join(key.split()) for pattern in (_KEY, _BARE_KEY) for key in pattern.findall(text))
        phrases |= frozenset(islice((key for key in keys if not key.isidentifier()), _MAX_DECLARED))
    known = _phrase_pattern(phrases)
    parts = _phrase_pattern(phrases - BUILTIN_PHRASES)  # after a dot, where `date and time` is no one's name
    position, line, line_start = 0, 1, 0
    while position < len(text):
        after_dot = bool(tokens) and tokens[-1].type == "_DOT"
        kind, value, end = _next(text, position, parts if after_dot else known, after_dot=after_dot)
        if kind != "SPACE":
            column = position - line_start + 1
            tokens.append(Token(kind, value, start_pos=position, line=line, column=column, end_pos=end))
        newline = text.rfind("\n", position, end)
        if newline >= 0:
            line += text.count("\n", position, end)
            line_start = newline + 1
        position = end
    return _join_declared(tokens)


def _next(text: str, position: int, known: re.Pattern[str] | None, *, after_dot: bool) -> tuple[str, str, int]:
    match = _TOKEN.match(text, position)
    if match is None or (text.startswith(("==", '@"'), position) and match.lastgroup == "COMPARE"):
        raise _unknown(text, position)
    kind, value = match.lastgroup or "", match.group()
    if kind == "PUNCTUATION":
        return PUNCTUATION[value], value, match.end()
    if kind != "NAME":
        return kind, value, match.end()
    instance = _INSTANCE_OF.match(text, position)
    if instance and not after_dot:
        return "_INSTANCE_OF", "instance of", instance.end()
    phrase = known.match(text, position) if known else None
    if phrase:
        return "NAME", " ".join(phrase.group().split()), phrase.end()
    if after_dot:
        return kind, value, match.end()
    return KEYWORDS.get(value, "NAME"), value, match.end()


def _unknown(text: str, position: int) -> FeelSyntaxError:
    for sign, advice in _FOREIGN:
        if text.startswith(sign, position):
            return FeelSyntaxError(advice, text=text, position=position)
    reason = Text("the character “{character}” has no meaning in FEEL", character=text[position])
    return FeelSyntaxError(reason, text=text, position=position)


@lru_cache(maxsize=256)
def _phrase_pattern(phrases: frozenset[str]) -> re.Pattern[str] | None:
    """Match the longest known name that is more than one plain word."""
    several = sorted((p for p in phrases if not p.isidentifier() and p.split()), key=len, reverse=True)
    if not several:
        return None
    bodies = [r"\s+".join(re.escape(word) for word in phrase.split()) for phrase in several]
    ends = [r"(?!\w)" if phrase.rstrip()[-1:].isalnum() else "" for phrase in several]  # “(net)” may be followed
    return re.compile("|".join(body + end for body, end in zip(bodies, ends, strict=True)))


def _join_declared(tokens: list[Token]) -> list[Token]:
    """Join words into one name where the text itself declares it: keys, parameters, iterators, and after a dot."""
    declared: dict[str, list[list[str]]] = {}  # first word → names of several words, longest first
    joined: list[Token] = []
    index = 0
    in_parameters = False
    while index < len(tokens):
        kinds = [token.type for token in tokens[max(index - 2, 0) : index]]
        in_parameters = kinds == ["_FUNCTION", "_LPAR"] or (in_parameters and tokens[index].type != "_RPAR")
        length = _words_declared(tokens, index, in_parameters=in_parameters)
        if length > 1 and len(declared) < _MAX_DECLARED:
            names = declared.setdefault(tokens[index].value, [])
            names.append([t.value for t in tokens[index : index + length]])
            names.sort(key=len, reverse=True)
            del names[_MAX_DECLARED:]
        elif length == 1:
            length = _words_known(tokens, index, declared)
        joined.append(_merge(tokens[index : index + length]))
        index += length
    return joined


def _words_declared(tokens: list[Token], index: int, *, in_parameters: bool) -> int:
    end = index
    while end < len(tokens) and tokens[end].type == "NAME":
        end += 1
    if end - index < 2:
        return 1
    before = tokens[index - 1].type if index else ""
    after = tokens[end].type if end < len(tokens) else ""
    iterator = before in {"_FOR", "SOME", "EVERY", "_COMMA"} and after == "_IN"
    parameter = in_parameters and before in {"_LPAR", "_COMMA"}
    return end - index if before == "_DOT" or after == "_COLON" or iterator or parameter else 1


def _words_known(tokens: list[Token], index: int, declared: Mapping[str, list[list[str]]]) -> int:
    for words in declared.get(tokens[index].value, ()):
        run = tokens[index : index + len(words)]
        if [t.value for t in run] == words and all(t.type == "NAME" for t in run):
            return len(words)
    return 1


def _merge(tokens: list[Token]) -> Token:
    if len(tokens) == 1:
        return tokens[0]
    first = tokens[0]
    return first.update(value=" ".join(t.value for t in tokens))
