"""The index of a column answers as its cells would, one by one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.dmn.indexing import index_of
from engine.feel import compile_unary_tests
from tests.engine.dmn.tables import model, table

NUMBERS = st.integers(-3, 3).map(str)
RANGES = st.builds("{}{}..{}{}".format, st.sampled_from("[("), NUMBERS, NUMBERS, st.sampled_from("])"))
HALVES = st.builds("{} {}".format, st.sampled_from(["<", "<=", ">", ">=", "="]), NUMBERS)
LITERALS = st.one_of(NUMBERS, RANGES, HALVES, st.sampled_from(['"a"', '"b"', "true", "false", "1.0"]))
CELLS = st.one_of(st.just("-"), st.lists(LITERALS, min_size=1, max_size=3).map(", ".join))
VALUES = st.one_of(
    st.none(), st.booleans(), st.sampled_from(["a", "b", "c"]), st.integers(-4, 4),
    st.decimals(-4, 4, places=1), st.just(Decimal("NaN")),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(CELLS, min_size=4, max_size=12), VALUES)
def test_index_agrees_with_the_cells(texts: list[str], value: Any) -> None:
    """Whatever literals stand in a column, the looked-up rules are those whose cells the value passes."""
    cells = [compile_unary_tests(text) for text in texts]
    index = index_of(cells)
    assert index is not None
    passing = index.passing(value)
    if passing is not None:
        assert [bool(passing >> at & 1) for at in range(len(cells))] == [cell.matches(value, {}) for cell in cells]


def test_cells_beyond_literals_are_not_indexed() -> None:
    """A condition, a negation, a variable or a date keeps its column out of the index."""
    for text in ("? > 1", "not(1)", "!= 1", "x", '@"2026-03-01"', "null", "[1..x]", '"a", ["b"]'):
        assert index_of([compile_unary_tests(t) for t in (text, "1", "2", "3")]) is None


def test_table_mixes_indexed_and_tested_columns() -> None:
    """A list as a value is tested cell by cell; other columns are looked up."""
    rows = ['"a" | < x => 1', '"b" | - => 2', "- | > x => 3", '"c" | - => 4']
    read = model(table(rows, inputs=["k", "n"], policy="COLLECT"))
    assert read.evaluate("d", {"k": "a", "n": 1, "x": 2}).value == [1]
    assert read.evaluate("d", {"k": "b", "n": 3, "x": 2}).value == [2, 3]
    assert read.evaluate("d", {"k": None, "n": 3, "x": 2}).value == [3]
    assert read.evaluate("d", {"k": ["b"], "n": 3, "x": 2}).value == [3]
