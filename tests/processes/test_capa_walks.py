"""Random walks over the diagram of corrective actions: whatever people, clocks and senders do, nothing gets stuck."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import Element, FieldType
from engine.steps import Start
from tests.processes.walking import MONDAY, Walks, World, flows

DAY = date(2025, 4, 1)
ROW = {"action": "…", "owner": "u_ops1", "due": DAY, "measure": "…"}


class Register(World):
    """Two actions in each plan; cycles are counted."""

    _cycle = 1

    def known(self, element: Element, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        self._cycle += element.handler == "capa.next_cycle"
        action = {"number": "ACT-2025-00001", "action": "…", "owner": "u_ops1", "due_at": MONDAY, "measure": "…"}
        return {
            "number": "CAPA-2025-00001",
            "cycle": self._cycle,
            "kind": inputs.get("kind") or "corrective",
            "action_list": [{**action, "number": f"ACT-{n}"} for n in range(2)],
            "extension_possible": inputs.get("reason") == "…",
            "actions_due_at": inputs.get("actions_due_at"),
        }


FINDINGS = st.fixed_dictionaries(
    {
        "source": st.sampled_from([None, "INC-2025-00001"]),
        "text": st.just("…"),
        "kind": st.sampled_from([None, "corrective", "preventive"]),
        "grade": st.sampled_from([None, "major", "minor", "observation"]),
        "owner": st.sampled_from([None, "u_ops"]),
        "verifier": st.just("u_aud1"),
    }
)
WALKS = Walks(
    "capa",
    st.builds(Start, st.sampled_from(["begun", "raised"]), FINDINGS),
    st.just(Register),
    st.fixed_dictionaries({"reason": st.sampled_from(["…", "again"]), "until": st.just(DAY)}),
    {FieldType.DATE: st.just(DAY), FieldType.TABLE: st.just([ROW])},
)


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_walk_with_save_and_load_equals_the_walk_without(data: st.DataObject) -> None:
    """After every step, the case loaded from its snapshot and the one kept in memory say the same."""
    WALKS.compare(data)


def test_every_flow_is_walked() -> None:
    """The walks take every sequence flow of the diagram."""
    assert WALKS.model.flows.keys() - WALKS.seen(flows, walks=300) == set()
