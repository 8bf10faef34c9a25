"""Run a table of FEEL texts against values written in FEEL themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from engine.feel import compile_expression

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)  # a Monday


def feel(text: str, /, **variables: Any) -> Any:
    """Evaluate a text; `__now__` is fixed."""
    return compile_expression(text).evaluate({"__now__": NOW, **variables})


def lines(block: str) -> list[tuple[str, str]]:
    """Split `expression => expected` lines; the expected side is FEEL as well."""
    pairs = [line.split(" => ") for line in block.strip().splitlines() if line.strip() and not line.startswith("--")]
    return [(left.strip(), right.strip()) for left, right in pairs]


def same(left: Any, right: Any) -> bool:
    """Compare results strictly: null is null, false is false, numbers by value, the rest with its type."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    if isinstance(left, bool) or isinstance(right, bool) or left is None or right is None:
        return left is right
    return bool(left == right)
