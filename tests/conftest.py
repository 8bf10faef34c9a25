"""The application as its users have it: a real database, published processes, the demo organisation, a moved clock."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from jinja2 import FileSystemBytecodeCache

from engine import SYSTEM, MovedClock

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2025, 3, 3, 10, 0, tzinfo=SHANGHAI)
PASSWORD = "guicheng-demo"
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


def build_app(database: Path, clock: MovedClock) -> Flask:
    """Put the application together on a database file."""
    from app import Settings, create_app

    settings = Settings(database_url=f"sqlite:///{database}", secret_key="only for tests", flask={"TESTING": True})
    app = create_app(settings, clock=clock)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache()  # hundreds of apps compile the templates once
    return app


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with bpmn/ and forms/ published and the demo organisation loaded; tests work on copies of it."""
    return furnish_database(tmp_path_factory.mktemp("furnished") / "guicheng.db")


def furnish_database(path: Path) -> Path:
    """Make a database with bpmn/ and forms/ published and the demo organisation loaded."""
    import registers
    from app import ROOT, read_bundle

    app = build_app(path, MovedClock(MONDAY))
    parts = app.extensions["guicheng"]
    registers.load_demo(parts.registers, password=PASSWORD, now=parts.clock.now())
    parts.engine.publish(read_bundle(ROOT / "bpmn", ROOT / "forms"), by=SYSTEM)
    _checkpoint(path)
    return path


@pytest.fixture
def clock() -> MovedClock:
    """Monday, 2025-03-03, 10:00 in Shanghai, until it is moved."""
    return MovedClock(MONDAY)


@pytest.fixture
def app(furnished: Path, tmp_path: Path, clock: MovedClock) -> Flask:
    """The application on its own copy of the furnished database."""
    from web.protection import limiter

    database = tmp_path / "guicheng.db"
    shutil.copy(furnished, database)
    app = build_app(database, clock)
    limiter.reset()
    return app


@dataclass
class Browser:
    """A client that keeps a session, sends its CSRF token with every form, and follows redirects when told to."""

    client: FlaskClient
    csrf: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page."""
        return self._seen(self.client.get(path, headers=self.headers, buffered=True, **options))

    def post(self, path: str, values: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form."""
        data = {"csrf_token": self.csrf, **(values or {})}
        return self._seen(self.client.post(path, data=data, headers=self.headers, **options))

    def sign_in(self, login: str, password: str = PASSWORD) -> TestResponse:
        """Go through the door, and keep the new session's CSRF token."""
        self.get("/login")
        answer = self.post("/login", {"login": login, "password": password})
        if answer.status_code == 302:
            self.get("/processes/")
        return answer

    def come_in(self, login: str) -> None:
        """Be signed in without the door, which takes its time over passwords; `test_door` is about the door."""
        with self.client.session_transaction() as session:
            session["_user_id"] = login
        assert self.get("/processes/").status_code == 200, f"{login} isn't known"

    def tasks(self, text: str = "") -> list[tuple[int, str]]:
        """Return id and name of the tasks in the inbox."""
        page = self.get("/", query_string={"text": text, "scope": "all"}).text
        return [(int(i), name) for i, name in re.findall(r'href="/tasks/(\d+)">([^<]+)</a>', page)]

    def _seen(self, answer: TestResponse) -> TestResponse:
        found = CSRF.search(answer.text) if answer.mimetype == "text/html" else None
        if found:
            self.csrf = found[1]
        return answer


@pytest.fixture
def anyone(app: Flask) -> Browser:
    """Somebody who is not signed in, reading English."""
    return Browser(app.test_client(), headers={"Accept-Language": "en"})


@pytest.fixture
def client_of(app: Flask) -> Callable[[str], Browser]:
    """Return signed-in browsers by user id, reading English."""
    browsers: dict[str, Browser] = {}

    def of(login: str) -> Browser:
        if login not in browsers:
            browser = Browser(app.test_client(), headers={"Accept-Language": "en"})
            browser.client.set_cookie("language", "en")
            browser.come_in(login)
            browsers[login] = browser
        return browsers[login]

    return of


@pytest.fixture
def tick(app: Flask, clock: MovedClock) -> Callable[[datetime | timedelta | None], None]:
    """Move the clock (to a time, or by a duration) and let the worker do what is due, until nothing more is."""

    def move(to: datetime | timedelta | None = None) -> None:
        if isinstance(to, timedelta):
            clock.advance(to)
        elif to is not None:
            clock.move_to(to)
        worker = app.extensions["guicheng"].worker
        for _ in range(50):
            if not worker.run_due().did_something:
                return
        raise AssertionError("the worker doesn't come to rest")

    return move


@pytest.fixture
def api_token(app: Flask) -> Callable[[str], dict[str, str]]:
    """Return the headers of a machine with an API token of this scope."""

    def headers(scope: str) -> dict[str, str]:
        parts = app.extensions["guicheng"]
        secret = parts.registers.tokens.create(f"test {scope}", scopes=[scope], now=parts.clock.now())
        return {"Authorization": f"Bearer {secret}"}

    return headers


def _checkpoint(path: Path) -> None:
    """Bring everything from SQLite's write-ahead log into the one file that is copied."""
    import sqlite3

    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
