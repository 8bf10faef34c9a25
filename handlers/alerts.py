"""Handlers that keep one fault from filling the desk with tickets."""

from __future__ import annotations

from dataclasses import dataclass

from engine import Text, handler
from handlers.intake import INCIDENT
from registers import Record, Registers

OUT_OF_HANDS = ("resolved",)  # open in the register, but solved: an alert after that is a new fault


@dataclass(frozen=True, slots=True)
class FindDuplicate:
    """`number` is the incident just opened; without `alert_key` nothing is looked for."""

    number: str
    alert_key: str | None = None
    ci: str | None = None


@dataclass(frozen=True, slots=True)
class DuplicateFound:
    """`duplicate_of` is null where the fault is new."""

    duplicate_of: str | None


@handler("incident.find_duplicate")
def find_duplicate(inputs: FindDuplicate, *, registers: Registers) -> DuplicateFound:
    """Find the unsolved incident that an alert belongs to: of the same alert key, else from monitoring on the same CI.

    The oldest counts. Two alerts at the same moment can't miss each other: both took a number first, one after the
    other.
    """
    if not inputs.alert_key:
        return DuplicateFound(None)
    states = registers.definitions[INCIDENT].states.values()
    unsolved = [state.name for state in states if not state.terminal and state.name not in OUT_OF_HANDS]
    found = registers.find(INCIDENT, state=unsolved, alert_key=inputs.alert_key)
    if inputs.ci and not _others(found, inputs.number):
        found = [one for one in registers.find(INCIDENT, state=unsolved, ci=inputs.ci) if one["alert_key"]]
    others = _others(found, inputs.number)
    return DuplicateFound(others[0].number if others else None)


@dataclass(frozen=True, slots=True)
class MergeAlert:
    """`number` is merged into the incident `into`."""

    number: str
    into: str
    text: str | None = None


@handler("incident.merge")
def merge(inputs: MergeAlert, *, registers: Registers) -> None:
    """Add an alert to the incident that is open for it already, and count one more occurrence."""
    parent = registers.get(inputs.into)
    registers.update(inputs.into, {"occurrences": (parent["occurrences"] or 1) + 1})
    registers.note(
        inputs.into, Text("The alert came again as {number}: {text}", number=inputs.number, text=inputs.text or "–")
    )
    registers.update(inputs.number, {"duplicate_of": inputs.into})


def _others(found: list[Record], number: str) -> list[Record]:
    """Everything but the incident itself, oldest first."""
    return sorted((one for one in found if one.number != number), key=lambda one: (one.created_at, one.number))
