"""Activities that run several times: loops and multi-instance (BPMN 2.0.2, 10.3.8, 13.3.6 and 13.3.7).

The activity's token holds a scope of tokens, one for each run: `SubProcess` nested once more. A run has variables of
its own (`Case.locals`): the item, what it gives back, and `loopCounter`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from SpiffWorkflow.task import Task

from engine.definitions import MultiInstance, StandardLoop
from engine.interpreter.elements.behaviour import throw_implicitly
from engine.interpreter.elements.case import Case, standard_counters
from engine.interpreter.elements.completions import Completion
from engine.interpreter.elements.node import drawn, scope_of
from engine.interpreter.elements.scope import Scope
from engine.interpreter.elements.subprocesses import SubProcess
from engine.interpreter.elements.variables import isolated
from engine.texts import Text
from engine.values import from_json, to_json

RUN_LIMIT = 9_000  # of one activity; fewer than the rounds of a node in one step


def runs_of(activity: str) -> str:
    """The name of the scope that holds an activity's runs; no drawn id contains a star."""
    return f"{activity}*"


class MultiInstanceActivity(SubProcess):
    """Runs its activity once for each item, all at once or one after the other; done when the last run is.

    What its runs have given back so far is kept even if it is interrupted.
    """

    @property
    def loop(self) -> MultiInstance:
        """How it repeats, as drawn."""
        loop = drawn(self).loop
        assert isinstance(loop, MultiInstance)
        return loop

    def work(self, token: Task, case: Case) -> bool:
        items = self._items(case)
        token.internal_data.update(total=len(items), begun=0, done=0, terminated=0, results={})
        if not items:
            return True
        scope = case.add_scope(token, runs_of(self.name))
        if self.loop.sequential:
            first, *rest = items
            token.internal_data["rest"] = to_json(rest[::-1])
            self._begin(token, scope, first)
        else:
            for item in items:
                self._begin(token, scope, item)
        return False

    def completed_scope(self, token: Task, completions: list[Completion]) -> None:
        scope_of(token).completions += completions

    left_inside = completed_scope

    def _items(self, case: Case) -> list[Any]:
        loop = self.loop
        if loop.cardinality is not None:
            return [None] * self._within_limit(_count(case.evaluate(loop.cardinality, self), self))
        assert loop.collection is not None
        found = case.evaluate(loop.collection, self)
        if not isinstance(found, list | tuple):
            value = "null" if found is None else str(found)[:80]
            raise self.impossible(Text("{text} is no list: {value}", text=loop.collection.text, value=value))
        self._within_limit(len(found))
        return list(isolated(list(found), loop.collection.text, self))

    def _within_limit(self, count: int) -> int:
        if count > RUN_LIMIT:
            raise self.impossible(
                Text("it would run {count} times; {limit} is the most.", count=count, limit=RUN_LIMIT)
            )
        return count

    def _begin(self, token: Task, scope: Scope, item: Any) -> None:
        """Place the next run with its variables."""
        loop, case = self.loop, scope.case
        token.internal_data["begun"] += 1
        own = {name: None for name in (loop.output_name,) if name}
        if loop.item and loop.collection is not None:
            own[loop.item] = item
        run = scope.place(case.compiled.scopes[scope.spec.name].start)
        case.give(run, {**own, "loopCounter": token.internal_data["begun"]})

    # --- runs that end ------------------------------------------------------------------------------------------

    def completed_inside(self, token: Task, inner: Task) -> None:
        scope, loop, data = scope_of(inner), self.loop, token.internal_data
        case = scope.case
        data["done"] += 1
        case.changed = case.compiled.has_conditions  # the other runs may wait for a number of completed ones
        case.look_again(inner)
        if loop.output is not None:
            result = isolated(case.evaluate(loop.output, self), loop.output_collection or "", self)
            data["results"][str(case.locals[inner.id]["loopCounter"])] = to_json([result])
        is_enough = loop.until is not None and case.evaluate(loop.until, self, **self._so_far(token)) is True
        if is_enough:
            data["terminated"] = data["begun"] - data["done"]
            scope.drop_all(but=inner)
        if self._throw(token, inner) and data.get("rest") and not is_enough:
            self._begin(token, scope, from_json(data["rest"].pop()))

    def _throw(self, token: Task, run: Task) -> bool:
        """Throw what a run that is done has to; say whether the activity still goes on."""
        case = scope_of(run).case
        case.look_again(run)
        content = {"loopCounter": case.locals[run.id]["loopCounter"], **standard_counters(token)}
        due = [t for t in self.loop.throws if not t.once or token.internal_data["done"] == 1]
        true = [t for t in due if t.condition is None or case.evaluate(t.condition, self) is True]
        return all(throw_implicitly(event, run, token, content) for event in true)

    def _so_far(self, token: Task) -> dict[str, Any]:
        """The results, for a completion condition that reads them."""
        loop = self.loop
        if loop.output_collection is None or loop.until is None or loop.output_collection not in loop.until.names:
            return {}
        return {loop.output_collection: _results(token)}

    def _on_complete_hook(self, my_task: Task) -> None:
        self._give_back(my_task)
        super()._on_complete_hook(my_task)

    def _on_cancel(self, my_task: Task) -> None:
        super()._on_cancel(my_task)
        self._give_back(my_task)

    def _give_back(self, token: Task) -> None:
        """Make the results a variable of where the activity stands."""
        if self.loop.output_collection is None or "results" not in token.internal_data:
            return
        case = scope_of(token).case
        case.look_again(token)
        case.write({self.loop.output_collection: _results(token)}, node=self)


class LoopActivity(SubProcess):
    """Runs its activity again for as long as the condition holds; `loopCounter` is the number of runs begun."""

    @property
    def loop(self) -> StandardLoop:
        """How it repeats, as drawn."""
        loop = drawn(self).loop
        assert isinstance(loop, StandardLoop)
        return loop

    def work(self, token: Task, case: Case) -> bool:
        token.internal_data["begun"] = 0
        if self.loop.test_before and not self._again(token, case):
            return True
        self._begin(token, case.add_scope(token, runs_of(self.name)))
        return False

    def completed_scope(self, token: Task, completions: list[Completion]) -> None:
        scope_of(token).completions += completions

    left_inside = completed_scope

    def completed_inside(self, token: Task, inner: Task) -> None:
        scope = scope_of(inner)
        scope.case.look_again(inner)
        if self._again(token, scope.case):
            self._begin(token, scope)

    def _begin(self, token: Task, scope: Scope) -> None:
        token.internal_data["begun"] += 1
        run = scope.place(scope.case.compiled.scopes[scope.spec.name].start)
        scope.case.give(run, {"loopCounter": token.internal_data["begun"]})

    def _again(self, token: Task, case: Case) -> bool:
        loop, begun = self.loop, token.internal_data["begun"]
        if loop.maximum is not None and begun >= loop.maximum:
            return False
        return loop.condition is None or case.evaluate(loop.condition, self, loopCounter=begun) is True


def _count(value: Any, node: MultiInstanceActivity) -> int:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not is_number or value != int(value) or value < 0:
        shown = "null" if value is None else str(value)[:80]
        raise node.impossible(Text("its number of runs is no whole number: {value}", value=shown))
    return int(value)


def _results(token: Task) -> list[Any]:
    results = token.internal_data["results"]
    return [from_json(results[number])[0] for number in sorted(results, key=int)]
