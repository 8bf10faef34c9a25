"""Random diagrams, random walks: the interpreter against an independent game, saved and live."""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from engine.interpreter.stepping import advance
from engine.steps import Start
from tests.engine.interpreter.runs import NOON, World
from tests.engine.oracle.activities import Activity, Border, Handler, Process
from tests.engine.oracle.flow import And, Loop, Seq, Throw
from tests.engine.oracle.game import Block
from tests.engine.oracle.pen import Ends, Pen
from tests.engine.oracle.playing import Script, command, label_of, model_of, play
from tests.engine.oracle.strategies import CHOICES, DIAGRAMS, SCRIPTS

COUNT = int(os.environ.get("GUICHENG_WALKS", "1000"))
STEADY: dict[str, Any] = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "suppress_health_check": list(HealthCheck),
    "phases": [Phase.generate, Phase.shrink],
}


@settings(max_examples=COUNT, **STEADY)
@given(DIAGRAMS, CHOICES, SCRIPTS)
def test_what_is_drawn_is_what_runs(process: Process, choice: int, script: Script) -> None:
    """After each act the same things are open, for the same people; saved and loaded, the case goes the same way."""
    play(process, choice, script)


@settings(max_examples=max(COUNT // 10, 1), **STEADY)
@given(DIAGRAMS, SCRIPTS)
def test_two_cases_side_by_side_go_each_its_own_way(process: Process, script: Script) -> None:
    """Interleaved on one spec, each step is the same as if the other case didn't exist."""
    model, start = model_of(process), process.names.of("a", 0)

    def walk(snapshots: list[bytes | None], which: int, token: str | None, answer: int) -> Any:
        given: Any = Start(start, {"choice": which + 1, "number": which})
        if token is not None:
            given = command(next(wait for wait in waits[which] if wait.token == token), answer)
        return advance(model, snapshots[which], given, now=NOON.replace(year=2030), host=World({}, {}))

    waits: list[Any] = [(), ()]
    together: list[Any] = [walk([None, None], which, None, 0) for which in (0, 1)]
    acts: list[tuple[int, str, int, Any]] = []
    for number, (pick, answer) in enumerate(script):
        which = number % 2
        waits[which] = together[which].waits
        if waits[which]:
            token = sorted(waits[which], key=label_key)[pick % len(waits[which])].token
            before = together[which].snapshot
            try:
                together[which] = walk([step.snapshot for step in together], which, token, answer)
            except Exception:  # a join that starves; alone it does, too
                return
            acts.append((which, token, answer, (before, together[which])))
    for which in (0, 1):
        alone = walk([None, None], which, None, 0)
        for _, token, answer, (before, after) in [act for act in acts if act[0] == which]:
            assert alone.snapshot == before
            waits[which] = alone.waits
            alone = walk([alone.snapshot] * 2, which, token, answer)
            assert alone == after


def label_key(wait: Any) -> tuple[str, int]:
    """A steady order."""
    return str(label_of(wait)), int(wait.token)


# --- whether the comparison could fail ----------------------------------------------------------------------------


class Hasty(And):
    """Drawn with an exclusive join, played with a parallel one."""

    def draw(self, pen: Pen) -> Ends:
        sheets = pen.sheets
        pen.sheets = [[]]
        ends = super().draw(pen)
        drawn, pen.sheets = pen.sheets[0], sheets
        join = self.id("j")
        sheets[-1] += [
            stroke.replace("parallelGateway", "exclusiveGateway") if f'id="{join}"' in stroke else stroke
            for stroke in drawn
        ]
        return ends


class Deaf(Border):
    """Drawn as interrupting, played as if it weren't."""

    drawn = False

    @property
    def interrupting(self) -> bool:  # type: ignore[override]
        self.drawn, was_drawn = True, self.drawn
        return not was_drawn

    @interrupting.setter
    def interrupting(self, value: bool) -> None:
        """Be what it is."""


WRONG: dict[str, tuple[Block, list[Handler]]] = {
    "a join": (Seq([Hasty([Activity(), Activity()]), Activity()]), []),
    "a border": (Seq([Activity(borders=[Deaf("message")]), Activity()]), []),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_difference_is_found(wrong: str) -> None:
    """A diagram that is drawn otherwise than it is played comes out as a difference."""
    body, handlers = WRONG[wrong]
    with pytest.raises(AssertionError, match=r"the engine has .*\nthe game"):
        play(Process(body, handlers), 0, [(0, 0), (0, 0), (0, 0)])


def test_game_knows_nothing_of_the_engine() -> None:
    """Else both could be wrong in the same way."""
    for name in ("game", "flow", "activities", "markers", "pen"):
        tree = ast.parse((Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8"))
        imported = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
        imported += [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
        assert [module for module in imported if module.split(".")[0] == "engine"] == []


# --- differences that were found ----------------------------------------------------------------------------------


def test_no_event_sub_process_begins_once_the_work_is_done() -> None:
    """One that still runs escalates to another one beside it, but the scope is Completing (§13.3.2)."""
    late = Handler("cycle", Throw("escalation", "E1"), interrupting=False)
    other = Handler("escalation", Activity(), interrupting=False)
    script = [(0, 0), (1, 0), (0, 0), (0, 0)]  # the cycle comes, the work is done, it escalates
    assert play(Process(Activity(), [late, other]), 0, script) == 3


def test_loop_with_many_rounds() -> None:
    """The answer 1 goes round, 0 goes on."""
    assert play(Process(Seq([Loop(Activity()), Activity()])), 0, [(0, 1)] * 41 + [(0, 0)] * 4) == 43
