"""When the database is locked or full, or a handler fails: a clear page, and no work lost."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, event

from tests.conftest import Browser
from tests.web.test_work import CLASSIFIED, REPORT, words

if TYPE_CHECKING:
    from flask import Flask

Of = Callable[[str], Browser]
ALERT = {"source": "zabbix", "alert_key": "k1", "ci": "SW-BJ1-001", "severity": "critical", "text": "No ping"}


@pytest.fixture
def first(client_of: Of) -> str:
    """The address of the first task of a case."""
    return str(client_of("u_desk1").post("/processes/incident/start/reported", REPORT).location)


@pytest.fixture
def impatient(app: Flask) -> Iterator[Callable[[str], None]]:
    """Set pragmas on every connection from now on."""
    pragmas = ["busy_timeout = 50"]

    def prepare(connection: Any, record: object) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    event.listen(Engine, "connect", prepare)
    database = app.extensions["guicheng"].engine._acts._database
    database.dispose()

    def add(pragma: str) -> None:
        pragmas.append(pragma)
        database.dispose()

    yield add
    event.remove(Engine, "connect", prepare)
    database.dispose()


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run acts at the same moment and return what each gave."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        barrier.wait()
        results[place] = act()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_a_locked_database_asks_for_patience(
    client_of: Of, first: str, impatient: Callable[[str], None], tmp_path: Path
) -> None:
    """503 with a sentence and Retry-After while somebody holds the lock; afterwards the same post works."""
    desk = client_of("u_desk1")
    with contextlib.closing(sqlite3.connect(tmp_path / "guicheng.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        answer = desk.post(first, CLASSIFIED)
        holder.execute("ROLLBACK")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert "Nothing was stored" in words(answer.text)
    assert "locked" not in answer.text
    assert desk.post(first, CLASSIFIED).status_code == 302


def test_a_full_disk_asks_for_patience(
    client_of: Of, first: str, impatient: Callable[[str], None], anyone: Browser, api_token: Callable[..., Any]
) -> None:
    """Pages and machines get a 503, the task stays open, and what is there can still be read."""
    desk, headers = client_of("u_desk1"), api_token("alerts")
    impatient("max_page_count = 1")  # SQLite takes the present size: nothing may grow
    statuses = set()
    for number in range(20):
        alert = {**ALERT, "alert_key": f"k{number}", "text": "x" * 4000}
        answer = anyone.client.post("/api/v1/alerts", json=alert, headers=headers)
        statuses.add(answer.status_code)
        if answer.status_code == 503:
            break
    assert statuses <= {202, 503}
    assert 503 in statuses
    assert answer.mimetype == "application/problem+json"
    assert desk.get(first).status_code == 200


def test_two_people_complete_one_task_over_http(app: Flask, client_of: Of, first: str) -> None:
    """One goes on, the other reads who was first."""
    browsers = [client_of("u_desk1"), client_of("u_desk2")]
    answers = at_once(*[lambda b=b: b.post(first, CLASSIFIED) for b in browsers])
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    late = next(answer for answer in answers if answer.status_code == 409)
    assert "already completed by" in words(late.text)


def test_the_same_form_twice_counts_once(client_of: Of, first: str) -> None:
    """The back button and a second click: the second answer says that it is done, the case has moved once."""
    desk = client_of("u_desk1")
    assert desk.post(first, CLASSIFIED).status_code == 302
    assert desk.post(first, CLASSIFIED).status_code == 409
    assert words(desk.get("/cases/1").text).count("Completed: Log and classify") == 1


@pytest.mark.parametrize("key", [None, "alert-1"])
def test_identical_alerts_at_one_moment_make_one_incident(
    app: Flask, client_of: Of, api_token: Callable[..., Any], key: str | None
) -> None:
    """Four at once: one incident is open; without a key the others are merged into it, with one they are it."""
    headers = api_token("alerts") | ({"Idempotency-Key": key} if key else {})
    clients = [app.test_client() for _ in range(4)]
    answers = at_once(*[lambda c=c: c.post("/api/v1/alerts", json=ALERT, headers=headers) for c in clients])
    numbers = {answer.json["number"] for answer in answers}
    merged = [answer.json["merged_into"] for answer in answers if "merged_into" in answer.json]
    assert sorted(a.status_code for a in answers) == ([200, 200, 200, 202] if key else [202] * 4)
    assert (len(numbers), len(merged), len(set(merged))) == ((1, 0, 0) if key else (4, 3, 1))
    assert len(client_of("u_desk1").tasks("INC-")) == 1


def test_a_failing_handler_keeps_the_persons_work(
    client_of: Of, first: str, tick: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task is done, the failed job is on the operations page, and trying again goes on from there."""
    desk, owner = client_of("u_desk1"), client_of("u_wu")
    with monkeypatch.context() as broken:
        broken.setattr("registers.knowledge.Knowledge.suggest", lambda *_, **__: 1 / 0)
        assert desk.post(first, CLASSIFIED).status_code == 302
        assert desk.get(first).status_code == 200
        for _ in range(4):
            tick(timedelta(minutes=5))
    page = owner.get("/operations/").text
    (job,) = re.findall(r"/operations/jobs/(\d+)/retry", page)
    assert "ZeroDivisionError" in page
    assert desk.post(f"/operations/jobs/{job}/retry").status_code == 403
    assert owner.post(f"/operations/jobs/{job}/retry").status_code == 302
    tick(None)
    assert "/retry" not in owner.get("/operations/").text
    assert "First-line support" in words(desk.get("/cases/1").text)


def test_owner_corrects_a_variable_for_a_reason(client_of: Of, first: str) -> None:
    """What was typed is kept when it is wrong; names that are no variables are not taken for texts."""
    owner = client_of("u_wu")
    wrong = owner.post("/cases/1/variables", {"variable": "channel", "value": "phone", "reason": "as told"})
    assert wrong.status_code == 422
    assert "There is no variable phone here. Write a text in quotes." in words(wrong.text)
    assert 'value="as told"' in wrong.text
    assert owner.post("/cases/1/variables", {"variable": "channel", "value": '"phone"'}).status_code == 422
    right = owner.post("/cases/1/variables", {"variable": "channel", "value": '"phone"', "reason": "as told"})
    assert right.status_code == 302
    page = words(owner.get("/cases/1").text)
    assert "Variables were corrected by a person" in page
    assert "as told" in page


def test_nobody_else_corrects_a_variable(client_of: Of, first: str) -> None:
    """Nor does a correction move a case to another record."""
    asked = {"variable": "channel", "value": '"phone"', "reason": "as told"}
    assert client_of("u_desk1").post("/cases/1/variables", asked).status_code == 403
    moved = client_of("u_wu").post("/cases/1/variables", {**asked, "variable": "number"})
    assert moved.status_code == 422
    assert "Only the process itself may set number." in words(moved.text)
