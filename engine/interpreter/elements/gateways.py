"""Gateways: where tokens part, choose and come together."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from SpiffWorkflow import TaskState
from SpiffWorkflow.task import Task

from engine.interpreter.elements.branches import carried, merge
from engine.interpreter.elements.node import Node, Path, drawn, scope_of
from engine.interpreter.elements.scope import Scope
from engine.texts import Text


class ExclusiveGateway(Node):
    """One token in, one out: by the first flow whose condition is true, else by the default."""

    default: Path | None = None

    def choose(self, token: Task) -> Sequence[Path]:
        case = scope_of(token).case
        for path in self.paths:
            if path is not self.default and (path.condition is None or case.evaluate(path.condition, self) is True):
                return (path,)
        if self.default is None:
            raise self.impossible(Text("no condition on its flows is true, and no flow is the default"))
        return (self.default,)


class EntryGateway(Node):
    """Made by normalisation where a process has several start events: the way to the one that was triggered."""

    def choose(self, token: Task) -> Sequence[Path]:
        wanted = scope_of(token).case.start_event
        return [p for p in self.paths if wanted in p.target.begins_at]

    def _on_complete_hook(self, my_task: Task) -> None:
        for path in self.choose(my_task):
            scope_of(my_task).place(path.target, fired=True)  # what it would wait for has come


class _Join(Node):
    """A gateway that may have to wait for tokens on its other incoming flows."""

    is_inside = False

    def arrived(self, scope: Scope) -> dict[str, Task]:
        """The oldest resting token of each incoming flow that has one."""
        found: dict[str, Task] = {}
        for token in scope.resting_at(self):
            found.setdefault(token.internal_data["flow"], token)
        return found

    def consume(self, tokens: dict[str, Task], *, but: Task) -> None:
        """Take the others' tokens: one goes on for all. What several branches wrote is told."""
        if conflicts := merge(tokens.values(), into=but):
            scope_of(but).case.note("variables_conflict", self, conflicts=conflicts)
        for token in tokens.values():
            if token is not but:
                scope_of(but).remove(token)


class ParallelGateway(_Join):
    """Waits for one token on each incoming flow, consumes exactly these, and sends one along each outgoing flow."""

    def _run_hook(self, my_task: Task) -> bool | None:
        scope = scope_of(my_task)
        my_task._set_state(TaskState.STARTED)
        if len(self.incoming) > 1:
            tokens = self.arrived(scope)
            if len(tokens) < len(self.incoming):
                return None
            self.consume(tokens, but=my_task)
        scope.case.enter(self)
        return True


class InclusiveGateway(_Join):
    """Waits until no more tokens can come, then sends one along each flow whose condition is true.

    BPMN 2.0.2 §13.4.3: with tokens resting on some incoming flows, it waits for a token elsewhere only if that can
    reach an empty incoming flow, and no occupied one, on a path that doesn't visit the gateway.
    `reach` holds for each incoming flow the nodes from which it can be reached so, `straight` those that need no
    boundary event for it: a token that only an event could bring to an occupied flow is waited for.
    """

    default: Path | None = None

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.reach: dict[str, frozenset[Node]] = {}
        self.straight: dict[str, frozenset[Node]] = {}

    def _run_hook(self, my_task: Task) -> bool | None:
        my_task._set_state(TaskState.STARTED)
        if len(self.incoming) > 1 and "woken" not in my_task.internal_data:
            return None
        scope_of(my_task).case.enter(self)
        return True

    def wake(self, scope: Scope) -> bool:
        """Queue the join's oldest token if nothing more can come; everything else in the case is at rest."""
        tokens = self.arrived(scope)
        if not tokens or any(self._awaits(t.task_spec, tokens) for t in scope.tokens() if self._counts(t)):
            return False
        token = next(iter(tokens.values()))
        self.consume(tokens, but=token)
        token.internal_data["woken"] = True
        token._ready()
        return True

    def _counts(self, token: Task) -> bool:
        """Whether a token is elsewhere; what a complex gateway keeps to know its state is none."""
        return token.task_spec is not self and "consumed" not in token.internal_data

    def _awaits(self, node: Node, tokens: Collection[str]) -> bool:
        to_empty = any(node in nodes for flow, nodes in self.reach.items() if flow not in tokens)
        return to_empty and not any(node in self.straight[flow] for flow in tokens)

    def choose(self, token: Task) -> Sequence[Path]:
        case = scope_of(token).case
        chosen = [
            p
            for p in self.paths
            if p is not self.default and (p.condition is None or case.evaluate(p.condition, self) is True)
        ]
        if not chosen and self.default is None:
            raise self.impossible(Text("no condition on its flows is true, and no flow is the default"))
        return chosen or ([self.default] if self.default else [])


class EventGateway(Node):
    """Arms every event behind it; the first to come decides the way, and the others are disarmed."""

    def act(self, token: Task) -> bool:
        for path in self.paths:
            for event in path.target.alternatives:
                event.arm(scope_of(token).arm(event, token))
        return False

    def fired(self, token: Task, event: Node) -> None:
        """Go on by the event that has come."""
        scope = scope_of(token)
        path = next(p for p in self.paths if event in p.target.alternatives)
        token._drop_children(force=True)
        scope.case.note("completed", self)
        if path.drawn:
            scope.case.note_flow(path.id)
        scope.place(path.target, fired=True, **carried(token, ways=1))
        scope.remove(token)


class InstantiatingGateway(EventGateway):
    """An event gateway that a case begins with, by the event that came (BPMN 2.0.2 §10.6.6).

    The exclusive one is passed by that event alone. Of a parallel one the others are then waited for, each by itself.
    """

    @property
    def begins_at(self) -> frozenset[str]:
        return frozenset(identity for path in self.paths for identity in path.target.begins_at)

    def act(self, token: Task) -> bool:
        return True

    def _on_complete_hook(self, my_task: Task) -> None:
        scope = scope_of(my_task)
        scope.case.note("completed", self)
        for path in self.paths:
            has_come = scope.case.start_event in path.target.begins_at
            if has_come or drawn(self).parallel:
                scope.case.note_flow(path.id)
                scope.place(path.target, **({"fired": True} if has_come else {}))
