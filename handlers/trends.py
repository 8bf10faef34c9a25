"""Handlers of the trend analysis: problems found before anybody raises them (domain D.1, proactive)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from engine import handler
from handlers.intake import INCIDENT
from handlers.problems import NO_INCIDENT, PROBLEM
from registers import Between, Record, Registers

FAULTS = ("incident", "error_report")  # ticket types that tell of a fault


@dataclass(frozen=True, slots=True)
class FindTrends:
    """`by` is the field that incidents of a group share beside their category: `ci` or `customer`.

    At least `at_least` of these `priorities` within `days` make a trend. `besides` are trends found before: a group
    whose incidents all stand in them is none of its own.
    """

    by: str
    at_least: int
    days: int
    priorities: Sequence[str]
    besides: Sequence[Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class TrendsFound:
    """`trends` holds what raises a problem: origin, title, symptoms, ci or customer, category, incidents."""

    trends: list[dict[str, Any]]


@handler("problem.find_trends")
def find_trends(inputs: FindTrends, *, registers: Registers) -> TrendsFound:
    """Group recent incidents by category and another field; groups that an open problem knows are left out."""
    since = registers.now - timedelta(days=int(inputs.days))
    recent = registers.find(
        INCIDENT, reported_at=Between(low=since), priority=list(inputs.priorities), ticket_type=list(FAULTS)
    )
    groups: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for one in recent:
        if one[inputs.by] and one["category"] and one.state not in NO_INCIDENT:
            groups[one[inputs.by], one["category"]].append(one)
    open_problems = {problem.number for problem in registers.find(PROBLEM, open=True)}
    told = {number for trend in inputs.besides or () for number in trend["incidents"]}
    return TrendsFound(
        [
            _trend(inputs.by, shared, category, group)
            for (shared, category), group in sorted(groups.items())
            if len(group) >= inputs.at_least
            and not any(one["problem"] in open_problems for one in group)
            and not told.issuperset(one.number for one in group)
        ]
    )


def _trend(by: str, shared: str, category: str, group: Sequence[Record]) -> dict[str, Any]:
    ordered = sorted(group, key=lambda one: (one.created_at, one.number))
    return {
        "origin": "trend",
        "title": f"{shared} · {category} × {len(ordered)}",
        "symptoms": "\n".join(f"{one.number} {one['title'] or ''}".strip() for one in ordered),
        by: shared,
        "category": category,
        "incidents": [one.number for one in ordered],
    }
