"""Sub-processes: a scope of tokens inside an activity."""

from __future__ import annotations

from SpiffWorkflow.task import Task

from engine.elements.case import Case
from engine.elements.node import scope_of
from engine.elements.tasks import Activity


class SubProcess(Activity):
    """Runs what is drawn inside it; done when no token is left there. Its boundary events are armed before."""

    def work(self, token: Task, case: Case) -> bool:
        case.open_scope(token, self.name)
        return False

    def _on_cancel(self, my_task: Task) -> None:
        case = scope_of(my_task).case
        inner = case.scopes.get(my_task.id)
        if inner is not None:
            inner.drop_all()
            case.close(my_task.id)
