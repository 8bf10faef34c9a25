"""Handlers of the knowledge base."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine import handler
from registers import Record, Registers

ARTICLE = "knowledge"


@dataclass(frozen=True, slots=True)
class SuggestKnowledge:
    number: str
    limit: int = 5


@dataclass(frozen=True, slots=True)
class KnowledgeSuggested:
    """`kb_suggestions` holds number, title and solution of each article, the best first."""

    kb_suggestions: list[dict[str, Any]]


@handler("kb.suggest")
def suggest(inputs: SuggestKnowledge, *, registers: Registers) -> KnowledgeSuggested:
    """Rank knowledge articles that fit an incident; known errors come first."""
    about = registers.get(inputs.number)
    text = f"{about['title'] or ''}\n{about['description'] or ''}"
    found = registers.knowledge.suggest(text, category=about["category"], ci=about["ci"], limit=inputs.limit)
    return KnowledgeSuggested([_shown(suggestion.record) for suggestion in found])


@dataclass(frozen=True, slots=True)
class DraftArticle:
    """`article` is set when a draft comes back from its author; what isn't given is taken from the incident."""

    number: str
    article: str | None = None
    title: str | None = None
    symptom: str | None = None
    solution: str | None = None
    keywords: str | None = None


@dataclass(frozen=True, slots=True)
class ArticleDrafted:
    article: str
    title: str
    symptom: str | None
    solution: str | None
    keywords: str | None


@handler("kb.create_draft")
def create_draft(inputs: DraftArticle, *, registers: Registers) -> ArticleDrafted:
    """Draft an article from an incident, or take over what its author changed."""
    about = registers.get(inputs.number)
    words = {
        "title": inputs.title or about["title"] or inputs.number,
        "symptom": inputs.symptom or about["description"],
        "solution": inputs.solution or about["solution"] or about["actions"],
        "keywords": inputs.keywords or about["category"],
    }
    if inputs.article is None:
        origin = {
            "kind": "case",
            "category": about["category"],
            "cis": [about["ci"]] if about["ci"] else None,
            "incident": inputs.number,
            "author": _author(registers, about),
        }
        known = {name: value for name, value in {**words, **origin}.items() if value is not None}
        return ArticleDrafted(registers.open(ARTICLE, known, state="draft").number, **words)
    registers.update(inputs.article, words)
    return ArticleDrafted(inputs.article, **words)


@dataclass(frozen=True, slots=True)
class PublishArticle:
    article: str
    title: str
    symptom: str
    solution: str
    keywords: str


@handler("kb.publish")
def publish(inputs: PublishArticle, *, registers: Registers) -> None:
    """Put an approved article into the knowledge base; whoever acts is its approver."""
    about = registers.get(inputs.article)
    changes = {
        "title": inputs.title,
        "symptom": inputs.symptom,
        "solution": inputs.solution,
        "keywords": inputs.keywords,
        "approver": registers.actor,
        "version": (about["version"] or 0) + 1,
    }
    registers.update(inputs.article, changes)
    registers.transition(inputs.article, "published")


def _author(registers: Registers, about: Record) -> str | None:
    """Whoever wrote down the solution; without one, whoever the incident is assigned to."""
    wrote = [change.actor for change in registers.trail(about.number) if change.field == "solution" and change.actor]
    return wrote[-1] if wrote else about["assignee"]


def _shown(found: Record) -> dict[str, Any]:
    return {
        "number": found.number,
        "title": found["title"],
        "title_zh": found["title_zh"],
        "solution": found["solution"] or found["workaround"],
    }
