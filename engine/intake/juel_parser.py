"""Reads one expression of another engine's language by precedence, and writes it in FEEL on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from engine.texts import Text

MAX_DEPTH = 40  # brackets and operators within each other
JUEL, PLAIN, PYTHON, XPATH, JAVA = "JUEL", "", "Python", "XPath", "Java"
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)
    |(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |(?P<name>[^\W\d]\w*)
    |(?P<sign>===|!==|==|!=|<=|>=|&&|\|\||->|\+=|[-+*/%<>!?:.,()\[\]{};=$]))""",
    re.VERBOSE | re.DOTALL,
)
_WORDS = {
    JUEL: {
        "and": "&&", "or": "||", "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=", "div": "/",
        "mod": "%", "not": "!", "empty": "empty", "instanceof": "instanceof",
    },
    PLAIN: {"and": "&&", "or": "||", "not": "not"},
    PYTHON: {"and": "&&", "or": "||", "not": "not"},
    XPATH: {"and": "&&", "or": "||", "div": "/", "mod": "%"},
}  # fmt: skip
_LITERALS = {"true": "true", "false": "false", "null": "null"}
_PYTHON_LITERALS = {"True": "true", "False": "false", "None": "null"}
_RESERVED = frozenset("in is if then else for return some every satisfies between function instance new".split())  # noqa: SIM905
_OWN_OBJECTS = frozenset("execution task caseExecution authenticatedUserId connector processContext kcontext".split())  # noqa: SIM905
# How tightly an operator of theirs binds (JSR 245, 1.13), and how tightly its FEEL does (DMN 1.5, 10.3.1.2).
_BINDING = {"?": 1, "||": 2, "&&": 3, "==": 4, "!=": 4, "===": 4, "!==": 4, "=": 4, "<": 5, ">": 5, "<=": 5, ">=": 5}
_BINDING |= {"instanceof": 5, "+": 6, "-": 6, "*": 7, "/": 7, "%": 7}
_UNARY = 8
_IF, _OR, _AND, _COMPARISON, _SUM, _PRODUCT, _NEGATIVE, _WHOLE = range(8)
_METHODS: dict[str, Callable[[str, list[str]], str]] = {
    "equals": lambda on, given: f"{on} = {given[0]}",
    "isEmpty": lambda on, _: f"count({on}) = 0",
    "size": lambda on, _: f"count({on})",
    "length": lambda on, _: f"string length({on})",
    "contains": lambda on, given: f"list contains({on}, {given[0]})",
    "startsWith": lambda on, given: f"starts with({on}, {given[0]})",
    "endsWith": lambda on, given: f"ends with({on}, {given[0]})",
    "getVariable": lambda _, given: given[0].strip('"'),
    "hasVariable": lambda _, given: f"{given[0].strip(chr(34))} != null",
}


class Untranslatable(Exception):
    """Has no FEEL of surely the same meaning. `reason` says why; `feel` is what was most likely meant, or ""."""

    def __init__(self, reason: Text, feel: str = "") -> None:
        super().__init__(str(reason))
        self.reason, self.feel = reason, feel


@dataclass(frozen=True, slots=True)
class _Term:
    """A translated part. `level`: how tightly its FEEL binds; `sure`: it is true or false, never null."""

    feel: str
    level: int = _WHOLE
    sure: bool = False
    is_text: bool = False
    is_path: bool = False

    def within(self, level: int) -> str:
        return self.feel if self.level >= level else f"({self.feel})"


