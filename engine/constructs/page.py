"""docs/bpmn-support.md: what runs and what is refused, as the intake says it."""

from __future__ import annotations

from engine.constructs.catalogue import CHAPTERS, CONSTRUCTS
from engine.constructs.construct import Construct, Status, judge
from engine.constructs.events import EVENTS, KINDS, POSITIONS

_HEAD = """# What of BPMN runs

Written by `make docs`. Each line has a sample diagram (`engine/constructs/`); its state is what the intake says about
that sample now, and the test matrix (`tests/engine/matrix/`) plays the sample of each line that runs, as the standard
tells it. Numbers are sections of BPMN 2.0.2 (OMG formal/2013-12-09).

- **runs**: executed as the standard says.
- **shown**: accepted, and without effect on a case: by the standard, or with a warning that says so.
- **refused**: an error at publish that names the element; reason and remedy are given below as they are there.
- **–**: not in BPMN; refused too.
"""
_SHORT = {
    "start": "start",
    "handler": "start of event sub-process",
    "handler.aside": "… not interrupting",
    "catch": "catch",
    "throw": "throw",
    "boundary": "boundary",
    "boundary.aside": "… not interrupting",
    "end": "end",
}


def write_support() -> str:
    """Write the page as Markdown."""
    return _HEAD + _count() + "".join(_chapter(title, known) for title, known in CHAPTERS.items())


def _count() -> str:
    known = [construct for construct in CONSTRUCTS.values() if construct.exists]
    found = [judge(construct).status for construct in known]
    parts = [f"{found.count(status)} {status.value}" for status in Status]
    return f"\nOf {len(known)} constructs: {', '.join(parts)}.\n"


def _chapter(title: str, known: tuple[Construct, ...]) -> str:
    if known is EVENTS:
        return f"\n## {title}\n\n" + _grid() + _refusals(known)
    rows = "".join(_row(construct) for construct in known)
    return f"\n## {title}\n\n| construct | section | state |\n|---|---|---|\n{rows}" + _refusals(known)


def _row(construct: Construct) -> str:
    return f"| {construct.title} | {construct.section} | {_state(construct)} |\n"


def _state(construct: Construct) -> str:
    status = judge(construct).status
    if not construct.exists and status is Status.REFUSED:
        return "–"
    return "**refused**" if status is Status.REFUSED else status.value


def _grid() -> str:
    head = "| event | " + " | ".join(_SHORT[p.key] for p in POSITIONS) + " |\n"
    rows = (
        f"| {title} | " + " | ".join(_state(CONSTRUCTS[f"{p.key}.{kind}"]) for p in POSITIONS) + " |\n"
        for kind, (title, _) in KINDS.items()
    )
    return head + "|---" * (len(POSITIONS) + 1) + "|\n" + "".join(rows)


def _refusals(known: tuple[Construct, ...]) -> str:
    """Say why and what to do instead, once for each reason."""
    reasons: dict[str, list[str]] = {}
    for construct in known:
        judged = judge(construct)
        if construct.exists and judged.status is Status.REFUSED:
            first = judged.errors[0]
            reasons.setdefault(f"{first.reason} {first.remedy} `[{first.rule}]`", []).append(construct.title)
    lines = "".join(f"- {_together(titles)}. *{reason}*\n" for reason, titles in reasons.items())
    return f"\nRefused:\n\n{lines}" if lines else ""


def _together(titles: list[str]) -> str:
    """Name several constructs, those of one kind together: `Cancel (boundary; end)`."""
    kinds: dict[str, list[str]] = {}
    for title in titles:
        kind, _, place = title.partition(", ")
        kinds.setdefault(kind, []).append(place)
    return "; ".join(f"{kind} ({'; '.join(places)})" if any(places) else kind for kind, places in kinds.items())
