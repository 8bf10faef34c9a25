"""Whether what a call activity calls is there: in the bundle, or published before.

Judged when everything is read, so that processes may be published together in any order, and only then: a version
that is in force already stays loadable whatever becomes of the processes that it calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.definitions import LATEST, Bundle, Element, ProcessModel
from engine.findings import Finding, Severity
from engine.intake.calls import said_of
from engine.intake.drawing import Drawing, Scope
from engine.intake.notes import near
from engine.intake.parse import parse
from engine.intake.xml import properties
from engine.texts import Text


@dataclass(frozen=True, slots=True)
class Callee:
    """A process as others see it: whether it is to run, where a call would begin, and what it calls itself.

    `calls` are those of the newest version: a change of theirs reaches it at once.
    """

    place: Scope
    resource: str
    is_executable: bool
    plain_starts: int
    calls: frozenset[str]


def callees_in(drawing: Drawing) -> dict[str, Callee]:
    """The processes of a file by key."""
    executable = drawing.executable()
    return {
        scope.id: Callee(
            place=scope,
            resource=drawing.resource,
            is_executable=scope in executable,
            plain_starts=sum(1 for start in scope.starts() if not start.event),
            calls=frozenset(_called(scope)),
        )
        for scope in drawing.processes
        if scope.id
    }


def _called(process: Scope) -> Iterator[str]:
    for node in (n for scope in process.everything() for n in scope.nodes if n.kind == "callActivity"):
        said = said_of(node, properties(node.xml))
        if said.version == LATEST:
            yield from said.processes


def judge_calls(
    models: Mapping[str, ProcessModel], files: Mapping[str, str], drawn: Mapping[str, Callee], published: Bundle
) -> list[Finding]:
    """Find the calls of processes that aren't there or can't be begun by a call.

    `files`: process key → name of its file; `drawn`: the processes of the bundle.
    """
    calling = [(m, e) for m in models.values() for e in m.elements.values() if e.call is not None]
    unfit = {key: callee for key, callee in drawn.items() if callee.is_executable and callee.plain_starts != 1}
    if not calling and not unfit:
        return []
    before = {key: callee for key, callee in _published(published).items() if key not in drawn}
    known = {**before, **drawn}
    found = [finding for model, element in calling for finding in _judge(element, files[model.key], known)]
    broken = ((key, callee, caller) for key, callee in unfit.items() for caller in _callers(key, before))
    return [*found, *(_breaks(*each) for each in broken)]


def _callers(key: str, published: Mapping[str, Callee]) -> list[str]:
    return sorted(caller for caller, callee in published.items() if key in callee.calls)


def _breaks(key: str, callee: Callee, caller: str) -> Finding:
    """A process in force calls this one, and couldn't any more."""
    place, count = callee.place, callee.plain_starts
    reason = Text(
        "The published process {caller} calls this one, which has {count} plain start events and must have one.",
        caller=caller,
        count=count,
    )
    remedy = Text("Keep one start event that waits for nothing, or publish the caller without the call.")
    return Finding("call-broken", Severity.ERROR, callee.resource, key, place.name, place.line, reason, remedy)


def _judge(element: Element, resource: str, known: Mapping[str, Callee]) -> Iterator[Finding]:
    assert element.call is not None
    key = element.call.process
    callee = known.get(key)

    def finding(rule: str, reason: Text, remedy: Text) -> Finding:
        return Finding(rule, Severity.ERROR, resource, element.id, element.name, element.line, reason, remedy)

    if callee is None:
        reason = Text("It calls the process “{key}”, which is neither in this bundle nor published.", key=key[:80])
        yield finding("call-unknown", reason, near(key, sorted(known)))
    elif not callee.is_executable:
        reason = Text("It calls the process “{key}”, which is drawn but not marked executable.", key=key)
        yield finding("call-not-executable", reason, Text('Tick “Executable” (isExecutable="true") at that process.'))
    elif callee.plain_starts == 0:
        reason = Text("It calls the process “{key}”, which has no start event that waits for nothing.", key=key)
        remedy = Text("Draw a plain start event in the called process, beside those for messages or signals.")
        yield finding("call-no-start", reason, remedy)
    elif callee.plain_starts > 1:
        reason = Text("It calls the process “{key}”, which has several plain start events.", key=key)
        yield finding("call-many-starts", reason, Text("Keep one plain start event in the called process."))


def _published(bundle: Bundle) -> dict[str, Callee]:
    """The executable processes of the published files."""
    found: dict[str, Callee] = {}
    for name, content in bundle.diagrams.items():
        root, _ = parse(name, content)
        if root is not None:
            drawn = callees_in(Drawing.of(name, content, root))
            found |= {key: callee for key, callee in drawn.items() if callee.is_executable}
    return found
