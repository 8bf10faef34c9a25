"""A sample of the matrix with the whole engine: two cases side by side in one database, against the oracle."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from engine import Bundle, InstanceState, reading
from engine.interpreter.stepping import waits_of
from engine.steps import ConditionWait, MessageWait, SignalWait, TimerWait, UserTaskWait, Wait
from engine.store import tables, tasks
from tests.engine.diagrams import diagram, properties
from tests.engine.interpreter.drawing import EXTRA
from tests.engine.matrix.combining import LINES, Line
from tests.engine.matrix.course import OUTSIDE
from tests.engine.matrix.oracle import Process
from tests.engine.matrix.scopes import SCOPES, Around
from tests.engine.process_engine.installation import ADMIN, ANN, Installation

_HOSTS = ("user task", "sub-process", "sub-process, together")
_SCOPES = ("process", "sub-process", "event sub-process aside", "sub-process, together", "guarded sub-process")
_LINES = [line for line in LINES if line.host.name in _HOSTS and line.border]
CASES = [
    (around, line)
    for place, around in enumerate(around for around in SCOPES if around.name in _SCOPES)
    for number, line in enumerate(_LINES)
    if (place + number) % 7 == 0
]
WHOLE = properties(business_key="number")


class Stored:
    """A case in a database, played beside the oracle."""

    def __init__(self, house: Installation, line: Line, around: Around, *, number: str) -> None:
        self.house, self.line = house, line
        kind = line.border.kind if line.border else ""
        together = {"b"} if kind.startswith("timer") else set()  # what is due together is fired together
        self.oracle = Process(around.make(line.make), line.all_at_once | together)
        self.coming = [*around.first, *line.courses[1]]
        started = house.engine.start("p", start_event=around.start, variables={"number": number}, by=ANN)
        self.id = started.id
        self.compare("the start")

    def waits(self) -> list[Wait]:
        """What the stored snapshot waits for."""
        with reading(self.house.database) as connection:
            table = tables.process_instance
            row = connection.execute(select(table).where(table.c.id == self.id)).one()
            if row.state != InstanceState.ACTIVE.value:
                return []
            return list(waits_of(self.house.engine._library.get(connection, row.definition_id).model, row.snapshot))

    def compare(self, after: str) -> None:
        """Compare what is waited for."""
        assert sorted(wait.element.id for wait in self.waits()) == self.oracle.open, f"after {after}"

    def step(self) -> None:
        """Do the next thing, as people and the world do it."""
        waiting = self.oracle.open
        element = next((e for e in self.coming[:1] if e in waiting), "")
        element = element or next((e for e in waiting if e not in OUTSIDE), waiting[0])
        fail = self.line.goes_wrong(element) if self.coming[:1] == ["wrong"] else ""
        if self.coming[:1] == (["wrong"] if fail else [element]):
            del self.coming[0]
        found = [wait for wait in self.waits() if wait.element.id == element]
        if element == "work":
            self._set(fail=fail)
        self._do(min(found, key=lambda wait: int(wait.token)))
        self.oracle.do(element, fail)
        self.compare(element)

    def _do(self, wait: Wait) -> None:
        engine = self.house.engine
        match wait:
            case UserTaskWait():
                with reading(self.house.database) as connection:
                    rows = tasks.of_instance(connection, self.id)
                engine.complete_task(next(r.id for r in rows if r.state.is_open and r.token == wait.token), {}, by=ANN)
            case MessageWait():
                engine.correlate(wait.name, key=wait.key)
            case SignalWait():
                engine.broadcast(wait.name)
            case TimerWait():
                self.house.clock.move_to(wait.due_at)
                engine.run_due()
            case ConditionWait():
                self._set(ready=True)
                if self.oracle.open:
                    self._reset()

    def _reset(self) -> None:
        if self.waits():
            self._set(ready=False)

    def _set(self, **values: Any) -> None:
        self.house.engine.set_variables(self.id, values, by=ADMIN)


@pytest.mark.parametrize(("around", "line"), CASES, ids=lambda part: part.name)
def test_stored_cases_run_as_drawn(house: Installation, around: Around, line: Line) -> None:
    """Two cases in one database, a step of each in turn; signals and the clock are for both, so there one is alone."""
    body = WHOLE + around.draw(line.draw())
    house.engine.publish(Bundle({"p.bpmn": diagram(body, extra=EXTRA)}), by=ADMIN)
    kind = line.border.kind if line.border else ""
    numbers = ["A-1"] if kind == "signal" or kind.startswith("timer") else ["A-1", "A-2"]
    cases = [Stored(house, line, around, number=number) for number in numbers]
    while any(case.oracle.open for case in cases):
        for case in cases:
            if case.oracle.open:
                case.step()
    for case in cases:
        assert house.engine.instance(case.id, by=ADMIN).state is InstanceState.COMPLETED
