"""Signals: thrown once, received by all who wait for them at that moment, kept for nobody (BPMN 2.0.2 §10.5.1)."""

from __future__ import annotations

from SpiffWorkflow.task import Task

from engine.errors import Conflict
from engine.interpreter.elements.case import Case
from engine.interpreter.elements.data import begin
from engine.interpreter.elements.data import receive as receive_data
from engine.interpreter.elements.events import EndEvent, ThrowEvent, content_of
from engine.interpreter.elements.node import drawn, scope_of
from engine.interpreter.elements.variables import isolated
from engine.steps import SignalWait, ThrownSignal, Variables
from engine.texts import Text

HEARD_LIMIT = 1_000  # signals that one event at a border takes in one step; each leaves more tokens to look through


class SignalThrow(ThrowEvent):
    """Throws its signal when all other tokens of the instance have come to rest, and goes on.

    So whatever runs beside it in this step has reached its wait, wherever it stands in the drawing; what comes after
    it has not, and doesn't get it.
    """

    def _run_hook(self, my_task: Task) -> bool | None:
        if my_task.internal_data.pop("patient", False):
            return self._throw(my_task) or None
        return super()._run_hook(my_task)

    def act(self, token: Task) -> bool:
        case = scope_of(token).case
        if begin(token, self, case):
            token.internal_data["patient"] = True
            case.patient.append(token)
        return False

    def _throw(self, token: Task) -> bool:
        """Throw; say whether the token is still there."""
        case, element = scope_of(token).case, drawn(self)
        content = content_of(self, case)
        signal = ThrownSignal(element, element.signal or "", content)
        case.signals.append(signal)
        case.note("signal_thrown", self, signal=signal.name, variables=content)
        receive(signal.name, content, case)
        return scope_of(token).tasks.get(token.id) is token


class SignalEnd(SignalThrow, EndEvent):
    """Throws its signal and ends."""


def receive(name: str, variables: Variables, case: Case) -> None:
    """Give a signal to every token of the instance that waits for it now.

    One that another catcher interrupts before its turn is gone, and gets nothing.
    """
    for token in [t.id for t in case.tokens() if _may_wait(t, name)]:
        try:
            found = case.find(token)
        except Conflict:
            continue
        node = found.task_spec
        wait = node.waits_for(found)
        if not isinstance(wait, SignalWait) or wait.name != name:
            continue
        case.heard[token] += 1
        if case.heard[token] > HEARD_LIMIT:
            reason = Text("what it begins throws the signal “{signal}” again, without end", signal=name)
            raise node.impossible(reason)
        case.note("signal_received", node, signal=name, variables=isolated(variables, "payload", node))
        receive_data(wait.element, variables, node, case)
        node.fire(found, case)


def _may_wait(token: Task, name: str) -> bool:
    """Whether a token waits for a signal; most are told apart by what they stand at."""
    element = token.task_spec.element
    return element is not None and element.signal == name and isinstance(token.task_spec.waits_for(token), SignalWait)
