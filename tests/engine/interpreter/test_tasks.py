"""Tasks, their data, and what history says of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.errors import Conflict, ExecutionError, InstanceClosed
from engine.handlers import handler
from engine.steps import CompleteTask, DeferHandler, FinishJob, JobWait, RaiseError, SetVariables, UserTaskWait
from tests.engine.diagrams import flows, handlers, model, properties
from tests.engine.interpreter.drawing import node, nodes, service
from tests.engine.interpreter.runs import NOON, Run


@dataclass(frozen=True)
class Sum:
    amount: int
    rate: int = 2


@dataclass(frozen=True)
class Total:
    total: int
    note: str


@handler("add")
def add(inputs: Sum) -> Total:
    """Add up."""
    return Total(0, "")


@handler("mail", external=True)
def mail(inputs: Sum) -> Total:
    """Send."""
    return Total(0, "")


HANDLERS = handlers(add, mail)


def line(*parts: str) -> str:
    """Start, the given tasks called `job`, a user task, end."""
    ends = nodes(startEvent="start", userTask="after", endEvent="end")
    return ends + "".join(parts) + flows("start job", "job after", "after end")


def operator(name: str, result: str = "", **parameters: str) -> str:
    rows = "".join(f"<spiffworkflow:parameter id='{k}' type='any' value='{v}'/>" for k, v in parameters.items())
    target = f' resultVariable="{result}"' if result else ""
    return (
        f'<bpmn:extensionElements><spiffworkflow:serviceTaskOperator id="{name}"{target}>'
        f"<spiffworkflow:parameters>{rows}</spiffworkflow:parameters></spiffworkflow:serviceTaskOperator>"
        "</bpmn:extensionElements>"
    )


def test_handler_runs_in_the_step_with_drawn_inputs_and_same_named_variables() -> None:
    """A parameter that isn't drawn takes the variable of its name if that is set; outputs become variables."""
    m = model(line(node("serviceTask", "job", operator("add", amount="n * 10"))), handlers=HANDLERS)
    run = Run(m, job=lambda amount, rate: {"total": amount * rate, "note": "ok"}).start(n=1, rate=3)
    assert run.world.performed == [("job", {"amount": 10, "rate": 3})]
    assert run.variables == {"n": 1, "rate": 3, "total": 30, "note": "ok"}
    assert run.fact("performed").details == {"handler": "add", "outputs": {"total": 30, "note": "ok"}}
    assert run.fact("variables_set").details == {"changes": {"total": [None, 30], "note": [None, "ok"]}}
    run = Run(m, job=lambda amount: {}).start(n=1)
    assert run.world.performed == [("job", {"amount": 10})]


def test_whole_result_goes_into_one_variable_where_drawn_so() -> None:
    """resultVariable."""
    m = model(line(node("serviceTask", "job", operator("add", "sums", amount="1"))), handlers=HANDLERS)
    run = Run(m, job=lambda amount: {"total": 3}).start()
    assert run.variables == {"sums": {"total": 3}}


def test_external_handler_waits_as_a_job_and_is_finished_once() -> None:
    """Its inputs are evaluated when the token arrives."""
    m = model(line(node("serviceTask", "job", operator("mail", amount="n"))), handlers=HANDLERS)
    run = Run(m).start(n=5)
    wait = run.wait("job")
    assert isinstance(wait, JobWait)
    assert (wait.inputs, run.world.performed) == ({"amount": 5}, [])
    run.finish("job", total=9)
    assert (run.open, run.variables["total"]) == (["after"], 9)
    with pytest.raises(Conflict):
        run.apply(FinishJob(wait.token))


def test_failing_handler_can_be_put_off_to_a_job() -> None:
    """The host answers DeferHandler; the token rests, and what the person did is kept."""

    def put_off(**_: object) -> None:
        raise DeferHandler

    m = model(line(node("serviceTask", "job", operator("add", amount="1"))), handlers=HANDLERS)
    run = Run(m, job=put_off).start(x=1)
    assert isinstance(run.wait("job"), JobWait)
    assert run.finish("job", total=1).open == ["after"]


