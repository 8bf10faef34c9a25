"""The complex gateway: activated by what its condition says, reset by what comes after (BPMN 2.0.2 §10.6.5, §13.4.5).

Waiting for start, it asks its activation condition whenever a token comes to it or a variable changes; once it is true,
it takes a token from each incoming flow that has one. Waiting for reset, it takes what still comes on the other flows,
by the rule of the inclusive join. That it waits for reset, and from where it has had tokens, is kept by a token of its
own that rests at the gateway (`consumed`) and counts for nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from SpiffWorkflow import TaskState
from SpiffWorkflow.task import Task

from engine.interpreter.elements.branches import carried
from engine.interpreter.elements.case import Case
from engine.interpreter.elements.gateways import InclusiveGateway
from engine.interpreter.elements.node import Path, drawn, scope_of
from engine.interpreter.elements.scope import Scope
from engine.texts import Text


class ComplexGateway(InclusiveGateway):
    """Waits for start, then for reset. With one incoming flow there is nothing to wait for: it only chooses."""

    def _run_hook(self, my_task: Task) -> bool | None:
        scope = scope_of(my_task)
        scope.case.focus(my_task)
        if len(self.incoming) < 2 or "woken" in my_task.internal_data:
            scope.case.enter(self)
            return True
        if "consumed" in my_task.internal_data:  # a reset: it is told of only if tokens leave by it
            return True
        my_task.internal_data["met"] = False  # asked again when a variable changes
        my_task._set_state(TaskState.STARTED)
        if self._activated(scope):
            self._activate(my_task, scope)
            scope.case.enter(self)
            return True
        return None

    def ask(self, token: Task, case: Case) -> None:
        scope = scope_of(token)
        if token.has_state(TaskState.STARTED) and self._activated(scope):
            first = next(iter(self.arrived(scope).values()))
            self._activate(first, scope)
            first.internal_data["woken"] = True
            first._ready()

    # --- waiting for start --------------------------------------------------------------------------------------

    def _activated(self, scope: Scope) -> bool:
        activation = drawn(self).activation
        if activation is None or self._memory(scope) is not None:
            return False
        counts = Counter(t.internal_data["flow"] for t in scope.resting_at(self))
        if not counts:
            return False
        named = {path.id: counts[path.id] for path in self.incoming}
        total = sum(counts.values())
        return scope.case.evaluate(activation, self, activationCount=total, activationCounts=named) is True

    def _activate(self, token: Task, scope: Scope) -> None:
        """Take a token from each flow that has one; `token` goes on, and the other flows are waited for."""
        tokens = {**self.arrived(scope), token.internal_data["flow"]: token}
        self.consume(tokens, but=token)
        if len(tokens) < len(self.incoming):
            scope.restore(self, scope.case.number(), None, {"consumed": sorted(tokens)})

    # --- waiting for reset --------------------------------------------------------------------------------------

    def arrived(self, scope: Scope) -> dict[str, Task]:
        found: dict[str, Task] = {}
        for token in scope.resting_at(self):
            if "consumed" not in token.internal_data:
                found.setdefault(token.internal_data["flow"], token)
        return found

    def _memory(self, scope: Scope) -> Task | None:
        return next((t for t in scope.tokens() if t.task_spec is self and "consumed" in t.internal_data), None)

    def wake(self, scope: Scope) -> bool:
        """Reset if nothing more can come on the flows that are still waited for."""
        memory = self._memory(scope)
        if memory is None or not memory.has_state(TaskState.STARTED):
            return False
        had = frozenset(memory.internal_data["consumed"])
        tokens = self.arrived(scope)
        occupied = had | tokens.keys()
        if any(self._awaits(t.task_spec, occupied) for t in scope.tokens() if self._counts(t)):
            return False
        for flow, token in tokens.items():
            if flow not in had:
                scope.remove(token)
        memory._ready()
        return True

    # --- going on -----------------------------------------------------------------------------------------------

    def choose(self, token: Task) -> Sequence[Path]:
        """The flows whose condition is true, else the default; without a condition, one leaves at activation only."""
        case, resets = scope_of(token).case, "consumed" in token.internal_data
        chosen = []
        for path in self.paths:
            if path is self.default:
                continue
            if path.condition is None:
                is_taken = not resets
            else:
                is_taken = case.evaluate(path.condition, self, waitingForStart=not resets) is True
            if is_taken:
                chosen.append(path)
        if chosen or self.default is not None:
            return chosen or ([self.default] if self.default else [])
        if resets:
            return ()
        raise self.impossible(Text("no condition on its flows is true, and no flow is the default"))

    def _on_complete_hook(self, my_task: Task) -> None:
        scope = scope_of(my_task)
        scope.case.focus(my_task)
        paths = self.choose(my_task)
        if "consumed" in my_task.internal_data:
            scope.case.changed = True  # what rests here waits for a new start
            if paths:
                scope.case.enter(self)
        if paths:
            scope.case.note("completed", self)
        for path in paths:
            scope.follow(path, **carried(my_task, ways=len(paths)))
