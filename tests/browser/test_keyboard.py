"""Working without a mouse."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.browser.conftest import Seat
from tests.browser.office import Office
from tests.browser.person import Person
from tests.conftest import SHANGHAI

pytestmark = pytest.mark.browser

FOCUSED = "document.activeElement.name || document.activeElement.id"
# what the keyboard does at each field, in the order of the form; nothing: the field keeps what it has
KEYS = {
    "channel": ["Space"],
    "ticket_type": ["S", "e", "r"],
    "customer": [*"C003"],
    "contact": [*"Ma"],
    "title": [*"Gate"],
    "description": [*"Stuck"],
    "service": [*"SVC-COLO"],
    "ci": [*"LNK-BJ1-001"],
    "category": ["F", "a"],
    "occurred_at": [*"03032025", "ArrowRight", *"0930", "A"],
    "impact": ["Space", "ArrowRight"],
    "urgency": ["Space", "ArrowRight", "ArrowRight"],
    "customers_affected": ["2"],
    "security_flag": ["Space"],
    "data_loss": ["Space"],
}


def test_log_form_can_be_filled_and_sent_by_keyboard(office: Office, seat: Seat) -> None:
    """Tab reaches every field in order, also one that comes up on the way; keys fill them; Enter sends."""
    number = office.alert(ci="", text="")
    person = seat("u_desk1")
    person.open(f"/tasks/{office.task(number, 'log')}")
    for name, keys in KEYS.items():
        tab_to(person, name)
        press(person, name, keys)
    tab_to(person, "_complete")
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")
    assert "Log and classify" in person.notes
    with office.parts.registers.begin(None, office.clock.now()) as registers:
        fields = registers.get(number).fields
    assert (fields["ticket_type"], fields["customer"], fields["ci"]) == ("service_request", "C003", "LNK-BJ1-001")
    assert (fields["category"], fields["impact"], fields["urgency"]) == ("facility", "medium", "low")
    assert (fields["customers_affected"], fields["security_flag"], fields["data_loss"]) == (2, True, True)
    assert fields["occurred_at"] == datetime(2025, 3, 3, 9, 30, tzinfo=SHANGHAI)


def test_skip_link_leads_past_the_areas(office: Office, seat: Seat) -> None:
    """The first Tab shows the link; Enter goes to the content; the next Tab is the first control there."""
    person = seat("u_desk1")
    person.page.keyboard.press("Tab")
    link = person.page.locator("a.skip")
    assert person.page.evaluate("document.activeElement.className") == "skip"
    assert (link.bounding_box() or {})["y"] >= 0
    person.page.keyboard.press("Enter")
    assert person.page.evaluate("document.activeElement.id") == "work"
    person.page.keyboard.press("Tab")
    assert person.page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_focus_is_visible_everywhere(office: Office, seat: Seat) -> None:
    """Whatever Tab reaches on a task's page changes its looks while it has the focus."""
    number = office.logged()
    person = seat("u_desk1")
    person.open(f"/tasks/{office.task(number, 'first_line')}")
    person.standing_at()
    seen = {}
    for _ in range(60):
        person.page.keyboard.press("Tab")
        name, ring = person.page.evaluate(
            "e => [e.tagName + ' ' + e.textContent.trim().slice(0, 30) + (e.name || ''), e === document.body ? 'page'"
            " : getComputedStyle(e).outlineStyle + ' ' + getComputedStyle(e).boxShadow]",
            person.page.evaluate_handle("document.activeElement"),
        )
        seen[name] = ring
    assert len(seen) > 30
    assert [name for name, ring in seen.items() if ring == "none none"] == []


def tab_to(person: Person, name: str) -> None:
    """Press Tab until a control has the focus."""
    for _ in range(60):
        person.page.keyboard.press("Tab")
        if person.page.evaluate(FOCUSED) == name:
            return
    raise AssertionError(f"Tab doesn't reach {name}")


def press(person: Person, name: str, keys: list[str]) -> None:
    """Press keys in a field; where the form follows the answer, wait for it, and the focus must have stayed."""
    follows = person.page.evaluate("document.activeElement.hasAttribute('hx-post')")
    if not follows:
        for key in keys:
            person.page.keyboard.press(key)
        return
    with person.page.expect_response(lambda answer: answer.request.method == "POST"):
        for key in keys:
            person.page.keyboard.press(key)
    person.settle()
    assert person.page.evaluate(FOCUSED) == name
