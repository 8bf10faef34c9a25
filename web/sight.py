"""What a signed-in person may read. Everything that is not allowed here is answered as if it didn't exist.

Cases are the engine's affair: whoever works in a process, owns it, began the case or was given a task sees it.
Registers follow the work: reading one needs a role among its `readers`, or sight of a process whose records it keeps
or points to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flask import g

from engine import ADMIN, NotAllowed, NotFound, Text, User
from registers import EMPLOYEE, RecordNotFound, UnknownRegister
from web.context import engine, me, parts

if TYPE_CHECKING:
    from registers import Mail, Record, Register

PEOPLE = "user"  # the register name of people in forms


def readable() -> frozenset[str]:
    """Return the keys of the registers that the signed-in person may read, worked out once per request."""
    if "readable" not in g:
        g.readable = frozenset(_registers_of(me()))
    found: frozenset[str] = g.readable
    return found


def check_register(key: str) -> Register:
    """Return a register's definition.

    Raises UnknownRegister, also for those who may not read it.
    """
    definition = parts().registers.definitions[key]
    if key not in readable():
        raise UnknownRegister(Text("there is no register {register}", register=key))
    return definition


def check_picker(register: str) -> None:
    """Make sure that the person may search a register: people are found by employees, records by readers.

    Raises UnknownRegister.
    """
    if register != PEOPLE:
        check_register(register)
    elif EMPLOYEE not in me().roles:
        raise UnknownRegister(Text("there is no register {register}", register=register))


def may_read(record: Record) -> bool:
    """Tell whether the person may read a record: its register, or the case that works on it."""
    return record.register in readable() or _sees_case(record.number)


def check_record(record: Record) -> None:
    """Make sure that the person may read a record.

    Raises RecordNotFound, as for a number that doesn't exist.
    """
    if not may_read(record):
        raise RecordNotFound(Text("there is no record {number}", number=record.number))


def check_employee() -> None:
    """Keep what is for the whole house from people outside it. Raises NotFound."""
    if EMPLOYEE not in me().roles:
        raise NotFound(Text("There is nothing here."))


def check_mail(mail: Mail, about: Record | None) -> None:
    """Make sure that the person may read a mail: its recipient, an operator, or a reader of what it is about.

    Raises NotFound.
    """
    if mail.recipient == me().id or may_operate(me()) or (about is not None and may_read(about)):
        return
    raise NotFound(Text("there is no mail {mail}", mail=mail.id))


def operated(user: User) -> frozenset[str]:
    """Return the keys of the processes that somebody answers for: all for administrators, else those owned."""
    models = [engine().definition(known.key).model for known in engine().definitions()]
    return frozenset(model.key for model in models if ADMIN in user.roles or model.owner in user.roles)


def may_operate(user: User) -> bool:
    """Tell whether somebody looks behind the scenes: administrators and process owners; the engine checks each act."""
    return ADMIN in user.roles or bool(operated(user))


def check_operator() -> None:
    """Keep the contents of other people's cases from everybody but those who answer for them. Raises NotAllowed."""
    if not may_operate(me()):
        raise NotAllowed("OPERATE", Text("Operations are for administrators and process owners."))


def _registers_of(user: User) -> Iterator[str]:
    definitions = parts().registers.definitions
    worked = {d.model.register for d in engine().seen_by(user) if d.model.register}
    for key, definition in definitions.items():
        if ADMIN in user.roles or set(definition.readers) & user.roles or key in worked:
            yield key
    for key in worked:
        yield from definitions[key].references


def _sees_case(number: str) -> bool:
    try:
        engine().instance_by_key(number, by=me())
    except NotFound:
        return False
    return True
