"""A case's history in sentences, newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_babel import gettext

from web.facts import plain_value
from web.translations import process_text

if TYPE_CHECKING:
    from engine import Element, HistoryEntry

# What a reader can do without: single token moves, and machine steps that ended as drawn.
SILENT = frozenset({"entered", "flow"})
FAULTS = frozenset({"error_uncaught", "job_failed", "timer_failed", "refused"})
BORING = frozenset({"element", "token", "form", "flow", "attempt", "job", "checksum"})
PERSONS_WORK = frozenset({"userTask", "manualTask"})


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the story."""

    at: datetime
    actor: str | None
    sentence: str
    lines: tuple[str, ...]
    is_fault: bool


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
        "message_sent": gettext("Message sent: %(step)s", step="{step}"),
        "message_received": gettext("Message received: %(step)s", step="{step}"),
        "timer_fired": gettext("Time reached: %(step)s", step="{step}"),
        "error_caught": gettext("Handled a failure: %(step)s", step="{step}"),
        "error_uncaught": gettext("Ended by a failure nobody handles: %(step)s", step="{step}"),
        "job_failed": gettext("In trouble: %(step)s", step="{step}"),
        "job_retried": gettext("Tried again: %(step)s", step="{step}"),
        "timer_failed": gettext("A timer failed: %(step)s", step="{step}"),
        "cancelled_by": gettext("The case was ended by a person"),
        "variables_set": gettext("Variables were changed"),
        "ended": gettext("The case ended"),
    }


def tell(history: Iterable[HistoryEntry], elements: Mapping[str, Element]) -> Iterator[Told]:
    """Tell a history, newest first; a person's completion is told once, by what they submitted."""
    templates = sentences()
    for entry in reversed(list(history)):
        element = elements.get(entry.element)
        if entry.kind in SILENT or (entry.kind == "completed" and (element is None or not _tells(element))):
            continue
        step = process_text(element.name) if element and element.name else entry.element
        sentence = templates.get(entry.kind, entry.kind + ": {step}").format(step=step)
        yield Told(entry.at, entry.actor, sentence, tuple(_lines(entry)), entry.kind in FAULTS)


def _tells(element: Element) -> bool:
    return element.kind in {"endEvent", "callActivity"}


def _lines(entry: HistoryEntry) -> Iterator[str]:
    for name, value in entry.details.items():
        if name in BORING or value in (None, "", [], {}):
            continue
        describe: Callable[[str, Any], Iterator[str]] = _DETAILS.get(name, _plain)
        yield from describe(name, value)


def _changes(_: str, value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield plain_value(value)
        return
    for name, change in value.items():
        if isinstance(change, (list, tuple)) and len(change) == 2:
            before, after = change
            yield f"{name}: {plain_value(before)} → {plain_value(after)}" if before is not None else (
                f"{name}: {plain_value(after)}"
            )
        else:
            yield f"{name}: {plain_value(change)}"


def _plain(name: str, value: Any) -> Iterator[str]:
    yield f"{name}: {plain_value(value)}"


_DETAILS: Mapping[str, Callable[[str, Any], Iterator[str]]] = {
    "values": _changes,
    "changes": _changes,
    "changed": _changes,
    "variables": _changes,
    "outputs": _changes,
}
