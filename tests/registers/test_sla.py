"""SLA clocks: the numbers of scenarios F01–F05 and F10."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import NotFound
from registers import (
    BUSINESS_HOURS,
    RESOLUTION,
    RESPONSE,
    ROUND_THE_CLOCK,
    Calendars,
    ChineseWorkdays,
    ClockState,
    RegisterStore,
    SlaClock,
    Targets,
)
from registers.sla import Pause, timed
from tests.registers.conftest import Begin
from tests.registers.times import NOW, at

P1 = Targets(15, 240, ROUND_THE_CLOCK)
P2 = Targets(30, 480, ROUND_THE_CLOCK)
P3 = Targets(120, 960, BUSINESS_HOURS)
CALENDARS = Calendars(ChineseWorkdays({}, frozenset({2025})))


def start(begin: Begin, targets: Targets, reported: str, now: str | None = None) -> str:
    with begin(now=at(now or reported)) as registers:
        number = registers.open("incident", {"title": "Slow"}).number
        registers.sla.start(number, targets, since=at(reported))
    return number


def clock(begin: Begin, number: str, metric: str = RESOLUTION) -> SlaClock:
    with begin() as registers:
        return registers.sla.of(number)[metric]


def tick(begin: Begin, when: str) -> list[str]:
    """What the worker does: fire what is due, then mark it."""
    with begin(None, at(when)) as registers:
        milestones = registers.sla.due(registers.now)
        return [m.message for m in milestones if registers.sla.mark(m)]


@pytest.mark.parametrize(
    ("targets", "reported", "response", "resolution"),
    [
        (P3, "2025-03-03 10:00", ("03-03 11:30", "03-03 12:00"), ("03-04 15:00", "03-05 10:00")),  # F01
        (P1, "2025-03-08 02:00", ("03-08 02:11:15", "03-08 02:15"), ("03-08 05:00", "03-08 06:00")),  # F02
        (P2, "2025-03-04 20:00", ("03-04 20:22:30", "03-04 20:30"), ("03-05 02:00", "03-05 04:00")),  # F03
        (P2, "2025-03-04 09:00", ("03-04 09:22:30", "03-04 09:30"), ("03-04 15:00", "03-04 17:00")),  # F04
    ],
)
def test_clocks_warn_and_end_in_time(
    begin: Begin, targets: Targets, reported: str, response: tuple[str, str], resolution: tuple[str, str]
) -> None:
    """Clocks run from the report, warn at 75 % of the working time and end at all of it."""
    later = (at(reported) + timedelta(minutes=7)).isoformat(" ", "minutes")[:16]
    number = start(begin, targets, reported, later)
    for metric, (warn, due) in ((RESPONSE, response), (RESOLUTION, resolution)):
        found = clock(begin, number, metric)
        assert (found.warn_at, found.due_at) == (at(f"2025-{warn}"), at(f"2025-{due}"))
        assert (found.state, found.breached) == (ClockState.RUNNING, False)


def test_milestones_fire_once(begin: Begin) -> None:
    """F03: a warning at 20:22:30, a breach at 20:30, and nothing more at 20:31."""
    number = start(begin, P2, "2025-03-04 20:00")
    assert tick(begin, "2025-03-04 20:22:29") == []
    assert tick(begin, "2025-03-04 20:22:30") == ["sla.response_warning"]
    assert tick(begin, "2025-03-04 20:29:59") == []
    assert tick(begin, "2025-03-04 20:30") == ["sla.response_breached"]
    assert tick(begin, "2025-03-04 20:31") == []
    assert clock(begin, number, RESPONSE).breached


def test_late_tick_fires_everything_in_order(begin: Begin) -> None:
    """After downtime, every milestone is still told, in the order in which it was due."""
    start(begin, P2, "2025-03-04 20:00")
    assert tick(begin, "2025-03-05 09:00") == [
        "sla.response_warning", "sla.response_breached", "sla.resolution_warning", "sla.resolution_breached"
    ]  # fmt: skip
    assert tick(begin, "2025-03-05 09:01") == []


def test_two_ticks_at_once_mark_once(begin: Begin) -> None:
    """Of two workers that see the same milestone, one marks it; its message has the same id for both."""
    start(begin, P2, "2025-03-04 20:00")
    now = at("2025-03-04 20:23")
    with begin(None, now) as one, begin(None, now) as other:
        first, second = one.sla.due(now), other.sla.due(now)
    assert [m.message_id for m in first] == [m.message_id for m in second]
    with begin(None, now) as registers:
        assert [registers.sla.mark(m) for m in (*first, *second)] == [True, False]


def test_pause_moves_due_and_warning(begin: Begin) -> None:
    """F10: waiting from Mon 15:00 to Tue 10:00 moves the due time to Wed 15:00 and the warning to Wed 10:00."""
    number = start(begin, P3, "2025-03-03 10:00")
    with begin(now=at("2025-03-03 15:00")) as registers:
        paused = registers.sla.pause(number)
        assert (paused.state, paused.due_at, paused.next_at) == (ClockState.PAUSED, at("2025-03-05 10:00"), None)
    assert tick(begin, "2025-03-04 09:59") == ["sla.response_warning", "sla.response_breached"]
    with begin(now=at("2025-03-04 10:00")) as registers:
        resumed = registers.sla.resume(number)
        registers.sla.resume(number)
    assert (resumed.due_at, resumed.warn_at) == (at("2025-03-05 15:00"), at("2025-03-05 10:00"))
    assert clock(begin, number) == resumed
    assert clock(begin, number, RESPONSE).due_at == at("2025-03-03 12:00")


def test_paused_clock_fires_nothing(begin: Begin) -> None:
    """While the customer is awaited no milestone fires, however long that takes."""
    number = start(begin, P3, "2025-03-03 10:00")
    with begin(now=at("2025-03-03 11:00")) as registers:
        registers.sla.stop(number, RESPONSE)
        registers.sla.pause(number)
    assert tick(begin, "2025-06-03 11:00") == []


def test_milestone_reached_before_the_pause_is_still_told(begin: Begin) -> None:
    """A warning whose time had come before the pause is told even if the tick comes later; the breach is not."""
    number = start(begin, P2, "2025-03-04 09:00")
    with begin(now=at("2025-03-04 15:30")) as registers:
        registers.sla.stop(number, RESPONSE)
        registers.sla.pause(number)
    assert tick(begin, "2025-03-04 18:00") == ["sla.response_breached", "sla.resolution_warning"]
    assert tick(begin, "2025-03-04 18:01") == []


def test_stop_in_time_is_no_breach(begin: Begin) -> None:
    """F01: clocks stopped before their due times never fire, and aren't breached."""
    number = start(begin, P3, "2025-03-03 10:00")
    with begin(now=at("2025-03-03 10:40")) as registers:
        stopped = [registers.sla.stop(number, metric) for metric in (RESPONSE, RESOLUTION)]
    assert [(c.state, c.breached, c.next_at) for c in stopped] == [(ClockState.STOPPED, False, None)] * 2
    assert tick(begin, "2025-04-03 10:00") == []


