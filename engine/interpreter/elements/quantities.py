"""Token quantities of activities (BPMN 2.0.2 §13.3.2): how many tokens begin one, how many it ends with."""

from __future__ import annotations

from SpiffWorkflow import TaskState
from SpiffWorkflow.task import Task

from engine.interpreter.elements.node import Node, scope_of


class Gather(Node):
    """Stands before an activity with a start quantity: of so many tokens, whichever way they come, one goes on."""

    is_inside = False

    def __init__(self, *arguments: object, quantity: int) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.quantity = quantity

    def act(self, token: Task) -> bool:
        scope = scope_of(token)
        here = [t for t in scope.resting_at(self) if t.has_state(TaskState.STARTED)]
        if len(here) < self.quantity:
            return False
        for other in [t for t in here if t is not token][: self.quantity - 1]:
            scope.remove(other)
        return True
