"""Rules about automatic work: handlers and what they are given, scripts, decisions, results."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from engine.feel import Expression
from engine.handlers import Handler, Parameter
from engine.intake.drawing import Node
from engine.intake.lint.files import NAME
from engine.intake.lint.timers import constant
from engine.intake.notes import near
from engine.intake.reading import Reading
from engine.intake.work import implementation, service_operator
from engine.intake.xml import child, children, text_of
from engine.texts import Text

_KEYWORDS = frozenset("if then else for in return some every satisfies and or not between true false null".split())  # noqa: SIM905


def handlers(reading: Reading) -> None:
    """A service task names one handler that exists."""
    for node in reading.process.nodes():
        if node.kind != "serviceTask":
            continue
        element, operator = reading.element(node), service_operator(node)
        other = (operator.get("id") or "").strip() if operator is not None else ""
        if element.handler is None and node.id in reading.process.refused:
            continue  # said already
        if element.handler is None:
            reading.notes.error(
                "handler-missing",
                node,
                Text("The service task doesn't say what is to be done."),
                Text("Choose a handler (implementation). {near}", near=near("", list(reading.handlers))),
            )
        elif other and implementation(node) not in (None, other):
            reading.notes.error(
                "handler-twice",
                node,
                Text("Two handlers are named: {one} and {other}.", one=element.handler, other=other),
                Text("Keep one of the two."),
            )
        elif element.handler not in reading.handlers:
            _unknown_handler(node, element.handler, reading)
        else:
            _inputs(node, reading.handlers[element.handler], reading)


def _unknown_handler(node: Node, name: str, reading: Reading) -> None:
    reading.notes.error(
        "handler-unknown",
        node,
        Text("No handler is called “{name}”.", name=name[:80]),
        near(name, list(reading.handlers)),
    )


def _inputs(node: Node, handler: Handler, reading: Reading) -> None:
    element = reading.element(node)
    known = {p.name: p for p in handler.inputs}
    for name, expression in element.inputs.items():
        if name not in known:
            reading.notes.error(
                "input-unknown",
                node,
                Text("The handler {handler} has no input “{name}”.", handler=handler.name, name=name[:80]),
                near(name, list(known)),
            )
        else:
            _literal(node, known[name], expression, reading)
    written = _written(reading)
    for parameter in handler.inputs:
        if parameter.required and parameter.name not in element.inputs and parameter.name not in written:
            reading.notes.warning(
                "input-unbound",
                node,
                Text(
                    "The handler needs “{name}”; it is not given, and nothing in the diagram writes such a variable.",
                    name=parameter.name,
                ),
                Text("Give it as a parameter. {near}", near=near(parameter.name, sorted(written))),
            )


def _literal(node: Node, parameter: Parameter, expression: Expression, reading: Reading) -> None:
    if expression.names or expression.calls:
        return
    value = constant(expression)
    if not accepts(parameter.annotation, value):
        reading.notes.error(
            "input-type",
            node,
            Text(
                "The input “{name}” is a {type}; {text} is none.",
                name=parameter.name,
                type=parameter.type,
                text=expression.text[:80],
            ),
            Text("Write a value of that type; text stands in quotation marks."),
        )


def accepts(annotation: Any, value: Any) -> bool:
    """Tell whether a literal may be given for a type; True for types that this can't judge."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return any(accepts(a, value) for a in arguments)
    if origin is typing.Literal:
        return value in arguments
    if annotation is type(None):
        return value is None
    if annotation is bool:
        return isinstance(value, bool)
    if annotation is str:
        return isinstance(value, str)
    if annotation in (int, float, Decimal):
        return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    if annotation in (list, tuple) or origin in (list, tuple):
        return isinstance(value, list | tuple)
    if annotation is dict or origin is dict:
        return isinstance(value, dict)
    return True


def _written(reading: Reading) -> set[str]:
    """The names of variables that something in the diagram may write."""
    names: set[str] = {"business_key", *reading.data}
    for element in reading.elements.values():
        caught = (name for event in element.events for name in (event.code_variable, event.message_variable))
        names.update(name for name in caught if name is not None)
        if element.data is not None:
            moved = (*element.data.inputs, *element.data.outputs)
            names.update(element.data.own, element.data.produced, (assignment.target for assignment in moved))
        if "initiator" in element.properties:
            names.add(element.properties["initiator"])
        if element.result is not None:
            names.add(element.result)
        elif element.handler is not None and element.handler in reading.handlers:
            names.update(o.name for o in reading.handlers[element.handler].outputs)
        elif element.decision is not None:
            names.update(_outputs(element.decision, reading))
        if element.on_claim is not None and element.on_claim in reading.handlers:
            names.update(o.name for o in reading.handlers[element.on_claim].outputs)
        if element.form is not None and element.form in reading.library.forms:
            names.update(reading.library.forms[element.form].keys)
    return names