def test_stop_too_late_is_a_breach(begin: Begin) -> None:
    """A clock stopped after its due time is breached, and says so once, even if no tick came in between."""
    number = start(begin, P2, "2025-03-04 09:00")
    with begin(now=at("2025-03-04 18:00")) as registers:
        registers.sla.stop(number, RESPONSE)
        assert registers.sla.stop(number, RESOLUTION).breached
    assert tick(begin, "2025-03-04 18:01") == ["sla.response_breached", "sla.resolution_breached"]
    assert tick(begin, "2025-03-04 18:02") == []


def test_reopening_goes_on_with_the_time_used(begin: Begin) -> None:
    """F05: a reopened incident's clock continues, and milestones that were fired aren't fired again."""
    number = start(begin, P2, "2025-03-04 09:00")
    assert tick(begin, "2025-03-04 15:00") == [
        "sla.response_warning",
        "sla.response_breached",
        "sla.resolution_warning",
    ]
    with begin(now=at("2025-03-04 16:00")) as registers:
        registers.sla.stop(number, RESOLUTION)
    with begin(now=at("2025-03-05 10:00")) as registers:
        resumed = registers.sla.resume(number, RESOLUTION)
    assert (resumed.due_at, resumed.stopped_at) == (at("2025-03-05 11:00"), None)
    assert tick(begin, "2025-03-05 10:30") == []
    assert tick(begin, "2025-03-05 11:00") == ["sla.resolution_breached"]


def test_stop_while_paused_keeps_the_pause(begin: Begin) -> None:
    """A clock can be stopped while it waits; resumed later, it has used what it had used before the pause."""
    number = start(begin, P2, "2025-03-04 09:00")
    with begin(now=at("2025-03-04 10:00")) as registers:
        registers.sla.pause(number)
    with begin(now=at("2025-03-04 12:00")) as registers:
        assert registers.sla.stop(number, RESOLUTION).stopped_at == at("2025-03-04 12:00")
    with begin(now=at("2025-03-04 13:00")) as registers:
        assert registers.sla.resume(number, RESOLUTION).due_at == at("2025-03-04 20:00")


