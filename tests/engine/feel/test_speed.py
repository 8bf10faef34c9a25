"""Conditions and tables stay as quick as promised, measured against a loop of plain Python on the same machine."""

from __future__ import annotations

import pytest

from bench import feel

# label → turns of the reference loop (3 µs on the machine of issue 3) that it may take: 5 µs and 200 µs
LIMITS = {
    "condition: amount > 100": 1.7,
    "condition: a list and a comparison": 1.7,
    "table of 100 rules, UNIQUE": 30,
    "table of 100 rules, FIRST": 30,
}


@pytest.mark.parametrize("label", LIMITS)
def test_speed_is_kept(label: str) -> None:
    """The best of three measurements keeps the limit; a busy machine disturbs one, not all."""
    ratios = (next(cost.loops for cost in feel.measure() if cost.label == label) for _ in range(3))
    assert any(ratio <= LIMITS[label] for ratio in ratios)
