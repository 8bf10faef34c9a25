"""No text, however hostile, costs the server its time, memory or stack."""

from __future__ import annotations

import contextlib
import string
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import FeelLimitError, FeelSyntaxError, compile_expression, compile_unary_tests
from tests.engine.feel.cases import feel

EXPENSIVE = [
    "for i in 1..10**12 return i",
    "for i in 1..1000, j in 1..1000 return i",
    "count(for i in 1..100000000 return 1)",
    "some i in 1..10**9 satisfies false",
    "every i in 1..10**9 satisfies true",
    "{f: function(n) f(n + 1), r: f(1)}.r",
    "{f: function(n) [f(n), f(n)], r: f(1)}.r",
    "(function(f) f(f))(function(f) f(f))",
    'for i in 1..60 return if i = 1 then "aaaaaaaa" else partial[-1] + partial[-1]',
    "for i in 1..60 return if i = 1 then [1] else concatenate(partial[-1], partial[-1])",
    "sort(for i in 1..9999 return i, function(a, b) count(for j in 1..99 return j) > 0 and a > b)",
    'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a+)+\\\\1$")',
    'matches("a", "' + "a" * 600 + '")',
]


@pytest.mark.parametrize("text", EXPENSIVE, ids=lambda text: text[:60])
def test_expensive_expression_is_stopped(text: str) -> None:
    """An expression that would run away is stopped with an error, in well under two seconds of work."""
    begun = time.process_time()
    with pytest.raises(FeelLimitError):
        feel(text)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("pattern", [
    "(a+)+$", "^(a|a)*$", "(a|aa)+$", "(.*a){30}", "(a?){40}a{40}", "a*a*a*a*a*b", "^(([a-z])+.)+[A-Z]([a-z])+$",
    ".*?a.*?a.*b", "^(a*)*$", "^(a|a?)+$", "(x+x+)+y",
])  # fmt: skip
def test_hostile_pattern_is_answered_soon(pattern: str) -> None:
    """What would take Python's matcher for ever is matched by a machine that never goes back."""
    begun = time.process_time()
    expected = pattern == "(.*a){30}"
    assert feel("matches(t, p)", t="a" * 35 + "!", p=pattern) is expected
    with contextlib.suppress(FeelLimitError):
        feel("matches(t, p)", t="a" * 20_000 + "!", p=pattern)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    "pattern", [r"([a-z]+\\.)+com", r"(\\d+,)*\\d+", ".*x.*", r"^[A-Z]{2}\\d{4,6}$", "(ab|cd)+", r"\\w+@\\w+\\.org",
                r"\\d+-\\d+-\\d+-\\d+", "a?b?c?", "(a|b)*c"]
)  # fmt: skip
def test_ordinary_pattern_is_allowed(pattern: str) -> None:
    """Patterns that people write are not mistaken for hostile ones, and stay quick on a long text."""
    begun = time.process_time()
    assert feel(f'matches(text, "{pattern}")', text="a" * 5000 + "!") in {True, False}
    assert time.process_time() - begun < 2


DEEP = [
    "(" * 5000 + "1" + ")" * 5000,
    "-" * 5000 + "1",
    "[" * 5000 + "]" * 5000,
    "{a:" * 3000 + "1" + "}" * 3000,
    "not(" * 3000 + "true" + ")" * 3000,
    "if a then " * 1500 + "1" + " else 2" * 1500,
    "a" + ".a" * 5000,
    "a" + "[1]" * 3000,
    "f" + "(1)" * 3000,
    "function(a) " * 1500 + "a",
    "x in (" * 3000 + "1" + ")" * 3000,
    "1 instance of " + "list<" * 3000 + "number" + ">" * 3000,
    "for " + ",".join(f"a{i} in [1]" for i in range(1000)) + " return 1",
    "1 = " * 4000 + "1",
]


