"""Every kind of page, as full as on a Monday morning: accessible, within its window, without complaints."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import Seat, seating
from tests.browser.office import Office
from tests.browser.screenshots import furnished_office, pages
from tests.browser.test_without_scripts import to_be_reviewed

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


# On a narrow window the frame, cards and forms differ from a wide one; every other page is made of the same parts.
NARROW = frozenset({"login", "inbox", "task-log", "case", "record", "register"})
# Further pages of a kind; the tasks are judged one by one where the incident is worked.
REPEATED = frozenset({"case-closed", "case-major", "record-closed", "record-customer", "inbox-engineer", "register-ci"})


@pytest.fixture(scope="module")
def monday() -> Iterator[tuple[Office, dict[str, str]]]:
    """An office at noon, with its cases by stage; nobody changes anything there."""
    with furnished_office() as found:
        yield found


@pytest.mark.parametrize(
    ("language", "width"), [("en", 1280), ("zh_CN", 390)], ids=["English, wide", "Chinese, narrow"]
)
def test_every_page_is_fit_to_be_used(
    browser: Browser, monday: tuple[Office, dict[str, str]], language: str, width: int
) -> None:
    """No serious finding of axe-core, nothing wider than the window, nothing in the console, nobody else is asked."""
    office, stages = monday
    with seating(browser, office) as seat:
        for user_id, shown in groupby(pages(office, stages), key=lambda page: page[0]):
            person = seat(user_id, language=language, width=width, signed_in=bool(user_id))
            for _, name, path in shown:
                person.refused = {404} if name == "missing" else set()
                person.open(path)
                person.check_fit()
                if name in NARROW if width < 400 else not (name in REPEATED or name.startswith("task-")):
                    assert person.violations() == [], path


def test_table_of_a_form_fits_a_phone(office: Office, seat: Seat) -> None:
    """A table to be filled in stands as cards, every cell with its label, and adding a row keeps it so."""
    number = to_be_reviewed(office)
    person = seat("u_ops", width=390)
    person.open(f"/tasks/{office.task(number, 'major_review')}")
    person.page.get_by_role("button", name="Add a row").click()
    person.page.locator("label", has_text="Owner, row 2").wait_for(state="visible")
    person.check()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_themes_have_enough_contrast(office: Office, seat: Seat, theme: str) -> None:
    """Inbox, task and record can be read in the light and in the dark; a late task too."""
    number = office.assigned(impact="high")
    office.pass_time(office.parts.engine.next_due() - office.clock.now())
    person = seat("u_eng2", theme=theme)
    paper = person.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(246, 245, 241)", "dark": "rgb(20, 23, 26)"}[theme]
    for path in ("/", f"/tasks/{office.task(number, 'resolve')}", f"/records/{number}"):
        person.open(path)
        person.check()
