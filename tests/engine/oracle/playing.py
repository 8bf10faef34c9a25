"""The interpreter and the game side by side: after each act the same things must be open."""

from __future__ import annotations

from dataclasses import dataclass

from engine.definitions import Bundle, ProcessModel
from engine.errors import ExecutionError
from engine.handlers import HandlerRegistry, handler
from engine.intake import examine
from engine.steps import (
    Command,
    CompleteTask,
    DeliverMessage,
    DeliverSignal,
    FinishJob,
    FireTimer,
    JobWait,
    MessageWait,
    RaiseError,
    SignalWait,
    TimerWait,
    UserTaskWait,
    Wait,
)
from tests.engine.interpreter.runs import Run
from tests.engine.oracle.activities import Process
from tests.engine.oracle.game import Game, Label

Script = list[tuple[int, int]]  # for each act: which of the open things, and the answer that is given
MOST_GAMES = 64  # that differ in what the standard leaves open; beyond, a walk ends


@dataclass(frozen=True, slots=True)
class Answer:
    """What the handler in these diagrams gives back."""

    choice: int


@handler("work", external=True)
def work() -> Answer:
    """Stand for some external work."""
    raise AssertionError("jobs are finished by the test")


REGISTRY = HandlerRegistry()
REGISTRY.add(work)


def model_of(process: Process) -> ProcessModel:
    """The model of a diagram; one that the intake refuses is no well-formed one."""
    examination = examine(Bundle({"p.bpmn": process.file()}), handlers=REGISTRY, functions=())
    assert examination.ok, "refused:\n" + "\n".join(map(str, examination.findings))
    return examination.models["p"]


def label_of(wait: Wait) -> Label:
    """How the game calls what is waited for."""
    return (wait.element.id, wait.assignee if isinstance(wait, UserTaskWait) else None)


def play(process: Process, choice: int, script: Script) -> int:
    """Play a case as scripted, with both; return how many acts there were.

    Raises AssertionError where they differ.
    """
    run = Run(model_of(process))
    games = [Game(process, choice)]
    try:
        run.start(process.names.of("a", 0), choice=choice, number=1)
    except ExecutionError as error:
        starved(games, error)
        return 0
    for count, (which, answer) in enumerate(script):
        games = compared(games, run)
        if run.state != "active" or len(games) > MOST_GAMES:
            return count
        waits = sorted(run.step.waits, key=lambda wait: (str(label_of(wait)), int(wait.token)))
        wait = waits[which % len(waits)]
        games = [each for game in games for each in game.do(label_of(wait), answer)]
        try:
            act(run, wait, answer)
        except ExecutionError as error:
            starved(games, error)
            return count
    compared(games, run)
    return len(script)


def starved(games: list[Game], error: ExecutionError) -> None:
    """Make sure that a step was refused because tokens would rest at joins for ever, in one of the games at least."""
    assert "for ever" in str(error), error
    assert any(game.starves for game in games), f"it is not alone: {[game.open() for game in games]}"


def compared(games: list[Game], run: Run) -> list[Game]:
    """The games that agree with the run: there is one at least."""
    found = (sorted((label_of(wait) for wait in run.step.waits), key=str), run.state, results_of(run.variables))
    agreeing = [game for game in games if (game.open(), game.state, game.results) == found and not game.starves]
    wanted = "\n   or ".join(str((game.open(), game.state, game.results)) for game in games[:5])
    assert agreeing, f"the engine has {found}\nthe game   {wanted}"
    return agreeing


def results_of(variables: object) -> dict[str, object]:
    """The lists that multi-instance activities have made."""
    return {name: value for name, value in variables.items() if name[0] == "r"}  # type: ignore[attr-defined]


def act(run: Run, wait: Wait, answer: int) -> None:
    """Let what is waited for come true in the run."""
    if isinstance(wait, TimerWait):
        run.now = max(run.now, wait.due_at)
    run.apply(command(wait, answer))


def command(wait: Wait, answer: int) -> Command:
    """What comes true, as the interpreter is told."""
    match wait:
        case MessageWait():
            return DeliverMessage(wait.token)
        case TimerWait():
            return FireTimer(wait.token)
        case SignalWait():
            return DeliverSignal(wait.name)
        case JobWait() if answer % 4 == 3:
            return RaiseError(wait.token, f"E{answer % 2 + 1}")
        case JobWait():
            return FinishJob(wait.token, {"choice": answer})
    return CompleteTask(wait.token, {"choice": answer})
