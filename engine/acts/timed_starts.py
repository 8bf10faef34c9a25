"""Cases that begin by the clock: what the worker does when a start timer is due."""

from __future__ import annotations

from engine.acts.failures import Failure
from engine.acts.routing import settle
from engine.acts.start_timers import due_of
from engine.acts.transaction import Transaction
from engine.interpreter.elements.timers import move_on
from engine.steps import Fact, Start
from engine.store import start_timers as store
from engine.store.start_timers import StartTimerRow


def begin(transaction: Transaction, row: StartTimerRow) -> bool:
    """Begin the case that a start timer is due for, unless another worker was faster or a newer version is in force.

    Raises ExecutionError.
    """
    current = store.lock(transaction.connection, row.id)
    if current is None or current.due_at is None or current.due_at > transaction.now:
        return False
    _move_on(transaction, current, fault=None)
    definition = transaction.definition(current.definition_id)
    event = definition.model.elements[current.element_id]
    case = transaction.create(definition)
    case.facts.append(Fact("timer_fired", event.id, {"due_at": current.due_at}))
    with transaction.world(case, event) as host:
        transaction.advance(case, Start(event.id), host)
    settle(transaction, case)
    return True


def pass_over(transaction: Transaction, row: StartTimerRow, failure: Failure) -> None:
    """Go on to the next time of a start timer whose case could not begin; the row says why."""
    current = store.lock(transaction.connection, row.id)
    if current is not None and current.due_at is not None and current.due_at <= transaction.now:
        _move_on(transaction, current, fault=failure.summary)


def _move_on(transaction: Transaction, row: StartTimerRow, *, fault: str | None) -> None:
    kept = dict(row.schedule)
    due_at = due_of(kept) if move_on(kept, transaction.now) else None
    store.move(transaction.connection, row.id, schedule=kept, due_at=due_at, fault=fault)
