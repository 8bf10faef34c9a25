"""How other tools map data of an activity or event: `camunda:inputOutput` and `zeebe:ioMapping`."""

from __future__ import annotations

import re

from lxml import etree

from engine.definitions import Assignment, DataFlow
from engine.feel import Expression
from engine.intake.drawing import Node
from engine.intake.parse import XmlElement
from engine.intake.reading import Reading
from engine.intake.variables import is_usable
from engine.intake.xml import extensions, namespace, text_of
from engine.texts import Text

CAMUNDA, ZEEBE = "http://camunda.org/schema/1.0/bpmn", "http://camunda.org/schema/zeebe/1.0"
MAPPINGS = frozenset({f"{{{CAMUNDA}}}inputOutput", f"{{{ZEEBE}}}ioMapping"})
_JUEL = re.compile(r"[$#]\{\s*([^{}]*?)\s*\}")
_PATH = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def read_mapping(node: Node, reading: Reading) -> DataFlow | None:
    """Read what another tool maps; what is wrong is noted."""
    found = [xml for xml in extensions(node.xml) if xml.tag in MAPPINGS]
    if not found:
        return None
    mapping = _Mapping(node, reading)
    is_zeebe = namespace(found[0]) == ZEEBE
    read = mapping.zeebe if is_zeebe else mapping.camunda
    inputs = tuple(made for xml in found[0] if _is(xml, "input", "inputParameter") and (made := read(xml)))
    outputs = tuple(made for xml in found[0] if _is(xml, "output", "outputParameter") and (made := read(xml)))
    if len(found) > 1:
        reason = Text("Its data are mapped twice.")
        reading.notes.error("data-twice", node, reason, Text("Keep one of the two."), line=found[1].sourceline or 0)
    return DataFlow(inputs=inputs, outputs=outputs, closed=is_zeebe and bool(outputs), in_turn=True)


def _is(xml: XmlElement, *names: str) -> bool:
    return isinstance(xml.tag, str) and etree.QName(xml).localname in names


class _Mapping:
    def __init__(self, node: Node, reading: Reading) -> None:
        self.node = node
        self.reading = reading

    def zeebe(self, xml: XmlElement) -> Assignment | None:
        """`<zeebe:input source="=order.id" target="order_id"/>`."""
        source = (xml.get("source") or "").strip()
        return self._made(xml, xml.get("target"), source[1:] if source.startswith("=") else _literal(source))

    def camunda(self, xml: XmlElement) -> Assignment | None:
        """`<camunda:inputParameter name="order_id">${order.id}</camunda:inputParameter>`."""
        inner = next((e for e in xml if isinstance(e.tag, str)), None)
        return self._made(xml, xml.get("name"), _of_text(text_of(xml)) if inner is None else self._structure(inner))

    def _made(self, xml: XmlElement, name: str | None, feel: str | None) -> Assignment | None:
        head, *path = (part.strip() for part in (name or "").split("."))
        if not is_usable(head) or not all(map(is_usable, path)):
            reason = Text("“{name}” can't be the name of a variable.", name=(name or "")[:60])
            remedy = Text("Use letters, digits and underscores.")
            self.reading.notes.error("data-target", self.node, reason, remedy, line=xml.sourceline or 0)
            return None
        value = self._read(xml, head, feel) if feel is not None else None
        return Assignment(head, value, tuple(path)) if value is not None else None

    def _read(self, xml: XmlElement, name: str, feel: str) -> Expression | None:
        what = Text("The value of “{name}”", name=name)
        return self.reading.expressions.read(feel or "null", self.node, what, line=xml.sourceline or 0)

    def _structure(self, xml: XmlElement) -> str | None:
        """A list or map of texts as FEEL; a script is refused."""
        if _is(xml, "list"):
            return "[" + ", ".join(_of_text(text_of(e)) for e in xml if isinstance(e.tag, str)) + "]"
        if _is(xml, "map"):
            entries = (e for e in xml if isinstance(e.tag, str))
            return "{" + ", ".join(f"{_literal(e.get('key') or '')}: {_of_text(text_of(e))}" for e in entries) + "}"
        reason = Text("A value is given by “{kind}”, which is not run here.", kind=etree.QName(xml).localname[:60])
        remedy = Text("Write the value in FEEL, with a leading =.")
        self.reading.notes.error("data-script", self.node, reason, remedy, line=xml.sourceline or 0)
        return None


def _of_text(text: str) -> str:
    """What a parameter's text stands for, as FEEL: an expression after `=`, `${…}`, or the text itself."""
    if text.startswith("="):
        return text[1:]
    whole = _JUEL.fullmatch(text)
    if whole is not None:
        return whole[1] if _PATH.fullmatch(whole[1]) else text  # the reader says what to write instead
    parts = _JUEL.split(text)
    if len(parts) == 1:
        return _literal(text)
    if not all(_PATH.fullmatch(name) for name in parts[1::2]):
        return f"${{{text}}}"
    pieces = [f"string({part})" if n % 2 else _literal(part) for n, part in enumerate(parts) if n % 2 or part]
    return " + ".join(pieces)


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
