"""Messages and signals: who waits for which, and the inbox of those that nobody waits for yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update

from engine.interpreter.correlation import ANY_KEY
from engine.states import MessageState
from engine.steps import MessageWait, SignalWait
from engine.store.database import lock_name
from engine.store.tables import message, process_definition, subscription

COLUMNS = message.c
SUBSCRIPTION = subscription.c
Starts = Iterable[tuple[str, str]]  # id of a start event, name of what starts it
MESSAGE, SIGNAL, CONDITION = "message", "signal", "condition"  # the kinds of subscription
MET = "met"  # the key of a conditional start whose condition was true when it was last asked


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """A row of `subscription`; the fields are in the order of the columns."""

    id: int
    name: str
    key: str | None
    element_id: str
    instance_id: int | None
    token: str | None
    definition_id: int | None
    kind: str = MESSAGE


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A row of `message`; the fields are in the order of the columns."""

    id: int
    message_id: str | None
    name: str
    key: str | None
    variables: Mapping[str, Any]
    state: MessageState
    received_at: datetime
    expires_at: datetime | None = None
    delivered_at: datetime | None = None
    source_instance_id: int | None = None
    source_element_id: str | None = None
    actor: str | None = None
    instance_id: int | None = None
    element_id: str | None = None
    fault: str | None = None

    @classmethod
    def of(cls, row: Any) -> MessageRow:
        """Read the columns of a selected row."""
        values = list(row[:15])
        values[5] = MessageState(values[5])
        return cls(*values)


# --- subscriptions --------------------------------------------------------------------------------------------------


def subscribe(connection: Connection, instance_id: int, waits: Iterable[MessageWait]) -> None:
    """Note what the tokens of an instance wait for."""
    rows = [
        {"name": w.name, "key": w.key, "element_id": w.element.id, "instance_id": instance_id, "token": w.token}
        for w in waits
    ]
    connection.execute(insert(subscription), rows)


def subscribe_to_signals(connection: Connection, instance_id: int, waits: Iterable[SignalWait]) -> None:
    """Note which signals the tokens of an instance wait for."""
    rows = [
        {"name": w.name, "element_id": w.element.id, "instance_id": instance_id, "token": w.token, "kind": SIGNAL}
        for w in waits
    ]
    connection.execute(insert(subscription), rows)


def unsubscribe(connection: Connection, instance_id: int, *, tokens: Collection[str] | None) -> None:
    """Forget the waits of these tokens, or all of the instance."""
    which = [SUBSCRIPTION.instance_id == instance_id]
    if tokens is not None:
        which.append(SUBSCRIPTION.token.in_(sorted(tokens)))
    connection.execute(delete(subscription).where(*which))


def replace_starts(
    connection: Connection,
    key: str,
    definition_id: int,
    starts: Starts,
    signals: Starts = (),
    conditions: Iterable[str] = (),
) -> None:
    """Let a new version alone be started: `starts` are its start events with message names, `signals` with signals'.

    `conditions` are the ids of its conditional ones.
    """
    versions = select(process_definition.c.id).where(process_definition.c.key == key)
    connection.execute(delete(subscription).where(SUBSCRIPTION.definition_id.in_(versions)))
    rows = [
        {"name": name, "element_id": event, "definition_id": definition_id, "kind": kind}
        for kind, named in ((MESSAGE, starts), (SIGNAL, signals), (CONDITION, [(e, e) for e in conditions]))
        for event, name in named
    ]
    if rows:
        connection.execute(insert(subscription), rows)


def conditional_starts(connection: Connection) -> list[SubscriptionRow]:
    """Read the conditional start events of the newest versions, locked until the transaction's end."""
    query = select(subscription).where(SUBSCRIPTION.kind == CONDITION).order_by(SUBSCRIPTION.id)
    return [SubscriptionRow(*row) for row in connection.execute(query.with_for_update())]


def set_met(connection: Connection, subscription_id: int, *, met: bool) -> None:
    """Note whether the condition of a start event was true when it was asked."""
    connection.execute(update(subscription).where(SUBSCRIPTION.id == subscription_id).values(key=MET if met else None))


def starts(connection: Connection) -> dict[str, str]:
    """Read which process each message starts: message name → process key."""
    rows = connection.execute(
        select(SUBSCRIPTION.name, process_definition.c.key)
        .join(process_definition, process_definition.c.id == SUBSCRIPTION.definition_id)
        .where(SUBSCRIPTION.kind == MESSAGE)
        .order_by(SUBSCRIPTION.id.desc())
    )
    return {row.name: row.key for row in rows}


def receiver(connection: Connection, name: str, key: str | None) -> SubscriptionRow | None:
    """Find who gets a message: the longest waiting token with its key, one that takes any, else a start event."""
    lock_name(connection, "message", name, key)
    lock_name(connection, "message", name, ANY_KEY)
    row = connection.execute(
        select(subscription)
        .where(SUBSCRIPTION.kind == MESSAGE, SUBSCRIPTION.name == name)
        .where(or_(_waits_for(key), _waits_for(ANY_KEY), SUBSCRIPTION.definition_id.is_not(None)))
        .order_by(SUBSCRIPTION.instance_id.is_(None), SUBSCRIPTION.key.is_not_distinct_from(ANY_KEY), SUBSCRIPTION.id)
        .limit(1)
    ).first()
    return SubscriptionRow(*row) if row else None


