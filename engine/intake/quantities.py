"""Token quantities: `startQuantity` and `completionQuantity` of activities."""

from __future__ import annotations

from typing import Any

from engine.intake.drawing import Node
from engine.intake.loops import whole_number
from engine.intake.vocabulary import ACTIVITIES

MAX_QUANTITY = 1_000
QUANTITIES = {"startQuantity": "start_quantity", "completionQuantity": "completion_quantity"}


def read_quantities(node: Node) -> dict[str, Any]:
    """Read the quantities of an activity; what is no number of tokens is left to the lint."""
    if node.kind not in ACTIVITIES:
        return {}
    return {field: quantity(node, attribute) or 1 for attribute, field in QUANTITIES.items()}


def quantity(node: Node, attribute: str) -> int | None:
    """A number of tokens, 1 without the attribute; None for a text that is none."""
    number = whole_number(node.xml.get(attribute, "1"))
    return number if number is not None and number <= MAX_QUANTITY else None
