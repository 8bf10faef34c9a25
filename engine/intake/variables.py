"""The variables behind drawn data: data objects and what refers to them, inputs, outputs, properties."""

from __future__ import annotations

import re

from engine.intake.drawing import Process
from engine.intake.parse import XmlElement
from engine.intake.xml import bare, label, local

PLACEHOLDER = "__targetRef_placeholder"  # Camunda Modeler's: an arrow into a task must point to something
RESERVED = frozenset({"loopCounter", "business_key"}) | {
    f"{prefix}{what}Instances" for prefix in ("numberOf", "nrOf") for what in ("", "Active", "Completed", "Terminated")
}
_DATA = frozenset({"dataObject", "dataInput", "dataOutput", "property", "inputDataItem", "outputDataItem"})
_NAME = re.compile(r"[^\W\d]\w*")
_KEYWORDS = frozenset("if then else for in return some every satisfies and or not between true false null".split())  # noqa: SIM905


def data_names(process: Process) -> dict[str, str]:
    """The variable of each piece of drawn data, by its id; all references to a data object mean one variable."""
    if process.data is not None:
        return process.data
    names: dict[str, str] = {}
    references: list[tuple[str, str, str]] = []
    for xml in process.scope.xml.iter():
        kind, identity = local(xml), (xml.get("id") or "").strip()
        if kind == "dataObjectReference" and identity:
            references.append((identity, bare(xml.get("dataObjectRef")), label(xml)))
        elif kind in _DATA and identity:
            names[identity] = label(xml) if is_usable(label(xml)) else ""
    for _, data, name in references:  # a data object without a usable name is called as it is drawn
        if not names.get(data, name) and is_usable(name):
            names[data] = name
    for identity in [i for i, name in names.items() if not name]:
        names[identity] = usable(identity)
    for identity, data, name in references:
        names[identity] = names.get(data) or (name if is_usable(name) else usable(identity))
    process.data = names
    return names


def is_name(text: str) -> bool:
    """Whether a variable can be called so."""
    return _NAME.fullmatch(text) is not None


def is_usable(text: str) -> bool:
    """Whether a text is the name of a variable that FEEL reads, and that isn't taken."""
    return is_name(text) and text not in _KEYWORDS and text not in RESERVED and not text.startswith("__")


def usable(identity: str) -> str:
    """An id as the name of a variable."""
    name = re.sub(r"\W", "_", identity)
    return name if is_usable(name) else f"data_{name}"


def is_placeholder(xml: XmlElement) -> bool:
    """Whether a property is there only because a modeler needs an end for its arrow."""
    return local(xml) == "property" and label(xml) == PLACEHOLDER
