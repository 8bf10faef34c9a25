"""Rules about times: timers and due times that could only fail when somebody's case meets them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from engine.cron import CronError, parse_cron
from engine.feel import Expression, FeelLimitError
from engine.intake.drawing import Node
from engine.intake.reading import Reading
from engine.intake.xml import children, text_of
from engine.texts import Text

_TAGS = ("timeDate", "timeDuration", "timeCycle")
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def timers(reading: Reading) -> None:
    """A timer says exactly one time, of the kind that its place needs."""
    for node in reading.process.singles():
        if node.event != "timer":
            continue
        given = [tag for tag in _TAGS for xml in children(node.definitions[0], tag) if text_of(xml)]
        if len(given) != 1:
            reading.notes.error(
                "timer-missing",
                node,
                Text("The timer says no time.") if not given else Text("The timer says several times."),
                Text("Give it one of: a date, a duration (PT4H), a cycle (R3/PT1H)."),
            )
            continue
        timer = reading.element(node).timer
        if timer is not None:
            _judge(node, timer[0], timer[1], reading)


def _judge(node: Node, kind: str, expression: Expression, reading: Reading) -> None:
    if kind == "cycle" and (node.kind == "intermediateCatchEvent" or node.interrupting):
        reading.notes.warning(
            "timer-cycle-once",
            node,
            Text("A cycle stands where the timer can fire only once."),
            Text("Use a duration, or make the event non-interrupting."),
        )
    if expression.names or expression.calls:
        return
    value = constant(expression)
    if value is None:
        reason = Text("The timer's time can't be worked out: {text}", text=expression.text[:80])
        reading.notes.error("timer-unreadable", node, reason, _advice())
    elif not _fits(kind, value):
        reason = Text("The timer is a {kind}, but this is none: {text}", kind=kind, text=expression.text[:80])
        reading.notes.error("timer-kind", node, reason, _advice())
    elif isinstance(value, timedelta) and value < timedelta(0):
        reason = Text("The timer waits for a negative time: {text}", text=expression.text[:80])
        reading.notes.error("timer-negative", node, reason, Text("Write how long to wait, without minus."))
    elif kind == "cycle" and isinstance(value, timedelta) and value < timedelta(minutes=1):
        reason = Text("The timer fires more than once a minute: {text}", text=expression.text[:80])
        reading.notes.warning("timer-flood", node, reason, Text("A minute is the finest that people can follow."))


def due_times(reading: Reading) -> None:
    """A due time that is written out is a time or a duration."""
    for node in reading.process.nodes():
        due = reading.element(node).due
        if due is None or due.names or due.calls:
            continue
        value = constant(due)
        if not isinstance(value, date | timedelta) and type(value).__name__ != "YearsMonths":
            reason = Text("The due time is neither a time nor a duration: {text}", text=due.text[:80])
            reading.notes.error("timer-kind", node, reason, _advice())


def _fits(kind: str, value: Any) -> bool:
    if kind == "date":
        return isinstance(value, date)
    if kind == "cycle" and isinstance(value, str):
        return value.startswith("R") or _is_cron(value)
    return isinstance(value, timedelta) or type(value).__name__ == "YearsMonths"


def _is_cron(text: str) -> bool:
    try:
        parse_cron(text)
    except CronError:
        return False
    return True


def constant(expression: Expression) -> Any:
    """The value of an expression that reads nothing; None, too, for one that takes too long."""
    try:
        return expression.evaluate({"__now__": _SOME_DAY, "opened_at": _SOME_DAY})
    except FeelLimitError:
        return None


def _advice() -> Text:
    return Text("Write PT4H (four hours), P1D (a day), R3/PT10M (three times), 2026-01-31T09:00:00+08:00, or FEEL.")


RULES = (timers, due_times)