def audience(connection: Connection, signal: str) -> list[SubscriptionRow]:
    """List everybody who waits for a signal: tokens in the order of their instances, then start events."""
    rows = connection.execute(
        select(subscription)
        .where(SUBSCRIPTION.kind == SIGNAL, SUBSCRIPTION.name == signal)
        .order_by(SUBSCRIPTION.instance_id.is_(None), SUBSCRIPTION.instance_id, SUBSCRIPTION.id)
    )
    return [SubscriptionRow(*row) for row in rows]


def subscriptions_of(connection: Connection, instance_id: int) -> list[SubscriptionRow]:
    """Read what an instance waits for."""
    rows = connection.execute(
        select(subscription).where(SUBSCRIPTION.instance_id == instance_id).order_by(SUBSCRIPTION.id)
    )
    return [SubscriptionRow(*row) for row in rows]


# --- the inbox ------------------------------------------------------------------------------------------------------


def store(connection: Connection, **values: Any) -> int:
    """Insert a message and return its id."""
    (message_pk,) = connection.execute(insert(message).values(**values)).inserted_primary_key or (0,)
    return message_pk


def known(connection: Connection, message_id: str) -> MessageRow | None:
    """Find the message that came with this id before."""
    row = connection.execute(select(message).where(COLUMNS.message_id == message_id)).first()
    return MessageRow.of(row) if row else None


def lock(connection: Connection, message_pk: int) -> MessageRow | None:
    """Read a message for a change."""
    row = connection.execute(select(message).where(COLUMNS.id == message_pk).with_for_update()).first()
    return MessageRow.of(row) if row else None


def oldest_for(connection: Connection, waits: Iterable[MessageWait], now: datetime) -> MessageRow | None:
    """Find the first message in the inbox that one of these waits is for."""
    waits = sorted(waits, key=lambda wait: (wait.name, wait.key or ""))
    for wait in waits:
        lock_name(connection, "message", wait.name, wait.key)
    wanted = [
        COLUMNS.name == w.name if w.key == ANY_KEY else and_(COLUMNS.name == w.name, _same(COLUMNS.key, w.key))
        for w in waits
    ]
    row = connection.execute(
        select(message)
        .where(COLUMNS.state == MessageState.WAITING, COLUMNS.fault.is_(None), or_(*wanted), _lives(now))
        .order_by(COLUMNS.id)
        .limit(1)
        .with_for_update()
    ).first()
    return MessageRow.of(row) if row else None


def deliver(connection: Connection, message_pk: int, *, instance_id: int, element_id: str, now: datetime) -> None:
    """Mark a message as received."""
    connection.execute(
        update(message)
        .where(COLUMNS.id == message_pk)
        .values(
            state=MessageState.DELIVERED, delivered_at=now, instance_id=instance_id, element_id=element_id, fault=None
        )
    )


def set_fault(connection: Connection, message_pk: int, fault: str) -> None:
    """Note why a message could not be delivered; it stays in the inbox."""
    connection.execute(update(message).where(COLUMNS.id == message_pk).values(fault=fault))


def startable(connection: Connection, now: datetime, *, limit: int) -> list[int]:
    """List the waiting messages for which a start event has appeared since they came."""
    rows = connection.execute(
        select(COLUMNS.id)
        .join(subscription, and_(_is_start(), SUBSCRIPTION.name == COLUMNS.name))
        .where(COLUMNS.state == MessageState.WAITING, COLUMNS.fault.is_(None), _lives(now))
        .distinct()
        .order_by(COLUMNS.id)
        .limit(limit)
    )
    return list(rows.scalars())


def expire(connection: Connection, now: datetime) -> int:
    """Mark the messages nobody came for in time; return how many."""
    return connection.execute(
        update(message)
        .where(COLUMNS.state == MessageState.WAITING, COLUMNS.expires_at <= now)
        .values(state=MessageState.EXPIRED)
    ).rowcount


def next_expiry(connection: Connection) -> datetime | None:
    """Tell when the next message expires."""
    return connection.execute(
        select(func.min(COLUMNS.expires_at)).where(COLUMNS.state == MessageState.WAITING)
    ).scalar()


def listed(
    connection: Connection, *, state: MessageState | None, instance_id: int | None, limit: int
) -> list[MessageRow]:
    """Read messages, the newest first: in a state, sent by or delivered to an instance."""
    query = select(message)
    if state is not None:
        query = query.where(COLUMNS.state == state)
    if instance_id is not None:
        query = query.where(or_(COLUMNS.instance_id == instance_id, COLUMNS.source_instance_id == instance_id))
    return [MessageRow.of(row) for row in connection.execute(query.order_by(COLUMNS.id.desc()).limit(limit))]


def _is_start() -> ColumnElement[bool]:
    return and_(SUBSCRIPTION.kind == MESSAGE, SUBSCRIPTION.definition_id.is_not(None))


def _waits_for(key: str | None) -> ColumnElement[bool]:
    return and_(SUBSCRIPTION.instance_id.is_not(None), _same(SUBSCRIPTION.key, key))


def _same(column: Any, value: str | None) -> ColumnElement[bool]:
    return column.is_(None) if value is None else column == value


def _lives(now: datetime) -> ColumnElement[bool]:
    return or_(COLUMNS.expires_at.is_(None), COLUMNS.expires_at > now)
