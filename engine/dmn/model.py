"""The decisions of a file, their requirements, and evaluating them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from engine.dmn.decision import Decision
from engine.dmn.errors import DecisionError
from engine.dmn.making import Making
from engine.dmn.policy import Policy
from engine.dmn.table import DecisionResult, Functions
from engine.dmn.typing import DataType
from engine.errors import NotFound
from engine.feel import ContextFunction, FeelFunction
from engine.feel.expression import too_deep
from engine.feel.scope import new_run
from engine.texts import Text

_DECIDING = "__deciding__"  # ids of the decisions under way, so that none calls itself


class Held(NamedTuple):
    """An imported file's model, and the name it has here; empty: its names are known as they are."""

    name: str
    model: DecisionModel


@dataclass(frozen=True, slots=True)
class DecisionModel:
    """The decisions of one file, by id.

    `callables` are its business knowledge models and decision services by name, null for one that can't be read.
    `inputs` are the types of its input data. `imports` are the models of other files by their namespaces.
    """

    resource: str
    name: str
    source: bytes = field(repr=False)
    decisions: Mapping[str, Decision]
    callables: Mapping[str, FeelFunction | None] = field(default_factory=dict)
    inputs: Mapping[str, DataType] = field(default_factory=dict)
    imports: Mapping[str, Held] = field(default_factory=dict)
    policy: Policy = Policy.ENGINE
    called: Mapping[str, str] = field(default_factory=dict)  # id of a knowledge model or service → its name

    def evaluate(
        self, decision_id: str, variables: Mapping[str, Any], functions: Functions | None = None
    ) -> DecisionResult:
        """Make a decision, after those that it requires.

        Input data of an imported file are found under `"Bank.fee"`, in a context `"Bank"`, or under their own names.

        Raises NotFound, DecisionError, FeelLimitError.
        """
        if decision_id not in self.decisions:
            raise NotFound(Text("{resource} has no decision {decision}", resource=self.resource, decision=decision_id))
        making = Making(self, variables, lambda context: new_run(context, functions or {}))
        try:
            making.make([decision_id])
        except RecursionError:
            raise too_deep() from None
        return making.results[decision_id]

    def invoke(self, name: str, arguments: Mapping[str, Any], functions: Functions | None = None) -> Any:
        """Call a business knowledge model or a decision service with named arguments; a missing one is null.

        Raises NotFound, DecisionError, FeelLimitError.
        """
        if name not in self.callables:
            raise NotFound(Text("{resource} has no function {name}", resource=self.resource, name=name))
        function = self.callables[name]
        if function is None:
            return None  # it couldn't be read
        values = [_argument(arguments, parameter) for parameter in function.parameters]
        try:
            return function.invoke(new_run(arguments, functions or {}), values)
        except RecursionError:
            raise too_deep() from None

    def answer(self, asked: str, given: Mapping[str, Any], *, now: datetime | None = None) -> Any:
        """Answer for a decision, a decision service or a business knowledge model, by its name or id.

        `given` are the input data, or the arguments, by name. A decision goes before a function of the same name.

        Raises NotFound, DecisionError, FeelLimitError; after `load_decisions` no DecisionError.
        """
        variables = {**given, "__now__": now}
        found = asked if asked in self.decisions else self._decision_named(asked)
        if found is not None:
            return self.evaluate(found, variables).value
        return self.invoke(self.called.get(asked, asked), variables)

    def _decision_named(self, name: str) -> str | None:
        return next((d.id for d in self.decisions.values() if name in (d.name, d.variable)), None)

    def conformed(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Fit the given input data to their types; what can't be is null."""
        return {name: kind.coerced(variables[name]) for name, kind in self.inputs.items() if name in variables}

    def functions_by_name(self) -> dict[str, Any]:
        """Return the file's functions, and those of imported files as contexts: what its functions see."""
        seen: dict[str, Any] = {}
        for name, model in self.imports.values():
            inner = model.functions_by_name()
            seen.update({name: inner} if name else inner)
        return {**seen, **self.callables}

    def files(self) -> dict[str, bytes]:
        """Return the file and all that it imports, by name: what is needed to read it again."""
        found = {self.resource: self.source}
        for held in self.imports.values():
            found |= held.model.files()
        return found

    def as_functions(self) -> dict[str, Callable[..., Any]]:
        """Return the file's decisions as FEEL functions by id."""
        return decision_functions(dict.fromkeys(self.decisions, self))


def _argument(arguments: Mapping[str, Any], parameter: str) -> Any:
    """Find an argument; one of an imported file (`Bank.fee`) may stand in a context `Bank`, or under its own name."""
    if parameter in arguments or "." not in parameter:
        return arguments.get(parameter)
    prefix, _, name = parameter.partition(".")
    held = arguments.get(prefix)
    return _argument(held if isinstance(held, dict) else arguments, name)


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
