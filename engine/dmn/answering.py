"""Run any DMN file as the standard has it: one call for a decision, a decision service, a business knowledge model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from engine.dmn.model import DecisionModel
from engine.dmn.parsing import load_decisions
from engine.errors import InvalidDiagram


def answer(
    name: str,
    content: bytes,
    asked: str,
    given: Mapping[str, Any],
    *,
    imports: Mapping[str, bytes] | None = None,
    now: datetime | None = None,
) -> Any:
    """Read a DMN file of any version from 1.1 and answer for `asked`, by the standard (`Policy.STANDARD`).

    `asked` is the name or id of a decision, a decision service or a business knowledge model; `given` its input data,
    input decisions or arguments by name, an imported file's under `"Bank.fee"` or in a context `"Bank"`; `imports` the
    files by name among which imported ones are found by their namespaces. Values are FEEL's: numbers as int, Decimal
    or float, texts, booleans, date, time, datetime, timedelta, `YearsMonths`, lists and dicts; null is None.

    What can't be read or made is null: a cell that isn't FEEL, rules in conflict (UNIQUE, ANY), a value of a wrong
    type, a function in Java. `load_decisions` tells why. `now` is what `now()` gives, by default the machine's clock.

    Raises NotFound for an unknown name, InvalidDiagram for what is no DMN file, FeelLimitError.
    """
    model = _loaded(name, content, tuple(sorted((imports or {}).items())))
    return model.answer(asked, given, now=now or datetime.now(UTC))


@lru_cache(maxsize=16)
def _loaded(name: str, content: bytes, imports: tuple[tuple[str, bytes], ...]) -> DecisionModel:
    model, findings = load_decisions(name, content, imports=dict(imports))
    if model is None:
        raise InvalidDiagram(findings)
    return model
