"""Pictures of the main pages, in both languages, wide and narrow: `python -m tests.browser.screenshots OUT`.

With `--readme`, the two pictures of the README instead: `python -m tests.browser.screenshots docs/images --readme`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page

from engine import MovedClock
from tests.browser.chromium import chromium
from tests.browser.lived_in import furnish
from tests.browser.office import Office, served
from tests.conftest import MONDAY, PASSWORD, build_app, furnish_database

LANGUAGES = {"en": "en", "zh": "zh_CN"}
WIDTHS = {1280: 800, 390: 844}
README = {"inbox": ("inbox", 800), "task-resolve": ("task", 1310)}  # page → picture in docs/images, and its height


def shoot(out: Path) -> None:
    """Write every page's picture as `<page>-<language>-<width>.png` into the folder."""
    with furnished_office() as (office, stages), chromium() as browser:
        for language in LANGUAGES:
            for width in WIDTHS:
                shoot_all(browser, office, stages, out=out, language=language, width=width)


def shoot_for_readme(out: Path) -> None:
    """Write what the README shows: English, wide, down to what matters."""
    with furnished_office() as (office, stages), chromium() as browser:
        for person, name, path in pages(office, stages):
            if name in README and person:
                page = seat(browser, office, person, language="en", width=1280)
                page.goto(path)
                settle(page)
                picture, height = README[name]
                clip = {"x": 0, "y": 0, "width": 1280, "height": height}
                page.screenshot(path=out / f"{picture}.png", full_page=True, clip=clip)  # type: ignore[arg-type]
                page.context.close()


@contextmanager
def furnished_office() -> Iterator[tuple[Office, dict[str, str]]]:
    """Open an office on a Monday noon, with its cases by stage."""
    clock = MovedClock(MONDAY)
    with TemporaryDirectory() as folder:
        app = build_app(furnish_database(Path(folder) / "guicheng.db"), clock)
        with served(app, clock) as office:
            yield office, furnish(office)


def shoot_all(
    browser: Browser, office: Office, stages: dict[str, str], *, out: Path, language: str, width: int
) -> None:
    """Take the pictures of one language and width."""
    for person, shown in groupby(pages(office, stages), key=lambda page: page[0]):
        page = seat(browser, office, person, language=language, width=width)
        for _, name, path in shown:
            page.goto(path)
            settle(page)
            page.screenshot(path=out / f"{name}-{language}-{width}.png", full_page=True)
        page.context.close()


def pages(office: Office, stages: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield who looks, the picture's name and the address."""

    def case(stage: str) -> str:
        return f"/cases/{office.parts.engine.instance_by_key(stages[stage]).id}"

    def task(stage: str, element: str) -> str:
        return f"/tasks/{office.task(stages[stage], element)}"

    yield "", "login", "/login"
    yield "u_desk1", "inbox", "/"
    yield "u_desk1", "processes", "/processes/"
    yield "u_desk1", "process", "/processes/incident"
    yield "u_desk1", "start", "/processes/incident/start/reported"
    yield "u_desk1", "task-log", task("alert", "log")
    yield "u_desk1", "task-first-line", task("first_line", "first_line")
    yield "u_desk1", "task-callback", task("called", "callback")
    yield "u_eng2", "task-resolve", task("resolving", "resolve")
    yield "u_eng2", "inbox-engineer", "/?scope=mine"
    yield "u_zheng", "cases", "/cases/"
    yield "u_zheng", "case", case("resolving")
    yield "u_zheng", "case-closed", case("closed")
    yield "u_zheng", "case-major", case("major")
    yield "u_zheng", "record", f"/records/{stages['resolving']}"
    yield "u_zheng", "record-closed", f"/records/{stages['closed']}"
    yield "u_zheng", "record-ci", "/records/SW-BJ1-001"
    yield "u_zheng", "record-customer", "/records/C003"
    yield "u_zheng", "record-knowledge", "/records/KB-0001"
    yield "u_zheng", "register", "/registers/incident"
    yield "u_zheng", "register-ci", "/registers/ci"
    yield "u_zheng", "register-problem", "/registers/problem"
    yield "u_wu", "mails", "/mails/"
    yield "u_zheng", "mail", "/mails/1"
    yield "u_wu", "operations", "/operations/"
    yield "u_zheng", "missing", "/records/INC-0000-00000"
    yield "u_zheng", "people", "/people"
    yield "admin", "inbox-empty", "/"
    yield "admin", "operations", "/operations/"


def seat(browser: Browser, office: Office, person: str, *, language: str, width: int) -> Page:
    """Open a browser window in a language and width, signed in as a person; nobody if there is no name."""
    window = {"width": width, "height": WIDTHS[width]}
    context = browser.new_context(viewport=window, base_url=office.url, color_scheme="light")  # type: ignore[arg-type]
    context.add_cookies([{"name": "language", "value": LANGUAGES[language], "url": office.url}])
    page = context.new_page()
    if person:
        page.goto("/login")
        page.fill("#login", person)
        page.fill("#password", PASSWORD)
        page.click("main button.btn-primary")
        page.wait_for_url("**/")
    return page


def settle(page: Page) -> None:
    """Wait until diagrams are drawn and fonts are there."""
    page.wait_for_load_state("networkidle")
    for _ in page.locator("[data-diagram]").all():
        page.wait_for_selector("[data-diagram][data-ready]")
    page.evaluate("document.fonts.ready")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    shoot_for_readme(folder) if "--readme" in sys.argv else shoot(folder)
