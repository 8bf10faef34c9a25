"""Working: inbox, tasks, cases, as people meet them in the browser."""

from __future__ import annotations

import contextlib
import html
import re
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, event

from tests.conftest import Browser

if TYPE_CHECKING:
    from flask import Flask

Of = Callable[[str], Browser]
REPORT = {"channel": "phone", "customer": "C002", "contact": "Ms Li", "text": "Disk full on the shop's server"}
CLASSIFIED = {
    "channel": "phone", "ticket_type": "incident", "customer": "C002", "contact": "Ms Li", "title": "Disk full",
    "description": "No orders since 09:40.", "service": "SVC-HOST", "ci": "SRV-BJ1-102", "category": "host",
    "impact": "medium", "urgency": "medium",
}  # fmt: skip


def words(page: str) -> str:
    """Return what a reader reads of a page's work area."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.find("<main") :])))


@pytest.fixture
def desk(client_of: Of) -> Browser:
    """The service desk's first agent."""
    return client_of("u_desk1")


@pytest.fixture
def reported(desk: Browser) -> str:
    """The address of the first task of a case that was just reported by phone."""
    answer = desk.post("/processes/incident/start/reported", REPORT)
    assert answer.status_code == 302, words(answer.text)
    return str(answer.location)


def test_starting_leads_to_the_first_task(desk: Browser, reported: str) -> None:
    """Whoever starts a case and may do its first task goes straight on."""
    page = words(desk.get(reported).text)
    assert "INC-2025-00001 has begun." in page
    assert "Log and classify" in page
    assert "Due 03-03 10:10 · in 10 min" in page


def test_a_start_form_comes_back_with_all_errors_and_what_was_typed(desk: Browser) -> None:
    """Nothing typed is lost, and every mistake is said at once."""
    answer = desk.post("/processes/incident/start/reported", {"contact": "Ms Li", "customer": "C999"})
    assert answer.status_code == 422
    assert 'value="Ms Li"' in answer.text
    assert words(answer.text).count("This field is required.") >= 2
    assert desk.tasks() == []


def test_the_inbox_counts_and_filters(desk: Browser, reported: str, tick: Callable[..., None]) -> None:
    """Tabs count, search finds by number, and only-overdue shows what is late."""
    assert [name for _, name in desk.tasks("00001")] == ["Log and classify"]
    assert desk.tasks("00002") == []
    assert "Nothing fits these filters" in desk.get("/?overdue=1").text
    tick(timedelta(minutes=15))
    page = desk.get("/?overdue=1").text
    assert 'class="is-late"' in page
    assert "overdue 5 min" in words(page)


def test_nonsense_in_the_address_still_shows_the_inbox(desk: Browser, reported: str) -> None:
    """A mistyped or malicious address never breaks a list."""
    page = desk.get("/?scope=%00&order=drop&page=-7&process='--&text=%25%27")
    assert page.status_code == 200


def test_claiming_and_releasing(desk: Browser, client_of: Of, reported: str) -> None:
    """A claimed task names its person to others; released, it is free again."""
    assert desk.post(f"{reported}/claim").status_code == 302
    other = words(client_of("u_desk2").get(reported).text)
    assert "claimed by" in other
    assert "Wang Fang" in other
    assert desk.post(f"{reported}/release").location == "/"
    assert "nobody yet" in words(client_of("u_desk2").get(reported).text)


def test_completing_goes_on_and_says_so(desk: Browser, reported: str) -> None:
    """The person sees the next task at once, with what the process worked out."""
    answer = desk.post(reported, CLASSIFIED)
    assert answer.status_code == 302, words(answer.text)
    page = words(desk.get(answer.location).text)
    assert "First-line support" in page
    assert "KB-0001" in page  # suggested knowledge
    assert "Priority P3" in page
    assert "Response running Due 03-03 12:00" in page


def test_a_wrong_value_brings_the_form_back(desk: Browser, reported: str) -> None:
    """All errors, what was typed, and the task still open."""
    answer = desk.post(reported, {**CLASSIFIED, "impact": "enormous", "ci": "SW-NOWHERE", "contact": ""})
    assert answer.status_code == 422
    page = words(answer.text)
    assert "Contact: This field is required." in page
    assert "No orders since 09:40." in answer.text
    assert "Log and classify" in dict(desk.tasks()).values()


def test_completing_twice_tells_who_was_first(desk: Browser, client_of: Of, reported: str) -> None:
    """One success, one clear page that names the person."""
    assert desk.post(reported, CLASSIFIED).status_code == 302
    answer = client_of("u_desk2").post(reported, CLASSIFIED)
    assert answer.status_code == 409
    assert "already completed by Wang Fang" in words(answer.text)
    assert "already completed by Wang Fang" in words(desk.get(reported).text)


