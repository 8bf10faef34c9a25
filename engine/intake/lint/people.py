"""Rules about human work and the record: who, by when, with which form, kept where; and the properties that say so."""

from __future__ import annotations

from collections import Counter

from engine.intake.drawing import Node, Scope, lanes
from engine.intake.expressions import MAX_LENGTH
from engine.intake.loops import marker
from engine.intake.notes import Notes, Place, near
from engine.intake.parse import XmlElement
from engine.intake.reading import Reading
from engine.intake.vocabulary import ANY_PROPERTIES, BPMN, LOOP_PROPERTIES, PEOPLE, PROCESS_PROPERTIES, PROPERTIES
from engine.intake.xml import bare, children, label, properties, written_properties
from engine.texts import Text


def forms(reading: Reading) -> None:
    """A form that is named exists; a user task has one."""
    known = reading.library.forms
    for node in reading.process.nodes():
        name = reading.element(node).form
        if name is not None and name in reading.library.broken:
            continue  # the form's own findings say why it can't be used
        if name is not None and name not in known:
            reason = Text("No form has the id “{name}”.", name=name[:80])
            reading.notes.error("form-unknown", node, reason, near(name, list(known)))
        elif name is None and node.kind == "userTask":
            reading.notes.warning(
                "form-missing",
                node,
                Text("The user task has no form: whoever does it can only say that it is done."),
                Text("Give it the property form."),
            )


def roles(reading: Reading) -> None:
    """It is drawn who does a human task; BPMN doesn't ask for it, and then it is the process owner's."""
    for node in reading.process.nodes():
        element = reading.element(node)
        is_assigned = element.assignee is not None and isinstance(element.assignee.constant, str)
        is_drawn = node.lane is not None or "role" in element.properties
        if node.kind in PEOPLE and not is_drawn and not is_assigned:
            reading.notes.warning(
                "role-missing",
                node,
                Text("It is in no lane and has no role: only role {role} may do it.", role=element.role or ""),
                Text("Put it into a lane, or give it the property role."),
            )


def lanes_of_people(reading: Reading) -> None:
    """A human task or start is in one lane: who may do it must not depend on which is read last."""
    for scope in reading.process.scopes():
        listed: dict[str, list[str]] = {}
        for lane in lanes(scope.xml):
            for identity in {bare(ref.text) for ref in children(lane, "flowNodeRef")}:
                if not any(_within(inner, identity) for inner in _lanes_inside(lane)):
                    listed.setdefault(identity, []).append(label(lane) or lane.get("id") or "")
        for node in scope.nodes:
            found = listed.get(node.id, [])
            if len(found) > 1 and node.kind in PEOPLE | {"startEvent"} and "role" not in properties(node.xml):
                reading.notes.error(
                    "lane-twice",
                    node,
                    Text("It is in several lanes: {lanes}. Who may do it?", lanes=", ".join(found)),
                    Text("Move it in the modeler so that it lies in one lane, or give it the property role."),
                )


def _lanes_inside(lane: XmlElement) -> list[XmlElement]:
    return [inner for part in children(lane, "childLaneSet") for inner in children(part, "lane")]


def _within(lane: XmlElement, node: str) -> bool:
    return any(bare(ref.text) == node for ref in lane.iter(f"{{{BPMN}}}flowNodeRef"))


def dues(reading: Reading) -> None:
    """Every user task should be done by some time."""
    for node in reading.process.nodes():
        if node.kind == "userTask" and "due" not in reading.element(node).properties:
            reading.notes.warning(
                "due-missing",
                node,
                Text("The user task has no due time: it will never be overdue."),
                Text("Give it the property due, for example PT4H."),
            )


def separations(reading: Reading) -> None:
    """Separation of duties names other human tasks of the process."""
    people = {n.id for n in reading.process.nodes() if n.kind in PEOPLE}
    for node in reading.process.nodes():
        for separation in reading.element(node).separations:
            for other in separation.elements:
                if other not in people or other == node.id:
                    reading.notes.error(
                        "separation-unknown",
                        node,
                        Text(
                            "{rule} names “{id}”, which is no other human task here.",
                            rule=separation.rule,
                            id=other[:80],
                        ),
                        near(other, sorted(people - {node.id})),
                    )


def records(reading: Reading) -> None:
    """A record's state can change only where there is a record."""
    if reading.register is not None:
        return
    for node in reading.process.nodes():
        if reading.element(node).record_state is not None:
            reading.notes.error(
                "register-missing",
                node,
                Text("It changes the record's state, but the process keeps no record."),
                Text("Give the process the property register."),
            )


def known_properties(reading: Reading) -> None:
    """Properties that nothing reads are most likely misspelt or misplaced."""
    _properties(reading.process.scope.xml, reading.process.scope, PROCESS_PROPERTIES, reading.notes)
    for scope in reading.process.scopes():
        for lane in lanes(scope.xml):
            _properties(lane, _Lane(lane.get("id") or "", scope), PROPERTIES["lane"], reading.notes)
    for node in reading.process.nodes():
        known = ANY_PROPERTIES | PROPERTIES.get(node.kind, frozenset())
        _properties(node.xml, node, known | LOOP_PROPERTIES if marker(node) is not None else known, reading.notes)


class _Lane:
    def __init__(self, identity: str, scope: Scope) -> None:
        self.id, self.name, self.line = identity, "", scope.line


def _properties(xml: object, place: Place | Node, known: frozenset[str], notes: Notes) -> None:
    counts = Counter(name for name, _ in written_properties(xml))
    for name in sorted(name for name, count in counts.items() if count > 1):
        reason = Text("The property “{name}” is given twice.", name=name[:60])
        notes.error("property-twice", place, reason, Text("Keep one of the two."))
    everywhere = ANY_PROPERTIES.union(PROCESS_PROPERTIES, LOOP_PROPERTIES, *PROPERTIES.values())
    for name, value in properties(xml).items():
        if len(value) > MAX_LENGTH:
            notes.error(
                "property-too-long",
                place,
                Text("The property “{name}” is longer than {limit} characters.", name=name[:60], limit=MAX_LENGTH),
                Text("Put long texts into the documentation, logic into a decision or a handler."),
            )
        if name in known:
            continue
        if name in everywhere:
            reason = Text("The property “{name}” has no meaning here and is ignored.", name=name)
            notes.warning("property-misplaced", place, reason, Text("Remove it, or put it where it belongs."))
        else:
            reason = Text("The property “{name}” is not known and is ignored.", name=name[:60])
            notes.warning("property-unknown", place, reason, near(name, sorted(known)))


RULES = (forms, roles, lanes_of_people, dues, separations, records, known_properties)
