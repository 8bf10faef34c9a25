"""Handlers of problem management (manual 7.3.1): what lies behind incidents, and what is known about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine import Text, handler
from handlers import handling
from handlers.intake import INCIDENT, TITLE_LENGTH
from registers import Record, Registers

PROBLEM = "problem"
ORIGINS = (INCIDENT, "release", "change", "supplier")  # registers whose records can raise a problem
NO_INCIDENT = ("cancelled", "merged", "transferred", "answered")  # states of what turned out to be none
CAUSED_BY = "caused_by"  # from an incident to each problem behind it but its first


@dataclass(frozen=True, slots=True)
class OpenProblem:
    """What is known when a problem is raised.

    `source` is the record that raises it, `incidents` are those that show it; `origin` is the source's kind where
    there is no such record, e.g. `trend`.
    """

    source: str | None = None
    origin: str | None = None
    title: str | None = None
    symptoms: str | None = None
    ci: str | None = None
    category: str | None = None
    customer: str | None = None
    incidents: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class ProblemOpened:
    number: str
    logged_at: datetime


@handler("problem.open")
def open_problem(inputs: OpenProblem, *, registers: Registers) -> ProblemOpened:
    """Number a problem, open its record, and link it with what raised it and with the incidents that show it.

    What the message doesn't say is taken from the source. A configuration item that the register doesn't know is
    left out: a problem must not be lost because the CMDB is behind.
    """
    known = registers.load([n for n in (inputs.source, inputs.ci, inputs.customer) if n])
    source = known.get(inputs.source or "")
    origin = source.register if source is not None and source.register in ORIGINS else inputs.origin or "other"
    about = source if source is not None and source.register == INCIDENT else None
    text = (inputs.title or inputs.symptoms or (about["title"] if about else None) or inputs.source or "").strip()
    fields = {
        "title": text.splitlines()[0][:TITLE_LENGTH] if text else None,
        "symptom": inputs.symptoms or (about["description"] if about else None),
        "origin": origin,
        "source": inputs.source,
        "proactive": origin == "trend",
        "ci": _of(known, inputs.ci, "ci") or (about["ci"] if about else None),
        "category": inputs.category or (about["category"] if about else None),
        "customer": _of(known, inputs.customer, "customer") or (about["customer"] if about else None),
        "logged_at": registers.now,
    }
    number = registers.open(PROBLEM, {n: v for n, v in fields.items() if v is not None}).number
    _attach(registers, number, [*([about.number] if about else []), *(inputs.incidents or ())])
    if source is not None and about is None:
        registers.link(source.number, number, "raised")
    return ProblemOpened(number, registers.now)


@dataclass(frozen=True, slots=True)
class AcceptProblem:
    """`incidents` are further ones that show the problem."""

    number: str
    priority: str
    incidents: Sequence[str] | None = None


@handler("problem.accept")
def accept(inputs: AcceptProblem, *, registers: Registers) -> None:
    """Write down a problem's priority and link the incidents that were found to belong to it."""
    registers.update(inputs.number, {"priority": inputs.priority, "accepted_at": registers.now})
    _attach(registers, inputs.number, inputs.incidents or ())


@dataclass(frozen=True, slots=True)
class MergeProblem:
    """`number` is the same problem as `into`."""

    number: str
    into: str


@handler("problem.merge")
def merge(inputs: MergeProblem, *, registers: Registers) -> None:
    """Give a duplicate's incidents to the problem that is known already."""
    for incident in _incidents(registers, inputs.number):
        if incident["problem"] == inputs.number:
            registers.update(incident.number, {"problem": inputs.into})
        else:
            _attach(registers, inputs.into, [incident.number])
    registers.note(inputs.into, Text("The problem was raised again as {number}.", number=inputs.number))


@dataclass(frozen=True, slots=True)
class ProblemChangeResult:
    """`result` is what the change said: `change` (its number), `result`, and whatever else it sends."""

    number: str
    result: Mapping[str, Any] | None = None


