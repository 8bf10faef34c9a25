"""Loop characteristics: how often an activity runs, read from the standard's elements, properties, and other tools'.

Camunda 7 and Flowable write `collection` and `elementVariable` at the marker, Zeebe a `loopCharacteristics` inside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from engine.definitions import MultiInstance, StandardLoop
from engine.feel import Expression
from engine.intake.drawing import Node, Process
from engine.intake.expressions import Expressions
from engine.intake.parse import XmlElement
from engine.intake.variables import data_names, is_name
from engine.intake.vocabulary import MULTI_INSTANCE, STANDARD_LOOP
from engine.intake.xml import bare, child, extensions, label, text_of, truth
from engine.texts import Text

FOREIGN = {"collection": "collection", "elementVariable": "element_variable"}
ZEEBE = {
    "inputCollection": "collection",
    "inputElement": "element_variable",
    "outputCollection": "output_collection",
    "outputElement": "output_element",
}
_JUEL_NAME = re.compile(r"[$#]\{\s*([A-Za-z_][\w.]*)\s*\}")


def marker(node: Node) -> XmlElement | None:
    """The multi-instance marker of an activity."""
    return child(node.xml, MULTI_INSTANCE)


def read_loop(
    node: Node, own: Mapping[str, str], process: Process, expressions: Expressions
) -> MultiInstance | StandardLoop | None:
    """Read how often an activity runs; what is missing or wrong is left to the lint."""
    xml = marker(node)
    if xml is None:
        return _standard_loop(node, expressions)
    said = settings(xml, own, process)

    def feel(name: str, what: Text) -> Expression | None:
        return expressions.read(plain(said.get(name)), node, what, line=xml.sourceline or 0)

    output = plain(said.get("output_element"))
    return MultiInstance(
        sequential=truth(xml, "isSequential", default=False),
        cardinality=feel("cardinality", Text("The number of runs")),
        collection=feel("collection", Text("The collection")),
        item=plain(said.get("element_variable")) or None,
        until=feel("until", Text("The completion condition")),
        output_collection=plain(said.get("output_collection")) or None,
        output=feel("output_element", Text("The output element")),
        output_name=output if is_name(output) else None,
    )


def loop_marker(node: Node) -> XmlElement | None:
    """The loop marker of an activity."""
    return child(node.xml, STANDARD_LOOP)


def _standard_loop(node: Node, expressions: Expressions) -> StandardLoop | None:
    xml = loop_marker(node)
    if xml is None:
        return None
    text, line = plain(text_of(child(xml, "loopCondition"))), xml.sourceline or 0
    condition = expressions.read(text, node, Text("The loop condition"), line=line)
    return StandardLoop(condition, truth(xml, "testBefore", default=False), whole_number(xml.get("loopMaximum")))


def whole_number(text: str | None) -> int | None:
    """A number above zero of at most six digits; None for anything else."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 and int(text) > 0 else None


def settings(xml: XmlElement, own: Mapping[str, str], process: Process) -> dict[str, str]:
    """What is said about the runs, by our property names; our own words come before other tools'."""
    found = {name: own[name] for name in ZEEBE.values() if name in own}
    for name, text in (*_standard(xml, process), *_foreign(xml)):
        if text:
            found.setdefault(name, text)
    return found


def _standard(xml: XmlElement, process: Process) -> list[tuple[str, str]]:
    return [
        ("cardinality", text_of(child(xml, "loopCardinality"))),
        ("until", text_of(child(xml, "completionCondition"))),
        ("collection", _data(child(xml, "loopDataInputRef"), process)),
        ("output_collection", _data(child(xml, "loopDataOutputRef"), process)),
        ("element_variable", _item(child(xml, "inputDataItem"))),
        ("output_element", _item(child(xml, "outputDataItem"))),
    ]


def _foreign(xml: XmlElement) -> list[tuple[str, str]]:
    found = []
    for attribute, text in xml.attrib.items():
        name = etree.QName(attribute)
        if name.namespace and name.localname in FOREIGN:
            found.append((FOREIGN[name.localname], text.strip()))
    for inner in extensions(xml):
        if etree.QName(inner).localname == "loopCharacteristics":
            found += [(ours, inner.get(theirs, "").strip()) for theirs, ours in ZEEBE.items()]
    return found


def _data(xml: XmlElement | None, process: Process) -> str:
    """The variable behind a reference: the name of the data it points to, else the text itself."""
    text = text_of(xml)
    return data_names(process).get(bare(text), text)


def _item(xml: XmlElement | None) -> str:
    return "" if xml is None else label(xml) or (xml.get("id") or "").strip()


def plain(text: str | None) -> str:
    """A text without FEEL's `=`; JUEL that is only a name, `${items}`, as this name."""
    text = (text or "").strip()
    if (name := _JUEL_NAME.fullmatch(text)) is not None:
        return name[1]
    return text[1:].strip() if text.startswith("=") else text
