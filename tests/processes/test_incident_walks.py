"""Random walks over the incident diagram: whatever people, clocks and senders do, save and load change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import Element, FieldType
from engine.steps import Start, Step
from tests.processes.walking import Walks, World


class Register(World):
    """An incident that was reopened so often."""

    def __init__(self, reopened: int) -> None:
        super().__init__(later=timedelta(hours=4))
        self._reopened = reopened

    def known(self, element: Element, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        return {
            "number": "INC-2025-00001",
            "duplicate_of": None,
            "update_every": "PT30M",
            "reopen_count": self._reopened,
            "unreachable_count": self._reopened,
            "kb_suggestions": [],
        }


REPORT = {"channel": "phone", "customer": "C002", "contact": "徐静", "text": "…", "ci": None}
ALERT = {"source": "zabbix", "alert_key": "sw1-down", "ci": "SW-BJ1-001", "severity": "critical", "text": "…"}
LEVELS = st.sampled_from(["high", "medium", "low"])
WALKS = Walks(
    "incident",
    st.sampled_from([Start("reported", REPORT), Start("alert", ALERT)]),
    st.builds(partial, st.just(Register), st.integers(0, 3)),
    st.fixed_dictionaries({"impact": LEVELS, "urgency": LEVELS, "text": st.just("…")}),
    {FieldType.INT: st.integers(1, 60), FieldType.DEC: st.integers(1, 60)},
)


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_walk_with_save_and_load_equals_the_walk_without(data: st.DataObject) -> None:
    """After every step, the case loaded from its snapshot and the one kept in memory say the same."""
    WALKS.compare(data)


def test_every_wait_state_of_the_diagram_is_walked() -> None:
    """The walks can reach every element of the diagram at which a case rests."""
    resting = {e.id for e in WALKS.model.elements.values() if _rests(e)}
    assert resting - WALKS.seen(_waiting, walks=300) == set()


def _waiting(step: Step) -> set[str]:
    return {wait.element.id for wait in step.waits}


def _rests(element: Element) -> bool:
    """Tell whether a case can rest at an element: people, clocks or senders must act there."""
    waits = element.kind == "userTask" or element.event in {"message", "timer"}
    thrown = element.kind in {"intermediateThrowEvent", "endEvent"}
    return waits and not thrown and element.id not in {"reported", "alert"}
