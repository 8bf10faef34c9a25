"""Killed with -9: nothing that was committed is lost, nothing is done twice that must be done once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from engine import SYSTEM, Bundle, InstanceState, TaskState
from tests.engine.diagrams import diagram, flows
from tests.engine.process_engine import handlers
from tests.engine.process_engine.installation import ANN, NOW, Installation, open_installation, registry

ROOT = Path(__file__).parents[3]
BODY = (
    '<bpmn:startEvent id="start"/><bpmn:userTask id="ask"/>'
    '<bpmn:serviceTask id="note" implementation="ledger.write"/>'
    '<bpmn:serviceTask id="mail" implementation="mail.send"/>'
    '<bpmn:userTask id="after"/><bpmn:endEvent id="end"/>'
    + flows("start ask", "ask note", "note mail", "mail after", "after end")
)
CHILD = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from tests.engine.process_engine import handlers
from tests.engine.process_engine.installation import ANN, open_installation, registry

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

path, point = Path(sys.argv[1]), sys.argv[2]
house = open_installation(path, registry(handlers))
house.engine.load()
commits = []  # of acts, not of readers

def noted(connection):
    if connection.get_execution_options().get("writing"):
        commits.append(point)
        if point == "before commit" or (point == "job before its commit" and len(commits) == 2):
            die()

event.listen(house.database, "commit", noted)
if point == "after commit":
    dialect = type(house.database.dialect)
    commit = dialect.do_commit
    dialect.do_commit = lambda self, connection: (commit(self, connection), die() if commits else None)
if point == "in the handler":
    def write(inputs, *, ledger, work):
        ledger.write("half", "x")
        die()
    handlers.die = die
    handlers.write.__code__ = write.__code__
if point == "job before the answer":
    def send(inputs, *, work):
        die()
    handlers.die = die
    handlers.send.__code__ = send.__code__
if point.startswith("job"):
    house.engine.run_due()
else:
    (task,) = house.engine.tasks(ANN, scope="all")
    house.engine.complete_task(task.id, {}, by=ANN)
"""


def kill_at(path: Path, point: str) -> None:
    """Do the next act in a process that is killed at this point."""
    search = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": search}
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path), point], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.fixture
def begun(house: Installation) -> int:
    """A case that waits at its first task."""
    house.engine.publish(Bundle({"p.bpmn": diagram(BODY)}), by=SYSTEM)
    return house.engine.start("p", by=ANN).id


def again(path: Path) -> Installation:
    """Start the installation anew."""
    return open_installation(path, registry(handlers))


@pytest.mark.parametrize("point", ["before commit", "in the handler"])
def test_kill_before_the_commit_leaves_everything_as_before(begun: int, tmp_path: Path, point: str) -> None:
    """The task is open, nothing was written, and completing it then works once."""
    kill_at(tmp_path, point)
    house = again(tmp_path)
    (task,) = house.engine.tasks(ANN, scope="all")
    assert (task.element.id, task.state) == ("ask", TaskState.OPEN)
    assert house.ledger() == []
    house.engine.complete_task(task.id, {}, by=ANN)
    assert house.ledger() == ["entry"]


def test_kill_after_the_commit_loses_nothing(begun: int, tmp_path: Path) -> None:
    """The person saw no answer, but the task is done, once, and the job is due."""
    kill_at(tmp_path, "after commit")
    house = again(tmp_path)
    assert house.engine.tasks(ANN, scope="all").total == 0
    assert house.ledger() == ["entry"]
    assert house.engine.run_due().jobs == 1
    assert [t.element.id for t in house.engine.tasks(ANN, scope="all")] == ["after"]


@pytest.mark.parametrize("point", ["job before the answer", "job before its commit"])
def test_job_of_a_killed_worker_is_taken_over(begun: int, tmp_path: Path, point: str) -> None:
    """When the lease is over another worker runs it, under the same idempotency key, and the case goes on once."""
    house = again(tmp_path)
    (task,) = house.engine.tasks(ANN, scope="all")
    house.engine.complete_task(task.id, {}, by=ANN)
    kill_at(tmp_path, point)
    house = again(tmp_path)
    (job,) = house.engine.jobs()
    assert not house.engine.run_due().did_something
    assert house.engine.next_due() == NOW + timedelta(seconds=60 + 30)
    house.clock.advance(timedelta(seconds=90))
    handlers.calls.clear()
    assert house.engine.run_due().jobs == 1
    assert handlers.calls == [job.idempotency_key]
    (after,) = house.engine.tasks(ANN, scope="all")
    assert house.engine.complete_task(after.id, {}, by=ANN).instance.state is InstanceState.COMPLETED
    numbers = [entry.seq for entry in house.engine.history(begun)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_job_that_kills_its_workers_ends_as_a_failed_job(begun: int, tmp_path: Path) -> None:
    """A handler that takes its worker with it uses up its attempts and is shown."""
    house = again(tmp_path)
    (task,) = house.engine.tasks(ANN, scope="all")
    house.engine.complete_task(task.id, {}, by=ANN)
    for attempt in range(3):
        house = open_installation(tmp_path, registry(handlers), now=NOW + timedelta(seconds=90 * attempt))
        (job,) = house.engine.jobs()
        worker = house.engine._worker._jobs  # a worker that takes the job and is never seen again
        assert worker._take(job.id) is not None
    house.clock.advance(timedelta(seconds=90))
    assert house.engine.run_due().failures == 1
    (failed,) = house.engine.instance(begun, by=ANN).failed_jobs
    assert "ended without an answer" in (failed.error or "")
