"""Knowledge suggestions: what the knowledge base and the known errors offer for an incident."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from registers.queries import RECORD_COLUMNS, record_from
from registers.records import Record
from registers.tables import record, record_link

if TYPE_CHECKING:
    from registers.unit_of_work import Registers

_WORD = re.compile(r"[a-z0-9][a-z0-9._-]+|[\u3400-\u9fff]+")
_MOST_TERMS = 12  # searched for in SQL; more make the query slower, not better
_MOST_CANDIDATES = 200  # ranked here


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An article or known error with why it is offered; a higher score fits better."""

    record: Record
    score: int
    same_category: bool
    same_ci: bool
    matched: tuple[str, ...]  # words that occur in it


class Knowledge:
    """Searching the knowledge registers within one unit of work."""

    def __init__(self, registers: Registers) -> None:
        self._unit = registers

    def suggest(
        self, text: str, *, category: str | None = None, ci: str | None = None, limit: int = 5
    ) -> list[Suggestion]:
        """Return what fits best: known errors first, then by configuration item, category and words in common.

        One statement: the database narrows by category, item and words; at most 200 candidates are ranked here.
        Chinese text is compared by pairs of characters.
        """
        terms = terms_of(text)[:_MOST_TERMS]
        on_ci = select(record_link.c.source).where(record_link.c.target == ci, record_link.c.kind == "field:cis")
        wanted = [record.c.search.contains(term, autoescape=True) for term in terms]
        if category:
            wanted.append(record.c.fields["category"].as_string() == category)
        if ci:
            wanted.append(record.c.number.in_(on_ci))
        if not wanted:
            return []
        usable = or_(
            and_(record.c.register == "known_error", record.c.open),
            and_(record.c.register == "knowledge", record.c.state == "published"),
        )
        query = select(*RECORD_COLUMNS, record.c.search).where(usable, or_(*wanted))
        rows = self._unit.connection.execute(query.order_by(record.c.updated_at.desc()).limit(_MOST_CANDIDATES))
        found = [
            _rated(record_from(row, self._unit.definitions), row["search"], terms, category, ci)
            for row in rows.mappings()
        ]
        found.sort(key=lambda s: (s.record.register != "known_error", -s.score, s.record.number))
        return found[:limit]


def terms_of(text: str) -> list[str]:
    """Split a text into what it is searched by: words, and for Chinese every pair of neighbouring characters."""
    terms: list[str] = []
    for run in _WORD.findall(text.casefold()):
        if run[0] < "\u3400":
            terms.append(run)
        elif len(run) == 1:
            continue
        else:
            terms += [run[i : i + 2] for i in range(len(run) - 1)]
    return list(dict.fromkeys(terms))


def _rated(found: Record, text: str, terms: list[str], category: str | None, ci: str | None) -> Suggestion:
    matched = tuple(term for term in terms if term in text)
    same_category = category is not None and found["category"] == category
    same_ci = ci is not None and ci in (found["cis"] or ())
    score = 40 * same_ci + 20 * same_category + round(40 * len(matched) / len(terms) if terms else 0)
    return Suggestion(found, score, same_category, same_ci, matched)
