"""A case's history in sentences, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from flask_babel import gettext
from markupsafe import Markup

from web.facts import case_link, field_value, plain_value
from web.translations import label_text, process_text

if TYPE_CHECKING:
    from engine import Element, HistoryEntry
    from registers import Register

# What a reader can do without: single token moves, and machine steps that ended as drawn.
SILENT = frozenset({"entered", "flow"})
ROUTINE = frozenset({"performed", "decided"})
FAULTS = frozenset({"error_uncaught", "job_failed", "timer_failed", "signal_failed", "refused", "call_failed"})
MACHINE = frozenset(
    {"performed", "decided", "message_sent", "timer_fired", "error_caught", "completed", "ended"}
    | {"escalation_caught", "escalation_uncaught", "signal_thrown", "condition_met", "variables_conflict"}
    | {"called", "call_finished", "call_failed", "escalation_passed_on"}
    | {"compensation_thrown", "compensated", "transaction_cancelled"}
)
WRITERS = frozenset(
    {"submitted", "performed", "decided", "message_received", "signal_received", "started", "call_finished"}
)
BORING = frozenset({"element", "token", "form", "flow", "attempt", "task", "job", "inputs", "checksum", "state"})
INNER = frozenset(
    {"values", "outputs", "changes", "variables", "conflicts"}
)  # details that are themselves names and values


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the story."""

    at: datetime
    actor: str | None
    sentence: str
    lines: tuple[tuple[str, str | Markup], ...]
    is_fault: bool
    is_routine: bool  # a machine step that went as drawn


def sentences() -> Mapping[str, str]:
    """Return what each kind of entry says; `%(step)s` is the element's name."""
    return {
        "started": gettext("The case began"),
        "started_by_message": gettext("The case began with a message"),
        "submitted": gettext("Completed: %(step)s", step="{step}"),
        "completed": gettext("Done: %(step)s", step="{step}"),
        "cancelled": gettext("No longer needed: %(step)s", step="{step}"),
        "claimed": gettext("Claimed: %(step)s", step="{step}"),
        "released": gettext("Released: %(step)s", step="{step}"),
        "refused": gettext("Refused: %(step)s", step="{step}"),
        "decided": gettext("Decided: %(step)s", step="{step}"),
        "performed": gettext("Machine step: %(step)s", step="{step}"),
        "claim_performed": gettext("Machine step on claiming: %(step)s", step="{step}"),
        "message_sent": gettext("Message sent: %(step)s", step="{step}"),
        "message_received": gettext("Message received: %(step)s", step="{step}"),
        "timer_fired": gettext("Time reached: %(step)s", step="{step}"),
        "error_caught": gettext("Handled a failure: %(step)s", step="{step}"),
        "error_uncaught": gettext("Ended by a failure nobody handles: %(step)s", step="{step}"),
        "condition_met": gettext("A condition came true: %(step)s", step="{step}"),
        "signal_thrown": gettext("Signal sent: %(step)s", step="{step}"),
        "signal_received": gettext("Signal received: %(step)s", step="{step}"),
        "signal_failed": gettext("A signal could not be received: %(step)s", step="{step}"),
        "escalation_caught": gettext("Escalated: %(step)s", step="{step}"),
        "escalation_uncaught": gettext("Escalated, and nobody answers it: %(step)s", step="{step}"),
        "escalation_passed_on": gettext("Escalated to the calling case: %(step)s", step="{step}"),
        "called": gettext("Called another process: %(step)s", step="{step}"),
        "call_finished": gettext("The called case completed: %(step)s", step="{step}"),
        "call_failed": gettext("The called case failed: %(step)s", step="{step}"),
        "cancelled_by_caller": gettext("The case was ended by the one that called it"),
        "compensation_thrown": gettext("Undoing what was done: %(step)s", step="{step}"),
        "compensated": gettext("Undone: %(step)s", step="{step}"),
        "chosen": gettext("Chosen: %(step)s", step="{step}"),
        "finished": gettext("Enough was done: %(step)s", step="{step}"),
        "transaction_cancelled": gettext("Transaction cancelled: %(step)s", step="{step}"),
        "job_failed": gettext("In trouble: %(step)s", step="{step}"),
        "job_retried": gettext("Tried again: %(step)s", step="{step}"),
        "timer_failed": gettext("A timer failed: %(step)s", step="{step}"),
        "cancelled_by": gettext("The case was ended by a person"),
        "corrected": gettext("Variables were corrected by a person"),
        "variables_set": gettext("Variables were changed"),
        "variables_conflict": gettext("Parallel branches wrote the same: %(step)s", step="{step}"),
        "ended": gettext("The case ended"),
    }


