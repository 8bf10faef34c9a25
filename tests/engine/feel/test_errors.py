"""A wrong text is refused where it is wrong, in words its author understands."""

from __future__ import annotations

import pytest

from engine.feel import FeelSyntaxError, compile_expression, compile_unary_tests

WRONG = [
    ("", 1, "expected a value"),
    ("1 +", 4, "ends too early; expected a value"),
    ("if a then b", 12, "expected “else”"),
    ("if a b", 6, "“a” and “b” stand side by side"),
    ("for x in [1] x", 14, "“x” can't stand here"),
    ("for x [1] return x", 7, "expected “in”"),
    ("some x in [1]", 14, "“satisfies”"),
    ("(1 + 2", 7, "“)”"),
    ("[1, 2", 6, "“]”"),
    ("{a 1}", 4, "expected “:”"),
    ("{a: 1, a: 2}", 8, "two entries called “a”"),
    ("a == b", 3, "single “=”"),
    ("a && b", 3, "write and"),
    ("a || b", 3, "write or"),
    ("!a", 1, "not(…)"),
    ("'a'", 1, "double quotes"),
    ("“a”", 1, "straight double quotes"),
    ('"abc', 1, "no closing double quote"),
    ("${a}", 1, "another language's"),
    ("a % b", 3, "modulo"),
    ("a ; b", 3, "no meaning in FEEL"),
    ("1 2", 3, "“2” can't stand here; expected an operator"),
    ("a.", 3, "expected a name"),
    ('@"2026-13-01"', 1, "is no date"),
    ('"\\uD83D"', 1, "half a character"),
    ("f(a: 1, a: 2)", 3, "given twice"),
    ("function(a, a) a", 10, "same name"),
    ("x instance of nothing", 15, "“nothing” is not a type"),
    ("? > 1", 1, "“?” stands for"),
    ("1e9999", 1, "too large"),
    ("a\n  and )", 7, "“)” can't stand here"),
    ("import os", 8, "side by side"),
]


@pytest.mark.parametrize(("text", "column", "sentence"), WRONG, ids=lambda value: str(value)[:30])
def test_wrong_text_is_refused_in_its_place(text: str, column: int, sentence: str) -> None:
    """The error names the column and what was expected, or what FEEL has instead."""
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression(text)
    assert sentence in str(caught.value.reason)
    assert caught.value.column == column
    assert text[: caught.value.position].count("\n") + 1 == caught.value.line


def test_position_counts_from_the_written_text() -> None:
    """A leading = and line breaks count as the author sees them."""
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression("= a and\n\n  or b")
    assert (caught.value.line, caught.value.column, caught.value.position) == (3, 3, 11)


@pytest.mark.parametrize("text", ["not(", '"a",', "< ", "[1..", "a b", "1, , 2", "- -"])
def test_wrong_cell_is_refused(text: str) -> None:
    """A decision table's cell is checked the same way."""
    with pytest.raises(FeelSyntaxError):
        compile_unary_tests(text)


def test_reason_can_be_translated() -> None:
    """The reason is a template with values, nested texts included."""
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression("if a then b")
    chinese = {
        "the expression ends too early; expected {expected}": "表达式不完整；应为 {expected}",
        "“else”": "“否则”",
    }
    assert caught.value.reason.render(chinese.__getitem__) == "表达式不完整；应为 “否则”"


def test_doubtful_call_is_reported_but_compiles() -> None:
    """A built-in called with too few arguments is legal and null; the compiled expression says so."""
    (doubt,) = compile_expression('substring("abc")').doubts
    assert "substring(string, start position, length)" in str(doubt)
