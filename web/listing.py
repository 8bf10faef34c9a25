"""Lists: what the address asks for, read leniently, so that a shared or mistyped link still shows a page."""

from __future__ import annotations

from typing import TypeVar

from flask import request

Choice = TypeVar("Choice", bound=str)

LARGEST_PAGE = 10_000
LONGEST_SEARCH = 200


def asked(name: str, longest: int = LONGEST_SEARCH) -> str | None:
    """Return a text filter from the address, None when it is missing or blank."""
    value = request.args.get(name, "").strip()[:longest]
    return value or None


def asked_page() -> int:
    """Return the page number asked for, 1 when it is missing or makes no sense."""
    number = request.args.get("page", 1, type=int) or 1
    return min(max(number, 1), LARGEST_PAGE)


def asked_version() -> int | None:
    """Return the version asked for, None for the newest; a number that no version has is 0."""
    number = request.args.get("version", type=int)
    return number if number is None or 0 <= number <= LARGEST_PAGE else 0


def asked_choice(name: str, choices: tuple[Choice, ...]) -> Choice:
    """Return one of the choices, the first when the address names none of them."""
    value = request.args.get(name, "")
    return next((choice for choice in choices if choice == value), choices[0])


def asked_flag(name: str) -> bool:
    """Return whether a checkbox of a filter is set."""
    return request.args.get(name) in {"1", "on", "true"}
