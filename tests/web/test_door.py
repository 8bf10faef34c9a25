"""The door: signing in and out, throttling, and that nothing is open that shouldn't be."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.conftest import Browser
from web.access import access_of

if TYPE_CHECKING:
    from flask import Flask

OPEN = {"auth.login", "auth.enter", "languages.change", "health.alive", "static"}
MACHINES = {
    "api.alert": "alerts",
    "api.message": "messages",
    "api.signal": "messages",
    "api.announcement": "messages",
    "api.incident": "records",
    "api.close": "records",
}


def addresses(app: Flask) -> list[tuple[str, str, str]]:
    """Return endpoint, method and an address for every route."""
    found = []
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:int:)?[^>]+>", "1", rule.rule)
        found += [(rule.endpoint, method, path) for method in sorted(rule.methods - {"HEAD", "OPTIONS"})]
    return found


def test_every_route_asks_for_a_person_unless_listed(app: Flask) -> None:
    """Deny by default: a route nobody thought about wants a signed-in person."""
    expected = {"public": OPEN, **{f"token:{s}": {e for e, t in MACHINES.items() if t == s} for s in MACHINES.values()}}
    for endpoint in app.view_functions:
        wanted = next((kind for kind, endpoints in expected.items() if endpoint in endpoints), "person")
        assert access_of(app, endpoint) == wanted, endpoint


def test_every_route_sends_strangers_to_the_door(app: Flask, anyone: Browser) -> None:
    """Walking the whole map without a session shows nothing but the door."""
    anyone.get("/login")
    for endpoint, method, path in addresses(app):
        if endpoint in OPEN:
            continue
        answer = anyone.get(path) if method == "GET" else anyone.post(path)
        if endpoint in MACHINES:
            assert answer.status_code == 401, endpoint
            assert answer.mimetype == "application/problem+json"
        else:
            assert answer.status_code == 302, endpoint
            assert answer.location.startswith("/login"), endpoint


def test_signing_in_leads_to_the_inbox(anyone: Browser) -> None:
    """The right password opens the inbox."""
    anyone.client.set_cookie("language", "en")
    assert anyone.sign_in("u_desk1").location == "/"
    assert "<h1>Inbox</h1>" in anyone.get("/").text


@pytest.mark.parametrize(("login", "password"), [("u_desk1", "wrong"), ("nobody", "guicheng-demo"), ("", "")])
def test_a_wrong_password_says_only_that_it_does_not_fit(anyone: Browser, login: str, password: str) -> None:
    """The answer doesn't tell whether the login exists."""
    answer = anyone.sign_in(login, password)
    assert answer.status_code == 422
    assert "The user name and password don't fit." in answer.text


def test_signing_out_closes_the_door(client_of: Callable[[str], Browser]) -> None:
    """After signing out the same browser sees the door again."""
    browser = client_of("u_desk1")
    assert browser.post("/logout").location == "/login"
    assert browser.get("/").status_code == 302


def test_a_wanted_page_is_shown_after_signing_in(anyone: Browser) -> None:
    """Whoever is sent to the door from a page gets there afterwards, filters included."""
    door = anyone.get("/cases/?state=active").location
    assert door == "/login?next=/cases/?state%3Dactive"
    anyone.get(door)
    answer = anyone.post("/login", {"login": "u_desk1", "password": "guicheng-demo", "next": "/cases/?state=active"})
    assert answer.location == "/cases/?state=active"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example"]
)
def test_the_door_leads_nowhere_else(anyone: Browser, target: str) -> None:
    """An address on another site is not followed after signing in."""
    anyone.get("/login")
    answer = anyone.post("/login", {"login": "u_desk1", "password": "guicheng-demo", "next": target})
    assert answer.location == "/"


def test_guessing_passwords_is_throttled(anyone: Browser) -> None:
    """Five wrong passwords for one login, and the door stays shut for a while, for the right one too."""
    for _ in range(5):
        assert anyone.sign_in("u_desk1", "wrong").status_code == 422
    answer = anyone.sign_in("u_desk1")
    assert answer.status_code == 429
    assert "Wait a few minutes" in answer.text


def test_a_form_without_its_mark_is_refused(client_of: Callable[[str], Browser]) -> None:
    """Another site can't post in a person's name."""
    browser = client_of("u_desk1")
    browser.csrf = ""
    answer = browser.post("/tasks/1/claim")
    assert answer.status_code == 400
    assert "came from another site" in answer.text


def test_the_session_cookie_is_kept_from_scripts(anyone: Browser) -> None:
    """The session cookie is HttpOnly and SameSite=Lax; over https it is Secure as well."""
    anyone.get("/login")
    answer = anyone.post("/login", {"login": "u_desk1", "password": "guicheng-demo"})
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("path", ["/login", "/health", "/static/seal.svg", "/nowhere", "/api/v1/alerts"])
def test_every_answer_carries_the_protecting_headers(anyone: Browser, path: str) -> None:
    """Pages, files and errors alike."""
    headers = anyone.get(path).headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
