"""Handlers from solution to archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine import Text, handler
from handlers.intake import INCIDENT
from handlers.notices import tell_customer
from handlers.sla import stop_clock
from registers import RESOLUTION, RESPONSE, Between, Record, Registers


@dataclass(frozen=True, slots=True)
class Resolve:
    number: str


@dataclass(frozen=True, slots=True)
class Resolved:
    resolved_at: datetime


@handler("incident.resolve")
def resolve(inputs: Resolve, *, registers: Registers) -> Resolved:
    """Stop the resolution clock of a restored incident and tell the customer."""
    stop_clock(registers, inputs.number, RESOLUTION)
    registers.update(inputs.number, {"resolved_at": registers.now})
    tell_customer(registers, "incident_resolved", inputs.number)
    return Resolved(registers.now)


@dataclass(frozen=True, slots=True)
class Reopen:
    number: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Reopened:
    reopen_count: int
    resolution_due_at: datetime | None


@handler("incident.reopen")
def reopen(inputs: Reopen, *, registers: Registers) -> Reopened:
    """Take a rejected incident up again: same number, and the resolution clock goes on where it was stopped."""
    count = (registers.get(inputs.number)["reopen_count"] or 0) + 1
    clock = registers.sla.resume(inputs.number, RESOLUTION)
    changes = {"reopen_count": count, "resolved_at": None, "resolution_due_at": clock.due_at}
    registers.update(inputs.number, changes)
    registers.note(inputs.number, Text("Rejected by the customer: {comment}", comment=inputs.comment or "–"))
    return Reopened(count, clock.due_at)


@dataclass(frozen=True, slots=True)
class CallAttempt:
    number: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class AttemptNoted:
    unreachable_count: int


@handler("incident.note_attempt")
def note_attempt(inputs: CallAttempt, *, registers: Registers) -> AttemptNoted:
    """Count an attempt to reach the customer."""
    count = (registers.get(inputs.number)["unreachable_count"] or 0) + 1
    registers.update(inputs.number, {"unreachable_count": count})
    values = {"count": count, "comment": inputs.comment or "–"}
    registers.note(inputs.number, Text("Customer not reached (attempt {count}): {comment}", **values))
    return AttemptNoted(count)


@dataclass(frozen=True, slots=True)
class GatherFacts:
    """`days` back are looked at for closed incidents of the same kind."""

    number: str
    days: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What the decision on follow-ups asks for. Null: nobody said."""

    similar_closed: int
    reopen_count: int
    solution_kind: str | None
    root_cause_known: bool | None
    kb_article_used: str | None
    caused_by_change: str | None
    resolution_breached: bool
    closed_by: str | None


@handler("incident.facts")
def gather_facts(inputs: GatherFacts, *, registers: Registers) -> Facts:
    """Read from the record, and from those like it, what decides on follow-ups.

    Like it are closed incidents on the same configuration item and in the same category; without an item there are
    none.
    """
    about = registers.get(inputs.number)
    since = registers.now - timedelta(days=int(inputs.days))
    return Facts(
        similar_closed=_similar(registers, about, since),
        reopen_count=about["reopen_count"] or 0,
        solution_kind=about["solution_kind"],
        root_cause_known=about["root_cause_known"],
        kb_article_used=about["kb_article_used"],
        caused_by_change=about["caused_by_change"],
        resolution_breached=bool(about["resolution_breached"]),
        closed_by=about["closed_by"],
    )


@dataclass(frozen=True, slots=True)
class Close:
    """`followups` is what was decided to follow."""

    number: str
    followups: Sequence[str] = ()


@handler("incident.close")
def close(inputs: Close, *, registers: Registers) -> None:
    """Freeze an incident's key figures: when and how it was closed, and whether its service levels were kept."""
    about = registers.get(inputs.number)
    clocks = registers.sla.of(inputs.number)
    breached = {f"{m}_breached": clocks[m].breached for m in (RESPONSE, RESOLUTION) if m in clocks}
    changes: dict[str, Any] = {
        **breached,
        "closed_at": registers.now,
        "closed_by": about["closed_by"] or "customer",
        "followups": sorted(set(inputs.followups) - {"none"}) or None,
        "reopen_count": about["reopen_count"] or 0,
    }
    registers.update(inputs.number, changes)


def _similar(registers: Registers, about: Record, since: datetime) -> int:
    if not about["ci"] or not about["category"]:
        return 0
    like = {"ci": about["ci"], "category": about["category"], "state": "closed"}
    return registers.count(INCIDENT, **like, closed_at=Between(low=since))
