"""What a damaged file goes through: it is examined, and what is accepted runs for a while, with any answers."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import handlers
import registers
from engine import HandlerRegistry
from engine.definitions import Bundle, Element, ProcessModel
from engine.errors import BpmnError, EngineError
from engine.findings import Severity
from engine.intake import Examination, examine
from engine.interpreter.stepping import advance
from engine.steps import (
    Command,
    CompleteTask,
    DeferHandler,
    DeliverMessage,
    DeliverSignal,
    FinishJob,
    FireTimer,
    InstanceState,
    JobWait,
    MessageWait,
    RaiseError,
    SetVariables,
    SignalWait,
    Start,
    TimerWait,
    UserTaskWait,
    Wait,
)
from tests.engine.fuzz import hostile
from tests.engine.fuzz.mutations import TEXTS, damaged
from tests.engine.oracle.playing import work

SECONDS = 2.0  # that the intake may take for one file
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ACTS = 12  # of one run
FUNCTIONS = registers.calendar_functions({})
VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    1,
    2,
    -7,
    10**30,
    1.5,
    "",
    "P1",
    "E1",
    "R/PT0S",
    [],
    [1, 2],
    {},
    {"a": [{}]},
    *TEXTS[:12],
)


def registry() -> HandlerRegistry:
    """The handlers of the application and of the random diagrams."""
    found = handlers.registry()
    found.add(work)
    return found


REGISTRY = registry()


@dataclass(frozen=True)
class Outcome:
    """How it went: refused · accepted, seconds of the examination, acts of the run."""

    accepted: bool
    seconds: float
    acts: int = 0


def try_damaged(corpus: Mapping[str, bytes], number: int) -> Outcome:
    """Damage the file that the number stands for, and try it beside the others it belongs to."""
    dice = random.Random(number)
    random_ones = [name for name in corpus if name.startswith("random")]
    own = sorted(set(corpus) - set(random_ones))
    name = dice.choice(random_ones if dice.random() < 0.7 else own)
    files = {name: damaged(name, corpus[name], dice)}
    if name in own and dice.random() < 0.1:  # beside the others that it belongs to
        files = {other: corpus[other] for other in own if other != "everything.bpmn"} | files
    return try_files(files, dice)


def try_hostile(name: str) -> Outcome:
    """Try one of the files that mean harm."""
    if name in hostile.FORMS:
        return try_files({"f.json": hostile.FORMS[name]}, random.Random(0))
    content = hostile.FILES[name]
    outcome = try_files({"p.bpmn": content}, random.Random(0))
    as_decisions = try_files({"p.dmn": content}, random.Random(0))
    return Outcome(outcome.accepted, max(outcome.seconds, as_decisions.seconds), outcome.acts)


def try_files(files: Mapping[str, bytes], dice: random.Random) -> Outcome:
    """Examine files, and run what is accepted.

    Raises AssertionError for what takes too long, and whatever else goes wrong.
    """
    started = time.process_time()
    examination = judged(files)
    seconds = time.process_time() - started
    assert seconds < SECONDS, f"the examination took {seconds:.1f} s"
    acts = sum(run(model, dice) for model in examination.models.values()) if examination.ok else 0
    return Outcome(examination.ok, seconds, acts)


def judged(files: Mapping[str, bytes]) -> Examination:
    """Examine files of any kind; each finding can be told."""
    kinds = [{n: c for n, c in files.items() if n.endswith(end)} for end in (".bpmn", ".dmn", ".json")]
    examination = examine(Bundle(*kinds), handlers=REGISTRY, functions=tuple(FUNCTIONS))
    for finding in examination.findings:
        assert finding.rule
        assert str(finding)
        assert finding.rule != "core-refuses", finding
    wrong = {f.resource for f in examination.findings if f.severity is Severity.ERROR}
    assert not (set(kinds[0]) <= wrong and examination.models), "a file with an error gives no model"
    return examination


def run(model: ProcessModel, dice: random.Random) -> int:
    """Step through a case with any answers until it ends or is refused by name; return the number of acts."""
    host, snapshot, now = AnyHost(dice), None, NOON
    command: Command = Start(dice.choice(model.starts()).id, _values(model, dice))
    for count in range(ACTS):
        try:
            step = advance(model, snapshot, command, now=now, host=host)
        except EngineError:  # refused by name, as documented; anything else is a fault
            return count
        if step.state is not InstanceState.ACTIVE:
            return count + 1
        snapshot, wait = step.snapshot, dice.choice(step.waits)
        now = max(now, wait.due_at) if isinstance(wait, TimerWait) else now
        command = _command(wait, model, dice)
    return ACTS


def _command(wait: Wait, model: ProcessModel, dice: random.Random) -> Command:
    values = _values(model, dice)
    match wait:
        case UserTaskWait():
            return CompleteTask(wait.token, values)
        case MessageWait():
            return DeliverMessage(wait.token, values)
        case TimerWait():
            return FireTimer(wait.token)
        case SignalWait():
            return DeliverSignal(wait.name, values)
        case JobWait() if dice.random() < 0.3:
            return RaiseError(wait.token, dice.choice(("E1", "ERR", "")), "no")
        case JobWait():
            return FinishJob(wait.token, values)
    return SetVariables(values)


def _values(model: ProcessModel, dice: random.Random) -> dict[str, Any]:
    names = sorted(model.variables)
    return {name: dice.choice(VALUES) for name in dice.sample(names, min(len(names), 6))} | {
        "choice": dice.randrange(12)
    }


class AnyHost:
    """Handlers that give back anything."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.functions: Mapping[str, Callable[..., Any]] = FUNCTIONS

    def perform(self, element: Element, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give back anything, or end in a business error, or put it off."""
        if self.dice.random() < 0.1:
            raise BpmnError(self.dice.choice(("E1", "ERR")), "no")
        if self.dice.random() < 0.1:
            raise DeferHandler
        return {name: self.dice.choice(VALUES) for name in ("number", "record", "choice")}

    def entered(self, element: Element, variables: Mapping[str, Any]) -> None:
        """Take notice."""
