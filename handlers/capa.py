"""Handlers of corrective and preventive actions: from a nonconformity to a proven effect (domain D.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from engine import Text, handler
from handlers.intake import TITLE_LENGTH
from handlers.notices import tell
from registers import BUSINESS_HOURS, ZONE, Registers

CAPA, NONCONFORMITY, ACTION = "capa", "nonconformity", "action"
CORRECTIVE = "corrective"
END_OF_DAY = time(18)
ANSWERED = {"effective": "closed", "unchecked": "closed", "escalated": "escalated", "rejected": "withdrawn"}


@dataclass(frozen=True, slots=True)
class OpenCapa:
    """What is known when it is raised. `source` is the number of the record that it was found in.

    `nonconformity` is the number of one that has been recorded already, by an audit for example. `appoint_days` are
    the business days in which owner and verifier must be named.
    """

    appoint_days: int
    source: str | None = None
    text: str | None = None
    requirement: str | None = None
    evidence: str | None = None
    clause: str | None = None
    department: str | None = None
    grade: str | None = None
    kind: str | None = None
    owner: str | None = None
    verifier: str | None = None
    nonconformity: str | None = None


@dataclass(frozen=True, slots=True)
class CapaOpened:
    """`owner` and `verifier` are null where nobody of the house, or the same person, was named as both."""

    number: str
    nonconformity: str | None
    kind: str
    cycle: int
    owner: str | None
    verifier: str | None
    appoint_due_at: datetime


@handler("capa.open")
def open_capa(inputs: OpenCapa, *, registers: Registers) -> CapaOpened:
    """Number a corrective or preventive action and link it with its source.

    A corrective one answers a nonconformity, which is recorded too unless that was done before.
    """
    kind = inputs.kind or CORRECTIVE
    owner, verifier = (_somebody(registers, person) for person in (inputs.owner, inputs.verifier))
    if owner == verifier:
        verifier = None
    found = _found(registers, inputs)
    nonconformity = inputs.nonconformity
    if nonconformity is None and kind == CORRECTIVE:
        nonconformity = _open_nonconformity(registers, inputs, found, owner)
    people = {"owner": owner, "verifier": verifier}
    described = {"description": inputs.text, "nc_evidence": inputs.evidence}
    own = {"kind": kind, "cycle": 1, "nonconformity": nonconformity, **people, **described}
    number = registers.open(CAPA, _known({**found, **own})).number
    if inputs.source and inputs.source in registers.load([inputs.source]):
        registers.link(inputs.source, number, "raised")
    due = registers.calendar(BUSINESS_HOURS).days_after(registers.now, int(inputs.appoint_days))
    return CapaOpened(number, nonconformity, kind, 1, owner, verifier, due)


@dataclass(frozen=True, slots=True)
class Schedule:
    """`limits` is what `nc_due` says of the grade; the people and the grade may have been named only now."""

    number: str
    cycle: int
    limits: Mapping[str, Any]
    owner: str
    verifier: str
    grade: str
    kind: str


@dataclass(frozen=True, slots=True)
class Scheduled:
    """All at 18:00. `correct_due_at` is null where nothing is to be corrected; `actions_due_at` once extended."""

    correct_due_at: datetime | None
    plan_due_at: datetime
    implement_due_at: datetime
    actions_due_at: datetime | None


@handler("capa.schedule")
def schedule(inputs: Schedule, *, registers: Registers) -> Scheduled:
    """Count the due times from now, when the owner receives the nonconformity or begins anew."""
    calendar = registers.calendar(BUSINESS_HOURS)
    limits, now = inputs.limits, registers.now
    correct, plan = limits["correct_days"], limits["plan_days"]
    due = Scheduled(
        None if correct is None or inputs.cycle > 1 else calendar.days_after(now, int(correct)),
        calendar.days_after(now, int(plan)),
        days_later(now, int(limits["implement_days"])),
        None,
    )
    times = {"plan_due_at": due.plan_due_at, "implement_due_at": due.implement_due_at}
    people = {"owner": inputs.owner, "verifier": inputs.verifier, "grade": inputs.grade, "kind": inputs.kind}
    first = {"correct_due_at": due.correct_due_at, "received_at": now} if inputs.cycle == 1 else {}
    about = registers.update(inputs.number, {**times, **people, **first})
    if about["nonconformity"] and inputs.cycle == 1:
        received = {"received_at": now, "grade": inputs.grade, "auditee": inputs.owner}
        registers.update(about["nonconformity"], received)
    return due


@dataclass(frozen=True, slots=True)
class Wait:
    """`days` are business days, or calendar days where the handler says so."""

    number: str
    days: int


@dataclass(frozen=True, slots=True)
class PlanSubmitted:
    approve_due_at: datetime


@handler("capa.submit_plan")
def submit_plan(inputs: Wait, *, registers: Registers) -> PlanSubmitted:
    """Say until when a plan that was handed in must be approved: so many business days."""
    return PlanSubmitted(registers.calendar(BUSINESS_HOURS).days_after(registers.now, int(inputs.days)))


@dataclass(frozen=True, slots=True)
class OpenActions:
    """`actions` are the rows of the plan: action, owner, due (a date), measure."""

    number: str
    actions: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class ActionsOpened:
    """`action_list` has `number`, `action`, `owner`, `due_at` and `measure` of each action."""

    action_list: list[dict[str, Any]]


@handler("capa.open_actions")
def open_actions(inputs: OpenActions, *, registers: Registers) -> ActionsOpened:
    """Open each action of an approved plan in the improvement register."""
    about = registers.get(inputs.number)
    opened = []
    for row in inputs.actions:
        due = at_end_of(_day(row["due"]))
        common = {"owner": row["owner"], "due_at": due, "measure": row["measure"]}
        origin = {"kind": about["kind"], "source": inputs.number, "capa": inputs.number}
        number = registers.open(ACTION, {"title": row["action"], **common, **origin}).number
        opened.append({"number": number, "action": row["action"], **common})
    return ActionsOpened(opened)


@dataclass(frozen=True, slots=True)
class RecordAction:
    action: str
    evidence: str
    done_at: datetime


@handler("capa.record_action")
def record_action(inputs: RecordAction, *, registers: Registers) -> None:
    """Keep an action's evidence and mark it as done."""
    registers.update(inputs.action, {"evidence": inputs.evidence, "done_at": inputs.done_at})
    registers.transition(inputs.action, "done")


