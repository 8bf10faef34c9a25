"""docs/feel.md lists every built-in function, and its examples are true."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.feel import BUILTINS
from engine.feel.reference import Entry, chapters, write_reference
from tests.engine.feel.cases import feel, same

PAGE = Path(__file__).parents[3] / "docs" / "feel.md"
ENTRIES = [entry for known in chapters().values() for entry in known]


def test_page_is_fresh() -> None:
    """docs/feel.md is what `flask --app app docs` would write now."""
    assert PAGE.read_text(encoding="utf-8") == write_reference()


def test_every_function_is_described_once() -> None:
    """No built-in function is left out or described twice."""
    assert sorted(entry.name for entry in ENTRIES) == sorted(BUILTINS)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.name)
def test_example_is_true(entry: Entry) -> None:
    """The example gives the value that stands behind it."""
    assert entry.example.startswith(f"{entry.name}(")
    assert same(feel(entry.example), feel(entry.value))
