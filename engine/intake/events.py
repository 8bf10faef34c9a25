"""What an event definition says: message, signal, error, escalation, condition, timer."""

from __future__ import annotations

from typing import Any

from lxml import etree

from engine.feel import Expression
from engine.intake.drawing import Node
from engine.intake.parse import XmlElement
from engine.intake.reading import Reading
from engine.intake.vocabulary import EVENT_KINDS
from engine.intake.xml import bare, child, label, local, properties, text_of
from engine.texts import Text

CAUGHT = frozenset({"errorCodeVariable", "errorMessageVariable", "escalationCodeVariable"})
_TIMERS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}


def read_event(node: Node, definition: XmlElement | None, reading: Reading) -> dict[str, Any]:
    """Read one event definition of a node into the fields of its Element; what is wrong is noted."""
    if definition is None:
        return {"event": None, "message": _name(node.xml.get("messageRef"), reading.process.drawing.messages)}
    kind, drawing = EVENT_KINDS.get(local(definition)), reading.process.drawing
    ref = bare(node.xml.get("messageRef")) or definition.get("messageRef")  # a send or receive task's own comes first
    return {
        "event": kind,
        "message": _name(ref, drawing.messages),
        "error_code": _code(definition.get("errorRef"), "errorCode", drawing.errors),
        "escalation_code": _code(definition.get("escalationRef"), "escalationCode", drawing.escalations),
        **_caught(definition, kind),
        "signal": _name(definition.get("signalRef"), drawing.signals),
        "condition": _condition(node, definition, reading) if kind == "conditional" else None,
        "timer": _timer(node, definition, reading) if kind == "timer" else None,
    }


def _name(ref: str | None, known: dict[str, XmlElement]) -> str | None:
    found = known.get(bare(ref))
    return (label(found) or None) if found is not None else None


def _code(ref: str | None, attribute: str, known: dict[str, XmlElement]) -> str | None:
    """The code of an error or escalation; one without is known by its reference."""
    found = known.get(bare(ref))
    return (found.get(attribute) or "").strip() or bare(ref) if found is not None else None


def _caught(definition: XmlElement, kind: str | None) -> dict[str, str | None]:
    """The variables that take what is caught, as Camunda and its kin name them."""
    given = {etree.QName(name).localname: text.strip() for name, text in definition.attrib.items() if name[0] == "{"}
    if kind not in ("error", "escalation"):
        return {}
    fields = {f"{kind}CodeVariable": "code_variable", f"{kind}MessageVariable": "message_variable"}
    return {field: given.get(attribute) or None for attribute, field in fields.items()}


def _condition(node: Node, definition: XmlElement, reading: Reading) -> Expression | None:
    """What a conditional event waits to become true."""
    xml = child(definition, "condition")
    if xml is None:
        return None
    line = xml.sourceline or node.line
    language = reading.process.drawing.language(xml)
    return reading.expressions.read(text_of(xml), node, Text("The condition"), line=line, language=language)


def _timer(node: Node, definition: XmlElement, reading: Reading) -> tuple[str, Expression] | None:
    expressions = reading.expressions
    for tag, kind in _TIMERS.items():
        xml = child(definition, tag)
        if xml is None or not text_of(xml):
            continue
        line = xml.sourceline or node.line
        language = xml.get("language") or reading.process.drawing.expression_language
        if expressions.is_foreign(language, node, line, text=text_of(xml)):
            return None
        if kind == "cycle":
            zone = properties(node.xml).get("time_zone") or properties(reading.process.scope.xml).get("time_zone", "")
            expression = expressions.cycle(text_of(xml), node, Text("The timer"), line=line, zone=zone)
        else:
            expression = expressions.time(text_of(xml), node, Text("The timer"), line=line)
        return (kind, expression) if expression is not None else None
    return None