def tell(
    history: Iterable[HistoryEntry], elements: Mapping[str, Element], register: Register | None = None
) -> Iterator[Told]:
    """Tell a history, newest first: a person's completion by what they submitted, a variable by who wrote it.

    `register` gives submitted values the labels of the record's fields.
    """
    templates = sentences()
    for entry in _worth_telling(list(history), elements):
        element = elements.get(entry.element)
        step = process_text(element.name) if element and element.name else entry.element
        by_hand = element is not None and element.kind == "userTask"  # what claiming a task sets off
        kind = "claim_performed" if entry.kind == "performed" and by_hand else entry.kind
        sentence = templates.get(kind, kind + ": {step}").format(step=step)
        actor = None if entry.kind in MACHINE else entry.actor
        yield Told(
            entry.at,
            actor,
            sentence,
            tuple(_lines(entry, register)),
            entry.kind in FAULTS,
            entry.kind in ROUTINE,
        )


def folded(story: Iterable[Told]) -> Iterator[tuple[Told, ...]]:
    """Group a story for reading: machine steps that follow each other at one moment together, all else alone."""
    for (routine, _), lines in groupby(story, key=lambda told: (told.is_routine, told.at if told.is_routine else None)):
        together = tuple(lines)
        if routine:
            yield together
        else:
            yield from ((line,) for line in together)


def _worth_telling(history: list[HistoryEntry], elements: Mapping[str, Element]) -> Iterator[HistoryEntry]:
    for before, entry in reversed([*pairwise([None, *history])]):
        assert entry is not None
        element = elements.get(entry.element)
        written = entry.kind == "variables_set" and before is not None and before.kind in WRITERS
        ended = element is not None and element.kind == "endEvent" and element.name
        passed = entry.kind == "completed" and not ended
        begun = entry.kind == "submitted" and element is not None and element.kind == "startEvent"
        if entry.kind not in SILENT and not written and not passed and not begun:
            yield entry


def detail_words() -> Mapping[str, str]:
    """Return what the details of an entry are called."""
    return {
        "handler": gettext("Handler"),
        "decision": gettext("Decision"),
        "matched": gettext("Rules that matched"),
        "message": gettext("Message"),
        "signal": gettext("Signal"),
        "key": gettext("Key"),
        "instance": gettext("Case"),
        "process": gettext("Process"),
        "version": gettext("Version"),
        "due_at": gettext("Due"),
        "reason": gettext("Reason"),
        "error": gettext("Error"),
    }


def _lines(entry: HistoryEntry, register: Register | None) -> Iterator[tuple[str, str | Markup]]:
    fields = register.forms.get(entry.element, {}) if register and entry.kind == "submitted" else {}
    words = detail_words()
    for name, value in entry.details.items():
        if name in BORING or value in (None, "", [], {}):
            continue
        if name in INNER and isinstance(value, Mapping):
            yield from _inner({fields.get(key, key): inner for key, inner in value.items()}, register)
        else:
            yield words.get(name, name), case_link(value) if name == "instance" else plain_value(value)


def _inner(values: Mapping[str, Any], register: Register | None) -> Iterator[tuple[str, str | Markup]]:
    for name, value in values.items():
        if isinstance(value, (list, tuple)) and len(value) == 2 and value[0] is None:  # a change from nothing
            value = value[1]
        if value in (None, "", [], {}):
            continue
        field = register.fields.get(name) if register else None
        yield (label_text(field.label), field_value(field, value)) if field else (name, plain_value(value))
