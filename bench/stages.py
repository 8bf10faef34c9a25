"""Ours: the application as it runs, with its clock on each stage of a completion."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event

import app as application
import engine
import registers
from engine import Bundle, MovedClock, User
from engine.acts import transaction as engine_transaction

FORM = {
    "id": "bench",
    "title": "Bench",
    "type": "default",
    "schemaVersion": 19,
    "components": [
        {"type": "textfield", "id": "field_answer", "key": "answer", "label": "Answer", "validate": {"required": True}},
        {"type": "number", "id": "field_minutes", "key": "minutes", "label": "Minutes"},
    ],
}
VALUES = {"answer": "go on", "minutes": "12"}


@dataclass
class Cost:
    """Seconds of each completion by stage; statements and commits of each; bytes per completion."""

    http: list[float] = field(default_factory=list)
    total: list[float] = field(default_factory=list)
    form: list[float] = field(default_factory=list)
    step: list[float] = field(default_factory=list)
    save: list[float] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)
    commits: list[int] = field(default_factory=list)
    bytes_written: float = 0
    snapshot: int = 0


def measure(database: Path, diagram: bytes, *, cases: int) -> Cost:
    """Run cases to their end through the engine's front door, then as many over HTTP."""
    settings = application.Settings(database_url=f"sqlite:///{database}", secret_key="b" * 40)
    app = application.create_app(settings, clock=MovedClock(datetime(2026, 1, 5, 9, tzinfo=UTC)))
    parts = app.extensions["guicheng"]
    registers.load_demo(parts.registers, password="bench", now=parts.clock.now())
    bundle = Bundle(diagrams={"fifteen.bpmn": diagram}, forms={"bench.json": json.dumps(FORM).encode()})
    parts.engine.publish(bundle, by=engine.SYSTEM)
    person = parts.registers.people.get("u_desk1", at=parts.clock.now())
    cost = Cost()
    _through_the_engine(parts, User(person.id, person.name, person.roles), database, cost, cases)
    _over_http(app, parts, cost, cases)
    return cost


def _through_the_engine(parts: Any, by: User, database: Path, cost: Cost, cases: int) -> None:
    store = parts.engine._acts._database
    with store.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_autocheckpoint = 0")
    counted = {"statements": 0, "commits": 0}
    event.listen(store, "before_cursor_execute", lambda *_: counted.update(statements=counted["statements"] + 1))
    event.listen(store, "commit", lambda *_: counted.update(commits=counted["commits"] + 1))
    log = database.with_name(database.name + "-wal")
    written = 0
    for _ in range(cases):
        instance = parts.engine.start("fifteen", by=by)
        tasks = list(instance.tasks)
        while tasks:
            counted.update(statements=0, commits=0)
            size = log.stat().st_size
            with _timed(engine_transaction, "advance") as step, _timed(engine.Form, "validate") as form:
                began = time.perf_counter()
                tasks = list(parts.engine.complete_task(tasks[0].id, VALUES, by=by).next_tasks)
                total = time.perf_counter() - began
            written += log.stat().st_size - size
            cost.total.append(total)
            cost.step.append(sum(step))
            cost.form.append(sum(form))
            cost.save.append(total - sum(step) - sum(form))
            cost.statements.append(counted["statements"])
            cost.commits.append(counted["commits"])
    cost.bytes_written = written / len(cost.total)
    with store.connect() as connection:
        cost.snapshot = connection.exec_driver_sql("SELECT max(length(snapshot)) FROM process_instance").scalar_one()


def _over_http(app: Any, parts: Any, cost: Cost, cases: int) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client = app.test_client()
    page = client.get("/login").get_data(as_text=True)
    client.post("/login", data={"csrf_token": _csrf(page), "login": "u_desk1", "password": "bench"})
    person = parts.registers.people.get("u_desk1", at=parts.clock.now())
    by = User(person.id, person.name, person.roles)
    for _ in range(cases):
        task = parts.engine.start("fifteen", by=by).tasks[0].id
        token = _csrf(client.get(f"/tasks/{task}").get_data(as_text=True))
        while True:
            began = time.perf_counter()
            answer = client.post(f"/tasks/{task}", data={**VALUES, "csrf_token": token})
            cost.http.append(time.perf_counter() - began)
            if answer.status_code not in (302, 303):
                raise RuntimeError(f"completing task {task} answered {answer.status}")
            following = re.search(r"/tasks/(\d+)", answer.location)
            if following is None:
                break
            task = int(following.group(1))


def _csrf(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    if found is None:
        raise RuntimeError("the page has no form with a CSRF token")
    return found.group(1)


@contextmanager
def _timed(owner: Any, name: str) -> Iterator[list[float]]:
    """Time every call of a function while the block runs."""
    original: Callable[..., Any] = getattr(owner, name)
    seconds: list[float] = []

    def timed(*arguments: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return original(*arguments, **named)
        finally:
            seconds.append(time.perf_counter() - began)

    setattr(owner, name, timed)
    try:
        yield seconds
    finally:
        setattr(owner, name, original)
