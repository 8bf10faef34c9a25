"""Escalations: news for the scopes around, which stop the work only where the catcher interrupts (BPMN 2.0.2 §10.5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from SpiffWorkflow import TaskState
from SpiffWorkflow.task import Task

from engine.elements.events import BoundaryEvent, EndEvent
from engine.elements.node import Node, scope_of
from engine.elements.scope import Scope
from engine.elements.tasks import Activity

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

    At one place a catcher with the code is preferred to one for all. One that nothing catches is a line of history.
    """
    case, node = scope_of(token).case, token.task_spec
    details = {"code": code, "source": node.element.id if node.element else None}
    found = catcher_of(token, code)
    if found is None:
        case.note("escalation_uncaught", node, **details)
        return True
    boundary, scope, host = found
    if boundary.interrupting and host is not None:
        case.note("completed", node)
        token._set_state(TaskState.COMPLETED)
        case.note("escalation_caught", boundary, **details)
        scope.drop(host)
    else:
        case.note("escalation_caught", boundary, **details)
    scope.place(boundary)
    return not boundary.interrupting


Catching = tuple[BoundaryEvent, Scope, Task | None]  # a catcher, where it goes on, and what it would interrupt


def catcher_of(token: Task, code: str) -> Catching | None:
    """The innermost catcher of an escalation around a token."""
    return next((caught for at in _places(token) if (caught := _best(at, code)) is not None), None)


def _best(catchers: list[Catching], code: str) -> Catching | None:
    matching = [c for c in catchers if c[0].event == "escalation" and c[0].code in (code, None)]
    return min(matching, key=lambda c: c[0].code is None, default=None)


def _places(token: Task) -> Iterator[list[Catching]]:
    """What may catch around a token, scope by scope, the innermost first.

    The event sub-processes of one scope are one place, though normalisation draws the interrupting ones at the border
    of `__scope_X` and the others at that of `__body_X` inside it. What one of them throws goes to the others, too.
    """
    found: list[Catching] = []
    at = scope_of(token).owner
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


def _beside(handler: Node, scope: Scope) -> list[Catching]:
    """The other event sub-processes of a scope that don't interrupt, when `handler` is one of its own."""
    bodies = (n for n in scope.spec.task_specs.values() if n.name.startswith(_BODY) and isinstance(n, Activity))
    others = (boundary for body in bodies for boundary in body.boundaries if not boundary.interrupting)
    return [(other, scope, None) for other in others if all(path.target is not handler for path in other.paths)]
