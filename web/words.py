"""Words for states, kinds and roles, with the tone they are shown in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_babel import gettext

from engine import Text
from registers import roles
from web.languages import said
from web.story import folded
from web.translations import label_text

if TYPE_CHECKING:
    from registers import Change, Link, Record

TONES = {"active": "live", "completed": "good", "failed": "late", "waiting": "soon", "due": "soon", "expired": "late"}


def instance_word(state: str) -> str:
    """Name an instance's state."""
    words = {
        "active": gettext("under way"),
        "completed": gettext("finished"),
        "cancelled": gettext("ended early"),
        "failed": gettext("failed"),
    }
    return words.get(str(state), str(state))


def job_word(state: str) -> str:
    """Name a job's state."""
    words = {
        "due": gettext("waits for its turn"),
        "running": gettext("runs now"),
        "done": gettext("done"),
        "failed": gettext("failed"),
        "cancelled": gettext("no longer needed"),
    }
    return words.get(str(state), str(state))


def message_word(state: str) -> str:
    """Name a message's state."""
    words = {
        "waiting": gettext("waits for its receiver"),
        "delivered": gettext("delivered"),
        "expired": gettext("expired"),
    }
    return words.get(str(state), str(state))


def mail_word(state: str) -> str:
    """Name a mail's state."""
    words = {"pending": gettext("to be sent"), "sent": gettext("sent"), "failed": gettext("failed")}
    return words.get(str(state), str(state))


def tone(state: str) -> str:
    """Return the tone of a state's mark."""
    return TONES.get(str(state), "")


def metric_word(metric: str) -> str:
    """Name what a service level clock measures."""
    words = {"response": gettext("Response"), "resolution": gettext("Resolution")}
    return words.get(metric, metric)


def role_word(role: str | None) -> str:
    """Name a role in the reader's language; a role that the organisation doesn't know keeps its key."""
    if not role:
        return "–"
    known = roles().get(role)
    return label_text(known.label) if known else role.replace("_", " ")


def link_word(link: Link, near: Record) -> str:
    """Say what the far record is and what it is to this one; a field of the far record stands in brackets."""
    what, label = label_text(link.other.definition.title), label_text(link.label)
    if not link.kind.startswith("field:"):
        return f"{label} · {what}"
    if link.outgoing:
        return label if label == what else f"{label} · {what}"
    return what if label == label_text(near.definition.title) else f"{what} ({label})"


@dataclass(frozen=True, slots=True)
class Moment:
    """Changes of a record made together."""

    at: datetime
    actor: str | None
    element: str | None
    changes: list[Any] = field(default_factory=list)


def by_moment(trail: Iterable[Change]) -> Iterator[Moment]:
    """Group a trail by who changed things together, newest first."""
    groups = [
        Moment(at, actor, element, list(changes))
        for (at, actor, element), changes in groupby(trail, key=lambda c: (c.at, c.actor, c.element))
    ]
    return reversed(groups)


def note_text(text: str | Text) -> str:
    """Show a note: a person's words as they are, the system's sentence translated."""
    return said(text) if isinstance(text, Text) else text


def register_words(app: Flask) -> None:
    """Give the filters to the templates."""
    for filter_ in (instance_word, job_word, message_word, mail_word, link_word, by_moment, note_text, tone):
        app.add_template_filter(filter_)
    app.add_template_filter(role_word, "role")
    app.add_template_filter(folded)
    app.add_template_filter(metric_word, "metric")
