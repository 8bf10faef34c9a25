"""Events: starts, ends, and what is thrown, waited for and caught between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow import TaskState
from SpiffWorkflow.task import Task

from engine.errors import Conflict
from engine.interpreter.elements.branches import carried
from engine.interpreter.elements.case import Case
from engine.interpreter.elements.completions import Undoing
from engine.interpreter.elements.correlation import awaited_key, learn, sent_key
from engine.interpreter.elements.data import DataNode, begin, payload, receive
from engine.interpreter.elements.gateways import EventGateway
from engine.interpreter.elements.node import Node, drawn, scope_of
from engine.interpreter.elements.timers import due_at, set_next, set_timer, timer_wait
from engine.interpreter.elements.variables import isolated
from engine.steps import ConditionWait, MessageWait, SignalWait, ThrownMessage, Variables, Wait
from engine.texts import Text

# --- starts and ends ----------------------------------------------------------------------------------------------


class StartEvent(DataNode):
    """Where a scope begins; its trigger has come before the token is made."""


class EndEvent(Node):
    """Takes the token out of its scope."""


class TerminateEnd(EndEvent):
    """Ends its scope with everything in it; around it the case goes on."""

    def act(self, token: Task) -> bool:
        scope = scope_of(token)
        scope.drop_all(but=token)
        scope.completions = []
        if scope.owner is not None:
            scope.owner.internal_data["aborted"] = True
        return True


class ErrorEnd(EndEvent):
    """Throws an error at the scopes around it."""

    def __init__(self, *arguments: Any, code: str) -> None:
        super().__init__(*arguments)
        self.code = code

    def act(self, token: Task) -> bool:
        case = scope_of(token).case
        case.note("completed", self)
        token._set_state(TaskState.COMPLETED)
        case.raise_error(token, self.code)
        return False


# --- throwing -----------------------------------------------------------------------------------------------------


class ThrowEvent(DataNode):
    """Passes at once; with a message, sends it."""

    def act(self, token: Task) -> bool:
        case = scope_of(token).case
        if not begin(token, self, case):
            return False
        if self.element is not None and self.element.message is not None and self.element.kind != "startEvent":
            throw(self, case)
        return True


class MessageEnd(EndEvent, ThrowEvent):
    """Sends a message and ends."""


def throw(node: Node, case: Case) -> None:
    """Send the node's message out of the instance.

    Raises ExecutionError for a payload that is no context.
    """
    element = drawn(node)
    content = content_of(node, case)
    key = sent_key(node, content, case)
    expires = due_at(case.evaluate(element.expires, node), case.now) if element.expires else None
    case.messages.append(ThrownMessage(element, element.message or "", key, content, expires))
    case.note("message_sent", node, message=element.message, key=key, variables=content)


def content_of(node: Node, case: Case) -> dict[str, Any]:
    """What a throwing node sends.

    Raises ExecutionError when it is no context.
    """
    sent = payload(node, case)
    if not isinstance(sent, Mapping):
        raise node.impossible(Text("its payload is no context: {value}", value=str(sent)))
    content: dict[str, Any] = isolated(sent, "payload", node)
    return content


# --- waiting ------------------------------------------------------------------------------------------------------


class Catcher(DataNode):
    """Waits for a message, signal, condition or the clock: alone, beside an activity, or behind an event gateway."""

    def arm(self, token: Task) -> None:
        """Begin to wait."""
        if drawn(self).event == "timer":
            set_timer(token, self, scope_of(token).case)
        elif drawn(self).condition is not None:
            token.internal_data["met"] = False
            scope_of(token).case.changed = True

    def ask(self, token: Task, case: Case) -> None:
        """Go on when the condition has become true: it wasn't before, or it wasn't waited for."""
        condition = drawn(self).condition
        if condition is None:
            super().ask(token, case)
            return
        before, token.internal_data["met"] = token.internal_data["met"], case.evaluate(condition, self) is True
        if token.internal_data["met"] and not before:
            case.note("condition_met", self)
            self.fire(token, case)

    def refresh(self, token: Task, case: Case) -> None:
        if drawn(self).message is not None:
            token.internal_data["key"] = awaited_key(self, case)

    def wait(self, token: Task) -> Wait | None:
        element = drawn(self)
        if element.signal is not None:
            return SignalWait(token.id, element, element.signal, self.repeats(token))
        if element.condition is not None:
            return ConditionWait(token.id, element)
        if element.message is None:
            return timer_wait(token, self)
        return MessageWait(token.id, element, element.message, token.internal_data.get("key"), self.repeats(token))

    def repeats(self, token: Task) -> bool:
        """Whether it waits on after a message has come."""
        return False

    def fire(self, token: Task, case: Case) -> None:
        """Go on: what this waited for has come."""
        if token.has_state(TaskState.STARTED):
            token.complete()
        else:
            host: Task = token.parent
            gateway = host.task_spec
            assert isinstance(gateway, EventGateway)
            gateway.fired(host, self)


class CatchEvent(Catcher):
    """An intermediate event that waits."""

    waits_alone = True

    def act(self, token: Task) -> bool:
        if "fired" in token.internal_data:
            return True
        self.arm(token)
        return False


class BoundaryEvent(Undoing, Catcher):
    """An event at the border of an activity. As a token of its own it has fired already; it goes on at once, but for
    what has to be undone first.

    One that doesn't interrupt waits on, as long as the activity runs: for a message or signal always (any number may
    come), for a condition each time it becomes true, for a cycle until its repetitions are used up.
    """

    def __init__(self, *arguments: Any, event: str, interrupting: bool, code: str | None) -> None:
        super().__init__(*arguments)
        self.event = event
        self.interrupting = interrupting
        self.code = code  # of an error or escalation, None: any
        self.stands_for: Node = self  # of a multiple event's trigger: the event itself, which the flows leave

    def repeats(self, token: Task) -> bool:
        return not self.interrupting

    def refresh(self, token: Task, case: Case) -> None:
        if not token.has_state(TaskState.STARTED):
            super().refresh(token, case)

    def wait(self, token: Task) -> Wait | None:
        return None if token.has_state(TaskState.STARTED) else super().wait(token)

    def fire(self, token: Task, case: Case) -> None:
        scope = scope_of(token)
        inherited = carried(token.parent, ways=1) if self.interrupting else {}
        if self.interrupting:
            scope.drop(token.parent)
        elif self.event == "timer" and not set_next(token, case.now):
            scope.remove(token)
        scope.place(self, **inherited)


# --- what comes from outside --------------------------------------------------------------------------------------


def deliver(token: Task, variables: Variables, case: Case) -> None:
    """Give a message to the receiver that waits under this token, and to no other.

    Raises Conflict when it doesn't wait for a message.
    """
    node = token.task_spec
    wait = node.waits_for(token)
    if not isinstance(wait, MessageWait):
        raise Conflict(Text("Token {token} doesn't wait for a message.", token=token.id))
    case.note("message_received", node, message=wait.name, key=wait.key, variables=isolated(variables, "payload", node))
    learn(wait.element.message, variables, case)
    receive(wait.element, variables, node, case)
    node.fire(token, case)


def fire_timer(token: Task, case: Case) -> None:
    """Fire the one timer behind this token.

    Raises Conflict when it isn't due, or no timer.
    """
    node = token.task_spec
    due = token.internal_data.get("due") if isinstance(node, Catcher) else None
    wait = timer_wait(token, node) if due else None
    if wait is None or wait.due_at > case.now:
        raise Conflict(Text("Token {token} is no timer that is due.", token=token.id))
    case.note("timer_fired", node, due_at=wait.due_at)
    node.fire(token, case)
