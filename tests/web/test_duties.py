"""Segregation of duties and files from outside, by every way in."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from registers import Assignment
from tests.conftest import Browser
from tests.web.test_work import CLASSIFIED, REPORT, words

if TYPE_CHECKING:
    from flask import Flask

Of = Callable[[str], Browser]
SOLVED = {"diagnosis": "Logs grew", "outcome": "resolved", "solution": "Cleared them", "solution_kind": "permanent"}
RESTORED = {"resolved": "true", "service_restored": "true", "evidence": "df -h shows 40 %"}


@pytest.fixture
def to_confirm(client_of: Of) -> str:
    """An urgent incident that `u_eng1` (both posts) has resolved; returns the task that confirms restoration."""
    desk = client_of("u_desk1")
    desk.post(desk.post("/processes/incident/start/reported", REPORT).location, {**CLASSIFIED, "impact": "high"})
    steps = [
        ("u_desk1", "First-line support", {"actions": "Looked", "outcome": "escalate"}),
        ("u_pm1", "Assign", {"group": "tech_group", "assignee": "u_eng1"}),
        ("u_eng1", "Diagnose and resolve", SOLVED),
    ]
    for person, name, values in steps:
        answer = client_of(person).post(open_task(client_of, name), values)
        assert answer.status_code == 302, words(answer.text)
    return open_task(client_of, "Confirm restoration")


def open_task(client_of: Of, name: str) -> str:
    """Return the address of the case's open task of this name."""
    found = re.findall(r'href="(/tasks/\d+)">([^<]+)<', client_of("u_wu").get("/cases/1").text)
    tasks = {text: path for path, text in found}
    return tasks[name]


@pytest.mark.parametrize("way", ["/claim", ""])
def test_who_resolved_does_not_confirm(client_of: Of, to_confirm: str, way: str) -> None:
    """SOD-09 at the claim and at the submit; the refusal names the rule and stands in the history."""
    answer = client_of("u_eng1").post(to_confirm + way, RESTORED)
    assert answer.status_code == 403
    assert "SOD-09" in answer.text
    assert "SOD-09" in client_of("u_wu").get("/cases/1").text


def test_neither_new_roles_nor_somebody_elses_claim_help(app: Flask, client_of: Of, to_confirm: str) -> None:
    """People count, not posts: more roles or a task that a colleague claimed and gave back change nothing."""
    people = app.extensions["guicheng"].registers.people
    people.assign("u_eng1", [Assignment(role) for role in ("tech_ops_engineer", "tech_ops_manager", "system_admin")])
    colleague = client_of("u_ops1")
    assert colleague.post(f"{to_confirm}/claim").status_code == 302
    assert client_of("u_eng1").post(to_confirm, RESTORED).status_code in {403, 409}
    assert colleague.post(f"{to_confirm}/release").status_code == 302
    assert client_of("u_eng1").post(to_confirm, RESTORED).status_code == 403
    assert colleague.post(to_confirm, RESTORED).status_code == 302


def test_a_claim_is_given_back_by_its_holder_or_the_owner(client_of: Of, to_confirm: str) -> None:
    """A colleague can't take a task away, neither by claiming, releasing nor submitting."""
    assert client_of("u_ops1").post(f"{to_confirm}/claim").status_code == 302
    for way in ("/claim", "/release", ""):
        assert client_of("u_ops2").post(to_confirm + way, RESTORED).status_code == 409, way
    assert client_of("u_wu").post(f"{to_confirm}/release").status_code == 302


HOSTILE = {
    "xxe.bpmn": '<!DOCTYPE d [<!ENTITY x SYSTEM "file://{secret}">]><definitions>&x;</definitions>',
    "bomb.bpmn": '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><definitions>&b;</definitions>',
    "remote.dmn": '<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd"><definitions/>',
    "form.json": '{{"id": "f", "components": ' + "[" * 5000 + "]" * 5000 + "}}",
    "redos.json": '{{"id": "f", "type": "default", "components": [{{"type": "textfield", "key": "a", "label": "A", '
    '"validate": {{"pattern": "^(a+)+$"}}}}]}}',
}


@pytest.mark.parametrize("command", ["lint", "publish"])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused(app: Flask, tmp_path: Path, command: str, name: str) -> None:
    """No file of the machine is read, nothing is fetched, nothing hangs: findings and exit status 1."""
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    file = tmp_path / name
    file.write_text(HOSTILE[name].format(secret=secret))
    with app.app_context():
        done = app.test_cli_runner().invoke(args=[command, str(file)])
    assert done.exit_code == 1, done.output
    assert done.output
    assert "the secret" not in done.output
    assert "Traceback" not in done.output
