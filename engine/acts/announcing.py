"""Conditional start events: cases that begin when something has become true of the world (BPMN 2.0.2, 10.5.2).

Before a case begins there are no variables. So these conditions are asked of what is announced from outside: each that
reads nothing but what was announced now. One that was true has to become false before it begins another case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.acts.routing import begin, settle
from engine.acts.transaction import Broadcast, Transaction
from engine.definitions import Element, ProcessDefinition
from engine.errors import ExecutionError
from engine.interpreter.elements.variables import FAULTS, said
from engine.store import messages
from engine.texts import Text


def announce(transaction: Transaction, variables: Mapping[str, Any]) -> list[int]:
    """Ask the conditional starts, and begin the cases whose condition has become true, with what was announced.

    Raises ExecutionError when a condition can't be evaluated or a case can't begin; then nothing has happened.
    """
    begun: list[int] = []
    for row in messages.conditional_starts(transaction.connection):
        definition = transaction.definition(row.definition_id or 0)
        event = definition.model.elements[row.element_id]
        is_met = _is_met(event, definition, variables, transaction)
        if is_met is None or is_met == (row.key == messages.MET):
            continue
        messages.set_met(transaction.connection, row.id, met=is_met)
        if is_met:
            case = begin(transaction, row, Broadcast(event.id, variables, None))
            settle(transaction, case)
            begun.append(case.row.id)
    return begun


def _is_met(
    event: Element, definition: ProcessDefinition, variables: Mapping[str, Any], transaction: Transaction
) -> bool | None:
    """Ask the event's conditions; None when they read what wasn't announced."""
    conditions = [e.condition for e in event.events if e.condition is not None]
    known = {*variables, "__now__"}
    asked = [condition for condition in conditions if condition.names <= known]
    if not asked:
        return None
    context = {**variables, "__now__": transaction.now}
    functions = transaction.functions_of(definition.model)
    try:
        return any(condition.evaluate(context, functions) is True for condition in asked)
    except FAULTS as error:
        raise ExecutionError(
            Text("The condition of “{element}” can't be evaluated: {reason}", element=event.title, reason=said(error))
        ) from error
