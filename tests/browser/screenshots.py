"""Pictures of the main pages, in both languages, wide and narrow: `python -m tests.browser.screenshots OUT`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page

from tests.browser.chromium import chromium
from tests.browser.lived_in import furnish
from tests.browser.office import Office, served

LANGUAGES = {"en": "en", "zh": "zh_CN"}
WIDTHS = {1280: 800, 390: 844}


def shoot(out: Path, *, only: str = "") -> None:
    """Write every page's picture as `<page>-<language>-<width>.png` into the folder."""
    from engine import MovedClock
    from tests.conftest import MONDAY, build_app, furnish_database

    out.mkdir(parents=True, exist_ok=True)
    clock = MovedClock(MONDAY)
    with TemporaryDirectory() as folder:
        database = Path(folder) / "guicheng.db"
        furnish_database(database)
        app = build_app(database, clock)
        with served(app, clock) as office, chromium() as browser:
            stages = furnish(office)
            for language in LANGUAGES:
                for width in WIDTHS:
                    shoot_all(browser, office, stages, out=out, language=language, width=width, only=only)


def shoot_all(
    browser: Browser, office: Office, stages: dict[str, str], *, out: Path, language: str, width: int, only: str
) -> None:
    """Take the pictures of one language and width."""
    for person in ("", "u_desk1", "u_eng2", "u_zheng", "admin"):
        wanted = [(name, path) for who, name, path in pages(office, stages) if who == person and only in name]
        if not wanted:
            continue
        context = browser.new_context(
            viewport={"width": width, "height": WIDTHS[width]}, base_url=office.url, color_scheme="light"
        )
        context.add_cookies([{"name": "language", "value": LANGUAGES[language], "url": office.url}])
        page = context.new_page()
        if person:
            enter(page, person)
        for name, path in wanted:
            page.goto(path)
            settle(page)
            page.screenshot(path=out / f"{name}-{language}-{width}.png", full_page=True)
        context.close()


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


def enter(page: Page, person: str) -> None:
    """Sign in."""
    page.goto("/login")
    page.fill("#login", person)
    page.fill("#password", "guicheng-demo")
    page.click("main button.btn-primary")
    page.wait_for_url("**/")


def settle(page: Page) -> None:
    """Wait until diagrams are drawn and fonts are there."""
    page.wait_for_load_state("networkidle")
    for _ in page.locator("[data-diagram]").all():
        page.wait_for_selector("[data-diagram][data-ready]")
    page.evaluate("document.fonts.ready")


if __name__ == "__main__":
    shoot(Path(sys.argv[1]), only=sys.argv[2] if len(sys.argv) > 2 else "")
