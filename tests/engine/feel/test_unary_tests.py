"""The cells of a decision table (DMN 1.5, 10.3.1.3 rules 13–17)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.feel import compile_unary_tests

CELLS = [
    ("-", 5, True),
    ("", None, True),
    ("-", None, True),
    ('"a","b"', "b", True),
    ('"a", "b"', "c", False),
    ('not("a","b")', "c", True),
    ('not("a","b")', "a", False),
    ("not(< 5)", 7, True),
    ("not(true)", False, True),
    ("< 5", 4, True),
    ("< 5", 5, False),
    ("< 5", None, False),
    ("<= 5, > 10", 11, True),
    ("[1..5]", 5, True),
    ("]1..5]", 1, False),
    ("[1..5[", 5, False),
    ("[1..3], [7..9]", 8, True),
    ("!= 5", 4, True),
    ("= 5", 5, True),
    ("5", 5, True),
    ('"5"', 5, False),
    ("-5", -5, True),
    ("true", True, True),
    ("false", None, False),
    ("null", None, True),
    ("null", 1, False),
    ("limit", 7, True),
    ("> limit", 8, True),
    ("> limit", 7, False),
    ("allowed", 2, True),
    ("allowed", 3, False),
    ("? > 5 and ? < limit", 6, True),
    ("? > 5 and ? < limit", 7, False),
    ('contains(?, "x")', "axb", True),
    ('contains(?, "x")', 5, False),
    ("not(?)", False, True),
    ("? = null", None, True),
    ("some a in allowed satisfies a = ?", 1, True),
    ('date("2026-03-01")', None, False),
    ('> date("2026-03-01")', "x", False),
    ("limit > 3", True, True),
    ("limit > 3", False, False),
]


@pytest.mark.parametrize(("cell", "value", "expected"), CELLS)
def test_cell_matches(cell: str, value: Any, expected: bool) -> None:
    """The cell passes the value or not; null is no."""
    assert compile_unary_tests(cell).matches(value, {"limit": 7, "allowed": [1, 2]}) is expected


def test_cell_tells_what_it_depends_on() -> None:
    """A cell of literals lists them; one that reads variables says which."""
    assert compile_unary_tests('"a", "b"').plain == ("a", "b")
    assert compile_unary_tests("-").plain == ()
    assert compile_unary_tests("> limit").plain is None
    assert compile_unary_tests("> limit").names == {"limit"}
    assert compile_unary_tests("? > 5").plain is None
