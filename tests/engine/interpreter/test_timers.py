"""Timers: absolute due times from the clock that is passed in, and cycles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Conflict, ExecutionError
from engine.interpreter.elements.timers import Period, Repetition, later
from engine.steps import FireTimer, TimerWait
from engine.values import YearsMonths
from tests.engine.diagrams import flows, model
from tests.engine.interpreter.drawing import boundary, event, nodes, timer
from tests.engine.interpreter.runs import NOON, Run


def catching(definition: str) -> str:
    body = nodes(startEvent="start", userTask="after", endEvent="end")
    return body + event("intermediateCatchEvent", "wait", definition) + flows("start wait", "wait after", "after end")


def bordered(definition: str, *, cancel: bool) -> str:
    body = nodes(startEvent="start", userTask="work late", endEvent="end")
    body += boundary("edge", "work", definition, cancel=cancel)
    return body + flows("start work", "work end", "edge late", "late end")


def due(run: Run, element: str) -> datetime:
    wait = run.wait(element)
    assert isinstance(wait, TimerWait)
    return wait.due_at


@pytest.mark.parametrize(
    ("kind", "text", "variables", "expected"),
    [
        ("Duration", "PT5M", {}, NOON + timedelta(minutes=5)),
        ("Duration", "P1M", {}, datetime(2026, 4, 2, 12, tzinfo=UTC)),
        ("Date", "2027-07-15T09:00:00+02:00", {}, datetime(2027, 7, 15, 7, tzinfo=UTC)),
        ("Date", "=until", {"until": datetime(2026, 5, 1, 8, tzinfo=UTC)}, datetime(2026, 5, 1, 8, tzinfo=UTC)),
        ("Date", "=until", {"until": "2026-05-01T08:00:00Z"}, datetime(2026, 5, 1, 8, tzinfo=UTC)),
        ("Duration", "=time", {"time": timedelta(hours=2)}, NOON + timedelta(hours=2)),
        ("Duration", "=time", {"time": YearsMonths(12)}, datetime(2027, 3, 2, 12, tzinfo=UTC)),
        ("Duration", "=time", {"time": "PT90M"}, NOON + timedelta(minutes=90)),
        ("Cycle", "R3/PT10M", {}, NOON + timedelta(minutes=10)),
    ],
)
def test_timer_is_due_at_an_absolute_time_computed_on_arrival(
    kind: str, text: str, variables: dict[str, object], expected: datetime
) -> None:
    """Date, duration and cycle, unquoted or FEEL; no machine clock or zone is read (§6.3)."""
    run = Run(model(catching(timer(kind, text)))).start(**variables)
    assert due(run, "wait") == expected
    run.later(seconds=3).set(until=None, time=None)
    assert due(run, "wait") == expected
    assert run.fire("wait").open == ["after"]
    assert run.told("timer_fired") == ["wait"]


@pytest.mark.parametrize("value", [None, 5, "soon", [], "P1H"])
def test_timer_without_a_time_stops_the_step_and_is_named(value: object) -> None:
    """It never waits for ever in silence (§6.3: bad texts fail late and differently)."""
    run = Run(model(catching(timer("Duration", "=time"))))
    with pytest.raises(ExecutionError, match="wait"):
        run.start(time=value)


def test_timer_fires_when_it_is_due_and_not_before() -> None:
    """An early wake-up is refused; the store's clock may run ahead of a worker's."""
    run = Run(model(catching(timer("Duration", "PT5M")))).start()
    with pytest.raises(Conflict):
        run.later(minutes=4).apply(FireTimer(run.wait("wait").token))


def test_interrupting_timer_cancels_its_task() -> None:
    """§1.2: boundary timer."""
    run = Run(model(bordered(timer("Duration", "PT5M"), cancel=True))).start().fire("edge")
    assert (run.open, run.told("cancelled")) == (["late"], ["work"])


def test_non_interrupting_timer_fires_once() -> None:
    """The activity goes on, the timer is gone."""
    run = Run(model(bordered(timer("Duration", "PT5M"), cancel=False))).start().fire("edge")
    assert run.open == ["late", "work"]


def test_cycle_fires_as_often_as_drawn() -> None:
    """R3 fires three times, under one token (EF3)."""
    run = Run(model(bordered(timer("Cycle", "R3/PT10M"), cancel=False))).start()
    token = run.wait("edge").token
    for count in (1, 2, 3):
        assert due(run, "edge") == NOON + count * timedelta(minutes=10)
        assert run.wait("edge").token == token
        run.fire("edge")
    assert run.open == ["late", "late", "late", "work"]


def test_missed_cycle_fires_once_and_goes_on_in_its_raster() -> None:
    """After a day's downtime one firing, not 287; the next is strictly after now (§6.3)."""
    run = Run(model(bordered(timer("Cycle", "R/PT5M"), cancel=False))).start()
    run.later(hours=24, minutes=2).fire("edge")
    assert run.open.count("late") == 1
    assert due(run, "edge") == NOON + timedelta(hours=24, minutes=5)


def test_missed_firings_are_taken_off_the_repetitions() -> None:
    """R3 missed twice: one firing, one left."""
    run = Run(model(bordered(timer("Cycle", "R3/PT10M"), cancel=False))).start()
    run.later(minutes=25).fire("edge")
    assert due(run, "edge") == NOON + timedelta(minutes=30)
    assert run.fire("edge").open == ["late", "late", "work"]


def test_cycle_with_a_start_keeps_its_weekday_and_zone() -> None:
    """`R/start/P7D` begins at the first time after now."""
    run = Run(model(bordered(timer("Cycle", "R/2026-01-05T09:00:00+08:00/P7D"), cancel=False))).start()
    assert due(run, "edge") == datetime(2026, 3, 9, 1, tzinfo=UTC)
    assert due(run.fire("edge"), "edge") == datetime(2026, 3, 16, 1, tzinfo=UTC)


