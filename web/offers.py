"""Messages that people may send to a case: which, who may (`messages.toml`), their forms (`forms/message_*.json`)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from engine import Form, NotAllowed, SetupError, Text, User, parse_form

FILE = Path(__file__).parent / "messages.toml"
FORMS = Path(__file__).parent.parent / "forms"


@dataclass(frozen=True, slots=True)
class Offer:
    """One kind of message as a person can send it."""

    name: str
    help: str
    roles: frozenset[str]
    form: Form

    @property
    def label(self) -> str:
        """What the button says: the form's title."""
        return self.form.title or self.name

    def may_be_sent_by(self, user: User) -> bool:
        """Tell whether one of the person's roles is named, or none is asked for."""
        return not self.roles or bool(self.roles & user.roles)


@cache
def offers() -> Mapping[str, Offer]:
    """Read the messages that people may send. Raises SetupError for a form that is missing or wrong."""
    data = tomllib.loads(FILE.read_text("utf-8"))
    return {
        name: Offer(name, entry["help"], frozenset(entry.get("roles", ())), _form(name)) for name, entry in data.items()
    }


def offers_for(waiting: Iterable[str], user: User) -> list[Offer]:
    """Return what this person may send to a case that waits for these messages."""
    names = set(waiting)
    return [offer for offer in offers().values() if offer.name in names and offer.may_be_sent_by(user)]


def offer_to(name: str, user: User) -> Offer:
    """Return the message that this person is about to send. Raises NotAllowed."""
    offer = offers().get(name)
    if offer is None or not offer.may_be_sent_by(user):
        raise NotAllowed("MESSAGE", Text("{person} may not send the message {name}", person=user.name, name=name))
    return offer


def _form(name: str) -> Form:
    file = FORMS / f"message_{name.replace('.', '_')}.json"
    if not file.exists():
        raise SetupError(Text("messages.toml offers {name}, but {file} is missing", name=name, file=file.name))
    form, findings = parse_form(file.name, file.read_bytes())
    if form is None:
        raise SetupError(Text("{file}: {findings}", file=file.name, findings="; ".join(map(str, findings))))
    return form