def test_what_a_handler_raises_passes_through() -> None:
    """The host's own exceptions are not the diagram's."""

    def broken(**_: object) -> None:
        raise KeyError("x")

    m = model(line(node("serviceTask", "job", operator("add", amount="1"))), handlers=HANDLERS)
    with pytest.raises(KeyError):
        Run(m, job=broken).start()


def test_script_task_evaluates_feel_into_a_variable() -> None:
    """§1.2: script task."""
    script = node("scriptTask", "job", "<bpmn:script>[a, a + 1]</bpmn:script>", 'scriptFormat="feel"', result="b")
    run = Run(model(line(script))).start(a=1)
    assert run.variables == {"a": 1, "b": [1, 2]}


DECISION = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
  <decision id="rate" name="rate"><decisionTable hitPolicy="FIRST">
    <input id="i"><inputExpression id="ie" typeRef="number"><text>amount</text></inputExpression></input>
    <output id="o" name="level" typeRef="string"/>
    <rule id="r1"><inputEntry id="x1"><text>&gt; 100</text></inputEntry>
      <outputEntry id="y1"><text>"high"</text></outputEntry></rule>
    <rule id="r2"><inputEntry id="x2"><text>-</text></inputEntry>
      <outputEntry id="y2"><text>"low"</text></outputEntry></rule>
  </decisionTable></decision></definitions>"""


def test_function_that_cannot_take_its_arguments_is_told_with_element_and_text() -> None:
    """A host's function may refuse; it is the diagram that asked."""

    def backwards(count: object) -> object:
        raise ValueError("can't go backwards")

    script = node("scriptTask", "job", "<bpmn:script>days(n)</bpmn:script>", 'scriptFormat="feel"', result="d")
    run = Run(model(line(script), functions={"days"}), functions={"days": backwards})
    with pytest.raises(ExecutionError, match=r"job.*days\(n\).*backwards"):
        run.start(n=-1)


def test_business_rule_task_sets_the_decisions_outputs_and_tells_why() -> None:
    """Matched rules, inputs and outputs are history (§1.2: refused by the plain parser)."""
    m = model(line(node("businessRuleTask", "job", decision="rate")), decisions={"rate.dmn": DECISION})
    run = Run(m).start(amount=500)
    assert run.variables == {"amount": 500, "level": "high"}
    details = run.fact("decided").details
    assert (details["matched"], details["inputs"], details["outputs"]) == ([1], {"amount": 500}, {"level": "high"})


def test_decisions_are_functions_in_expressions() -> None:
    """Called by their id."""
    script = node("scriptTask", "job", "<bpmn:script>rate(7)</bpmn:script>", 'scriptFormat="feel"', result="level")
    run = Run(model(line(script), decisions={"rate.dmn": DECISION})).start()
    assert run.variables == {"level": "low"}


@pytest.mark.parametrize("kind", ["userTask", "manualTask"])
def test_person_task_waits_with_assignee_due_time_and_priority_that_follow_the_variables(kind: str) -> None:
    """Evaluated on opening and again after every step; a duration counts from the opening."""
    own = properties(assignee="who", due="=if fast then duration(&quot;PT1H&quot;) else until", priority="weight")
    own = own.replace("&amp;quot;", "&quot;")
    m = model(line(f'<bpmn:{kind} id="job">{own}</bpmn:{kind}>'))
    run = Run(m).start(who="u1", fast=True, weight=Decimal("7"))
    wait = run.wait("job")
    assert wait == UserTaskWait(wait.token, m.elements["job"], NOON, NOON + timedelta(hours=1), "u1", 7)
    run.later(hours=3).set(fast=False, until=NOON + timedelta(days=2), who=None, weight="x")
    assert run.step.changed == (UserTaskWait(wait.token, m.elements["job"], NOON, NOON + timedelta(days=2), None, 0),)
    assert run.set(until="nonsense").wait("job").due_at is None  # type: ignore[union-attr]
    assert run.complete("job").open == ["after"]


