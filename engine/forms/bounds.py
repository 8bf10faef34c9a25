"""The limits that a form-js component sets to its value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.forms.fields import PATTERN_LIMIT, ROW_LIMIT, FieldType, Limits
from engine.forms.patterns import UnsafePattern, compile_pattern
from engine.forms.report import Component, Report
from engine.texts import Text

if TYPE_CHECKING:
    from engine.feel import Expression


def limits_of(
    component: Component, properties: Mapping[str, Any], validate: Mapping[str, Any], kind: FieldType, report: Report
) -> Limits:
    digits = component.get("decimalDigits")
    if digits is not None and (isinstance(digits, bool) or not isinstance(digits, int) or not 0 <= digits <= 12):
        report.error("form-limit", component, Text("decimalDigits must be 0 to 12."), Text("Correct the number."))
        digits = None
    minimum = _bound(validate, "min", component, report)
    if component.get("disallowPassedDates") is True and minimum is None:
        minimum = report.feel("=today()", component, "disallowPassedDates")
    if kind in (FieldType.DATE, FieldType.DT) and (
        isinstance(minimum, Decimal) or isinstance(validate.get("max"), int | float)
    ):
        reason = Text("The limits of a date must be FEEL.")
        report.error("form-limit", component, reason, Text('Write e.g. "=today()" or "=date(\\"2026-01-01\\")".'))
    return Limits(
        minimum=minimum,
        maximum=_bound(validate, "max", component, report),
        min_length=_length(validate, "minLength", component, report),
        max_length=_length(validate, "maxLength", component, report),
        pattern=_pattern(validate, component, report),
        pattern_message=str(validate.get("patternErrorMessage") or ""),
        decimal_digits=digits,
        kind=_kind(validate, component, report),
        max_rows=count_of(properties, "max_rows", ROW_LIMIT, component, report),
    )


def _bound(validate: Mapping[str, Any], name: str, component: Component, report: Report) -> Decimal | Expression | None:
    value = validate.get(name)
    if value in (None, ""):
        return None
    if isinstance(value, str):
        return report.feel(value, component, f"validate.{name}")
    if isinstance(value, bool) or not isinstance(value, int | float):
        reason = Text("“{name}” must be a number or an expression.", name=name)
        report.error("form-limit", component, reason, Text("Correct the limit."))
        return None
    return Decimal(str(value))


def _length(validate: Mapping[str, Any], name: str, component: Component, report: Report) -> int | Expression | None:
    limit = _bound(validate, name, component, report)
    return int(limit) if isinstance(limit, Decimal) else limit


def _pattern(validate: Mapping[str, Any], component: Component, report: Report) -> re.Pattern[str] | None:
    pattern = validate.get("pattern")
    if not pattern:
        return None
    longest = validate.get("maxLength")
    if isinstance(longest, int) and longest > PATTERN_LIMIT:
        reason = Text("A field with a pattern can't be longer than {limit} characters.", limit=PATTERN_LIMIT)
        report.error("form-pattern", component, reason, Text("Lower maxLength or drop the pattern."))
    try:
        return compile_pattern(str(pattern))
    except UnsafePattern as error:
        remedy = Text("Write a simpler pattern: fixed parts, character classes, one repetition each.")
        report.error("form-pattern", component, error.text, remedy)
        return None


def _kind(validate: Mapping[str, Any], component: Component, report: Report) -> str | None:
    kind = validate.get("validationType")
    if kind in (None, "", "custom", "email", "phone"):
        return kind if kind in ("email", "phone") else None
    reason = Text("The validation type “{kind}” is not known.", kind=str(kind))
    report.error("form-limit", component, reason, Text("Use “email”, “phone” or a pattern."))
    return None


def count_of(values: Mapping[str, Any], name: str, default: int, component: Component, report: Report) -> int:
    """Return a number of rows; the form-js editor keeps properties as texts, so digits in quotes are fine."""
    value = values.get(name, default)
    number = int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,4}", value) else value
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= ROW_LIMIT:
        reason = Text("“{name}” must be a whole number from 0 to {limit}.", name=name, limit=ROW_LIMIT)
        report.error("form-limit", component, reason, Text("Correct the number."))
        return default
    return number
