"""Snapshots, and the specs that all instances of a definition share."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from engine.interpreter.snapshot import UnreadableSnapshot
from engine.interpreter.stepping import compile_model, waits_of
from engine.values import YearsMonths
from tests.engine.diagrams import diagram, flows, model
from tests.engine.interpreter.drawing import (
    EXTRA,
    boundary,
    condition,
    error,
    event,
    message,
    nodes,
    sub,
    timer,
)
from tests.engine.interpreter.runs import Run

LOOP = (
    nodes(startEvent="start", userTask="work check", exclusiveGateway="again", endEvent="end")
    + '<bpmn:exclusiveGateway id="good" default="good_end"/>'
    + boundary("nag", "work", timer("Cycle", "R/P1D"), cancel=False)
    + flows("start again", "again work", "work check", "check good", "good end", "nag end")
    + condition("rework", "good", "again", "bad")
)
PART = nodes(startEvent="s", userTask="x y", endEvent="e") + flows("s x", "s y", "x e", "y e")
EVENTFUL = (
    nodes(startEvent="start", userTask="late mend", endEvent="end")
    + sub("part", PART)
    + boundary("edge", "part", message("ping"), cancel=False)
    + boundary("stop", "part", message("stop"))
    + boundary("oops", "part", error())
    + flows("start part", "part end", "edge late", "stop mend", "oops mend", "late end", "mend end")
)


def test_every_kind_of_value_survives() -> None:
    """Numbers, times, durations, nesting."""
    values = {
        "decimal": Decimal("1.50"),
        "when": datetime(2026, 1, 1, tzinfo=UTC),
        "day": date(2026, 1, 1),
        "hour": time(9, 30),
        "long": timedelta(days=1, seconds=2),
        "months": YearsMonths(14),
        "deep": {"$x": [1, None, {"y": True}]},
        "float": 1.5,
    }
    run = Run(model(LOOP)).start(**values).complete("work")
    assert run.variables == values
    assert type(run.variables["decimal"]) is Decimal


def test_long_cases_stay_small_and_fast() -> None:
    """A thousand rounds: the snapshot doesn't grow, and there is no depth (§3.3: hangs silently at round 333)."""
    run = Run(model(LOOP)).start(bad=True)
    run.complete("work").complete("check")
    first = len(run.step.snapshot)
    for _ in range(1000):
        run.complete("work").complete("check")
    assert run.open == ["nag", "work"]
    assert len(run.step.snapshot) < first + 20
    assert run.complete("work").complete("check", bad=False).state == "completed"


def test_snapshot_holds_no_diagram() -> None:
    """A few hundred bytes (§3.1: up to 63 % of every blob was the spec)."""
    assert len(Run(model(EVENTFUL, extra=EXTRA)).start(title="x" * 20).step.snapshot) < 300


def test_waits_are_read_from_the_snapshot_alone() -> None:
    """Without host and clock."""
    run = Run(model(EVENTFUL, extra=EXTRA)).start()
    assert waits_of(run.model, run.step.snapshot) == run.step.waits


@pytest.mark.parametrize("damaged", [b"", b"\x02abc", b"\x01abc", b"\x00"])
def test_damaged_snapshot_is_refused(damaged: bytes) -> None:
    """It says so instead of beginning anew."""
    with pytest.raises(UnreadableSnapshot):
        waits_of(model(LOOP), damaged)


def test_snapshot_of_another_process_is_refused() -> None:
    """Tokens only fit the model they were in."""
    run = Run(model(EVENTFUL, extra=EXTRA)).start()
    with pytest.raises(UnreadableSnapshot):
        waits_of(model(LOOP), run.step.snapshot)


def test_two_cases_on_one_spec_do_not_notice_each_other() -> None:
    """Interleaved, with events and errors (§7: specs were changed at run time, and every new case was spoilt)."""
    m = model(EVENTFUL, extra=EXTRA)
    compiled = compile_model(m)
    before = _shape(compiled)
    one, two = Run(m).start(), Run(m).start()
    one.message("edge").message("edge")
    two.complete("x")
    assert (one.open, two.open) == (["edge", "late", "late", "stop", "x", "y"], ["edge", "stop", "y"])
    one.message("stop")
    assert (one.open, two.open) == (["late", "late", "mend"], ["edge", "stop", "y"])
    assert two.complete("y").state == "completed"
    for run in [Run(m).start() for _ in range(20)]:
        assert run.open == ["edge", "stop", "x", "y"]
    assert compile_model(m) is compiled
    assert _shape(compiled) == before


def _shape(compiled: object) -> str:
    """All attributes of all nodes, as text."""
    scopes = compiled.scopes.values()  # type: ignore[attr-defined]
    specs = [spec for scope in scopes for spec in scope.spec.task_specs.values()]
    return repr([sorted((k, repr(v)) for k, v in vars(spec).items() if not k.endswith("_event")) for spec in specs])


def test_chain_of_thousands_of_elements_runs() -> None:
    """Neither compiling nor running recurses (§2: RecursionError beyond 489 nodes)."""
    names = [f"t{n}" for n in range(2000)]
    body = nodes(startEvent="start", task=" ".join(names), endEvent="end")
    body += flows("start t0", *(f"{a} {b}" for a, b in pairwise(names)), "t1999 end")
    small = model(nodes(startEvent="start", endEvent="end") + flows("start end"))
    run = Run(replace(small, normalised=diagram(body, lane=None))).start()  # beyond what the intake lets pass
    assert run.state == "completed"
    assert run.told("completed") == ["start", "end"]


def test_event_before_anything_else() -> None:
    """A timer behind the same gateway as a message, fired late: only the named one goes on."""
    body = nodes(startEvent="start", eventBasedGateway="g", userTask="a b", endEvent="end")
    body += event("intermediateCatchEvent", "t", timer("Duration", "PT1M"))
    body += event("intermediateCatchEvent", "m", message("ping"))
    body += flows("start g", "g t", "g m", "t a", "m b", "a end", "b end")
    run = Run(model(body, extra=EXTRA)).start().later(hours=1).message("m")
    assert run.open == ["b"]


def test_snapshot_of_the_first_format_is_read() -> None:
    """Cases that were open before runs had variables of their own go on."""
    run = Run(model(EVENTFUL, extra=EXTRA)).start(a=1)
    data = json.loads(zlib.decompress(run.step.snapshot[1:]))
    del data["locals"]
    older = b"\x01" + zlib.compress(json.dumps(data).encode())
    assert waits_of(run.model, older) == run.step.waits
