"""Values on their way into variables and keys, and what expressions can end in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.dmn import DecisionError
from engine.feel import FeelLimitError
from engine.texts import Text
from engine.values import VALUE_LIMIT, UnsupportedValue, from_json, json_size, to_json

if TYPE_CHECKING:
    from engine.interpreter.elements.node import Node

# What an expression or decision can end in: limits, contradictory rules, or a function given what it can't take.
FAULTS = (FeelLimitError, DecisionError, ArithmeticError, LookupError, TypeError, ValueError)


def isolated(value: Any, name: str, node: Node) -> Any:
    """Copy a value as saving and loading would: whoever gave it can't change it afterwards.

    Raises ExecutionError for a value that a variable can't hold.
    """
    if value is None or type(value) in (str, bool, int):
        return value
    try:
        return from_json(to_json(value))
    except UnsupportedValue as error:
        raise node.impossible(Text("“{name}” can't be stored: {reason}", name=name, reason=str(error))) from error


def bounded(value: Any, name: str, node: Node) -> Any:
    """Copy a value for a variable, if it isn't too large for one.

    Raises ExecutionError.
    """
    if value is None or type(value) in (bool, int) or (type(value) is str and len(value) * 6 < VALUE_LIMIT):
        return value
    after = isolated(value, name, node)
    size = json_size(to_json(after))
    if size > VALUE_LIMIT:
        raise node.impossible(
            Text(
                "“{name}” is too large for a variable ({size} kB, {limit} kB is the most). Keep it as a document or "
                "in a record, and let the variable hold its number.",
                name=name,
                size=-(-size // 1024),
                limit=VALUE_LIMIT // 1024,
            )
        )
    return after


def as_key(value: Any) -> str | None:
    """A correlation or business key as text: numbers without superfluous zeros, null as None."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    plain = to_json(value)
    return format(value.normalize(), "f") if isinstance(plain, dict) and "$decimal" in plain else str(value)


def said(error: Exception) -> Text | str:
    """What an error says, translatable where it can be."""
    text = getattr(error, "text", None) or getattr(error, "reason", None)
    return text if isinstance(text, Text) else str(error)
