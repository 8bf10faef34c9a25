"""Start timers as a publication arms them.

A start timer counts from the publication of its version, and ends with it: a newer version arms its own. What was
missed while no worker ran is one case, not many. A time that had passed at the publication never comes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from engine.acts.hosting import Installation
from engine.definitions import Element, ProcessModel
from engine.feel import FeelLimitError
from engine.findings import Finding, Severity
from engine.interpreter.elements.timers import schedule
from engine.texts import Text


def armed(model: ProcessModel, installation: Installation, now: datetime) -> list[dict[str, Any]]:
    """Give the rows of a version's start timers, without its id."""
    rows = []
    for event, number, kept in _scheduled(model, installation, now):
        due_at = due_of(kept or {})
        row = {"element_id": event.id, "number": number, "schedule": kept or {}}
        rows.append({**row, "due_at": due_at if due_at is not None and due_at > now else None})
    return rows


def unreadable(model: ProcessModel, installation: Installation, now: datetime, *, resource: str) -> list[Finding]:
    """Find the start events whose timer's expression gives no time at this publication."""
    return [
        Finding(
            "timer-unreadable",
            Severity.ERROR,
            resource,
            event.id,
            event.name,
            event.line,
            Text("The timer gives no time now: {text}", text=event.timer[1].text if event.timer else ""),
            Text("Write PT4H (four hours), P1D (a day), R3/PT10M (three times), 2026-01-31T09:00:00+08:00, or FEEL."),
        )
        for event, _, kept in _scheduled(model, installation, now)
        if kept is None
    ]


def _scheduled(
    model: ProcessModel, installation: Installation, now: datetime
) -> Iterator[tuple[Element, int, dict[str, Any] | None]]:
    """Each timer of the model's start events with what is kept of it; None for one that gives no time."""
    functions = installation.functions_of(model)
    for start in model.starts():
        for number, event in enumerate(start.events):
            if event.timer is None:
                continue
            kind, expression = event.timer
            try:
                value = expression.evaluate({"__now__": now}, functions)
            except (FeelLimitError, ArithmeticError, LookupError, TypeError, ValueError):
                value = None
            yield event, number, schedule(kind, value, now)


def due_of(kept: Mapping[str, Any]) -> datetime | None:
    """When it is next due, by what is kept of it."""
    return datetime.fromisoformat(kept["due"]) if kept.get("due") else None
