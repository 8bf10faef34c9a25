"""Times are understood at publish, not when somebody's case meets them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from engine.findings import Severity
from tests.engine.diagrams import flows, judge, model, properties


def timer(tag: str, text: str, place: str = "boundary") -> str:
    """A task x with the timer b."""
    inner = f"<bpmn:timerEventDefinition><bpmn:{tag}>{text}</bpmn:{tag}></bpmn:timerEventDefinition>"
    line = '<bpmn:startEvent id="s"/>{}<bpmn:endEvent id="e"/>'
    if place == "catch":
        catch = f'<bpmn:intermediateCatchEvent id="b">{inner}</bpmn:intermediateCatchEvent>'
        return line.format(catch) + flows("s b", "b e")
    cancel = ' cancelActivity="false"' if tag == "timeCycle" else ""
    event = f'<bpmn:boundaryEvent id="b" attachedToRef="x"{cancel}>{inner}</bpmn:boundaryEvent>'
    return line.format('<bpmn:userTask id="x"/>' + event) + flows("s x", "x e")


CHINA = timezone(timedelta(hours=8))
GOOD = {
    ("timeDuration", "PT10M"): timedelta(minutes=10),
    ("timeDuration", "P1DT2H"): timedelta(hours=26),
    ("timeDuration", "P2W"): timedelta(weeks=2),
    ("timeDuration", "PT1.5H"): timedelta(minutes=90),
    ("timeDuration", "=duration(&quot;PT4H&quot;)"): timedelta(hours=4),
    ("timeDuration", "duration(&quot;PT4H&quot;) * 2"): timedelta(hours=8),
    ("timeDate", "2026-01-01T09:00:00+08:00"): datetime(2026, 1, 1, 9, tzinfo=CHINA),
    ("timeDate", "2026-01-01T01:00:00Z"): datetime(2026, 1, 1, 1, tzinfo=UTC),
    ("timeCycle", "R3/PT10M"): "R3/PT10M",
    ("timeCycle", "R/P1D"): "R/P1D",
    ("timeCycle", "R2/2026-01-01T09:00:00Z/P1D"): "R2/2026-01-01T09:00:00Z/P1D",
    ("timeCycle", "PT5M"): timedelta(minutes=5),
    ("timeCycle", "R2/PT1H/2026-01-01T09:00:00Z"): "R2/PT1H/2026-01-01T09:00:00Z",
    ("timeCycle", "0 0 9 ? * MON-FRI"): "0 0 9 ? * MON-FRI",
    ("timeCycle", "*/5 * * * *"): "*/5 * * * *",
}


@pytest.mark.parametrize(("tag", "text"), GOOD)
def test_times_are_read_in_iso_and_feel(tag: str, text: str) -> None:
    """What stands unquoted in the diagram is a time all the same."""
    kind, expression = model(timer(tag, text)).elements["b"].timer or ("", None)
    assert kind == tag.removeprefix("time").lower()
    assert expression is not None
    assert expression.evaluate({}) == GOOD[tag, text]


def test_a_duration_in_months_is_read() -> None:
    """A month is no number of days."""
    _, expression = model(timer("timeDuration", "P1Y2M")).elements["b"].timer or ("", None)
    assert type(expression.evaluate({})).__name__ == "YearsMonths"  # type: ignore[union-attr]


BAD = {
    "empty": ("timeDuration", " ", "timer-missing"),
    "words": ("timeDuration", "5 minutes", "expression-syntax"),
    "nothing after P": ("timeDuration", "P", "timer-unreadable"),
    "nothing after T": ("timeDuration", "P1DT", "timer-unreadable"),
    "hours without T": ("timeDuration", "P1H", "timer-unreadable"),
    "months and days": ("timeDuration", "P1M10D", "timer-unreadable"),
    "negative": ("timeDuration", "-PT5M", "timer-negative"),
    "negative FEEL": ("timeDuration", "duration(&quot;-PT5M&quot;)", "timer-negative"),
    "a number": ("timeDuration", "300", "timer-kind"),
    "a date as duration": ("timeDuration", "2026-01-01T09:00:00Z", "timer-kind"),
    "a duration as date": ("timeDate", "PT5M", "timer-kind"),
    "no zone": ("timeDate", "2026-07-15T09:00:00", "timer-zone"),
    "no time": ("timeDate", "2026-07-15", "timer-zone"),
    "no such day": ("timeDate", "2026-02-30T09:00:00Z", "timer-unreadable"),
    "no such FEEL duration": ("timeDuration", "duration(&quot;soon&quot;)", "timer-unreadable"),
    "zero times": ("timeCycle", "R0/PT5M", "timer-never"),
    "cycle of nothing": ("timeCycle", "R3/soon", "timer-unreadable"),
    "cron of two kinds of day": ("timeCycle", "0 0 9 1 * MON", "timer-cron"),
    "cron of hour 25": ("timeCycle", "0 25 * * *", "timer-cron"),
    "cron of no zone": ("timeCycle", "CRON_TZ=Mars/Base 0 0 9 ? * *", "timer-cron"),
    "cron that never comes": ("timeCycle", "0 0 9 30 2 ?", "timer-never"),
    "cycle of two ends": ("timeCycle", "R/2026-01-01T09:00:00Z/P1D/2026-02-01T09:00:00Z", "timer-unreadable"),
    "juel": ("timeDuration", "${delay.get()}", "expression-language"),
    "python": ("timeDuration", "timedelta(hours=1)", "function-unknown"),
}


@pytest.mark.parametrize("mistake", BAD)
def test_unreadable_times_are_refused(mistake: str) -> None:
    """The finding is an error at the timer, with its line."""
    tag, text, rule = BAD[mistake]
    errors = [f for f in judge(timer(tag, text)).findings if f.severity is Severity.ERROR]
    assert {(f.rule, f.element) for f in errors} == {(rule, "b")}
    assert all(f.line for f in errors)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (timer("timeCycle", "R/PT10S"), "timer-flood"),
        (timer("timeCycle", "PT10S"), "timer-flood"),
        (timer("timeCycle", "R3/PT5M", "catch"), "timer-cycle-once"),
        (timer("timeCycle", "R3/PT5M").replace(' cancelActivity="false"', ""), "timer-cycle-once"),
    ],
)
def test_odd_times_are_reported(body: str, rule: str) -> None:
    """They run, but are hardly meant."""
    assert rule in {f.rule for f in judge(body).findings if f.severity is Severity.WARNING}


def test_a_timer_says_one_time() -> None:
    """Of two times it would be open which one counts."""
    two = timer("timeDate", "2026-01-01T01:00:00Z").replace(
        "</bpmn:timerEventDefinition>", "<bpmn:timeDuration>PT5M</bpmn:timeDuration></bpmn:timerEventDefinition>"
    )
    assert "timer-missing" in {f.rule for f in judge(two).findings}


@pytest.mark.parametrize(
    ("text", "value"),
    [("PT4H", timedelta(hours=4)), ("opened_at", "now"), ("= resolution_due_at", "later")],
)
def test_due_times_are_read(text: str, value: Any) -> None:
    """A duration counts from the task's opening; FEEL may name variables."""
    task = f'<bpmn:startEvent id="s"/><bpmn:userTask id="x">{properties(due=text)}</bpmn:userTask>' + flows("s x")
    read = model(task)
    due = read.elements["x"].due
    assert due is not None
    assert due.evaluate({"opened_at": "now", "resolution_due_at": "later"}) == value
    assert read.variables == due.names - {"opened_at"}


def test_a_due_time_that_is_none_is_refused() -> None:
    """A due time of 5 means nothing."""
    task = f'<bpmn:startEvent id="s"/><bpmn:userTask id="x">{properties(due="5")}</bpmn:userTask>' + flows("s x")
    assert "timer-kind" in {f.rule for f in judge(task).findings}


def test_cycle_that_begins_cases_is_no_mistake() -> None:
    """A start event of the process fires again and again; but for the time zone nothing is said."""
    start = '<bpmn:startEvent id="b"><bpmn:timerEventDefinition><bpmn:timeCycle>{}</bpmn:timeCycle>'
    body = start.format("0 0 9 ? * MON-FRI") + '</bpmn:timerEventDefinition></bpmn:startEvent><bpmn:task id="x"/>'
    assert {f.rule for f in judge(body + flows("b x")).findings} == {"diagram-missing", "timer-zone"}
