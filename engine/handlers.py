"""Handlers: the plain functions behind service tasks.

```python
@handler("kb.suggest")
def suggest(inputs: Suggest, *, registers: Registers) -> Suggestions:
    "Rank knowledge articles that fit a case."
```

The first parameter is a frozen dataclass: its fields are what a diagram passes in. Keyword-only parameters are
collaborators, given by the composition root for the step's transaction. The result is a dataclass or None; its fields
are what comes back to the diagram. The signature is the handler's documentation in the modeler.
"""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass
from datetime import datetime
from typing import Any, TypeVar

from engine.errors import DuplicateHandler, UnknownHandler

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Parameter:
    """One input or output of a handler. `type` reads like Python: `str`, `int | None`, `list[str]`, `datetime`."""

    name: str
    type: str
    required: bool
    annotation: Any


@dataclass(frozen=True, slots=True)
class Handler:
    """A registered handler and what its signature says."""

    name: str
    function: Callable[..., Any]
    summary: str
    documentation: str
    inputs: tuple[Parameter, ...]
    outputs: tuple[Parameter, ...]
    collaborators: tuple[str, ...]
    external: bool
    inputs_type: type | None

    def call(self, inputs: Mapping[str, Any], collaborators: Mapping[str, Any]) -> Mapping[str, Any]:
        """Run the function with plain values and return plain values.

        Raises TypeError for missing or unknown inputs, and whatever the function raises.
        """
        arguments: list[Any] = []
        if self.inputs_type is not None:
            arguments.append(self.inputs_type(**inputs))
        result = self.function(*arguments, **{name: collaborators[name] for name in self.collaborators})
        if result is None:
            return {}
        return {f.name: getattr(result, f.name) for f in dataclasses.fields(result)}


def handler(name: str, *, external: bool = False) -> Callable[[F], F]:
    """Name a function as a handler; modules are collected by `HandlerRegistry.of`.

    `external` handlers leave the database: they run as durable jobs, at least once, after the step's commit.
    """

    def mark(function: F) -> F:
        function.__handler__ = (name, external)  # type: ignore[attr-defined]
        return function

    return mark


class HandlerRegistry(Mapping[str, Handler]):
    """The handlers of an installation by name."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}

    @classmethod
    def of(cls, *modules: types.ModuleType) -> HandlerRegistry:
        """Collect every marked function of the modules.

        Raises DuplicateHandler.
        """
        registry = cls()
        for module in modules:
            for value in vars(module).values():
                if inspect.isfunction(value) and hasattr(value, "__handler__") and value.__module__ == module.__name__:
                    registry.add(value)
        return registry

    def add(self, function: Callable[..., Any]) -> None:
        """Register one marked function.

        Raises DuplicateHandler.
        """
        described = describe(function)
        if described.name in self._handlers:
            raise DuplicateHandler(f"two handlers are called {described.name}")
        self._handlers[described.name] = described

    def __getitem__(self, name: str) -> Handler:
        try:
            return self._handlers[name]
        except KeyError:
            raise UnknownHandler(f"no handler is called {name}") from None

    def __contains__(self, name: object) -> bool:
        return name in self._handlers

    def __iter__(self) -> Iterator[str]:
        return iter(self._handlers)

    def __len__(self) -> int:
        return len(self._handlers)


def describe(function: Callable[..., Any]) -> Handler:
    """Read a marked function's signature into a `Handler`."""
    name, external = function.__handler__  # type: ignore[attr-defined]
    hints = typing.get_type_hints(function)
    parameters = inspect.signature(function).parameters.values()
    result = hints.get("return")
    documentation = inspect.cleandoc(function.__doc__ or "")
    return Handler(
        name=name,
        function=function,
        summary=documentation.split("\n", 1)[0],
        documentation=documentation,
        inputs=_fields(_inputs_type(function)),
        outputs=_fields(result if dataclasses.is_dataclass(result) else None),
        collaborators=tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY),
        external=external,
        inputs_type=_inputs_type(function),
    )


def _inputs_type(function: Callable[..., Any]) -> Any:
    hints = typing.get_type_hints(function)
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is not parameter.KEYWORD_ONLY:
            return hints[parameter.name]
    return None


def _fields(cls: Any) -> tuple[Parameter, ...]:
    if cls is None:
        return ()
    hints = typing.get_type_hints(cls)
    return tuple(
        Parameter(
            f.name, _type_name(hints[f.name]), f.default is MISSING and f.default_factory is MISSING, hints[f.name]
        )
        for f in dataclasses.fields(cls)
    )


def _type_name(annotation: Any) -> str:
    plain = isinstance(annotation, type) and not typing.get_args(annotation)
    return annotation.__name__ if plain else str(annotation)


@dataclass(frozen=True, slots=True)
class Work:
    """What a handler may know about the step it runs in (collaborator `work`)."""

    instance_id: int
    process: str
    business_key: str | None
    element: str
    element_name: str
    actor: str | None  # user id of the person whose act caused the step, None for clock and machines
    now: datetime
    idempotency_key: str  # the same for every attempt of one job