def test_undrawn_task_passes() -> None:
    """An abstract task does nothing, and is told of (§1.2: task)."""
    assert "job" in Run(model(line(nodes(task="job")))).start().told("completed")


def test_parallel_branches_keep_each_others_updates() -> None:
    """One scope of variables (§4.4: a parallel join loses updates)."""
    body = nodes(startEvent="start", userTask="a b", endEvent="end", parallelGateway="fork join")
    body += flows("start fork", "fork a", "fork b", "a join", "b join", "join end")
    run = Run(model(body)).start(status="old", items=["a", "b", "c"])
    run.complete("a", status="x", items=["c"]).complete("b", other=1)
    assert run.variables == {"status": "x", "items": ["c"], "other": 1}


def test_values_are_copied_so_that_nobody_changes_the_past() -> None:
    """A handler that changes what it was given changes no variable and no history (§4.3: shared nested data)."""
    shared: list[int] = []

    def keep(amount: list[int]) -> dict[str, Any]:
        amount.append(2)
        return {"total": shared}

    m = model(line(node("serviceTask", "job", operator("add", amount="n"))), handlers=HANDLERS)
    run = Run(m, job=keep).start(n=[1])
    shared.append(9)
    assert run.variables == {"n": [1], "total": []}
    assert run.fact("performed").details["outputs"] == {"total": []}


def test_value_that_no_variable_can_hold_is_refused_with_the_elements_name() -> None:
    """Nothing is stored that couldn't be loaded."""
    m = model(line(node("serviceTask", "job", operator("add", amount="1"))), handlers=HANDLERS)
    with pytest.raises(ExecutionError, match=r"job.*total"):
        Run(m, job=lambda amount: {"total": {1, 2}}).start()


def test_record_states_are_told_when_a_token_arrives() -> None:
    """Before the element's own work, events and gateways included."""
    body = properties(register="case") + line(service("job", "add", record_state="counting"))
    body = body.replace(nodes(userTask="after"), node("userTask", "after", record_state="checking"))
    body = body.replace('<bpmn:endEvent id="end"/>', node("endEvent", "end", record_state="closed"))
    run = Run(model(body, handlers=HANDLERS)).start(amount=1)
    assert run.world.states == ["counting", "checking"]
    assert run.complete("after").world.states == ["counting", "checking", "closed"]


def test_ended_case_takes_no_command() -> None:
    """It says so."""
    run = Run(model(line(nodes(task="job")))).start().complete("after")
    with pytest.raises(InstanceClosed):
        run.apply(SetVariables({"x": 1}))


@pytest.mark.parametrize("command", [CompleteTask("99"), CompleteTask("root"), FinishJob("2"), RaiseError("2", "E")])
def test_command_for_a_token_that_does_not_wait_for_it_is_a_conflict(command: Any) -> None:
    """Two people completing one task: the second is told."""
    run = Run(model(line(nodes(task="job")))).start()
    with pytest.raises(Conflict):
        run.apply(command)


def test_history_tells_each_thing_once_and_in_order() -> None:
    """Started, entered, completed, flows and the end."""
    run = Run(model(nodes(startEvent="start", userTask="a", endEvent="end") + flows("start a", "a end"))).start(n=1)
    run.complete("a", n=1, m=2)
    assert [(fact.kind, fact.element) for fact in run.facts] == [
        ("started", "start"),
        ("variables_set", "start"),
        ("entered", "start"),
        ("completed", "start"),
        ("flow", "start_a"),
        ("entered", "a"),
        ("variables_set", "a"),
        ("completed", "a"),
        ("flow", "a_end"),
        ("entered", "end"),
        ("completed", "end"),
        ("ended", "p"),
    ]
    assert run.facts[6].details == {"changes": {"m": [None, 2]}}