def test_monthly_cycle_keeps_the_last_day() -> None:
    """The 31st becomes the last day of a shorter month, and is the 31st again after it."""
    run = Run(model(bordered(timer("Cycle", "R/2026-03-31T00:00:00Z/P1M"), cancel=False))).start()
    found = [due(run, "edge").date().isoformat(), due(run.fire("edge"), "edge").date().isoformat()]
    assert [*found, due(run.fire("edge"), "edge").date().isoformat()] == ["2026-03-31", "2026-04-30", "2026-05-31"]


def dues(run: Run, count: int) -> list[str]:
    """When the border fires, until it fires no more."""
    found = []
    while "edge" in run.open and len(found) < count:
        found.append(due(run, "edge").strftime("%d %H:%M"))
        run.fire("edge")
    return found


CYCLES = {  # it is Monday the 2nd of March 2026, 12:00 UTC
    "R2/2020-01-01T00:00:00Z/PT1H": ["02 13:00", "02 14:00"],  # begun long ago: as often from now on
    "R3/2026-03-02T11:30:00Z/PT1H": ["02 12:30", "02 13:30", "02 14:30"],
    "R2/2026-03-05T09:00:00Z/P1D": ["05 09:00", "06 09:00"],
    "R2/PT1H/2026-03-02T18:00:00Z": ["02 17:00", "02 18:00"],  # drawn by its end: the last ones before it
    "R/PT2H/2026-03-02T17:00:00Z": ["02 13:00", "02 15:00", "02 17:00"],
    "R9/PT2H/2026-03-02T17:00:00Z": ["02 13:00", "02 15:00", "02 17:00"],
    "R/PT1H/2026-03-01T00:00:00Z": [],  # over: the activity runs without it
    "R/PT1H": ["02 13:00", "02 14:00", "02 15:00", "02 16:00"],
    "0 0 9 ? * MON-FRI": ["03 09:00", "04 09:00", "05 09:00", "06 09:00"],
    "CRON_TZ=Asia/Shanghai 0 0 9 ? * TUE": ["03 01:00", "10 01:00", "17 01:00", "24 01:00"],
    "30 12 * * *": ["02 12:30", "03 12:30", "04 12:30", "05 12:30"],
    "0 0 12 4 3 ? 2026": ["04 12:00"],
}


@pytest.mark.parametrize("text", CYCLES)
def test_cycles_at_a_border(text: str) -> None:
    """Every form that a cycle is written in, saved and loaded between its firings."""
    assert dues(Run(model(bordered(timer("Cycle", text), cancel=False))).start(), 4) == CYCLES[text]


def test_cycle_that_is_over_can_not_be_waited_for_alone() -> None:
    """The token would wait for ever."""
    run = Run(model(catching(timer("Cycle", "R/PT1H/2026-03-01T00:00:00Z"))))
    with pytest.raises(ExecutionError, match="passed"):
        run.start()


@pytest.mark.parametrize(("text", "count"), [("R3/PT10M", 3), ("R/PT10M", 20)])
def test_missed_cron_and_cycles_count_once(text: str, count: int) -> None:
    """Cron, too: a day's downtime is one firing."""
    run = Run(model(bordered(timer("Cycle", "0 0 * * * ?"), cancel=False))).start()
    run.later(hours=24, minutes=2).fire("edge")
    assert (run.open.count("late"), due(run, "edge")) == (1, NOON + timedelta(hours=25))
    assert len(dues(Run(model(bordered(timer("Cycle", text), cancel=False))).start(), 20)) == count


def test_time_zone_of_cron_is_said_by_the_event_or_the_process() -> None:
    """The property `time_zone`; a zone before the expression comes first."""
    nine = timer("Cycle", "0 0 9 ? * *")
    body = nodes(startEvent="start", userTask="work late", endEvent="end")
    body += boundary("edge", "work", nine, cancel=False, time_zone="Asia/Shanghai")
    run = Run(model(body + flows("start work", "work end", "edge late", "late end"))).start()
    assert due(run, "edge") == datetime(2026, 3, 3, 1, tzinfo=UTC)


def test_timers_of_two_branches_fire_each_for_itself() -> None:
    """A firing names its token (upstream #1721: several timers fired together)."""
    body = nodes(startEvent="start", parallelGateway="fork", userTask="a b", endEvent="end")
    body += event("intermediateCatchEvent", "w1", timer("Duration", "PT1M"))
    body += event("intermediateCatchEvent", "w2", timer("Duration", "PT1M"))
    body += flows("start fork", "fork w1", "fork w2", "w1 a", "w2 b", "a end", "b end")
    run = Run(model(body)).start().fire("w2")
    assert run.open == ["b", "w1"]
    assert run.fire("w1").open == ["a", "b"]


PERIODS = st.one_of(
    st.timedeltas(timedelta(seconds=1), timedelta(days=400)), st.builds(YearsMonths, st.integers(1, 30))
)


@given(PERIODS, st.timedeltas(timedelta(0), timedelta(days=3000)), st.one_of(st.none(), st.integers(1, 50)))
def test_next_time_of_a_cycle_is_the_first_after_now(period: Period, passed: timedelta, times: int | None) -> None:
    """Law: strictly after now, and the one before it isn't; repetitions never exceed what was drawn."""
    cycle = Repetition(later(NOON, period), period, times)
    n = cycle.after(NOON + passed, start=0)
    assert cycle.at(n) > NOON + passed
    assert n == 0 or cycle.at(n - 1) <= NOON + passed
    assert cycle.includes(n) is (times is None or n < times)
