"""Random walks over the problem diagram: whatever people, clocks and senders do, it can go on, saved or not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import Element, FieldType
from engine.steps import Start
from tests.processes.walking import MONDAY, Walks, World, flows


class Register(World):
    """A problem that comes back or not, with or without incidents that wait for it."""

    def __init__(self, recurrence: int, incidents: list[str]) -> None:
        super().__init__()
        self._answers = {
            "number": "PRB-2025-00001",
            "known_error": "KE-2025-00001",
            "article": "KB-0002",
            "open_incidents": incidents,
            "recurrence": recurrence,
            "recurred": incidents[:recurrence],
            "logged_at": MONDAY,
            "resolved_at": MONDAY + timedelta(days=20),
            "verify_at": MONDAY + timedelta(days=50),
        }

    def known(self, element: Element, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._answers


BY_MESSAGE = Start("raised", {"source": "INC-2025-00007", "title": "…", "symptoms": "…", "ci": None})
BY_HAND = Start("reported", {"title": "…", "symptoms": "…", "origin": "other", "ci": None, "incidents": None})
INCIDENTS = st.sampled_from([[], ["INC-2025-00001", "INC-2025-00002"]])
WALKS = Walks(
    "problem",
    st.sampled_from([BY_MESSAGE, BY_HAND]),
    st.builds(partial, st.just(Register), st.sampled_from([0, 0, 2]), INCIDENTS),
    st.just({"change": "CHG-2025-00001", "result": "…", "reason": "…"}),
    {FieldType.DT: st.just(MONDAY + timedelta(days=10))},
)


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_walk_with_save_and_load_equals_the_walk_without(data: st.DataObject) -> None:
    """After every step, the case loaded from its snapshot and the one kept in memory say the same, and can go on."""
    WALKS.compare(data)


def test_every_flow_of_the_diagram_is_walked() -> None:
    """The walks take every sequence flow, from both starts to all ends."""
    assert WALKS.model.flows.keys() - WALKS.seen(flows, walks=250) == set()
