"""Service levels: which hold, and what starting, pausing, recomputing and missing them does."""

from __future__ import annotations

import pytest

from handlers.handling import TakeUp, take_up
from handlers.sla import Escalate, Halt, Recompute, StartSla, escalate, pause, recompute, resume, start, stop
from registers import RESOLUTION, RESPONSE, ClockState
from tests.handlers.conftest import P2, P3, Unit, at


def test_start_uses_the_defaults_without_an_agreement(unit: Unit, incident: str) -> None:
    """F01: a P3 without an agreed row is due by the default table, from the time of the report, and says so."""
    with unit() as registers:
        record = registers.get(incident)
        clocks = registers.sla.of(incident)
        assert (record["response_due_at"], record["resolution_due_at"]) == (
            at("2025-03-03 12:00"),
            at("2025-03-05 10:00"),
        )
        assert (clocks[RESPONSE].warn_at, clocks[RESOLUTION].warn_at) == (
            at("2025-03-03 11:30"),
            at("2025-03-04 15:00"),
        )
        assert record["default_sla"] is True


def test_start_uses_the_customers_row(unit: Unit) -> None:
    """A customer's agreed row goes before the defaults."""
    with unit() as registers:
        number = registers.open("incident", {"customer": "C003", "reported_at": at("2025-03-03 10:00")}).number
        outcome = start(StartSla(number, "P2", P3), registers=registers)
    assert (outcome.resolution_due_at, outcome.update_every, outcome.default_sla) == (
        at("2025-03-03 18:00"),
        "PT60M",
        False,
    )


@pytest.mark.parametrize(
    ("default", "every"),
    [(P3, "P1D"), (P2, "PT120M"), ({**P3, "update_min": None}, None), ({**P3, "update_min": 960}, "P2D")],
)
def test_update_interval_rests_at_night(unit: Unit, default: dict[str, object], every: str | None) -> None:
    """On business hours customers are told by the day, round the clock by the minute, or never."""
    with unit() as registers:
        number = registers.open("incident", {"reported_at": at("2025-03-03 10:00")}).number
        assert start(StartSla(number, "P3", default), registers=registers).update_every == every


def test_pause_moves_the_due_time_by_working_time(unit: Unit, incident: str) -> None:
    """F10: five working hours of waiting for the customer move a P3's due time from Wednesday 10:00 to 15:00."""
    with unit("2025-03-03 15:00") as registers:
        pause(Halt(incident, RESOLUTION), registers=registers)
    with unit("2025-03-04 10:00") as registers:
        assert resume(Halt(incident, RESOLUTION, "Yes"), registers=registers).resolution_due_at == at(
            "2025-03-05 15:00"
        )
        assert registers.sla.of(incident)[RESOLUTION].warn_at == at("2025-03-05 10:00")
        assert registers.get(incident)["response_due_at"] == at("2025-03-03 12:00")


def test_take_up_stops_the_response_clock_once(unit: Unit, incident: str) -> None:
    """The first claim is the response; a later one changes nothing."""
    for moment in ("2025-03-03 10:30", "2025-03-03 11:00"):
        with unit(moment) as registers:
            take_up(TakeUp(incident), registers=registers)
            record = registers.get(incident)
            clock = registers.sla.of(incident)[RESPONSE]
    assert (record["responded_at"], record["response_breached"], record.state) == (
        at("2025-03-03 10:30"),
        False,
        "in_progress",
    )
    assert clock.state is ClockState.STOPPED


def test_stop_all_leaves_no_clock_running(unit: Unit, incident: str) -> None:
    """Stopping all clocks stops response and resolution, and may be repeated."""
    with unit("2025-03-03 11:00") as registers:
        for _ in range(2):
            stop(Halt(incident, "all"), registers=registers)
        assert {clock.state for clock in registers.sla.of(incident).values()} == {ClockState.STOPPED}


def test_recompute_counts_from_the_report(unit: Unit, incident: str) -> None:
    """A higher priority is measured from the time of the report; old and new priority stand in the timeline."""
    change = Recompute(incident, "P2", "high", "medium", P2, reason="Whole class is down")
    with unit("2025-03-03 11:00") as registers:
        outcome = recompute(change, registers=registers)
        assert outcome.resolution_due_at == at("2025-03-03 18:00")
        assert registers.get(incident)["priority"] == "P2"
        assert "P3" in str(registers.notes(incident)[-1].text)
        assert "Whole class is down" in str(registers.notes(incident)[-1].text)


def test_recompute_before_the_clocks_only_changes_the_record(unit: Unit) -> None:
    """A new priority for an incident that isn't classified yet starts no clock."""
    with unit() as registers:
        number = registers.open("incident", {"reported_at": at("2025-03-03 10:00")}).number
        recompute(Recompute(number, "P2", "high", "medium", P2), registers=registers)
        assert (registers.get(number)["priority"], registers.sla.of(number)) == ("P2", {})


def test_escalate_marks_a_breach_and_tells_the_role(unit: Unit, incident: str) -> None:
    """A missed response is marked in the record and told to the holder of the role."""
    with unit("2025-03-03 12:00", actor=None) as registers:
        escalate(Escalate(incident, "response_breached", ["service_manager"]), registers=registers)
        assert registers.get(incident)["response_breached"] is True
        assert [mail.recipient for mail in registers.outbox.about(incident)] == ["u_zheng"]


def test_warning_of_nobodys_incident_goes_to_the_desk(unit: Unit, incident: str) -> None:
    """While nobody is assigned, the role named instead of the assignee is told."""
    with unit("2025-03-03 11:30", actor=None) as registers:
        escalate(Escalate(incident, "response_warning", ["assignee"], "service_desk"), registers=registers)
        assert {mail.recipient for mail in registers.outbox.about(incident)} == {"u_desk1", "u_desk2"}
        assert registers.get(incident)["response_breached"] is None
