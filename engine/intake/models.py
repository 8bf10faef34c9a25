"""The model of a process: what was read of it and the names that matter at run time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from engine.definitions import ProcessModel
from engine.dmn import DecisionModel, decision_functions
from engine.forms import Form
from engine.intake.data import read_io
from engine.intake.normalise import normalise
from engine.intake.reading import Reading
from engine.intake.xml import documentation

_GIVEN = frozenset(
    {"__now__", "opened_at", "business_key", "activationCount", "activationCounts", "waitingForStart"}
)  # known to every expression without being variables


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
        data=reading.data,
        correlations=reading.correlations,
        inputs=read_io(process.scope.xml, process)[0],
        results=read_io(process.scope.xml, process)[1],
    )


def is_whole(reading: Reading) -> bool:
    """Whether every form and decision that the process names could be read; what is wrong with it is said there."""
    forms = {e.form for e in reading.elements.values() if e.form is not None}
    decisions = {e.decision for e in reading.elements.values() if e.decision is not None}
    return forms <= reading.library.forms.keys() and decisions <= reading.library.decisions.keys()


def _decisions(reading: Reading) -> dict[str, DecisionModel]:
    """The decisions named by business rule tasks or called: by expressions, by the forms, by other decisions."""
    known = reading.library.decisions
    waiting = {e.decision for e in reading.elements.values() if e.decision is not None}
    in_forms = (expression for form in _forms(reading) for expression in form.expressions)
    for expression in (*reading.expressions.compiled, *in_forms):
        waiting |= set(expression.calls)
    return {name: known[name] for name in sorted(_closure(waiting, known))}


def _closure(waiting: set[str], known: dict[str, DecisionModel]) -> set[str]:
    """These decisions and all that they call."""
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in known and name not in found:
            found.add(name)
            waiting |= known[name].decisions[name].calls
    return found


def _forms(reading: Reading) -> list[Form]:
    named = sorted({e.form for e in reading.elements.values() if e.form is not None})
    return [reading.library.forms[name] for name in named]


def _functions(form: Form, decisions: dict[str, DecisionModel]) -> dict[str, Callable[..., Any]]:
    """The decisions that a form calls, so that it can be drawn and checked wherever it is shown."""
    called = {call for expression in form.expressions for call in expression.calls}
    within = _closure(called, decisions)
    return decision_functions({name: model for name, model in decisions.items() if name in within})


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
