"""What an attacker tries: forged posts, stolen cookies, hostile texts, broken JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine import MovedClock
from tests.conftest import PASSWORD, Browser
from tests.web.test_door import MACHINES, addresses
from tests.web.test_work import CLASSIFIED, REPORT, words

if TYPE_CHECKING:
    from flask import Flask

Of = Callable[[str], Browser]
Headers = Callable[[str], dict[str, str]]
ALERT = {"source": "zabbix", "alert_key": "k1", "ci": "SW-BJ1-001", "severity": "critical", "text": "No ping"}
MARKUP = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
INCIDENT = "INC-2025-00001"


@pytest.fixture
def desk(client_of: Of) -> Browser:
    """The service desk's first agent."""
    return client_of("u_desk1")


@pytest.fixture
def send(anyone: Browser, api_token: Headers) -> Callable[..., Any]:
    """Post JSON text to an address of the API, with a token for it."""

    def post(address: str, body: Any, **headers: str) -> Any:
        text = body if isinstance(body, (str, bytes)) else json.dumps(body)
        given = {**api_token(address), **headers}
        return anyone.client.post(f"/api/v1/{address}", data=text, content_type="application/json", headers=given)

    return post


# --- the door ---------------------------------------------------------------------------------------------------------


def test_every_post_of_a_person_needs_the_mark(app: Flask, desk: Browser) -> None:
    """No route that changes something takes a form without its CSRF token, nor with another session's."""
    other = Browser(app.test_client())
    other.get("/login")
    for endpoint, method, path in addresses(app):
        if method == "GET" or endpoint in MACHINES:
            continue
        for mark in ("", "nonsense", other.csrf):
            answer = desk.client.post(path, data={"csrf_token": mark}, headers=desk.headers)
            assert answer.status_code == 400, (endpoint, mark)


def test_only_two_methods_are_answered(app: Flask) -> None:
    """Pages by GET, acts by POST; other methods have no route that could be forgotten."""
    assert {method for _, method, _ in addresses(app)} == {"GET", "POST"}


def test_a_session_is_new_after_signing_in(anyone: Browser) -> None:
    """Whoever planted a cookie before doesn't share the session, and the old CSRF token is worth nothing."""
    anyone.get("/login")
    planted, mark = anyone.client.get_cookie("session"), anyone.csrf
    anyone.sign_in("u_desk1")
    now = anyone.client.get_cookie("session")
    assert planted is not None
    assert now is not None
    assert planted.value != now.value
    assert anyone.client.post("/logout", data={"csrf_token": mark}).status_code == 400


def test_signing_out_ends_copies_of_the_cookie(app: Flask, anyone: Browser) -> None:
    """A cookie that was copied before is worth nothing afterwards."""
    anyone.sign_in("u_desk1")
    copied = anyone.client.get_cookie("session")
    assert copied
    thief = app.test_client()
    thief.set_cookie("session", copied.value)
    assert thief.get("/processes/").status_code == 200
    anyone.post("/logout")
    assert thief.get("/processes/").location.startswith("/login")


def test_an_unused_session_runs_out(app: Flask, anyone: Browser) -> None:
    """Twelve hours; the clock in the cookie's signature decides, not the cookie's own expiry."""
    anyone.sign_in("u_desk1")
    assert app.permanent_session_lifetime == timedelta(hours=12)
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(seconds=-1)
    assert anyone.get("/processes/").status_code == 302


def test_a_forged_session_opens_nothing(anyone: Browser) -> None:
    """A cookie that isn't signed by us is as good as none."""
    anyone.client.set_cookie("session", "eyJfdXNlcl9pZCI6ImFkbWluIn0.aaaaaa.AAAAAAAAAAAAAAAAAAAAAAAAAAA")
    assert anyone.get("/").location.startswith("/login")


def test_a_stranger_cannot_shut_somebody_out(app: Flask, anyone: Browser) -> None:
    """Guessing in a person's name throttles the guesser, not the browser that the person has used before."""
    anyone.sign_in("u_desk1")
    anyone.post("/logout")
    stranger = Browser(app.test_client(), headers={"Accept-Language": "en"})
    for _ in range(5):
        assert stranger.sign_in("u_desk1", "wrong").status_code == 422
    assert stranger.sign_in("u_desk1").status_code == 429
    assert anyone.sign_in("u_desk1").status_code == 302


