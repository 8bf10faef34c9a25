"""What people do: start a process; claim, release and complete its user tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.acts.failures import HandlerFailed
from engine.acts.hosting import Answers, StepHost
from engine.acts.routing import settle
from engine.acts.transaction import Case, Transaction
from engine.acts.waits import attempt
from engine.authority import User, answers_for, refuse_same_hands, refuse_sight, refuse_work, separations_at_stake
from engine.definitions import Element, ProcessDefinition
from engine.errors import (
    BpmnError,
    DefinitionNotFound,
    ExecutionError,
    NotAllowed,
    TaskClaimed,
    TaskClosed,
    TaskNotFound,
)
from engine.states import JobKind, TaskState
from engine.steps import CompleteTask, Fact, SetVariables, Start
from engine.store import history, instances, jobs, tasks
from engine.store.tasks import TaskRow
from engine.texts import Text


@dataclass(frozen=True)
class Grasped:
    """A task in the hands of a transaction, with its case."""

    row: TaskRow
    case: Case
    element: Element


class Refused(Exception):
    """A person was kept from a task; carries what history has to say about it."""

    def __init__(self, grasped: Grasped, refusal: NotAllowed) -> None:
        self.instance_id = grasped.row.instance_id
        self.definition_id = grasped.row.definition_id
        self.refusal = refusal
        details = {"task": grasped.row.id, "rule": refusal.rule, "reason": str(refusal)}
        self.fact = Fact("refused", grasped.element.id, details)
        super().__init__(str(refusal))


def start_event(definition: ProcessDefinition, named: str | None) -> Element:
    """Choose the start event: the one named, else the one that waits for nothing, else the only one.

    Raises DefinitionNotFound, ExecutionError.
    """
    starts = {event.id: event for event in definition.model.starts()}
    if named is not None:
        if named not in starts:
            raise DefinitionNotFound(
                Text("Process {process} has no start event {event}.", process=definition.key, event=named)
            )
        return starts[named]
    plain = [event for event in starts.values() if event.event is None] or list(starts.values())
    if len(plain) != 1:
        raise ExecutionError(
            Text(
                "Process {process} can be started at {events}: say at which.",
                process=definition.key,
                events=", ".join(starts),
            )
        )
    return plain[0]


def start(transaction: Transaction, definition: ProcessDefinition, event: Element, raw: Mapping[str, Any]) -> Case:
    """Begin an instance at a start event. Its form is checked; without one, the values are variables as they are.

    Raises InvalidForm, ExecutionError.
    """
    case = transaction.create(definition)
    with transaction.world(case, event) as host:
        variables: Mapping[str, Any] = dict(raw)
        if event.form is not None:
            values = host.fill_in(event, case.variables, raw)
            variables = host.save(event, case.variables, values)
            case.facts.append(Fact("submitted", event.id, {"values": values}))
        if (starter := event.properties.get("initiator")) is not None:
            variables = {**variables, starter: transaction.actor}
        transaction.advance(case, Start(event.id, variables), host)
    settle(transaction, case)
    return case


def claim(transaction: Transaction, task_id: int, by: User) -> Case:
    """Take an open task; its claim handler runs within.

    Raises TaskNotFound, TaskClosed, TaskClaimed, Refused.
    """
    task = _grasp(transaction, task_id, by)
    if task.row.claimed_by == by.id:
        return task.case
    _check_may_work(transaction, task, by)
    _take(transaction, task, by)
    if task.case.step is None:
        _write_facts(transaction, task.case)
    else:
        settle(transaction, task.case)
    return task.case


def release(transaction: Transaction, task_id: int, by: User) -> Case:
    """Put a claimed task back: whoever claimed it, or who answers for the process when that person is away.

    Raises TaskNotFound, TaskClosed, TaskClaimed.
    """
    task = _grasp(transaction, task_id, by)
    if task.row.state is TaskState.CLAIMED:
        if task.row.claimed_by != by.id and not answers_for(task.case.definition.model, by):
            raise _claimed(task)
        tasks.release(transaction.connection, task.row.id)
        task.case.facts.append(Fact("released", task.element.id, {"task": task.row.id, "from": task.row.claimed_by}))
        _write_facts(transaction, task.case)
    return task.case


def complete(transaction: Transaction, task_id: int, answers: Answers, by: User) -> Case:
    """Check the form and go on; an unclaimed task is claimed by the way.

    Raises TaskNotFound, TaskClosed, TaskClaimed, Refused, InvalidForm, ExecutionError.
    """
    task = _grasp(transaction, task_id, by)
    case, element = task.case, task.element
    _check_may_work(transaction, task, by)
    with transaction.world(case, element) as host:
        if task.row.state is TaskState.OPEN and element.on_claim:
            _set_off(transaction, task, host)
        values = host.fill_in(element, case.variables_at(element.id, task.row.token), answers)
        variables = host.save(element, case.variables, values)
        case.facts.append(Fact("submitted", element.id, {"task": task.row.id, "values": values}))
        transaction.advance(case, CompleteTask(task.row.token, variables), host)
    case.finished.add(task.row.token)
    case.completed = element.name or element.id
    tasks.complete(transaction.connection, task.row, by=by.id, now=transaction.now)
    settle(transaction, case)
    return case


def _grasp(transaction: Transaction, task_id: int, by: User) -> Grasped:
    """Read and lock an open task with its case; for who may not know about it there is none, open or closed."""
    found = tasks.lock(transaction.connection, task_id)
    if found is None:
        raise TaskNotFound(Text("There is no task {task}.", task=task_id))
    row, instance = found
    case = transaction.adopt(instance)
    task = Grasped(row, case, case.definition.model.elements[row.element_id])
    _refuse_strangers(task, by)
    if not row.state.is_open:
        raise _closed(task)
    return task


def _check_may_work(transaction: Transaction, task: Grasped, by: User) -> None:
    """Check role, assignee, claim and segregation, at the claim and again when the task is submitted."""
    if task.row.claimed_by is not None and task.row.claimed_by != by.id:
        raise _claimed(task)
    if refusal := refuse_work(task.element, task.row.assignee, by):
        raise Refused(task, refusal)
    if not task.element.separations:
        return
    context = {**task.case.variables_at(task.element.id, task.row.token), "__now__": transaction.now}
    model = task.case.definition.model
    rules = separations_at_stake(task.element, context, transaction.functions_of(model))
    others = {other for rule in rules for other in rule.elements}
    if not others:
        return
    done_by = tasks.done_by(transaction.connection, task.row.instance_id, others)
    if refusal := refuse_same_hands(model, task.element, rules, done_by, by):
        raise Refused(task, refusal)


def _refuse_strangers(task: Grasped, by: User) -> None:
    """Keep from people who may not know about a case that there is such a task.

    Raises TaskNotFound.
    """
    if by.id in (task.row.assignee, task.row.claimed_by, task.row.completed_by):
        return
    if refuse_sight(task.case.definition.model, task.case.row.started_by, by) is not None:
        raise TaskNotFound(Text("There is no task {task}.", task=task.row.id))


def _take(transaction: Transaction, task: Grasped, by: User) -> None:
    """Write the claim and run what it sets off."""
    tasks.claim(transaction.connection, task.row.id, by=by.id, now=transaction.now)
    if task.element.on_claim is None:
        task.case.facts.append(Fact("claimed", task.element.id, {"task": task.row.id}))
        return
    with transaction.world(task.case, task.element) as host:
        _set_off(transaction, task, host)


def _set_off(transaction: Transaction, task: Grasped, host: StepHost) -> None:
    """Run the claim handler of a task; one that failed in this act before is left to a job."""
    case, element = task.case, task.element
    case.facts.append(Fact("claimed", element.id, {"task": task.row.id}))
    inputs = claim_inputs(transaction, element, case.variables_at(element.id, task.row.token))
    failed = transaction.parked.get(f"claim:{element.id}")
    if failed is None:
        run_claim_handler(transaction, case, element, inputs, host)
        return
    tried = attempt(failed.failure, retries=element.retries, timeout=element.timeout, now=transaction.now)
    row = {"instance_id": case.row.id, "token": f"claim:{task.row.token}", "element_id": element.id}
    work = {"kind": JobKind.CLAIM, "handler": element.on_claim, "inputs": inputs}
    jobs.add(transaction.connection, [{**row, **work, **tried}])


def run_claim_handler(
    transaction: Transaction, case: Case, element: Element, inputs: Mapping[str, Any], host: StepHost
) -> None:
    """Run what a claim sets off; its outputs become variables.

    Raises ExecutionError for a business error (a claim has no boundary event), HandlerFailed for any other.
    """
    try:
        outputs = host.call(element, element.on_claim or "", inputs)
    except BpmnError as error:
        raise ExecutionError(
            Text("“{element}” can't be claimed: {reason}", element=element.title, reason=str(error))
        ) from error
    except HandlerFailed as failed:
        raise HandlerFailed(element, failed.cause, place=f"claim:{element.id}") from failed.cause
    case.facts.append(Fact("performed", element.id, {"handler": element.on_claim, "outputs": dict(outputs)}))
    if outputs:
        transaction.advance(case, SetVariables(outputs), host)


def claim_inputs(transaction: Transaction, element: Element, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Give a claim handler the variables that are named like its parameters and set."""
    described = transaction.handlers[element.on_claim or ""]
    return {p.name: variables[p.name] for p in described.inputs if variables.get(p.name) is not None}


def _write_facts(transaction: Transaction, case: Case) -> None:
    """Write history without a step."""
    write_history(transaction, case.row.id, case.row.definition_id, case.facts)
    case.facts = []


def write_history(transaction: Transaction, instance_id: int, definition_id: int, facts: list[Fact]) -> None:
    """Append entries to an instance that makes no step."""
    last = instances.advance_history(transaction.connection, instance_id, len(facts))
    if last is not None:
        history.append(
            transaction.connection,
            facts,
            instance_id=instance_id,
            definition_id=definition_id,
            after=last - len(facts),
            actor=transaction.actor,
            now=transaction.now,
        )


def _claimed(task: Grasped) -> TaskClaimed:
    return TaskClaimed(
        Text("“{task}” is already claimed by {person}.", task=_name(task), person=task.row.claimed_by or "")
    )


def _closed(task: Grasped) -> TaskClosed:
    if task.row.state is TaskState.COMPLETED:
        return TaskClosed(
            Text("“{task}” was already completed by {person}.", task=_name(task), person=task.row.completed_by or "")
        )
    return TaskClosed(Text("“{task}” is no longer needed: the case went another way.", task=_name(task)))


def _name(task: Grasped) -> Text:
    return task.element.title
