"""The decisions of a file, their requirements, and evaluating them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.dmn.errors import DecisionError
from engine.dmn.table import DecisionResult, DecisionTable, Functions, LiteralLogic
from engine.errors import NotFound
from engine.feel import ContextFunction, Expression
from engine.texts import Text

Logic = DecisionTable | LiteralLogic
_DECIDING = "__deciding__"  # ids of the decisions under way, so that none calls itself


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of a file.

    `requires` are ids of decisions evaluated before it, whose results it reads under their names; `inputs` the
    variables that it and they read, in the order of the input columns: also the order of arguments when the decision
    is called as a function.
    """

    id: str
    name: str
    line: int
    variable: str  # the name under which other decisions read the result
    logic: Logic
    requires: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    calls: frozenset[str] = frozenset()

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the variables that the decision sets."""
        if isinstance(self.logic, DecisionTable):
            return tuple(output.name for output in self.logic.outputs)
        return (self.logic.name,)

    @property
    def input_expressions(self) -> tuple[Expression, ...]:
        """The expressions of the table's input columns."""
        return tuple(i.expression for i in self.logic.inputs) if isinstance(self.logic, DecisionTable) else ()

    @property
    def aliases(self) -> tuple[str, ...]:
        """Every name under which a requiring decision may read the result."""
        return (self.id, self.name, self.variable)


@dataclass(frozen=True, slots=True)
class DecisionModel:
    """The decisions of one file, by id."""

    resource: str
    name: str
    source: bytes = field(repr=False)
    decisions: Mapping[str, Decision]

    def evaluate(
        self, decision_id: str, variables: Mapping[str, Any], functions: Functions | None = None
    ) -> DecisionResult:
        """Make a decision, after those that it requires.

        Raises NotFound, DecisionError, FeelLimitError.
        """
        if decision_id not in self.decisions:
            raise NotFound(Text("{resource} has no decision {decision}", resource=self.resource, decision=decision_id))
        context = dict(variables)
        results: dict[str, DecisionResult] = {}
        for required in self._in_order(decision_id):
            decision = self.decisions[required]
            results[required] = decision.logic.decide(context, functions or {})
            context.update(dict.fromkeys(decision.aliases, results[required].value))
        return results[decision_id]

    def _in_order(self, decision_id: str) -> list[str]:
        """Return the decision with all that it requires, required ones first; publish refused cycles."""
        ordered: list[str] = []
        todo = [(decision_id, False)]
        while todo:
            name, ready = todo.pop()
            if ready and name not in ordered:
                ordered.append(name)
            elif name not in ordered:
                todo.append((name, True))
                todo.extend((required, False) for required in reversed(self.decisions[name].requires))
        return ordered

    def as_functions(self) -> dict[str, Callable[..., Any]]:
        """Return the file's decisions as FEEL functions by id."""
        return decision_functions(dict.fromkeys(self.decisions, self))


class DecisionFunction(ContextFunction):
    """A decision as a FEEL function: arguments by the order of `Decision.inputs`, or named."""

    def __init__(self, model: DecisionModel, decision: Decision) -> None:
        self._model = model
        self._decision = decision

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Decide without a surrounding context: `now()` is null then."""
        return self._decide({}, {}, arguments, named)

    def within(self, context: Mapping[str, Any], functions: Mapping[str, Any]) -> Callable[..., Any]:
        """Return the decision with the caller's present and functions."""
        return lambda *arguments, **named: self._decide(context, functions, arguments, named)

    def _decide(self, context: Mapping[str, Any], functions: Functions, arguments: Any, named: Any) -> Any:
        decision = self._decision
        under_way = context.get(_DECIDING, ())
        if decision.id in under_way or len(under_way) > 20:
            raise DecisionError(
                Text("decisions call each other in a circle: {circle}", circle=" → ".join((*under_way, decision.id)))
            )
        known = {name.replace(" ", "_"): name for name in decision.inputs}
        if len(arguments) > len(decision.inputs) or not named.keys() <= known.keys():
            raise DecisionError(
                Text(
                    "decision {decision} takes ({inputs})",
                    decision=decision.id,
                    inputs=", ".join(decision.inputs),
                )
            )
        variables = dict(zip(decision.inputs, arguments, strict=False))
        variables |= {known[name]: value for name, value in named.items()}
        variables |= {"__now__": context.get("__now__"), _DECIDING: (*under_way, decision.id)}
        return self._model.evaluate(decision.id, variables, functions).value


def decision_functions(models: Mapping[str, DecisionModel]) -> dict[str, Callable[..., Any]]:
    """Return FEEL functions for decisions: decision id → callable that gives `DecisionResult.value`.

    A missing argument is null. Raises DecisionError when called for arguments the decision doesn't have.
    """
    return {id_: DecisionFunction(model, model.decisions[id_]) for id_, model in models.items()}
