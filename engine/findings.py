"""What the intake has to say about a diagram, a decision or a form."""

from __future__ import annotations

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
        where = f"{self.resource}:{self.line}" if self.line else self.resource
        label = f" {self.element}" + (f" “{self.name}”" if self.name else "") if self.element else ""
        return f"{where}: {self.severity}:{label}: {self.reason} {self.remedy} [{self.rule}]"
