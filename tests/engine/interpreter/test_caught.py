"""What is caught becomes variables: code and message of errors and escalations, where the catcher stands."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import BpmnError
from engine.findings import Severity
from engine.handlers import handler
from tests.engine.diagrams import flows, judge, model, properties
from tests.engine.interpreter.drawing import (
    EXTRA,
    boundary,
    error,
    escalation,
    event,
    handling,
    nodes,
    service,
    sub,
)
from tests.engine.interpreter.runs import Run

CAUGHT = {"code": "E1", "message": "too late"}
VARIABLES = (
    '<bpmn:errorEventDefinition errorRef="e_E1" camunda:errorCodeVariable="code" camunda:errorMessageVariable="why"/>'
)


@handler("do")
def do() -> None:
    """Work in the step."""


@handler("send", external=True)
def send() -> None:
    """Work outside."""


def build(body: str) -> Any:
    return model(body, extra=EXTRA, handlers=[do, send])


def failing(definition: str, implementation: str = "do", **own: str) -> str:
    """A task whose error E1 is caught at its border."""
    body = nodes(startEvent="start", userTask="late", endEvent="end") + service("work", implementation)
    body += boundary("edge", "work", definition, **own)
    return body + flows("start work", "work end", "edge late", "late end")


def raising() -> None:
    raise BpmnError("E1", "too late")


@pytest.mark.parametrize(
    ("definition", "own", "variables"),
    [
        (error("E1"), {"result": "caught"}, {"caught": CAUGHT}),
        (error(), {"result": "caught"}, {"caught": CAUGHT}),
        (VARIABLES, {}, {"code": "E1", "why": "too late"}),
        (VARIABLES, {"result": "caught"}, {"caught": CAUGHT, "code": "E1", "why": "too late"}),
        (error("E1"), {}, {}),
    ],
)
def test_error_of_a_handler(definition: str, own: dict[str, str], variables: dict[str, Any]) -> None:
    """By our property, by Camunda's attributes, by both."""
    run = Run(build(failing(definition, **own)), work=raising).start()
    assert (run.open, run.variables) == (["late"], variables)


def test_error_of_a_job() -> None:
    """A job's error has a message, too; without one it is null."""
    run = Run(build(failing(error(), "send", result="caught"))).start().fail("work", "E2")
    assert run.variables == {"caught": {"code": "E2", "message": None}}


def test_error_end_is_caught_by_an_event_sub_process() -> None:
    """Its start event's `result`."""
    catch = handling("h", error()).replace('ing="true">', 'ing="true">' + properties(result="caught"))
    inner = nodes(startEvent="s", userTask="x") + event("endEvent", "bad", error("E1")) + flows("s x", "x bad") + catch
    body = nodes(startEvent="start", endEvent="end") + sub("part", inner) + flows("start part", "part end")
    run = Run(build(body)).start().complete("x")
    assert (run.open, run.variables) == (["do_h"], {"caught": {"code": "E1", "message": None}})


@pytest.mark.parametrize("cancel", [True, False])
def test_escalation_is_caught_with_its_code(cancel: bool) -> None:
    """Interrupting or not."""
    inner = nodes(startEvent="s", userTask="x") + event("intermediateThrowEvent", "up", escalation("X1"))
    body = nodes(startEvent="start", userTask="told", endEvent="end") + sub("part", inner + flows("s up", "up x"))
    body += boundary("edge", "part", escalation(), cancel=cancel, result="caught")
    run = Run(build(body + flows("start part", "part end", "edge told", "told end"))).start()
    assert run.variables == {"caught": {"code": "X1", "message": None}}
    assert run.open == (["told"] if cancel else ["told", "x"])


def test_what_a_run_catches_stays_in_the_run() -> None:
    """A catcher inside a run of a multi-instance writes to the run's own variable: so each gives back its own."""
    loop = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2</bpmn:loopCardinality>"
    given = properties(output_collection="all", output_element="caught")
    inner = nodes(startEvent="s", userTask="told") + service("work", "send") + flows("s work", "edge told")
    inner += boundary("edge", "work", error(), result="caught")
    many = f'<bpmn:subProcess id="many">{given}{inner}{loop}</bpmn:multiInstanceLoopCharacteristics></bpmn:subProcess>'
    body = nodes(startEvent="start", endEvent="end") + many + flows("start many", "many end")
    run = Run(build(body)).start().fail("work", "E1").fail("work", "E2").complete("told").complete("told")
    assert run.variables == {"all": [{"code": "E1", "message": None}, {"code": "E2", "message": None}]}


def test_error_without_code_is_known_by_its_reference() -> None:
    """Thrown and caught by the same id; another one doesn't catch it."""
    extra = '<bpmn:error id="bad" name="Bad"/><bpmn:error id="other" name="Bad"/>'
    thrown, other = (f'<bpmn:errorEventDefinition errorRef="{ref}"/>' for ref in ("bad", "other"))
    inner = nodes(startEvent="s", userTask="x") + event("endEvent", "e1", thrown) + flows("s x", "x e1")
    body = nodes(startEvent="start", userTask="late", endEvent="end") + sub("part", inner)
    body += boundary("edge", "part", thrown) + flows("start part", "part end", "edge late", "late end")
    assert Run(model(body, extra=extra)).start().complete("x").open == ["late"]
    elsewhere = body.replace(f"{thrown}</bpmn:boundaryEvent>", f"{other}</bpmn:boundaryEvent>")
    assert Run(model(elsewhere, extra=extra)).start().complete("x").state == "failed"


def test_variables_that_take_it_have_names() -> None:
    """What expressions couldn't read is refused."""
    wrong = failing(VARIABLES.replace('"why"', '"the reason"'))
    found = judge(wrong, extra=EXTRA, handlers=[do]).findings
    assert [(f.rule, f.element) for f in found if f.severity is Severity.ERROR] == [("result-name", "edge")]
    good = judge(failing(VARIABLES), extra=EXTRA, handlers=[do]).findings
    assert not {"attribute-ignored"} & {f.rule for f in good}
