"""Handlers that keep corrective and preventive actions in time: reminders, escalation, one extension for each stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from engine import Text, handler
from handlers.capa import at_end_of
from registers import BUSINESS_HOURS, Record, Registers, roles

RESPONSIBLE, SUPERIOR = "responsible", "superior"  # stand for whoever must do the task, and whom that person reports to
LAST_RESORT = "management_representative"  # the superior of people who report to nobody
STAGES = {"correcting": "correct", "analysing": "plan", "implementing": "actions"}  # what can be extended, by state
PENDING, APPROVED = "pending", "approve"


@dataclass(frozen=True, slots=True)
class Remind:
    """`person` is a user id, or a role whose holders share the task; `reminders` are rows of `days` and `tell`."""

    number: str
    stage: str
    due_at: datetime
    person: str
    reminders: Sequence[Mapping[str, Any]]


@handler("capa.remind")
def remind(inputs: Remind, *, registers: Registers) -> None:
    """Tell whoever has to know how late a task is, or will soon be; each person once for each due time and step."""
    late = registers.now - inputs.due_at
    for row in inputs.reminders:
        days = int(row["days"])
        if late < timedelta(days=days):
            continue
        key = f"{inputs.number}:{inputs.stage}:{inputs.person}:{inputs.due_at.isoformat()}:{days}"
        context = {"due_at": inputs.due_at, "overdue": days > 0}
        recipients = _recipients(registers, str(row["tell"]), inputs.person)
        registers.outbox.send("capa_reminder", recipients, context, number=inputs.number, dedupe=key)


@dataclass(frozen=True, slots=True)
class AskExtension:
    """`days` are the business days for the decision."""

    number: str
    reason: str
    until: date
    days: int


@dataclass(frozen=True, slots=True)
class ExtensionAsked:
    extension_possible: bool
    extension_due_at: datetime
    extension_until: date
    extension_reason: str


@handler("capa.request_extension")
def request_extension(inputs: AskExtension, *, registers: Registers) -> ExtensionAsked:
    """Keep that more time is asked for the stage that the record is in, if it hasn't had an extension.

    Nor may one be waiting for its decision. Approval and verification can't be extended.
    """
    about = registers.get(inputs.number)
    granted = _extensions(about)
    stage = _stage(about)
    taken = any(one["decision"] == PENDING for one in granted.values())
    possible = stage is not None and not taken and granted.get(stage, {}).get("decision") != APPROVED
    until = _as_date(inputs.until)
    if possible:
        asked = {"until": until.isoformat(), "reason": inputs.reason, "decision": PENDING}
        registers.update(inputs.number, {"extensions": {**granted, str(stage): asked}})
        registers.note(inputs.number, Text("More time was asked for: {reason}", reason=inputs.reason))
    else:
        registers.note(inputs.number, Text("No further extension is possible: {reason}", reason=inputs.reason))
        if about["owner"]:
            registers.outbox.send("capa_extension", [about["owner"]], {"approved": False}, number=inputs.number)
    due = registers.calendar(BUSINESS_HOURS).days_after(registers.now, int(inputs.days))
    return ExtensionAsked(possible, due, until, inputs.reason)


@dataclass(frozen=True, slots=True)
class Extend:
    """`outcome` is approve or reject; the due times are those that hold now."""

    number: str
    outcome: str
    plan_due_at: datetime
    comment: str | None = None
    correct_due_at: datetime | None = None
    actions_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Extended:
    correct_due_at: datetime | None
    plan_due_at: datetime
    actions_due_at: datetime | None


@handler("capa.extend")
def extend(inputs: Extend, *, registers: Registers) -> Extended:
    """Keep the decision on the extension that is waiting, and move the due time of its stage if it was approved."""
    about = registers.get(inputs.number)
    times = {
        "correct_due_at": inputs.correct_due_at,
        "plan_due_at": inputs.plan_due_at,
        "actions_due_at": inputs.actions_due_at,
    }
    extensions = _extensions(about)
    stage = next(stage for stage, one in extensions.items() if one["decision"] == PENDING)
    decided = {**extensions[stage], "decision": inputs.outcome, "comment": inputs.comment}
    registers.update(inputs.number, {"extensions": {**extensions, stage: decided}})
    approved = inputs.outcome == APPROVED
    if approved:
        due = at_end_of(date.fromisoformat(extensions[stage]["until"]))
        name = f"{stage.partition(':')[0]}_due_at"
        times[name] = due
        field = "implement_due_at" if name == "actions_due_at" else name
        registers.update(inputs.number, {field: due})
        registers.note(inputs.number, Text("Extended until {until}.", until=extensions[stage]["until"]))
    else:
        registers.note(inputs.number, Text("The extension was refused: {comment}", comment=inputs.comment or "–"))
    if about["owner"]:
        registers.outbox.send("capa_extension", [about["owner"]], {"approved": approved}, number=inputs.number)
    return Extended(**times)  # type: ignore[arg-type]


def _recipients(registers: Registers, who: str, person: str) -> list[str]:
    if who == RESPONSIBLE:
        return [person]
    if who != SUPERIOR:
        return [who]
    if person in roles():
        return [roles()[person].reports_to or LAST_RESORT]
    return [one.id for one in registers.people.superiors(person, at=registers.now)] or [LAST_RESORT]


def _stage(about: Record) -> str | None:
    """The stage that a record is in: `plan:2` is planning in the second cycle."""
    return f"{STAGES[about.state]}:{about['cycle'] or 1}" if about.state in STAGES else None


def _extensions(about: Record) -> dict[str, dict[str, Any]]:
    return dict(about["extensions"] or {})


def _as_date(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