def test_a_known_browser_guesses_no_more_than_others(anyone: Browser) -> None:
    """The mark of a known browser is for its person only, and it is throttled as well."""
    anyone.sign_in("u_desk1")
    anyone.post("/logout")
    statuses = [anyone.sign_in("u_desk1", "wrong").status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    assert [anyone.sign_in("u_desk2", "wrong").status_code for _ in range(6)] == [422] * 5 + [429]


def test_guessing_many_logins_from_one_address_is_throttled(anyone: Browser) -> None:
    """One password tried on everybody ends after twenty people."""
    statuses = [anyone.post("/login", {"login": f"u_{n}", "password": "x"}).status_code for n in range(22)]
    assert 429 in statuses[20:] or statuses.count(400) == 22


@pytest.mark.parametrize("login", ["U_DESK1", "u_desk1\u200b", "ｕ_desk1", "u_desk1\x00", "u_desk1' --", "u_dеsk1"])
def test_a_login_is_one_spelling_only(anyone: Browser, login: str) -> None:
    """Look-alikes, case, invisible characters and quotes are other logins, that don't exist."""
    assert anyone.sign_in(login, PASSWORD).status_code == 422


@pytest.mark.parametrize("target", ["https:evil.example", "/%2f/evil.example/..", "//evil.example/%2f..", "\\\\evil"])
def test_a_form_leads_back_to_our_pages_only(desk: Browser, target: str) -> None:
    """Choosing a language goes back to the page, never to another site."""
    place = desk.post("/preferences", {"language": "en", "next": target}).location
    assert place.startswith("/")
    assert not place.startswith(("//", "/\\"))


def test_pages_are_kept_by_no_cache_and_files_carry_no_cookie(app: Flask, anyone: Browser) -> None:
    """What a person saw isn't found in a shared cache or by the next at the browser; files never set a session."""
    anyone.sign_in("u_desk1")
    for path in ("/", "/cases/", "/people", "/nowhere"):
        assert anyone.get(path).headers["Cache-Control"] == "no-store", path
    diagram = anyone.get("/definitions/incident/1/diagram.bpmn").headers
    assert diagram["Cache-Control"] == "private, no-cache"
    assert "Set-Cookie" not in anyone.get("/static/seal.svg").headers


# --- machines ---------------------------------------------------------------------------------------------------------


def deep(levels: int) -> str:
    """Return a message whose contents are nested."""
    return '{"name": "x", "variables": {"a": ' + "[" * levels + "]" * levels + "}}"


@pytest.mark.parametrize(
    "body",
    [
        deep(40),
        deep(20_000),
        '{"name": "x", "name": "y"}',
        '{"name": "x", "variables": {"a": 1, "a": 2}}',
        '{"name": "x", "variables": {"a": NaN}}',
        '{"name": "x", "variables": {"a": -Infinity}}',
        '{"name": "x", "variables": {"a": 1e999}}',
        '{"name": "x", "variables": {"a": ' + "9" * 4000 + "}}",
        '{"name": "x", "variables": {"a": "\\ud800"}}',
        '{"name": "x", "variables": {"a\\u0000": 1}}',
        '{"name": "x", "variables": {}} trailing',
        b'\xef\xbb\xbf{"name": "x"}',
    ],
)
def test_json_that_means_two_things_is_refused(send: Callable[..., Any], body: str | bytes) -> None:
    """400 with problem+json: never a 500, and nothing is stored."""
    answer = send("messages", body)
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("moment", ["expired", "revoked"])
def test_a_token_that_is_over_opens_nothing(app: Flask, anyone: Browser, clock: MovedClock, moment: str) -> None:
    """Tokens end at their time, and at once when somebody revokes them."""
    tokens, now = app.extensions["guicheng"].registers.tokens, clock.now()
    secret = tokens.create("m", scopes=["alerts"], now=now, expires_at=now + timedelta(days=1))
    headers = {"Authorization": f"Bearer {secret}"}
    assert anyone.client.post("/api/v1/alerts", json=ALERT, headers=headers).status_code == 202
    if moment == "revoked":
        tokens.revoke(tokens.all()[0].id, now=now)
    else:
        clock.advance(timedelta(days=1))
    assert anyone.client.post("/api/v1/alerts", json=ALERT, headers=headers).status_code == 401


def test_a_token_in_the_address_is_not_read(app: Flask, anyone: Browser, api_token: Headers) -> None:
    """Addresses are logged everywhere; a secret there must not become a habit."""
    secret = api_token("alerts")["Authorization"].partition(" ")[2]
    assert anyone.client.post(f"/api/v1/alerts?token={secret}", json=ALERT).status_code == 401


def test_the_incident_address_shows_incidents_only(anyone: Browser, api_token: Headers) -> None:
    """A token for incidents reads no customers, people or configuration items through it."""
    for number in ("C002", "KB-0001", "SW-BJ1-001", "../registers/customer"):
        assert anyone.client.get(f"/api/v1/incidents/{number}", headers=api_token("records")).status_code == 404


def test_a_machine_is_bound_by_the_start_form(send: Callable[..., Any], desk: Browser) -> None:
    """A message can't begin a case with what no person could have entered."""
    answer = send("messages", {"name": "incident.reported", "variables": {"channel": "telepathy", "number": "INC-1"}})
    assert answer.status_code == 422
    assert desk.tasks() == []


@pytest.mark.parametrize(("name", "key"), [("monitoring.alert", None), ("change.completed", INCIDENT)])
def test_a_message_cannot_take_over_a_record(send: Callable[..., Any], desk: Browser, name: str, key: str) -> None:
    """The number of a case comes from its process: a message that sends one changes nothing."""
    desk.post("/processes/incident/start/reported", REPORT)
    send("messages", {"name": name, "key": key, "variables": {**ALERT, "number": INCIDENT}})
    assert "/cases/2" not in desk.get("/cases/").text
    assert send("messages", {"name": "monitoring.alert", "variables": {"number": INCIDENT}}).status_code == 422


def test_what_people_fill_in_machines_fill_in_too(send: Callable[..., Any], desk: Browser) -> None:
    """A message with a form is checked by it, and carries nothing but its fields."""
    desk.post(desk.post("/processes/incident/start/reported", REPORT).location, CLASSIFIED)
    assert send("messages", {"name": "incident.updated", "key": INCIDENT, "variables": {}}).status_code == 422
    told = {"text": "Two servers", "priority": "P4", "assignee": "u_eng1"}
    assert send("messages", {"name": "incident.updated", "key": INCIDENT, "variables": told}).status_code == 202
    case = words(desk.get("/cases/1").text)
    assert "P4" not in case
    assert "u_eng1" not in case


# --- people, with what they may not -----------------------------------------------------------------------------------


def test_a_message_nobody_waits_for_is_not_left_lying(desk: Browser) -> None:
    """Sent before the wait, the reply would end the wait for the customer at once, weeks later: it is refused."""
    desk.post(desk.post("/processes/incident/start/reported", REPORT).location, CLASSIFIED)
    answer = desk.post("/cases/1/messages/customer.replied", {"text": "Yes"})
    assert answer.status_code == 409
    assert "doesn't wait for this message" in words(answer.text).replace("’", "'")


def test_a_person_gains_no_role_by_asking_for_it(app: Flask, desk: Browser) -> None:
    """Fields that nobody asked for change neither person, task nor case."""
    people, clock = app.extensions["guicheng"].registers.people, app.extensions["guicheng"].clock
    extra = {"roles": "system_admin", "locale": "xx", "user": "admin", "_user_id": "admin"}
    desk.post("/preferences", {"language": "en", **extra})
    first = desk.post("/processes/incident/start/reported", {**REPORT, **extra, "number": "INC-9"}).location
    desk.post(first, {**CLASSIFIED, **extra, "priority": "P1", "major": "true", "assignee": "u_desk1"})
    assert "system_admin" not in people.roles_of("u_desk1", at=clock.now())
    assert "Priority P3" in words(desk.get("/cases/1").text)
    assert desk.get("/records/INC-9").status_code == 404


# --- hostile texts ----------------------------------------------------------------------------------------------------


def test_markup_in_texts_stays_text(send: Callable[..., Any], client_of: Of, tick: Callable[..., None]) -> None:
    """A hostile alert, form, note and message reach every page as what they are: characters."""
    desk, owner = client_of("u_desk1"), client_of("u_wu")
    send("alerts", {**ALERT, "text": MARKUP, "source": MARKUP[:80], "alert_key": MARKUP})
    send("messages", {"name": MARKUP, "key": MARKUP, "variables": {MARKUP: MARKUP}})
    desk.get("/")
    hostile = {**CLASSIFIED, "title": MARKUP, "contact": MARKUP, "impact": "high", "urgency": "high"}
    assert desk.post("/tasks/1", {**hostile, "impact": MARKUP}).status_code == 422
    assert desk.post("/tasks/1", hostile).status_code == 302
    desk.post(f"/records/{INCIDENT}/notes", {"text": MARKUP})
    desk.post("/cases/1/messages/incident.updated", {"text": MARKUP})
    tick(timedelta(hours=8))
    mails = re.findall(r"/mails/\d+", owner.get("/mails/").text)
    pages = [
        "/", "/tasks/1", "/tasks/2", "/cases/", "/cases/1", f"/records/{INCIDENT}", "/registers/incident",
        "/operations/", *mails, f"/?text={MARKUP}", f"/cases/?text={MARKUP}", f"/records/{MARKUP[:8]}",
    ]  # fmt: skip
    for page in pages:
        text = owner.get(page).text
        assert "<script>alert" not in text, page
        assert "<img src=x" not in text, page
    assert "&lt;img src=x" in owner.get(f"/records/{INCIDENT}").text


def test_line_breaks_in_a_title_make_no_mail_headers(desk: Browser, client_of: Of) -> None:
    """A subject is one line, whatever was typed or sent."""
    owner = client_of("u_wu")
    first = desk.post("/processes/incident/start/reported", REPORT).location
    title = "Down\r\nBcc: everybody@example.org"
    desk.post(first, {**CLASSIFIED, "title": title, "impact": "high", "urgency": "high"})
    for mail in set(re.findall(r"/mails/\d+", owner.get("/mails/").text)):
        subject = re.findall(r"<h1>(.*?)</h1>", owner.get(mail).text, re.S)[0]
        assert "\n" not in subject.strip()
        assert "\r" not in subject


@pytest.mark.parametrize(
    "text", ["\x00", "\x1b[2J", "\ud7ff\u202etxt.exe", "a" * 100_000, "{{7*7}}", "${7*7}", "%(x)s %s {x}", "=1+1|cmd"]
)
def test_odd_characters_break_no_page(desk: Browser, text: str) -> None:
    """Control characters, endless words and template signs come back as typed, or with a clear error."""
    first = desk.post("/processes/incident/start/reported", REPORT).location
    answer = desk.post(first, {**CLASSIFIED, "title": text, "description": text})
    assert answer.status_code in {302, 422}
    page = desk.get("/cases/1")
    assert page.status_code == 200
    assert "49" not in re.findall(r"<h1>(.*?)</h1>", page.text, re.S)[0]


@pytest.mark.parametrize(
    "path",
    [
        "/tasks/{n}", "/cases/{n}", "/cases/{n}/state.json", "/mails/{n}", "/definitions/incident/{n}/diagram.bpmn",
        "/processes/incident?version={n}", "/records/..%2f..%2fetc%2fpasswd", "/records/%00", "/registers/..%2f",
        "/definitions/..%5c/1/diagram.bpmn", "/static/..%2f..%2fapp.py", "/static/%2e%2e/auth.py",
    ],
)  # fmt: skip
def test_ids_from_nowhere_are_not_found(desk: Browser, path: str) -> None:
    """Numbers beyond the database, dots and NUL name nothing: 404, never a 500 or a file."""
    answer = desk.get(path.format(n=10**19))
    assert answer.status_code == 404


@pytest.mark.parametrize("act", ["/tasks/{n}/claim", "/operations/jobs/{n}/retry", "/cases/{n}/cancel"])
def test_acts_on_ids_from_nowhere_are_not_found(desk: Browser, act: str) -> None:
    """The same for what is posted."""
    assert desk.post(act.format(n=10**19), {"reason": "x"}).status_code == 404


@pytest.mark.parametrize("name", ["order", "state", "text", "priority", "page", "major", "customer"])
def test_filters_are_values_and_never_sql(desk: Browser, name: str) -> None:
    """Quotes, comments and sub-selects in an address find nothing, or are refused."""
    for value in ("'", "' OR 1=1 --", "(SELECT 1)", "title; DROP TABLE record", "-", "%", "\\", "1e999", "-1", "٣"):
        answer = desk.get("/registers/incident", query_string={name: value})
        assert answer.status_code in {200, 422}, (name, value)


def test_a_search_of_many_words_is_quick(desk: Browser) -> None:
    """Wildcards and length cost nothing worth mentioning."""
    for path in ("/", "/registers/incident", "/pickers/incident", "/people", "/mails/", "/cases/"):
        answer = desk.get(path, query_string={"text": "%_" * 5000, "q": "%_" * 5000, "_field": "q"})
        assert answer.status_code in {200, 403}


def test_an_error_page_carries_the_headers_too(app: Flask, desk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect shows no stack and no names, and is protected like every page."""
    app.testing = False
    monkeypatch.setattr("web.inbox.asked", lambda *_: 1 / 0)
    answer = desk.get("/")
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_no_secret_reaches_the_log(app: Flask, anyone: Browser, send: Callable[..., Any], caplog: Any) -> None:
    """Neither passwords nor tokens are written down, not even when signing in breaks."""
    app.testing = False
    caplog.set_level("DEBUG")
    anyone.sign_in("u_desk1", "my-secret-password")
    send("alerts", "{")
    assert "my-secret-password" not in caplog.text
    assert "gct_" not in caplog.text
