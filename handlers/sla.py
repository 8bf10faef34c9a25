"""Handlers around service levels: clocks, their milestones, and what a new priority means for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine import Text, handler
from handlers.notices import tell
from registers import BUSINESS_HOURS, RESOLUTION, RESPONSE, Record, Registers, SlaClock, Targets


@dataclass(frozen=True, slots=True)
class StartSla:
    """`default` are the targets that hold where the customer's agreement has no row (`sla_default`)."""

    number: str
    priority: str
    default: Mapping[str, Any]
    major: bool = False


@dataclass(frozen=True, slots=True)
class ClocksSet:
    """`update_every` is how often a customer wants to be told of a major incident, as an ISO 8601 duration."""

    response_due_at: datetime | None
    resolution_due_at: datetime | None
    update_every: str | None
    default_sla: bool


@handler("sla.start")
def start(inputs: StartSla, *, registers: Registers) -> ClocksSet:
    """Find the service levels that hold for an incident and start both clocks from the time of the report."""
    about = registers.get(inputs.number)
    targets, agreed = _targets(registers, about, inputs.priority, inputs.default)
    clocks = registers.sla.start(inputs.number, targets, since=about["reported_at"])
    if not agreed:
        registers.note(inputs.number, Text("The customer's agreement has no service levels for this: defaults used."))
    outcome = _outcome(clocks, targets, agreed=agreed)
    registers.update(inputs.number, {"priority": inputs.priority, "major": inputs.major, **_dues(outcome)})
    return outcome


@dataclass(frozen=True, slots=True)
class Recompute:
    """A new impact and urgency with what they lead to; `reason` is why."""

    number: str
    priority: str
    impact: str
    urgency: str
    default: Mapping[str, Any] | None = None
    major: bool = False
    reason: str | None = None


@handler("sla.recompute")
def recompute(inputs: Recompute, *, registers: Registers) -> ClocksSet:
    """Measure an incident by its new priority, from the time of the report; old and new stand in its timeline.

    Where the new due time has passed already, the next tick is the breach. Before the clocks run, only the record
    changes.
    """
    about = registers.get(inputs.number)
    values = {"old": about["priority"] or "–", "new": inputs.priority, "reason": inputs.reason or "–"}
    registers.note(inputs.number, Text("Priority changed from {old} to {new}: {reason}", **values))
    changes = {
        "priority": inputs.priority,
        "major": inputs.major,
        "impact": inputs.impact,
        "urgency": inputs.urgency,
    }
    if inputs.default is None or not registers.sla.of(inputs.number):
        registers.update(inputs.number, changes)
        return ClocksSet(about["response_due_at"], about["resolution_due_at"], None, bool(about["default_sla"]))
    targets, agreed = _targets(registers, about, inputs.priority, inputs.default)
    outcome = _outcome(registers.sla.recompute(inputs.number, targets), targets, agreed=agreed)
    registers.update(inputs.number, {**changes, **_dues(outcome)})
    return outcome


@dataclass(frozen=True, slots=True)
class Halt:
    """`metric` is `response`, `resolution` or, to stop, `all`. `note` goes to the timeline."""

    number: str
    metric: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Paused:
    paused_at: datetime


@handler("sla.pause")
def pause(inputs: Halt, *, registers: Registers) -> Paused:
    """Let a clock stand still while it isn't us who must act."""
    registers.sla.pause(inputs.number, inputs.metric)
    _note(registers, inputs)
    return Paused(registers.now)


@dataclass(frozen=True, slots=True)
class Resumed:
    resolution_due_at: datetime | None


@handler("sla.resume")
def resume(inputs: Halt, *, registers: Registers) -> Resumed:
    """Let a paused or stopped clock go on with the working time that was left."""
    clock = registers.sla.resume(inputs.number, inputs.metric)
    _note(registers, inputs)
    if inputs.metric != RESOLUTION:
        return Resumed(registers.get(inputs.number)["resolution_due_at"])
    registers.update(inputs.number, {"resolution_due_at": clock.due_at})
    return Resumed(clock.due_at)


@handler("sla.stop")
def stop(inputs: Halt, *, registers: Registers) -> None:
    """Stop one clock of a record, or all of them; what doesn't run is left alone."""
    for metric in (RESPONSE, RESOLUTION) if inputs.metric == "all" else (inputs.metric,):
        stop_clock(registers, inputs.number, metric)
    _note(registers, inputs)


def stop_clock(registers: Registers, number: str, metric: str) -> SlaClock | None:
    """Stop a clock if it runs, and note in the record whether its target was missed, and when somebody responded."""
    clock = registers.sla.of(number).get(metric)
    if clock is None or clock.stopped_at is not None:
        return clock
    clock = registers.sla.stop(number, metric)
    changes: dict[str, Any] = {f"{metric}_breached": clock.breached}
    if metric == RESPONSE:
        changes["responded_at"] = registers.now
    registers.update(number, changes)
    return clock


@dataclass(frozen=True, slots=True)
class Escalate:
    """`event` is a milestone of a clock: `response_warning`, `resolution_breached` …"""

    number: str
    event: str
    recipients: Sequence[str]
    unassigned: str | None = None


@handler("sla.escalate")
def escalate(inputs: Escalate, *, registers: Registers) -> None:
    """Tell those whom a milestone concerns; a breach is marked in the record and stands in its timeline."""
    metric, _, kind = inputs.event.rpartition("_")
    if kind == "breached":
        registers.update(inputs.number, {inputs.event: True})
        sentence = Text("Resolution time missed.") if metric == RESOLUTION else Text("Response time missed.")
        registers.note(inputs.number, sentence)
    tell(registers, inputs.event, inputs.number, inputs.recipients, unassigned=inputs.unassigned)


def _targets(registers: Registers, about: Record, priority: str, default: Mapping[str, Any]) -> tuple[Targets, bool]:
    """Return the customer's agreed targets, else the defaults, and whether they were agreed."""
    agreed = registers.sla.targets(
        customer=about["customer"],
        service=about["service"],
        ticket_type=about["ticket_type"] or "incident",
        priority=priority,
    )
    if agreed is not None:
        return agreed, True
    update = default.get("update_min")
    return (
        Targets(
            int(default["response_min"]),
            int(default["resolution_min"]),
            str(default["calendar"]),
            None if update is None else int(update),
        ),
        False,
    )


def _outcome(clocks: Mapping[str, SlaClock], targets: Targets, *, agreed: bool) -> ClocksSet:
    response, resolution = clocks.get(RESPONSE), clocks.get(RESOLUTION)
    return ClocksSet(
        response.due_at if response else None,
        resolution.due_at if resolution else None,
        _every(targets),
        not agreed,
    )


def _dues(outcome: ClocksSet) -> dict[str, Any]:
    return {
        "response_due_at": outcome.response_due_at,
        "resolution_due_at": outcome.resolution_due_at,
        "default_sla": outcome.default_sla,
    }


def _every(targets: Targets) -> str | None:
    """Write an interval for a timer: minutes round the clock; on business hours whole days, as nobody is told at night.

    A business day has eight hours.
    """
    if not targets.update_min:
        return None
    if targets.calendar != BUSINESS_HOURS:
        return f"PT{targets.update_min}M"
    return f"P{max(1, round(timedelta(minutes=targets.update_min) / timedelta(hours=8)))}D"


def _note(registers: Registers, inputs: Halt) -> None:
    if inputs.note:
        registers.note(inputs.number, inputs.note)
