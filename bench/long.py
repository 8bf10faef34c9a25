"""What long and wide cases cost: the last round beside the first, five thousand runs at once."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bench.diagrams import HEAD
from engine import Bundle, HandlerRegistry
from engine.definitions import Element, ProcessModel
from engine.intake import examine
from engine.interpreter.stepping import LiveCase, advance
from engine.steps import Command, CompleteTask, Start, Step

ROUNDS = 10_000
WIDTH = 5_000
_SAMPLE = 200  # rounds at either end whose median counts
_NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: what, and what it comes to, as text."""

    label: str
    value: str


class _Nobody:
    """A host that nothing is asked of."""

    functions: Mapping[str, Callable[..., Any]] = {}

    def perform(self, element: Element, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do nothing."""
        return {}

    def entered(self, element: Element, variables: Mapping[str, Any]) -> None:
        """Take notice."""


def measure() -> Iterator[Figure]:
    """Yield the figures."""
    yield from _rounds()
    yield from _wide()


def _rounds() -> Iterator[Figure]:
    """A loop with a person's task in it: each step from snapshot to snapshot, as the database has it."""
    model, command, snapshot = _model(_LOOP), Start("start", {"again": True}), None
    step = _step(model, snapshot, command)
    seconds, sizes = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        step = _step(model, step.snapshot, CompleteTask(step.waits[0].token))
        seconds.append(time.perf_counter() - began)
        sizes.append(len(step.snapshot))
    first, last = (statistics.median(part) for part in (seconds[:_SAMPLE], seconds[-_SAMPLE:]))
    yield Figure(f"round 1 of {ROUNDS:,}, restored, run, saved, ms", f"{first * 1e3:8.3f}")
    yield Figure("  the last round, × the first", f"{last / first:8.2f}")
    yield Figure("  snapshot at round 10, bytes", f"{sizes[9]:8}")
    yield Figure(f"  snapshot at round {ROUNDS:,}, bytes", f"{sizes[-1]:8}")


def _wide() -> Iterator[Figure]:
    tasks, trips = _model(_TASKS), _model(_TRIPS)
    opened = LiveCase(tasks)
    began = time.perf_counter()
    step = opened.apply(Start("start"), now=_NOON, host=_Nobody())
    yield Figure(f"{len(step.waits):,} user tasks at once, opened, ms", f"{(time.perf_counter() - began) * 1e3:8.0f}")
    one = _milliseconds(lambda: _step(tasks, step.snapshot, CompleteTask(step.waits[-1].token)))
    yield Figure("  one of them completed, ms", f"{one:8.0f}")
    ran = _milliseconds(lambda: _step(trips, None, Start("start")), repeat=1)
    yield Figure(f"{WIDTH:,} sub-processes in one step, ms", f"{ran:8.0f}")


def _step(model: ProcessModel, snapshot: bytes | None, command: Command) -> Step:
    return advance(model, snapshot, command, now=_NOON, host=_Nobody())


def _milliseconds(act: Callable[[], object], *, repeat: int = 3) -> float:
    """Return the least milliseconds of a call: what disturbs only adds."""
    times = []
    for _ in range(repeat):
        began = time.perf_counter()
        act()
        times.append(time.perf_counter() - began)
    return min(times) * 1e3


# --- diagrams -----------------------------------------------------------------------------------------------------


def _model(body: str) -> ProcessModel:
    examination = _examined(_file(body))
    return examination.models["p"]


def _examined(content: bytes) -> Any:
    examination = examine(Bundle({"p.bpmn": content}), handlers=HandlerRegistry())
    if not examination.ok:
        raise ValueError(examination.findings)
    return examination


def _file(body: str) -> bytes:
    lane = '<bpmn:lane id="staff"><bpmn:flowNodeRef>start</bpmn:flowNodeRef></bpmn:lane>'
    inside = f'<bpmn:laneSet id="lanes">{lane}</bpmn:laneSet>{body}'
    return f'{HEAD}<bpmn:process id="p" isExecutable="true">{inside}</bpmn:process></bpmn:definitions>'.encode()


def _task(identity: str, inner: str = "") -> str:
    return (
        f'<bpmn:userTask id="{identity}"><bpmn:extensionElements><spiffworkflow:properties>'
        '<spiffworkflow:property name="role" value="staff"/></spiffworkflow:properties></bpmn:extensionElements>'
        f"{inner}</bpmn:userTask>"
    )


def _flows(*pairs: str) -> str:
    ends = (pair.split() for pair in pairs)
    return "".join(f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in ends)


def _when(source: str, target: str, condition: str) -> str:
    return (
        f'<bpmn:sequenceFlow id="{source}_{target}_if" sourceRef="{source}" targetRef="{target}">'
        f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression></bpmn:sequenceFlow>"
    )


_ENDS = '<bpmn:startEvent id="start"/><bpmn:endEvent id="end"/>'
_BARS = (
    f"<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>{WIDTH}</bpmn:loopCardinality>"
    "</bpmn:multiInstanceLoopCharacteristics>"
)
_LOOP = (
    _ENDS
    + _task("work")
    + '<bpmn:exclusiveGateway id="merge"/><bpmn:exclusiveGateway id="good" default="good_end"/>'
    + _flows("start merge", "merge work", "work good", "good end")
    + _when("good", "merge", "again")
)
_TASKS = _ENDS + _task("vote", _BARS) + _flows("start vote", "vote end")
_TRIPS = (
    _ENDS
    + f'<bpmn:subProcess id="trip">{_BARS}<bpmn:startEvent id="s"/><bpmn:task id="x"/>{_flows("s x")}</bpmn:subProcess>'
    + _flows("start trip", "trip end")
)
