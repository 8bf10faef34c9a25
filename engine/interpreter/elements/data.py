"""Data: the variables that an activity has for itself, what goes into it, and what comes out (BPMN 2.0.2, 10.4).

A token's own variables lie over those around it (`Case.locals`) from the moment it begins until it is gone. Null is
"unavailable": an input without a value is waited for, an output without one leaves its target as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task

from engine.definitions import Assignment, DataFlow, DataStore, Element, MultiInstance
from engine.interpreter.elements.node import Node, drawn, scope_of
from engine.interpreter.elements.variables import as_key, bounded
from engine.texts import Text

if TYPE_CHECKING:
    from engine.interpreter.elements.case import Case

PAYLOADS = frozenset({"message", "signal"})  # events that carry something


class DataNode(Node):
    """A node that may have data."""

    def ask(self, token: Task, case: Case) -> None:
        """Begin when the data that were lacking have come."""
        case.focus(token)
        if self.act(token):
            token.complete()

    def give_out(self, token: Task, case: Case) -> None:
        write_outputs(token, self, case)


def begin(token: Task, node: Node, case: Case) -> bool:
    """Give a token its own variables and inputs; False when it has to wait for one."""
    flow = _flow(node)
    if flow is None:
        return True
    stored = _stored(flow, flow.inputs, node, case)
    inputs = _evaluated(flow.inputs, flow, node, case, around=case.visible, given=stored)
    lacking = _lacking(flow.input_sets, inputs)
    if lacking:
        token.internal_data.update(lacks=lacking, met=False)
        return False
    token.internal_data.pop("lacks", None)
    token.internal_data.pop("met", None)
    own: dict[str, Any] = dict.fromkeys(flow.produced)
    own |= first_values(flow.own, node, case)
    own |= {name: bounded(value, name, node) for name, value in inputs.items()}
    if own or node.keeps_results:
        case.give(token, own)
    return True


def first_values(own: Mapping[str, Any], node: Node, case: Case) -> dict[str, Any]:
    """What data objects and properties begin with; most with null."""
    values = {name: case.evaluate(value, node) if value is not None else None for name, value in own.items()}
    return {name: bounded(value, name, node) for name, value in values.items()}


def write_outputs(token: Task, node: Node, case: Case) -> None:
    """Write the outputs of a token that is done to the variables around it."""
    flow = _flow(node)
    if flow is None or not flow.outputs or _has_come(node):
        return
    case.focus(scope_of(token).owner)
    around = case.visible
    case.focus(token)
    values = _evaluated(flow.outputs, flow, node, case, around=around)
    case.focus(scope_of(token).owner)
    _write(values, flow, node, case, element=drawn(node))
    case.focus(token)


def receive(element: Element, payload: Mapping[str, Any], node: Node, case: Case) -> None:
    """Write what has come with a message or signal: to its event's outputs, else to variables.

    A data output takes the entry of its name; the only one takes all, if there is no such entry.
    """
    flow = element.data
    content = payload if flow is None else {**payload, **_produced(flow, payload)}
    if flow is None or not flow.closed or element.kind == "receiveTask":
        case.write({element.result: payload} if element.result else content, node=node, element=element.id)
    if element.kind != "receiveTask":
        write_content(element, payload, node, case)


def write_content(element: Element, content: Mapping[str, Any], node: Node, case: Case) -> None:
    """Write what an event has come with to its data outputs; see `receive`."""
    flow = element.data
    if flow is not None and flow.outputs:
        given = {**content, **_produced(flow, content)}
        values = _evaluated(flow.outputs, flow, node, case, around=case.visible, given=given)
        _write(values, flow, node, case, element=element)


def payload(node: Node, case: Case) -> Any:
    """What an event sends: as its `payload` says, else its data inputs; the contents of the only one if it has some."""
    element = drawn(node)
    if element.payload is not None:
        return case.evaluate(element.payload, node)
    if element.data is None:
        return {}
    seen = case.visible
    inputs = {assignment.target: seen.get(assignment.target) for assignment in element.data.inputs}
    only = next(iter(inputs.values())) if len(inputs) == 1 else None
    return only if isinstance(only, Mapping) and not element.data.in_turn else inputs


def _flow(node: Node) -> DataFlow | None:
    """The part of an element's data that belongs to a node: of a loop, to the whole or to each run.

    A multi-instance activity has its inputs and outputs once, and `inputDataItem` for each run; one that is
    repeated, and whatever other tools map, has them for each run.
    """
    element = node.element
    if element is None or element.data is None or element.loop is None:
        return element.data if element is not None else None
    flow = element.data
    by_run = flow.in_turn or not isinstance(element.loop, MultiInstance)
    if by_run:
        return flow if node.is_run else None
    if node.is_run:
        return replace(flow, inputs=(), input_sets=(), produced=(), outputs=())
    return replace(flow, own={})


def _has_come(node: Node) -> bool:
    """Whether the outputs of a catching event were written when its trigger came."""
    element = drawn(node)
    catches = element.kind in ("startEvent", "intermediateCatchEvent", "boundaryEvent")
    return catches and element.event in (*PAYLOADS, "error", "escalation")


def _produced(flow: DataFlow, payload: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: payload[name] for name in flow.produced if name in payload}
    return found or ({flow.produced[0]: dict(payload)} if len(flow.produced) == 1 else {})


def _write(values: Mapping[str, Any], flow: DataFlow, node: Node, case: Case, *, element: Element) -> None:
    """Write outputs: to variables, and to the records behind data stores. Without a value they aren't written."""
    worth = values if flow.in_turn else {name: value for name, value in values.items() if value is not None}
    case.write({n: v for n, v in worth.items() if n not in flow.stores}, node=node, element=element.id)
    for name, store in flow.stores.items():
        if name not in worth:
            continue
        fields = worth[name]
        if not isinstance(fields, Mapping):
            raise node.impossible(
                Text("what goes to {store} is no context: {value}", store=name, value=str(fields)[:80])
            )
        case.host.write_record(element, store.register, _key(name, store, node, case), fields)


