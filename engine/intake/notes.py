"""Findings, collected while a file is read and judged."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Protocol

from engine.findings import Finding, Severity
from engine.texts import Text


class Place(Protocol):
    """Anything with an id, a name and a line: node, flow, scope."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def line(self) -> int: ...


MAX_FINDINGS = 3_000


_IGNORED = {
    "attribute-ignored": Text("These attributes belong to another engine and are ignored: {names}"),
    "extension-ignored": Text("These elements belong to other tools and are ignored: {names}"),
}
_WHAT_TO_DO = Text("Say it with the properties of this engine, or remove them.")


class _File:
    """The file itself, as the place of a finding."""

    id = ""
    name = ""

    def __init__(self, line: int) -> None:
        self.line = line


class NotesFull(Exception):
    """Nobody reads so many findings: the file is given up."""


class Notes:
    """The findings about one file. Raises NotesFull beyond `MAX_FINDINGS`."""

    def __init__(self, resource: str) -> None:
        self.resource = resource
        self.findings: list[Finding] = []
        self._ignored: dict[str, dict[str, tuple[int, int]]] = {}  # rule → name → first line, how often

    def error(self, rule: str, place: Place, reason: Text, remedy: Text, *, line: int = 0) -> None:
        """Note something that keeps the diagram from being published."""
        self._add(rule, Severity.ERROR, place, reason, remedy, line)

    def warning(self, rule: str, place: Place, reason: Text, remedy: Text, *, line: int = 0) -> None:
        """Note something that the process owner should look at."""
        self._add(rule, Severity.WARNING, place, reason, remedy, line)

    def ignored(self, rule: str, name: str, line: int) -> None:
        """Count something of another tool that is left aside; `settle` notes it once for the file."""
        first, count = self._ignored.setdefault(rule, {}).get(name, (line, 0))
        self._ignored[rule][name] = (first, count + 1)

    def settle(self) -> None:
        """Note what was counted."""
        for rule, names in sorted(self._ignored.items()):
            told = ", ".join(f"{name} ({count}×)" if count > 1 else name for name, (_, count) in sorted(names.items()))
            line = min(first for first, _ in names.values())
            self.warning(rule, _File(line), Text(_IGNORED[rule].template, names=told[:500]), _WHAT_TO_DO)
        self._ignored = {}

    def draft(self, uri: str) -> None:
        """Note that a file is written in a draft of BPMN."""
        reason = Text("The file is written in a draft of BPMN 2.0 ({uri}); it is read as BPMN 2.0.", uri=uri)
        self.warning("bpmn-draft", _File(1), reason, Text("Open it in a modeler of today and save it."))

    def has_errors(self) -> bool:
        return any(f.severity is Severity.ERROR for f in self.findings)

    def _add(self, rule: str, severity: Severity, place: Place, reason: Text, remedy: Text, line: int) -> None:
        if len(self.findings) >= MAX_FINDINGS:
            raise NotesFull
        self.findings.append(
            Finding(rule, severity, self.resource, place.id[:200], place.name[:200], line or place.line, reason, remedy)
        )


def near(wanted: str, known: Sequence[str]) -> Text:
    """Say which known names resemble a wrong one, else which there are."""
    close = get_close_matches(wanted[:100], known, n=3, cutoff=0.6)
    if close:
        return Text("Did you mean {names}?", names=", ".join(close))
    if known:
        shown = sorted(known)[:8]
        return Text("Known are: {names}.", names=", ".join(shown) + (" …" if len(known) > len(shown) else ""))
    return Text("None is known yet.")
