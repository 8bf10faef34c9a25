"""How the pages behave when people make mistakes, meet each other, or may not."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Seat
from tests.browser.office import CONFIRMED, RESOLVED, RESTORED, Office
from tests.browser.test_incident import send_alert

pytestmark = pytest.mark.browser


def test_wrong_values_are_explained_and_kept(office: Office, seat: Seat) -> None:
    """All errors are listed on top with links to their fields, nothing typed is lost, and the page is accessible."""
    number = office.solved()
    person = seat("u_desk1")
    person.refused.add(422)
    person.open(f"/tasks/{office.task(number, 'callback')}")
    person.fill({"result": "rejected"})
    person.complete()
    problems = person.page.locator(".form-problems")
    assert problems.locator("li").all_inner_texts() == [
        "Comment: This field is required.",
        "Closure code: This field is required.",
    ]
    assert person.page.locator("[name=result][value=rejected]").is_checked()
    problems.locator("a").first.click()
    assert person.page.evaluate("document.activeElement.name") == "comment"
    person.check()


def test_second_of_two_is_told_who_was_first(office: Office, seat: Seat) -> None:
    """Two people open one task; the second to send learns who completed it and what the case waits for now."""
    number = office.solved()
    address = f"/tasks/{office.task(number, 'callback')}"
    first, second = seat("u_desk1"), seat("u_desk2")
    second.refused.add(409)
    for person in (first, second):
        person.open(address)
        person.fill(CONFIRMED)
    first.complete()
    second.complete()
    assert "already completed by Wang Fang" in second.notes
    assert "Approve article" in second.text
    second.check()


def test_who_resolved_may_not_confirm(office: Office, seat: Seat) -> None:
    """The task says so before anything is typed: the rule, its reason, and no button to press."""
    number = office.assigned("u_eng1", impact="high")
    office.do(number, "resolve", "u_eng1", RESOLVED)
    person = seat("u_eng1")
    person.refused.add(403)
    address = f"/tasks/{office.task(number, 'restore')}"
    person.open(address)
    assert "SOD-09" in person.notes
    assert person.page.locator("#task-form .panel-foot .btn-primary").is_disabled()
    person.check()
    person.page.evaluate("document.querySelector('#task-form').requestSubmit()")
    person.page.wait_for_selector(".error-code")
    assert person.heading == "This is not allowed"
    assert "SOD-09" in person.text
    person.check()
    office.do(number, "restore", "u_ops1", RESTORED)


def test_addresses_that_lead_nowhere_lead_back(seat: Seat) -> None:
    """A wrong address is a page with the areas and a way to the inbox."""
    person = seat("u_desk1")
    person.refused.add(404)
    for path in ("/nowhere", "/records/INC-0000-00000", "/tasks/4711", "/cases/4711", "/registers/none"):
        person.open(path)
        assert person.heading == "There is nothing here"
        assert person.page.locator(".rail nav a").count() > 5
    person.check()
    person.page.click("main .btn-secondary")
    assert person.heading == "Inbox"


def test_session_that_has_ended_leads_through_the_door_and_back(office: Office, seat: Seat) -> None:
    """Whoever's session has ended signs in and is where they wanted to go; a form sent without one says what to do."""
    person = seat("u_desk1")
    address = f"/tasks/{office.task(office.logged(), 'first_line')}"
    person.open(address)
    person.standing_at()  # whatever the page asks for renews the session
    person.context.clear_cookies()
    person.complete()
    assert person.page.locator("#login").count() == 1
    assert "signed out" in person.notes
    person.check()
    person.page.fill("#login", "u_desk1")
    person.page.fill("#password", "guicheng-demo")
    person.page.click("main button.btn-primary")
    assert person.page.url.endswith(address)


def test_second_alert_is_merged_for_all_to_see(office: Office, seat: Seat) -> None:
    """The duplicate's record says what it was merged into, and the open incident counts it in its timeline."""
    first, second = send_alert(office), send_alert(office)
    person = seat("u_zheng")
    person.open(f"/records/{second}")
    assert person.heading == f"{second} Merged"
    person.page.locator("aside a", has_text=first).first.click()
    assert person.heading.startswith(first)
    assert second in person.page.locator("#notes").inner_text()
    person.check()
