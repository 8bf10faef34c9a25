"""Handlers that open incidents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine import handler
from registers import Registers

INCIDENT = "incident"
TITLE_LENGTH = 120  # characters of the report's first line that become the title


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """What is known when something is reported; `source`, `alert_key` and `severity` only come with alerts."""

    channel: str | None = None
    customer: str | None = None
    contact: str | None = None
    ci: str | None = None
    text: str | None = None
    source: str | None = None
    alert_key: str | None = None
    severity: str | None = None


@dataclass(frozen=True, slots=True)
class IncidentOpened:
    """`ci` is null where the reported one isn't in the register; `ci_unknown` then says so."""

    number: str
    reported_at: datetime
    ci: str | None
    ci_unknown: bool


@handler("incident.open")
def open_incident(inputs: OpenIncident, *, registers: Registers) -> IncidentOpened:
    """Number an incident and open its record; it counts as reported now.

    A configuration item that the register doesn't know is kept as reported, flagged, and put in category `other`:
    an alert must never be lost because the CMDB is behind.
    """
    known = registers.load([inputs.ci]).get(inputs.ci) if inputs.ci else None
    item = known if known is not None and known.register == "ci" else None
    unknown = inputs.ci is not None and item is None
    text = (inputs.text or f"{inputs.source or ''} {inputs.alert_key or ''}").strip()
    fields = {
        "title": text.splitlines()[0][:TITLE_LENGTH] if text else None,
        "description": text or None,
        "channel": inputs.channel,
        "customer": inputs.customer or (item["customer"] if item else None),
        "contact": inputs.contact,
        "ci": item.number if item else None,
        "ci_unknown": True if unknown else None,
        "reported_ci": inputs.ci if unknown else None,
        "category": "other" if unknown else None,
        "source": inputs.source,
        "alert_key": inputs.alert_key,
        "severity": inputs.severity,
        "reported_at": registers.now,
    }
    opened = registers.open(INCIDENT, {name: value for name, value in fields.items() if value is not None})
    return IncidentOpened(opened.number, registers.now, item.number if item else None, unknown)


@dataclass(frozen=True, slots=True)
class Retype:
    number: str
    ticket_type: str


@dataclass(frozen=True, slots=True)
class Retyped:
    ticket_type: str


@handler("incident.retype")
def retype(inputs: Retype, *, registers: Registers) -> Retyped:
    """Give a ticket another type, when an enquiry turns out to be something else."""
    registers.update(inputs.number, {"ticket_type": inputs.ticket_type})
    return Retyped(inputs.ticket_type)
