"""Context functions (10.3.4.8, 10.3.4.10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.feel.functions.registry import builtin
from engine.feel.kinds import CONTEXT, kind_of
from engine.feel.scope import checked_list

_DEEPEST = 50


@builtin("get value", "m: context, key: string")
def get_value(context: Mapping[str, Any], key: str) -> Any:
    return context.get(key)


@builtin("get value", "context: context, keys: list")
def get_value_at(context: Mapping[str, Any], keys: list[Any]) -> Any:
    value: Any = context if keys else None
    for key in keys:
        if kind_of(value) != CONTEXT or not isinstance(key, str):
            return None
        value = value.get(key)
    return value


@builtin("get entries", "m: context")
def get_entries(context: Mapping[str, Any]) -> list[dict[str, Any]]:
    return checked_list([{"key": key, "value": value} for key, value in context.items()])


@builtin("context", "entries: list")
def context(entries: list[Any]) -> dict[str, Any] | None:
    built: dict[str, Any] = {}
    for entry in entries:
        if kind_of(entry) != CONTEXT or "value" not in entry or not isinstance(entry.get("key"), str):
            return None
        if entry["key"] in built:
            return None
        built[entry["key"]] = entry["value"]
    return built


@builtin("context put", "context: context, key: string, value: any")
def context_put(target: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    return {**target, key: value}


@builtin("context put", "context: context, keys: list, value: any")
def context_put_at(target: Mapping[str, Any], keys: list[Any], value: Any) -> dict[str, Any] | None:
    if not keys or len(keys) > _DEEPEST or not all(isinstance(part, str) for part in keys):
        return None
    return _put(target, keys, value)


def _put(target: Mapping[str, Any], keys: list[str], value: Any) -> dict[str, Any] | None:
    if len(keys) == 1:
        return {**target, keys[0]: value}
    inner = target.get(keys[0], {})
    changed = _put(inner, keys[1:], value) if kind_of(inner) == CONTEXT else None
    return None if changed is None else {**target, keys[0]: changed}


@builtin("context merge", "contexts: list")
def context_merge(contexts: list[Any]) -> dict[str, Any] | None:
    merged: dict[str, Any] = {}
    for part in contexts:
        if kind_of(part) != CONTEXT:
            return None
        merged.update(part)
    return merged
