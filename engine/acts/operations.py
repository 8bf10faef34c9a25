"""What operators do: end an instance, correct its variables, give failed jobs and messages another chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.acts.calls import cancel_called, end_by_decision
from engine.acts.human_work import write_history
from engine.acts.routing import deliver_from_inbox, settle
from engine.acts.transaction import Transaction
from engine.authority import ADMIN, SYSTEM, User, answers_for
from engine.definitions import ProcessModel
from engine.errors import Conflict, ExecutionError, InstanceClosed, InvalidForm, JobNotFound, NotAllowed, NotFound
from engine.feel import FeelLimitError, FeelSyntaxError, compile_expression
from engine.states import JobState, MessageState
from engine.steps import Fact, InstanceState, SetVariables, Variables
from engine.store import jobs, messages
from engine.store.jobs import JobRow
from engine.texts import Text


def cancel(transaction: Transaction, instance_id: int, reason: str, by: User) -> None:
    """End an instance and everything that it waits for, called cases too; the reason stands in their history.

    Raises InstanceNotFound, InstanceClosed, NotAllowed; Conflict for one that another case called.
    """
    case = transaction.case(instance_id)
    _check_may_operate(case.definition.model, by)
    if case.row.state is not InstanceState.ACTIVE:
        raise InstanceClosed(Text("Case {instance} has ended already.", instance=instance_id))
    if case.row.parent_id is not None:
        raise Conflict(
            Text(
                "Case {instance} was called by case {parent}, which would wait for ever: end case {root} instead.",
                instance=instance_id,
                parent=case.row.parent_id,
                root=case.row.root_id,
            )
        )
    end_by_decision(transaction, case, Fact("cancelled_by", "", {"reason": reason}))
    cancel_called(transaction, instance_id, reason=reason)


def set_variables(transaction: Transaction, instance_id: int, values: Variables, by: User) -> None:
    """Correct variables of an instance; what depends on them follows: due times, assignees, conditional events.

    Raises InstanceNotFound, InstanceClosed, NotAllowed, ExecutionError.
    """
    case = transaction.case(instance_id)
    _check_may_operate(case.definition.model, by)
    if case.business_key is not None:
        _check_key(case.definition.model, values)
    transaction.carry_out(case, SetVariables(values), next(iter(case.definition.model.elements.values())))
    settle(transaction, case)


def correct_variables(
    transaction: Transaction, instance_id: int, texts: Mapping[str, str], reason: str, by: User
) -> None:
    """Correct variables by FEEL that may read the others; the reason stands in the instance's history.

    Raises InstanceNotFound, InstanceClosed, NotAllowed, ExecutionError; InvalidForm with all that is wrong.
    """
    case = transaction.case(instance_id)
    _check_may_operate(case.definition.model, by)
    context = {**case.variables, "__now__": transaction.now}
    values, errors = {}, {}
    for name, text in texts.items():
        try:
            values[name] = _value(text, context)
        except FeelSyntaxError as error:
            errors[name] = [Text("This is no FEEL value: {reason}", reason=error.reason)]
        except FeelLimitError as error:
            errors[name] = [Text("This is no FEEL value: {reason}", reason=str(error))]
        except LookupError as error:
            unknown = Text("There is no variable {name} here. Write a text in quotes.", name=str(error.args[0]))
            errors[name] = [unknown]
    if errors:
        raise InvalidForm(errors)
    case.facts.append(Fact("corrected", "", {"reason": reason}))
    set_variables(transaction, instance_id, values, by)


def _value(text: str, context: Mapping[str, Any]) -> Any:
    """Evaluate FEEL. Raises FeelSyntaxError, FeelLimitError, LookupError for a name that is unknown."""
    expression = compile_expression(text)
    for name in sorted({*expression.names, *expression.calls} - set(context)):
        raise LookupError(name)
    return expression.evaluate(context)


def retry_job(transaction: Transaction, job_id: int, by: User) -> JobRow:
    """Make a failed job due again with all its attempts.

    Raises JobNotFound, Conflict, NotAllowed.
    """
    job = jobs.lock(transaction.connection, job_id)
    if job is None:
        raise JobNotFound(Text("There is no job {job}.", job=job_id))
    case = transaction.case(job.instance_id)
    _check_may_operate(case.definition.model, by)
    if job.state is not JobState.FAILED:
        raise Conflict(Text("Job {job} has not failed: it is {state}.", job=job_id, state=job.state.value))
    jobs.settle(transaction.connection, job_id, state=JobState.DUE, attempts=0, due_at=transaction.now)
    fact = Fact("job_retried", job.element_id, {"job": job_id})
    write_history(transaction, case.row.id, case.row.definition_id, [fact])
    return job


def retry_message(transaction: Transaction, message_pk: int, by: User) -> bool:
    """Try again to deliver a waiting message whose receiver was in trouble; False when nobody waits for it now.

    Raises NotFound, Conflict, NotAllowed, ExecutionError when the trouble persists.
    """
    if by.id != SYSTEM.id and ADMIN not in by.roles:
        raise NotAllowed("OWNER", Text("Only role {role} may deliver messages.", role=ADMIN))
    message = messages.lock(transaction.connection, message_pk)
    if message is None:
        raise NotFound(Text("There is no message {message}.", message=message_pk))
    if message.state is not MessageState.WAITING:
        raise Conflict(Text("Message {message} is {state}.", message=message_pk, state=message.state.value))
    return deliver_from_inbox(transaction, message_pk)


def _check_key(model: ProcessModel, values: Variables) -> None:
    """Keep a correction from moving a case to another record. Raises ExecutionError."""
    if model.register is None or model.business_key is None:
        return
    if taken := sorted(model.business_key.names & values.keys()):
        raise ExecutionError(Text("Only the process itself may set {names}.", names=", ".join(taken)))


def _check_may_operate(model: ProcessModel, by: User) -> None:
    if answers_for(model, by):
        return
    raise NotAllowed(
        "OWNER",
        Text("Only role {role} may do this in process {process}.", role=model.owner or ADMIN, process=model.key),
    )
