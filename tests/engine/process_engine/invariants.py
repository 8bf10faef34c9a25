"""An independent reader: what must hold of every database, whatever happened to it."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection, select

from engine import InstanceState, JobKind, reading
from engine.interpreter.stepping import waits_of
from engine.steps import CallWait, JobWait, MessageWait, SignalWait, TimerWait, UserTaskWait
from engine.store import history, jobs, messages, tables, tasks, timers
from engine.store.instances import InstanceRow
from tests.engine.process_engine.installation import Installation


def check_invariants(house: Installation) -> None:
    """Make sure that rows and snapshots agree, history has no gap, and every active case is alive."""
    with reading(house.database) as connection:
        for row in connection.execute(select(tables.process_instance)).all():
            _check_instance(house, connection, InstanceRow.of(row))


def _check_instance(house: Installation, connection: Connection, row: InstanceRow) -> None:
    open_tasks = Counter(t.token for t in tasks.of_instance(connection, row.id) if t.state.is_open)
    open_jobs = [j for j in jobs.of_instance(connection, row.id) if j.state in jobs.UNFINISHED]
    subscriptions = messages.subscriptions_of(connection, row.id)
    rows = {
        UserTaskWait: open_tasks,
        JobWait: Counter(j.token for j in open_jobs if j.kind in (JobKind.EXTERNAL, JobKind.TRANSACTIONAL)),
        TimerWait: Counter(t.token for t in timers.of_instance(connection, row.id)),
        MessageWait: Counter(s.token for s in subscriptions if s.kind == messages.MESSAGE),
        SignalWait: Counter(s.token for s in subscriptions if s.kind == messages.SIGNAL),
    }
    called = select(tables.process_instance.c.parent_token).where(
        tables.process_instance.c.parent_id == row.id, tables.process_instance.c.state == InstanceState.ACTIVE
    )
    rows[CallWait] = Counter(connection.execute(called).scalars())
    model = house.engine._library.get(connection, row.definition_id).model
    waits = waits_of(model, row.snapshot) if row.state is InstanceState.ACTIVE else ()
    for kind, found in rows.items():
        assert found == Counter(w.token for w in waits if isinstance(w, kind)), f"case {row.id}: {kind.__name__}"
    assert waits or row.state is not InstanceState.ACTIVE, f"case {row.id} waits for nothing"
    due = {t.token: t.due_at for t in tasks.of_instance(connection, row.id) if t.state.is_open}
    assert due == {w.token: w.due_at for w in waits if isinstance(w, UserTaskWait)}
    numbers = [entry.seq for entry in history.of_instance(connection, row.id)]
    assert numbers == list(range(1, row.history_seq + 1)), f"case {row.id}: history has a gap"
    assert (row.ended_at is None) is (row.state is InstanceState.ACTIVE)
