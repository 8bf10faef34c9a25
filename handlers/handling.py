"""Handlers used while an incident is being worked on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine import Text, handler
from handlers.notices import ASSIGNEE, tell
from handlers.sla import stop_clock
from registers import RESPONSE, Registers

NOT_YET_IN_HAND = ("triaged", "assigned")
WITH_SUPPLIER = "pending_supplier"


@dataclass(frozen=True, slots=True)
class TakeUp:
    number: str


@handler("incident.take_up")
def take_up(inputs: TakeUp, *, registers: Registers) -> None:
    """Note that somebody has taken an incident in hand: the response clock stops, work is in progress."""
    stop_clock(registers, inputs.number, RESPONSE)
    if registers.get(inputs.number).state in NOT_YET_IN_HAND:
        registers.transition(inputs.number, "in_progress")


@dataclass(frozen=True, slots=True)
class AddUpdate:
    """`unassigned` is the role that is told while nobody is assigned."""

    number: str
    text: str | None = None
    unassigned: str | None = None


@handler("incident.add_update")
def add_update(inputs: AddUpdate, *, registers: Registers) -> None:
    """Put what the customer adds into the timeline and tell whoever works on the incident."""
    registers.note(inputs.number, Text("The customer adds: {text}", text=inputs.text or "–"))
    context = {"text": inputs.text}
    tell(registers, "incident_updated", inputs.number, [ASSIGNEE], unassigned=inputs.unassigned, context=context)


@dataclass(frozen=True, slots=True)
class SupplierTime:
    number: str


@handler("incident.note_supplier_time")
def note_supplier_time(inputs: SupplierTime, *, registers: Registers) -> None:
    """Add up how long the supplier has held the incident so far, for the supplier's evaluation."""
    held, since = timedelta(), None
    for change in registers.trail(inputs.number):
        if change.field != "state":
            continue
        if change.after == WITH_SUPPLIER:
            since = since or change.at
        elif since is not None:
            held, since = held + (change.at - since), None
    held += _rest(since, registers.now)
    registers.update(inputs.number, {"supplier_held_min": round(held / timedelta(minutes=1))})


def _rest(since: datetime | None, now: datetime) -> timedelta:
    return timedelta() if since is None else now - since


@dataclass(frozen=True, slots=True)
class ChangeResult:
    """`result` is what the change said: `change` (its number), `result`, and whatever else it sends."""

    number: str
    result: Mapping[str, Any] | None = None


@handler("incident.note_change")
def note_change(inputs: ChangeResult, *, registers: Registers) -> None:
    """Put the result of a change into the timeline and link the two records."""
    said = inputs.result or {}
    change = str(said.get("change") or said.get("number") or "")
    registers.note(
        inputs.number, Text("Change {change}: {result}", change=change or "–", result=said.get("result") or "–")
    )
    if change and change in registers.load([change]):
        registers.update(inputs.number, {"change": change})
