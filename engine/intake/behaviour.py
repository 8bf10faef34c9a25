"""Events that the runs of a multi-instance throw (BPMN 2.0.2, 10.3.8), read from its marker."""

from __future__ import annotations

from engine.definitions import ImplicitThrow
from engine.intake.drawing import Node
from engine.intake.events import read_event
from engine.intake.parse import XmlElement
from engine.intake.reading import Reading
from engine.intake.vocabulary import EVENT_KINDS
from engine.intake.xml import bare, child, children, local, text_of
from engine.texts import Text

BEHAVIORS = frozenset({"None", "One", "All", "Complex"})
COMPLEX = "complexBehaviorDefinition"
_SAID = {"signal": "signal", "escalation": "escalation_code", "error": "error_code"}


def read_throws(node: Node, marker: XmlElement, reading: Reading) -> tuple[ImplicitThrow, ...]:
    """Read what is thrown when a run is done; what is wrong is noted."""
    wanted, line = (marker.get("behavior") or "All").strip(), marker.sourceline or 0
    if wanted not in BEHAVIORS:
        reason = Text("“{name}” is “{value}”, which is none of its values.", name="behavior", value=wanted[:40])
        reading.notes.error("attribute-value", node, reason, Text("Write None, One, All or Complex."), line=line)
    if wanted in ("None", "One"):
        attribute = f"{wanted.lower()}BehaviorEventRef"
        definition = _definition(marker.get(attribute), reading)
        if definition is None:
            reason = Text("Its runs are to throw an event, but {attribute} names none.", attribute=attribute)
            remedy = Text("Define the event in the file and refer to it, or use behavior All.")
            reading.notes.error("loop-behavior", node, reason, remedy, line=line)
            return ()
        thrown = _throw(node, definition, reading)
        return () if thrown is None else (ImplicitThrow(*thrown, once=wanted == "One"),)
    if wanted != "Complex":
        return ()
    found = [_complex(node, xml, reading) for xml in children(marker, COMPLEX)]
    if not found:
        reason = Text("Its behavior is complex, but no condition with an event says which.")
        reading.notes.error("loop-behavior", node, reason, Text("Define one, or use behavior All."), line=line)
    return tuple(thrown for thrown in found if thrown is not None)


def _definition(reference: str | None, reading: Reading) -> XmlElement | None:
    """The event definition of this id, wherever in the file it stands."""
    wanted = bare(reference)
    everything = reading.process.drawing.root.iter() if wanted else ()
    return next((xml for xml in everything if local(xml) in EVENT_KINDS and xml.get("id") == wanted), None)


def _complex(node: Node, xml: XmlElement, reading: Reading) -> ImplicitThrow | None:
    event, condition = child(xml, "event"), child(xml, "condition")
    definition = next((e for e in event if local(e) in EVENT_KINDS), None) if event is not None else None
    line = xml.sourceline or 0
    if definition is None or not text_of(condition):
        reason = Text("A complex behavior needs a condition and an event.")
        remedy = Text("Give it both, or remove it.")
        reading.notes.error("loop-behavior", node, reason, remedy, line=line)
        return None
    assert condition is not None
    language = condition.get("language") or reading.process.drawing.expression_language
    if reading.expressions.is_foreign(language, node, line):
        return None
    read = reading.expressions.read(text_of(condition), node, Text("The condition of a behavior"), line=line)
    thrown = _throw(node, definition, reading)
    return ImplicitThrow(*thrown, condition=read) if thrown is not None and read is not None else None


def _throw(node: Node, definition: XmlElement, reading: Reading) -> tuple[str, str] | None:
    """The kind of the event, and its name or code."""
    read = read_event(node, definition, reading)
    kind = read["event"]
    name = read.get(_SAID.get(kind, ""))
    if name:
        return kind, name
    reason = Text("Its runs can't throw this event: {event}.", event=kind)
    remedy = Text("Use a signal with a name, or an escalation or error with a code.")
    reading.notes.error("loop-behavior", node, reason, remedy, line=definition.sourceline or 0)
    return None
