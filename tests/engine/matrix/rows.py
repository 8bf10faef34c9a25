"""The rows of the matrix: what becomes of each construct of the catalogue, and its stories as the standard tells them.

A construct that comes to run is flipped here: `refused(…, then=[…])` becomes `runs(…)`. Until somebody does, the
matrix fails and names the row; so it does when a construct runs no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.constructs import Status

Story = list[str]


@dataclass(frozen=True, slots=True)
class Row:
    """What is expected of a construct."""

    status: Status
    stories: tuple[Story, ...] = ()
    rules: frozenset[str] = frozenset()  # that refuse it
    leaves: tuple[tuple[str, object], ...] = ()  # variables that it writes


def runs(*stories: Story, **leaves: object) -> Row:
    """It runs, so."""
    return Row(Status.RUNS, stories, leaves=tuple(leaves.items()))


def shown(*stories: Story) -> Row:
    """It is accepted, and the case goes on as if it weren't there."""
    return Row(Status.SHOWN, stories)


def refused(*rules: str, then: tuple[Story, ...] = ()) -> Row:
    """It is refused by these rules; `then` tells how it will run by the standard, once it does."""
    return Row(Status.REFUSED, then, frozenset(rules))


AT_ONCE = ["s: after", "after: ."]
WAITS = ["s: x", "x: after", "after: ."]
WITHIN = ["s: work", "work: after", "after: ."]
JOINED = ["s: a b", "a: b", "b: after", "after: ."]
ELEMENT, EVENT = "unsupported-element", "unsupported-event"

_CHOSEN = (["s: a b x", "a: b x", "b ready=true: after", "after: ."], ["s: a b x", "a ready=true: after", "after: ."])
_IN_TURN = (["s: a x", "a: b x", "b ready=true: after", "after: ."], ["s: a x", "a ready=true: after", "after: ."])
_SEEN = ["seen: after seen", "seen: after", "after: ."]

