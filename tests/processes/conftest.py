"""The incident process as people and machines use it: pages, forms, the API, and the worker's tick; nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from lxml import html

from engine import MovedClock
from tests.conftest import SHANGHAI, Browser

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

OVERSEER = "u_zheng"  # the service manager: sees every case
NAMES = {
    "u_zhao": "赵刚", "u_qian": "钱敏", "u_sun": "孙立", "u_wu": "吴倩", "u_zheng": "郑浩", "u_ops": "韩梅",
    "u_desk1": "王芳", "u_desk2": "冯洁", "u_pm1": "陈晨", "u_pm2": "褚伟", "u_eng1": "卫东", "u_eng2": "蒋涛",
}  # fmt: skip
REPORT = {"channel": "phone", "customer": "C002", "contact": "徐静", "ci": "SRV-BJ1-102", "text": "Disk is full"}
CLASSIFIED = {
    "channel": "phone", "customer": "C002", "contact": "徐静", "ticket_type": "incident", "title": "Disk is full",
    "description": "Disk is full", "service": "SVC-HOST", "ci": "SRV-BJ1-102", "category": "host",
    "impact": "medium", "urgency": "medium",
}  # fmt: skip
RESOLVED = {"diagnosis": "Logs grew", "outcome": "resolved", "solution": "Cleared them", "solution_kind": "permanent"}
RESTORED = {"resolved": "true", "service_restored": "true", "evidence": "df -h shows 40 %"}
CONFIRMED = {"result": "confirmed", "satisfaction": "5", "closure_code": "fixed"}
ARTICLE = {
    "title": "Full disk",
    "symptom": "No space",
    "solution": "Clear logs",
    "keywords": "disk",
    "decision": "publish",
}


def at(text: str) -> datetime:
    """A local date-time in Shanghai: `2025-03-03 10:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@dataclass(frozen=True)
class OpenTask:
    """A task as the record's page and its own page show it."""

    id: int
    name: str
    due: datetime | None


@dataclass
class House:
    """Everybody at their browsers, and the machines."""

    client_of: Callable[[str], Browser]
    api_token: Callable[[str], dict[str, str]]
    clock: MovedClock
    tick: Callable[..., None]

    # --- people -----------------------------------------------------------------------------------------------------

    def report(self, user: str = "u_desk1", **values: str) -> str:
        """Report an incident with the start form; returns its number."""
        answer = self.client_of(user).post("/processes/incident/start/reported", {**REPORT, **values})
        assert answer.status_code == 302, answer.text
        return re.findall(r"INC-\d{4}-\d{5}", self.client_of(user).get(answer.location).text)[0]

    def logged(self, **values: str) -> str:
        """Report an incident and classify it at once; returns its number."""
        number = self.report()
        self.do("u_desk1", "Log and classify", number, {**CLASSIFIED, **values})
        return number

    def assigned(self, engineer: str = "u_eng2", **values: str) -> str:
        """Bring an incident to its engineer's desk; returns its number."""
        number = self.logged(**values)
        self.do("u_desk1", "First-line support", number, {"actions": "Looked", "outcome": "escalate"})
        self.do("u_pm1", "Assign", number, {"group": "tech_group", "assignee": engineer})
        return number

    def solved(self, **values: str) -> str:
        """Bring an incident to its call-back; returns its number."""
        number = self.assigned(**values)
        self.do("u_eng2", "Diagnose and resolve", number, RESOLVED)
        self.do("u_ops1", "Confirm restoration", number, RESTORED)
        return number

    def do(self, user: str, task: str, number: str, values: Mapping[str, str]) -> None:
        """Complete a task with its form."""
        answer = self.submit(user, self.task(number, task).id, values)
        assert answer.status_code == 302, html.fromstring(answer.text).text_content()

    def submit(self, user: str, task_id: int, values: Mapping[str, str]) -> TestResponse:
        """Post a task's form, whatever comes of it."""
        return self.client_of(user).post(f"/tasks/{task_id}", dict(values))

    def claim(self, user: str, task: str, number: str) -> TestResponse:
        """Take a task."""
        return self.client_of(user).post(f"/tasks/{self.task(number, task).id}/claim")

    def send(self, user: str, message: str, number: str, values: Mapping[str, str]) -> None:
        """Tell a case something, with the form on its page."""
        case = re.findall(r'href="(/cases/\d+)"', self._record_page(number))[0]
        self.client_of(user).get(case)
        assert self.client_of(user).post(f"{case}/messages/{message}", dict(values)).status_code == 302

    # --- machines ---------------------------------------------------------------------------------------------------

    def alert(self, **values: str) -> Mapping[str, Any]:
        """Post a monitoring alert; returns the answer."""
        alert = {
            "source": "zabbix",
            "alert_key": "sw1-down",
            "ci": "SW-BJ1-001",
            "severity": "critical",
            "text": "No ping",
        }
        browser = self.client_of(OVERSEER)
        answer = browser.client.post("/api/v1/alerts", json={**alert, **values}, headers=self.api_token("alerts"))
        assert answer.status_code == 202, answer.text
        return answer.get_json()

    def message(self, name: str, number: str, variables: Mapping[str, str]) -> None:
        """Hand in a message of another process, as a machine may."""
        posted = {"name": name, "key": number, "variables": dict(variables)}
        client, headers = self.client_of(OVERSEER).client, self.api_token("messages")
        assert client.post("/api/v1/messages", json=posted, headers=headers).status_code == 202

    def close_by_force(self, number: str) -> int:
        """Ask the API to close an incident; returns the status."""
        browser = self.client_of(OVERSEER)
        return browser.client.post(f"/api/v1/incidents/{number}/close", headers=self.api_token("records")).status_code

    # --- what can be seen -------------------------------------------------------------------------------------------

    def incident(self, number: str) -> Mapping[str, Any]:
        """An incident as the API tells it."""
        browser = self.client_of(OVERSEER)
        return browser.client.get(f"/api/v1/incidents/{number}", headers=self.api_token("records")).get_json()

    def state(self, number: str) -> str:
        """The state of an incident's record."""
        return self.incident(number)["state"]

    def due(self, number: str, metric: str) -> datetime:
        """When a clock is due."""
        return datetime.fromisoformat(self.incident(number)["clocks"][metric]["due_at"])

    def tasks(self, number: str) -> dict[str, OpenTask]:
        """The open tasks of a case by name, as its record's page lists them."""
        page = html.fromstring(self._record_page(number))
        found = [self._task(item) for item in page.xpath("//li[a[starts-with(@href, '/tasks/')]]")]
        return {task.name: task for task in found}

    def task(self, number: str, name: str) -> OpenTask:
        """One open task of a case."""
        tasks = self.tasks(number)
        assert name in tasks, f"{number} has no open task {name!r}, but {sorted(tasks)}"
        return tasks[name]

    def mails(self, number: str, subject: str = "") -> list[str]:
        """The user ids (or names) that mails about a record went to, oldest first; `subject` occurs in the subject."""
        known = {name: user for user, name in NAMES.items()}
        page = html.fromstring(self._record_page(number))
        mails = page.xpath("//li[a[starts-with(@href, '/mails/')]]")
        names = [li.xpath("string(p)").rpartition("·")[2].strip() for li in mails if subject in li.xpath("string(a)")]
        return [known.get(name, name) for name in reversed(names)]

    def messages(self, number: str) -> list[str]:
        """The messages that the case has sent or received, oldest first."""
        case = re.findall(r'href="(/cases/\d+)"', self._record_page(number))[0]
        page = html.fromstring(self.client_of(OVERSEER).get(case).text)
        section = page.xpath("//section[.//h2[text()='Messages']]")
        return section[0].xpath(".//li/code/text()") if section else []

    def _record_page(self, number: str) -> str:
        return self.client_of(OVERSEER).get(f"/records/{number}").text

    def _task(self, item: Any) -> OpenTask:
        link = item.xpath("a")[0]
        due = item.xpath(".//time/@datetime")
        return OpenTask(
            int(link.get("href").rpartition("/")[2]), link.text, datetime.fromisoformat(due[0]) if due else None
        )


@pytest.fixture(scope="session")
def sessions() -> dict[str, tuple[str, str]]:
    """Session cookie and CSRF token of everybody who signed in before; every database here is a copy of one."""
    return {}


@pytest.fixture
def client_of(app: Flask, sessions: dict[str, tuple[str, str]]) -> Callable[[str], Browser]:
    """Return signed-in browsers by user id, reading English; each person goes through the door once in all tests.

    Checking a password is made slow on purpose, and these scenarios are about what comes after the door.
    """
    browsers: dict[str, Browser] = {}

    def of(login: str) -> Browser:
        if login not in browsers:
            browser = Browser(app.test_client(), headers={"Accept-Language": "en"})
            browser.client.set_cookie("language", "en")
            if login in sessions:
                cookie, browser.csrf = sessions[login]
                browser.client.set_cookie("session", cookie)
            else:
                assert browser.sign_in(login).status_code == 302, f"{login} can't sign in"
                cookie = browser.client.get_cookie("session")
                assert cookie is not None
                sessions[login] = (cookie.value, browser.csrf)
            browsers[login] = browser
        return browsers[login]

    return of


@pytest.fixture
def house(
    app: Flask,
    client_of: Callable[[str], Browser],
    api_token: Callable[[str], dict[str, str]],
    clock: MovedClock,
    tick: Callable[[datetime | timedelta | None], None],
) -> Iterator[House]:
    """The house at work on Monday, 2025-03-03, 10:00 in Shanghai."""
    return House(client_of, api_token, clock, tick)