@dataclass(frozen=True, slots=True)
class CheckSet:
    check_at: datetime


@handler("capa.set_check")
def set_check(inputs: Wait, *, registers: Registers) -> CheckSet:
    """Say when the effect can be judged: so many calendar days after the last action was done, at 18:00."""
    check_at = days_later(registers.now, int(inputs.days))
    registers.update(inputs.number, {"check_at": check_at})
    return CheckSet(check_at)


@dataclass(frozen=True, slots=True)
class VerificationBegun:
    verify_due_at: datetime


@handler("capa.begin_verification")
def begin_verification(inputs: Wait, *, registers: Registers) -> VerificationBegun:
    """Say until when the effect must be judged: so many business days from now."""
    return VerificationBegun(registers.calendar(BUSINESS_HOURS).days_after(registers.now, int(inputs.days)))


@dataclass(frozen=True, slots=True)
class NextCycle:
    number: str


@dataclass(frozen=True, slots=True)
class CycleBegun:
    cycle: int


@handler("capa.next_cycle")
def next_cycle(inputs: NextCycle, *, registers: Registers) -> CycleBegun:
    """Go back to the cause, since the actions had no effect."""
    cycle = (registers.get(inputs.number)["cycle"] or 1) + 1
    registers.update(inputs.number, {"cycle": cycle})
    registers.note(inputs.number, Text("The actions had no effect: cycle {cycle} begins.", cycle=cycle))
    return CycleBegun(cycle)


@dataclass(frozen=True, slots=True)
class Conclude:
    """`result` is effective, unchecked, escalated or rejected; `reason` goes to the timeline."""

    number: str
    result: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Concluded:
    """What a process that called this one gets back."""

    capa: str
    capa_result: str


@handler("capa.conclude")
def conclude(inputs: Conclude, *, registers: Registers) -> Concluded:
    """Keep how it ended, here and in the nonconformity; an escalated one becomes an item for the management review."""
    about = registers.update(inputs.number, {"result": inputs.result, "closed_at": registers.now})
    if inputs.reason:
        registers.note(inputs.number, Text("Not needed: {reason}", reason=inputs.reason))
    if about["nonconformity"]:
        registers.transition(about["nonconformity"], ANSWERED[inputs.result])
    if inputs.result == "escalated":
        item = {"title": about["title"], "kind": "review_item", "source": inputs.number, "capa": inputs.number}
        registers.open(ACTION, item)
        tell(registers, "capa_escalated", inputs.number, ["management_representative", "general_manager"])
    return Concluded(inputs.number, inputs.result)


def days_later(start: datetime, days: int) -> datetime:
    """The end of the working day that comes so many calendar days later."""
    return at_end_of(start.astimezone(ZONE).date() + timedelta(days=days))


def at_end_of(day: date) -> datetime:
    """18:00 of a day, when what is due on it is due."""
    return datetime.combine(day, END_OF_DAY, ZONE).astimezone(UTC)


def _day(value: date | str) -> date:
    """A date as forms give it, or as one is kept in a case's variables."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def _somebody(registers: Registers, person: str | None) -> str | None:
    return person if person and registers.people.load(person, at=registers.now) else None


def _found(registers: Registers, inputs: OpenCapa) -> dict[str, Any]:
    """What nonconformity and action have in common."""
    text = (inputs.text or inputs.source or "").strip()
    department = registers.load([inputs.department]).get(inputs.department) if inputs.department else None
    return {
        "title": text.splitlines()[0][:TITLE_LENGTH] if text else Text("Nonconformity").template,
        "requirement": inputs.requirement,
        "clause": inputs.clause,
        "department": department.number if department and department.register == "department" else None,
        "grade": inputs.grade,
        "source": inputs.source,
    }


def _open_nonconformity(registers: Registers, inputs: OpenCapa, found: Mapping[str, Any], owner: str | None) -> str:
    own = {"statement": inputs.text, "evidence": inputs.evidence, "auditee": owner}
    return registers.open(NONCONFORMITY, _known({**found, **own})).number


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
