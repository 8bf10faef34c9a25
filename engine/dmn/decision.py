"""One decision of a file, and deciding it after those that it requires."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.dmn.boxed import Boxed
from engine.dmn.table import DecisionResult, DecisionTable
from engine.dmn.typing import ANY, DataType
from engine.feel import Expression
from engine.feel.scope import Run

Logic = DecisionTable | Boxed


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of a file.

    `requires` are ids of decisions evaluated before it, whose results it reads under their names; `inputs` the
    variables that it and they read, in the order of the input columns: also the order of arguments when the decision
    is called as a function. `calls` are functions from outside the file.
    """

    id: str
    name: str
    line: int
    variable: str  # the name under which other decisions read the result
    logic: Logic
    requires: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    calls: frozenset[str] = frozenset()
    type: DataType = ANY  # of the result

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the variables that the decision sets."""
        if isinstance(self.logic, DecisionTable):
            return tuple(output.name for output in self.logic.outputs)
        return (self.variable,)

    @property
    def input_expressions(self) -> tuple[Expression, ...]:
        """The expressions of the table's input columns."""
        return tuple(i.expression for i in self.logic.inputs) if isinstance(self.logic, DecisionTable) else ()

    @property
    def aliases(self) -> tuple[str, ...]:
        """Every name under which a requiring decision may read the result."""
        return (self.id, self.name, self.variable)

    def decide(self, run: Run) -> DecisionResult:
        """Give the result; null if it isn't of the decision's type.

        Raises DecisionError, FeelLimitError.
        """
        if not isinstance(self.logic, DecisionTable):
            value = self.type.coerced(self.logic.value(run))
            return DecisionResult(value, {self.variable: value})
        result = self.logic.decide(run)
        value = result.value if self.type.is_any else self.type.coerced(result.value)
        if value is result.value:
            return result
        named = value if isinstance(value, dict) and len(self.outputs) > 1 else {}
        outputs = {name: named.get(name) if len(self.outputs) > 1 else value for name in self.outputs}
        return DecisionResult(value, outputs, result.matched)


def decide(
    decisions: Mapping[str, Decision],
    wanted: Iterable[str],
    context: dict[str, Any],
    *,
    start: Callable[[dict[str, Any]], Run],
    given: Collection[str] = (),
) -> dict[str, DecisionResult]:
    """Make decisions after those that they require; every result joins `context` under its names.

    `given` are decisions whose results stand in the context already.
    """
    results: dict[str, DecisionResult] = {}
    for id_ in in_order(decisions, wanted, given):
        decision = decisions[id_]
        results[id_] = decision.decide(start(context))
        context.update(dict.fromkeys(decision.aliases, results[id_].value))
    return results


def in_order(decisions: Mapping[str, Decision], wanted: Iterable[str], given: Collection[str] = ()) -> list[str]:
    """Return the decisions with all that they require, required ones first; publish refused cycles."""
    ordered: dict[str, None] = {}
    todo = [(id_, False) for id_ in reversed(list(wanted))]
    while todo:
        id_, ready = todo.pop()
        if id_ in ordered or (id_ in given and not ready):
            continue
        if ready:
            ordered[id_] = None
        else:
            todo.append((id_, True))
            todo.extend((required, False) for required in reversed(decisions[id_].requires))
    return list(ordered)
