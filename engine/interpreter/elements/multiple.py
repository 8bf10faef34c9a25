"""Events with several definitions: any one of them, or, in parallel, all (BPMN 2.0.2 §10.5.1 and §13.5).

Each definition is an event of its own here, with the drawn id; whatever waits or is told speaks of what is drawn.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.task import Task

from engine.interpreter.elements.branches import carried
from engine.interpreter.elements.case import Case
from engine.interpreter.elements.events import BoundaryEvent, Catcher
from engine.interpreter.elements.gateways import EventGateway
from engine.interpreter.elements.node import Node, scope_of


class MultipleCatch(EventGateway):
    """An intermediate event that goes on when one of its triggers has come."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.triggers: list[Catcher] = []

    @property
    def alternatives(self) -> tuple[Node, ...]:
        return tuple(self.triggers)

    def act(self, token: Task) -> bool:
        if "fired" in token.internal_data:
            return True
        for trigger in self.triggers:
            trigger.arm(scope_of(token).arm(trigger, token))
        return False

    def fired(self, token: Task, event: Node) -> None:
        token._drop_children(force=True)
        token.complete()


class ParallelCatch(MultipleCatch):
    """An intermediate event that goes on when all of its triggers have come, in any order, each counted once."""

    def fired(self, token: Task, event: Node) -> None:
        scope = scope_of(token)
        scope.remove(next(t for t in token.children if t.task_spec is event))
        if not token.children:
            token.complete()


class ParallelBoundary(BoundaryEvent):
    """One trigger of a border event that needs all of them; `group` holds every one, this among them.

    One that doesn't interrupt begins again when all have come, unless a clock is among them: that has struck.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.group: list[BoundaryEvent] = []

    def repeats(self, token: Task) -> bool:
        return False

    def fire(self, token: Task, case: Case) -> None:
        scope, host = scope_of(token), token.parent
        scope.remove(token)
        if any(t.task_spec in self.group for t in host.children):
            return
        inherited = carried(host, ways=1) if self.interrupting else {}
        if self.interrupting:
            scope.drop(host)
        elif all(trigger.event != "timer" for trigger in self.group):
            for trigger in self.group:
                again = scope.arm(trigger, host)
                trigger.arm(again)
                if "met" in again.internal_data:
                    again.internal_data["met"] = True  # counted: it has to become false first (§10.5.5, Conditional)
        scope.place(self, **inherited)
