"""What the standard says about activities, their borders and their scopes, as a game of its own.

It knows nothing of flows, tokens or the interpreter: parts hold parts, and each tells what is open in it. BPMN 2.0.2:
13.3.2 (an activity's life), 13.3.4 (sub-processes), 13.3.6 and 13.3.7 (repetition), 13.5.3 (boundary events), 13.5.4
(event sub-processes: they are started only while the work beside them is active).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

_NUMBERS = count()
Make = Callable[["Part"], "Part"]  # makes a part inside another


@dataclass(frozen=True, slots=True)
class Event:
    """An event at a border: `times` it may come (None: any number), and whether it stops the work."""

    name: str
    kind: str
    interrupting: bool = True
    times: int | None = None

    @property
    def is_waited_for(self) -> bool:
        """Whether it comes from outside; errors and escalations come from inside."""
        return self.kind not in ("error", "escalation")


class Part:
    """Something that is begun, is open for a while, and is done or cancelled."""

    def __init__(self, up: Part | None, name: str = "") -> None:
        self.up = up
        self.name = name  # "": no activity of its own in history
        self.is_open = False
        self.number = next(_NUMBERS)  # the younger, the higher
        self.came = 0  # how often the event at its border has come
        self.told: Counter[tuple[str, str]] = up.told if up is not None else Counter()
        self.parts: list[Part] = []

    def enter(self) -> None:
        self.is_open = True
        self.begin()

    def begin(self) -> None:
        """Begin the parts."""

    def open(self) -> list[str]:
        """What is waited for."""
        return [element for part in self.parts if part.is_open for element in part.open()]

    def at(self, element: str) -> list[Part]:
        """The parts that wait for an element, the oldest first."""
        return [found for part in self.parts if part.is_open for found in part.at(element)]

    def happen(self, element: str, fail: str) -> None:
        """Let what is waited for come; `fail` says what goes wrong with it."""

    def part_done(self, part: Part) -> None:
        """Go on after a part."""

    def raised(self, kind: str, part: Part) -> bool:
        """Take an error or escalation out of a part; say whether that part is stopped by it."""
        assert self.up is not None, f"nothing catches this {kind}"
        return self.up.raised(kind, self)

    def done(self) -> None:
        self.is_open = False
        self._tell("completed")
        if self.up is not None:
            self.up.part_done(self)

    def cancel(self) -> None:
        if self.is_open:
            self.is_open = False
            for part in self.parts:
                part.cancel()
            self._tell("cancelled")

    def add(self, make: Make) -> None:
        part = make(self)
        self.parts.append(part)
        part.enter()

    def _tell(self, what: str) -> None:
        if self.name:
            self.told[what, self.name] += 1


class Task(Part):
    """Waits at `element`; one that takes no time is done at once."""

    def __init__(self, up: Part, element: str, *, counted: bool = True, takes_time: bool = True) -> None:
        super().__init__(up, element if counted else "")
        self.element = element
        self.takes_time = takes_time

    def begin(self) -> None:
        if not self.takes_time:
            self.done()

    def open(self) -> list[str]:
        return [self.element]

    def at(self, element: str) -> list[Part]:
        return [self] if element == self.element else []

    def happen(self, element: str, fail: str) -> None:
        if fail == "job":  # the task itself ends in an error
            self.raised("error", self)
        elif fail and self.raised(fail, self):
            self.cancelled_after_work()
        else:
            self.done()

    def cancelled_after_work(self) -> None:
        """What was thrown behind the task stopped everything around; the task itself had been done."""
        self.told["cancelled", self.element] -= 1
        self.told["completed", self.element] += 1


class Sequence(Part):
    """One part after the other; as a sub-process when it has a name."""

    def __init__(self, up: Part, *makes: Make, name: str = "") -> None:
        super().__init__(up, name)
        self.makes = list(makes)

    def begin(self) -> None:
        self.add(self.makes[0])

    def part_done(self, part: Part) -> None:
        if len(self.parts) < len(self.makes):
            self.add(self.makes[len(self.parts)])
        else:
            self.done()


class Runs(Part):
    """Runs a part several times, together or one after the other."""

    def __init__(self, up: Part, name: str, make: Make, *, times: int, parallel: bool) -> None:
        super().__init__(up, name)
        self.make, self.times, self.parallel = make, times, parallel

    def begin(self) -> None:
        for _ in range(self.times if self.parallel else 1):
            self.add(self.make)

    def part_done(self, part: Part) -> None:
        if len(self.parts) < self.times:
            self.add(self.make)
        elif not any(p.is_open for p in self.parts):
            self.done()


class Together(Part):
    """Parts side by side; done when all are. One that terminates takes the others with it, and all around."""

    def __init__(self, up: Part, *makes: Make) -> None:
        super().__init__(up)
        self.makes = makes

    def begin(self) -> None:
        for make in self.makes:
            self.add(make)

    def part_done(self, part: Part) -> None:
        if not any(p.is_open for p in self.parts):
            self.done()


class Choice(Part):
    """Waits for one of several events; each leads to its own task."""

    def __init__(self, up: Part, ways: dict[str, str]) -> None:
        super().__init__(up)
        self.ways = ways
        self.chosen = ""

    def open(self) -> list[str]:
        return super().open() if self.chosen else list(self.ways)

    def at(self, element: str) -> list[Part]:
        return [self] if not self.chosen and element in self.ways else super().at(element)

    def happen(self, element: str, fail: str) -> None:
        self.chosen = element
        self.told["completed", element] += 1
        self.add(lambda up: Task(up, self.ways[element]))

    def part_done(self, part: Part) -> None:
        self.done()


class Bordered(Part):
    """Work with an event at its border, and what follows each of the two; done when nothing of it is open."""

    def __init__(self, up: Part, work: Make, event: Event | None, *, handle: Make, then: Make | None = None) -> None:
        super().__init__(up)
        self.make_work, self.event, self.handle, self.then = work, event, handle, then
        self.work: Part | None = None

    def begin(self) -> None:
        self.add(self._keep)

    def _keep(self, up: Part) -> Part:
        self.work = self.make_work(up)
        return self.work

    def _waits(self) -> bool:
        event, work = self.event, self.work
        armed = event is not None and event.is_waited_for and (event.times is None or self.came < event.times)
        return armed and work is not None and work.is_open

    def open(self) -> list[str]:
        return super().open() + ([self.event.name] if self.event is not None and self._waits() else [])

    def at(self, element: str) -> list[Part]:
        own: list[Part] = [self] if self.event is not None and element == self.event.name and self._waits() else []
        return own + super().at(element)

    def happen(self, element: str, fail: str) -> None:
        self._come()

    def _come(self) -> None:
        assert self.event is not None
        assert self.work is not None
        self.came += 1
        if self.event.interrupting:
            self.work.cancel()
        self.add(self.handle)

    def raised(self, kind: str, part: Part) -> bool:
        if kind == "terminate":  # this is what a scope holds: nothing of it goes on
            for other in self.parts:
                other.cancel()
            self.done()
            return True
        if part is not self.work or self.event is None or self.event.kind != kind:
            return super().raised(kind, part)
        self._come()
        return self.event.interrupting

    def part_done(self, part: Part) -> None:
        if part is self.work and self.then is not None:
            self.add(self.then)
        elif not any(p.is_open for p in self.parts):
            self.done()


@dataclass
class Process:
    """A case as the standard has it."""

    make: Make
    broadcast: frozenset[str] = frozenset()  # elements that all wait for one and the same thing
    root: Sequence = field(init=False)

    def __post_init__(self) -> None:
        self.root = Sequence(Part(None), self.make)
        self.root.enter()

    @property
    def open(self) -> list[str]:
        """What is waited for, sorted."""
        return sorted(self.root.open()) if self.root.is_open else []

    @property
    def told(self) -> dict[tuple[str, str], int]:
        """How often what was completed or cancelled."""
        return dict(+self.root.told)

    def do(self, element: str, fail: str = "") -> None:
        """Let what is waited for at an element come: to one that waits, or to all of them."""
        waiting = sorted(self.root.at(element), key=lambda part: (part.came, part.number))
        for part in waiting if element in self.broadcast else waiting[:1]:
            if part.is_open:
                part.happen(element, fail)