@pytest.mark.parametrize("text", DEEP, ids=lambda text: text[:20])
def test_deep_text_is_refused_not_crashed(text: str) -> None:
    """Nesting of thousands is refused (or needs no depth), and never meets the recursion limit."""
    begun = time.process_time()
    for compile_ in (compile_expression, compile_unary_tests):
        try:
            compile_(text)
        except FeelSyntaxError as error:
            assert str(error.reason)  # noqa: PT017
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    "text", ["1" + " + 1" * 4000, "a" + " or a" * 3500, "[" + "1," * 5000 + "1]", '"' + "x" * 15000 + '"']
)
def test_long_flat_text_is_fine(text: str) -> None:
    """Length alone is no depth: a sum of 4,000 numbers is a sum."""
    compile_expression(text).evaluate({})


def test_endless_text_is_refused() -> None:
    """A text beyond the limit isn't even read."""
    with pytest.raises(FeelSyntaxError, match="longer than"):
        compile_expression("1 + " * 10000 + "1")


def test_deepest_allowed_expression_runs() -> None:
    """What compiles also runs: depth costs no more stack than there is."""
    body = "x"
    for _ in range(70):
        body = f"[{body}][1]" if _ % 2 else f"(if {body} in [1] then 1 else 1)"
    try:
        compile_expression(body).evaluate({"x": 1})
    except FeelSyntaxError as error:
        assert "nested deeper" in str(error)  # noqa: PT017


def test_deep_data_is_no_crash() -> None:
    """Values nested by thousands stop the expression, not the process."""
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    for text in ("x = x", "string(x)", "x.a.b", "flatten(x)", "x = y", "distinct values([x, y])"):
        try:
            feel(text, x=deep, y=[deep])
        except FeelLimitError as error:
            assert "deep" in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    "text",
    ["__import__", "a.__class__", "a.__class__.__mro__", '"".__class__', "f.__globals__", "now.__self__",
     "(function(x) x).call", "[1].append", "{}.keys", "@\"P1D\".__class__", "(1).real"],
)  # fmt: skip
def test_python_is_out_of_reach(text: str) -> None:
    """No attribute of a Python value can be named: it is an unknown name, so null."""
    assert feel(text, a="x", f=print) in (None, [None])


TOKENS = st.sampled_from(
    ["1", "2.5", '"a"', "a", "b c", "null", "true", "+", "-", "*", "/", "**", "=", "!=", "<", ">", "<=", "(", ")", "[",
     "]", "{", "}", ",", ":", ".", "..", "if", "then", "else", "for", "in", "return", "some", "every", "satisfies",
     "and", "or", "not", "between", "instance of", "list<", "function", "date and time", "?", "@\"P1D\"", "->", "\n"]
)  # fmt: skip


def attempt(text: str) -> None:
    """Compile and run a text both ways."""
    for compile_ in (compile_expression, compile_unary_tests):
        try:
            compiled = compile_(text)
        except FeelSyntaxError as error:
            assert 0 <= error.position <= len(text)  # noqa: PT017
            continue
        try:
            if hasattr(compiled, "evaluate"):
                compiled.evaluate({"a": 1})
            else:
                compiled.matches(1, {"a": 1})
        except FeelLimitError:
            pass


@settings(max_examples=400, deadline=None)
@given(st.lists(TOKENS, max_size=25).map(" ".join))
def test_token_soup_compiles_or_is_refused(text: str) -> None:
    """Any row of tokens is an expression or a FeelSyntaxError with a place."""
    attempt(text)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.text(alphabet=string.printable, max_size=60))
def test_random_text_compiles_or_is_refused(text: str) -> None:
    """Any text is an expression or a FeelSyntaxError."""
    attempt(text)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab(|)*+?.[]^$\\{}1,", max_size=14), st.text(alphabet="ab", max_size=30))
def test_random_pattern_ends_soon(pattern: str, text: str) -> None:
    """Any pattern is matched quickly, is null, or is refused."""
    begun = time.process_time()
    with contextlib.suppress(FeelLimitError):
        feel("matches(t, p)", t=text + "!", p=pattern)
    assert time.process_time() - begun < 1
