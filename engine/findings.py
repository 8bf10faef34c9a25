"""What the intake has to say about a diagram, a decision or a form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from engine.texts import Text


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"  # the bundle is refused
    WARNING = "warning"  # published, and shown to the process owner


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the intake noticed, with the place and what to do about it.

    `rule` is a stable kebab-case id (`condition-missing`); `resource` is the file name (`leave.bpmn`);
    `element` the XML or form component id; `line` the line in the owner's file (1-based, 0 where there is none).
    """

    rule: str
    severity: Severity
    resource: str
    element: str
    name: str
    line: int
    reason: Text
    remedy: Text

    def __str__(self) -> str:
        return self.told(str)

    def told(self, gettext: Callable[[str], str]) -> str:
        """Return the line that a compiler would print, in the reader's language."""
        where = f"{self.resource}:{self.line}" if self.line else self.resource
        label = f" {self.element}" + (f" “{self.name}”" if self.name else "") if self.element else ""
        words = f"{self.reason.render(gettext)} {self.remedy.render(gettext)}"
        return f"{where}: {self.severity}:{label}: {words} [{self.rule}]"

    def as_json(self, gettext: Callable[[str], str]) -> dict[str, str | int]:
        """Return the same as an object for other programs."""
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "resource": self.resource,
            "element": self.element,
            "name": self.name,
            "line": self.line,
            "reason": self.reason.render(gettext),
            "remedy": self.remedy.render(gettext),
        }