@handler("problem.note_change")
def note_change(inputs: ProblemChangeResult, *, registers: Registers) -> None:
    """Put the result of a change into the timeline of a problem and link the two records."""
    handling.note_change(handling.ChangeResult(inputs.number, inputs.result), registers=registers)


@dataclass(frozen=True, slots=True)
class ResolveProblem:
    """`verify_after` is the number of days after which it is looked whether the fault came back."""

    number: str
    verify_after: int


@dataclass(frozen=True, slots=True)
class ProblemResolved:
    resolved_at: datetime
    verify_at: datetime


@handler("problem.resolve")
def resolve(inputs: ResolveProblem, *, registers: Registers) -> ProblemResolved:
    """Note that a problem counts as solved from now on, and when that will be verified."""
    resolved = ProblemResolved(registers.now, registers.now + timedelta(days=int(inputs.verify_after)))
    registers.update(inputs.number, {"resolved_at": resolved.resolved_at, "verify_at": resolved.verify_at})
    return resolved


@dataclass(frozen=True, slots=True)
class CountRecurrence:
    """`since` is when the problem was solved."""

    number: str
    since: datetime


@dataclass(frozen=True, slots=True)
class RecurrenceCounted:
    """`recurred` are the incidents that came after the solution, oldest first."""

    recurrence: int
    recurred: list[str]


@handler("problem.count_recurrence")
def count_recurrence(inputs: CountRecurrence, *, registers: Registers) -> RecurrenceCounted:
    """Count the incidents reported since a problem was solved, and link them with it.

    Counted are those linked with it and those on the same configuration item in the same category; not what turned
    out to be no incident.
    """
    about = registers.get(inputs.number)
    found = {one.number: one for one in (*_incidents(registers, about.number), *_alike(registers, about))}
    since = [one for one in found.values() if (one["reported_at"] or one.created_at) >= inputs.since]
    recurred = _ordered([one for one in since if one.state not in NO_INCIDENT])
    registers.update(about.number, {"recurrence": len(recurred)})
    _attach(registers, about.number, recurred)
    return RecurrenceCounted(len(recurred), recurred)


@dataclass(frozen=True, slots=True)
class CloseProblem:
    """`closure` is `solved`, `risk_accepted` or `unresolved`."""

    number: str
    closure: str


@handler("problem.close")
def close(inputs: CloseProblem, *, registers: Registers) -> None:
    """Freeze how and when a problem was closed."""
    registers.update(inputs.number, {"closure": inputs.closure, "closed_at": registers.now})


def open_incidents(registers: Registers, about: Record) -> list[str]:
    """The incidents that still wait for a solution and show this problem, or look like it; oldest first."""
    found = {one.number: one for one in (*_incidents(registers, about.number), *_alike(registers, about))}
    states = [one for one in found.values() if one.is_open and one.state != "resolved"]
    return _ordered(states)


def _attach(registers: Registers, number: str, incidents: Sequence[str]) -> None:
    """Link incidents with a problem: the first one stands in the incident's field, others are links beside it."""
    for found in registers.load(dict.fromkeys(incidents)).values():
        if found.register != INCIDENT or found["problem"] == number:
            continue
        if found["problem"] is None:
            registers.update(found.number, {"problem": number})
        else:
            registers.link(found.number, number, CAUSED_BY)


def _incidents(registers: Registers, number: str) -> list[Record]:
    """The incidents linked with a problem, by whichever link."""
    links = [link.other for link in registers.links(number) if not link.outgoing]
    return [registers.get(other.number) for other in links if other.register == INCIDENT]


def _alike(registers: Registers, about: Record) -> list[Record]:
    """Incidents on the problem's configuration item and in its category; without both there are none."""
    if not about["ci"] or not about["category"]:
        return []
    return registers.find(INCIDENT, ci=about["ci"], category=about["category"])


def _ordered(found: Sequence[Record]) -> list[str]:
    return [one.number for one in sorted(found, key=lambda one: (one.created_at, one.number))]


def _of(known: dict[str, Record], number: str | None, register: str) -> str | None:
    found = known.get(number or "")
    return found.number if found is not None and found.register == register else None
