"""The decisions of a file, their requirements, and evaluating them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.dmn.decision import Decision, decide, in_order
from engine.dmn.errors import DecisionError
from engine.dmn.table import DecisionResult, Functions
from engine.dmn.typing import DataType
from engine.errors import NotFound
from engine.feel import ContextFunction, FeelFunction
from engine.feel.expression import too_deep
from engine.feel.scope import new_run
from engine.texts import Text

_Made = dict[tuple[str, str], Any]  # (file, decision) → value
_DECIDING = "__deciding__"  # ids of the decisions under way, so that none calls itself


@dataclass(frozen=True, slots=True)
class DecisionModel:
    """The decisions of one file, by id.

    `callables` are its business knowledge models and decision services by name: FEEL functions. `inputs` are the types
    of its input data. `imported` are other files' models under the names that this one gives them.
    """

    resource: str
    name: str
    source: bytes = field(repr=False)
    decisions: Mapping[str, Decision]
    callables: Mapping[str, FeelFunction] = field(default_factory=dict)
    inputs: Mapping[str, DataType] = field(default_factory=dict)
    imported: Mapping[str, DecisionModel] = field(default_factory=dict)
    required: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)  # id → (import, decision id)

    def evaluate(
        self, decision_id: str, variables: Mapping[str, Any], functions: Functions | None = None
    ) -> DecisionResult:
        """Make a decision, after those that it requires.

        Raises NotFound, DecisionError, FeelLimitError.
        """
        return self._evaluate(decision_id, variables, functions, {})

    def _evaluate(
        self, decision_id: str, variables: Mapping[str, Any], functions: Functions | None, made: _Made
    ) -> DecisionResult:
        """Make a decision; `made` are those of imported files that are made already."""
        if decision_id not in self.decisions:
            raise NotFound(Text("{resource} has no decision {decision}", resource=self.resource, decision=decision_id))
        context = {**variables, **self._conformed(variables), **self.callables}
        try:
            context.update(self._namespaces(decision_id, variables, functions, made))
            results = decide(self.decisions, [decision_id], context, start=lambda c: new_run(c, functions or {}))
            return results[decision_id]
        except RecursionError:
            raise too_deep() from None

    def invoke(self, name: str, arguments: Mapping[str, Any], functions: Functions | None = None) -> Any:
        """Call a business knowledge model or a decision service with named arguments; a missing one is null.

        Raises NotFound, DecisionError, FeelLimitError.
        """
        function = self.callables.get(name)
        if function is None:
            raise NotFound(Text("{resource} has no function {name}", resource=self.resource, name=name))
        values = [arguments.get(parameter) for parameter in function.parameters]
        try:
            return function.invoke(new_run(arguments, functions or {}), values)
        except RecursionError:
            raise too_deep() from None

    def _conformed(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Fit the given input data to their types; what can't be is null."""
        return {name: kind.coerced(variables[name]) for name, kind in self.inputs.items() if name in variables}

    def _namespaces(
        self, decision_id: str, variables: Mapping[str, Any], functions: Functions | None, made: _Made
    ) -> dict[str, dict[str, Any]]:
        """Return what stands under the names of imported files."""
        spaces: dict[str, dict[str, Any]] = {}
        for prefix, model in self.imported.items():
            given = variables.get(prefix)
            known = {**variables, **(given if isinstance(given, dict) else {})}
            spaces[prefix] = {**model._conformed(known), **model.callables}
        for id_ in in_order(self.decisions, [decision_id]) if self.required else ():
            for prefix, required in self.required.get(id_, ()):
                model = self.imported[prefix]
                known = {**variables, **spaces[prefix]}
                if (model.resource, required) not in made:
                    made[model.resource, required] = model._evaluate(required, known, functions, made).value
                value = made[model.resource, required]
                spaces[prefix].update(dict.fromkeys(model.decisions[required].aliases, value))
        return spaces

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
