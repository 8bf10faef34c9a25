"""One browser for the whole run, one server for each test, one context for each person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import pytest

from engine import MovedClock
from tests.browser.chromium import chromium
from tests.browser.office import Office, served
from tests.browser.person import Person

if TYPE_CHECKING:
    from flask import Flask
    from playwright.sync_api import Browser

LOCALES = {"en": "en-GB", "zh_CN": "zh-CN"}
TALL = 900


class Seat(Protocol):
    """Seats a person at a browser, signed in unless told otherwise."""

    def __call__(
        self,
        user_id: str,
        *,
        language: str = "en",
        width: int = 1280,
        scripts: bool = True,
        theme: str = "light",
        signed_in: bool = True,
    ) -> Person: ...


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of the whole run."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def office(app: Flask, clock: MovedClock) -> Iterator[Office]:
    """The application on a real socket, on Monday, 2025-03-03, 10:00 in Shanghai."""
    with served(app, clock) as office:
        yield office


@pytest.fixture
def seat(browser: Browser, office: Office) -> Iterator[Seat]:
    """Seat people in this test's office."""
    with seating(browser, office) as seat:
        yield seat


@contextmanager
def seating(browser: Browser, office: Office) -> Iterator[Seat]:
    """Seat people at an office's pages; everybody leaves at the end."""
    contexts = []

    def sit(
        user_id: str,
        *,
        language: str = "en",
        width: int = 1280,
        scripts: bool = True,
        theme: str = "light",
        signed_in: bool = True,
    ) -> Person:
        context = browser.new_context(
            viewport={"width": width, "height": TALL},
            locale=LOCALES[language],
            java_script_enabled=scripts,
            color_scheme="light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        wanted = [("language", language), ("theme", theme)]
        context.add_cookies([{"name": name, "value": value, "url": office.url} for name, value in wanted])
        contexts.append(context)
        person = Person.at(context, user_id, office.url, scripts=scripts)
        if signed_in:
            person.sign_in()
        return person

    yield sit
    for context in contexts:
        context.close()
