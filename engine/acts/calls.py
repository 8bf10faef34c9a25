"""Call activities between cases: what a case calls is begun with its step, and what ends goes on in its caller.

All of it belongs to the transaction of the act that led to it. What a call waits for is one active case, and a called
case is active only while its caller waits for it; whatever ends one of the two ends or moves the other with it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.acts.waits import close_all
from engine.definitions import AT_PUBLISHING, ProcessDefinition, ProcessModel
from engine.errors import DefinitionNotFound, ExecutionError
from engine.interpreter.stepping import waits_of
from engine.steps import (
    CallWait,
    Command,
    EscalateCall,
    Fact,
    FailCall,
    FinishCall,
    InstanceState,
    Start,
    Step,
    Token,
    Variables,
)
from engine.store import history, instances
from engine.store.instances import Caller, InstanceRow
from engine.texts import Text

if TYPE_CHECKING:
    from engine.acts.transaction import Case, Transaction

DEPTH_LIMIT = 50  # calls within calls; a process that calls itself must come to an end before
CALL_LIMIT = 500  # calls that one act may begin, at all depths


@dataclass(frozen=True)
class Begin:
    """A case that was called and makes its first step."""

    instance_id: int
    wait: CallWait


@dataclass(frozen=True)
class Tell:
    """News of a called case for its caller."""

    child: InstanceRow
    command: Command


Work = Begin | Tell


def rest(transaction: Transaction, case: Case) -> None:
    """Save a stepped case, begin what it calls, and take ends to callers, until all of them rest.

    Raises StaleInstance; ExecutionError when a called process can't be begun, or calls lead to calls without end.
    """
    waiting = deque(_save(transaction, case))
    begun = 0
    while waiting:
        work = waiting.popleft()
        stepped = _begin(transaction, work) if isinstance(work, Begin) else _tell(transaction, work)
        if stepped is None:
            continue
        if stepped is not case:
            case.relatives[stepped.row.id] = stepped
        begun += isinstance(work, Begin)
        if begun > CALL_LIMIT:
            reason = Text("More than {limit} calls would follow from one act. Nothing was stored.", limit=CALL_LIMIT)
            raise ExecutionError(reason)
        waiting.extend(_save(transaction, stepped))


def cancel_called(
    transaction: Transaction, instance_id: int, *, tokens: Collection[Token] | None = None, reason: str | None = None
) -> None:
    """End the active cases that these tokens of a case (None: all) have called, with all that those called."""
    ending = instances.called_by(transaction.connection, instance_id, tokens=tokens)
    while ending:
        child = transaction.case(ending.pop())
        details = {"instance": child.row.parent_id, **({"reason": reason} if reason else {})}
        end_by_decision(transaction, child, Fact("cancelled_by_caller", "", details))
        ending += instances.called_by(transaction.connection, child.row.id, tokens=None)


def end_by_decision(transaction: Transaction, case: Case, fact: Fact) -> None:
    """End one case from outside, and whatever it waits for."""
    transaction.touch(case)
    row = instances.cancel(transaction.connection, case.row, history_seq=case.seq + 1, now=transaction.now)
    close_all(transaction.connection, row.id, transaction.now)
    history.append(
        transaction.connection,
        [fact],
        instance_id=row.id,
        definition_id=row.definition_id,
        after=case.seq,
        actor=transaction.actor,
        now=transaction.now,
    )
    case.seq += 1
    case.waits = ()
    case.clear(row)


def _save(transaction: Transaction, case: Case) -> list[Work]:
    """Write a case and those that it has just called; return what follows for its relatives."""
    step = case.step
    if step is None:
        transaction.save(case)
        return []
    calls = [wait for wait in case.opened.values() if isinstance(wait, CallWait)]
    left = {token for token, wait in case.closed.items() if isinstance(wait, CallWait)}
    begins = [Begin(_create(transaction, case, wait).row.id, wait) for wait in calls]
    news = _news(case, step)
    transaction.save(case)
    if left:
        cancel_called(transaction, case.row.id, tokens=left)
    return [*news, *begins]


def _news(case: Case, step: Step) -> list[Tell]:
    """What a step of a called case means to its caller."""
    row, model = case.row, case.definition.model
    token = row.parent_token
    if token is None:
        return []
    commands: list[Command] = [EscalateCall(token, code, row.id) for code in step.escalations]
    if step.state is InstanceState.COMPLETED:
        result = step.variables
        if _has_interface(model):
            result = {name: value for name, value in result.items() if name in model.results}
        commands.append(FinishCall(token, result, step.business_key, row.id))
    elif step.state is InstanceState.FAILED:
        code, message = (step.error.code, step.error.message) if step.error else ("", "")
        commands.append(FailCall(token, code, message, row.id))
    return [Tell(row, command) for command in commands]


# --- beginning ----------------------------------------------------------------------------------------------------


def _create(transaction: Transaction, case: Case, wait: CallWait) -> Case:
    """Make the called case; it exists only if its first step does."""
    definition = _called(transaction, case, wait)
    if case.row.depth >= DEPTH_LIMIT:
        reason = Text(
            "“{element}”: processes call each other more than {limit} deep, without end.",
            element=wait.element.title,
            limit=DEPTH_LIMIT,
        )
        raise ExecutionError(reason)
    child = transaction.create(definition, caller=Caller(case.row, wait.token, wait.element.id))
    details = {"instance": child.row.id, "process": definition.key, "version": definition.version}
    case.facts.append(Fact("called", wait.element.id, details))
    return child


def _called(transaction: Transaction, case: Case, wait: CallWait) -> ProcessDefinition:
    """Find the version that is called.

    Raises ExecutionError.
    """
    try:
        if wait.version == AT_PUBLISHING:
            return transaction.definition_as_of(wait.key, case.definition.id)
        version = wait.version if isinstance(wait.version, int) else None
        return transaction.newest(wait.key, version)
    except DefinitionNotFound as error:
        raise ExecutionError(Text("“{element}”: {reason}", element=wait.element.title, reason=error.text)) from error


def _begin(transaction: Transaction, work: Begin) -> Case | None:
    """Make the first step of a called case, unless its caller has gone another way since."""
    child = transaction.case(work.instance_id)
    row, wait = child.row, work.wait
    if row.state is not InstanceState.ACTIVE or not _waits(transaction.case(row.parent_id or 0), wait.token):
        return None
    model = child.definition.model
    plain = [start for start in model.starts() if start.event is None]
    if len(plain) != 1:
        reason = Text(
            "“{element}” calls {process}, which has {count} start events that wait for nothing; it must have one.",
            element=wait.element.title,
            process=model.title,
            count=len(plain),
        )
        raise ExecutionError(reason)
    command = Start(plain[0].id, _given(model, wait), wait.business_key, wait.around)
    transaction.carry_out(child, command, plain[0])
    return child


def _given(model: ProcessModel, wait: CallWait) -> Variables:
    """Give a called case its variables.

    Of everything, only what the called process says it takes, if it says so. One with a register has a record of its
    own: what its business key is made of doesn't come along with everything else, or it would pass for its caller.
    """
    call, data = wait.element.call, wait.element.data
    if call is None or not call.inputs.everything:
        return wait.inputs
    chosen = {*call.inputs.values, *(assignment.target for assignment in (data.inputs if data else ()))}
    own = model.business_key.names if model.register and model.business_key else frozenset()
    taken = wait.inputs.keys() & model.inputs if _has_interface(model) else wait.inputs.keys() - own
    return {name: value for name, value in wait.inputs.items() if name in chosen | taken}


def _has_interface(model: ProcessModel) -> bool:
    """Whether a process says by its ioSpecification what goes in and comes out."""
    return bool(model.inputs or model.results)


# --- ending -------------------------------------------------------------------------------------------------------


def _tell(transaction: Transaction, work: Tell) -> Case | None:
    """Step the caller, unless it has gone another way since."""
    child = work.child
    caller = transaction.case(child.parent_id or 0)
    token = child.parent_token or ""
    if caller.row.state is not InstanceState.ACTIVE or not _waits(caller, token):
        return None
    element = caller.definition.model.elements[child.parent_element or ""]
    transaction.carry_out(caller, work.command, element)
    return caller


def _waits(case: Case, token: Token) -> bool:
    """Whether a case still waits under a token."""
    waits = case.waits or waits_of(case.definition.model, case.row.snapshot)
    return any(wait.token == token for wait in waits)
