"""Escalations: news for the scopes around, which stop the work only where the catcher interrupts (BPMN 2.0.2 §10.5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from SpiffWorkflow import TaskState
from SpiffWorkflow.task import Task

from engine.interpreter.elements.events import BoundaryEvent, EndEvent
from engine.interpreter.elements.node import Node, scope_of
from engine.interpreter.elements.scope import Scope
from engine.steps import Catching, InstanceState

_BODY, _SCOPE = "__body_", "__scope_"  # how normalisation calls what it wraps around a scope with event sub-processes


class EscalationThrow(Node):
    """Escalates and goes on, unless the catcher interrupts what it is in."""

    def __init__(self, *arguments: Any, code: str) -> None:
        super().__init__(*arguments)
        self.code = code

    def act(self, token: Task) -> bool:
        return escalate(token, self.code)


class EscalationEnd(EscalationThrow, EndEvent):
    """Escalates and ends."""


def escalate(token: Task, code: str) -> bool:
    """Take an escalation to the innermost catcher around the token; say whether the token goes on.

    At one place a catcher with the code is preferred to one for all. What nothing here catches goes to whoever has
    called the instance; if nobody there catches it either, it is a line of history.
    """
    found = _catcher(scope_of(token).owner, code)
    if found is None:
        return _leave(token, code)
    boundary, _, host = found
    if boundary.interrupting and host is not None:
        scope_of(token).case.note("completed", token.task_spec)
        token._set_state(TaskState.COMPLETED)
    _catch(found, code, token)
    return not boundary.interrupting


def escalate_from(token: Task, code: str) -> None:
    """Take an escalation that comes out of an activity to the innermost catcher at its border or around."""
    found = _catcher(token, code)
    if found is None:
        _leave(token, code)
    else:
        _catch(found, code, token)


def catchers_around(token: Task) -> Iterator[Catching]:
    """Who catches an escalation that comes out of an activity: the first that fits, in this instance or outside."""
    for place in _places(token):
        catchers = [boundary for boundary, _, _ in place if boundary.event == "escalation"]
        yield from sorted(((b.code, b.interrupting) for b in catchers), key=lambda c: c[0] is None)
    yield from scope_of(token).case.around


def catcher_of(token: Task, code: str) -> Found | None:
    """The innermost catcher of an escalation around a token, in this instance."""
    return _catcher(scope_of(token).owner, code)


def _catcher(at: Task | None, code: str) -> Found | None:
    return next((caught for place in _places(at) if (caught := _best(place, code)) is not None), None)


def _catch(found: Found, code: str, token: Task) -> None:
    boundary, scope, host = found
    source = token.task_spec.element
    scope.case.note("escalation_caught", boundary, code=code, source=source.id if source else None)
    if boundary.interrupting and host is not None:
        scope.drop(host)
    scope.case.take_caught(boundary, scope, code)
    scope.place(boundary)


def _leave(token: Task, code: str) -> bool:
    """Let an escalation leave the instance; one that interrupts the call ends it here and now."""
    case, node = scope_of(token).case, token.task_spec
    details = {"code": code, "source": node.element.id if node.element else None}
    interrupting = next((stops for caught, stops in case.around if caught in (code, None)), None)
    if interrupting is None:
        case.note("escalation_uncaught", node, **details)
        return True
    case.note("escalation_passed_on", node, **details)
    case.escalations.append(code)
    if interrupting:
        case.stop(InstanceState.CANCELLED)
    return not interrupting


Found = tuple[BoundaryEvent, Scope, Task | None]  # a catcher, where it goes on, and what it would interrupt


def _best(catchers: list[Found], code: str) -> Found | None:
    matching = [c for c in catchers if c[0].event == "escalation" and c[0].code in (code, None)]
    return min(matching, key=lambda c: c[0].code is None, default=None)


def _places(at: Task | None) -> Iterator[list[Found]]:
    """What may catch at the border of an activity and around it, scope by scope, the innermost first.

    The event sub-processes of one scope are one place, though normalisation draws the interrupting ones at the border
    of `__scope_X` and the others at that of `__body_X` inside it. What one of them throws goes to the others, too.
    """
    found: list[Found] = []
    while at is not None:
        scope, node = scope_of(at), at.task_spec
        found += [(boundary, scope, at) for boundary in node.boundaries]
        if node.element is not None:
            yield found
            found = _beside(node, scope)
        if scope.owner is None or not scope.owner.task_spec.name.startswith(_SCOPE):
            yield found
            found = []
        at = scope.owner


def _beside(handler: Node, scope: Scope) -> list[Found]:
    """The other event sub-processes of a scope that don't interrupt, when `handler` is one of its own.

    Once the scope's own work is done, it only completes those that are running (§13.3.2, state Completing).
    """
    bodies = (t.task_spec for t in scope.tokens() if t.task_spec.name.startswith(_BODY))
    others = (boundary for body in bodies for boundary in body.boundaries if not boundary.interrupting)
    return [(other, scope, None) for other in others if all(path.target is not handler for path in other.paths)]
