"""What is wrong with an answer: missing, unreadable, or outside the field's limits."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.forms.fields import LISTS, PATTERN_LIMIT, TEXT_LIMIT, Context, Field, FieldType
from engine.texts import Text

if TYPE_CHECKING:
    from engine.feel import Expression
    from engine.forms.sheet import Answer

REQUIRED = Text("This field is required.")
MUST_TICK = Text("This must be ticked.")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)*")
EMAIL_LIMIT = 254
PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{3,29}")

Evaluate = Callable[["Expression", Context], Any]


def problems_of(answer: Answer, scope: Context, evaluate: Evaluate, timezone: tzinfo) -> list[Text]:
    """Judge one visible answer; an empty list means that it is fine."""
    field, value = answer.field, answer.value
    if answer.reading.problem is not None:
        singly = [reading.problem for _, reading in answer.reading.entries if reading.problem is not None]
        return list(dict.fromkeys(singly)) or [answer.reading.problem]
    if field.type is FieldType.BOOL and field.widget == "checkbox":
        return [MUST_TICK] if answer.required and value is not True else []
    if value is None or (field.type in LISTS and not value):
        return [REQUIRED] if answer.required else []
    if isinstance(value, str) and field.type in (FieldType.TEXT, FieldType.AREA):
        return _text_problems(field, value, scope, evaluate)
    if isinstance(value, int | Decimal | date) and not isinstance(value, bool):
        return [*_digit_problems(field, value), *_bound_problems(field, value, scope, evaluate, timezone)]
    return []


def _text_problems(field: Field, value: str, scope: Context, evaluate: Evaluate) -> list[Text]:
    limits, found = field.limits, []
    shortest, longest = (_bound(limit, scope, evaluate) for limit in (limits.min_length, limits.max_length))
    if isinstance(shortest, int | Decimal) and len(value) < shortest:
        found.append(Text("Enter at least {limit} characters.", limit=shortest))
    most = longest if isinstance(longest, int | Decimal) else TEXT_LIMIT
    if limits.pattern is not None:
        most = min(most, PATTERN_LIMIT)
    if len(value) > most:
        found.append(Text("Enter at most {limit} characters; there are {count}.", limit=most, count=len(value)))
    elif limits.pattern is not None and not limits.pattern.search(value):
        found.append(Text(limits.pattern_message or "This doesn't have the expected form."))
    if limits.kind == "email" and (len(value) > EMAIL_LIMIT or not EMAIL.fullmatch(value)):
        found.append(Text("Enter an e-mail address, e.g. name@example.com."))
    if limits.kind == "phone" and not PHONE.fullmatch(value):
        found.append(Text("Enter a telephone number, e.g. +86 21 5555 0100."))
    return found


def _digit_problems(field: Field, value: int | Decimal | date) -> list[Text]:
    allowed = field.limits.decimal_digits
    if allowed is None or not isinstance(value, Decimal) or value == round(value, allowed):
        return []
    return [Text("Enter at most {limit} decimal places.", limit=allowed)]


def _bound_problems(
    field: Field, value: int | Decimal | date, scope: Context, evaluate: Evaluate, timezone: tzinfo
) -> list[Text]:
    lowest, highest = (_bound(limit, scope, evaluate) for limit in (field.limits.minimum, field.limits.maximum))
    found = []
    if _less(value, lowest, timezone):
        text = Text("Enter {limit} or later.") if isinstance(lowest, date) else Text("Enter {limit} or more.")
        found.append(Text(text.template, limit=_shown(lowest, timezone)))
    if _less(highest, value, timezone):
        text = Text("Enter {limit} or earlier.") if isinstance(highest, date) else Text("Enter {limit} or less.")
        found.append(Text(text.template, limit=_shown(highest, timezone)))
    return found


def _bound(limit: Any, scope: Context, evaluate: Evaluate) -> Any:
    return limit if limit is None or isinstance(limit, int | Decimal) else evaluate(limit, scope)


def _less(a: Any, b: Any, timezone: tzinfo) -> bool:
    """Compare numbers, or points in time; where one is a plain date, by local dates."""
    if isinstance(a, int | Decimal) and isinstance(b, int | Decimal):
        return a < b
    if not isinstance(a, date) or not isinstance(b, date):
        return False
    if isinstance(a, datetime) and isinstance(b, datetime):
        return a < b
    return _local_date(a, timezone) < _local_date(b, timezone)


def _local_date(value: date, timezone: tzinfo) -> date:
    return value.astimezone(timezone).date() if isinstance(value, datetime) else value


def _shown(limit: Any, timezone: tzinfo) -> str:
    return limit.astimezone(timezone).strftime("%Y-%m-%d %H:%M") if isinstance(limit, datetime) else str(limit)
