"""Call activities: a token rests while the called process runs as an instance of its own (BPMN 2.0.2, 10.3.4).

Whoever keeps the instances starts the called one for each `CallWait` and says how it ended. What is drawn here is
told to it beforehand: who around the call catches an escalation, so that one that interrupts stops it at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.task import Task

from engine.definitions import Call, Passing
from engine.errors import Conflict
from engine.interpreter.elements.case import Case
from engine.interpreter.elements.escalations import catchers_around, escalate_from
from engine.interpreter.elements.node import Node, drawn
from engine.interpreter.elements.tasks import Activity
from engine.interpreter.elements.variables import as_key, isolated
from engine.steps import CallWait, EscalateCall, FailCall, FinishCall, Wait
from engine.texts import Text
from engine.values import from_json, to_json


class CallActivity(Activity):
    """Waits for the end of the process that it calls. Inputs and key are those of the moment in which it begins."""

    def work(self, token: Task, case: Case) -> bool:
        call = called(self)
        token.internal_data["inputs"] = to_json(self._given(call, case))
        token.internal_data["around"] = [list(catching) for catching in catchers_around(token)]
        if call.business_key is not None:
            token.internal_data["key"] = as_key(case.evaluate(call.business_key, self))
        return False

    def _given(self, call: Call, case: Case) -> dict[str, Any]:
        """What goes in: everything or nothing, over it the call's data inputs, over these what is passed by name."""
        seen, data = case.visible, drawn(self).data
        own = [assignment.target for assignment in data.inputs] if data is not None else []
        declared = data is not None and not data.in_turn and bool(data.inputs or data.produced)
        inward = dict(seen) if call.inputs.everything and not declared else {}
        if call.inputs.context is None:
            inward |= {name: seen.get(name) for name in own}
        inward |= _chosen(call.inputs, self, lambda expression: case.evaluate(expression, self))
        return {name: isolated(value, name, self) for name, value in inward.items()}

    def wait(self, token: Task) -> Wait | None:
        call, data = called(self), token.internal_data
        around = tuple((code, interrupting) for code, interrupting in data["around"])
        inputs = from_json(data["inputs"])
        return CallWait(token.id, drawn(self), call.process, call.version, inputs, data.get("key"), around)


def called(node: Node) -> Call:
    """What a call activity calls, as drawn."""
    call = drawn(node).call
    assert call is not None
    return call


def finish_call(command: FinishCall, case: Case) -> None:
    """Go on behind a call with what the called instance gives back.

    Raises Conflict when the token doesn't wait for a call, ExecutionError.
    """
    token = _calling(command.token, case)
    node = token.task_spec
    outputs = _outputs(token, command, case)
    case.note("call_finished", node, instance=command.instance, outputs=outputs)
    case.write(outputs, node=node)
    token.complete()


def fail_call(command: FailCall, case: Case) -> None:
    """Take the error that ended the called instance to the innermost catcher around the call.

    Raises Conflict when the token doesn't wait for a call.
    """
    token = _calling(command.token, case)
    details = {"instance": command.instance, "code": command.code, "message": command.message}
    case.note("call_failed", token.task_spec, **details)
    case.raise_error(token, command.code, command.message)


def escalate_call(command: EscalateCall, case: Case) -> None:
    """Take an escalation of the called instance to the innermost catcher around the call.

    Raises Conflict when the token doesn't wait for a call.
    """
    escalate_from(_calling(command.token, case), command.code)


def _calling(token: str, case: Case) -> Task:
    found = case.find(token)
    if not isinstance(found.task_spec, CallActivity):
        raise Conflict(Text("Token {token} doesn't wait for a call.", token=token))
    return found


def _outputs(token: Task, command: FinishCall, case: Case) -> dict[str, Any]:
    """What a called instance gives back: of everything only what it has changed.

    So a call can't undo what other branches wrote meanwhile, and calls side by side don't undo each other. The
    caller's own business key is no result of somebody else's case, nor are the counters of the caller's runs.
    """
    node = token.task_spec
    passing = called(node).outputs
    theirs = {**command.variables, "business_key": command.business_key, "__now__": case.now}
    chosen = _chosen(passing, node, lambda expression: case.evaluate_over(theirs, expression, node))
    if not passing.everything:
        return {name: isolated(value, name, node) for name, value in chosen.items()}
    given: Mapping[str, Any] = from_json(token.internal_data["inputs"])
    own = case.model.business_key.names if case.model.register and case.model.business_key else frozenset()
    data = drawn(node).data
    if data is not None and data.closed:  # it stays in the call's own variables, where its data outputs are read
        inside = {**command.variables, **chosen}
        return {name: isolated(value, name, node) for name, value in inside.items()}
    changed = {
        name: value
        for name, value in command.variables.items()
        if name not in own and not (name in given and _same(given[name], value))
    }
    return {name: isolated(value, name, node) for name, value in {**changed, **chosen}.items()}


def _chosen(passing: Passing, node: Node, evaluate: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if passing.context is not None:
        context = evaluate(passing.context)
        if not isinstance(context, Mapping):
            shown = "null" if context is None else str(context)[:80]
            raise node.impossible(Text("{text} is no context: {value}", text=passing.context.text, value=shown))
        found |= context
    return {**found, **{name: evaluate(expression) for name, expression in passing.values.items()}}


def _same(before: Any, after: Any) -> bool:
    return type(before) is type(after) and bool(before == after)
