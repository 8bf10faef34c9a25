"""Random diagrams, random walks: the interpreter against an independent oracle, saved and live."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.interpreter import advance
from engine.steps import CompleteTask, DeliverMessage, FireTimer, MessageWait, Start, Step, TimerWait
from tests.engine.diagrams import model
from tests.engine.interpreter.blocks import BLOCKS, Block, Drawing, Oracle
from tests.engine.interpreter.drawing import EXTRA
from tests.engine.interpreter.runs import NOON, Run, World

EXAMPLES = int(os.environ.get("GUICHENG_WALKS", "150"))
UNHURRIED = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
CHOICES = st.integers(0, 11)


@UNHURRIED
@given(BLOCKS, CHOICES, st.data())
def test_what_is_drawn_is_what_runs(block: Block, choice: int, data: st.DataObject) -> None:
    """Blocks of sequence, XOR, AND, OR, loop, sub-process and borders: after each act the same things are open."""
    run = Run(model(Drawing().process(block), extra=EXTRA)).start(choice=choice)
    oracle = Oracle(block, choice)
    for _ in range(25):
        assert run.open == oracle.open
        if not oracle.open:
            break
        element = data.draw(st.sampled_from(oracle.open))
        choice = data.draw(CHOICES)
        wait = run.wait(element)
        if isinstance(wait, MessageWait):
            run.message(element)
        elif isinstance(wait, TimerWait):
            run.fire(element)
        else:
            run.complete(element, choice=choice)
        oracle.do(element, choice)
    assert (run.state == "completed") is (oracle.open == [])


@UNHURRIED
@given(BLOCKS, st.data())
def test_two_cases_side_by_side_go_each_its_own_way(block: Block, data: st.DataObject) -> None:
    """Interleaved on one spec, each step is the same as if the other case didn't exist."""
    drawn = model(Drawing().process(block), extra=EXTRA)
    together = [_start(drawn, choice) for choice in (1, 2)]
    acts: list[list[str]] = [[], []]
    for _ in range(12):
        which = data.draw(st.integers(0, 1))
        if waits := together[which].waits:
            wait = data.draw(st.sampled_from(waits))
            acts[which].append(wait.token)
            together[which] = _act(drawn, together[which], wait.token)
    for which, tokens in enumerate(acts):
        alone = _start(drawn, which + 1)
        for token in tokens:
            alone = _act(drawn, alone, token)
        assert alone == together[which]


def _start(drawn: object, choice: int) -> Step:
    return advance(drawn, None, Start("start", {"choice": choice}), now=NOON, host=World({}, {}))  # type: ignore[arg-type]


def _act(drawn: object, step: Step, token: str) -> Step:
    wait = next(wait for wait in step.waits if wait.token == token)
    command = (
        DeliverMessage(token)
        if isinstance(wait, MessageWait)
        else FireTimer(token)
        if isinstance(wait, TimerWait)
        else CompleteTask(token, {"choice": int(token) % 12})
    )
    now = wait.due_at if isinstance(wait, TimerWait) else NOON
    return advance(drawn, step.snapshot, command, now=now, host=World({}, {}))  # type: ignore[arg-type]
