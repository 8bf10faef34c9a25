"""Events that the runs of a multi-instance throw when they are done (BPMN 2.0.2, 10.3.8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.task import Task

from engine.definitions import ImplicitThrow
from engine.interpreter.elements.case import Case
from engine.interpreter.elements.escalations import catcher_of
from engine.interpreter.elements.node import Node, drawn, scope_of
from engine.interpreter.elements.signals import receive
from engine.interpreter.elements.variables import isolated
from engine.steps import ThrownSignal


def throw_implicitly(event: ImplicitThrow, run: Task, activity: Task, content: Mapping[str, Any]) -> bool:
    """Throw an event of a run that is done; say whether its activity still goes on."""
    case, node = scope_of(activity).case, activity.task_spec
    if event.kind == "signal":
        _signal(event.name, node, content, case)
    elif event.kind == "escalation":
        _escalate(event.name, run, node, case)
    else:
        case.raise_error(activity, event.name)
    return scope_of(activity).tasks.get(activity.id) is activity


def _signal(name: str, node: Node, content: Mapping[str, Any], case: Case) -> None:
    signal = ThrownSignal(drawn(node), name, isolated(dict(content), "payload", node))
    case.signals.append(signal)
    case.note("signal_thrown", node, signal=name, variables=signal.variables)
    receive(name, signal.variables, case)


def _escalate(code: str, run: Task, node: Node, case: Case) -> None:
    details = {"code": code, "source": drawn(node).id}
    found = catcher_of(run, code)
    if found is None:
        case.note("escalation_uncaught", node, **details)
        return
    boundary, scope, host = found
    case.note("escalation_caught", boundary, **details)
    if boundary.interrupting and host is not None:
        scope.drop(host)
    case.take_caught(boundary, scope, code)
    scope.place(boundary)
