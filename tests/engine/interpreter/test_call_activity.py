"""Call activities in the interpreter: a token that waits, told from outside how the called instance ended."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.errors import Conflict, ExecutionError
from engine.steps import CallWait, EscalateCall, FailCall, FinishCall, Start
from tests.engine.diagrams import flows, model, properties
from tests.engine.interpreter.drawing import (
    EXTRA,
    boundary,
    error,
    escalation,
    event,
    handling,
    nodes,
    sub,
    timer,
)
from tests.engine.interpreter.runs import Run

CHILD = '<bpmn:process id="child" isExecutable="true"><bpmn:startEvent id="c1"/></bpmn:process>'


def call(inner: str = "", **own: str) -> str:
    extension = properties(**own) if own else ""
    return f'<bpmn:callActivity id="x" calledElement="child">{extension}{inner}</bpmn:callActivity>'


def build(body: str) -> Any:
    return model(body, extra=EXTRA + CHILD)


def calling(activity: str, beside: str = "") -> Any:
    """start → the call x → after; what is at its border leads to `caught`."""
    body = nodes(startEvent="start", userTask="after caught", endEvent="end") + activity + beside
    body += "".join(flows(f"{name} caught") for name in ("one", "any") if f'id="{name}"' in beside)
    return build(body + flows("start x", "x after", "after end", "caught end", "start caught"))


def waiting(run: Run) -> CallWait:
    wait = run.wait("x", CallWait)
    assert isinstance(wait, CallWait)
    return wait


def finish(run: Run, /, **variables: Any) -> Run:
    return run.apply(FinishCall(waiting(run).token, variables))


def test_call_rests_with_all_that_is_visible() -> None:
    """The wait says what is called, and with what (10.3.4)."""
    run = Run(calling(call())).start(a=1, b="two")
    wait = waiting(run)
    assert (wait.key, wait.version, wait.inputs, wait.business_key) == ("child", "latest", {"a": 1, "b": "two"}, None)
    assert (wait in run.step.opened, run.open) == (True, ["caught", "x"])


def test_inputs_are_those_of_the_moment_in_which_the_call_begins() -> None:
    """What changes later doesn't reach the called instance."""
    run = Run(calling(call(inputs="{n: a * 2}", business_key="a"))).start(a=4)
    assert waiting(run.set(a=5)) == waiting(run)
    assert (waiting(run).inputs, waiting(run).business_key) == ({"n": 8}, "4")


def test_everything_back_is_what_the_called_instance_changed() -> None:
    """What another branch wrote meanwhile stays."""
    run = Run(calling(call())).start(a=1, b=1)
    run.complete("caught", a=2)
    finish(run, a=1, b=5, c=Decimal("1.5"))
    assert run.variables == {"a": 2, "b": 5, "c": Decimal("1.5")}
    assert run.fact("call_finished").details["outputs"] == {"b": 5, "c": Decimal("1.5")}
    assert run.open == ["after"]


def test_true_is_no_one() -> None:
    """A change of type is a change."""
    run = Run(calling(call())).start(a=1)
    assert finish(run, a=True).variables["a"] is True


def test_outputs_read_the_called_instances_variables() -> None:
    """And nothing of the caller's; nothing else comes back."""
    run = Run(calling(call(outputs="{sum: n + 1, key: business_key, a: a}"))).start(a=1)
    run.apply(FinishCall(waiting(run).token, {"n": 2, "other": 3}, business_key="K"))
    assert run.variables == {"a": None, "sum": 3, "key": "K"}


@pytest.mark.parametrize("direction", ["inputs", "outputs"])
def test_what_is_passed_must_be_a_context(direction: str) -> None:
    """The case stops at the call, with the reason."""
    run = Run(calling(call(**{direction: "a"})))
    with pytest.raises(ExecutionError, match="is no context: 1"):
        finish(run.start(a=1), a=1)


def test_error_of_the_called_instance_prefers_its_code() -> None:
    """A matching code before a catch-all; the call is cancelled."""
    beside = boundary("any", "x", error()) + boundary("one", "x", error("E1"))
    run = Run(calling(call(), beside)).start()
    run.apply(FailCall(waiting(run).token, "E1", "why", instance=7))
    assert run.fact("call_failed").details == {"instance": 7, "code": "E1", "message": "why"}
    assert run.fact("error_caught").element == "one"
    assert run.open == ["caught", "caught"]
    assert "x" in run.told("cancelled")


