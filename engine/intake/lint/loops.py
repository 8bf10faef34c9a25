"""Rules about activities that run several times: what they say must be whole and unambiguous."""

from __future__ import annotations

from lxml import etree

from engine.intake.behaviour import COMPLEX
from engine.intake.drawing import Node
from engine.intake.loops import FOREIGN, loop_marker, marker, plain, settings, whole_number
from engine.intake.parse import XmlElement
from engine.intake.reading import Reading
from engine.intake.variables import RESERVED, is_name
from engine.intake.vocabulary import ATTRIBUTES, BPMN, LOOP_CONTENTS, SILENT
from engine.intake.xml import child, children, local, namespace, properties, text_of
from engine.texts import Text


def multi_instance(reading: Reading) -> None:
    """Multi-instance markers that are incomplete, contradictory or ask for what is not run."""
    for node in reading.process.nodes():
        xml = marker(node)
        if xml is None:
            continue
        if node.is_event_sub_process:
            reason = Text("An event sub-process can't be multi-instance: its event says how often it runs.")
            reading.notes.error(
                "loop-misplaced", node, reason, Text("Remove the three bars."), line=xml.sourceline or 0
            )
            continue
        _contents(xml, node, reading)
        said = settings(xml, properties(node.xml), reading.process)
        _number(said, xml, node, reading)
        _names(said, xml, node, reading)


def _number(said: dict[str, str], xml: XmlElement, node: Node, reading: Reading) -> None:
    line = xml.sourceline or 0
    if "cardinality" in said and "collection" in said:
        reason = Text("It says both how many times it runs and for which items.")
        reading.notes.error("loop-twice", node, reason, Text("Keep the collection or the number."), line=line)
    elif "cardinality" not in said and "collection" not in said:
        reason = Text("It is multi-instance, but doesn't say how often it runs.")
        remedy = Text("Give it the property collection (FEEL, a list) or a loop cardinality.")
        reading.notes.error("loop-undefined", node, reason, remedy, line=line)
    if "element_variable" in said and "collection" not in said:
        reason = Text("It names an item, but no collection that the items are taken from.")
        reading.notes.error("loop-undefined", node, reason, Text("Give it the property collection."), line=line)
    if ("output_collection" in said) is not ("output_element" in said):
        reason = Text("It says only half of what it gives back.")
        remedy = Text("Give both: output_collection, the list's name, and output_element, what each run adds to it.")
        reading.notes.error("loop-output", node, reason, remedy, line=line)


def _names(said: dict[str, str], xml: XmlElement, node: Node, reading: Reading) -> None:
    for setting in ("element_variable", "output_collection", "output_element"):
        name = plain(said.get(setting))
        if setting in said and name in RESERVED:
            reason = Text("“{name}” is a name that the runs have already.", name=name)
            remedy = Text("Choose another name.")
            reading.notes.error("loop-name", node, reason, remedy, line=xml.sourceline or 0)
        elif setting in said and setting != "output_element" and not is_name(name):
            reason = Text("“{name}” can't be the name of a variable.", name=said[setting][:60])
            remedy = Text("Use letters, digits and underscores.")
            reading.notes.error("loop-name", node, reason, remedy, line=xml.sourceline or 0)


def _contents(xml: XmlElement, node: Node, reading: Reading) -> None:
    for name in xml.attrib:
        if not name.startswith("{") and name not in ATTRIBUTES[local(xml)]:
            reason = Text("Its marker has “{name}”, which has no meaning there.", name=name[:60])
            reading.notes.error("attribute-unknown", node, reason, Text("Remove it."), line=xml.sourceline or 0)
    ignored = sorted(
        etree.QName(n).localname for n in xml.attrib if n.startswith("{") and etree.QName(n).localname not in FOREIGN
    )
    if ignored:
        reason = Text(
            "These attributes belong to another engine and are ignored: {names}", names=", ".join(ignored)[:200]
        )
        remedy = Text("Say it with the properties of this engine, or remove them.")
        reading.notes.warning("attribute-ignored", node, reason, remedy, line=xml.sourceline or 0)
    for flag in ("isSequential", "testBefore"):
        if (value := (xml.get(flag) or "false").strip()) not in ("true", "false", "1", "0"):
            reason = Text("“{name}” is “{value}”, neither true nor false.", name=flag, value=value[:40])
            reading.notes.error("attribute-value", node, reason, Text("Write true or false."), line=xml.sourceline or 0)
    known = LOOP_CONTENTS[local(xml)]
    for inner in xml:
        if not isinstance(inner.tag, str):
            continue
        kind = local(inner)
        twice = kind in known and kind != COMPLEX and len(children(xml, kind)) > 1
        if namespace(inner) != BPMN or kind not in known | SILENT or twice:
            reason = Text("Its marker contains “{kind}”, which is not run by this version.", kind=kind[:60])
            reading.notes.error("unsupported-element", node, reason, Text("Remove it."), line=inner.sourceline or 0)


def standard_loop(reading: Reading) -> None:
    """Loop markers that would never end, or say what can't be read."""
    for node in reading.process.nodes():
        xml = loop_marker(node)
        if xml is None:
            continue
        line, maximum = xml.sourceline or 0, xml.get("loopMaximum")
        _contents(xml, node, reading)
        if node.is_event_sub_process:
            reason = Text("An event sub-process can't be repeated by a marker: its event says how often it runs.")
            reading.notes.error("loop-misplaced", node, reason, Text("Remove the loop marker."), line=line)
        if marker(node) is not None:
            reason = Text("It is a loop and multi-instance at once.")
            reading.notes.error("loop-twice", node, reason, Text("Keep one of the two markers."), line=line)
        if maximum is not None and whole_number(maximum) is None:
            reason = Text("The loop maximum {value} is no whole number above zero.", value=maximum[:40])
            reading.notes.error("number-wrong", node, reason, Text("Write a number, for example 5."), line=line)
        elif maximum is None and not text_of(child(xml, "loopCondition")):
            reason = Text("Its loop marker has no condition and no maximum: it would never end.")
            remedy = Text("Give it a loop condition (FEEL) or a loop maximum.")
            reading.notes.error("loop-undefined", node, reason, remedy, line=line)


RULES = (multi_instance, standard_loop)
