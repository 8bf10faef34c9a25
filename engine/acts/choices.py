"""What people choose in ad-hoc sub-processes: which activity begins, and when enough is done."""

from __future__ import annotations

from engine.acts.routing import settle
from engine.acts.transaction import Case, Transaction
from engine.authority import User, refuse_choice
from engine.definitions import ProcessModel
from engine.entities import AdHocWork
from engine.errors import Conflict, NotAllowed
from engine.interpreter.stepping import waits_of
from engine.steps import AdHocWait, ChooseActivity, FinishAdHoc, InstanceState, Token
from engine.store.instances import InstanceRow
from engine.texts import Text


def offered(row: InstanceRow, model: ProcessModel, user: User | None) -> tuple[AdHocWork, ...]:
    """Say where a person may choose in a case, and what."""
    return tuple(_work(wait, model, user) for wait in _waits(row, model))


def choose_activity(transaction: Transaction, instance_id: int, token: Token, activity: str, by: User) -> None:
    """Begin an activity of an open ad-hoc sub-process.

    Raises InstanceNotFound, InstanceClosed, Conflict, NotAllowed, ExecutionError.
    """
    case = transaction.case(instance_id)
    model, wait = case.definition.model, _wait(case, token)
    if activity not in wait.activities:
        raise Conflict(Text("“{element}” can't be begun now.", element=activity[:80]))
    _check(refuse_choice(model, model.elements[activity], by))
    transaction.carry_out(case, ChooseActivity(token, activity), model.elements[activity])
    settle(transaction, case)


def finish_ad_hoc(transaction: Transaction, instance_id: int, token: Token, by: User) -> None:
    """End an open ad-hoc sub-process, because enough is done in it.

    Raises InstanceNotFound, InstanceClosed, Conflict, NotAllowed, ExecutionError.
    """
    case = transaction.case(instance_id)
    wait = _wait(case, token)
    _check(refuse_choice(case.definition.model, wait.element, by))
    transaction.carry_out(case, FinishAdHoc(token), wait.element)
    settle(transaction, case)


def _check(refusal: NotAllowed | None) -> None:
    if refusal is not None:
        raise refusal


def _wait(case: Case, token: Token) -> AdHocWait:
    for wait in _waits(case.row, case.definition.model):
        if wait.token == token:
            return wait
    raise Conflict(Text("Nothing waits under token {token} any more: the case has moved on.", token=token[:20]))


def _waits(row: InstanceRow, model: ProcessModel) -> list[AdHocWait]:
    has_any = any(element.ad_hoc is not None for element in model.elements.values())
    if not has_any or row.state is not InstanceState.ACTIVE:
        return []
    return [wait for wait in waits_of(model, row.snapshot) if isinstance(wait, AdHocWait)]


def _work(wait: AdHocWait, model: ProcessModel, user: User | None) -> AdHocWork:
    activities = [model.elements[activity] for activity in wait.activities]
    open_to = [a for a in activities if user is not None and refuse_choice(model, a, user) is None]
    may_finish = user is not None and refuse_choice(model, wait.element, user) is None
    return AdHocWork(wait.token, wait.element, tuple(open_to), may_finish)
