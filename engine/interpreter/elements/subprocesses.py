"""Sub-processes: a scope of tokens inside an activity."""

from __future__ import annotations

from SpiffWorkflow.task import Task

from engine.interpreter.elements.case import Case
from engine.interpreter.elements.completions import Completion, keep
from engine.interpreter.elements.node import scope_of
from engine.interpreter.elements.tasks import Activity


class SubProcess(Activity):
    """Runs what is drawn inside it; done when no token is left there. Its boundary events are armed before."""

    def work(self, token: Task, case: Case) -> bool:
        case.open_scope(token, self.name)
        return False

    def remember(self, token: Task) -> None:
        """Nothing: `completed_scope` has."""

    def completed_scope(self, token: Task, completions: list[Completion]) -> None:
        if self.element is None:
            scope_of(token).completions += completions
        else:
            keep(token, completions)

    def left_inside(self, token: Task, completions: list[Completion]) -> None:
        if self.element is None or self.name in scope_of(token).case.compiled.by_event:
            scope_of(token).completions += completions
        else:
            keep(token, completions, partial=True)

    def _on_cancel(self, my_task: Task) -> None:
        around = scope_of(my_task)
        inner = around.case.scopes.get(my_task.id)
        if inner is None:
            return
        inner.drop_all()
        around.case.close(my_task.id)
        if self.element is None:  # an event sub-process or a terminate end event has interrupted the scope
            around.completions += inner.completions
            if around.owner is not None:
                around.owner.internal_data["aborted"] = True
