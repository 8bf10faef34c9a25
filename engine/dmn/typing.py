"""The types that a file's columns refer to."""

from __future__ import annotations

from typing import Any

from engine.dmn.document import Report, child, children, text_of
from engine.feel import FeelType, named_type
from engine.feel.types import ANY_TYPE
from engine.texts import Text


class Types:
    """Item definitions of a file, resolved to FEEL's own types."""

    def __init__(self, definitions: Any) -> None:
        self._items = {item.get("name"): item for item in children(definitions, "itemDefinition")}

    def names(self) -> set[str]:
        """Return the names of all components, which may stand after a dot."""
        return {
            component.get("name") or ""
            for item in self._items.values()
            for component in item.iter()
            if isinstance(component.tag, str) and component.tag.endswith("itemComponent")
        }

    def of(self, element: Any, report: Report) -> tuple[FeelType, str]:
        """Return the type and the allowed values (FEEL, or empty) of an element's `typeRef`.

        An unknown type is reported and taken as any.
        """
        written = "" if element is None else (element.get("typeRef") or "").strip()
        if not written:
            return ANY_TYPE, ""
        kind, allowed = self._resolve(written, frozenset())
        if kind.unknown:
            report.error(
                "type-unknown",
                element,
                Text("there is no type “{type}”", type=kind.unknown),
                Text("Choose string, number, boolean, date, time, date and time, a duration, or a type of the file."),
            )
            return ANY_TYPE, ""
        return kind, allowed

    def _resolve(self, written: str, seen: frozenset[str]) -> tuple[FeelType, str]:
        name = written if written in self._items else written.rpartition(":")[2]
        item = self._items.get(name)
        if item is None:
            return named_type(name), ""
        if name in seen:
            return FeelType("any", unknown=name), ""
        kind, allowed = ANY_TYPE, ""
        reference = item.get("typeRef") or _element_text(item, "typeRef")
        if any(True for _ in children(item, "itemComponent")):
            kind = FeelType("context")
        elif reference:
            kind, allowed = self._resolve(reference, seen | {name})
        if item.get("isCollection") == "true":
            return FeelType("list", inner=kind, unknown=kind.unknown), ""
        return kind, text_of(child(item, "allowedValues")) or allowed


def _element_text(item: Any, name: str) -> str:
    found = child(item, name)
    return "" if found is None else (found.text or "").strip()
