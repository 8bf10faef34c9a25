"""The real server, killed with -9 in the middle of people's work, and started again."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path

from tests.conftest import CSRF, PASSWORD
from tests.web.test_work import CLASSIFIED, REPORT

ROOT = Path(__file__).parents[2]


class Person:
    """Somebody at a browser, over a real connection."""

    def __init__(self, address: str, login: str) -> None:
        self._address, self._mark = address, ""
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open
        self.get("/login")
        self.post("/login", {"login": login, "password": PASSWORD})

    def get(self, path: str) -> str:
        """Open a page."""
        return self._seen(urllib.request.Request(self._address + path, headers={"Accept-Language": "en"}))

    def post(self, path: str, values: dict[str, str]) -> str:
        """Send a form and go where it leads."""
        data = urllib.parse.urlencode({**values, "csrf_token": self._mark}).encode()
        return self._seen(urllib.request.Request(self._address + path, data, headers={"Accept-Language": "en"}))

    def _seen(self, request: urllib.request.Request) -> str:
        with self._open(request, timeout=20) as answer:
            text = str(answer.read().decode())
        found = CSRF.search(text)
        self._mark = found[1] if found else self._mark
        return text


@contextmanager
def served(database: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run `flask serve` on a database; it dies with the context at the latest."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"GUICHENG_DATABASE_URL": f"sqlite:///{database}", "GUICHENG_SECRET_KEY": "only for tests"}
    command = [sys.executable, "-m", "flask", "--app", "app", "serve", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **settings}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            _wait(f"http://127.0.0.1:{port}/health")
            yield f"http://127.0.0.1:{port}", server
        finally:
            server.kill()


def _wait(address: str) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.1)
    raise AssertionError("the server doesn't come up")


def test_killed_while_people_complete_tasks(furnished: Path, tmp_path: Path) -> None:
    """Each task is either done, with what follows from it, or open as before; whoever was told “done” is right."""
    database = tmp_path / "guicheng.db"
    shutil.copy(furnished, database)
    cases, told = range(1, 5), []
    with served(database) as (address, server):
        desk = Person(address, "u_desk1")
        for _ in cases:
            desk.post("/processes/incident/start/reported", REPORT)
        tasks = {case: re.findall(r"/tasks/(\d+)", desk.get(f"/cases/{case}"))[0] for case in cases}

        def complete(case: int) -> None:
            with contextlib.suppress(OSError, HTTPException):  # no answer, or half of one
                desk.post(f"/tasks/{tasks[case]}", CLASSIFIED)
                told.append(case)
                server.send_signal(signal.SIGKILL)  # the first answer is the signal: the others are under way

        threads = [threading.Thread(target=complete, args=(case,)) for case in cases]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert server.wait(10) == -signal.SIGKILL
    with served(database) as (address, server):
        desk = Person(address, "u_desk1")
        for case in cases:
            page = desk.get(f"/cases/{case}")
            done = "Completed: Log and classify" in page
            assert done or case not in told
            assert len(set(re.findall(r'href="/tasks/(\d+)"', page))) == 1
            assert ("First-line support</a>" in page) is done
            if not done:
                assert "First-line support" in desk.post(f"/tasks/{tasks[case]}", CLASSIFIED)
    with contextlib.closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
