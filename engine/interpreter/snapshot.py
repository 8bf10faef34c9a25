"""An instance at rest as bytes: its open tokens and its variables, nothing of the diagram and nothing of the past.

One byte says the format, the rest is JSON compressed by zlib at level 1, the fastest (a step spends more time on its
commit than on a better ratio would be worth).
"""

from __future__ import annotations

import json
import zlib
from typing import Any

from SpiffWorkflow.task import Task

from engine.errors import ExecutionError
from engine.interpreter.compiler import CompiledSpec
from engine.interpreter.elements.case import Case
from engine.interpreter.elements.node import Node
from engine.interpreter.elements.scope import Scope
from engine.steps import InstanceState
from engine.texts import Text
from engine.values import ALL_LIMIT, from_json, json_size, to_json

_FORMAT = b"\x02"
_READABLE = (b"\x01", _FORMAT)  # format 1 knew no runs with variables of their own


class UnreadableSnapshot(ValueError):
    """The bytes aren't a snapshot in a format that this version reads, or not one of this model."""


def save(case: Case) -> bytes:
    """Return an instance at rest as bytes.

    Raises UnsupportedValue for a variable that can't be stored, ExecutionError for more variables than a case may have.
    """
    data = {
        "state": case.state.value,
        "key": case.business_key,
        "counter": case.counter,
        "variables": to_json({"": case.variables})[""],
        "locals": {token: to_json({"": own})[""] for token, own in case.locals.items()},
        **({"around": case.around} if case.around else {}),
        **({"keys": case.keys} if case.keys else {}),
        "scopes": [_scope(scope) for scope in case.scopes.values()] if case.state is InstanceState.ACTIVE else [],
    }
    kept = {scope.owner.id if scope.owner else "": scope.completions for scope in case.scopes.values()}
    if case.state is InstanceState.ACTIVE and any(kept.values()):
        data["completions"] = {owner: done for owner, done in kept.items() if done}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    if len(text) > ALL_LIMIT:
        _check_size(data["variables"])
    return _FORMAT + zlib.compress(text, 1)


def _check_size(variables: dict[str, Any]) -> None:
    sizes = {name: json_size({name: value}) for name, value in variables.items()}
    if sum(sizes.values()) > ALL_LIMIT:
        largest = max(sizes, key=lambda name: sizes[name])
        raise ExecutionError(
            Text(
                "The case would hold more than {limit} kB of variables; “{name}” alone has {size} kB. Keep documents "
                "and lists in records, and let variables hold their numbers.",
                limit=ALL_LIMIT // 1024,
                name=largest,
                size=sizes[largest] // 1024,
            )
        )


def restore(compiled: CompiledSpec, snapshot: bytes) -> Case:
    """Return the instance that `save` wrote, on the shared specs of its model.

    Raises UnreadableSnapshot.
    """
    if snapshot[:1] not in _READABLE:
        raise UnreadableSnapshot(f"snapshot format {snapshot[:1]!r} is unknown")
    try:
        data = json.loads(zlib.decompress(snapshot[1:]))
        return _case(compiled, data)
    except (zlib.error, ValueError, KeyError) as error:
        raise UnreadableSnapshot(f"the snapshot isn't one of {compiled.model.key}: {error!r}") from error


def _case(compiled: CompiledSpec, data: dict[str, Any]) -> Case:
    case = Case(compiled)
    case.state = InstanceState(data["state"])
    case.business_key = data["key"]
    case.counter = data["counter"]
    case.variables = from_json(data["variables"])
    case.locals = {token: from_json(own) for token, own in data.get("locals", {}).items()}
    case.around = tuple((code, stops) for code, stops in data.get("around", ()))
    case.keys = data.get("keys", {})
    owners: dict[str, Task] = {}
    for owner, name, tokens in data["scopes"]:
        scope = Scope(compiled.scopes[name].spec, case, owners[owner] if owner is not None else None)
        scope.completions = data.get("completions", {}).get(owner or "", [])
        case.scopes[owner] = scope
        for token, node, parent, internal in tokens:
            restored = scope.restore(scope.spec.task_specs[node], token, owners.get(parent), internal)
            owners[token] = restored
    return case


def _scope(scope: Scope) -> list[Any]:
    owner = scope.owner.id if scope.owner is not None else None
    tokens = [row for token in scope.tokens() for row in (_row(token, None), *_armed(token))]
    return [owner, scope.spec.name, tokens]


def _armed(token: Task) -> list[list[Any]]:
    return [_row(armed, token.id) for armed in token.children]


def _row(token: Task, parent: str | None) -> list[Any]:
    node: Node = token.task_spec
    return [token.id, node.name, parent, token.internal_data]
