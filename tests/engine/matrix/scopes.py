"""The scopes of the matrix: each is drawn around what stands inside, and told around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.engine.diagrams import flows
from tests.engine.interpreter import drawing
from tests.engine.interpreter.drawing import boundary, node, nodes, sub
from tests.engine.matrix.combining import MARKERS
from tests.engine.matrix.oracle import Bordered, Event, Make, Runs, Sequence, Task


@dataclass(frozen=True, slots=True)
class Around:
    """A scope: it is drawn around a line, and told around it."""

    name: str
    draw: Callable[[str], str]
    make: Callable[[Make], Make]
    start: str = "start"
    first: tuple[str, ...] = ()  # what has to come before the line begins


def _beyond(scope: str) -> str:
    return (
        nodes(startEvent="start", userTask="beyond", endEvent="end")
        + scope
        + flows("start scope", "scope beyond", "beyond end")
    )


def _then_beyond(make: Make) -> Make:
    return lambda up: Sequence(up, make, lambda inner: Task(inner, "beyond"))


def _in_scope(make: Make, name: str = "scope") -> Make:
    return lambda up: Sequence(up, make, name=name)


def _nested(line: str) -> str:
    inner = nodes(startEvent="in_outer", userTask="between", endEvent="out_outer") + sub("inner", line)
    return _beyond(sub("scope", inner + flows("in_outer inner", "inner between", "between out_outer")))


def _told_nested(line: Make) -> Make:
    inner = _in_scope(line, "inner")
    both: Make = lambda up: Sequence(up, inner, lambda at: Task(at, "between"), name="scope")  # noqa: E731
    return _then_beyond(both)


def _several_times(marker: str) -> Callable[[str], str]:
    return lambda line: _beyond(f'<bpmn:subProcess id="scope">{line}{marker}</bpmn:subProcess>')


def _told_several(parallel: bool) -> Callable[[Make], Make]:
    return lambda line: _then_beyond(lambda up: Runs(up, "scope", line, times=2, parallel=parallel))


def _called(cancel: bool) -> Callable[[str], str]:
    """The line in an event sub-process that the message `stop` calls."""

    def draw(line: str) -> str:
        start = node("startEvent", "call", drawing.message("stop"), f'isInterrupting="{str(cancel).lower()}"')
        line = line.replace('<bpmn:startEvent id="begin"/>', start).replace('"begin', '"call')
        idle = nodes(startEvent="start", userTask="idle", endEvent="end") + flows("start idle", "idle end")
        return idle + sub("scope", line, by_event=True)

    return draw


def _told_called(cancel: bool) -> Callable[[Make], Make]:
    event = Event("call", "message", cancel, 1 if cancel else None)
    return lambda line: lambda up: Bordered(up, lambda at: Task(at, "idle"), event, handle=_in_scope(line))


def _guarded(cancel: bool) -> Callable[[str], str]:
    """The line in a sub-process that has a border of its own."""

    def draw(line: str) -> str:
        guard = boundary("guard", "scope", drawing.message("stop"), cancel=cancel)
        rescue = nodes(userTask="rescue", endEvent="rescued") + flows("guard rescue", "rescue rescued")
        return _beyond(sub("scope", line)) + guard + rescue

    return draw


def _told_guarded(cancel: bool) -> Callable[[Make], Make]:
    event = Event("guard", "message", cancel, 1 if cancel else None)
    beyond: Make = lambda up: Task(up, "beyond")  # noqa: E731
    rescue: Make = lambda up: Task(up, "rescue")  # noqa: E731
    return lambda line: lambda up: Bordered(up, _in_scope(line), event, handle=rescue, then=beyond)


SCOPES = [
    Around("process", lambda line: line, lambda line: line, "begin"),
    Around("sub-process", lambda line: _beyond(sub("scope", line)), lambda line: _then_beyond(_in_scope(line))),
    Around("sub-process in a sub-process", _nested, _told_nested),
    Around("event sub-process", _called(True), _told_called(True), first=("call",)),
    Around("event sub-process aside", _called(False), _told_called(False), first=("call",)),
    *(
        Around(f"sub-process, {name}", _several_times(marker), _told_several(parallel))
        for name, (marker, parallel) in MARKERS.items()
    ),
    Around("guarded sub-process", _guarded(True), _told_guarded(True)),
    Around("sub-process guarded aside", _guarded(False), _told_guarded(False)),
]
