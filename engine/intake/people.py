"""Who does a task and until when: assignee, due time, priority, separation of duties."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.definitions import Separation
from engine.intake.drawing import Node
from engine.intake.reading import Part, Reading
from engine.intake.vocabulary import PEOPLE
from engine.texts import Text


def read_people(node: Node, own: Mapping[str, str], reading: Reading) -> dict[str, Any]:
    """Read who does a task into the fields of its Element; what is wrong is noted."""
    return _People(node, own, reading).read()


class _People(Part):
    def read(self) -> dict[str, Any]:
        node, own = self.node, self.own
        if node.kind not in PEOPLE:
            return {}
        return {
            "assignee": self.expressions.read(own.get("assignee"), node, Text("The assignee")),
            "due": self.expressions.time(own.get("due"), node, Text("The due time")),
            "priority": self.expressions.read(own.get("priority"), node, Text("The priority")),
            "on_claim": own.get("on_claim"),
            "separations": self._separations(own.get("separation")),
        }

    def _separations(self, text: str | None) -> tuple[Separation, ...]:
        rules: list[Separation] = []
        for part in _split_outside_quotes(text or ""):
            rule, _, rest = part.partition(":")
            elements, _, condition = (re.sub(r"\s", " ", rest) + " ").partition(" if ")
            if not rule.strip() or not words(elements):
                self._separation_unreadable(part)
                continue
            compiled = self.expressions.read(condition, self.node, Text("The separation's condition"))
            rules.append(Separation(rule.strip(), words(elements), compiled))
        return tuple(rules)

    def _separation_unreadable(self, text: str) -> None:
        self.notes.error(
            "separation-unreadable",
            self.node,
            Text("The separation of duties can't be read: {text}", text=text[:80]),
            Text('Write the rule, the elements and perhaps a condition: SOD-09: resolve, check if priority = "P1"'),
        )


def words(text: str | None) -> tuple[str, ...]:
    """The words between commas."""
    return tuple(word for part in (text or "").split(",") if (word := part.strip()))


def _split_outside_quotes(text: str) -> list[str]:
    parts = re.findall(r'(?:[^;"]|"(?:\\.|[^"\\])*"?)+', text)
    return [part.strip() for part in parts if part.strip()]
