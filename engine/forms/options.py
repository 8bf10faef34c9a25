"""The choices of a form-js component, and the plain value that a field opens with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.forms.fields import LISTS, Field, FieldType, Option
from engine.forms.reading import Reader
from engine.forms.report import Component, Report
from engine.texts import Text

if TYPE_CHECKING:
    from engine.feel import Expression

TYPED = {"true": True, "false": False}


def options_of(component: Component, kind: FieldType, report: Report) -> tuple[tuple[Option, ...], Expression | None]:
    """Return a choice's options: fixed ones, or the FEEL expression that gives them."""
    if kind not in (FieldType.SELECT, FieldType.MULTI, FieldType.BOOL) or component["type"] == "checkbox":
        return (), None
    dynamic = component.get("valuesExpression") or component.get("valuesKey")
    if dynamic:
        return (), report.feel(dynamic, component, "valuesExpression")
    values = component.get("values")
    entries = values if isinstance(values, list) else []
    options = tuple(option for entry in entries if (option := _option(entry, kind, component, report)))
    if not options and not entries:
        report.error("form-options", component, Text("There is nothing to choose from."), Text("Add options."))
    texts = [option.text for option in options]
    for text in sorted({text for text in texts if texts.count(text) > 1}):
        reason = Text("Two options have the value “{value}”.", value=text)
        report.error("form-options", component, reason, Text("Give every option a value of its own."))
    if kind is FieldType.BOOL and {option.value for option in options} != {True, False}:
        reason = Text("A yes/no question needs exactly the values true and false.")
        report.error("form-options", component, reason, Text("Keep the two options true and false."))
    return options, None


def _option(entry: Any, kind: FieldType, component: Component, report: Report) -> Option | None:
    value = entry.get("value") if isinstance(entry, Mapping) else None
    label = entry.get("label") if isinstance(entry, Mapping) else None
    if kind is FieldType.BOOL and isinstance(value, str):
        value = TYPED.get(value.lower(), value)
    if isinstance(value, str | int) and value != "" and isinstance(label, str) and label.strip():
        return Option(value.strip() if isinstance(value, str) else value, label.strip())
    reason = Text("The option “{option}” lacks a value or a label.", option=str(label or value or ""))
    report.error(
        "form-options", component, reason, Text("Give it a label and a value (text, whole number, true or false).")
    )
    return None


def read_default(
    component: Component, properties: Mapping[str, Any], kind: FieldType, options: tuple[Option, ...], report: Report
) -> Any:
    """Return the value that the field opens with, typed; one that breaks the field's type is an error."""
    given = component.get("defaultValue", properties.get("default"))
    if given is None or given == "":
        return None
    if kind in (FieldType.REF, FieldType.REFS, FieldType.TABLE) or (
        not options and kind in (FieldType.SELECT, FieldType.MULTI)
    ):
        return (list(given) if isinstance(given, list) else [given]) if kind in LISTS else given
    field = Field(id="", key="", type=kind, label="", widget=str(component["type"]))
    reading = Reader(_NoReferences(), lambda field, key: True).read(field, given, options)
    if reading.problem is None:
        return reading.value
    reason = Text("The default “{value}” doesn't fit: {problem}", value=str(given), problem=reading.problem)
    report.error(
        "form-default", component, reason, Text("Correct the default, or write FEEL in the property “default”.")
    )
    return None


class _NoReferences:
    def exists(self, register: str, key: str) -> bool:
        return False

    def label(self, register: str, key: str) -> str:
        return key

    def search(self, register: str, text: str, limit: int) -> list[tuple[str, str]]:
        return []

    def fields(self, register: str, key: str) -> dict[str, Any]:
        return {}
