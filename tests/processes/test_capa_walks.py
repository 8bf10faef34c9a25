"""Random walks over the diagram of corrective actions: whatever people, clocks and senders do, nothing gets stuck."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
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
    Step,
    TimerWait,
    UserTaskWait,
    Wait,
)
from registers import Calendars, ChineseWorkdays, calendar_functions

MONDAY = datetime(2025, 3, 3, 2, 0, tzinfo=UTC)
STEPS = 40
REGISTRY: HandlerRegistry = handlers.registry()
STARTS = ("begun", "raised")


class World:
    """Stands where handlers and registers stand: answers of the right types, the same for the same question."""

    functions = calendar_functions(Calendars(ChineseWorkdays()))

    def __init__(self) -> None:
        self._cycle = 1
        self.entered_states: list[str] = []
        self.taken: set[str] = set()

    def perform(self, element: Element, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer for a handler by its declared outputs; what is asked for comes back."""
        self._cycle += element.handler == "capa.next_cycle"
        action = {"number": "ACT-2025-00001", "action": "…", "owner": "u_ops1", "due_at": MONDAY, "measure": "…"}
        known: dict[str, Any] = {
            "number": "CAPA-2025-00001",
            "cycle": self._cycle,
            "kind": inputs.get("kind") or "corrective",
            "action_list": [{**action, "number": f"ACT-{n}"} for n in range(2)],
            "extension_possible": inputs.get("reason") == "…",
            "actions_due_at": inputs.get("actions_due_at"),
        }
        outputs = REGISTRY[element.handler or ""].outputs
        return {o.name: known.get(o.name, inputs.get(o.name, _plausible(o.type))) for o in outputs}

    def entered(self, element: Element, variables: Mapping[str, Any]) -> None:
        """Note the record's state."""
        self.entered_states.append(element.record_state or "")


@cache
def capa() -> ProcessModel:
    """The shipped diagram with its decisions and forms."""
    bundle = read_bundle(ROOT / "bpmn", ROOT / "forms")
    examination = examine(bundle, handlers=REGISTRY, functions=tuple(World.functions))
    assert examination.ok, examination.findings
    return examination.models["capa"]


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_walk_with_save_and_load_equals_the_walk_without(data: st.DataObject) -> None:
    """After every step, the instance loaded from its snapshot and the one kept in memory say the same."""
    model, now = capa(), MONDAY
    command: Command = Start(data.draw(st.sampled_from(STARTS)), _report(data))
    live, snapshot = LiveCase(model), None
    kept, loaded = World(), World()
    for _ in range(STEPS):
        one = live.apply(command, now=now, host=kept)
        other = advance(model, snapshot, command, now=now, host=loaded)
        assert (one, kept.entered_states) == (other, loaded.entered_states)
        if one.state is not InstanceState.ACTIVE:
            return
        assert one.waits, "an active case that nothing can move"
        snapshot = other.snapshot
        wait = data.draw(st.sampled_from(sorted(one.waits, key=lambda w: int(w.token))))
        now = _later(now, wait)
        command = _command(data, model, wait)


def test_every_element_and_flow_is_walked() -> None:
    """The walks above take every sequence flow of the diagram."""
    model = capa()
    taken: set[str] = set()

    @given(data=st.data())
    @settings(max_examples=300, deadline=None, database=None, derandomize=True)
    def walk(data: st.DataObject) -> None:
        _wander(data, model, taken)

    walk()
    assert set(model.flows) - taken == set()


def _wander(data: st.DataObject, model: ProcessModel, taken: set[str]) -> None:
    now, snapshot, world = MONDAY, None, World()
    command: Command = Start(data.draw(st.sampled_from(STARTS)), _report(data))
    for _ in range(STEPS):
        step = advance(model, snapshot, command, now=now, host=world)
        taken |= _flows_of(step)
        if step.state is not InstanceState.ACTIVE:
            return
        snapshot = step.snapshot
        tasks = [w for w in step.waits if isinstance(w, UserTaskWait)]
        some = tasks if tasks and data.draw(st.integers(0, 3)) else step.waits
        wait = data.draw(st.sampled_from(sorted(some, key=lambda w: int(w.token))))
        now = _later(now, wait)
        command = _command(data, model, wait)


def _flows_of(step: Step) -> set[str]:
    return {fact.element for fact in step.facts if fact.kind == "flow"}


def _later(now: datetime, wait: Wait) -> datetime:
    return max(now, wait.due_at) if isinstance(wait, TimerWait) else now + timedelta(minutes=7)


def _command(data: st.DataObject, model: ProcessModel, wait: Wait) -> Command:
    match wait:
        case UserTaskWait():
            form = model.forms.get(wait.element.form or "")
            return CompleteTask(wait.token, _values(data, form) if form else {})
        case TimerWait():
            return FireTimer(wait.token)
        case MessageWait():
            reason = data.draw(st.sampled_from(["…", "again"]))
            return DeliverMessage(wait.token, {"reason": reason, "until": date(2025, 4, 1)})
        case _:
            raise AssertionError(f"the process waits for no {wait}")


def _values(data: st.DataObject, form: Form) -> dict[str, Any]:
    return {f.key: data.draw(_answers(f.type, [o.value for o in f.options]), label=f.key) for f in form.fields}


def _answers(kind: FieldType, options: list[Any]) -> st.SearchStrategy[Any]:
    if options:
        return st.sampled_from(options)
    match kind:
        case FieldType.BOOL:
            return st.booleans()
        case FieldType.DT:
            return st.just(MONDAY)
        case FieldType.DATE:
            return st.just(date(2025, 4, 1))
        case FieldType.TABLE:
            return st.just([{"action": "…", "owner": "u_ops1", "due": date(2025, 4, 1), "measure": "…"}])
        case _:
            return st.just("…")


def _plausible(kind: str) -> Any:
    if "datetime" in kind:
        return MONDAY + timedelta(days=10)
    return {"int": 0, "bool": False, "str": "…"}.get(kind)


def _report(data: st.DataObject) -> dict[str, Any]:
    return {
        "source": data.draw(st.sampled_from([None, "INC-2025-00001"])),
        "text": "…",
        "kind": data.draw(st.sampled_from([None, "corrective", "preventive"])),
        "grade": data.draw(st.sampled_from([None, "major", "minor", "observation"])),
        "owner": data.draw(st.sampled_from([None, "u_ops"])),
        "verifier": "u_aud1",
    }
