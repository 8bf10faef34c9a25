"""The same diagrams through the front door, in the database: two cases side by side, each as its game says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from hypothesis import HealthCheck, given, settings

from engine import SYSTEM, Bundle, ExecutionError, Instance, Task, User
from tests.engine.oracle.activities import Activity, Process
from tests.engine.oracle.flow import Catch, Race, Throw
from tests.engine.oracle.game import Block, Game
from tests.engine.oracle.playing import MOST_GAMES, Script, starved
from tests.engine.oracle.strategies import DIAGRAMS, SCRIPTS
from tests.engine.process_engine.conftest import empty_installation, house
from tests.engine.process_engine.installation import ADMIN, Installation

__all__ = ["empty_installation", "house"]  # fixtures
COUNT, ACTS = 60, 10
NUMBERS = count(1)


def blocks(block: Block) -> Iterator[Block]:
    """A block and all that are in it."""
    waiting = [block]
    while waiting:
        each = waiting.pop()
        yield each
        waiting += each.parts()


def tamed(process: Process) -> Process:
    """The diagram with messages instead of signals, which would reach the other case, and people instead of jobs."""
    for block in blocks(process):
        if isinstance(block, Activity):
            block.kind = "userTask" if block.kind == "serviceTask" else block.kind
            for border in block.borders:
                border.kind = "message" if border.kind == "signal" else border.kind
        elif isinstance(block, Race):
            block.kinds = ["message" if kind == "signal" else kind for kind in block.kinds]
        elif isinstance(block, Throw) and block.kind == "signal":
            block.kind = "none"
        elif getattr(block, "kind", "") == "signal":
            assert isinstance(block, Catch) or hasattr(block, "interrupting")
            block.kind = "message"  # type: ignore[attr-defined]
    return Process(process.body, process.handlers, process.seed)


class Case:
    """A case in the database beside its games."""

    def __init__(self, house: Installation, process: Process, choice: int) -> None:
        self.house, self.number = house, next(NUMBERS)
        self.games = [Game(process, choice)]
        variables = {"choice": choice, "number": self.number}
        self.id = house.engine.start("p", variables=variables, by=SYSTEM).id

    @property
    def instance(self) -> Instance:
        return self.house.engine.instance(self.id, by=ADMIN)

    def compare(self) -> Instance:
        """Make sure that people see the tasks that are open in the game, under their names, and no others."""
        found = self.instance
        listed = sorted(((task.element.id, task.assignee) for task in found.tasks), key=str)
        people = {e.id for e in found.definition.model.elements.values() if e.kind in ("userTask", "manualTask")}
        wanted = [[label for label in game.open() if label[0] in people] for game in self.games]
        games = zip(self.games, wanted, strict=True)
        self.games = [g for g, tasks in games if tasks == listed and g.state == found.state.value]
        assert self.games, f"the database has {listed}, {found.state}\nthe game has {wanted}"
        return found

    def act(self, which: int, answer: int) -> bool:
        """Do one of the things that are open, through the front door; False when there is nothing to do."""
        instance, engine = self.instance, self.house.engine
        elements = instance.definition.model.elements
        labels = [label for label in self.games[0].open() if elements[label[0]].event in (None, "message")]
        if not instance.is_active or not labels or len(self.games) > MOST_GAMES:
            return False
        label = labels[which % len(labels)]
        self.games = [each for game in self.games for each in game.do(label, answer)]
        if message := elements[label[0]].message:
            engine.correlate(message, key=str(self.number))
        else:
            engine.set_variables(self.id, {"choice": answer}, by=ADMIN)
            self.complete(next(task for task in instance.tasks if (task.element.id, task.assignee) == label))
        return True

    def complete(self, task: Task) -> None:
        """Complete a task as the person whose it is."""
        person = User(task.assignee or "ann", "Somebody", frozenset({"staff"}))
        self.house.engine.complete_task(task.id, {}, by=person)


@settings(max_examples=COUNT, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(DIAGRAMS.map(tamed), SCRIPTS)
def test_database_has_the_open_tasks_of_the_game(house: Installation, process: Process, script: Script) -> None:
    """After each act, for two cases at different places of one diagram, neither of which disturbs the other.

    In the end the fixture compares all rows with all snapshots.
    """
    house.engine.publish(Bundle({"p.bpmn": process.file()}), by=SYSTEM)
    try:
        cases = [Case(house, process, choice) for choice in (1, 2)]
    except ExecutionError as error:
        starved([Game(process, choice) for choice in (1, 2)], error)
        return
    for number, (which, answer) in enumerate(script[:ACTS]):
        for case in cases:
            case.compare()
        case = cases[number % 2]
        try:
            case.act(which, answer)
        except ExecutionError as error:  # a join starves: nothing was stored of it, and the case stays where it was
            starved(case.games, error)
            break
