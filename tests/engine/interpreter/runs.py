"""Runs a case in tests, twice: saved and loaded between every two steps, and live; both must agree in everything.

```python
run = Run(model(…)).start(amount=5)
run.complete("ask", approved=True)
assert run.open == ["pay"]
```
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.definitions import Element, ProcessModel
from engine.interpreter.stepping import LiveCase, advance, waits_of
from engine.steps import (
    AdHocWait,
    ChooseActivity,
    Command,
    CompleteTask,
    DeliverMessage,
    DeliverSignal,
    Fact,
    FinishAdHoc,
    FinishJob,
    FireTimer,
    MessageWait,
    RaiseError,
    SetVariables,
    Start,
    Step,
    TimerWait,
    Wait,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday
Work = Callable[..., Mapping[str, Any] | None]


class World:
    """A host whose handlers are plain functions by element id; what it was told is kept."""

    def __init__(self, work: Mapping[str, Work], functions: Mapping[str, Callable[..., Any]]) -> None:
        self.work = work
        self.functions = functions
        self.performed: list[tuple[str, Mapping[str, Any]]] = []
        self.states: list[str | None] = []
        self.records: dict[tuple[str, str], Mapping[str, Any]] = {}

    def perform(self, element: Element, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        self.performed.append((element.id, dict(inputs)))
        function = self.work.get(element.id)
        return (function(**inputs) if function is not None else None) or {}

    def read_record(self, element: Element, register: str, key: str) -> Mapping[str, Any] | None:
        return self.records.get((register, key))

    def write_record(self, element: Element, register: str, key: str, values: Mapping[str, Any]) -> None:
        self.records[register, key] = {**self.records[register, key], **values}

    def entered(self, element: Element, variables: Mapping[str, Any]) -> None:
        self.states.append(element.record_state)


class Run:
    """One case under test."""

    def __init__(
        self, model: ProcessModel, *, functions: Mapping[str, Callable[..., Any]] | None = None, **work: Work
    ) -> None:
        self.model = model
        self.now = NOON
        self.world, self._other_world = World(work, functions or {}), World(work, functions or {})
        self._live = LiveCase(model)
        self.step: Step = None  # type: ignore[assignment]
        self.facts: list[Fact] = []
        self.sent: list[tuple[str, str | None, Mapping[str, Any]]] = []

    @property
    def worlds(self) -> tuple[World, World]:
        """The two that must see the same."""
        return self.world, self._other_world

    # --- commands -----------------------------------------------------------------------------------------------

    def start(self, event: str = "start", /, **variables: Any) -> Run:
        return self.apply(Start(event, variables))

    def complete(self, element: str, /, **values: Any) -> Run:
        return self.apply(CompleteTask(self.wait(element).token, values))

    def complete_last(self, element: str, /, **values: Any) -> Run:
        """Complete the newest of several tasks."""
        token = [w for w in self.step.waits if w.element.id == element][-1].token
        return self.apply(CompleteTask(token, values))

    def message(self, element: str, /, **payload: Any) -> Run:
        return self.apply(DeliverMessage(self.wait(element, MessageWait).token, payload))

    def signal(self, name: str, /, **payload: Any) -> Run:
        return self.apply(DeliverSignal(name, payload))

    def fire(self, element: str) -> Run:
        """Move the clock to the timer's due time, and fire it."""
        wait = self.wait(element, TimerWait)
        assert isinstance(wait, TimerWait)
        self.now = max(self.now, wait.due_at)
        return self.apply(FireTimer(wait.token))

    def finish(self, element: str, /, **outputs: Any) -> Run:
        return self.apply(FinishJob(self.wait(element).token, outputs))

    def fail(self, element: str, code: str) -> Run:
        return self.apply(RaiseError(self.wait(element).token, code))

    def choose(self, element: str, activity: str) -> Run:
        return self.apply(ChooseActivity(self.wait(element, AdHocWait).token, activity))

    def finish_ad_hoc(self, element: str) -> Run:
        return self.apply(FinishAdHoc(self.wait(element, AdHocWait).token))

    def set(self, **values: Any) -> Run:
        return self.apply(SetVariables(values))

    def apply(self, command: Command) -> Run:
        snapshot = self.step.snapshot if self.step else None
        before = self.step.waits if self.step else ()
        step = advance(self.model, snapshot, command, now=self.now, host=self.world)
        live = self._live.apply(command, now=self.now, host=self._other_world)
        assert step == live, "saved and loaded, the case goes another way"
        assert waits_of(self.model, step.snapshot) == step.waits
        assert {w.token for w in step.waits} == {w.token for w in before} - _tokens(step.closed) | _tokens(step.opened)
        self.step = step
        self.facts += step.facts
        self.sent += [(m.name, m.key, m.variables) for m in step.messages]
        return self

    def later(self, **time: float) -> Run:
        self.now += timedelta(**time)
        return self

    # --- looking ------------------------------------------------------------------------------------------------

    @property
    def open(self) -> list[str]:
        """Ids of the elements that something is waited for at, sorted, as often as they wait."""
        return sorted(wait.element.id for wait in self.step.waits)

    @property
    def state(self) -> str:
        return self.step.state.value

    @property
    def variables(self) -> Mapping[str, Any]:
        return self.step.variables

    def wait(self, element: str, kind: type[Any] = object) -> Wait:
        found = [w for w in self.step.waits if w.element.id == element and isinstance(w, kind)]
        assert found, f"{element} is not waited at, but {self.open}"
        return found[0]

    def told(self, *kinds: str) -> list[str]:
        """Elements of the facts of these kinds, in order."""
        return [fact.element for fact in self.facts if fact.kind in kinds]

    def fact(self, kind: str) -> Fact:
        """The last fact of a kind."""
        return [fact for fact in self.facts if fact.kind == kind][-1]


def _tokens(waits: tuple[Wait, ...]) -> set[str]:
    return {wait.token for wait in waits}


def renamed(run: Run, **changes: Any) -> ProcessModel:
    """A copy of the run's model with other attributes."""
    return replace(run.model, **changes)
