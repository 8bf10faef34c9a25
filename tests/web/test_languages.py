"""Both languages from the first page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import Browser


@pytest.mark.parametrize(("asked", "heading"), [("en", "Sign in"), ("zh-CN,zh;q=0.9", "登录"), ("fr", "Sign in")])
def test_the_door_speaks_what_the_browser_asks_for(anyone: Browser, asked: str, heading: str) -> None:
    """Before anybody is known, the browser's language counts; English for all others."""
    anyone.headers = {"Accept-Language": asked}
    assert f"<title>{heading} ·" in anyone.get("/login").text


def test_a_chosen_language_stays(client_of: Callable[[str], Browser]) -> None:
    """The switch goes back to the page and is remembered by cookie, and with the person for other browsers."""
    browser = client_of("u_desk1")
    answer = browser.post("/preferences", {"language": "zh_CN", "next": "/cases/"})
    assert answer.location == "/cases/"
    page = browser.get("/cases/").text
    assert '<html lang="zh-CN"' in page
    assert "<h1>案件</h1>" in page


def test_the_person_keeps_the_language(app, anyone: Browser, client_of: Callable[[str], Browser]) -> None:
    """A fresh browser speaks the language that the person chose elsewhere."""
    client_of("u_desk2").post("/preferences", {"language": "en"})
    anyone.headers = {"Accept-Language": "zh-CN"}
    anyone.sign_in("u_desk2")
    assert '<html lang="en"' in anyone.get("/").text


def test_a_chosen_theme_stays(anyone: Browser) -> None:
    """Light, dark, or what the system says."""
    anyone.get("/login")
    anyone.post("/preferences", {"theme": "dark"})
    assert 'data-bs-theme="dark"' in anyone.get("/login").text
    anyone.post("/preferences", {"theme": "system"})
    assert "data-bs-theme" not in anyone.get("/login").text


def test_an_unknown_language_changes_nothing(anyone: Browser) -> None:
    """What isn't offered is not taken."""
    anyone.get("/login")
    answer = anyone.post("/preferences", {"language": "../../etc", "next": "https://evil.example"})
    assert answer.location == "/"
    assert not any(c.startswith("language=") for c in answer.headers.getlist("Set-Cookie"))