ACTIVITIES = {
    "task": runs(AT_ONCE),
    "userTask": runs(WAITS),
    "manualTask": runs(WAITS),
    "serviceTask": runs(AT_ONCE),
    "serviceTask.external": runs(WAITS, ["s: x", "x!: !"]),
    "scriptTask": runs(AT_ONCE, n=3),
    "businessRuleTask": runs(AT_ONCE, n=42),
    "sendTask": runs(AT_ONCE),
    "receiveTask": runs(WAITS),
    "receiveTask.instantiate": runs(["x: after", "after: ."]),
    "callActivity": runs(WAITS, ["s: x", "x!: !"]),
    "callActivity.globalUserTask": runs(WAITS),
    "callActivity.globalManualTask": runs(WAITS),
    "callActivity.globalScriptTask": runs(AT_ONCE, n=3),
    "callActivity.globalBusinessRuleTask": runs(AT_ONCE, n=42),
    "callActivity.globalTask": runs(AT_ONCE),
    "subProcess": runs(WITHIN),
    "subProcess.nested": runs(WITHIN),
    "subProcess.noStart": runs(JOINED),
    "subProcess.empty": runs(AT_ONCE),
    "transaction": runs(WITHIN),
    "adHocSubProcess": runs(*_CHOSEN),
    "adHocSubProcess.sequential": runs(*_IN_TURN),
    "adHocSubProcess.keep": runs(["s: a b x", "a ready=true: b", "b: after", "after: ."]),
    "loop": runs(["s: x", "x again=true: x", "x again=false: after", "after: ."]),
    "loop.before": runs(["s again=true: x", "x again=false: after", "after: ."], ["s: after", "after: ."]),
    "loop.maximum": runs(["s: x", "x: x", "x: after", "after: ."]),
    "multiInstance.parallel": runs(["s: x x", "x: x", "x: after", "after: ."]),
    "multiInstance.sequential": runs(["s: x", "x: x", "x: after", "after: ."]),
    "multiInstance.data": runs(["s items=[1,2]: x x", "x: x", "x: after", "after: ."]),
    "multiInstance.collection": runs(["s: x x", "x: x", "x: after", "after: ."]),
    "multiInstance.until": runs(["s: x x", "x: after", "after: ."]),
    "multiInstance.none": runs(["s: host host x", "host: host seen x", "host: after seen seen", *_SEEN]),
    "multiInstance.one": runs(["s: host host x", "host: host seen x", "host: after seen", "seen: after", "after: ."]),
    "multiInstance.complex": runs(["s: x x", "x: x", "x: after", "after: ."]),
    "startQuantity": runs(["s: a b", "a: b", "b: x", "x: after", "after: ."]),
    "completionQuantity": runs(["s: x", "x: after after", "after: after", "after: ."]),
}
_SOME = (["s n=1: a", "a: ."], ["s n=2: b", "b: ."], ["s n=3: a b", "a: b", "b: ."], ["s n=0: c", "c: ."])
_FIRST = (["s: other x", "x: a", "a: ."], ["s: other x", "other: b", "b: ."])
GATEWAYS = {
    "exclusive.split": runs(["s n=3: a", "a: ."], ["s n=2: b", "b: ."], ["s n=0: c", "c: ."]),
    "exclusive.join": runs(["s: a b", "a: after b", "b: after after", "after: after", "after: ."]),
    "exclusive.mixed": runs(["s: a b", "a n=1: b c", "b n=2: c d", "c: d", "d: ."]),
    "inclusive.split": runs(*_SOME),
    "inclusive.join": runs(JOINED),
    "inclusive.mixed": runs(["s: a b", "a n=1: b", "b: c", "c: ."], ["s: a b", "b: a", "a: d", "d: ."]),
    "parallel.split": runs(["s: a b", "a: b", "b: ."]),
    "parallel.join": runs(JOINED),
    "parallel.mixed": runs(["s: a b", "a: b", "b: c d", "c: d", "d: ."]),
    "eventBased.message": runs(*_FIRST),
    "eventBased.timer": runs(*_FIRST),
    "eventBased.signal": runs(*_FIRST),
    "eventBased.conditional": runs(*_FIRST),
    "eventBased.receiveTask": runs(*_FIRST),
    "eventBased.multiple": runs(["s: other x x", "x@timer: a", "a: ."], ["s: other x x", "other: b", "b: ."]),
    "eventBased.instantiate": runs(["ping: a", "a: ."], ["pong: b", "b: ."]),
    "eventBased.parallel": runs(["ping: a pong", "a: pong", "pong: b", "b: ."], ["pong: b ping", "ping: a b"]),
    "complex.split": runs(*_SOME),
    "complex.join": runs(
        ["s: a b", "a: after b", "b: after", "after: ."], ["s: a b", "a: after b", "after: b", "b: ."]
    ),
    "flow.split": runs(["s: x", "x: a b", "a: b", "b: ."]),
    "flow.merge": runs(["s: x x", "x: x", "x: ."]),
    "flow.noEnd": runs(["s: x", "x: ."]),
    "flow.conditional": runs(
        ["s: x", "x n=3: a b c", "a: b c", "b: c", "c: ."],
        ["s: x", "x n=1: a c", "a: c", "c: ."],
        ["s: x", "x: c", "c: ."],
    ),
    "flow.default": runs(["s: x", "x n=1: a", "a: ."], ["s: x", "x n=2: b", "b: ."]),
    "flow.noStart": runs(["p: x y", "x: y", "y: ."]),
    "flow.severalStarts": runs(["s: a", "a: ."], ["x: b", "b: ."]),
    "flow.severalEnds": runs(["s: a b", "a: b", "b: ."]),
}
MORE = {
    "error.any": runs(["s: host", "host!: handle", "handle: ."], ["s: host", "host: ."]),
    "eventSubProcess.inner": runs(["s: work x", "x: handle", "handle: after", "after: ."]),
    "events.shared": runs(WAITS),
    "data.object": runs(WAITS),
    "data.store": shown(WAITS),
    "data.property": runs(WAITS),
    "data.ioSpecification": runs(["s d=3: x", "x: after", "after: ."]),
    "data.input": shown(WAITS),
    "data.process": runs(["s a=1: x", "x: after", "after: ."]),
    "data.item": shown(WAITS),
    "lane": runs(["s: x", "x: ."]),
    "lane.nested": runs(["s: x", "x: ."]),
    "potentialOwner": runs(WAITS),
    "performer": runs(WAITS),
    "pool": runs(WAITS),
    "pool.blackBox": shown(WAITS),
    "pool.several": runs(WAITS),
    "pool.multiplicity": shown(WAITS),
    "correlation.key": runs(WAITS),
    "correlation.subscription": runs(WAITS),
    "conversation": shown(WAITS),
    "choreography": shown(WAITS),
    "choreographyTask": refused(ELEMENT),
    "callChoreography": refused(ELEMENT),
    "subChoreography": refused(ELEMENT),
    "textAnnotation": shown(WAITS),
    "group": shown(WAITS),
    "documentation": shown(WAITS),
    "auditing": shown(WAITS),
}

# --- events: told once for each position, then for the kinds that differ ---------------------------------------------

