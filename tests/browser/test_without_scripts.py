"""Working with JavaScript switched off: everything but the drawing is there."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Seat
from tests.browser.office import CONFIRMED, RESOLVED, RESTORED, Office
from tests.browser.person import Person

pytestmark = pytest.mark.browser

REVIEW = {
    "timeline": "10:00 hot, 10:20 cool",
    "business_impact": "None",
    "cause": "A valve",
    "what_went_wrong": "The alarm came late",
}


def test_major_incident_is_reviewed_without_scripts(office: Office, seat: Seat) -> None:
    """Rows are added and removed, people picked by name, and what was typed stays meanwhile."""
    number = to_be_reviewed(office)
    person = seat("u_ops", scripts=False)
    person.open_task(number)
    assert person.heading == "Review major incident"
    assert "The drawing needs JavaScript" in person.page.content()
    person.fill(REVIEW)
    fill_row(person, 0, action="Replace the valve", owner="Han Mei", due="2025-03-10")
    send(person, "Add a row")
    send(person, "Add a row")
    fill_row(person, 1, action="Forget this", owner="u_ops1", due="2025-03-11")
    fill_row(person, 2, action="Move the sensor", owner="u_ops1", due="2025-03-12")
    person.page.get_by_role("button", name="Remove row 2").click()
    assert row(person, 0)[0] == "Replace the valve"
    assert row(person, 1)[0] == "Move the sensor"
    assert person.page.locator("[name=what_went_wrong]").input_value() == "The alarm came late"
    person.page.locator('input[type=text][name="attendees"]').fill("Wei")
    send(person, "Add")
    person.page.locator("select[name=attendees]").select_option("u_eng1")
    person.complete()
    assert "Done: Review major incident" in person.notes
    person.open(f"/records/{number}")
    assert "Move the sensor" in person.text
    assert "Forget this" not in person.text
    assert "Wei Dong" in person.text


def test_question_that_comes_up_is_asked_before_it_counts(office: Office, seat: Seat) -> None:
    """Whoever confirms without having seen the question of satisfaction is asked it, with everything typed kept."""
    number = office.solved()
    person = seat("u_desk1", scripts=False)
    person.open_task(number)
    assert person.page.locator("[name=satisfaction]").count() == 0
    person.fill({"result": "confirmed", "comment": "Friendly", "closure_code": "fixed"})
    person.complete()
    assert person.heading == "Call back and confirm closure"
    assert person.page.locator("[name=comment]").input_value() == "Friendly"
    person.fill({"satisfaction": "4"})
    person.complete()
    assert "Done: Call back and confirm closure" in person.notes


def to_be_reviewed(office: Office) -> str:
    """Bring a major incident to its review; returns its number."""
    number = office.logged(impact="high", urgency="high")
    office.do(number, "major", "u_zheng", {"manager": "u_pm1", "bridge": "8001", "comms_interval_min": "30"})
    office.do(number, "assign", "u_pm1", {"group": "tech_group", "assignee": "u_eng2"})
    office.do(number, "resolve", "u_eng2", RESOLVED)
    office.do(number, "restore", "u_ops1", RESTORED)
    office.do(number, "callback", "u_desk1", CONFIRMED)
    return number


def send(person: Person, button: str) -> None:
    """Press a button inside the form by the words on it."""
    with person.page.expect_navigation():
        person.page.locator("#form-body button", has_text=button).first.click()


def fill_row(person: Person, number: int, **values: str) -> None:
    """Fill in a row of the table of actions."""
    for column, value in values.items():
        person.page.locator(f'[name="actions-{number}-{column}"]').fill(value)


def row(person: Person, number: int) -> list[str]:
    """What stands in a row."""
    inputs = person.page.locator(".form-table tbody tr").nth(number).locator("input")
    return [one.input_value() for one in inputs.all()]
