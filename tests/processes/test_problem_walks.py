"""Random walks over the problem diagram: whatever people, clocks and senders do, it can go on, saved or not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import handlers
from app import ROOT, read_bundle
from engine import Element, Field, FieldType, Form, HandlerRegistry, InstanceState, ProcessModel
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
STEPS = 40
REGISTRY: HandlerRegistry = handlers.registry()


class World:
    """Stands where handlers and registers stand: answers of the right types, the same for the same question."""

    functions = calendar_functions(Calendars(ChineseWorkdays()))

    def __init__(self, recurrence: int, incidents: list[str]) -> None:
        self._answers = {
            "number": "PRB-2025-00001",
            "known_error": "KE-2025-00001",
            "article": "KB-0002",
            "open_incidents": incidents,
            "recurrence": recurrence,
            "recurred": incidents[:recurrence],
            "logged_at": MONDAY,
            "resolved_at": MONDAY + timedelta(days=20),
            "verify_at": MONDAY + timedelta(days=50),
        }
        self.entered_states: list[str] = []

    def perform(self, element: Element, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer for a handler by its declared outputs."""
        return {output.name: self._answers[output.name] for output in REGISTRY[element.handler or ""].outputs}

    def entered(self, element: Element, variables: Mapping[str, Any]) -> None:
        """Note the record's state."""
        self.entered_states.append(element.record_state or "")


@cache
def problem() -> ProcessModel:
    """The shipped diagram with its decisions and forms."""
    examination = examine(
        read_bundle(ROOT / "bpmn", ROOT / "forms"), handlers=REGISTRY, functions=tuple(World.functions)
    )
    assert examination.ok, examination.findings
    return examination.models["problem"]


worlds = st.tuples(st.sampled_from([0, 0, 2]), st.sampled_from([[], ["INC-2025-00001", "INC-2025-00002"]]))


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_walk_with_save_and_load_equals_the_walk_without(data: st.DataObject) -> None:
    """After every step, the case loaded from its snapshot and the one kept in memory say the same, and can go on."""
    model, now, answers = problem(), MONDAY, data.draw(worlds)
    command, live, snapshot = start(data), LiveCase(model), None
    kept, loaded = World(*answers), World(*answers)
    for _ in range(STEPS):
        one = live.apply(command, now=now, host=kept)
        other = advance(model, snapshot, command, now=now, host=loaded)
        assert (one, kept.entered_states) == (other, loaded.entered_states)
        if one.state is not InstanceState.ACTIVE:
            return
        assert one.waits, "an active case that nothing can move"
        snapshot = other.snapshot
        now, command = next_move(data, model, one, now)


def test_every_flow_of_the_diagram_is_walked() -> None:
    """The walks take every sequence flow, from both starts to all ends."""
    model = problem()
    taken: set[str] = set()

    @given(data=st.data())
    @settings(max_examples=250, deadline=None, database=None, derandomize=True)
    def walk(data: st.DataObject) -> None:
        now, snapshot, world, command = MONDAY, None, World(*data.draw(worlds)), start(data)
        for _ in range(STEPS):
            step = advance(model, snapshot, command, now=now, host=world)
            taken.update(fact.element for fact in step.facts if fact.kind == "flow")
            if step.state is not InstanceState.ACTIVE:
                return
            snapshot = step.snapshot
            now, command = next_move(data, model, step, now)

    walk()
    assert model.flows.keys() - taken == set()


def start(data: st.DataObject) -> Command:
    """A problem raised by a message or by hand."""
    message = {"source": "INC-2025-00007", "title": "…", "symptoms": "…", "ci": None}
    by_hand = {"title": "…", "symptoms": "…", "origin": "other", "ci": None, "incidents": None}
    return data.draw(st.sampled_from([Start("raised", message), Start("reported", by_hand)]))


def next_move(data: st.DataObject, model: ProcessModel, step: Step, now: datetime) -> tuple[datetime, Command]:
    """Somebody does something that the case waits for."""
    wait = data.draw(st.sampled_from(sorted(step.waits, key=lambda w: int(w.token))))
    now = max(now, wait.due_at) if isinstance(wait, TimerWait) else now + timedelta(minutes=7)
    return now, command_for(data, model, wait)


def command_for(data: st.DataObject, model: ProcessModel, wait: Wait) -> Command:
    """What answers a wait."""
    match wait:
        case UserTaskWait():
            form = model.forms[wait.element.form or ""]
            return CompleteTask(wait.token, values_for(data, form))
        case TimerWait():
            return FireTimer(wait.token)
        case MessageWait():
            return DeliverMessage(wait.token, {"change": "CHG-2025-00001", "result": "…", "reason": "…"})
        case _:
            raise AssertionError(f"the problem process waits for no {wait}")


def values_for(data: st.DataObject, form: Form) -> dict[str, Any]:
    """Any answers of the right types; a walk may ask for what a form would refuse, and must get somewhere still."""
    return {field.key: data.draw(answers(field), label=field.key) for field in form.fields}


def answers(field: Field) -> st.SearchStrategy[Any]:
    """What may be answered to one question."""
    if field.options:
        return st.sampled_from([option.value for option in field.options])
    match field.type:
        case FieldType.BOOL:
            return st.booleans()
        case FieldType.INT | FieldType.DEC:
            return st.integers(0, 60)
        case FieldType.DT:
            return st.just(MONDAY + timedelta(days=10))
        case FieldType.REF | FieldType.REFS | FieldType.TABLE:
            return st.none()
        case _:
            return st.just("…")
