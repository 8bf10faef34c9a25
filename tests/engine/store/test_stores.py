"""Each store module on a real SQLite file."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, Table

from engine.definitions import Element
from engine.errors import StaleInstance
from engine.states import JobKind, JobState, MessageState, TaskState
from engine.steps import Fact, InstanceState, MessageWait, Step, TimerWait, UserTaskWait
from engine.store import definitions, history, instances, jobs, messages, tables, tasks, timers
from engine.store.definitions import DefinitionRow, File
from engine.store.history import HistoryEntry
from engine.store.instances import InstanceRow
from engine.store.jobs import JobRow
from engine.store.messages import MessageRow, SubscriptionRow
from engine.store.tasks import Filter, TaskRow
from engine.store.timers import TimerRow
from tests.engine.store.conftest import NOW

HOUR = timedelta(hours=1)
ASK = Element("ask", "userTask", role="staff", form="ask")


def step(**values: Any) -> Step:
    """A step that changes little."""
    given = {"snapshot": b"2", "state": InstanceState.ACTIVE, "business_key": "B-1", "variables": {}, "depth": 1}
    empty = dict.fromkeys(("waits", "opened", "closed", "changed", "facts", "messages"), ())
    return Step(**{**empty, **given, **values})


@pytest.mark.parametrize(
    ("row", "table"),
    [
        (InstanceRow, tables.process_instance),
        (TaskRow, tables.user_task),
        (JobRow, tables.job),
        (TimerRow, tables.timer),
        (SubscriptionRow, tables.subscription),
        (MessageRow, tables.message),
        (DefinitionRow, tables.process_definition),
        (HistoryEntry, tables.history_entry),
    ],
)
def test_rows_have_their_columns_in_order(row: type, table: Table) -> None:
    """A row is built by position, so the order of fields and columns is one."""
    assert [f.name.removesuffix("_id") for f in fields(row)] == [c.name.removesuffix("_id") for c in table.columns]


def test_variables_come_back_as_what_they_were(connection: Connection) -> None:
    """Decimals, dates and durations survive the database."""
    variables = {"cost": Decimal("1.50"), "day": date(2026, 3, 2), "left": HOUR, "items": [1, None, {"a": True}]}
    row = instances.lock(connection, 1)
    assert row is not None
    instances.save(connection, row, step(variables=variables), history_seq=0, now=NOW)
    saved = instances.read(connection, 1)
    assert saved is not None
    assert (saved.variables, saved.business_key, saved.revision) == (variables, "B-1", 2)


def test_step_over_an_older_revision_is_refused(connection: Connection) -> None:
    """Two steps from one revision: the second one is told so, and nothing of it is written."""
    row = instances.lock(connection, 1)
    assert row is not None
    instances.save(connection, row, step(), history_seq=0, now=NOW)
    with pytest.raises(StaleInstance, match="Case 1 has just moved on"):
        instances.save(connection, row, step(snapshot=b"3"), history_seq=0, now=NOW)


def test_task_goes_from_open_to_completed(connection: Connection) -> None:
    """A task is opened from its wait, claimed and completed; who did it can be asked."""
    wait = UserTaskWait("t1", ASK, NOW, NOW + HOUR, None, 2)
    (row,) = tasks.open_tasks(connection, 1, 1, [wait])
    tasks.claim(connection, row.id, by="ann", now=NOW)
    tasks.complete(connection, row, by="ann", now=NOW + HOUR)
    found = tasks.lock(connection, row.id)
    assert found is not None
    assert (found[0].state, found[0].completed_by, found[1].id) == (TaskState.COMPLETED, "ann", 1)
    assert tasks.done_by(connection, 1, {"ask", "other"}) == {"ask": {"ann"}}


def test_task_lists_show_what_is_open_to_whom(connection: Connection) -> None:
    """Mine is assigned to or claimed by me; my roles' is free; the overdue come first."""
    waits = [
        UserTaskWait("late", ASK, NOW, NOW),
        UserTaskWait("later", ASK, NOW, NOW + HOUR),
        UserTaskWait("never", ASK, NOW),
        UserTaskWait("his", ASK, NOW, assignee="bob"),
    ]
    rows = tasks.open_tasks(connection, 1, 1, waits)
    tasks.claim(connection, rows[1].id, by="ann", now=NOW)

    def listed(**wanted: Any) -> list[str]:
        found, total = tasks.page(connection, Filter(**wanted), order="due", page=1, size=10)
        assert total == len(found)
        return [row.token for row, _ in found]

    assert listed(roles=("staff",)) == ["late", "never"]
    assert listed(user_id="ann") == ["later"]
    assert listed(user_id="bob", roles=("staff",)) == ["late", "never", "his"]
    assert listed(due_before=NOW + timedelta(seconds=1)) == ["late"]
    assert listed(text="100%") == []
    assert listed(process="p") == ["late", "later", "never", "his"]


def test_moved_waits_change_open_tasks_only(connection: Connection) -> None:
    """Due times and assignees follow the wait."""
    tasks.open_tasks(connection, 1, 1, [UserTaskWait("t", ASK, NOW)])
    tasks.change(connection, 1, [UserTaskWait("t", ASK, NOW, NOW + HOUR, "ann", 3)])
    (row,) = tasks.of_instance(connection, 1)
    assert (row.due_at, row.assignee, row.priority) == (NOW + HOUR, "ann", 3)


