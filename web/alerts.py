"""What machines may post to `/api/v1`: strict reading, all errors at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import request

from engine import InvalidForm, Text

SEVERITIES = ("info", "warning", "minor", "major", "critical")
Check = Callable[[Any], Text | None]


def message_id() -> str | None:
    """Return the `Idempotency-Key` of the request. Raises InvalidForm when it is too long or unprintable."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (1 <= len(key) <= 200 and key.isprintable()):
        raise InvalidForm({"Idempotency-Key": [Text("must be 1 to {largest} printable characters", largest=200)]})
    return key


def text_up_to(largest: int) -> Check:
    """Make a check for text that isn't blank and not longer than `largest` characters."""

    def check(value: Any) -> Text | None:
        if not isinstance(value, str) or not value.strip() or "\x00" in value:
            return Text("must be text and not blank")
        return Text("must be at most {largest} characters", largest=largest) if len(value) > largest else None

    return check


def one_of(*choices: str) -> Check:
    """Make a check for one of some words."""

    def check(value: Any) -> Text | None:
        return None if value in choices else Text("must be one of: {choices}", choices=", ".join(choices))

    return check


def any_object(value: Any) -> Text | None:
    """Check for a JSON object."""
    return None if isinstance(value, dict) else Text("must be a JSON object")


REQUIRED_ALERT: Mapping[str, Check] = {
    "source": text_up_to(80),
    "alert_key": text_up_to(200),
    "severity": one_of(*SEVERITIES),
    "text": text_up_to(4000),
}
OPTIONAL_ALERT: Mapping[str, Check] = {"ci": text_up_to(64)}
REQUIRED_MESSAGE: Mapping[str, Check] = {"name": text_up_to(120)}
OPTIONAL_MESSAGE: Mapping[str, Check] = {"key": text_up_to(200), "variables": any_object}


def read_fields(
    data: Mapping[str, Any], required: Mapping[str, Check], optional: Mapping[str, Check]
) -> dict[str, Any]:
    """Return exactly the known fields, optional ones that are missing as None.

    Raises InvalidForm with every error there is.
    """
    errors: dict[str, list[Text]] = {}
    for name in data.keys() - required.keys() - optional.keys():
        errors[name] = [Text("is not a known field")]
    for name, check in {**required, **optional}.items():
        value = data.get(name)
        if value is None:
            if name in required:
                errors[name] = [Text("is required")]
        elif problem := check(value):
            errors[name] = [problem]
    if errors:
        raise InvalidForm(dict(sorted(errors.items())))
    return {name: data.get(name) for name in (*required, *optional)}
