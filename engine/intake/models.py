"""The model of a process: what was read of it and the names that matter at run time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from engine.definitions import ProcessModel
from engine.intake.drawing import documentation
from engine.intake.normalise import normalise
from engine.intake.reading import Reading

if TYPE_CHECKING:
    from engine.dmn import DecisionModel
    from engine.forms import Form

_GIVEN = frozenset({"__now__", "opened_at", "business_key"})  # known to every expression without being variables


def model_of(reading: Reading) -> ProcessModel:
    """Put together the model of a process without errors."""
    process = reading.process
    decisions = _decisions(reading)
    return ProcessModel(
        key=process.key,
        name=process.scope.name,
        source=process.drawing.source,
        normalised=normalise(reading),
        elements=reading.elements,
        flows=reading.flows,
        lanes=reading.lanes,
        decisions=decisions,
        forms={form.id: form.with_functions(_functions(form, decisions)) for form in _forms(reading)},
        variables=frozenset(_names(reading, decisions)) - _GIVEN,
        register=reading.register,
        business_key=reading.business_key,
        owner=reading.owner,
        starters=reading.starters,
        documentation=documentation(process.scope.xml),
    )


def _decisions(reading: Reading) -> dict[str, DecisionModel]:
    """The decisions named by business rule tasks and called in expressions, those of forms included."""
    known = reading.library.decisions
    named = {e.decision for e in reading.elements.values() if e.decision is not None}
    in_forms = (expression for form in _forms(reading) for expression in form.expressions)
    for expression in (*reading.expressions.compiled, *in_forms):
        named |= set(expression.calls)
    return {name: known[name] for name in sorted(named) if name in known}


def _forms(reading: Reading) -> list[Form]:
    named = sorted({e.form for e in reading.elements.values() if e.form is not None})
    return [reading.library.forms[name] for name in named]


def _functions(form: Form, decisions: dict[str, DecisionModel]) -> dict[str, Callable[..., Any]]:
    """The decisions that a form calls, so that it can be drawn and checked wherever it is shown."""
    from engine.dmn import decision_functions

    called = {name for expression in form.expressions for name in expression.calls}
    return decision_functions({name: model for name, model in decisions.items() if name in called})


def _names(reading: Reading, decisions: dict[str, DecisionModel]) -> Iterator[str]:
    """Every variable that something in the process reads."""
    for expression in reading.expressions.compiled:
        yield from expression.names
    for element in reading.elements.values():
        if element.decision is not None:
            yield from decisions[element.decision].decisions[element.decision].inputs
        for name in (element.handler, element.on_claim):
            if name is not None:
                yield from (i.name for i in reading.handlers[name].inputs if i.name not in element.inputs)
