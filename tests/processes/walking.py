"""Random walks over a shipped diagram: people, clocks and senders do whatever comes next, in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import handlers
from app import ROOT, read_bundle
from engine import Element, Field, FieldType, HandlerRegistry, InstanceState, ProcessModel
from engine.intake import examine
from engine.interpreter.stepping import LiveCase, advance
from engine.steps import (
    Command,
    CompleteTask,
    DeliverMessage,
    FireTimer,
    MessageWait,
    Start,
    Step,
    TimerWait,
    UserTaskWait,
    Wait,
)
from registers import Calendars, ChineseWorkdays, calendar_functions

MONDAY = datetime(2025, 3, 3, 2, 0, tzinfo=UTC)
STEPS = 25
REGISTRY: HandlerRegistry = handlers.registry()
Answers = Mapping[FieldType, st.SearchStrategy[Any]]


class World:
    """Stands where handlers and registers stand: answers of the right types, the same for the same question."""

    functions = calendar_functions(Calendars(ChineseWorkdays()))

    def __init__(self, later: timedelta = timedelta(days=10)) -> None:
        self.entered_states: list[str] = []
        self._later = later  # how far away the times are that nobody gives

    def known(self, element: Element, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """The outputs of handlers that decide where a case goes."""
        return {}

    def perform(self, element: Element, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer for a handler by its declared outputs; what is asked for comes back."""
        known = self.known(element, inputs)
        outputs = REGISTRY[element.handler or ""].outputs
        return {o.name: known.get(o.name, inputs.get(o.name, self._plausible(o.type))) for o in outputs}

    def entered(self, element: Element, variables: Mapping[str, Any]) -> None:
        """Note the record's state."""
        self.entered_states.append(element.record_state or "")

    def _plausible(self, kind: str) -> Any:
        return MONDAY + self._later if "datetime" in kind else {"int": 0, "bool": False, "str": "…"}.get(kind)


@cache
def shipped(key: str) -> ProcessModel:
    """The shipped diagram with its decisions and forms."""
    bundle = read_bundle(ROOT / "bpmn", ROOT / "forms")
    examination = examine(bundle, handlers=REGISTRY, functions=tuple(World.functions))
    assert examination.ok, examination.findings
    return examination.models[key]


@dataclass(frozen=True)
class Walks:
    """How a process is walked: where it begins, in which worlds, and what people and senders say."""

    key: str
    starts: st.SearchStrategy[Start]
    worlds: st.SearchStrategy[Callable[[], World]]
    contents: st.SearchStrategy[Mapping[str, Any]]  # of messages
    answers: Answers = field(default_factory=dict)  # to questions of these kinds, instead of the usual

    @property
    def model(self) -> ProcessModel:
        return shipped(self.key)

    def compare(self, data: st.DataObject) -> None:
        """Walk once; after each step the case loaded from its snapshot and the one in memory say the same."""
        now, world = MONDAY, data.draw(self.worlds)
        command: Command = data.draw(self.starts)
        live, snapshot, kept, loaded = LiveCase(self.model), None, world(), world()
        for _ in range(STEPS):
            one = live.apply(command, now=now, host=kept)
            other = advance(self.model, snapshot, command, now=now, host=loaded)
            assert (one, kept.entered_states) == (other, loaded.entered_states)
            if one.state is not InstanceState.ACTIVE:
                return
            assert one.waits, "an active case that nothing can move"
            snapshot = other.snapshot
            now, command = self._next(data, one.waits, now)

    def seen(self, look: Callable[[Step], Iterable[str]], *, walks: int) -> set[str]:
        """Walk so often; return all that was seen after the steps. People act more often than clocks and senders."""
        found: set[str] = set()

        @given(data=st.data())
        @settings(max_examples=walks, deadline=None, database=None, derandomize=True)
        def walk(data: st.DataObject) -> None:
            now, snapshot, world = MONDAY, None, data.draw(self.worlds)()
            command: Command = data.draw(self.starts)
            for _ in range(STEPS):
                step = advance(self.model, snapshot, command, now=now, host=world)
                found.update(look(step))
                if step.state is not InstanceState.ACTIVE:
                    return
                snapshot = step.snapshot
                tasks = [w for w in step.waits if isinstance(w, UserTaskWait)]
                some = tasks if tasks and data.draw(st.integers(0, 3)) else step.waits
                now, command = self._next(data, some, now)

        walk()
        return found

    def _next(self, data: st.DataObject, waits: Iterable[Wait], now: datetime) -> tuple[datetime, Command]:
        wait = data.draw(st.sampled_from(sorted(waits, key=lambda w: int(w.token))))
        now = max(now, wait.due_at) if isinstance(wait, TimerWait) else now + timedelta(minutes=7)
        return now, self._command(data, wait)

    def _command(self, data: st.DataObject, wait: Wait) -> Command:
        match wait:
            case UserTaskWait():
                form = self.model.forms.get(wait.element.form or "")
                asked = form.fields if form else ()
                return CompleteTask(wait.token, {f.key: data.draw(self._answer(f), label=f.key) for f in asked})
            case TimerWait():
                return FireTimer(wait.token)
            case MessageWait():
                return DeliverMessage(wait.token, data.draw(self.contents))
            case _:
                raise AssertionError(f"{self.key} waits for no {wait}")

    def _answer(self, asked: Field) -> st.SearchStrategy[Any]:
        """Any answer of the right type; it may be one that a form would refuse, and must lead somewhere still."""
        if asked.options:
            return st.sampled_from([option.value for option in asked.options])
        if asked.type in self.answers:
            return self.answers[asked.type]
        match asked.type:
            case FieldType.BOOL:
                return st.booleans()
            case FieldType.INT | FieldType.DEC:
                return st.integers(0, 60)
            case FieldType.DT:
                return st.just(MONDAY)
            case FieldType.REF | FieldType.REFS | FieldType.TABLE:
                return st.none()
            case _:
                return st.just("…")


def flows(step: Step) -> set[str]:
    """The sequence flows that a step took."""
    return {fact.element for fact in step.facts if fact.kind == "flow"}
