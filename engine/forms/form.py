"""A form as published: its fields, what it opens with, and the check of what people enter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine.errors import InvalidForm
from engine.forms.fields import LISTS, Context, Field, FieldType, Node, Note, Rule, Section, expressions_of, fields_of
from engine.forms.reading import LOCAL
from engine.forms.references import References
from engine.forms.sheet import Filler, Functions, Sheet
from engine.texts import Text

if TYPE_CHECKING:
    from engine.feel import Expression

NO_FUNCTIONS: Mapping[str, Callable[..., Any]] = {}


@dataclass(frozen=True, eq=False)
class Form:
    """A form-js schema as the server understood it. `nodes` is the form as drawn, `fields` its questions in that order.

    A *context* holds variables and record fields by name, and the present as `__now__`. `functions` are FEEL functions
    that the form always has (decisions by their ids, say); methods may be given more.
    """

    id: str
    title: str
    schema: Mapping[str, Any]
    nodes: tuple[Node, ...]
    rules: tuple[Rule, ...] = ()
    functions: Functions = field(default_factory=dict)

    def with_functions(self, functions: Functions) -> Form:
        """Return the same form with these FEEL functions always at hand."""
        return replace(self, functions={**self.functions, **functions})

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The questions in the order drawn; a table is one field with `columns`."""
        return tuple(fields_of(self.nodes))

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The names of the values, in the order drawn."""
        return tuple(asked.key for asked in self.fields)

    @cached_property
    def expressions(self) -> tuple[Expression, ...]:
        """Every FEEL expression in the form."""
        return (*expressions_of(self.nodes), *(rule.when for rule in self.rules))

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Every text that the author wrote for people to read, for the catalogue of translations."""
        found = [*_texts(self.nodes), *(rule.message for rule in self.rules)]
        return tuple(dict.fromkeys(text for text in found if text))

    @cached_property
    def triggers(self) -> frozenset[str]:
        """Keys of fields (columns included) whose answer changes what the form shows or asks for."""
        watched: set[str] = set()
        for node in self.nodes:
            watched |= _watched(node)
        columns = {column.key for asked in self.fields for column in asked.columns}
        return frozenset(watched & {*self.keys, *columns})

    def defaults(self, context: Context, *, functions: Functions = NO_FUNCTIONS) -> dict[str, Any]:
        """Return what each field opens with: its FEEL default, else the context's value, else the plain default.

        Date-times are cut to the minute, which is what people see and confirm.
        """
        calls = {**self.functions, **functions}
        return {asked.key: _opened(asked, context.get(asked.key), context, calls) for asked in self.fields}

    def column_defaults(self, table: Field, context: Context, *, functions: Functions = NO_FUNCTIONS) -> dict[str, Any]:
        """Return what a new row of a table opens with."""
        calls = {**self.functions, **functions}
        return {column.key: _opened(column, None, context, calls) for column in table.columns}

    def fill(
        self,
        raw: Mapping[str, Any],
        *,
        context: Context,
        references: References,
        functions: Functions = NO_FUNCTIONS,
        timezone: tzinfo = LOCAL,
    ) -> Sheet:
        """Read answers without judging: what is shown, required and wrong while somebody fills in the form.

        Values may be typed or as a browser posts them; absent keys count as left the way the form opened.
        """
        calls = {**self.functions, **functions}
        return Filler(self, context, references, calls, timezone).fill(raw)

    def may_pick(
        self,
        asked: Field,
        key: str,
        *,
        context: Context,
        references: References,
        functions: Functions = NO_FUNCTIONS,
    ) -> bool:
        """Tell whether a field's filter lets this record be picked."""
        return Filler(self, context, references, {**self.functions, **functions}).allowed(asked, key)

    def validate(
        self,
        raw: Mapping[str, Any],
        *,
        context: Context,
        references: References,
        functions: Functions = NO_FUNCTIONS,
        timezone: tzinfo = LOCAL,
    ) -> dict[str, Any]:
        """Return typed values of all visible, editable fields; an empty one is None, [] or (a checkbox) False.

        Unknown keys, hidden fields and read-only fields are not in the result. Text is trimmed, references are keys,
        date-times are UTC (typed ones without an offset are local to `timezone`).

        Raises InvalidForm with every problem by path, e.g. `actions.0.owner`.
        """
        if not isinstance(raw, Mapping):
            raise InvalidForm({"": [Text("Form values must be given by field name.")]})
        sheet = self.fill(raw, context=context, references=references, functions=functions, timezone=timezone)
        if sheet.problems:
            raise InvalidForm(sheet.problems)
        return sheet.values()


def _opened(field: Field, existing: Any, context: Context, functions: Functions) -> Any:
    if field.default_expression is not None:
        value = field.default_expression.evaluate(context, functions)
    else:
        value = field.default if existing is None else existing
    if isinstance(value, datetime) and field.type is FieldType.DT:
        value = value.replace(second=0, microsecond=0)
    if field.type in LISTS:
        return list(value) if isinstance(value, list | tuple) else []
    if field.type is FieldType.SELECT and not field.options_from and value not in [o.value for o in field.options]:
        return field.default
    return value


def _watched(node: Node) -> frozenset[str]:
    names = set(node.hide.names) if node.hide is not None else set()
    if isinstance(node, Field):
        for expression in (node.required_if, node.readonly_if, node.options_from, node.filter):
            names |= expression.names if expression is not None else frozenset()
    for child in node.columns if isinstance(node, Field) else getattr(node, "nodes", ()):
        names |= _watched(child)
    return frozenset(names)


def _texts(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Note):
            yield node.text
        elif isinstance(node, Section):
            yield node.label
            yield from _texts(node.nodes)
        elif isinstance(node, Field):
            yield from (node.label, node.description, node.limits.pattern_message)
            yield from (option.label for option in node.options)
            yield from _texts(node.columns)
