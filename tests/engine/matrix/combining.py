"""The axes of the matrix: activities, events at their border, scopes around; each drawn, and told to the oracle.

The line inside a scope is `begin → host → after → finish`; the event `b`, at the host's border or as the start of an
event sub-process, leads to `handle`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.engine.diagrams import flows
from tests.engine.interpreter import drawing
from tests.engine.interpreter.drawing import boundary, condition, handling, node, nodes
from tests.engine.matrix.oracle import Bordered, Event, Make, Part, Runs, Sequence, Task

LOOP = '<bpmn:standardLoopCharacteristics loopMaximum="2"/>'
TOGETHER = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2</bpmn:loopCardinality>"
TOGETHER += "</bpmn:multiInstanceLoopCharacteristics>"
MARKERS = {
    "loop": (LOOP, False),
    "together": (TOGETHER, True),
    "in turn": (TOGETHER.replace("Characteristics>", 'Characteristics isSequential="true">', 1), False),
}
DEFINITIONS = {
    "message": drawing.message("ping"),
    "signal": drawing.signal("red"),
    "conditional": drawing.when("ready = true"),
    "timer date": drawing.timer("Date", "2026-03-02T12:30:00Z"),
    "timer duration": drawing.timer("Duration", "PT1H"),
    "timer cycle": drawing.timer("Cycle", "R2/PT1H"),
    "error": drawing.error("E1"),
    "error any": drawing.error(),
    "escalation": drawing.escalation("X1"),
    "escalation any": drawing.escalation(),
}
ALL_AT_ONCE = ("signal", "conditional")  # whoever waits gets it


# --- events -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Border:
    """An event `b`, where it stands, and whether it interrupts."""

    kind: str
    interrupting: bool
    inside: bool  # starts an event sub-process beside the line; else at the host's border

    @property
    def name(self) -> str:
        place = "handler" if self.inside else "boundary"
        return f"{place} {self.kind}{'' if self.interrupting else ' aside'}"

    @property
    def event(self) -> Event:
        once = self.interrupting or self.kind in ("timer date", "timer duration")
        times = 1 if once else 2 if self.kind == "timer cycle" else None
        return Event("b", self.kind.removesuffix(" any"), self.interrupting, times)

    def fits(self, host: Host) -> bool:
        """Whether it can happen to this activity."""
        if self.kind.startswith("error"):
            return host.holds_work or host.is_job
        if self.kind.startswith("escalation"):
            return host.holds_work
        return host.takes_time


BORDERS = [
    Border(kind, interrupting, inside)
    for inside in (False, True)
    for kind in DEFINITIONS
    for interrupting in (True, False)
    if interrupting or not kind.startswith("error")
]


# --- activities -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Host:
    """What stands in the middle of the line."""

    name: str
    draw: Callable[[str], str]  # what leaves the work inside it → its XML
    make: Make
    holds_work: bool = False  # a sub-process with the task `work` in it
    is_job: bool = False  # done elsewhere, and may end in an error there
    takes_time: bool = True
    event: str = ""  # of one that is an event itself


def _work(leaving: str) -> str:
    """What is inside a sub-process: `work`, and after it what `fail` asks for."""
    inner = nodes(startEvent="in", userTask="work", endEvent="out") + flows("in work")
    if not leaving:
        return inner + flows("work out")
    gate = '<bpmn:exclusiveGateway id="gate" default="gate_out"/>' + flows("work gate", "gate out")
    gate += condition("wrong", "gate", "thrown", f'fail = "{leaving}"')
    if leaving == "error":
        return inner + gate + node("endEvent", "thrown", drawing.error("E1"))
    return inner + gate + node("intermediateThrowEvent", "thrown", drawing.escalation("X1")) + flows("thrown out")


def _user(name: str, marker: str = "") -> Callable[[str], str]:
    return lambda leaving: node(name, "host", marker, role="staff")


def _holding(kind: str, marker: str = "") -> Callable[[str], str]:
    return lambda leaving: f'<bpmn:{kind} id="host">{_work(leaving)}{marker}</bpmn:{kind}>'


def _task(up: Part) -> Part:
    return Task(up, "host")


def _passing(up: Part) -> Part:
    return Task(up, "host", takes_time=False)


def _one(name: str) -> Make:
    return lambda up: Sequence(up, lambda inner: Task(inner, "work"), name=name)


def _several(run: Make, parallel: bool) -> Make:
    return lambda up: Runs(up, "host", run, times=2, parallel=parallel)


def _caught(kind: str) -> Host:
    """An event that waits, for something else than the one at a border."""
    others = {
        "message": drawing.message("pong"),
        "signal": drawing.signal("blue"),
        "conditional": drawing.when("go = true"),
    }
    xml = node("intermediateCatchEvent", "host", others.get(kind, DEFINITIONS[kind]))
    return Host(f"catch {kind}", _xml(xml), _task, event=kind)


def _xml(xml: str) -> Callable[[str], str]:
    return lambda leaving: xml


def _hosts() -> Iterator[Host]:
    yield Host("user task", _user("userTask"), _task)
    yield Host("manual task", _user("manualTask"), _task)
    yield Host("receive task", _xml(node("receiveTask", "host", attributes='messageRef="m_pong"')), _task)
    yield Host("job", _xml(drawing.service("host", "far")), _task, is_job=True)
    yield Host("call activity", _xml(node("callActivity", "host", attributes='calledElement="q"')), _task, is_job=True)
    yield Host("sub-process", _holding("subProcess"), _one("host"), holds_work=True)
    for name, (marker, parallel) in MARKERS.items():
        run: Make = lambda up: Task(up, "host", counted=False)  # noqa: E731
        yield Host(f"user task, {name}", _user("userTask", marker), _several(run, parallel))
        inside = _several(_one(""), parallel)
        yield Host(f"sub-process, {name}", _holding("subProcess", marker), inside, holds_work=True)
    yield Host("transaction", _holding("transaction"), _one("host"), holds_work=True)
    for kind in DEFINITIONS:
        if not kind.startswith(("error", "escalation")):
            yield _caught(kind)
    for name, xml in _AT_ONCE.items():
        yield Host(name, _xml(xml), _passing, takes_time=False)


_AT_ONCE = {
    "task": node("task", "host"),
    "service task": drawing.service("host", "do"),
    "script task": node("scriptTask", "host", "<bpmn:script>1</bpmn:script>", 'scriptFormat="feel"', result="n"),
    "send task": node("sendTask", "host", attributes='messageRef="m_pong"'),
    "throw nothing": node("intermediateThrowEvent", "host"),
    "throw message": node("intermediateThrowEvent", "host", drawing.message("pong")),
    "throw signal": node("intermediateThrowEvent", "host", drawing.signal("blue")),
    "throw escalation": node("intermediateThrowEvent", "host", drawing.escalation("X2")),
}
HOSTS = list(_hosts())


# --- the line ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """An activity with or without an event, drawn and told."""

    host: Host
    border: Border | None = None

    @property
    def name(self) -> str:
        return self.host.name + (f" - {self.border.name}" if self.border else "")

    @property
    def leaving(self) -> str:
        """What the work inside the host may throw."""
        kind = self.border.event.kind if self.border else ""
        return kind if kind in ("error", "escalation") else ""

    @property
    def all_at_once(self) -> frozenset[str]:
        """The elements that a whole case's tokens leave together."""
        found = {"host"} if self.host.event in ALL_AT_ONCE else set()
        return frozenset(found | ({"b"} if self.border and self.border.kind in ALL_AT_ONCE else set()))

    @property
    def courses(self) -> list[list[str]]:
        """What comes from outside: nothing, the event, the event again and again."""
        event = "wrong" if self.leaving else "b"
        late = [["later", event]] if self.border and self.border.inside else []
        return [[], [event], [event] * 3, *late] if self.border else [[]]

    def goes_wrong(self, element: str) -> str:
        """What can go wrong with an element."""
        if element == "host" and self.host.is_job:
            return "job"
        return self.leaving if element == "work" else ""

    def draw(self) -> str:
        body = nodes(startEvent="begin", userTask="after", endEvent="finish") + self.host.draw(self.leaving)
        body += flows("begin host", "host after", "after finish")
        if self.border is None:
            return body
        definition = DEFINITIONS[self.border.kind]
        if self.border.inside:
            own = handling("esp", definition, cancel=self.border.interrupting)
            return body + own.replace("on_esp", "b").replace("do_esp", "handle")
        border = boundary("b", "host", definition, cancel=self.border.interrupting)
        return body + border + nodes(userTask="handle", endEvent="handled") + flows("b handle", "handle handled")

    def make(self, up: Part) -> Part:
        event = self.border.event if self.border else None
        if event is None or not self.border or not self.border.inside:
            return Bordered(up, self.host.make, event, handle=_handle, then=_after)
        return Bordered(up, lambda inner: Sequence(inner, self.host.make, _after), event, handle=_handling)


def _handle(up: Part) -> Part:
    return Task(up, "handle")


def _handling(up: Part) -> Part:
    return Sequence(up, _handle, name="esp")


def _after(up: Part) -> Part:
    return Task(up, "after")


LINES = [Line(host) for host in HOSTS] + [
    Line(host, border)
    for host in HOSTS
    for border in BORDERS
    if border.fits(host) and not (host.event and not border.inside)
]