_COMES = {  # position → the story of an event that comes, and of one that doesn't
    "start": (["x: after", "after: ."],),
    "handler": (["s: idle x", "x: handle", "handle: ."], ["s: idle x", "idle: ."]),
    "handler.aside": (["s: idle x", "x: handle idle", "idle: handle", "handle: ."], ["s: idle x", "idle: ."]),
    "catch": (WAITS,),
    "boundary": (["s: host x", "x: handle", "handle: ."], ["s: host x", "host: ."]),
    "boundary.aside": (["s: host x", "x: handle host", "host: handle", "handle: ."], ["s: host x", "host: ."]),
}
_AGAIN = {  # what waits on beside the work, and may come again
    "handler.aside": ["s: idle x", "x: handle idle x", "x: handle handle idle x", "idle: handle handle"],
    "boundary.aside": ["s: host x", "x: handle host x", "x: handle handle host x", "host: handle handle"],
}
_TWICE = {  # a cycle of two
    "handler.aside": ["s: idle x", "x: handle idle x", "x: handle handle idle", "idle: handle handle"],
    "boundary.aside": ["s: host x", "x: handle host x", "x: handle handle host", "host: handle handle"],
}
_CHANGES = {  # a condition comes each time it becomes true
    "handler.aside": ["s: idle x", "x: handle idle x", "x ready=false: handle idle x", "x: handle handle idle x"],
    "boundary.aside": ["s: host x", "x: handle host x", "x ready=false: handle host x", "x: handle handle host x"],
}
_UNFINISHED = ["handle: handle", "handle: ."]
_INSIDE = ["s: work", "work: handle", "handle: ."]
_UNDONE = ["s: work", "work: undo", "undo: after", "after: ."]
_SPECIAL = {
    "handler.error": runs(["s: idle", "idle: handle", "handle: ."]),
    "handler.escalation": runs(["s: idle", "idle: handle", "handle: ."]),
    "handler.aside.escalation": runs(["s: idle", "idle: handle", "handle: ."]),
    "handler.compensation": runs(["s0: idle", "idle: handle", "handle: after", "after: ."]),
    "catch.link": runs(AT_ONCE),
    "throw.compensation": runs(_UNDONE),
    "boundary.error": runs(_INSIDE),
    "boundary.escalation": runs(_INSIDE),
    "boundary.aside.escalation": runs(_INSIDE),
    "boundary.compensation": runs(_UNDONE),
    "boundary.cancel": runs(_INSIDE),
    "end.error": runs(["s: other work", "work: !"]),
    "end.terminate": runs(["s: other work", "work: ."]),
    "end.compensation": runs(["s: work", "work: undo", "undo: ."]),
    "end.cancel": runs(_INSIDE),
}
_MULTIPLE = {  # a message or a signal
    "start": (["x: after", "after: ."],),
    "handler": (["s: idle x x", "x@signal: handle", "handle: ."], ["s: idle x x", "x@message: handle", "handle: ."]),
    "handler.aside": (["s: idle x x", "x@signal: handle idle x x", "idle: handle", "handle: ."],),
    "catch": (["s: x x", "x@signal: after", "after: ."], ["s: x x", "x@message: after", "after: ."]),
    "boundary": (["s: host x x", "x@signal: handle", "handle: ."], ["s: host x x", "x@message: handle", "handle: ."]),
    "boundary.aside": (["s: host x x", "x@signal: handle host x x", "host: handle", "handle: ."],),
    "throw": (AT_ONCE,),
    "end": (["s: other work", "work: other", "other: ."],),
}
_ALL_OF = {  # a message and a signal
    "handler": (["s: idle x x", "x@signal: idle x", "x@message: handle", "handle: ."],),
    "catch": (["s: x x", "x@signal: x", "x@message: after", "after: ."],),
    "boundary": (["s: host x x", "x@signal: host x", "x@message: handle", "handle: ."],),
    "handler.aside": (["s: idle x x", "x@signal: idle x", "x@message: handle idle x x", "idle: handle", "handle: ."],),
    "boundary.aside": (["s: host x x", "x@signal: host x", "x@message: handle host x x", "host: handle", "handle: ."],),
}


def _events() -> Iterator[tuple[str, Row]]:
    for kind in ("message", "signal", "conditional", "timer.date", "timer.duration", "timer.cycle"):
        for position, stories in _COMES.items():
            yield f"{position}.{kind}", _waiting(position, kind, stories)
    for kind in ("none", "message", "signal", "escalation", "link"):
        yield f"throw.{kind}", runs(AT_ONCE)
    for kind in ("none", "message", "signal", "escalation"):
        yield f"end.{kind}", runs(["s: other work", "work: other", "other: ."])
    yield "start.none", runs(*_COMES["start"])
    for position in _COMES:
        yield f"{position}.timer.cron", _waiting(position, "timer.cron", _COMES[position])
        all_of = _ALL_OF.get(position)
        yield f"{position}.parallelMultiple", runs(*all_of) if all_of else refused("parallel-start")
    for position, stories in _MULTIPLE.items():
        yield f"{position}.multiple", runs(*stories)


def _waiting(position: str, kind: str, stories: tuple[Story, ...]) -> Row:
    if not position.endswith("aside") or kind in ("timer.date", "timer.duration"):
        return runs(*stories)
    again = {"timer.cycle": _TWICE, "conditional": _CHANGES}.get(kind, _AGAIN)[position]
    if kind == "conditional":
        again = [*again, f"{again[0].split()[1]}: handle handle"]
    return runs([*again, *_UNFINISHED], stories[1])


EVENTS = {**dict(_events()), **_SPECIAL}
ROWS: dict[str, Row] = {**ACTIVITIES, **GATEWAYS, **EVENTS, **MORE}
