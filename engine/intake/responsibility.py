"""Who does a task, in the standard's own words (BPMN 2.0.2, 8.4.9 and 10.3.4): resource roles.

A performer is a person, potential owners are those who may take the task. The standard leaves the expressions open;
`user(kermit), group(managers)` is what Activiti, Flowable and Camunda read, and a bare word is a group to them, a user
to jBPM.
"""

from __future__ import annotations

import re

from engine.intake.dialects import NAMES_GROUPS, NAMES_USERS
from engine.intake.drawing import Node, Scope
from engine.intake.juel import is_juel
from engine.intake.notes import Notes
from engine.intake.parse import XmlElement
from engine.intake.vocabulary import BPMN, PEOPLE
from engine.intake.xml import bare, child, children, give, local, properties, text_of
from engine.texts import Text

RESPONSIBLE = frozenset({"resourceRole", "performer", "humanPerformer", "potentialOwner"})
_PERSONS = frozenset({"performer", "humanPerformer"})
_GRANT = re.compile(r"(?:(user|group)\s*\(\s*([^(),]+?)\s*\)|([\w.\-]+))\s*(?:,\s*|$)")


def adopt_roles(place: Node | Scope, notes: Notes, root: XmlElement) -> None:
    """Turn an element's resource roles into the properties role and assignee; note those that can't be."""
    drawn = [xml for xml in place.xml if local(xml) in RESPONSIBLE]
    if not drawn:
        return
    granted: list[tuple[str, str]] = []
    clear = True
    human = isinstance(place, Node) and place.kind in PEOPLE
    for xml in drawn:
        if human and local(xml) != "resourceRole":
            found = _granted(xml, root)
            clear = clear and found is not None
            granted += found or []
        else:
            notes.warning(
                "responsibility-ignored",
                place,
                Text("Responsibility drawn as {kind} is documentation here.", kind=local(xml)),
                Text("Nothing to do, if it is meant so. Who does a task is said on the task or by its lane."),
                line=xml.sourceline or 0,
            )
        place.xml.remove(xml)
    if granted or not clear:
        _give(place, granted if clear else [], drawn[0], notes)


def _give(place: Node | Scope, granted: list[tuple[str, str]], drawn: XmlElement, notes: Notes) -> None:
    own = properties(place.xml)
    if "role" in own or "assignee" in own:
        return
    found: dict[str, set[str]] = {}
    for name, value in granted:
        found.setdefault(name, set()).add(value)
    if not found or any(len(values) > 1 for values in found.values()):
        reason = Text("Responsibility drawn as {kind} can't be read as one role or one person.", kind=local(drawn))
        remedy = Text("Put the task into a lane, or give it the property role or assignee.")
        notes.error("responsibility-unclear", place, reason, remedy, line=drawn.sourceline or 0)
        return
    for name, values in found.items():
        give(place.xml, name, values.pop())


def _granted(xml: XmlElement, root: XmlElement) -> list[tuple[str, str]] | None:
    """Properties and their values; None when they can't be known."""
    if (ref := child(xml, "resourceRef")) is not None:
        if children(xml, "resourceParameterBinding"):
            return None  # a query
        return [("role", _resource(bare(ref.text), root))]
    expression = next(xml.iter(f"{{{BPMN}}}formalExpression", f"{{{BPMN}}}expression"), None)
    text = text_of(expression)
    if expression is None or not text:
        return []
    if is_juel(text) or text.startswith("=") or "feel" in (expression.get("language") or "").lower():
        return [("assignee", text)] if local(xml) in _PERSONS else None
    return _words(text, root, person=local(xml) in _PERSONS)


def _words(text: str, root: XmlElement, *, person: bool) -> list[tuple[str, str]] | None:
    if _GRANT.sub("", text).strip():
        return None
    granted: list[tuple[str, str]] = []
    spoken = set(root.nsmap.values())
    for kind, name, word in _GRANT.findall(text):
        if word and not spoken & (NAMES_GROUPS | NAMES_USERS):
            return None
        is_user = kind == "user" or (word and (person or not spoken & NAMES_GROUPS))
        granted.append(("assignee", f'"{name or word}"') if is_user else ("role", name or word))
    return granted


def _resource(identity: str, root: XmlElement) -> str:
    """The role that a resource of the file stands for: its own property role, else its id, as with lanes."""
    for xml in root.iterchildren(f"{{{BPMN}}}resource"):
        if xml.get("id") == identity:
            return properties(xml).get("role", identity)
    return identity