class Parser:
    """Reads one expression by precedence. What is readable but not sure to mean the same is kept in `doubt`."""

    def __init__(self, text: str, language: str) -> None:
        self.language = language
        self.doubt: Text | None = None
        self.depth = 0
        self.at = 0
        self.tokens = self._tokens(text)

    def whole(self) -> _Term:
        term = self.expression(0)
        if self.at < len(self.tokens):
            raise self._unreadable()
        return term

    # --- tokens -------------------------------------------------------------------------------------------------

    def _tokens(self, text: str) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        position, text = 0, text.rstrip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                raise Untranslatable(Text("“{text}” can't be read", text=text[position : position + 20].strip()))
            kind = match.lastgroup or ""
            value = match[kind]
            if kind == "name" and value in _WORDS.get(self.language, {}) and not (found and found[-1][1] == "."):
                kind, value = "sign", _WORDS[self.language][value]
            found.append((kind, value))
            position = match.end()
        return found

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def next(self) -> tuple[str, str]:
        token = self.peek()
        self.at += 1
        return token

    def takes(self, sign: str) -> bool:
        if self.peek() != ("sign", sign):
            return False
        self.at += 1
        return True

    def expect(self, sign: str) -> None:
        if not self.takes(sign):
            raise self._unreadable()

    def _unreadable(self) -> Untranslatable:
        kind, value = self.peek()
        if kind == "end":
            return Untranslatable(Text("it breaks off"))
        if value in ("=", "+=", ";"):
            return Untranslatable(Text("it assigns a value"))
        return Untranslatable(Text("“{text}” can't be read", text=value[:20]))

    def _wonder(self, reason: Text) -> None:
        self.doubt = self.doubt or reason

    # --- operators ----------------------------------------------------------------------------------------------

    def expression(self, level: int) -> _Term:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Untranslatable(Text("it is nested too deeply"))
        left = self.prefix()
        while True:
            kind, sign = self.peek()
            binding = _BINDING.get(sign, 0) if kind == "sign" else 0
            if binding <= level or (sign == "=" and self.language != XPATH):
                break
            self.at += 1
            left = self.ternary(left) if sign == "?" else self.infix(left, sign, self.expression(binding))
        self.depth -= 1
        return left

    def infix(self, left: _Term, sign: str, right: _Term) -> _Term:
        if sign in ("&&", "||"):
            word, level = ("and", _AND) if sign == "&&" else ("or", _OR)
            return _Term(f"{left.within(level)} {word} {right.within(level + 1)}", level, left.sure and right.sure)
        if sign == "instanceof":
            raise Untranslatable(Text("it asks for a Java type"))
        if sign in ("<", ">", "<=", ">="):
            return _Term(f"{left.within(_SUM)} {sign} {right.within(_SUM)}", _COMPARISON)
        if _BINDING[sign] == 4:
            if self.language == JAVA and (left.is_text or right.is_text):
                self._wonder(Text("Java compares texts with == by identity"))
            feel = "!=" if sign.startswith("!") else "="
            return _Term(f"{_operand(left)} {feel} {_operand(right)}", _COMPARISON, sure=True)
        return self._arithmetic(left, sign, right)

    def _arithmetic(self, left: _Term, sign: str, right: _Term) -> _Term:
        if left.is_text or right.is_text:
            self._wonder(Text("it calculates with texts"))
        if sign == "%":
            self._wonder(Text("the remainder of negative numbers differs in FEEL"))
            return _Term(f"modulo({left.feel}, {right.feel})")
        if sign == "/" and self.language not in (JUEL, XPATH):
            self._wonder(Text("a division of whole numbers differs between the languages"))
        if sign == "/" and self.language == XPATH and left.is_path and right.is_path:
            self._wonder(Text("“/” is a path here, or a division"))
            return _Term(f"{left.feel}.{right.feel}", is_path=True)
        level = _SUM if sign in "+-" else _PRODUCT
        return _Term(f"{left.within(level)} {sign} {right.within(level + 1)}", level)

    def ternary(self, condition: _Term) -> _Term:
        if self.language in (PLAIN, PYTHON, XPATH):
            raise Untranslatable(Text("“{text}” can't be read", text="?"))
        then = self.expression(0)
        self.expect(":")
        other = self.expression(0)
        return _Term(f"if {condition.feel} then {then.feel} else {other.feel}", _IF)

    def prefix(self) -> _Term:
        if self.takes("!"):
            return _negated(self.expression(_UNARY))
        if self.takes("not"):
            return self._word_not()
        if self.takes("-"):
            return _Term(f"-{self.expression(_UNARY).within(_NEGATIVE)}", _NEGATIVE)
        if self.takes("empty"):
            return self._empty(self.expression(_UNARY))
        return self.path(self.operand())

    def _word_not(self) -> _Term:
        """Python's `not x == 1` is `not (x == 1)`, JUEL's `(not x) == 1`."""
        begun = self.at
        term = self.expression(_UNARY)
        if _BINDING.get(self.peek()[1], 0) > _BINDING["&&"]:
            if self.language != PYTHON:
                self._wonder(Text("“not” before a comparison means different things in different languages"))
            self.at = begun
            term = self.expression(_BINDING["&&"])
        return _negated(term)

    def _empty(self, term: _Term) -> _Term:
        of = term.within(_SUM)
        if len(of) > 200:
            raise Untranslatable(Text("it is nested too deeply"))
        return _Term(f'{of} = null or {of} = "" or {of} = [] or {of} = {{}}', _OR)

    # --- operands -----------------------------------------------------------------------------------------------

    def operand(self) -> _Term:
        kind, value = self.next()
        if kind == "number":
            return _Term(_number(value))
        if kind == "text":
            return self._text(value)
        if (kind, value) == ("sign", "("):
            inner = self.expression(0)
            self.expect(")")
            return inner
        if (kind, value) == ("sign", "$") and self.language == XPATH:
            kind, value = self.next()
        if kind == "name":
            return self._name(value)
        self.at -= 1
        raise self._unreadable()

    def _text(self, value: str) -> _Term:
        inner = value[1:-1]
        if self.language == XPATH:
            return _Term(quoted(inner), is_text=True)
        if re.search(r"\\[^\\'\"]", inner):
            self._wonder(Text("it has a text with special characters"))
        return _Term(quoted(re.sub(r"\\(.)", r"\1", inner, flags=re.DOTALL)), is_text=True)

    def _name(self, name: str) -> _Term:
        if self.peek() == ("sign", "("):
            return self._function(name)
        literals = _LITERALS | (_PYTHON_LITERALS if self.language in (PLAIN, PYTHON) else {})
        if name in literals and self.language != XPATH:
            return _Term(literals[name], sure=literals[name] != "null")
        if name in _RESERVED:
            raise Untranslatable(Text("“{text}” can't be read", text=name))
        if name in _OWN_OBJECTS and self.language != PYTHON:
            self._wonder(Text("“{name}” is an object of the other engine", name=name))
        return _Term(name, is_path=True)

    def _function(self, name: str) -> _Term:
        given = self._arguments()
        if self.language == XPATH and name == "not" and len(given) == 1:
            return _negated(given[0])
        if self.language == XPATH and name in ("true", "false") and not given:
            return _Term(name, sure=True)
        self._wonder(Text("it calls the function “{name}”", name=name[:40]))
        return _Term(f"{name}({', '.join(g.feel for g in given)})")

    def _arguments(self) -> list[_Term]:
        self.expect("(")
        given: list[_Term] = []
        while not self.takes(")"):
            if given:
                self.expect(",")
            given.append(self.expression(0))
        return given

    def path(self, term: _Term) -> _Term:
        while True:
            if self.takes("."):
                kind, name = self.next()
                if kind != "name":
                    self.at -= 1
                    raise self._unreadable()
                term = self._method(term, name) if self.peek() == ("sign", "(") else _step(term, name)
            elif self.takes("["):
                index = self.expression(0)
                self.expect("]")
                term = self._element(term, index)
            else:
                return term

    def _method(self, term: _Term, name: str) -> _Term:
        given = [g.feel for g in self._arguments()]
        self._wonder(Text("it calls the method “{name}”", name=name[:40]))
        try:
            feel = _METHODS[name](term.within(_WHOLE), given)
        except (KeyError, IndexError):
            if not (name.startswith("get") and len(name) > 3 and not given):
                raise Untranslatable(self.doubt or Text("it calls a method")) from None
            feel = f"{term.within(_WHOLE)}.{name[3].lower()}{name[4:]}"
        return _Term(feel, _COMPARISON, sure=True) if "=" in feel else _Term(feel)

    def _element(self, term: _Term, index: _Term) -> _Term:
        if index.is_text and re.fullmatch(r'"[^\W\d]\w*"', index.feel):
            return _step(term, index.feel[1:-1])
        if index.feel.isdigit() and self.language != XPATH:
            return _Term(f"{term.within(_WHOLE)}[{int(index.feel) + 1}]")  # FEEL counts from 1
        raise Untranslatable(Text("it chooses an entry by a value that is not written out"))


def _step(term: _Term, name: str) -> _Term:
    return _Term(f"{term.within(_WHOLE)}.{name}", is_path=term.is_path)


def _negated(term: _Term) -> _Term:
    """The negation; of what may be null: that it isn't true."""
    if term.sure:
        return _Term(f"not({term.feel})", sure=True)
    return _Term(f"{term.within(_SUM)} != true", _COMPARISON, sure=True)


def _operand(term: _Term) -> str:
    """One side of an equation: logic in it is null in FEEL where JUEL has false."""
    is_logic = term.level in (_OR, _AND, _COMPARISON) and not term.sure
    return f"({term.within(_SUM)} = true)" if is_logic else term.within(_SUM)


def _number(text: str) -> str:
    return ("0" + text if text.startswith(".") else text).rstrip(".")


def quoted(text: str) -> str:
    """A text as FEEL writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
