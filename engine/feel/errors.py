"""What can go wrong with a FEEL text.

A wrong text is found when it is compiled (`FeelSyntaxError`). At run time a wrong value gives null, as the standard
says; the only error then is a limit: an expression that would take too long or too much memory (`FeelLimitError`).
"""

from __future__ import annotations

from engine.errors import EngineError
from engine.texts import Text


class FeelSyntaxError(ValueError):
    """The text is not FEEL. `position` counts characters from 0, `line` and `column` from 1."""

    def __init__(self, reason: Text, *, text: str, position: int) -> None:
        self.reason = reason
        self.position = min(position, len(text))
        before = text[: self.position]
        self.line = before.count("\n") + 1
        self.column = self.position - (before.rfind("\n") + 1) + 1
        super().__init__(f"{reason} (line {self.line}, column {self.column})")


class FeelLimitError(EngineError):
    """The expression was stopped: too many steps, or a list, text or number beyond all use."""
