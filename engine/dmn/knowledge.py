"""Business knowledge models and decision services: the functions of a file (DMN 1.5, 6.3.9, 6.3.10 and 10.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.dmn.boxed import FunctionBox
from engine.dmn.decision import Decision, decide
from engine.dmn.typing import ANY, DataType
from engine.feel import FeelFunction
from engine.feel.scope import Run

_LEVELS = 10  # Python frames of a service's call


@dataclass(frozen=True, slots=True)
class KnowledgeModel:
    """A business knowledge model: a function that sees the file's other functions and its arguments, nothing else."""

    id: str
    name: str
    function: FunctionBox


@dataclass(frozen=True, slots=True)
class Service:
    """A decision service: some decisions of the file behind one function.

    Its parameters are the input data, then the input decisions, whose values the caller gives.
    """

    id: str
    name: str
    input_data: tuple[tuple[str, DataType], ...]
    input_decisions: tuple[str, ...]
    outputs: tuple[str, ...]
    type: DataType = ANY


def knowledge_function(model: KnowledgeModel, callables: Mapping[str, Any]) -> FeelFunction:
    """Make a knowledge model's function."""
    return model.function.closure(lambda run: surroundings(run, callables))


def service_function(service: Service, decisions: Mapping[str, Decision], callables: Mapping[str, Any]) -> FeelFunction:
    """Make a decision service's function."""
    given = [decisions[id_] for id_ in service.input_decisions]
    parameters = (*(name for name, _ in service.input_data), *(decision.variable for decision in given))

    def call(run: Run, values: list[Any]) -> Any:
        run.spend(1)
        run.descend(_LEVELS)
        context = surroundings(run, callables)
        for (name, kind), value in zip(service.input_data, values, strict=False):
            context[name] = kind.coerced(value)
        for decision, value in zip(given, values[len(service.input_data) :], strict=True):
            context.update(dict.fromkeys(decision.aliases, decision.type.coerced(value)))
        try:
            results = decide(decisions, service.outputs, context, start=run.within, given=service.input_decisions)
        finally:
            run.ascend(_LEVELS)
        answers = {decisions[id_].variable: results[id_].value for id_ in service.outputs}
        return service.type.coerced(next(iter(answers.values())) if len(answers) == 1 else answers)

    return FeelFunction(parameters, call)


def surroundings(run: Run, callables: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a function of the file sees beside its arguments."""
    return {**callables, "__now__": run.context.get("__now__")}
