"""Random walks over the incident diagram: whatever people, clocks and senders do, save and load change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import handlers
from app import ROOT, read_bundle
from engine import Element, FieldType, Form, HandlerRegistry, InstanceState, ProcessModel
from engine.intake import examine
from engine.interpreter.stepping import LiveCase, advance
from engine.steps import (
    Command,
    CompleteTask,
    DeliverMessage,
    FireTimer,
    MessageWait,
    Start,
    TimerWait,
    UserTaskWait,
    Wait,
)
from registers import Calendars, ChineseWorkdays, calendar_functions

MONDAY = datetime(2025, 3, 3, 2, 0, tzinfo=UTC)
STEPS = 25
REGISTRY: HandlerRegistry = handlers.registry()


class World:
    """Stands where handlers and registers stand: answers of the right types, the same for the same question."""

    functions = calendar_functions(Calendars(ChineseWorkdays()))

    def __init__(self, reopened: int) -> None:
        self._reopened = reopened
        self.entered_states: list[str] = []

    def perform(self, element: Element, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer for a handler by its declared outputs."""
        known = {
            "number": "INC-2025-00001",
            "duplicate_of": None,
            "update_every": "PT30M",
            "reopen_count": self._reopened,
            "unreachable_count": self._reopened,
            "kb_suggestions": [],
        }
        outputs = REGISTRY[element.handler or ""].outputs
        return {o.name: known.get(o.name, inputs.get(o.name, _plausible(o.type))) for o in outputs}

    def entered(self, element: Element, variables: Mapping[str, Any]) -> None:
        """Note the record's state."""
        self.entered_states.append(element.record_state or "")


@cache
def incident() -> ProcessModel:
    """The shipped diagram with its decisions and forms."""
    examination = examine(
        read_bundle(ROOT / "bpmn", ROOT / "forms"), handlers=REGISTRY, functions=tuple(World.functions)
    )
    assert examination.ok, examination.findings
    return examination.models["incident"]


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_walk_with_save_and_load_equals_the_walk_without(data: st.DataObject) -> None:
    """After every step, the instance loaded from its snapshot and the one kept in memory say the same."""
    model, now = incident(), MONDAY
    reopened = data.draw(st.integers(0, 3))
    command: Command = data.draw(st.sampled_from([Start("reported", _report()), Start("alert", _alert())]))
    live, snapshot = LiveCase(model), None
    kept, loaded = World(reopened), World(reopened)
    for _ in range(STEPS):
        one = live.apply(command, now=now, host=kept)
        other = advance(model, snapshot, command, now=now, host=loaded)
        assert (one, kept.entered_states) == (other, loaded.entered_states)
        if one.state is not InstanceState.ACTIVE:
            return
        assert one.waits, "an active case that nothing can move"
        snapshot = other.snapshot
        wait = data.draw(st.sampled_from(sorted(one.waits, key=lambda w: int(w.token))))
        now = max(now, wait.due_at) if isinstance(wait, TimerWait) else now + timedelta(minutes=7)
        command = _command(data, model, wait)


def test_every_wait_state_of_the_diagram_is_walked() -> None:
    """The walks above can reach every element of the diagram at which a case rests."""
    model = incident()
    resting = {e.id for e in model.elements.values() if _rests(e)}
    seen: set[str] = set()

    @given(data=st.data())
    @settings(max_examples=200, deadline=None, database=None, derandomize=True)
    def walk(data: st.DataObject) -> None:
        _wander(data, model, seen)

    walk()
    assert resting - seen == set()


def _rests(element: Element) -> bool:
    """Tell whether a case can rest at an element: people, clocks or senders must act there."""
    waits = element.kind == "userTask" or element.event in {"message", "timer"}
    thrown = element.kind in {"intermediateThrowEvent", "endEvent"}
    return waits and not thrown and element.id not in {"reported", "alert"}


def _wander(data: st.DataObject, model: ProcessModel, seen: set[str]) -> None:
    now, snapshot = MONDAY, None
    world = World(data.draw(st.integers(0, 3)))
    command: Command = Start("reported", _report())
    for _ in range(STEPS):
        step = advance(model, snapshot, command, now=now, host=world)
        seen.update(w.element.id for w in step.waits)
        if step.state is not InstanceState.ACTIVE:
            return
        snapshot = step.snapshot
        tasks = [w for w in step.waits if isinstance(w, UserTaskWait)]
        wait = data.draw(st.sampled_from(sorted(tasks or step.waits, key=lambda w: int(w.token))))
        now = max(now, wait.due_at) if isinstance(wait, TimerWait) else now + timedelta(minutes=7)
        command = _command(data, model, wait)


def _command(data: st.DataObject, model: ProcessModel, wait: Wait) -> Command:
    match wait:
        case UserTaskWait():
            form = model.forms.get(wait.element.form or "")
            return CompleteTask(wait.token, _values(data, form) if form else {})
        case TimerWait():
            return FireTimer(wait.token)
        case MessageWait():
            levels = st.sampled_from(["high", "medium", "low"])
            return DeliverMessage(wait.token, {"impact": data.draw(levels), "urgency": data.draw(levels), "text": "…"})
        case _:
            raise AssertionError(f"the incident process waits for no {wait}")


def _values(data: st.DataObject, form: Form) -> dict[str, Any]:
    return {f.key: data.draw(_answers(f.type, [o.value for o in f.options]), label=f.key) for f in form.fields}


def _answers(kind: FieldType, options: list[Any]) -> st.SearchStrategy[Any]:
    if options:
        return st.sampled_from(options)
    match kind:
        case FieldType.BOOL:
            return st.booleans()
        case FieldType.INT | FieldType.DEC:
            return st.integers(1, 60)
        case FieldType.DT:
            return st.just(MONDAY)
        case FieldType.REF | FieldType.REFS | FieldType.TABLE:
            return st.none()
        case _:
            return st.just("…")


def _plausible(kind: str) -> Any:
    if "datetime" in kind:
        return MONDAY + timedelta(hours=4)
    return {"int": 0, "bool": False, "str": "…"}.get(kind)


def _report() -> dict[str, Any]:
    return {"channel": "phone", "customer": "C002", "contact": "徐静", "text": "…", "ci": None}


def _alert() -> dict[str, Any]:
    return {"source": "zabbix", "alert_key": "sw1-down", "ci": "SW-BJ1-001", "severity": "critical", "text": "…"}
