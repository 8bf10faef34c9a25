"""Handlers of known errors: what is known about a problem, for those who restore service meanwhile (manual 7.2.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine import Text, handler
from handlers.knowledge import ARTICLE
from handlers.notices import ASSIGNEE, tell
from handlers.problems import open_incidents
from registers import Registers

KNOWN_ERROR = "known_error"


@dataclass(frozen=True, slots=True)
class RecordKnownError:
    """`number` is the problem; `known_error` is set when it has been recorded before."""

    number: str
    known_error: str | None = None


@dataclass(frozen=True, slots=True)
class KnownErrorRecorded:
    """`open_incidents` are those that wait for a solution and should hear of it, oldest first."""

    known_error: str
    open_incidents: list[str]


@handler("known_error.record")
def record(inputs: RecordKnownError, *, registers: Registers) -> KnownErrorRecorded:
    """Write down what an investigation has found as a known error, or bring the one that exists up to date.

    Knowledge searches find it from now on, before all articles.
    """
    about = registers.get(inputs.number)
    fields = {
        "title": about["title"] or about.number,
        "category": about["category"],
        "symptom": about["symptom"],
        "root_cause": about["root_cause"],
        "workaround": about["workaround"],
        "cis": [about["ci"]] if about["ci"] else None,
        "problem": about.number,
        "fix_status": "none" if about["root_cause_found"] else "unresolved",
    }
    number = inputs.known_error
    if number is None:
        number = registers.open(KNOWN_ERROR, {n: v for n, v in fields.items() if v is not None}).number
        registers.update(about.number, {"known_error": number})
    else:
        registers.update(number, fields)
    return KnownErrorRecorded(number, open_incidents(registers, about))


@dataclass(frozen=True, slots=True)
class TellIncident:
    """`known_error` is what the problem said: `known_error`, `problem`, `title`, `workaround`.

    `unassigned` is the role that is told while nobody is assigned.
    """

    number: str
    known_error: Mapping[str, Any]
    unassigned: str | None = None


@handler("incident.note_known_error")
def tell_incident(inputs: TellIncident, *, registers: Registers) -> None:
    """Put a known error's workaround into an incident's timeline and tell whoever works on it.

    An incident that belongs to the problem is linked with the known error, too; one that only looks like it is not.
    """
    said, about = inputs.known_error, registers.get(inputs.number)
    known, workaround = str(said.get("known_error") or ""), said.get("workaround") or "–"
    registers.note(
        inputs.number, Text("Known error {number}: {workaround}", number=known or "–", workaround=workaround)
    )
    belongs = about["problem"] is not None and about["problem"] == said.get("problem")
    if belongs and known in registers.load([known]):
        registers.update(inputs.number, {"known_error": known})
    context = {"known_error": known, "error_title": said.get("title") or "", "workaround": workaround}
    tell(registers, "known_error", inputs.number, [ASSIGNEE], unassigned=inputs.unassigned, context=context)


@dataclass(frozen=True, slots=True)
class KeepKnownError:
    """`fix_status` says why it stays: `accepted` or `unresolved`."""

    known_error: str
    fix_status: str


@handler("known_error.keep")
def keep(inputs: KeepKnownError, *, registers: Registers) -> None:
    """Keep a known error open beyond its problem, since the fault can still come back."""
    registers.update(inputs.known_error, {"fix_status": inputs.fix_status})


@dataclass(frozen=True, slots=True)
class RetireKnownError:
    known_error: str


@handler("known_error.retire")
def retire(inputs: RetireKnownError, *, registers: Registers) -> None:
    """Retire a known error whose fault is gone: knowledge searches don't find it any more."""
    registers.update(inputs.known_error, {"fix_status": "fixed"})
    registers.transition(inputs.known_error, "retired")


@dataclass(frozen=True, slots=True)
class PublishFinalArticle:
    number: str


@dataclass(frozen=True, slots=True)
class ArticlePublished:
    article: str


@handler("kb.publish_problem")
def publish_article(inputs: PublishFinalArticle, *, registers: Registers) -> ArticlePublished:
    """Put the final word on a problem into the knowledge base; whoever acts is its approver (SOD-13).

    The author is who wrote down the root cause.
    """
    about = registers.get(inputs.number)
    wrote = [one.actor for one in registers.trail(about.number) if one.field == "root_cause" and one.actor]
    solution = [text for text in (about["solution"], about["workaround"]) if text]
    fields = {
        "title": about["title"] or about.number,
        "kind": "known_error",
        "category": about["category"],
        "symptom": about["symptom"],
        "solution": "\n\n".join(solution) or about["root_cause"],
        "keywords": about["category"],
        "cis": [about["ci"]] if about["ci"] else None,
        "author": wrote[0] if wrote else about["owner"],
        "approver": registers.actor,
        "version": 1,
    }
    opened = registers.open(ARTICLE, {n: v for n, v in fields.items() if v is not None}, state="published")
    registers.update(about.number, {"article": opened.number})
    return ArticlePublished(opened.number)
