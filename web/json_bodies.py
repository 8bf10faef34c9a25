"""JSON as machines may post it: one object, nothing ambiguous, nothing that can't be stored."""

from __future__ import annotations

import json
import math
from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

LARGEST = 64 * 1024
DEEPEST = 32
LONGEST_NUMBER = 34  # digits; what a decimal128 holds


def posted_object() -> dict[str, Any]:
    """Return the JSON object of the request.

    Refused are what readers understand differently (a key twice, NaN, numbers that overflow) and what a database
    can't keep (lone surrogates, NUL): a body means one thing, or it is not taken.

    Raises UnsupportedMediaType, RequestEntityTooLarge, BadRequest.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Send JSON with “Content-Type: application/json”.")
    if (request.content_length or 0) > LARGEST or len(body := request.get_data()) > LARGEST:
        raise RequestEntityTooLarge()
    try:
        data = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_float,
            parse_int=_int,
            parse_constant=_constant,
        )
        _check(data, 1)
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, _Refused) else "The body must be one JSON object in UTF-8."
        raise BadRequest(reason) from error
    if not isinstance(data, dict):
        raise BadRequest("The body must be one JSON object in UTF-8.")
    return data


class _Refused(ValueError):
    """JSON that could be read, and is not taken."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Refused("A key stands twice in one JSON object.")
    return found


def _int(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise _Refused(f"A number has more than {LONGEST_NUMBER} digits.")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number) or len(digits) > LONGEST_NUMBER:
        raise _Refused(f"A number is too large or has more than {LONGEST_NUMBER} digits.")
    return number


def _constant(name: str) -> Any:
    raise _Refused(f"{name} is not JSON.")


def _check(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise _Refused(f"The JSON is nested deeper than {DEEPEST} levels.")
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= c <= "\udfff" for c in value):
            raise _Refused("A text contains NUL or half of a surrogate pair.")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check(key, depth)
            _check(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth + 1)