def job(**values: Any) -> dict[str, Any]:
    """A job that is due."""
    given: dict[str, Any] = {"instance_id": 1, "token": "j", "element_id": "mail", "kind": JobKind.EXTERNAL}
    given |= {"handler": "h", "inputs": {"n": Decimal("1.5")}, "state": JobState.DUE, "attempts": 0, "retries": 3}
    return {**given, "timeout": 5, "created_at": NOW, "due_at": NOW, "error": None, "traceback": None, **values}


def test_job_is_taken_by_one_worker_until_its_lease_ends(connection: Connection) -> None:
    """A second worker gets nothing, until the first one counts as dead; then the first one's answer counts no more."""
    jobs.add(connection, [job()])
    (job_id,) = jobs.due(connection, NOW, limit=10)
    first = jobs.take(connection, job_id, lease_token="a", until=NOW + HOUR, now=NOW)
    assert first is not None
    assert (first.state, first.attempts, first.inputs) == (JobState.RUNNING, 1, {"n": Decimal("1.5")})
    assert jobs.take(connection, job_id, lease_token="b", until=NOW + HOUR, now=NOW) is None
    assert jobs.due(connection, NOW, limit=10) == []
    second = jobs.take(connection, job_id, lease_token="b", until=NOW + 3 * HOUR, now=NOW + HOUR)
    assert second is not None
    assert second.attempts == 2
    assert jobs.held(connection, job_id, "a") is None
    assert jobs.held(connection, job_id, "b") is not None


def test_next_due_is_the_nearest_of_due_dates_and_leases(connection: Connection) -> None:
    """The worker sleeps until then and no longer."""
    assert jobs.next_due(connection) is None
    jobs.add(connection, [job(due_at=NOW + 2 * HOUR), job(token="k")])
    jobs.take(connection, 2, lease_token="a", until=NOW + HOUR, now=NOW)
    assert jobs.next_due(connection) == NOW + HOUR


def test_timers_are_due_in_the_order_of_their_times(connection: Connection) -> None:
    """The earliest first; a faulted one is its job's business."""
    element = Element("wait", "intermediateCatchEvent")
    timers.add(connection, 1, [TimerWait("b", element, NOW), TimerWait("a", element, NOW - HOUR)])
    timers.add(connection, 1, [TimerWait("c", element, NOW + HOUR)])
    assert [row.token for row in timers.due(connection, NOW, limit=9)] == ["a", "b"]
    timers.mark_faulted(connection, timers.due(connection, NOW, limit=1)[0].id)
    assert [row.token for row in timers.due(connection, NOW, limit=9)] == ["b"]
    assert timers.remove(connection, 1, tokens={"a", "b"}) is True
    assert timers.next_due(connection) == NOW + HOUR


def test_message_goes_to_the_longest_waiting_token_with_its_key(connection: Connection) -> None:
    """An instance that waits comes before a start event; another key is another address."""
    messages.replace_starts(connection, "p", 1, [("begin", "order")])
    catch = Element("catch", "intermediateCatchEvent")
    waits = [MessageWait("x", catch, "order", "1"), MessageWait("y", catch, "order", "2")]
    messages.subscribe(connection, 1, [*waits, MessageWait("z", catch, "order", "2")])
    tokens = [getattr(messages.receiver(connection, "order", key), "token", None) for key in ("1", "2", "3")]
    assert tokens == ["x", "y", None]
    started = messages.receiver(connection, "order", "3")
    assert started is not None
    assert started.definition_id == 1
    assert messages.receiver(connection, "other", "1") is None


def test_inbox_gives_the_oldest_living_message(connection: Connection) -> None:
    """Expired messages are not delivered, and are marked when the worker comes by."""
    common = {"name": "m", "key": "1", "variables": {}, "state": MessageState.WAITING, "received_at": NOW}
    messages.store(connection, **common, expires_at=NOW)
    second = messages.store(connection, **common, expires_at=NOW + HOUR)
    messages.store(connection, **common)
    wait = MessageWait("t", Element("c", "receiveTask"), "m", "1")
    found = messages.oldest_for(connection, [wait], NOW)
    assert found is not None
    assert found.id == second
    assert messages.expire(connection, NOW) == 1
    assert messages.next_expiry(connection) == NOW + HOUR


def test_history_is_numbered_without_a_gap(connection: Connection) -> None:
    """Entries go on where the last ones ended."""
    common = {"instance_id": 1, "definition_id": 1, "actor": "ann", "now": NOW}
    history.append(connection, [Fact("started", "a"), Fact("flow", "f")], after=0, **common)  # type: ignore[arg-type]
    history.append(connection, [Fact("flow", "f", {"cost": Decimal("2.5")})], after=2, **common)  # type: ignore[arg-type]
    entries = history.of_instance(connection, 1)
    assert [entry.seq for entry in entries] == [1, 2, 3]
    assert entries[2].details == {"cost": Decimal("2.5")}
    assert history.counts(connection, 1) == {("started", "a"): 1, ("flow", "f"): 2}


def test_versions_share_the_contents_of_their_files(connection: Connection) -> None:
    """A file that didn't change is stored once, however many versions name it."""
    form = File("form", "ask.json", b"{}")
    for version in (2, 3):
        files = [form, File("diagram", "p.bpmn", f"v{version}".encode())]
        definitions.insert_version(
            connection, files, key="p", version=version, name="P", checksum="c", by="ann", now=NOW
        )
    assert len(connection.execute(tables.resource.select()).all()) == 3
    newest = definitions.find(connection, "p", None)
    assert newest is not None
    assert newest.version == 3
    assert [f.content for f in definitions.files_of(connection, [newest.id])[newest.id]] == [b"v3", b"{}"]
    assert [row.version for row in definitions.newest(connection)] == [3]
