"""Each activity × each event at its border × each scope: the interpreter against the standard as the oracle tells it.

Every pair of two of them is played, and of the triples every sixth; all of them with `GUICHENG_MATRIX=all`. A case
plays its courses side by side on one model; every step is made twice, in memory and on what was saved (`Run`).
"""

from __future__ import annotations

import os

import pytest

from tests.engine.matrix.combining import BORDERS, HOSTS, LINES, Line
from tests.engine.matrix.course import compare
from tests.engine.matrix.scopes import SCOPES, Around

WHOLE = bool(os.environ.get("GUICHENG_MATRIX"))  # all 4,000 combinations: two minutes


def is_played(around: Around, line: Line) -> bool:
    """Whether a combination is always played: each line in a plain process, and each pair."""
    border = BORDERS.index(line.border) if line.border else 0
    sampled = (SCOPES.index(around) + HOSTS.index(line.host) + border) % 6 == 0
    return WHOLE or sampled or around is SCOPES[0]


CASES = [(around, line) for around in SCOPES for line in LINES if is_played(around, line)]


@pytest.mark.parametrize(("around", "line"), CASES, ids=lambda part: part.name)
def test_what_is_drawn_is_what_runs(around: Around, line: Line) -> None:
    """After each act the same is waited for as by the standard; at the end the same was completed and cancelled."""
    compare(around, line)
