"""What all nodes have in common: a token comes, something is done, the token goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from SpiffWorkflow import TaskState
from SpiffWorkflow.specs import WorkflowSpec
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.task import Task

from engine.definitions import Element
from engine.errors import ExecutionError
from engine.interpreter.elements.branches import carried
from engine.steps import ConditionWait, Wait
from engine.texts import Text

if TYPE_CHECKING:
    from engine.feel import Expression
    from engine.interpreter.elements.case import Case
    from engine.interpreter.elements.scope import Scope


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """A sequence flow as run; `drawn`: it is the owner's, and history tells of it."""

    id: str
    source: Node
    target: Node
    condition: Expression | None
    drawn: bool


class Node(TaskSpec):
    """A flow node, shared by all instances of a definition: nothing in it changes at run time.

    `element` is the owner's element, None for a node that normalisation made; `label` names it in messages.
    """

    def __init__(self, spec: WorkflowSpec, name: str, element: Element | None, label: str) -> None:
        super().__init__(spec, name)
        self.element = element
        self.label = label
        self.paths: list[Path] = []
        self.incoming: list[Path] = []

    @property
    def alternatives(self) -> tuple[Node, ...]:
        """What is armed for it behind an event gateway: itself, or each trigger of a multiple event."""
        return (self,)

    @property
    def begins_at(self) -> frozenset[str]:
        """The start events by which a case begins here."""
        return frozenset({self.element.id} if self.element is not None else ())

    waits_alone = False  # a token stands here for nothing but its event, so that must be able to come
    is_run = False  # one run of a multi-instance or looping activity; what tells of it is the activity
    is_inside = True  # a resting token counts as being in the node; not so at a join, where it waits before it

    # --- what kinds of node define ------------------------------------------------------------------------------

    def act(self, token: Task) -> bool:
        """Do the node's work for a token that has just come: True when it goes on, False when it rests."""
        return True

    def choose(self, token: Task) -> Sequence[Path]:
        """Say which flows the token leaves by."""
        return self.paths

    def refresh(self, token: Task, case: Case) -> None:
        """Bring what a resting token waits for up to date with the variables."""

    def ask(self, token: Task, case: Case) -> None:
        """See whether the condition that the token waits for has become true."""

    def wait(self, token: Task) -> Wait | None:
        """Describe what a resting token waits for, from its internal data alone."""
        return None

    def waits_for(self, token: Task) -> Wait | None:
        """Describe what a token waits for: its data first (`engine.interpreter.elements.data`)."""
        return ConditionWait(token.id, drawn(self)) if is_lacking(token) else self.wait(token)

    def completed_inside(self, token: Task, inner: Task) -> None:
        """Take notice that a token directly inside this activity's has come to an end."""

    def left_inside(self, token: Task, completions: list[dict[str, Any]]) -> None:
        """Take over what was done in this node's scope, which is being left. By default nothing of it is kept."""

    def completed_scope(self, token: Task, completions: list[dict[str, Any]]) -> None:
        """Take over what was done in this node's scope, which has completed. By default nothing of it is kept."""

    def give_out(self, token: Task, case: Case) -> None:
        """Write what a token that is done gives to the variables around it."""

    @property
    def keeps_results(self) -> bool:
        """Whether what the node results in stays with its token, but for its outputs."""
        element = self.element
        is_whole = element is not None and element.loop is not None and not self.is_run
        return element is not None and element.data is not None and element.data.closed and not is_whole

    def may_complete(self, token: Task) -> bool:
        """Whether the activity is done when no token is left in its scope."""
        return True

    def catcher(self, code: str) -> Node | None:
        """The error boundary event of this node that catches a code."""
        return None

    # --- SpiffWorkflow's hooks ----------------------------------------------------------------------------------

    def test(self) -> None:
        """Accept the node: the intake has checked the graph."""

    def _on_ready_hook(self, my_task: Task) -> None:
        scope_of(my_task).case.queue.append(my_task)

    def _run_hook(self, my_task: Task) -> bool | None:
        my_task._set_state(TaskState.STARTED)
        case = scope_of(my_task).case
        case.focus(my_task)
        case.enter(self)
        return self.act(my_task) or None

    def _on_complete_hook(self, my_task: Task) -> None:
        scope = scope_of(my_task)
        my_task._drop_children()
        scope.case.focus(my_task)
        self.give_out(my_task, scope.case)
        if not self.is_run:
            scope.case.note("completed", self)
        copies = 1 if self.element is None else self.element.completion_quantity
        chosen = [path for path in self.choose(my_task) for _ in range(copies)]
        for path in chosen:
            scope.follow(path, **carried(my_task, ways=len(chosen)))

    # --- for the kinds ------------------------------------------------------------------------------------------

    def impossible(self, reason: Text) -> ExecutionError:
        """Make the error that says why the case can't go on here."""
        return ExecutionError(Text("“{element}”: {reason}", element=Text(self.label), reason=reason))


def scope_of(token: Task) -> Scope:
    """The scope that a token is in."""
    return token.workflow


def is_lacking(token: Task) -> bool:
    """Whether a token can't begin yet, because data that it needs have no value."""
    return "lacks" in token.internal_data


def drawn(node: Node) -> Element:
    """The owner's element behind a node that can only be drawn."""
    assert node.element is not None
    return node.element


def moment(token: Task, name: str) -> datetime | None:
    """A time kept in a token's internal data."""
    text: Any = token.internal_data.get(name)
    return datetime.fromisoformat(text) if text is not None else None