def test_error_goes_outward_from_the_call() -> None:
    """To the event sub-process of the scope around it; uncaught, it ends the instance and is told to the next."""
    inner = nodes(startEvent="s") + call() + flows("s x") + handling("h", error("E1"))
    body = nodes(startEvent="start") + sub("part", inner) + flows("start part")
    run = Run(build(body)).start()
    assert run.apply(FailCall(waiting(run).token, "E1")).open == ["do_h"]
    other = Run(build(body)).start()
    other.apply(FailCall(waiting(other).token, "E2", "why"))
    assert other.state == "failed"
    assert other.step.error is not None
    assert (other.step.error.code, other.step.error.message) == ("E2", "why")


@pytest.mark.parametrize("cancel", [True, False])
def test_escalation_of_the_called_instance_is_caught_at_the_border(cancel: bool) -> None:
    """One that doesn't interrupt leaves the call waiting, as often as it comes."""
    run = Run(calling(call(), boundary("one", "x", escalation("X1"), cancel=cancel))).start()
    assert waiting(run).around == (("X1", cancel),)
    token = waiting(run).token
    run.apply(EscalateCall(token, "X1"))
    assert run.open == (["caught", "caught"] if cancel else ["caught", "caught", "x"])
    assert run.fact("escalation_caught").details == {"code": "X1", "source": "x"}
    if not cancel:
        assert run.apply(EscalateCall(token, "X1")).open == ["caught", "caught", "caught", "x"]


def test_call_says_who_catches_around_it() -> None:
    """The innermost first, at each place a code before all, then those around the caller itself."""
    catchers = boundary("any", "x", escalation(), cancel=False) + boundary("one", "x", escalation("X1"))
    inner = nodes(startEvent="s", userTask="t u") + call() + catchers + flows("s x", "any t", "one u")
    inner += handling("h", escalation("X2"))
    body = nodes(startEvent="start") + sub("part", inner) + flows("start part")
    run = Run(build(body)).apply(Start("start", around=(("OUT", True),)))
    assert waiting(run).around == (("X1", True), (None, False), ("X2", True), ("OUT", True))


ESCALATING = (
    nodes(startEvent="start", userTask="then")
    + event("intermediateThrowEvent", "tell", escalation("X1"))
    + flows("start tell", "tell then")
)


@pytest.mark.parametrize(
    ("around", "state", "told"),
    [
        ((), "active", "escalation_uncaught"),
        ((("X2", True),), "active", "escalation_uncaught"),
        (((None, False),), "active", "escalation_passed_on"),
        ((("X1", False), (None, True)), "active", "escalation_passed_on"),
        ((("X1", True),), "cancelled", "escalation_passed_on"),
    ],
)
def test_escalation_that_leaves_the_instance_goes_to_the_caller(
    around: tuple[tuple[str | None, bool], ...], state: str, told: str
) -> None:
    """If anybody there catches it; one that interrupts ends the instance before anything comes after it."""
    run = Run(build(ESCALATING)).apply(Start("start", around=around))
    assert (run.state, run.told(told)) == (state, ["tell"])
    assert run.step.escalations == (("X1",) if told == "escalation_passed_on" else ())
    assert run.open == (["then"] if state == "active" else [])


def test_called_instance_remembers_who_catches() -> None:
    """Over save and load, to its last step."""
    body = nodes(startEvent="start", userTask="then") + event("endEvent", "tell", escalation("X1"))
    run = Run(build(body + flows("start then", "then tell"))).apply(Start("start", around=(("X1", True),)))
    assert run.complete("then").state == "cancelled"


def test_timer_at_the_border_closes_the_wait() -> None:
    """Whoever keeps the called instance sees it among what was closed."""
    run = Run(calling(call(), boundary("one", "x", timer("Duration", "PT1H")))).start()
    token = waiting(run).token
    run.fire("one")
    assert token in {w.token for w in run.step.closed}
    with pytest.raises(Conflict):
        run.apply(FinishCall(token))


def test_runs_of_a_multi_instance_call_side_by_side() -> None:
    """Each with its own item, given back into its own run."""
    bars = "<bpmn:multiInstanceLoopCharacteristics/>"
    said = {"collection": "items", "element_variable": "item", "output_collection": "made", "output_element": "out"}
    run = Run(calling(call(bars, inputs="{item: item}", outputs="{out: out}", **said))).start(items=[1, 2, 3])
    waits = [w for w in run.step.waits if isinstance(w, CallWait)]
    assert [w.inputs for w in waits] == [{"item": 1}, {"item": 2}, {"item": 3}]
    for wait in reversed(waits):
        run.apply(FinishCall(wait.token, {"out": wait.inputs["item"] * 10}))
    assert run.variables == {"items": [1, 2, 3], "made": [10, 20, 30]}
    assert run.open == ["after", "caught"]


