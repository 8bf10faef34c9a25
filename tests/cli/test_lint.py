"""`flask lint` prints findings like a compiler; its exit status tells, with a database and without."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

ROOT = Path(__file__).parent.parent.parent
FORM = {"id": "leave", "type": "default", "schemaVersion": 19, "components": []}
DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:x"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn">
  <bpmn:process id="leave_request" isExecutable="true">
    <bpmn:startEvent id="s"/>
    <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="ask"/>
    <bpmn:userTask id="ask" name="Ask for leave" camunda:candidateGroups="staff" camunda:formKey="leave"/>
    <bpmn:sequenceFlow id="f2" sourceRef="ask" targetRef="book"/>
    <bpmn:serviceTask id="book" name="Book it" implementation="leave.book"/>
  </bpmn:process>
</bpmn:definitions>
"""
GOOD = DIAGRAM.replace("serviceTask", "task").replace(' implementation="leave.book"', "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A diagram with two mistakes, its form missing."""
    (tmp_path / "leave.bpmn").write_text(DIAGRAM, encoding="utf-8")
    return tmp_path


def flask(*words: str, at: Path, given: str = "") -> subprocess.CompletedProcess[str]:
    """Type `flask --app app …` where no database is."""
    environment = {**os.environ, "GUICHENG_DATABASE_URL": f"sqlite:///{at / 'none.db'}", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "flask", "--app", str(ROOT / "app.py"), *words]
    return subprocess.run(command, cwd=at, env=environment, input=given, capture_output=True, text=True, check=False)


def test_lint_prints_file_line_element_reason_and_remedy(folder: Path) -> None:
    """One line each, all at once, sorted; and without a database none is made."""
    done = flask("lint", "leave.bpmn", at=folder)
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert [line for line in lines if " error: " in line] == [
        "leave.bpmn:7: error: ask “Ask for leave”: No form has the id “leave”. None is known yet. [form-unknown]",
        next(line for line in lines if line.startswith("leave.bpmn:9: error: book “Book it”: No handler is called")),
    ]
    assert [int(line.split(":")[1]) for line in lines] == sorted(int(line.split(":")[1]) for line in lines)
    assert not (folder / "none.db").exists()


def test_lint_reads_standard_input_and_speaks_chinese(folder: Path) -> None:
    """`-` is a file, too; `--lang` chooses the reader's language."""
    done = flask("lint", "--lang", "zh_CN", "-", at=folder, given=DIAGRAM)
    assert done.returncode == 1, done.stderr
    assert "<stdin>:7: error: ask “Ask for leave”: 没有" in done.stdout


def test_lint_that_is_misunderstood_ends_with_two(folder: Path) -> None:
    """No files, files that aren't there, files that are something else."""
    (folder / "readme.txt").write_text("hello")
    for words in ([], ["nowhere.bpmn"], ["readme.txt"], ["--loudly", "leave.bpmn"]):
        assert flask("lint", *words, at=folder).returncode == 2


def run(app: Flask, *words: str) -> Any:
    """Type `flask lint …` where a database is."""
    return app.test_cli_runner().invoke(args=["lint", *words])


def test_lint_gives_objects_to_other_programs(app: Flask, folder: Path) -> None:
    """`--json` is one list; every finding has all the fields."""
    done = run(app, "--json", str(folder))
    found = json.loads(done.stdout)
    assert done.exit_code == 1
    assert {tuple(finding) for finding in found} == {
        ("rule", "severity", "resource", "element", "name", "line", "reason", "remedy")
    }
    assert ("form-unknown", "error", str(folder / "leave.bpmn"), "ask", 7) in {
        (f["rule"], f["severity"], f["resource"], f["element"], f["line"]) for f in found
    }


def test_lint_knows_the_files_of_the_same_call(app: Flask, folder: Path) -> None:
    """A form beside the diagram is known; without errors the status is 0."""
    (folder / "leave.bpmn").write_text(GOOD, encoding="utf-8")
    (folder / "leave.json").write_text(json.dumps(FORM), encoding="utf-8")
    assert run(app, str(folder)).exit_code == 0
    assert run(app, str(folder / "leave.bpmn"), str(folder / "leave.json")).exit_code == 0
    assert run(app, str(folder / "leave.bpmn")).exit_code == 1


def test_lint_knows_what_is_published(app: Flask, folder: Path) -> None:
    """A form in the database needn't be given again."""
    from app import ROOT as HERE
    from app import read_bundle

    published = sorted(json.loads(text)["id"] for text in read_bundle(HERE / "forms").forms.values())
    (folder / "leave.bpmn").write_text(GOOD.replace('formKey="leave"', f'formKey="{published[0]}"'), encoding="utf-8")
    assert run(app, str(folder / "leave.bpmn")).exit_code == 0


def test_lint_tells_namesakes_in_two_folders_apart(app: Flask, folder: Path) -> None:
    """Neither file is overlooked."""
    for name in ("one", "two"):
        (folder / name).mkdir()
        (folder / name / "x.bpmn").write_text(DIAGRAM.replace("leave_request", name), encoding="utf-8")
    found = json.loads(run(app, "--json", str(folder / "one"), str(folder / "two")).stdout)
    assert {f["resource"] for f in found} == {str(folder / name / "x.bpmn") for name in ("one", "two")}


def test_our_own_processes_have_no_errors(app: Flask) -> None:
    """What we ship passes its own check."""
    assert run(app, str(ROOT / "bpmn"), str(ROOT / "forms")).exit_code == 0
