"""Business knowledge models and decision services: the functions of a file (DMN 1.5, 6.3.9, 6.3.10 and 10.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.dmn.boxed import FunctionBox
from engine.dmn.making import Making
from engine.dmn.typing import ANY, DataType
from engine.feel import FeelFunction
from engine.feel.scope import Run

if TYPE_CHECKING:
    from engine.dmn.model import DecisionModel

_LEVELS = 10  # Python frames of a service's call


@dataclass(frozen=True, slots=True)
class KnowledgeModel:
    """A business knowledge model: a function that sees the file's other functions and its arguments, nothing else."""

    id: str
    name: str
    function: FunctionBox


class Parameter(NamedTuple):
    """What a decision service is given: input data by name, or an input decision by id; `namespace` of an import."""

    name: str
    type: DataType
    namespace: str
    decision: str  # empty: input data


class Output(NamedTuple):
    """An output decision: the namespace of its file (empty: this one), its id, the name of its result."""

    namespace: str
    decision: str
    name: str


@dataclass(frozen=True, slots=True)
class Service:
    """A decision service: some decisions of the file behind one function.

    Its parameters are the input data, then the input decisions, whose values the caller gives.
    """

    id: str
    name: str
    parameters: tuple[Parameter, ...]
    outputs: tuple[Output, ...]
    type: DataType = ANY

    def qualified(self, parameter: Parameter, model: DecisionModel) -> str:
        """Return a parameter's name, with the import's name before it."""
        prefix = model.imports[parameter.namespace].name if parameter.namespace else ""
        return f"{prefix}.{parameter.name}" if prefix else parameter.name


def knowledge_function(model: KnowledgeModel, callables: Mapping[str, Any]) -> FeelFunction:
    """Make a knowledge model's function."""
    return model.function.closure(lambda run: surroundings(run, callables))


def service_function(service: Service, model: DecisionModel) -> FeelFunction:
    """Make a decision service's function."""
    names = tuple(service.qualified(parameter, model) for parameter in service.parameters)

    def call(run: Run, values: list[Any]) -> Any:
        run.spend(1)
        run.descend(_LEVELS)
        given = zip(service.parameters, names, values, strict=True)
        data = {name: p.type.coerced(v) for p, name, v in given if not p.decision}
        making = Making(model, {**data, "__now__": run.context.get("__now__")}, run.within)
        try:
            for parameter, value in zip(service.parameters, values, strict=True):
                if parameter.decision:
                    _making_of(making, parameter.namespace).give(parameter.decision, value)
            for namespace in dict.fromkeys(output.namespace for output in service.outputs):
                wanted = [output.decision for output in service.outputs if output.namespace == namespace]
                _making_of(making, namespace).make(wanted)
        finally:
            run.ascend(_LEVELS)
        answers = {o.name: _making_of(making, o.namespace).results[o.decision].value for o in service.outputs}
        return service.type.coerced(next(iter(answers.values())) if len(service.outputs) == 1 else answers)

    return FeelFunction(names, call)


def _making_of(making: Making, namespace: str) -> Making:
    return making.imported[namespace] if namespace else making


def surroundings(run: Run, callables: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a function of the file sees beside its arguments."""
    return {**callables, "__now__": run.context.get("__now__")}
