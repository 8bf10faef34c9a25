"""Who plays a story: a run saved and loaded at every step, or the whole engine with its database.

A story is a list of lines `act: open …`: what is done, and what is waited for after it (ids of elements, as often as
they wait; `.` when the case is completed, `!` when it has failed). The first act is the start event.

```
("s n=1: a x", "x: handle", "handle: .")
```

An act does whatever is waited for at an element: completes a task, delivers a message, throws the signal, lets the
time pass, makes the condition true, finishes a job (`x!`: ends it with the error E1). Values may follow; where an
element waits for several things, `x@signal` says which.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from engine.steps import (
    AdHocWait,
    CallWait,
    Command,
    CompleteTask,
    ConditionWait,
    DeliverMessage,
    DeliverSignal,
    FailCall,
    FinishAdHoc,
    FinishCall,
    FinishJob,
    FireTimer,
    JobWait,
    MessageWait,
    RaiseError,
    SetVariables,
    SignalWait,
    TimerWait,
    UserTaskWait,
    Wait,
)
from tests.engine.interpreter.runs import Run

_KINDS: dict[str, type[Any]] = {
    "message": MessageWait,
    "signal": SignalWait,
    "timer": TimerWait,
    "condition": ConditionWait,
}


@dataclass(frozen=True, slots=True)
class Act:
    """What is done at an element."""

    element: str
    values: dict[str, Any]
    kind: str = ""  # of what it waits for; "": whatever
    fails: bool = False

    @classmethod
    def of(cls, text: str) -> Act:
        """Read `x@signal n=1`."""
        place, *given = text.split()
        values = {name: json.loads(value) for name, _, value in (part.partition("=") for part in given)}
        element, _, kind = place.rstrip("!").partition("@")
        return cls(element, values, kind, place.endswith("!"))


class Player(Protocol):
    """A case that can be acted upon and looked at."""

    @property
    def seen(self) -> str: ...
    def start(self, act: Act) -> None: ...
    def do(self, act: Act) -> None: ...


def play(story: Sequence[str], player: Player) -> None:
    """Play a story, and see after each act that it is true."""
    for number, line in enumerate(story):
        take(line, player, first=number == 0)


def take(line: str, player: Player, *, first: bool) -> None:
    """Play one line of a story."""
    act, expected = line.rsplit(":", 1)
    (player.start if first else player.do)(Act.of(act))
    assert player.seen == " ".join(sorted(expected.split())), f"after “{act}”"


def seen(state: str, waiting: list[str]) -> str:
    """What a story says after an act."""
    ended = {"completed": ".", "failed": "!"}
    return ended[state] if state in ended else " ".join(sorted(waiting))


class RunPlayer:
    """Plays on a `Run`: in memory, and saved and loaded between every two steps, with equal outcome."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @property
    def seen(self) -> str:
        return seen(self.run.state, self.run.open)

    def start(self, act: Act) -> None:
        self.run.start(act.element, **act.values)

    def do(self, act: Act) -> None:
        wait = self.waiting(act)
        if isinstance(wait, TimerWait):
            self.run.now = max(self.run.now, wait.due_at)
        self.run.apply(command(wait, act))

    def waiting(self, act: Act) -> Wait:
        """What an act is for: of several the oldest; of timers the next that is due."""
        kind = _KINDS.get(act.kind, object)
        found = [w for w in self.run.step.waits if w.element.id == act.element and isinstance(w, kind)]
        assert found, f"{act.element} is not waited at, but {self.run.open}"
        return min(found, key=lambda w: (w.due_at if isinstance(w, TimerWait) else self.run.now, int(w.token)))


def command(wait: Wait, act: Act) -> Command:
    """What the interpreter is told when somebody does an act."""
    match wait:
        case MessageWait():
            return DeliverMessage(wait.token, act.values)
        case SignalWait():
            return DeliverSignal(wait.name, act.values)
        case TimerWait():
            return FireTimer(wait.token)
        case ConditionWait():
            return SetVariables(act.values or {"ready": True})
        case JobWait():
            return RaiseError(wait.token, "E1") if act.fails else FinishJob(wait.token, act.values)
        case CallWait():
            return FailCall(wait.token, "E1") if act.fails else FinishCall(wait.token, act.values)
        case AdHocWait():
            return FinishAdHoc(wait.token)
        case UserTaskWait():
            return CompleteTask(wait.token, act.values)
