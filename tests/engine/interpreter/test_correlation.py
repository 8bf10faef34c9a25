"""Correlation keys of a case, live and saved and loaded: BPMN 2.0.2, 8.4.2."""

from __future__ import annotations

from engine.steps import MessageWait
from tests.engine.diagrams import model
from tests.engine.interpreter.runs import Run
from tests.engine.process_engine.test_correlation import ASKING, ONE, ORDERED, TWO, WAITING


def key(run: Run) -> str | None:
    wait = run.wait(run.open[0], MessageWait)
    assert isinstance(wait, MessageWait)
    return wait.key


def test_first_message_says_the_key() -> None:
    """Received at the start, received later, or sent."""
    assert key(Run(model(ORDERED, extra=ONE)).start("ordered", order={"id": 1})) == "1"
    run = Run(model(WAITING, extra=ONE)).start()
    assert key(run) == "*"
    assert key(run.message("wait", invoice={"order": "x"})) == "x"
    run = Run(model(ASKING, extra=TWO)).start(id="A")
    assert (key(run), run.sent) == ('["A", "2026"]', [("asked", '["A", "2026"]', {"id": "A", "year": 2026})])


def test_message_without_the_property_says_nothing() -> None:
    """The case waits on for the first that carries it."""
    assert key(Run(model(WAITING, extra=ONE)).start().message("wait", other=1)) == "*"