def test_loop_calls_again() -> None:
    """One after the other, as long as the condition holds."""
    bars = "<bpmn:standardLoopCharacteristics><bpmn:loopCondition>n &lt; 3</bpmn:loopCondition>"
    run = Run(calling(call(bars + "</bpmn:standardLoopCharacteristics>"))).start(n=0)
    for n in (1, 2, 3):
        assert waiting(run).inputs["n"] == n - 1
        finish(run, n=n)
    assert run.open == ["after", "caught"]


def test_given_business_key_comes_before_the_expression() -> None:
    """The caller decides, if it says anything."""
    run = Run(calling(call())).apply(Start("start", business_key="K-1"))
    assert run.step.business_key == "K-1"


@pytest.mark.parametrize(("kind", "inner"), [("Script", "<bpmn:script>n + 1</bpmn:script>"), ("User", ""), ("", "")])
def test_call_of_a_global_task_runs_as_that_task(kind: str, inner: str) -> None:
    """In place of the call activity (10.3.5): no called instance, no wait for one."""
    own = {"Script": {"result": "n"}, "User": {"role": "staff"}}.get(kind, {})
    extension = properties(**own) if own else ""
    extra = f'<bpmn:global{kind}Task id="child">{extension}{inner}</bpmn:global{kind}Task>'
    body = nodes(startEvent="start", userTask="after") + call() + flows("start x", "x after")
    run = Run(model(body, extra=extra)).start(n=1)
    if kind == "User":
        run = run.complete("x", n=2)
    assert run.open == ["after"]
    assert run.variables["n"] == (1 if kind == "" else 2)


IO = (
    '<bpmn:ioSpecification><bpmn:dataInput id="di" name="n"/><bpmn:dataOutput id="do" name="r"/><bpmn:inputSet>'
    "<bpmn:dataInputRefs>di</bpmn:dataInputRefs></bpmn:inputSet><bpmn:outputSet><bpmn:dataOutputRefs>do"
    "</bpmn:dataOutputRefs></bpmn:outputSet></bpmn:ioSpecification>"
    "<bpmn:dataInputAssociation><bpmn:sourceRef>D</bpmn:sourceRef><bpmn:targetRef>di</bpmn:targetRef>"
    "</bpmn:dataInputAssociation><bpmn:dataOutputAssociation><bpmn:sourceRef>do</bpmn:sourceRef><bpmn:targetRef>R"
    "</bpmn:targetRef></bpmn:dataOutputAssociation>"
)


def test_data_inputs_and_outputs_are_all_that_passes() -> None:
    """With an ioSpecification, its inputs go in and its outputs come out (10.3.4, 10.4.1)."""
    run = Run(calling(call(IO), '<bpmn:dataObject id="D"/><bpmn:dataObject id="R"/>')).start(D=3, other=4)
    assert waiting(run).inputs == {"n": 3}
    assert finish(run, n=3, r=9, more=1).variables == {"D": 3, "R": 9, "other": 4}


def test_call_waits_for_its_data_inputs() -> None:
    """Nothing is called before they have a value."""
    run = Run(calling(call(IO), '<bpmn:dataObject id="D"/><bpmn:dataObject id="R"/>')).start()
    assert not [wait for wait in run.step.waits if isinstance(wait, CallWait)]
    assert waiting(run.set(D=1)).inputs == {"n": 1}


ZEEBE = 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'


@pytest.mark.parametrize(("said", "given"), [("", {"a": 2, "b": 1, "t": "plain"}), ("false", {"a": 2, "t": "plain"})])
def test_zeebes_mappings_come_beside_everything(said: str, given: dict[str, Any]) -> None:
    """Inputs lie over everything, or are all; with outputs nothing else comes back."""
    propagate = f' propagateAllParentVariables="{said}"' if said else ""
    inner = (
        f'<bpmn:extensionElements><zeebe:calledElement {ZEEBE} processId="child"{propagate}/><zeebe:ioMapping {ZEEBE}>'
        '<zeebe:input source="=a + 1" target="a"/><zeebe:input source="plain" target="t"/>'
        '<zeebe:output source="=r" target="s"/></zeebe:ioMapping></bpmn:extensionElements>'
    )
    run = Run(calling(call(inner))).start(a=1, b=1)
    assert waiting(run).inputs == given
    assert finish(run, a=5, r=9).variables == {"a": 1, "b": 1, "s": 9}