def test_work_is_closed_to_other_roles(client_of: Of, reported: str) -> None:
    """Somebody without the role sees why, and a post is refused with the rule's id."""
    engineer = client_of("u_eng1")
    assert "for role" in words(engineer.get(reported).text)
    answer = engineer.post(reported, CLASSIFIED)
    assert answer.status_code == 403
    assert "Rule ROLE" in words(answer.text)


def test_cases_are_closed_to_strangers_of_the_process(client_of: Of, reported: str) -> None:
    """Who has nothing to do with a process can't tell that its case exists."""
    finance = client_of("u_fin")
    for path in (reported, "/cases/1", "/cases/1/state.json"):
        assert finance.get(path).status_code == 404, path
    assert "INC-2025-00001" not in finance.get("/cases/").text


def test_the_case_page_tells_the_story(desk: Browser, reported: str) -> None:
    """Diagram, history, record, clocks and open work on one page; the diagram only there relaxes styles."""
    desk.post(reported, CLASSIFIED)
    answer = desk.get("/cases/1")
    page = words(answer.text)
    assert "Completed: Log and classify · Wang Fang" in page
    assert "Decided: Set priority" in page
    assert "machine steps" in page
    assert 'data-diagram="/definitions/incident/1/diagram.bpmn"' in answer.text
    assert "style-src 'self' 'unsafe-inline'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in desk.get("/").headers["Content-Security-Policy"]


def test_the_diagram_speaks_the_readers_language(desk: Browser) -> None:
    """Names are translated on the way to the viewer, ids are not; a second request is answered 304."""
    english = desk.get("/definitions/incident/1/diagram.bpmn")
    assert 'name="Log and classify"' in english.text
    again = desk.client.get("/definitions/incident/1/diagram.bpmn", headers={"If-None-Match": english.headers["ETag"]})
    assert again.status_code == 304
    desk.client.set_cookie("language", "zh_CN")
    chinese = desk.get("/definitions/incident/1/diagram.bpmn")
    assert 'id="log" name="登记与分类"' in chinese.text


def test_state_marks_where_the_case_stands(desk: Browser, reported: str) -> None:
    """The viewer learns what is done, what is open and which way it went."""
    state = desk.get("/cases/1/state.json").json
    assert state["elements"]["log"]["status"] == "active"
    assert state["elements"]["inc_number"]["status"] == "completed"
    assert state["flows"]


def test_a_message_reaches_the_case(desk: Browser, reported: str) -> None:
    """What is new goes into the record's timeline; an empty message is refused with its form."""
    desk.post(reported, CLASSIFIED)
    empty = desk.post("/cases/1/messages/incident.updated", {"text": ""})
    assert empty.status_code == 422
    assert "This field is required." in words(empty.text)
    assert desk.post("/cases/1/messages/incident.updated", {"text": "It is two servers."}).location == "/cases/1"
    assert "It is two servers." in words(desk.get("/records/INC-2025-00001").text)


@pytest.mark.parametrize("name", ["sla.response_breached", "incident.reprioritise", "no.such"])
def test_people_send_only_what_is_offered_to_them(client_of: Of, reported: str, name: str) -> None:
    """Machines' messages and other roles' messages are refused."""
    answer = client_of("u_ops1").post(f"/cases/1/messages/{name}", {"reason": "x"})
    assert answer.status_code == 403
    assert "Rule MESSAGE" in words(answer.text)


def test_only_the_owner_ends_a_case_by_hand(desk: Browser, client_of: Of, reported: str) -> None:
    """Ending needs the process owner and a reason."""
    assert "End the case" not in desk.get("/cases/1").text
    assert desk.post("/cases/1/cancel", {"reason": "test"}).status_code == 403
    owner = client_of("u_wu")
    assert owner.post("/cases/1/cancel", {"reason": " "}).status_code == 422
    assert owner.post("/cases/1/cancel", {"reason": "Opened by mistake"}).location == "/cases/1"
    page = words(owner.get("/cases/1").text)
    assert "ended early" in page
    assert "Opened by mistake" in page


def test_registers_list_filter_and_sort(desk: Browser, reported: str) -> None:
    """Columns come from the definition; filters and order live in the address."""
    desk.post(reported, CLASSIFIED)
    page = words(desk.get("/registers/incident?text=disk&priority=P3&order=-title").text)
    assert "INC-2025-00001" in page
    assert "Qiming Education" in page
    assert "INC-2025-00001" not in words(desk.get("/registers/incident?priority=P1").text)
    assert desk.get("/registers/incident?order=description").status_code == 422


