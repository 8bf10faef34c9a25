"""A join that can never fill is refused; one that may not fill on some way is pointed out; no other is."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from engine.errors import ExecutionError
from engine.findings import Severity
from tests.engine.diagrams import flows, judge
from tests.engine.interpreter.drawing import TERMINATE, boundary, condition, event, nodes, timer
from tests.engine.interpreter.runs import Run

ENDS = '<bpmn:startEvent id="start"/><bpmn:endEvent id="end"/>'
FORK = ENDS + nodes(parallelGateway="f j", userTask="a b") + flows("start f", "f a", "f b", "b j", "j end")


def choice(identity: str, default: str, kind: str = "exclusiveGateway") -> str:
    """A choice with a default flow."""
    return f'<bpmn:{kind} id="{identity}" default="{default}"/>'


LOOP = condition("again", "x", "j", "again")
NEVER = {
    "parallel join of a choice": ENDS
    + choice("x", "x_a")
    + nodes(parallelGateway="j", userTask="a b")
    + flows("start x", "x a", "a j", "b j", "j end")
    + condition("c", "x", "b", "v"),
    "a flow back into the parallel gateway": ENDS
    + choice("x", "x_end")
    + nodes(parallelGateway="j", userTask="a")
    + flows("start j", "j a", "a x", "x end")
    + LOOP,
    "a flow out of an exclusive merge of the branches": ENDS
    + choice("x", "x_m")
    + nodes(exclusiveGateway="m", parallelGateway="j", userTask="a b")
    + flows("start x", "x m", "a m", "m j", "b j", "j end")
    + condition("c", "x", "a", "v")
    + condition("d", "x", "b", "w"),
    "two inclusive joins that wait for each other": ENDS
    + choice("x", "x_end")
    + choice("y", "y_end")
    + nodes(parallelGateway="f", inclusiveGateway="j k", task="a b")
    + flows("start f", "f j", "f k", "j a", "a x", "k b", "b y", "x end", "y end")
    + condition("c", "x", "k", "v")
    + condition("d", "y", "j", "w"),
}


@pytest.mark.parametrize("drawing", NEVER)
def test_join_that_never_fills_is_refused(drawing: str) -> None:
    """A join that no way through the diagram fills would hold every case that comes to it: an error at the join."""
    findings = [f for f in judge(NEVER[drawing]).findings if f.rule == "join-starves"]
    assert findings
    assert {f.severity for f in findings} == {Severity.ERROR}
    assert "j" in {f.element for f in findings}
    assert "exclusive gateway" in str(findings[0].remedy)


PERHAPS = {
    "a branch may leave before the join": FORK + choice("x", "x_end") + flows("a x", "x end") + LOOP,
    "a boundary event leads past the join": FORK
    + flows("a j", "late end")
    + boundary("late", "a", timer("Duration", "PT1H")),
    "an inclusive split before a parallel join": ENDS
    + choice("x", "x_a", "inclusiveGateway")
    + nodes(parallelGateway="j", userTask="a b")
    + flows("start x", "x a", "a j", "b j", "j end")
    + condition("c", "x", "b", "v")
    + condition("d", "x", "a", "w"),
}


@pytest.mark.parametrize("drawing", PERHAPS)
def test_join_that_may_not_fill_is_pointed_out(drawing: str) -> None:
    """Whether a case comes to the way on which a join starves is up to its data: a warning at the join."""
    examination = judge(PERHAPS[drawing])
    assert ("join-may-starve", "j", Severity.WARNING) in {(f.rule, f.element, f.severity) for f in examination.findings}
    assert "join-starves" not in {f.rule for f in examination.findings}


FILLS = {
    "fork and join": FORK + flows("a j"),
    "a choice within a branch": FORK
    + choice("x", "x_m")
    + nodes(exclusiveGateway="m", userTask="c")
    + flows("a x", "x m", "c m", "m j")
    + condition("c1", "x", "c", "v"),
    "a loop around fork and join": ENDS
    + choice("x", "x_end")
    + nodes(exclusiveGateway="m", parallelGateway="f j", userTask="a b")
    + flows("start m", "m f", "f a", "f b", "a j", "b j", "j x", "x end")
    + condition("again", "x", "m", "again"),
    "inclusive split and join": ENDS
    + choice("x", "x_a", "inclusiveGateway")
    + nodes(inclusiveGateway="j", userTask="a b")
    + flows("start x", "x a", "a j", "b j", "j end")
    + condition("c", "x", "b", "v"),
    "a terminate end beside the join": FORK
    + choice("x", "x_stop")
    + event("endEvent", "stop", TERMINATE)
    + flows("a x", "x stop")
    + LOOP,
    "links into a join": FORK
    + event("intermediateThrowEvent", "out", '<bpmn:linkEventDefinition name="L"/>')
    + event("intermediateCatchEvent", "in", '<bpmn:linkEventDefinition name="L"/>')
    + flows("a out", "in j"),
    "sixty choices side by side": ENDS
    + nodes(parallelGateway="f j")
    + flows("start f", "j end")
    + "".join(
        choice(f"x{i}", f"x{i}_m{i}")
        + nodes(exclusiveGateway=f"m{i}", userTask=f"u{i}")
        + flows(f"f x{i}", f"x{i} m{i}", f"u{i} m{i}", f"m{i} j")
        + condition(f"c{i}", f"x{i}", f"u{i}", "v")
        for i in range(60)
    ),
}


@pytest.mark.parametrize("drawing", FILLS)
def test_join_that_fills_gives_no_finding(drawing: str) -> None:
    """A join that gets its tokens on every way isn't nagged about, however many ways there are."""
    assert not {f.rule for f in judge(FILLS[drawing]).findings} & {"join-starves", "join-may-starve"}


