"""What a case knows of its correlation keys: said by its data, or learnt from the first message that carries them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.interpreter.correlation import ANY_KEY, composite, exact, key_in
from engine.interpreter.elements.case import Case
from engine.interpreter.elements.node import Node, drawn
from engine.interpreter.elements.variables import as_key


def awaited_key(node: Node, case: Case) -> str | None:
    """The key that a node waits for its message under: its own, its correlation's, else the business key."""
    element = drawn(node)
    if element.correlation_key is not None:
        return exact(as_key(case.evaluate(element.correlation_key, node)))
    if element.message is None or element.message not in case.model.correlations:
        return exact(case.business_key)
    return _known(element.message, node, case) or ANY_KEY


def sent_key(node: Node, content: Mapping[str, Any], case: Case) -> str | None:
    """The key that a message is sent under; the case keeps the first one of its correlation."""
    element = drawn(node)
    if element.correlation_key is not None:
        return as_key(case.evaluate(element.correlation_key, node))
    if element.message is None or element.message not in case.model.correlations:
        return case.business_key
    return learn(element.message, content, case) or _known(element.message, node, case) or case.business_key


def learn(message: str | None, content: Mapping[str, Any], case: Case) -> str | None:
    """Keep the key that a message carries, if it is the first of its kind; return it."""
    correlation = case.model.correlations.get(message or "")
    if correlation is None:
        return None
    key = key_in(correlation, content, case.functions, case.now)
    if key is not None:
        case.keys.setdefault(correlation.key, key)
    return key


def _known(message: str, node: Node, case: Case) -> str | None:
    correlation = case.model.correlations[message]
    said = composite([case.evaluate(binding, node) for binding in correlation.bindings])
    return said or case.keys.get(correlation.key)
