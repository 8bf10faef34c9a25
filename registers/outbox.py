"""The outbox: mails rendered in each recipient's language, kept with the transaction that caused them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import FileSystemLoader, Template, TemplateNotFound
from jinja2.sandbox import ImmutableSandboxedEnvironment
from sqlalchemy import Connection, func, or_, select, update

from engine import NotFound, Page, Text
from registers.calendars import ZONE
from registers.queries import insert_into
from registers.tables import outbox

if TYPE_CHECKING:
    from registers.unit_of_work import Registers

TEMPLATES = Path(__file__).parent / "mail"
LOCALES = ("en", "zh_CN")
DEFAULT_LOCALE = "zh_CN"  # the organisation's, for people who never chose one
MOST_TRIES = 5
_LOADER = FileSystemLoader(TEMPLATES)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody outside the organisation who gets a mail; `address` may be empty where none is known."""

    name: str
    address: str = ""
    locale: str = "zh_CN"


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail in the outbox. `state`: pending, sent or failed."""

    id: int
    template: str
    recipient: str
    name: str
    address: str
    locale: str
    subject: str
    body: str
    number: str | None
    state: str
    tries: int
    error: str | None
    created_at: datetime
    sent_at: datetime | None


class Outbox:
    """Mails of one unit of work; written with it, so that nothing is sent for what never happened."""

    def __init__(self, registers: Registers) -> None:
        self._unit = registers
        self._rows: list[dict[str, Any]] = []

    def send(
        self,
        template: str,
        to: Iterable[str | Recipient],
        context: Mapping[str, Any] | None = None,
        *,
        number: str | None = None,
        dedupe: str | None = None,
    ) -> tuple[list[str], list[str]]:
        """Queue a mail for everybody in `to`: person ids, role keys, addresses or outside recipients.

        Each gets it once, in their own language. With `dedupe`, a mail of the same key to the same recipient is queued
        only once, ever. Returns who gets one, and the keys that reached nobody: a mail never stops a process.

        Raises NotFound for a template that doesn't exist.
        """
        keys = list(to)
        outside = [k if isinstance(k, Recipient) else Recipient(k, k) for k in keys if _is_outside(k)]
        inside = [k for k in keys if isinstance(k, str) and not _is_outside(k)]
        people, lost = self._unit.people.recipients(inside, at=self._unit.now) if inside else ([], [])
        reached = []
        for person in people:
            self._add(template, person.id, Recipient(person.name, person.email, person.locale), context, number, dedupe)
            reached.append(person.id)
        for recipient in outside:
            key = recipient.address or recipient.name
            self._add(template, key[:64], recipient, context, number, dedupe)
            reached.append(key)
        return reached, lost

    def about(self, number: str) -> list[Mail]:
        """The mails about a record, newest first."""
        self.flush()
        query = select(*_COLUMNS).where(outbox.c.number == number).order_by(outbox.c.id.desc())
        return [Mail(**row) for row in self._unit.connection.execute(query).mappings()]

    def get(self, mail_id: int) -> Mail:
        """One mail. Raises NotFound."""
        query = select(*_COLUMNS).where(outbox.c.id == mail_id)
        row = self._unit.connection.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound(Text("there is no mail {mail}", mail=mail_id))
        return Mail(**row)

    def page(
        self,
        *,
        state: str | None = None,
        recipient: str | None = None,
        template: str | None = None,
        text: str | None = None,
        number: int = 1,
        size: int = 25,
    ) -> Page[Mail]:
        """One page of the captured mails, newest first; `text` occurs in the subject, the record or the recipient."""
        self.flush()
        number = max(1, number)
        wanted = {outbox.c.state: state, outbox.c.recipient: recipient, outbox.c.template: template}
        conditions = [column == value for column, value in wanted.items() if value]
        if text:
            conditions.append(
                or_(*(c.icontains(text, autoescape=True) for c in (outbox.c.subject, outbox.c.number, outbox.c.name)))
            )
        query = select(*_COLUMNS).where(*conditions).order_by(outbox.c.id.desc())
        rows = self._unit.connection.execute(query.limit(size).offset((number - 1) * size)).mappings()
        total = self._unit.connection.execute(select(func.count()).select_from(outbox).where(*conditions))
        return Page(tuple(Mail(**row) for row in rows), number, size, total.scalar_one())

    def flush(self) -> None:
        """Write what was queued, in one INSERT."""
        if self._rows:
            statement = insert_into(self._unit.connection.dialect)(outbox)
            self._unit.writable().execute(
                statement.on_conflict_do_nothing(index_elements=[outbox.c.dedupe]), self._rows
            )
            self._rows = []

    def _add(
        self,
        template: str,
        key: str,
        recipient: Recipient,
        context: Mapping[str, Any] | None,
        number: str | None,
        dedupe: str | None,
    ) -> None:
        shown = self._shown(number, recipient.locale or DEFAULT_LOCALE) if number else {}
        names = {"recipient": recipient.name, "number": number, "shown": shown, **(context or {})}
        subject, body = render(template, recipient.locale, names)
        self._rows.append(
            {
                "template": template,
                "recipient": key,
                "name": recipient.name,
                "address": recipient.address,
                "locale": recipient.locale,
                "subject": subject,
                "body": body,
                "number": number,
                "state": "pending",
                "tries": 0,
                "created_at": self._unit.now,
                "dedupe": f"{dedupe}:{key}" if dedupe else None,
            }
        )

    def _shown(self, number: str, locale: str) -> dict[str, str]:
        """The record's fields as people read them: labels of choices, local times, names of records at hand."""
        record = self._unit.get(number)
        translate = self._unit.definitions.translations if locale.startswith("zh") else {}
        shown = {"state": _translated(record.definition.states[record.state].label, translate)}
        for name, value in record.fields.items():
            field = record.definition.fields[name]
            labels = {option.value: _translated(option.label, translate) for option in field.options}
            if field.type == "ref":
                other = self._unit.at_hand(value)
                shown[name] = f"{value} {other.label(locale)}" if other else value
            elif isinstance(value, bool):
                shown[name] = _translated("yes" if value else "", translate)
            else:
                shown[name] = labels.get(value, value) if isinstance(value, str) else _when(value)
        shown["major_flag"] = "yes" if record["major"] else ""
        return shown


