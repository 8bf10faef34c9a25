"""Handlers for records of any register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine import handler
from registers import Registers


@dataclass(frozen=True, slots=True)
class AssignNumber:
    """`register` is the register's key or its prefix (`INC`)."""

    register: str


@dataclass(frozen=True, slots=True)
class NumberAssigned:
    number: str


@handler("records.assign_number")
def assign_number(inputs: AssignNumber, *, registers: Registers) -> NumberAssigned:
    """Take the next number of a register, without gaps."""
    return NumberAssigned(registers.next_number(inputs.register))


@dataclass(frozen=True, slots=True)
class Upsert:
    """`fields` by name; a field that isn't named stays as it is."""

    register: str
    number: str
    fields: Mapping[str, Any]


@handler("register.upsert")
def upsert(inputs: Upsert, *, registers: Registers) -> None:
    """Write fields of a record, and open the record first if there is none with this number."""
    if inputs.number in registers.load([inputs.number]):
        registers.update(inputs.number, inputs.fields)
    else:
        registers.open(inputs.register, inputs.fields, number=inputs.number)


@dataclass(frozen=True, slots=True)
class Transition:
    register: str
    number: str
    state: str


@handler("register.transition")
def transition(inputs: Transition, *, registers: Registers) -> None:
    """Move a record to another state.

    BPMN error ERR_ILLEGAL_TRANSITION where the register's definition has no such way.
    """
    registers.transition(inputs.number, inputs.state)


@dataclass(frozen=True, slots=True)
class LinkRecords:
    """`kind` names the relation as seen from `number`, e.g. `waits_for`."""

    number: str
    other: str
    kind: str


@handler("register.link")
def link(inputs: LinkRecords, *, registers: Registers) -> None:
    """Link two records; both show the link."""
    registers.link(inputs.number, inputs.other, inputs.kind)
