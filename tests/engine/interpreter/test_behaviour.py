"""Events that the runs of a multi-instance throw: BPMN 2.0.2, 10.3.8."""

from __future__ import annotations

import pytest

from engine.findings import Severity
from tests.engine.data import bars
from tests.engine.diagrams import flows, judge, model, properties
from tests.engine.interpreter.drawing import (
    EXTRA,
    TERMINATE,
    boundary,
    error,
    escalation,
    message,
    nodes,
    signal,
)
from tests.engine.interpreter.runs import Run

THREE = "<bpmn:loopCardinality>3</bpmn:loopCardinality>"
ROOT = EXTRA + (
    '<bpmn:signalEventDefinition id="red" signalRef="g_red"/>'
    '<bpmn:escalationEventDefinition id="x1" escalationRef="x_X1"/><bpmn:errorEventDefinition id="e1" errorRef="e_E1"/>'
)


def drawing(marker: str, *edges: str) -> str:
    """A multi-instance task `vote`, what stands at its border and leads to `told`, and a task behind it."""
    body = nodes(startEvent="start", userTask="after told" if edges else "after", endEvent="end")
    body += f'<bpmn:userTask id="vote">{properties(role="staff")}{marker}</bpmn:userTask>' + "".join(edges)
    return body + flows("start vote", "vote after", "after end", *(f"edge{n} told" for n, _ in enumerate(edges)))


def started(marker: str, *edges: str) -> Run:
    return Run(model(drawing(marker, *edges), extra=ROOT)).start()


def behave(kind: str, reference: str = "", inner: str = "", *, sequential: bool = False) -> str:
    attribute = f' {kind.lower()}BehaviorEventRef="{reference}"' if reference else ""
    return bars(THREE + inner, f' behavior="{kind}" isSequential="{str(sequential).lower()}"{attribute}')


@pytest.mark.parametrize("sequential", [True, False])
def test_none_throws_for_each_run(sequential: bool) -> None:
    """And the activity goes on behind it when all are done."""
    run = started(behave("None", "red", sequential=sequential), boundary("edge0", "vote", signal("red"), cancel=False))
    for done in (1, 2, 3):
        run.complete("vote")
        assert run.open.count("told") == done
        assert run.variables["numberOfCompletedInstances"] == done
    assert run.open.count("after") == 1
    assert [s.name for s in run.step.signals] == ["red"]


def test_one_throws_for_the_first_run() -> None:
    """Once, however many runs there are."""
    run = started(behave("One", "x1"), boundary("edge0", "vote", escalation("X1"), cancel=False))
    run.complete("vote").complete("vote").complete("vote")
    assert run.open == ["after", "told"]


@pytest.mark.parametrize(
    ("reference", "definition"), [("red", signal("red")), ("x1", escalation("X1")), ("e1", error("E1"))]
)
@pytest.mark.parametrize("sequential", [True, False])
def test_interrupting_event_at_the_border_ends_the_activity(reference: str, definition: str, sequential: bool) -> None:
    """The other runs are cancelled; the case goes on behind the event only."""
    marker = behave("One", reference, sequential=sequential)
    run = started(marker, boundary("edge0", "vote", definition)).complete("vote")
    assert run.open == ["told"]
    assert run.told("completed").count("vote") == 0
    assert run.complete("told").state == "completed"


def test_complex_throws_what_its_conditions_say() -> None:
    """Each is asked for each run, with its variables and the counters; the last one sees what was cancelled."""
    first = "<bpmn:condition>loopCounter = 2</bpmn:condition>" + f"<bpmn:event>{signal('red')}</bpmn:event>"
    second = "<bpmn:condition>numberOfTerminatedInstances = 1</bpmn:condition>"
    second += f"<bpmn:event>{escalation('X1')}</bpmn:event>"
    kind = "complexBehaviorDefinition"
    inner = "<bpmn:completionCondition>numberOfCompletedInstances = 2</bpmn:completionCondition>"
    inner += f"<bpmn:{kind}>{first}</bpmn:{kind}><bpmn:{kind}>{second}</bpmn:{kind}>"
    edges = (
        boundary("edge0", "vote", signal("red"), cancel=False),
        boundary("edge1", "vote", escalation(), cancel=False),
    )
    run = started(behave("Complex", inner=inner), *edges).complete("vote")
    assert run.open == ["edge0", "vote", "vote"]
    run.complete("vote")
    assert run.open == ["after", "told", "told"]
    assert run.told("signal_received", "escalation_caught") == ["edge0", "edge1"]


def test_error_that_nobody_catches_ends_the_case() -> None:
    """As any error does."""
    assert started(behave("None", "e1")).complete("vote").state == "failed"


def test_escalation_goes_outward_and_is_told_when_nobody_catches_it() -> None:
    """It doesn't stop anything."""
    run = started(behave("None", "x1")).complete("vote")
    assert run.told("escalation_uncaught") == ["vote"]
    assert run.open == ["vote", "vote"]


def test_all_throws_nothing() -> None:
    """The default, whatever events are named."""
    run = started(bars(THREE, ' noneBehaviorEventRef="red"')).complete("vote")
    assert "signal_thrown" not in {fact.kind for fact in run.facts}


@pytest.mark.parametrize("definition", [message("ping"), TERMINATE, error()])
def test_what_runs_cannot_throw_is_refused(definition: str) -> None:
    """Signals by name, escalations and errors by code."""
    kind = "complexBehaviorDefinition"
    inner = f"<bpmn:{kind}><bpmn:condition>true</bpmn:condition><bpmn:event>{definition}</bpmn:event></bpmn:{kind}>"
    findings = judge(drawing(behave("Complex", inner=inner)), extra=ROOT).findings
    assert "loop-behavior" in {f.rule for f in findings if f.severity is Severity.ERROR}