def render(template: str, locale: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """Return subject and body of a mail; English where the locale has no template.

    A template's first line is the subject. Raises NotFound.
    """
    wanted = (locale or DEFAULT_LOCALE).split("_")[0]
    language = next((known for known in LOCALES if known.split("_")[0] == wanted), "en")
    for folder in (language, "en"):
        try:
            subject, body = _compiled(f"{folder}/{template}.txt")
        except TemplateNotFound:
            continue
        return " ".join(subject.render(context).split()), body.render(context).strip() + "\n"
    raise NotFound(Text("there is no mail template {template}", template=template))


def templates() -> list[str]:
    """The names of all mail templates."""
    return sorted(path.stem for path in (TEMPLATES / "en").glob("[!_]*.txt"))


def pending_mails(connection: Connection, limit: int = 50) -> list[Mail]:
    """Return what waits to be delivered, oldest first."""
    query = select(*_COLUMNS).where(outbox.c.state == "pending").order_by(outbox.c.id).limit(limit)
    return [Mail(**row) for row in connection.execute(query).mappings()]


def mark_sent(connection: Connection, mail_id: int, now: datetime) -> None:
    """Note that a mail was handed to the mail server."""
    statement = update(outbox).where(outbox.c.id == mail_id)
    connection.execute(statement.values(state="sent", sent_at=now, tries=outbox.c.tries + 1, error=None))


def mark_failed(connection: Connection, mail_id: int, error: str) -> None:
    """Note a failed attempt; after five the mail is `failed` and waits for a person."""
    statement = update(outbox).where(outbox.c.id == mail_id)
    connection.execute(statement.values(tries=outbox.c.tries + 1, error=error))
    exhausted = (outbox.c.id == mail_id, outbox.c.tries >= MOST_TRIES)
    connection.execute(update(outbox).where(*exhausted).values(state="failed"))


_COLUMNS = tuple(column for column in outbox.c if column.name != "dedupe")


def _translated(label: str, translations: Mapping[str, str]) -> str:
    return translations.get(label, label)


def _is_outside(key: str | Recipient) -> bool:
    return isinstance(key, Recipient) or "@" in key


@cache
def _compiled(name: str) -> tuple[Template, Template]:
    """A template's subject (its first line) and body, apart: a value with line breaks stays within its part."""
    source, _, _ = _LOADER.get_source(_environment(), name)
    subject, _, body = source.partition("\n")
    return _environment().from_string(subject), _environment().from_string(body)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(loader=_LOADER, trim_blocks=True, lstrip_blocks=True, auto_reload=False)
    environment.filters["when"] = _when
    return environment


def _when(value: Any) -> str:
    """A moment as people in the organisation read it."""
    return value.astimezone(ZONE).strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime) else str(value or "–")