def test_drawings_that_pass_never_hang() -> None:
    """Of random drawings, whatever the intake has nothing to say against comes to an end, or to a wait."""
    passed = 0
    for seed in range(400):
        source = random.Random(seed)
        examination = judge(_random_drawing(source))
        rules = {f.rule for f in examination.findings}
        if not examination.ok or rules & {"join-may-starve"}:
            continue
        passed += 1
        run = Run(examination.models["p"])
        with suppress(ExecutionError):  # an endless loop is stopped, and says so
            run.start(**{name: source.random() < 0.5 for name in "uvw"})
            assert run.state == "completed", seed
    assert passed > 10


def _random_drawing(source: random.Random) -> str:
    """Gateways and tasks in any order, tied together at random; choices have a default."""
    names = [f"n{i}" for i in range(source.randint(3, 7))]
    kinds = {n: source.choice(["task", "exclusiveGateway", "parallelGateway", "inclusiveGateway"]) for n in names}
    body, edges = ENDS, [("start", names[0])]
    edges += [(a, source.choice([*names[i + 1 :], "end"])) for i, a in enumerate(names)]
    edges += [(source.choice(names), source.choice([*names, "end"])) for _ in range(source.randint(0, 4))]
    for i, (a, b) in enumerate(edges):
        ways = [j for j, edge in enumerate(edges) if edge[0] == a]
        if a != "start" and kinds[a] in ("exclusiveGateway", "inclusiveGateway") and i != ways[0]:
            body += condition(f"f{i}", a, b, source.choice("uvw"))
        else:
            body += f'<bpmn:sequenceFlow id="f{i}" sourceRef="{a}" targetRef="{b}"/>'
    for n in names:
        ways = [j for j, edge in enumerate(edges) if edge[0] == n]
        chooses = len(ways) > 1 and kinds[n] in ("exclusiveGateway", "inclusiveGateway")
        body += choice(n, f"f{ways[0]}", kinds[n]) if chooses else nodes(**{kinds[n]: n})
    return body
