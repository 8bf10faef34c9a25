"""The application behind a real socket, and shortcuts past the pages to a case that stands where a test begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any

from werkzeug.serving import WSGIRequestHandler, make_server

from engine import MovedClock, User

if TYPE_CHECKING:
    from flask import Flask

REPORT = {"channel": "phone", "customer": "C002", "contact": "徐静", "ci": "SRV-BJ1-102", "text": "Disk is full"}
CLASSIFIED = {
    "channel": "phone",
    "customer": "C002",
    "contact": "徐静",
    "ticket_type": "incident",
    "title": "Disk of server 102 is full",
    "description": "Orders can't be written since nine o'clock.",
    "service": "SVC-HOST",
    "ci": "SRV-BJ1-102",
    "category": "host",
    "impact": "medium",
    "urgency": "medium",
}
RESOLVED = {"diagnosis": "Logs grew", "outcome": "resolved", "solution": "Cleared them", "solution_kind": "permanent"}
RESTORED = {"resolved": "true", "service_restored": "true", "evidence": "df -h shows 40 %"}
CONFIRMED = {"result": "confirmed", "satisfaction": "5", "closure_code": "fixed"}
ALERT = {"source": "zabbix", "alert_key": "sw1-down", "ci": "SW-BJ1-001", "severity": "critical", "text": "No ping"}


@dataclass
class Office:
    """The application at an address, with its clock."""

    app: Flask
    clock: MovedClock
    url: str
    _users: dict[str, User] = field(default_factory=dict)

    @property
    def parts(self) -> Any:
        """The parts of the application."""
        return self.app.extensions["guicheng"]

    def user(self, user_id: str) -> User:
        """A person with their roles."""
        if user_id not in self._users:
            person = self.parts.registers.people.load(user_id, at=self.clock.now())
            self._users[user_id] = User(person.id, person.name, person.roles, person.locale)
        return self._users[user_id]

    def token(self, scope: str) -> str:
        """A machine's secret for the API."""
        return str(self.parts.registers.tokens.create(f"browser {scope}", scopes=[scope], now=self.clock.now()))

    def pass_time(self, span: timedelta = timedelta()) -> None:
        """Move the clock and do what is due."""
        self.clock.advance(span)
        while self.parts.worker.run_due().did_something:
            pass

    def report(self, by: str = "u_desk1", **values: str) -> str:
        """Report an incident; returns its number."""
        started = self.parts.engine.start(
            "incident", start_event="reported", variables={**REPORT, **values}, by=self.user(by)
        )
        return str(started.business_key)

    def alert(self, **values: str) -> str:
        """Receive a monitoring alert; returns its number."""
        delivery = self.parts.engine.correlate("monitoring.alert", variables={**ALERT, **values})
        return str(self.parts.engine.instance(delivery.instance_id, by=self.user("u_zheng")).business_key)

    def task(self, number: str, element: str) -> int:
        """The id of a case's open task."""
        case = self.parts.engine.instance_by_key(number)
        return int(next(task.id for task in case.tasks if task.element.id == element))

    def do(self, number: str, element: str, by: str, values: Mapping[str, Any]) -> None:
        """Complete a case's open task."""
        self.parts.engine.complete_task(self.task(number, element), {**values}, by=self.user(by))

    def logged(self, **values: str) -> str:
        """Report and classify an incident; returns its number."""
        said = {name: value for name, value in values.items() if name in REPORT}
        number = self.report(**said)
        self.do(number, "log", "u_desk1", {**CLASSIFIED, **values})
        return number

    def assigned(self, engineer: str = "u_eng2", **values: str) -> str:
        """Bring an incident to its engineer's desk; returns its number."""
        number = self.logged(**values)
        self.do(number, "first_line", "u_desk1", {"actions": "Asked, looked it up", "outcome": "escalate"})
        self.do(number, "assign", "u_pm1", {"group": "tech_group", "assignee": engineer})
        return number

    def solved(self, **values: str) -> str:
        """Bring an incident to its call-back; returns its number."""
        number = self.assigned(**values)
        self.do(number, "resolve", "u_eng2", RESOLVED)
        self.do(number, "restore", "u_ops1", RESTORED)
        return number


class Quiet(WSGIRequestHandler):
    """Says nothing about requests."""

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


@contextmanager
def served(app: Flask, clock: MovedClock) -> Iterator[Office]:
    """Serve the application on a free port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever, name="office", daemon=True)
    thread.start()
    try:
        yield Office(app, clock, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
