"""The tokens of a process, or of one run of a sub-process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow import TaskState, Workflow
from SpiffWorkflow.task import Task

from engine.interpreter.elements.node import Node, Path
from engine.steps import Token

if TYPE_CHECKING:
    from SpiffWorkflow.specs import WorkflowSpec

    from engine.interpreter.elements.case import Case


class OpenTask(Task):
    """SpiffWorkflow's task without its log, which tells each change of state and took half the time of a step."""

    def _set_state(self, value: int) -> None:
        self._state = value


class Scope(Workflow):
    """SpiffWorkflow's tree of tokens, kept flat.

    `owner` is the sub-process's token in the scope around this one, None for the process itself.
    """

    def __init__(self, spec: WorkflowSpec, case: Case, owner: Task | None) -> None:
        super().__init__(spec, deserializing=True)
        self.case = case
        self.owner = owner
        self.completions: list[dict[str, Any]] = []  # what was done here and can be undone, see `completions`
        self.task_tree = OpenTask(self, spec.start, state=TaskState.COMPLETED, id="root")

    # --- making and moving tokens -------------------------------------------------------------------------------

    def place(self, node: Node, **internal: Any) -> Task:
        """Put a new token at a node and queue it."""
        token = OpenTask(self, node, self.task_tree, state=TaskState.FUTURE, id=self.case.number())
        token.internal_data.update(internal)
        token._ready()
        return token

    def follow(self, path: Path, **internal: Any) -> None:
        """Send a token along a flow."""
        if path.drawn:
            self.case.note_flow(path.id)
        if len(path.target.incoming) > 1:
            self.place(path.target, flow=path.id, **internal)
        else:
            self.place(path.target, **internal)

    def arm(self, node: Node, host: Task) -> Task:
        """Let an event wait beside the token that it belongs to."""
        return OpenTask(self, node, host, state=TaskState.WAITING, id=self.case.number())

    def restore(self, node: Node, token: Token, parent: Task | None, internal: dict[str, Any]) -> Task:
        """Put a saved token back: resting, or armed when it has a parent."""
        state = TaskState.STARTED if parent is None else TaskState.WAITING
        task = OpenTask(self, node, parent or self.task_tree, state=state, id=token)
        task.internal_data = internal
        return task

    # --- looking ------------------------------------------------------------------------------------------------

    def tokens(self) -> list[Task]:
        """The tokens of the scope, without the armed events beside them."""
        return self.task_tree.children

    def resting_at(self, node: Node) -> list[Task]:
        """The tokens resting at a node, oldest first."""
        return [t for t in self.tokens() if t.task_spec is node and t.has_state(TaskState.STARTED)]

    # --- ending -------------------------------------------------------------------------------------------------

    def remove(self, token: Task) -> None:
        """Take a token and what is armed beside it out of the tree."""
        token._drop_children(force=True)
        self.case.forget(token.id)
        if token.id in self.tasks:
            self._remove_task(token.id)

    def drop(self, token: Task) -> None:
        """Cancel a token with all that is inside it. The caller sees to it that something else goes on."""
        was_inside = token.has_state(TaskState.STARTED) and token.task_spec.is_inside
        if token.task_spec.is_run and self.owner is not None and self.owner.has_state(TaskState.CANCELLED):
            was_inside = False  # the whole activity is cancelled, and that is told
        if not token.has_state(TaskState.FINISHED_MASK):
            token.cancel()
        if was_inside:
            self.case.note("cancelled", token.task_spec)
        self.remove(token)

    def drop_all(self, *, but: Task | None = None) -> None:
        """Cancel every token of the scope."""
        for token in self.tokens():
            if token is not but:
                self.drop(token)

    def _task_completed_notify(self, task: Task) -> None:
        if self.owner is not None:
            self.owner.task_spec.completed_inside(self.owner, task)
            if self.case.scopes.get(self.owner.id) is not self:
                return  # what the token has thrown has cancelled everything here
        self.remove(task)
        if not self.task_tree._children and (self.owner is None or self.owner.task_spec.may_complete(self.owner)):
            self.case.scope_ended(self)
