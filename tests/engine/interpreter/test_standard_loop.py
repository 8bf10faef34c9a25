"""The loop marker: BPMN 2.0.2, 10.3.8 and 13.3.6."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import ExecutionError
from engine.findings import Severity
from tests.engine.diagrams import flows, judge, model, properties
from tests.engine.interpreter.drawing import EXTRA, boundary, message, nodes
from tests.engine.interpreter.runs import Run


def marker(condition: str = "", attributes: str = "") -> str:
    inside = f"<bpmn:loopCondition>{condition}</bpmn:loopCondition>" if condition else ""
    return f"<bpmn:standardLoopCharacteristics{attributes}>{inside}</bpmn:standardLoopCharacteristics>"


def line(bars: str, extra: str = "") -> str:
    work = f'<bpmn:userTask id="work">{properties(role="staff")}{bars}</bpmn:userTask>'
    around = nodes(startEvent="start", userTask="after", endEvent="end")
    return around + work + extra + flows("start work", "work after", "after end")


def started(bars: str, extra: str = "", **variables: Any) -> Run:
    return Run(model(line(bars, extra), extra=EXTRA)).start(**variables)


def test_condition_is_asked_after_each_run() -> None:
    """Once at least; then again for as long as it is true."""
    run = started(marker("not(good)")).complete("work", good=False)
    assert run.open == ["work"]
    assert run.complete("work", good=True).open == ["after"]
    assert run.told("completed") == ["start", "work"]


def test_condition_is_asked_before_the_first_run_if_so_drawn() -> None:
    """`testBefore`: perhaps never."""
    bars = marker("n > 0", ' testBefore="true"')
    assert started(bars, n=0).open == ["after"]
    assert started(bars, n=1).complete("work", n=0).open == ["after"]


@pytest.mark.parametrize("condition", ["", "true", "loopCounter &lt; 5"])
def test_maximum_ends_the_loop(condition: str) -> None:
    """`loopMaximum`, with and without a condition."""
    run = started(marker(condition, ' loopMaximum="2"')).complete("work")
    assert run.open == ["work"]
    assert run.complete("work").open == ["after"]


def test_loop_counter_is_read_in_the_run() -> None:
    """From 1, and the case's own variables are written."""
    script = '<bpmn:scriptTask id="sum" scriptFormat="feel">{}{}<bpmn:script>{}</bpmn:script></bpmn:scriptTask>'
    body = nodes(startEvent="start", endEvent="end") + flows("start sum", "sum end")
    script = script.format(properties(result="total"), marker("loopCounter &lt; 4"), "total + loopCounter")
    run = Run(model(body + script)).start(total=0)
    assert run.variables == {"total": 10}


def test_border_event_ends_the_loop() -> None:
    """It belongs to the whole."""
    extra = boundary("edge", "work", message("stop")) + flows("edge after")
    assert started(marker("true"), extra).complete("work").message("edge").open == ["after"]


def test_sub_process_is_repeated_whole() -> None:
    """Each run begins with fresh tokens."""
    inner = nodes(startEvent="s", userTask="x y", endEvent="e") + flows("s x", "x y", "y e")
    twice = marker(attributes=' loopMaximum="2"')
    part = f'<bpmn:subProcess id="part">{twice}{inner}</bpmn:subProcess>'
    body = nodes(startEvent="start", endEvent="end") + part + flows("start part", "part end")
    run = Run(model(body)).start().complete("x").complete("y")
    assert run.open == ["x"]
    assert run.complete("x").complete("y").state == "completed"


def test_loop_without_end_or_wait_is_stopped() -> None:
    """The step limit says at which element."""
    body = nodes(startEvent="start", endEvent="end") + flows("start spin", "spin end")
    with pytest.raises(ExecutionError, match=r"spin.*endless"):
        Run(model(body + f'<bpmn:task id="spin">{marker("true")}</bpmn:task>')).start()


@pytest.mark.parametrize(
    ("bars", "rule"),
    [
        (marker(), "loop-undefined"),
        (marker("x", ' loopMaximum="0"'), "number-wrong"),
        (marker("x", ' loopMaximum="many"'), "number-wrong"),
        (marker("x", ' testBefore="maybe"'), "attribute-value"),
        (marker("x", ' testAfter="true"'), "attribute-unknown"),
        (marker("x").replace("Condition", "Cardinality"), "unsupported-element"),
        (marker("${a.equals(1)}"), "expression-language"),
        (marker("x") + "<bpmn:multiInstanceLoopCharacteristics/>", "loop-twice"),
    ],
)
def test_wrong_markers_are_refused(bars: str, rule: str) -> None:
    """With the element's name."""
    errors = {(f.rule, f.element) for f in judge(line(bars)).findings if f.severity is Severity.ERROR}
    assert (rule, "work") in errors
