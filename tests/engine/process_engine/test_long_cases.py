"""A case of many rounds in the database: its past is in its history, and costs the next step nothing."""

from __future__ import annotations

from sqlalchemy import event

from engine import SYSTEM, Bundle
from tests.engine.diagrams import diagram
from tests.engine.interpreter.test_long_and_wide import ROUNDS
from tests.engine.process_engine.installation import ANN, Installation

MANY = 300


def test_many_rounds_take_the_same_statements_and_bytes(house: Installation) -> None:
    """The last completion sends no more statements than the first, and stores no more of the case."""
    house.engine.publish(Bundle({"p.bpmn": diagram(ROUNDS)}), by=SYSTEM)
    statements, sizes, sent = [], [], [0]
    event.listen(house.database, "before_cursor_execute", lambda *_: sent.__setitem__(0, sent[0] + 1))
    task = house.engine.start("p", variables={"bad": True}, by=SYSTEM).tasks[0]
    for _ in range(MANY):
        sent[0] = 0
        (task,) = house.engine.complete_task(task.id, {}, by=ANN).next_tasks
        statements.append(sent[0])
        with house.database.connect() as connection:
            size = connection.exec_driver_sql("SELECT length(snapshot) FROM process_instance").scalar_one()
        sizes.append(size)
    assert statements[-1] == statements[1]
    assert sizes[-1] <= sizes[1] + 10
