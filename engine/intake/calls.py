"""What a call activity calls: a process by its key, in our words, the standard's, Camunda's, Flowable's or Zeebe's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

from engine.definitions import AT_PUBLISHING, LATEST, Call, Passing
from engine.feel import Expression
from engine.intake.loops import is_name, plain, whole_number
from engine.intake.parse import XmlElement
from engine.intake.vocabulary import BPMN, SPIFF
from engine.intake.xml import bare, extensions, namespace
from engine.texts import Text

if TYPE_CHECKING:
    from engine.intake.drawing import Node
    from engine.intake.reading import Reading

# What other tools say about a call that is read here, by its name without namespace.
BINDING, NUMBER = "calledElementBinding", "calledElementVersion"
FOREIGN_ATTRIBUTES = frozenset({BINDING, NUMBER})
FOREIGN_ELEMENTS = frozenset({"in", "out", "calledElement"})
REFUSED_ATTRIBUTES = frozenset(
    {"caseRef", "caseBinding", "caseVersion", "calledElementVersionTag", "variableMappingClass"}
    | {"variableMappingDelegateExpression", "calledElementTenantId"}
)
_CALLERS_KEY = re.compile(r"[$#]\{\s*execution\.(?:processBusinessKey|businessKey|processInstanceBusinessKey)\s*\}")
_COMPUTED = re.compile(r"\s*(?:=|[$#]\{)")


@dataclass(frozen=True, slots=True)
class Mapped:
    """One value that crosses the border of a call, as another tool wrote it. `target` "" and `*`: the whole."""

    inward: bool
    target: str
    source: str
    line: int


@dataclass(slots=True)
class Said:
    """All that is said about a call, as texts; the lint judges it, `read_call` compiles it."""

    processes: dict[str, None] = field(default_factory=dict)  # in order, each once
    version: str = LATEST
    business_key: str | None = None
    inputs: str | None = None
    outputs: str | None = None
    mapped: list[Mapped] = field(default_factory=list)
    everything_in: bool = True
    everything_out: bool = True


def said_of(node: Node, own: Mapping[str, str]) -> Said:
    """Gather what a call activity says; our own words come before other tools'."""
    said = Said()
    foreign = [xml for xml in extensions(node.xml) if namespace(xml) != SPIFF]
    zeebe = [xml for xml in foreign if etree.QName(xml).localname == "calledElement"]
    named = [own.get("calls"), node.xml.get("calledElement"), *(xml.get("processId") for xml in zeebe)]
    said.processes = dict.fromkeys(_key(text) for text in named if text and text.strip())
    said.version = own.get("version") or _binding(node.xml, zeebe)
    _read_values(said, foreign)
    for xml in zeebe:
        said.everything_in = (xml.get("propagateAllParentVariables") or "true") != "false"
        mapped = any(etree.QName(x).localname == "ioMapping" and _has_output(x) for x in foreign)  # they read it all
        said.everything_out = mapped or (xml.get("propagateAllChildVariables") or "true") != "false"
    said.business_key = own.get("business_key") or said.business_key
    for direction in ("inputs", "outputs"):
        if direction in own:
            setattr(said, direction, own[direction])
    return said


def is_computed(text: str) -> bool:
    """Whether a text is an expression where a key or number must stand."""
    return _COMPUTED.match(text) is not None


def read_call(node: Node, own: Mapping[str, str], reading: Reading) -> Call | None:
    """Read what a call activity calls; what is missing or wrong is left to the lint."""
    if node.kind != "callActivity":
        return None
    said = said_of(node, own)
    if not said.processes:
        return None
    expressions = reading.expressions

    def passing(text: str | None, what: Text, *, inward: bool, everything: bool) -> Passing:
        if text is not None:
            return Passing(context=expressions.read(text, node, what))
        values: dict[str, Expression] = {}
        for one in said.mapped:
            if one.inward is not inward:
                continue
            label = Text("The value for “{name}”", name=one.target)
            expression = expressions.read(one.source, node, label, line=one.line)
            if expression is not None:
                values[one.target] = expression
        return Passing(everything, None, values)

    return Call(
        process=next(iter(said.processes)),
        version=whole_number(said.version) or said.version,
        inputs=passing(said.inputs, Text("The inputs"), inward=True, everything=said.everything_in),
        outputs=passing(said.outputs, Text("The outputs"), inward=False, everything=said.everything_out),
        business_key=expressions.read(said.business_key, node, Text("The business key")),
    )


def _key(text: str) -> str:
    return text.strip() if is_computed(text) else bare(text)


def _binding(xml: XmlElement, zeebe: list[XmlElement]) -> str:
    kind, number = _foreign(xml, BINDING), _foreign(xml, NUMBER)
    for element in zeebe:
        kind = kind or (element.get("bindingType") or "").strip()
    if kind == "version":
        return number or kind
    return {"": LATEST, "latest": LATEST, "deployment": AT_PUBLISHING}.get(kind, kind)


def _foreign(xml: XmlElement, wanted: str) -> str:
    """An attribute of another tool, by its name without namespace."""
    for name, value in xml.attrib.items():
        qualified = etree.QName(name)
        if qualified.namespace not in (None, BPMN) and qualified.localname == wanted:
            return str(value).strip()
    return ""


def _read_values(said: Said, foreign: list[XmlElement]) -> None:
    """Camunda's and Flowable's `in` and `out`; Zeebe's mappings are data of any activity (`engine.intake.mappings`).

    Who writes `in` or `out` means that nothing else passes, either way.
    """
    wholes: set[bool] = set()
    written = False
    for xml in foreign:
        kind, line = etree.QName(xml).localname, xml.sourceline or 0
        if kind not in ("in", "out"):
            continue
        if kind == "in" and (key := xml.get("businessKey")):
            said.business_key = "business_key" if _CALLERS_KEY.fullmatch(key.strip()) else plain(key)
            continue
        written = True
        if xml.get("variables") == "all":
            wholes.add(kind == "in")
            continue
        source = plain(xml.get("sourceExpression") or xml.get("source"))
        said.mapped.append(Mapped(kind == "in", (xml.get("target") or "").strip(), source, line))
    if written:
        said.everything_in, said.everything_out = True in wholes, False in wholes


def _has_output(mapping: XmlElement) -> bool:
    return any(isinstance(part.tag, str) and etree.QName(part).localname == "output" for part in mapping)


def unusable(said: Said) -> Iterator[Mapped]:
    """The mapped values without a source, or with a target that no variable can be called by."""
    for one in said.mapped:
        if not one.source or not is_name(one.target):
            yield one
