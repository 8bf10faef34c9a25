"""Each activity × each event at its border × each scope: the interpreter against the standard as the oracle tells it.

Every pair of two of them is played, and of the triples every sixth; all of them with `GUICHENG_MATRIX=all`.

Each case plays its courses side by side, one act of each in turn, on one model; every step is made twice, in memory and
on what was saved (`Run`).
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest

from engine import HandlerRegistry, ProcessModel
from engine.constructs import registry
from engine.steps import ConditionWait, TimerWait
from tests.engine.diagrams import model
from tests.engine.interpreter.drawing import EXTRA
from tests.engine.interpreter.runs import Run
from tests.engine.matrix.combining import LINES, SCOPES, Around, Line, is_sampled
from tests.engine.matrix.oracle import Process
from tests.engine.matrix.players import Act, RunPlayer

OUTSIDE = ("b", "guard", "call")  # what comes from outside, if it comes
HANDLERS: HandlerRegistry = registry()
WHOLE = bool(os.environ.get("GUICHENG_MATRIX"))  # all 4,000 combinations: two minutes
CASES = [(around, line) for around in SCOPES for line in LINES if WHOLE or is_sampled(around, line)]
ALWAYS = {"host", "work", "after", "handle", "esp", "scope", "inner", "beyond"}  # compared though nothing is expected


class Course:
    """One case going its way: what is done next, and whether what is seen then is what the oracle says."""

    def __init__(self, drawn: ProcessModel, line: Line, around: Around, coming: list[str]) -> None:
        self.line = line
        self.player = RunPlayer(Run(drawn))
        self.oracle = Process(around.make(line.make), line.all_at_once)
        self.coming = [*around.first, *coming]  # what comes from outside, each as soon as it is waited for
        self.last: str | None = None
        self.player.start(Act(around.start, {}))
        self.compare("the start")

    def step(self) -> None:
        """Do the next thing: what comes from outside, else the first task."""
        waiting = self.oracle.open
        element = next((e for e in self.coming[:1] if e in waiting), "")
        element = element or next((e for e in waiting if e not in OUTSIDE), waiting[0])
        fail = self._fail(element)
        if self.coming[:1] == (["wrong"] if fail else [element]):
            del self.coming[0]
        self._do(element, fail)
        self._make_false()
        self.compare(f"{element} {fail}")

    def _fail(self, element: str) -> str:
        """What goes wrong with a task, if its turn to go wrong has come."""
        if self.coming[:1] != ["wrong"]:
            return ""
        if element == "host" and self.line.host.is_job:
            return "job"
        return self.line.leaving if element == "work" else ""

    def _do(self, element: str, fail: str) -> None:
        wait = self.player.waiting(Act(element, {}))
        values: dict[str, Any] = {}
        if isinstance(wait, ConditionWait):
            values = {"ready" if element == "b" else "go": True}
        elif not isinstance(wait, TimerWait) and fail != "job":
            values = {"last": element, "fail": fail} if element == "work" else {"last": element}
            self.last = element
        self.player.do(Act(element, values, fails=fail == "job"))
        self.oracle.do(element, fail)

    def _make_false(self) -> None:
        """Let no condition be true from the beginning for who comes to wait for it later."""
        run = self.player.run
        if run.state == "active":
            run.set(**{name: False for name in ("ready", "go") if run.variables.get(name)})

    def compare(self, after: str) -> None:
        """Compare what is waited for."""
        assert self.player.run.open == self.oracle.open, f"after {after}"

    def finish(self) -> None:
        """Compare what history tells, and the end."""
        run = self.player.run
        assert run.state == "completed"
        assert run.variables.get("last") == self.last
        names = {name for _, name in self.oracle.told} | ALWAYS
        told = Counter((f.kind, f.element) for f in run.facts if f.kind in ("completed", "cancelled"))
        assert {key: n for key, n in told.items() if key[1] in names} == self.oracle.told


def courses(line: Line, around: Around) -> list[list[str]]:
    """What comes from outside: nothing, the event, the event again and again; and the end of a guarded scope."""
    event = "wrong" if line.leaving else "b"
    alone = [[], [event], [event] * 3] if line.border else [[]]
    guarded = [[event, "guard"] if line.border else ["guard"]] if "guarded" in around.name else []
    return alone + guarded


@pytest.mark.parametrize(("around", "line"), CASES, ids=lambda part: part.name)
def test_what_is_drawn_is_what_runs(around: Around, line: Line) -> None:
    """After each act the same is waited for as by the standard; at the end the same was completed and cancelled."""
    drawn = model(around.draw(line.draw()), extra=EXTRA, handlers=HANDLERS)
    going = [Course(drawn, line, around, coming) for coming in courses(line, around)]
    left = [course for course in going if course.oracle.open]
    while left:
        for course in left:
            course.step()
        left = [course for course in left if course.oracle.open]
    for course in going:
        course.finish()
