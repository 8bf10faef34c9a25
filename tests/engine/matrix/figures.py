"""More that stands in a scope: event gateways, joins behind a border, ends beside other work."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

from tests.engine.diagrams import flows
from tests.engine.interpreter import drawing
from tests.engine.interpreter.drawing import boundary, handling, node, nodes
from tests.engine.matrix.combining import ALL_AT_ONCE, BORDERS, DEFINITIONS, HOSTS, Border, Host
from tests.engine.matrix.oracle import Bordered, Choice, Make, Part, Sequence, Task, Together

_AWAITED = {kind: node("intermediateCatchEvent", "{id}", xml) for kind, xml in DEFINITIONS.items()}
_AWAITED = {kind: xml for kind, xml in _AWAITED.items() if not kind.startswith(("error", "escalation"))}
_AWAITED["receive task"] = node("receiveTask", "{id}", attributes='messageRef="m_pong"')


def _task(name: str) -> Make:
    return lambda up: Task(up, name)


@dataclass(frozen=True, slots=True)
class EventGateway:
    """An event gateway with two events behind it, and a task behind each."""

    comes: str
    other: str

    @property
    def name(self) -> str:
        return f"{self.comes} before {self.other}"

    @property
    def all_at_once(self) -> frozenset[str]:
        kinds = {"b": self.comes, "host": self.other}
        return frozenset(element for element, kind in kinds.items() if kind in ALL_AT_ONCE)

    @property
    def courses(self) -> list[list[str]]:
        return [[], ["b"], ["b", "b"]]

    def goes_wrong(self, element: str) -> str:
        return ""

    def draw(self) -> str:
        waits = _AWAITED[self.comes].format(id="b") + _AWAITED[self.other].format(id="host").replace("ready", "go")
        body = waits + nodes(startEvent="begin", eventBasedGateway="gate", userTask="after handle", endEvent="finish")
        ways = flows("begin gate", "gate b", "gate host", "b handle", "host after", "handle finish", "after finish")
        return body + ways

    def make(self, up: Part) -> Part:
        return Bordered(up, lambda inner: Choice(inner, {"b": "handle", "host": "after"}), None, handle=_task("handle"))


@dataclass(frozen=True, slots=True)
class Joined:
    """An activity with an event at its border beside a task; all ways meet at a join, and go on once."""

    join: str
    host: Host
    border: Border

    @property
    def name(self) -> str:
        return f"{self.join} behind {self.host.name} - {self.border.name}"

    @property
    def all_at_once(self) -> frozenset[str]:
        return frozenset({"b"} if self.border.kind in ALL_AT_ONCE else ())

    @property
    def leaving(self) -> str:
        kind = self.border.event.kind
        return kind if kind in ("error", "escalation") else ""

    @property
    def courses(self) -> list[list[str]]:
        event = "wrong" if self.leaving else "b"
        return [[], [event], ["later", event]]

    def goes_wrong(self, element: str) -> str:
        if element == "host" and self.host.is_job:
            return "job"
        return self.leaving if element == "work" else ""

    def draw(self) -> str:
        body = nodes(startEvent="begin", parallelGateway="fork", userTask="a after handle", endEvent="finish")
        body += self.host.draw(self.leaving) + node(self.join, "join")
        body += boundary("b", "host", DEFINITIONS[self.border.kind], cancel=self.border.interrupting)
        body += flows("begin fork", "fork host", "fork a", "a join", "b handle", "join after", "after finish")
        if self.join == "inclusiveGateway":
            return body + flows("host join", "handle join")
        merge = nodes(exclusiveGateway="merge") + flows("host merge", "handle merge", "merge join")
        return body + merge

    def make(self, up: Part) -> Part:
        def hosted(inner: Part) -> Part:
            return Bordered(inner, self.host.make, self.border.event, handle=_task("handle"))

        def line(inner: Part) -> Part:
            return Sequence(inner, lambda at: Together(at, hosted, _task("a")), _task("after"))

        return Bordered(up, line, None, handle=_task("handle"))


class _Terminating(Task):
    """A task with a terminate end event behind it."""

    def happen(self, element: str, fail: str) -> None:
        super().happen(element, "terminate")


@dataclass(frozen=True, slots=True)
class Ending:
    """A task that leads to an end event, beside another task; with or without an event sub-process."""

    kind: str
    border: Border | None

    @property
    def name(self) -> str:
        return f"end {self.kind}" + (f" - {self.border.name}" if self.border else "")

    @property
    def all_at_once(self) -> frozenset[str]:
        return frozenset({"b"} if self.border and self.border.kind in ALL_AT_ONCE else ())

    @property
    def courses(self) -> list[list[str]]:
        return [[], ["b"], ["later", "b"], ["b", "b"]] if self.border else [[]]

    def goes_wrong(self, element: str) -> str:
        return ""

    def draw(self) -> str:
        end = {**DEFINITIONS, "none": "", "terminate": drawing.TERMINATE, "signal": drawing.signal("blue")}
        end |= {"message": drawing.message("pong"), "escalation": drawing.escalation("X2")}
        body = nodes(startEvent="begin", parallelGateway="fork", userTask="m z", endEvent="finish")
        body += node("endEvent", "x", end[self.kind]) + flows("begin fork", "fork m", "fork z", "m x", "z finish")
        if self.border is None:
            return body
        own = handling("esp", DEFINITIONS[self.border.kind], cancel=self.border.interrupting)
        return body + own.replace("on_esp", "b").replace("do_esp", "handle")

    def make(self, up: Part) -> Part:
        first: Make = (lambda inner: _Terminating(inner, "m")) if self.kind == "terminate" else _task("m")
        work: Make = lambda inner: Together(inner, first, _task("z"))  # noqa: E731
        handle: Make = lambda inner: Sequence(inner, _task("handle"), name="esp")  # noqa: E731
        return Bordered(up, work, self.border.event if self.border else None, handle=handle)


_HOSTS = [host for host in HOSTS if host.name in ("user task", "job", "sub-process", "sub-process, together")]
_INSIDE = [b for b in BORDERS if b.inside and b.kind in ("message", "signal", "conditional", "timer cycle")]
EVENT_GATEWAYS = [
    EventGateway(comes, other)
    for comes, other in permutations(_AWAITED, 2)
    if comes[:5] != other[:5] or {comes, other} == {"timer date", "timer duration"}
]
JOINED = [
    Joined(join, host, border)
    for join in ("parallelGateway", "inclusiveGateway")
    for host in _HOSTS
    for border in BORDERS
    if border.fits(host) and not border.inside and (border.interrupting or join == "inclusiveGateway")
]
ENDINGS = [
    Ending(kind, border)
    for kind in ("none", "message", "signal", "escalation", "terminate")
    for border in (None, *_INSIDE)
]
