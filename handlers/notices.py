"""Handlers that tell people; mails are queued with the step and sent afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import Text, handler
from registers import Recipient, Record, Registers

ASSIGNEE, CUSTOMER = "assignee", "customer"  # stand for whoever works on the record, and whoever reported it


@dataclass(frozen=True, slots=True)
class Notice:
    """`recipients` are roles, user ids, `assignee` or `customer`.

    `unassigned` is the role that is told in the assignee's place while there is none, `customer_template` the mail
    that the customer gets instead.
    """

    template: str
    number: str
    recipients: Sequence[str]
    unassigned: str | None = None
    customer_template: str | None = None


@handler("notify.send")
def send(inputs: Notice, *, registers: Registers) -> None:
    """Queue a mail about a record for everybody named, each in their own language. Never blocks the process."""
    people = [key for key in inputs.recipients if key != CUSTOMER]
    tell(registers, inputs.template, inputs.number, people, unassigned=inputs.unassigned)
    if CUSTOMER in inputs.recipients:
        tell_customer(registers, inputs.customer_template or inputs.template, inputs.number)


def tell(
    registers: Registers,
    template: str,
    number: str,
    recipients: Sequence[str],
    *,
    unassigned: str | None = None,
    context: Mapping[str, Any] | None = None,
) -> None:
    """Queue mails about a record to people of the house.

    A recipient that nobody stands for is noted in the record's timeline.
    """
    keys = _people(registers.get(number), recipients, unassigned)
    _, lost = registers.outbox.send(template, keys, context, number=number) if keys else ([], [])
    if lost:
        registers.note(number, Text("Nobody could be told as {roles}.", roles=", ".join(lost)))


def tell_customer(registers: Registers, template: str, number: str) -> None:
    """Queue a mail about a record to whoever reported it; without a customer nobody is told."""
    customer = _customer(registers, registers.get(number))
    if customer is not None:
        registers.outbox.send(template, [customer], number=number)


def _people(about: Record, recipients: Sequence[str], unassigned: str | None) -> list[str]:
    people = [(about["assignee"] or unassigned) if key == ASSIGNEE else key for key in recipients]
    return list(dict.fromkeys(key for key in people if key))


def _customer(registers: Registers, about: Record) -> Recipient | None:
    """Whoever reported it, with the address known for that name, else the customer's first contact."""
    number = about["customer"]
    customer = registers.load([number]).get(number) if number else None
    if customer is None:
        return None
    contacts = customer["contacts"] or []
    fitting = [c for c in contacts if c["name"] and c["name"] in (about["contact"] or "")]
    chosen = (fitting or contacts or [{}])[0]
    name = about["contact"] or chosen.get("name") or customer.label()
    return Recipient(name, chosen.get("email") or "", customer["locale"] or "zh_CN")
