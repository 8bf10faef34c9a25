"""A case of the matrix going its way beside the oracle."""

from __future__ import annotations

from collections import Counter
from typing import Any, Protocol

from engine import ProcessModel
from engine.constructs import registry
from engine.steps import CallWait, ConditionWait, TimerWait
from tests.engine.diagrams import model
from tests.engine.interpreter.drawing import EXTRA
from tests.engine.interpreter.runs import Run
from tests.engine.matrix.oracle import Part, Process
from tests.engine.matrix.players import Act, RunPlayer
from tests.engine.matrix.scopes import Around

OUTSIDE = ("b", "guard", "call")  # what comes from outside, if it comes
ALWAYS = {"host", "work", "after", "handle", "esp", "scope", "inner", "beyond"}  # compared though nothing is expected
HANDLERS = registry()
CALLED = '<bpmn:process id="q" isExecutable="true"><bpmn:startEvent id="q_start"/></bpmn:process>'


class Inside(Protocol):
    """What stands in a scope, from the start `begin` on: drawn, told to the oracle, and how it is played."""

    @property
    def name(self) -> str: ...
    @property
    def all_at_once(self) -> frozenset[str]: ...
    @property
    def courses(self) -> list[list[str]]: ...
    def goes_wrong(self, element: str) -> str: ...
    def draw(self) -> str: ...
    def make(self, up: Part) -> Part: ...


def compare(around: Around, inside: Inside) -> None:
    """Play all courses side by side, an act of each in turn, on one model; each as the oracle says."""
    drawn = model(around.draw(inside.draw()), extra=EXTRA + CALLED, handlers=HANDLERS)
    courses = inside.courses
    if "guarded" in around.name:
        courses = [*courses, [*courses[-1][:1], "guard"]]
    going = [Course(drawn, inside, around, coming) for coming in courses]
    left = [course for course in going if course.oracle.open]
    while left:
        for course in left:
            course.step()
        left = [course for course in left if course.oracle.open]
    for course in going:
        course.finish()


class Course:
    """One case going its way: what is done next, and whether what is seen then is what the oracle says."""

    def __init__(self, drawn: ProcessModel, inside: Inside, around: Around, coming: list[str]) -> None:
        self.inside = inside
        self.player = RunPlayer(Run(drawn))
        self.oracle = Process(around.make(inside.make), inside.all_at_once)
        self.coming = [*around.first, *coming]  # what comes from outside, each as soon as it is waited for
        self.last: str | None = None
        self.player.start(Act(around.start, {}))
        self.compare("the start")

    def step(self) -> None:
        """Do the next thing: what comes from outside, else the first task."""
        waiting = self.oracle.open
        if self.coming[:1] == ["later"]:
            self.coming[0] = ""  # not yet
        elif self.coming[:1] == [""]:
            del self.coming[0]
        element = next((e for e in self.coming[:1] if e in waiting), "")
        element = element or next((e for e in waiting if e not in OUTSIDE), waiting[0])
        fail = self.inside.goes_wrong(element) if self.coming[:1] == ["wrong"] else ""
        if self.coming[:1] == (["wrong"] if fail else [element]):
            del self.coming[0]
        self._do(element, fail)
        self._make_false()
        self.compare(f"{element} {fail}")

    def _do(self, element: str, fail: str) -> None:
        wait = self.player.waiting(Act(element, {}))
        values: dict[str, Any] = {}
        if isinstance(wait, ConditionWait):
            values = {"ready" if element == "b" else "go": True}
        elif not isinstance(wait, TimerWait | CallWait) and fail != "job":
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
