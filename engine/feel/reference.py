"""docs/feel.md: the language in short, and every built-in function with its signatures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.feel.functions import BUILTINS
from engine.feel.functions.registry import Signature


@dataclass(frozen=True, slots=True)
class Entry:
    """A function's line in the reference."""

    name: str
    summary: str
    example: str
    value: str


def write_reference() -> str:
    """Write the page as Markdown: the introduction, then the functions by chapter."""
    return _beside("introduction.txt") + "".join(_chapter(title, known) for title, known in chapters().items())


def chapters() -> dict[str, list[Entry]]:
    """Return the functions by chapter, in the page's order."""
    found: dict[str, list[Entry]] = {}
    for line in filter(None, _beside("reference.txt").splitlines()[1:]):
        if line.startswith("## "):
            found[line[3:]] = []
        else:
            found[next(reversed(found))].append(Entry(*line.split(" | ")))
    return found


def _beside(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _chapter(title: str, known: list[Entry]) -> str:
    return f"\n### {title}\n" + "".join(_section(entry) for entry in known)


def _section(entry: Entry) -> str:
    forms = "".join(f"- `{_written(entry.name, signature)}`\n" for signature in BUILTINS[entry.name].signatures)
    return f"\n**{entry.name}**: {entry.summary}. `{entry.example}` is `{entry.value}`.\n\n{forms}"


def _written(name: str, signature: Signature) -> str:
    """Write a signature: optional parameters in brackets, three dots for what may be repeated."""
    parts = [f"[{p.name}]" if p.optional else p.name for p in signature.parameters]
    more = "..." if signature.variadic or signature.rest else ""
    return f"{name}({', '.join(parts)}{more})"