def _stored(flow: DataFlow, read: Iterable[Assignment], node: Node, case: Case) -> dict[str, Any]:
    """The records behind the data stores that these assignments read."""
    names = {name for assignment in read for name in assignment.value.names}
    return {
        name: case.host.read_record(drawn(node), store.register, _key(name, store, node, case))
        for name, store in flow.stores.items()
        if name in names
    }


def _key(name: str, store: DataStore, node: Node, case: Case) -> str:
    key = as_key(case.evaluate(store.key, node))
    if not key:
        raise node.impossible(
            Text("the data store {store} has no key yet: {key} is null", store=name, key=store.key.text)
        )
    return key


def _lacking(sets: Iterable[frozenset[str]], inputs: Mapping[str, Any]) -> list[str]:
    """The inputs that the set nearest to being available still lacks; none when one is."""
    missing = [sorted(name for name in wanted if inputs.get(name) is None) for wanted in sets]
    return min(missing, key=len, default=[])


def _evaluated(
    assignments: Iterable[Assignment],
    flow: DataFlow,
    node: Node,
    case: Case,
    *,
    around: Mapping[str, Any],
    given: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Evaluate assignments where the case looks from; `around` is what a path's target is now."""
    values: dict[str, Any] = {}
    for assignment in assignments:
        extra = {**(given or {}), **values} if flow.in_turn else given or {}
        value = case.evaluate(assignment.value, node, **extra)
        target = assignment.target
        if assignment.path:
            whole = None if target in flow.stores else around.get(target)  # of a record only what is written
            value = _placed(values.get(target, whole), assignment.path, value)
        values[target] = value
    return values


def _placed(whole: Any, path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """A copy of a context in which a value stands at a path; what is no context on the way becomes one."""
    made: dict[str, Any] = dict(whole) if isinstance(whole, Mapping) else {}
    at = made
    for name in path[:-1]:
        inner = at.get(name)
        at[name] = dict(inner) if isinstance(inner, Mapping) else {}
        at = at[name]
    at[path[-1]] = value
    return made
