"""One decision of a file."""

from __future__ import annotations

from dataclasses import dataclass

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
    imported: tuple[tuple[str, str], ...] = ()  # (namespace, id) of the decisions required from other files
    scope: frozenset[str] = frozenset()  # names of everything that it requires

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