def test_a_record_shows_links_both_ways_and_takes_notes(desk: Browser, reported: str) -> None:
    """The incident links to its customer, the customer back to the incident; notes name their author."""
    desk.post("/records/INC-2025-00001/notes", {"text": "Called back."})
    page = words(desk.get("/records/INC-2025-00001").text)
    assert "Called back." in page
    assert "C002 Qiming Education" in page
    assert "INC-2025-00001" in words(desk.get("/records/C002").text)
    assert desk.post("/records/INC-2025-00001/notes", {"text": " "}).status_code == 422


def test_pickers_answer_while_one_types(desk: Browser) -> None:
    """Records and people are found by name or key."""
    assert "Qiming Education (C002)" in desk.get("/pickers/customer?_field=customer&customer=qiming").text
    assert "(u_eng1)" in desk.get("/pickers/user?_field=who&who=wei").text
    assert desk.get("/pickers/nowhere?_field=q&q=x").status_code == 404


def test_mails_are_shown_as_they_leave(desk: Browser, client_of: Of, reported: str, tick: Callable[..., None]) -> None:
    """The outbox keeps what people were told, for those who answer for processes."""
    desk.post(reported, {**CLASSIFIED, "impact": "high", "urgency": "high"})
    tick()
    mail = re.search(r"/mails/(\d+)", client_of("u_wu").get("/mails/").text)
    assert mail
    assert "INC-2025-00001" in words(client_of("u_wu").get(mail[0]).text)


@pytest.mark.parametrize(
    "path", ["/tasks/999", "/cases/999", "/records/NONE", "/registers/none", "/processes/none", "/mails/999", "/none"]
)
def test_what_is_not_there_says_so_kindly(desk: Browser, path: str) -> None:
    """A 404 is a page of ours with a way back."""
    answer = desk.get(path)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text
    assert "To the inbox" in answer.text


def test_too_large_a_post_is_refused(desk: Browser, reported: str) -> None:
    """Three megabytes are no description."""
    answer = desk.post(reported, {"description": "x" * 3_000_000})
    assert answer.status_code == 413
    assert "Nothing was stored" in answer.text


def test_a_defect_gets_a_number(app: Flask, desk: Browser, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Even with a broken database the page shows an error id that the log has too, and no detail."""
    with contextlib.closing(sqlite3.connect(tmp_path / "guicheng.db")) as connection:
        connection.execute("ALTER TABLE person RENAME TO nobody")
    app.testing = False
    answer = desk.get("/")
    assert answer.status_code == 500
    number = re.search(r"tell the operators this number: (\w+)", answer.text)
    assert number
    assert f"error {number[1]} on GET /" in caplog.text
    assert "Traceback" not in answer.text


def test_a_list_costs_the_same_however_long_it_is(desk: Browser) -> None:
    """Statements per page are constant: no query per row."""
    desk.post("/processes/incident/start/reported", REPORT)
    pages = ("/", "/cases/", "/registers/incident", "/people")
    short = [statements(desk, page) for page in pages]
    for customer in ("C001", "C002", "C003"):
        desk.post("/processes/incident/start/reported", {**REPORT, "customer": customer})
    assert [statements(desk, page) for page in pages] == short


def statements(browser: Browser, page: str) -> int:
    """Count the SQL statements that a page costs."""
    seen: list[str] = []

    def note(*arguments: Any) -> None:
        seen.append(arguments[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert browser.get(page).status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len(seen)


def test_operations_are_closed_to_staff(desk: Browser) -> None:
    """Failed jobs and waiting messages show what is in cases: only owners and administrators see them."""
    answer = desk.get("/operations/")
    assert answer.status_code == 403
    assert "Rule OPERATE" in words(answer.text)
    assert "/operations/" not in desk.get("/").text


def test_a_message_without_receiver_is_shown_with_its_case(desk: Browser, client_of: Of, reported: str) -> None:
    """A complaint is handed over to a process that doesn't exist yet: the record shows that it waits."""
    answer = desk.post(reported, {**CLASSIFIED, "ticket_type": "complaint"})
    assert answer.status_code == 302, words(answer.text)
    owner = client_of("u_wu")
    for path in ("/records/INC-2025-00001", "/cases/1", "/operations/"):
        page = words(owner.get(path).text)
        assert "complaint.received" in page, path
    assert "waits for its receiver" in words(desk.get("/records/INC-2025-00001").text)


def test_people_are_listed_with_their_roles(desk: Browser) -> None:
    """Who holds which post, found by name."""
    page = words(desk.get("/people?text=wei+dong").text)
    assert "u_eng1" in page
    assert "Support engineer" in page
    assert "u_fin" not in page
