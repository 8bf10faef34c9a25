"""Opening incidents, and keeping alerts together."""

from __future__ import annotations

import pytest

from engine import BpmnError
from handlers.alerts import FindDuplicate, MergeAlert, find_duplicate, merge
from handlers.intake import OpenIncident, open_incident
from handlers.records import AssignNumber, LinkRecords, Transition, Upsert, assign_number, link, transition, upsert
from tests.handlers.conftest import NOW, Unit

ALERT = OpenIncident(
    channel="monitoring", source="zabbix", alert_key="sw1-down", ci="SW-BJ1-001", severity="critical", text="No ping"
)


def test_open_numbers_by_the_year_in_shanghai(unit: Unit) -> None:
    """An incident reported just after New Year in Shanghai takes the new year's first number."""
    with unit("2026-01-01 00:10") as registers:
        opened = open_incident(OpenIncident(channel="phone", text="Slow"), registers=registers)
    assert opened.number == "INC-2026-00001"


def test_open_keeps_what_is_known(unit: Unit) -> None:
    """A report's text becomes title and description, and it counts as reported now."""
    with unit() as registers:
        opened = open_incident(
            OpenIncident(channel="phone", customer="C002", text="Disk full\nsince nine"), registers=registers
        )
        record = registers.get(opened.number)
    assert (record["title"], record["description"], record["reported_at"]) == (
        "Disk full",
        "Disk full\nsince nine",
        NOW,
    )
    assert (record.state, opened.ci_unknown) == ("new", False)


def test_open_flags_an_unknown_item_instead_of_losing_the_alert(unit: Unit) -> None:
    """An alert on a configuration item that the CMDB doesn't hold is opened without it, flagged, in category other."""
    with unit() as registers:
        opened = open_incident(OpenIncident(channel="monitoring", alert_key="x", ci="SW-X-999"), registers=registers)
        record = registers.get(opened.number)
    assert (opened.ci, opened.ci_unknown) == (None, True)
    assert (record["ci"], record["reported_ci"], record["category"]) == (None, "SW-X-999", "other")


def test_open_takes_the_customer_from_the_item(unit: Unit) -> None:
    """An alert on a customer's own server is that customer's incident."""
    with unit() as registers:
        opened = open_incident(OpenIncident(channel="monitoring", alert_key="x", ci="SRV-BJ1-101"), registers=registers)
        assert registers.get(opened.number)["customer"] == "C001"


def _opened(unit: Unit, when: str, alert: OpenIncident = ALERT, *, state: str | None = None) -> str:
    with unit(when) as registers:
        number = open_incident(alert, registers=registers).number
        if state:
            registers.transition(number, state)
    return number


@pytest.mark.parametrize(("key", "ci"), [("sw1-down", None), ("other-key", "SW-BJ1-001")])
def test_duplicate_is_found_by_alert_key_or_item(unit: Unit, key: str, ci: str | None) -> None:
    """An alert belongs to the unsolved incident of its key, else to the one from monitoring on the same item."""
    first = _opened(unit, "2025-03-03 10:00")
    second = _opened(unit, "2025-03-03 10:05")
    with unit("2025-03-03 10:05") as registers:
        assert find_duplicate(FindDuplicate(second, key, ci), registers=registers).duplicate_of == first


def test_duplicate_of_a_report_by_phone_is_none(unit: Unit) -> None:
    """An incident that a person reported on the same item doesn't swallow an alert."""
    _opened(unit, "2025-03-03 10:00", OpenIncident(channel="phone", ci="SW-BJ1-001", text="Slow"))
    second = _opened(unit, "2025-03-03 10:05")
    with unit() as registers:
        assert find_duplicate(FindDuplicate(second, "sw1-down", "SW-BJ1-001"), registers=registers).duplicate_of is None


def test_duplicate_of_a_solved_incident_is_none(unit: Unit) -> None:
    """An alert after the solution is a new fault."""
    first = _opened(unit, "2025-03-03 10:00")
    with unit() as registers:
        for state in ("in_progress", "restored", "resolved"):
            registers.transition(first, state)
    second = _opened(unit, "2025-03-03 11:00")
    with unit() as registers:
        assert find_duplicate(FindDuplicate(second, "sw1-down", "SW-BJ1-001"), registers=registers).duplicate_of is None


def test_merge_counts_and_tells_the_open_incident(unit: Unit) -> None:
    """A merged alert stands in the open incident's timeline, counts as an occurrence, and both records are linked."""
    first, second = _opened(unit, "2025-03-03 10:00"), _opened(unit, "2025-03-03 10:05")
    with unit("2025-03-03 10:05") as registers:
        merge(MergeAlert(second, first, "No ping"), registers=registers)
        assert registers.get(first)["occurrences"] == 2
        assert [second in str(note.text) for note in registers.notes(first)] == [True]
        assert second in {found.other.number for found in registers.links(first)}


def test_assign_number_counts_on(unit: Unit) -> None:
    """Numbers of a register follow each other without gaps."""
    with unit() as registers:
        numbers = [assign_number(AssignNumber("INC"), registers=registers).number for _ in range(2)]
    assert numbers == ["INC-2025-00001", "INC-2025-00002"]


def test_upsert_opens_or_changes(unit: Unit) -> None:
    """A record that doesn't exist is opened with the number given; one that does is changed."""
    with unit() as registers:
        upsert(Upsert("customer", "C009", {"name": "New"}), registers=registers)
        upsert(Upsert("customer", "C009", {"level": "key"}), registers=registers)
        assert (registers.get("C009")["name"], registers.get("C009")["level"]) == ("New", "key")


def test_transition_that_the_register_forbids_is_a_bpmn_error(unit: Unit, incident: str) -> None:
    """A way that the register doesn't have comes back to the diagram as ERR_ILLEGAL_TRANSITION."""
    with unit() as registers, pytest.raises(BpmnError) as caught:
        transition(Transition("incident", incident, "closed"), registers=registers)
    assert caught.value.code == "ERR_ILLEGAL_TRANSITION"


def test_link_is_seen_from_both_ends(unit: Unit, incident: str) -> None:
    """A link made from one record shows at the other."""
    with unit() as registers:
        change = registers.open("change", {"title": "Bigger disk"}).number
        link(LinkRecords(incident, change, "waits_for"), registers=registers)
        assert {found.other.number for found in registers.links(change)} == {incident}
