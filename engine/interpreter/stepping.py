"""The interpreter: `(model, snapshot, command, now) → step`, a pure function but for what it asks of its host.

A step takes an instance from rest to rest. The command's event comes first, and an interrupting one cancels its
activity before anything else in it runs; then queued tokens run one node at a time, in the order in which they came,
until all rest. If anything raises, nothing has happened: the caller still has the old snapshot.

Waits follow the variables: due times, assignees, priorities and correlation keys are evaluated again at the end of
every step.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.definitions import Element, ProcessModel
from engine.errors import ExecutionError, InstanceClosed
from engine.interpreter.compiler import CompiledSpec, compile_model
from engine.interpreter.elements import ad_hoc, calls, events, signals, tasks
from engine.interpreter.elements.case import Case
from engine.interpreter.elements.correlation import learn
from engine.interpreter.elements.data import PAYLOADS, first_values, receive
from engine.interpreter.snapshot import restore, save
from engine.steps import (
    ChooseActivity,
    Command,
    CompleteTask,
    DeliverMessage,
    DeliverSignal,
    EscalateCall,
    Fact,
    FailCall,
    FinishAdHoc,
    FinishCall,
    FinishJob,
    FireTimer,
    Host,
    InstanceState,
    RaiseError,
    SetVariables,
    Start,
    Step,
    Token,
    Wait,
)
from engine.texts import Text

__all__ = ["CompiledSpec", "LiveCase", "advance", "compile_model", "variables_seen", "waits_of"]


def advance(model: ProcessModel, snapshot: bytes | None, command: Command, *, now: datetime, host: Host) -> Step:
    """Carry out one command on an instance at rest, and bring it to rest again.

    `snapshot` is None for `Start`, and for nothing else. What the host raises passes through unchanged.

    Raises ExecutionError when the diagram can't go on as drawn, Conflict when nothing waits for the command,
    InstanceClosed when the instance has ended, UnreadableSnapshot.
    """
    return LiveCase(model, snapshot).apply(command, now=now, host=host)


def waits_of(model: ProcessModel, snapshot: bytes) -> tuple[Wait, ...]:
    """Return what a stored instance waits for.

    Raises UnreadableSnapshot.
    """
    return tuple(restore(compile_model(model), snapshot).waits().values())


def variables_seen(model: ProcessModel, snapshot: bytes, token: Token) -> Mapping[str, Any]:
    """Return a stored instance's variables as a token sees them: those of its run hide the instance's.

    Raises Conflict when the token is gone, UnreadableSnapshot.
    """
    case = restore(compile_model(model), snapshot)
    case.find(token)
    return case.visible


class LiveCase:
    """An instance kept in memory between commands. After an exception it is of no more use."""

    def __init__(self, model: ProcessModel, snapshot: bytes | None = None) -> None:
        compiled = compile_model(model)
        self._case = Case(compiled) if snapshot is None else restore(compiled, snapshot)
        self._waits = self._case.waits()

    def apply(self, command: Command, *, now: datetime, host: Host) -> Step:
        """Carry out one command; see `advance`."""
        case = self._case
        if case.state is not InstanceState.ACTIVE:
            raise InstanceClosed(Text("The case has ended: {state}.", state=case.state.value))
        case.begin(now, host)
        _carry_out(case, command)
        case.run()
        case.refresh()
        before, self._waits = self._waits, case.waits()
        if case.state is InstanceState.ACTIVE and not self._waits:
            raise _starving(case)
        return _step(case, before, self._waits)


def _carry_out(case: Case, command: Command) -> None:
    if isinstance(command, Start) is bool(case.scopes):
        raise ExecutionError(Text("An instance begins with a start event, once."))
    match command:
        case Start():
            _start(case, command)
        case CompleteTask():
            tasks.complete_task(case.find(command.token), command.values, case)
        case DeliverMessage():
            events.deliver(case.find(command.token), command.variables, case)
        case DeliverSignal():
            signals.receive(command.name, command.variables, case)
        case FireTimer():
            events.fire_timer(case.find(command.token), case)
        case FinishJob():
            tasks.finish_job(case.find(command.token), command.outputs, case)
        case RaiseError():
            tasks.fail_job(case.find(command.token), command.code, command.message, case)
        case ChooseActivity():
            ad_hoc.choose_activity(case.find(command.token), command.activity, case)
        case FinishAdHoc():
            ad_hoc.finish_ad_hoc(case.find(command.token), case)
        case FinishCall():
            calls.finish_call(command, case)
        case FailCall():
            calls.fail_call(command, case)
        case EscalateCall():
            calls.escalate_call(command, case)
        case SetVariables():
            case.write(command.values, node=case.compiled.process.start, element=case.model.key)


def _starving(case: Case) -> ExecutionError:
    """Say at which joins the tokens rest when nothing else is open in a case: no other token can come."""
    joins = dict.fromkeys(t.task_spec.label for t in case.tokens() if not t.task_spec.is_inside)
    return ExecutionError(
        Text(
            "The case would wait at “{elements}” for ever: what it waits for there can't come any more.",
            elements="”, “".join(joins),
        )
    )


def _start(case: Case, command: Start) -> None:
    event = _start_event(case.model, command.start_event)
    case.start_event = event.id
    case.business_key, case.around = command.business_key, command.around
    case.facts.append(Fact("started", event.id))
    node = case.compiled.process.start
    case.write(first_values(case.model.data, node, case), node=node, element=event.id)
    learn(event.message, command.variables, case)
    if any(e.event in PAYLOADS for e in event.events):
        receive(event, command.variables, node, case)
    else:
        case.write(command.variables, node=node, element=event.id)
    case.find_key(node)
    case.open_scope(None, case.model.key)


def _start_event(model: ProcessModel, wanted: str) -> Element:
    for event in model.starts():
        if event.id == wanted:
            return event
    raise ExecutionError(Text("“{process}” has no start event {event}.", process=model.title, event=wanted))


def _step(case: Case, before: Mapping[Token, Wait], after: Mapping[Token, Wait]) -> Step:
    return Step(
        snapshot=save(case),
        state=case.state,
        business_key=case.business_key,
        variables=dict(case.variables),
        waits=tuple(after.values()),
        opened=tuple(wait for token, wait in after.items() if not _is_same(before.get(token), wait)),
        closed=tuple(wait for token, wait in before.items() if not _is_same(after.get(token), wait)),
        changed=tuple(w for token, w in after.items() if _is_same(before.get(token), w) and before[token] != w),
        facts=tuple(case.facts),
        messages=tuple(case.messages),
        depth=len(case.scopes) - sum("loopCounter" in own for own in case.locals.values()),  # runs have their own limit
        signals=tuple(case.signals),
        escalations=tuple(case.escalations),
        error=case.error,
    )


def _is_same(one: Wait | None, other: Wait) -> bool:
    """Whether a token still waits in the same way: one that waited for its data may now wait for a person."""
    return type(one) is type(other)