def test_recompute_counts_from_the_report(begin: Begin) -> None:
    """A new priority counts as if it had been there from the start; a due time in the past is a breach at once."""
    number = start(begin, P3, "2025-03-03 10:00")
    with begin(now=at("2025-03-03 15:00")) as registers:
        clocks = registers.sla.recompute(number, P1)
    assert clocks[RESOLUTION].due_at == at("2025-03-03 14:00")
    assert "sla.resolution_breached" in tick(begin, "2025-03-03 15:00")
    with begin(now=at("2025-03-03 15:30")) as registers:
        clocks = registers.sla.recompute(number, P3)
    assert (clocks[RESOLUTION].due_at, clocks[RESOLUTION].breached) == (at("2025-03-05 10:00"), True)
    assert tick(begin, "2025-03-10 10:00") == []


def test_starting_twice_changes_nothing(begin: Begin) -> None:
    """Clocks that run already are left alone."""
    number = start(begin, P3, "2025-03-03 10:00")
    with begin(now=at("2025-03-03 11:00")) as registers:
        again = registers.sla.start(number, P1, since=registers.now)
    assert again[RESOLUTION].due_at == at("2025-03-05 10:00")


def test_clocks_that_were_never_started_are_named(begin: Begin) -> None:
    """Pausing a clock that doesn't exist says which."""
    with begin() as registers:
        assert registers.sla.of("C001") == {}
        with pytest.raises(NotFound, match="C001 has no resolution clock"):
            registers.sla.pause("C001")


def test_next_milestone_wakes_the_worker(begin: Begin, demo: RegisterStore) -> None:
    """The store knows when the next milestone is due."""
    assert demo.next_milestone_at() is None
    start(begin, P2, "2025-03-04 20:00")
    assert demo.next_milestone_at() == at("2025-03-04 20:22:30")


def test_step_and_tick_at_the_same_time_lose_nothing(begin: Begin) -> None:
    """A milestone marked while a step holds the clock stays marked when the step writes."""
    number = start(begin, P2, "2025-03-04 20:00")
    now = at("2025-03-04 20:30")
    with begin(now=now) as step:
        step.sla.of(number)
        assert tick(begin, "2025-03-04 20:30") == ["sla.response_warning", "sla.response_breached"]
        step.sla.stop(number, RESPONSE)
    assert clock(begin, number, RESPONSE).breached
    assert tick(begin, "2025-03-04 20:31") == []


@pytest.mark.parametrize(
    ("customer", "service", "ticket_type", "priority", "found"),
    [
        ("C002", "SVC-HOST", "incident", "P3", None),  # no agreement
        (None, "SVC-HOST", "incident", "P3", None),
        ("C001", "SVC-HOST", "incident", "P3", "SLA-C001-P3"),
        ("C001", "SVC-HOST", "error_report", "P1", "SLA-C001-P1"),
        ("C001", "SVC-HOST", "service_request", "P4", "SLA-C001-SR"),
        ("C003", "SVC-HOST", "incident", "P1", "GOLD"),  # a row for the very service goes first
        ("C003", "SVC-BW", "incident", "P1", "SLA-C003-P1"),
        ("C003", "SVC-BKP", "incident", "P1", "SLA-C003-P1"),  # its own row has ended
    ],
)
def test_targets_come_from_the_agreement(
    begin: Begin, customer: str | None, service: str, ticket_type: str, priority: str, found: str | None
) -> None:
    """The customer's row that fits best counts; without one the caller's defaults do."""
    row = {"customer": "C003", "ticket_type": "incident", "priority": "P1", "response_min": 5, "resolution_min": 60}
    with begin() as registers:
        gold = {**row, "calendar": ROUND_THE_CLOCK, "service": "SVC-HOST"}
        registers.open("sla", gold, number="GOLD")
        registers.open("sla", {**gold, "service": "SVC-BKP", "valid_to": NOW.date().replace(day=1)}, number="OLD")
    with begin() as registers:
        targets = registers.sla.targets(customer=customer, service=service, ticket_type=ticket_type, priority=priority)
    assert (targets.source if targets else None) == found


moments = st.integers(0, 60 * 24 * 20).map(lambda minutes: NOW + timedelta(minutes=minutes))


@given(st.sampled_from([BUSINESS_HOURS, ROUND_THE_CLOCK]), st.lists(moments, max_size=8), moments, st.integers(1, 5000))
def test_pauses_add_exactly_their_working_time(name: str, edges: list[datetime], now: datetime, minutes: int) -> None:
    """Whatever the pauses, at the due time exactly the target has been used."""
    calendar, target = CALENDARS[name], timedelta(minutes=minutes)
    edges = sorted(edge for edge in edges if edge <= now)
    ended = [Pause(a, b, "paused") for a, b in zip(edges[::2], edges[1::2], strict=False)]
    clock = timed(SlaClock("N", RESOLUTION, name, target, NOW, NOW, NOW, tuple(ended)), calendar, now)
    assert clock.elapsed(calendar, max(now, clock.due_at)) >= target
    if clock.due_at >= now:
        assert clock.elapsed(calendar, clock.due_at) == target
    assert clock.warn_at <= clock.due_at
