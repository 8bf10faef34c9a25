"""The way of a message: to the token that waits for it, else to a start event, else into the inbox; and of a signal.

All within the transaction of the act that sent it. One message reaches exactly one receiver, a signal all who
wait for it at that moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.acts.calls import rest
from engine.acts.hosting import StepHost
from engine.acts.transaction import Broadcast, Case, Opened, Outgoing, Transaction
from engine.definitions import Element
from engine.entities import Delivery, Outcome
from engine.errors import ExecutionError, InvalidForm
from engine.interpreter.correlation import ANY_KEY, key_in
from engine.states import MessageState
from engine.steps import DeliverMessage, DeliverSignal, Fact, InstanceState, Start, ThrownMessage
from engine.store import messages
from engine.store.messages import MessageRow, SubscriptionRow
from engine.texts import Text

CHAIN_LIMIT = 100  # deliveries that one act may lead to


def settle(transaction: Transaction, case: Case) -> None:
    """Save a stepped case, then deliver what it sent and what had been waiting for it, until all is at rest.

    Raises StaleInstance, ExecutionError.
    """
    rest(transaction, case)
    drain(transaction)


def drain(transaction: Transaction) -> list[int]:
    """Carry out what is pending until all is at rest; return the cases that signals reached or began.

    Raises ExecutionError.
    """
    reached: list[int] = []
    count = 0
    while transaction.pending:
        count += 1
        if count > CHAIN_LIMIT:
            raise ExecutionError(
                Text(
                    "More than {limit} messages would follow from one act: processes answer each other without end.",
                    limit=CHAIN_LIMIT,
                )
            )
        work = transaction.pending.popleft()
        if isinstance(work, Outgoing):
            _send(transaction, work)
        elif isinstance(work, Broadcast):
            reached += _broadcast(transaction, work)
        else:
            _look_into_inbox(transaction, work)
    return reached


def correlate(
    transaction: Transaction,
    name: str,
    *,
    key: str | None,
    variables: Mapping[str, Any],
    message_id: str | None,
    expires_at: datetime | None,
) -> Delivery:
    """Hand in a message from outside, once: the same `message_id` again changes nothing.

    Without `key`, the one counts that its contents carry, if a published diagram says which that is.
    `expires_at` says how long it may wait in the inbox; the present: it is for whoever waits now, or for nobody.

    Raises ExecutionError.
    """
    connection, now = transaction.connection, transaction.now
    if message_id is not None and (known := messages.known(connection, message_id)):
        return _repeated(known)
    if key is None and (correlation := transaction.correlation(name)) is not None:
        key = key_in(correlation, variables, transaction.functions, now)
    values: dict[str, Any] = {
        "message_id": message_id,
        "name": name,
        "key": key,
        "variables": dict(variables),
        "received_at": now,
        "expires_at": expires_at,
        "actor": transaction.actor,
    }
    receiver = None if _too_late(expires_at, now) else messages.receiver(connection, name, key)
    state = _state_at_arrival(receiver, expires_at, now)
    message_pk = messages.store(connection, state=state, **values)
    if receiver is None:
        return Delivery(Outcome(state), message_pk)
    message = MessageRow(message_pk, message_id, name, key, dict(variables), state, now)
    case = _deliver(transaction, receiver, message)
    settle(transaction, case)
    outcome = Outcome.STARTED if receiver.instance_id is None else Outcome.DELIVERED
    return Delivery(outcome, message_pk, case.row.id)


def deliver_from_inbox(transaction: Transaction, message_pk: int) -> bool:
    """Deliver a waiting message whose receiver has appeared; False when there is none (any more).

    Raises ExecutionError.
    """
    message = messages.lock(transaction.connection, message_pk)
    if message is None or message.state is not MessageState.WAITING:
        return False
    receiver = messages.receiver(transaction.connection, message.name, message.key)
    if receiver is None:
        return False
    settle(transaction, _deliver(transaction, receiver, message))
    return True


def broadcast(transaction: Transaction, signal: str, variables: Mapping[str, Any]) -> list[int]:
    """Hand in a signal from outside: to all who wait for it now, and to nobody later; return the cases it reached.

    Raises ExecutionError.
    """
    transaction.pending.append(Broadcast(signal, variables, None))
    return drain(transaction)


def _broadcast(transaction: Transaction, work: Broadcast) -> list[int]:
    """Give a signal to each case in its audience, each in a step of its own, and begin the cases it starts."""
    audience = messages.audience(transaction.connection, work.name)
    cases = {row.instance_id: row for row in reversed(audience) if row.instance_id not in (None, work.source)}
    receivers = [*reversed(cases.values()), *(row for row in audience if row.instance_id is None)]
    reached = (_try_signal(transaction, receiver, work) for receiver in receivers)
    return [instance_id for instance_id in reached if instance_id is not None]


def _try_signal(transaction: Transaction, receiver: SubscriptionRow, work: Broadcast) -> int | None:
    """Give a signal to one receiver; in trouble its step is undone alone, and history tells of it.

    A signal is not kept: the receiver waits for the next one. When a signal from outside can't begin a case, there is
    no history to tell of it, so whoever sent it hears of it.

    Raises ExecutionError.
    """
    try:
        with transaction.alone():
            case = _signalled(transaction, receiver, work)
            if case is not None:
                rest(transaction, case)
    except ExecutionError as error:
        transaction.forget(receiver.instance_id)
        if receiver.instance_id is None and work.source is None:
            raise
        _note_fault(transaction, receiver, work, str(error))
        return None
    return case.row.id if case is not None else None


def _signalled(transaction: Transaction, receiver: SubscriptionRow, work: Broadcast) -> Case | None:
    """Step the receiver in memory: a waiting case, or a new one; None when it has ended meanwhile."""
    if receiver.instance_id is not None:
        case = transaction.case(receiver.instance_id)
        if case.row.state is not InstanceState.ACTIVE:
            return None
        element = case.definition.model.elements[receiver.element_id]
        _check_key(case, element, work)
        transaction.carry_out(case, DeliverSignal(work.name, work.variables), element)
        return case
    return begin(transaction, receiver, work)


def begin(transaction: Transaction, receiver: SubscriptionRow, work: MessageRow | Broadcast) -> Case:
    """Begin a case at a start event, in memory, with what has come as its variables.

    Raises ExecutionError.
    """
    definition = transaction.definition(receiver.definition_id or 0)
    event = definition.model.elements[receiver.element_id]
    case = transaction.create(definition)
    _check_key(case, event, work)
    with transaction.world(case, event) as host:
        transaction.advance(case, Start(event.id, _entered(case, event, work, host)), host)
    return case


def _note_fault(transaction: Transaction, receiver: SubscriptionRow, work: Broadcast, error: str) -> None:
    """Tell of a signal that could not be received in the receiver's history; of a start, in the thrower's."""
    instance_id = receiver.instance_id or work.source
    assert instance_id is not None  # else it was raised
    fact = Fact("signal_failed", receiver.element_id, {"signal": work.name, "error": error})
    transaction.forget(instance_id)
    transaction.note(instance_id, [fact])


def _send(transaction: Transaction, work: Outgoing) -> None:
    """Route a message that a case has thrown; it is kept as a row, so that the case shows where it went."""
    thrown, now = work.message, transaction.now
    late = _too_late(thrown.expires_at, now)
    receiver = None if late else messages.receiver(transaction.connection, thrown.name, thrown.key)
    message_pk = messages.store(
        transaction.connection,
        name=thrown.name,
        key=thrown.key,
        variables=dict(thrown.variables),
        state=_state_at_arrival(receiver, thrown.expires_at, now),
        received_at=now,
        expires_at=thrown.expires_at,
        source_instance_id=work.source,
        source_element_id=thrown.element.id,
        actor=transaction.actor,
    )
    if receiver is not None:
        _try(transaction, receiver, _row(message_pk, thrown, now, work.source))


def _look_into_inbox(transaction: Transaction, work: Opened) -> None:
    """Give newly opened waits what has been waiting for them, one message at a time."""
    case = transaction.case(work.instance_id)
    open_now = {wait.token for wait in case.waits}
    waits = tuple(wait for wait in work.waits if wait.token in open_now)
    if not waits:
        return
    message = messages.oldest_for(transaction.connection, waits, transaction.now)
    if message is None:
        return
    fitting = [w for w in waits if w.name == message.name and w.key in (message.key, ANY_KEY)]
    wait = min(fitting, key=lambda w: w.key == ANY_KEY)
    receiver = SubscriptionRow(0, wait.name, wait.key, wait.element.id, case.row.id, wait.token, None)
    _try(transaction, receiver, message)
    transaction.pending.append(replace(work, waits=waits))


def _try(transaction: Transaction, receiver: SubscriptionRow, message: MessageRow) -> None:
    """Deliver a message that came out of another step.

    The receiver's trouble is not the sender's: its step is undone alone, and the message stays in the inbox, at fault.
    """
    try:
        with transaction.alone():
            rest(transaction, _deliver(transaction, receiver, message))
    except ExecutionError as error:
        transaction.forget(receiver.instance_id)
        messages.set_fault(transaction.connection, message.id, str(error))


def _deliver(transaction: Transaction, receiver: SubscriptionRow, message: MessageRow) -> Case:
    """Step the receiver in memory: a waiting case, or a new one."""
    if receiver.instance_id is not None:
        case = transaction.case(receiver.instance_id)
        element = case.definition.model.elements[receiver.element_id]
        _hand_over(transaction, case, receiver.token or "", element, message)
        return case
    case = begin(transaction, receiver, message)
    messages.deliver(
        transaction.connection,
        message.id,
        instance_id=case.row.id,
        element_id=receiver.element_id,
        now=transaction.now,
    )
    return case


def _entered(case: Case, event: Element, message: MessageRow | Broadcast, host: StepHost) -> Mapping[str, Any]:
    """Take a message's contents as the variables of a new case; a start form binds machines as it binds people.

    Raises ExecutionError.
    """
    if event.form is None:
        return message.variables
    try:
        values = host.fill_in(event, case.variables, message.variables)
    except InvalidForm as error:
        problems = "; ".join(f"{name}: {text}" for name, texts in error.errors.items() for text in texts)
        raise ExecutionError(
            Text("Message {message} doesn't fit the start form: {problems}", message=message.name, problems=problems)
        ) from error
    case.facts.append(Fact("submitted", event.id, {"values": values}))
    return host.save(event, case.variables, values)


def _check_key(case: Case, element: Element, message: MessageRow | Broadcast) -> None:
    """Keep a message from moving a case to another record, or from passing for the case of one.

    Raises ExecutionError.
    """
    model = case.definition.model
    if model.register is None or model.business_key is None or element.result is not None:
        return
    if taken := model.business_key.names & message.variables.keys():
        names = ", ".join(sorted(taken))
        raise ExecutionError(
            Text("Message {message} may not set {names}: that is for the process.", message=message.name, names=names)
        )


def _hand_over(transaction: Transaction, case: Case, token: str, element: Element, message: MessageRow) -> None:
    _check_key(case, element, message)
    transaction.carry_out(case, DeliverMessage(token, message.variables), element)
    messages.deliver(
        transaction.connection, message.id, instance_id=case.row.id, element_id=element.id, now=transaction.now
    )


def _too_late(expires_at: datetime | None, now: datetime) -> bool:
    return expires_at is not None and expires_at < now


def _state_at_arrival(receiver: SubscriptionRow | None, expires_at: datetime | None, now: datetime) -> MessageState:
    """A message that nobody waits for goes to the inbox, unless its time is over."""
    over = receiver is None and expires_at is not None and expires_at <= now
    return MessageState.EXPIRED if over else MessageState.WAITING


def _row(message_pk: int, thrown: ThrownMessage, now: datetime, source: int) -> MessageRow:
    return MessageRow(
        message_pk,
        None,
        thrown.name,
        thrown.key,
        thrown.variables,
        MessageState.WAITING,
        now,
        thrown.expires_at,
        source_instance_id=source,
    )


def _repeated(known: MessageRow) -> Delivery:
    """Answer for a message that had come before: where it went then."""
    if known.state is MessageState.EXPIRED:
        return Delivery(Outcome.EXPIRED, known.id, repeated=True)
    if known.state is MessageState.WAITING:
        return Delivery(Outcome.WAITING, known.id, repeated=True)
    return Delivery(Outcome.DELIVERED, known.id, known.instance_id, repeated=True)
