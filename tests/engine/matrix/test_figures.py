"""Event gateways, joins behind border events, and ends, in each scope (BPMN 2.0.2, 13.4, 13.5)."""

from __future__ import annotations

import pytest

from tests.engine.matrix.course import Inside, compare
from tests.engine.matrix.figures import ENDINGS, EVENT_GATEWAYS, JOINED
from tests.engine.matrix.scopes import SCOPES, Around
from tests.engine.matrix.test_scopes import WHOLE


def _cases(figures: list[Inside]) -> list[tuple[Around, Inside]]:
    """Each figure in a plain process, and in every seventh of the other scopes; all with `GUICHENG_MATRIX=all`."""
    return [
        (around, figure)
        for place, around in enumerate(SCOPES)
        for number, figure in enumerate(figures)
        if WHOLE or not place or (place + number) % 7 == 0
    ]


def _named(part: Around | Inside) -> str:
    return part.name


@pytest.mark.parametrize(("around", "figure"), _cases([*EVENT_GATEWAYS]), ids=_named)
def test_first_event_decides(around: Around, figure: Inside) -> None:
    """Behind an event gateway, the first event that comes takes the way, and no other is waited for any more."""
    compare(around, figure)


@pytest.mark.parametrize(("around", "figure"), _cases([*JOINED]), ids=_named)
def test_join_behind_a_border(around: Around, figure: Inside) -> None:
    """A join waits for what left by the border as for what left by the flow, and goes on once."""
    compare(around, figure)


@pytest.mark.parametrize(("around", "figure"), _cases([*ENDINGS]), ids=_named)
def test_end_beside_other_work(around: Around, figure: Inside) -> None:
    """An end takes its token; only a terminate end takes everything in its scope, and nothing around it."""
    compare(around, figure)
