"""Keys by which messages find their case (BPMN 2.0.2, 8.4.2), as one text each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from engine.definitions import Correlation
from engine.errors import ExecutionError
from engine.interpreter.elements.variables import FAULTS, as_key, said
from engine.texts import Text

ANY_KEY = "*"  # of a wait that takes a message under any key: its case's key isn't known yet


def composite(values: Iterable[Any]) -> str | None:
    """The text of a key: of one property its value, of several a JSON list; None when one has no value."""
    texts = [as_key(value) for value in values]
    if None in texts or not texts:
        return None
    return exact(texts[0] if len(texts) == 1 else json.dumps(texts, ensure_ascii=False))


def exact(key: str | None) -> str | None:
    """A key as it may be waited for: none that means any."""
    return None if key == ANY_KEY else key


def key_in(
    correlation: Correlation,
    content: Mapping[str, Any],
    functions: Mapping[str, Callable[..., Any]],
    now: datetime,
) -> str | None:
    """The key that a message's contents carry; None when they lack a property.

    Raises ExecutionError for a path that fails.
    """
    context = {**content, "__now__": now}
    try:
        return composite([path.evaluate(context, functions) for path in correlation.paths])
    except FAULTS as error:
        reason = Text("The correlation key {key} can't be evaluated: {reason}", key=correlation.key, reason=said(error))
        raise ExecutionError(reason) from error
