"""Events that undo: thrown compensation and the end that cancels a transaction (BPMN 2.0.2, 10.5, 10.7 and 13.5.5)."""

from __future__ import annotations

from SpiffWorkflow import TaskState
from SpiffWorkflow.task import Task

from engine.interpreter.elements.completions import UNDOING, Undoing, salvage, take, undo_before, undo_given
from engine.interpreter.elements.events import EndEvent
from engine.interpreter.elements.node import drawn, scope_of


class CompensationThrow(Undoing):
    """Has what was done undone, and goes on when it is, or at once if so drawn."""

    def act(self, token: Task) -> bool:
        scope, wanted = scope_of(token), drawn(self).compensation
        assert wanted is not None
        taken = take(token, wanted.activity)
        undo = scope.case.compiled.undo
        names = [found.id for c in reversed(taken) if (found := undo[c["of"]].activity.element) is not None]
        scope.case.note("compensation_thrown", self, activities=names)
        if not wanted.waits and taken:
            undo_before(scope, scope.spec.task_specs[UNDOING], taken)
            return True
        token.internal_data["given"] = taken
        return not undo_given(token)


class CompensationEnd(CompensationThrow, EndEvent):
    """Has what was done undone, and ends."""


class CancelEnd(EndEvent):
    """Cancels the transaction around it: what runs in it is stopped, what was done in it undone.

    Then the way goes on from the cancel event at its border (§10.3.6).
    """

    def act(self, token: Task) -> bool:
        case = scope_of(token).case
        case.note("completed", self)
        token._set_state(TaskState.COMPLETED)
        at = _transaction(token)
        boundary = next(b for b in at.task_spec.boundaries if b.event == "cancel")
        done, scope = salvage(at), scope_of(at)
        case.note("transaction_cancelled", at.task_spec, source=drawn(self).id)
        scope.drop(at)
        undo_before(scope, boundary, done)
        return False


def _transaction(token: Task) -> Task:
    """The transaction around a token; of one that runs several times, all its runs."""
    at = scope_of(token).owner
    while at is not None and (at.task_spec.element is None or at.task_spec.element.kind != "transaction"):
        at = scope_of(at).owner
    assert at is not None
    while at.task_spec.is_run:
        at = scope_of(at).owner
        assert at is not None
    return at
