"""The rules, by theme. A rule is a function that looks at one process and notes what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable

from engine.intake.lint import (
    ad_hoc,
    automation,
    calls,
    compensation,
    complex_gateways,
    data,
    escalations,
    events,
    gateways,
    liveness,
    loops,
    multiple,
    people,
    signals,
    starts,
    structure,
    support,
    timers,
    transactions,
)
from engine.intake.lint.files import lint_drawing
from engine.intake.reading import Reading

__all__ = ["RULES", "lint_drawing", "lint_process"]

RULES: tuple[Callable[[Reading], None], ...] = (
    *support.RULES,
    *loops.RULES,
    *calls.RULES,
    *data.RULES,
    *structure.RULES,
    *starts.RULES,
    *gateways.RULES,
    *complex_gateways.RULES,
    *events.RULES,
    *escalations.RULES,
    *multiple.RULES,
    *signals.RULES,
    *compensation.RULES,
    *transactions.RULES,
    *ad_hoc.RULES,
    *timers.RULES,
    *liveness.RULES,
    *automation.RULES,
    *people.RULES,
)


def lint_process(reading: Reading) -> None:
    """Judge a process by every rule; the findings are in its notes."""
    for rule in RULES:
        rule(reading)
