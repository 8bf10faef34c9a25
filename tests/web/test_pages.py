"""Every page in both languages, from every kind of user: nothing breaks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.conftest import Browser
from tests.web.test_work import CLASSIFIED, REPORT

if TYPE_CHECKING:
    from flask import Flask

ANSWERS = {
    "start_event": "reported", "key": "incident", "version": "1", "register": "incident", "number": "INC-2025-00001"
}  # fmt: skip
# what each kind of user may not look at, beyond what everybody may
CLOSED = {
    "u_desk1": {"operations.index", "outbox.index"},
    "u_fin": {
        "operations.index", "tasks.show", "instances.show", "viewer.state", "processes.begin", "records.index",
        "records.show", "outbox.index", "outbox.show", "pickers.search",
    },
    "u_wu": {"processes.begin"},
    "admin": {"processes.begin"},
}  # fmt: skip


@pytest.fixture
def furnished_case(client_of: Callable[[str], Browser]) -> None:
    """One case in the hands of first-line support, with mails."""
    desk = client_of("u_desk1")
    desk.post(desk.post("/processes/incident/start/reported", REPORT).location, CLASSIFIED)


def pages(app: Flask) -> list[tuple[str, str]]:
    """Return endpoint and a real address for every page that can be opened."""
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint in {"static", "auth.login"} or rule.rule.startswith("/api/"):
            continue
        path = re.sub(r"<(?:int:)?(\w+)>", lambda match: ANSWERS.get(match[1], "1"), rule.rule)
        found.append((rule.endpoint, path))
    return found


@pytest.mark.parametrize("person", CLOSED)
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_page_opens_or_refuses(
    app: Flask, client_of: Callable[[str], Browser], furnished_case: None, person: str, language: str
) -> None:
    """What a kind of user may see is shown, the rest is refused (403) or isn't there for them (404)."""
    browser = client_of(person)
    browser.client.set_cookie("language", language)
    for endpoint, path in pages(app):
        status = browser.get(path).status_code
        assert (status in {403, 404}) == (endpoint in CLOSED[person]), f"{person} {path}: {status}"
        assert status in {200, 403, 404}, f"{person} {path}: {status}"