def _outputs(decision: str, reading: Reading) -> Iterable[str]:
    model = reading.library.decisions.get(decision)
    return model.decisions[decision].outputs if model is not None else ()


def misspelt(reading: Reading) -> None:
    """A condition that reads what nothing writes, but nearly, is most likely misspelt."""
    written = sorted(_written(reading))
    for edge in reading.process.edges():
        condition = reading.flows[edge.id].condition
        for name in sorted(condition.names) if condition is not None else ():
            if name not in written and (close := get_close_matches(name, written, n=1, cutoff=0.85)):
                reading.notes.warning(
                    "variable-misspelt",
                    edge,
                    Text("The condition reads “{name}”, which nothing in the diagram writes.", name=name),
                    Text("Did you mean {names}?", names=close[0]),
                )


def claims(reading: Reading) -> None:
    """A handler that runs when a task is claimed exists and is part of the claim's transaction."""
    for node in reading.process.nodes():
        name = reading.element(node).on_claim
        if name is None:
            continue
        if name not in reading.handlers:
            _unknown_handler(node, name, reading)
        elif reading.handlers[name].external:
            reading.notes.error(
                "on-claim-external",
                node,
                Text("The handler {name} leaves the database; it can't run while somebody claims a task.", name=name),
                Text("Use a transactional handler, or a service task after this one."),
            )


def scripts(reading: Reading) -> None:
    """A script task has a script and a place for its value."""
    for node in reading.process.nodes():
        if node.kind != "scriptTask":
            continue
        if not text_of(child(node.xml, "script")):
            reason = Text("The script task has no script: it passes at once, as BPMN says.")
            reading.notes.warning("script-missing", node, reason, Text("Write a FEEL expression."))
            continue
        if len(children(node.xml, "script")) > 1:
            reason = Text("The script task has several scripts.")
            reading.notes.error("script-twice", node, reason, Text("Keep one, or draw a task for each."))
        if reading.element(node).result is None:
            reading.notes.error(
                "result-missing",
                node,
                Text("The script's value would be lost: no result variable is named."),
                Text("Give the task the property result with the name of a variable."),
            )


def decisions(reading: Reading) -> None:
    """A business rule task names a decision that exists."""
    for node in reading.process.nodes():
        if node.kind != "businessRuleTask":
            continue
        name = reading.element(node).decision
        if name is None:
            reason = Text("The business rule task doesn't name its decision.")
            remedy = Text("Give it the property decision. {near}", near=near("", list(reading.library.decisions)))
            reading.notes.error("decision-missing", node, reason, remedy)
        elif name not in reading.library.decisions and name not in reading.library.broken:
            reason = Text("No decision has the id “{name}”.", name=name[:80])
            reading.notes.error("decision-unknown", node, reason, near(name, list(reading.library.decisions)))


def results(reading: Reading) -> None:
    """A result variable has a name that expressions can use."""
    for node in reading.process.singles():
        element = reading.element(node)
        _variable(element.code_variable, node, reading)
        _variable(element.message_variable, node, reading)
    for node in reading.process.nodes():
        element = reading.element(node)
        for name in (element.result, element.properties.get("initiator")):
            _variable(name, node, reading)


def _variable(name: str | None, node: Node, reading: Reading) -> None:
    if name is None:
        return
    if not NAME.fullmatch(name) or "-" in name or "." in name or name in _KEYWORDS or name.startswith("__"):
        reading.notes.error(
            "result-name",
            node,
            Text("“{name}” can't be the name of a variable.", name=name[:80]),
            Text("Use letters, digits and _, beginning with a letter."),
        )


def settings(reading: Reading) -> None:
    """Retries and timeout matter to external handlers only."""
    for node in reading.process.nodes():
        element = reading.element(node)
        if element.handler in reading.handlers and not element.external:
            given = sorted({"retries", "timeout"} & set(element.properties))
            if given:
                reading.notes.warning(
                    "setting-ignored",
                    node,
                    Text(
                        "{settings} has no effect: this handler runs within the step, exactly once.",
                        settings=", ".join(given),
                    ),
                    Text("Remove it."),
                )


RULES = (handlers, misspelt, claims, scripts, decisions, results, settings)
