"""Making decisions after those that they require, in this file and in those that it imports (DMN 1.5, 10.4)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.dmn.decision import Decision
from engine.dmn.policy import Policy
from engine.dmn.table import DecisionResult
from engine.feel.scope import Run

if TYPE_CHECKING:
    from engine.dmn.model import DecisionModel

Start = Callable[[dict[str, Any]], Run]


class Making:
    """One making of decisions of a file: what is given, and what came out so far.

    `variables` are the caller's, `start` begins an evaluation with some of them. `results` are the decisions made, by
    id; those of a service's input decisions are given, not made.
    """

    def __init__(
        self, model: DecisionModel, variables: Mapping[str, Any], start: Start, shared: dict[str, Making] | None = None
    ) -> None:
        self.model = model
        self.start = start
        self.results: dict[str, DecisionResult] = {}
        self.imported: dict[str, Making] = {}
        shared = {} if shared is None else shared  # by namespace: a file imported on two ways is made once
        for namespace, held in model.imports.items():
            own = inside(variables, held.name)
            making = None if own else shared.get(namespace)
            if making is None:
                given = {**variables, **own} if own else variables
                making = Making(held.model, given, start, None if own else shared)
            self.imported[namespace] = shared[namespace] = making
        self.space: dict[str, Any] = {}  # what the file's own names stand for, as far as it is known
        self._gather(variables)
        self._outside = variables if model.policy is Policy.ENGINE else {"__now__": variables.get("__now__")}

    def _gather(self, variables: Mapping[str, Any]) -> None:
        for namespace, held in self.model.imports.items():
            if held.name:
                self.space[held.name] = self.imported[namespace].space
            else:
                self.space.update(self.imported[namespace].space)
        self.space.update(self.model.conformed(variables))
        self.space.update(self.model.callables)

    def make(self, wanted: Iterable[str]) -> None:
        """Make these decisions and all that they require.

        Raises DecisionError, FeelLimitError.
        """
        decisions = self.model.decisions
        context = {**self._outside, **self.space}
        for id_ in in_order(decisions, wanted, self.results):
            decision = decisions[id_]
            for namespace, required in decision.imported:
                self._import(namespace, required, context)
            seen = context if self.model.policy is Policy.ENGINE else self._scope(decision)
            result = decision.decide(self.start(seen))
            self._keep(decision, result, context)

    def give(self, id_: str, value: Any) -> None:
        """Take a decision's value from the caller."""
        decision = self.model.decisions[id_]
        self._keep(decision, DecisionResult(decision.type.coerced(value), {}), {})

    def _keep(self, decision: Decision, result: DecisionResult, context: dict[str, Any]) -> None:
        self.results[decision.id] = result
        for name in decision.aliases:
            self.space[name] = context[name] = result.value

    def _import(self, namespace: str, required: str, context: dict[str, Any]) -> None:
        making = self.imported[namespace]
        making.make([required])
        if not self.model.imports[namespace].name:
            named = dict.fromkeys(making.model.decisions[required].aliases, making.results[required].value)
            self.space.update(named)
            context.update(named)

    def _scope(self, decision: Decision) -> dict[str, Any]:
        """Return what the decision requires, under the names of the requirements."""
        seen = {name: self.space[name] for name in decision.scope if name in self.space}
        return {**seen, **self._outside}


def inside(variables: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return what is given for an imported file: `{"Bank": {"fee": 1}}` or `{"Bank.fee": 1}`."""
    if not prefix:
        return {}
    found = {name[len(prefix) + 1 :]: value for name, value in variables.items() if name.startswith(prefix + ".")}
    given = variables.get(prefix)
    return found | given if isinstance(given, dict) else found


def in_order(decisions: Mapping[str, Decision], wanted: Iterable[str], given: Collection[str] = ()) -> Iterator[str]:
    """Return the decisions with all that they require, required ones first; publish refused cycles."""
    ordered: dict[str, None] = {}
    todo = [(id_, False) for id_ in reversed(list(wanted))]
    while todo:
        id_, ready = todo.pop()
        if id_ in ordered or id_ in given:
            continue
        if ready:
            ordered[id_] = None
        else:
            todo.append((id_, True))
            todo.extend((required, False) for required in reversed(decisions[id_].requires))
    return iter(list(ordered))
