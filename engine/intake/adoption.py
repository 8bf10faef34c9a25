"""Say in our own words what a process says in those of other engines, before it is read.

Works on the parsed tree, which is ours alone: the owner's bytes stay as they are. What was written in our words wins.
What is adopted or refused is taken out of the tree, so that nobody reports it again; everything else stays in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from lxml import etree

from engine.feel import FeelSyntaxError, compile_expression
from engine.intake import dialects
from engine.intake.dialects import ATTRIBUTES, CAMUNDA_FAMILY, CODE, ELEMENTS, REFUSED, SELF_EVIDENT, Meaning, Writing
from engine.intake.drawing import Edge, Node, Process, Scope
from engine.intake.juel import has_juel
from engine.intake.notes import Notes
from engine.intake.parse import XmlElement
from engine.intake.people import words
from engine.intake.responsibility import adopt_roles
from engine.intake.vocabulary import (
    ANY_PROPERTIES,
    BPMN,
    LOOP_PROPERTIES,
    PEOPLE,
    PROCESS_PROPERTIES,
    PROPERTIES,
)
from engine.intake.xml import extensions, give, namespace, properties
from engine.texts import Text

_OURS = ANY_PROPERTIES.union(PROCESS_PROPERTIES, LOOP_PROPERTIES, *PROPERTIES.values())
_CYCLE = re.compile(r"R(\d+)(?:/.*)?")
_FORM_FILE = re.compile(r"\.(?:form|html?|json|xhtml)$", re.IGNORECASE)


def adopt(process: Process, notes: Notes) -> None:
    """Rewrite a process; note what is refused and what is not done."""
    _Adoption(process, process.scope, "process", notes).run()
    for node in process.nodes():
        _Adoption(process, node, node.kind, notes).run()
        adopt_roles(node, notes, process.drawing.root)
    for edge in process.edges():
        _Adoption(process, edge, "sequenceFlow", notes).run()
    for scope in process.scopes():
        if scope.node is None:
            adopt_roles(scope, notes, process.drawing.root)


class _Adoption:
    """One element."""

    def __init__(self, process: Process, place: Node | Edge | Scope, kind: str, notes: Notes) -> None:
        self.process = process
        self.place = place
        self.kind = kind
        self.notes = notes
        self.xml = place.xml
        self.said: dict[str, str] = {}  # what Camunda's attributes say here
        for name, value in self.xml.attrib.items():
            qualified = etree.QName(name)
            if qualified.namespace in CAMUNDA_FAMILY and value.strip():
                self.said.setdefault(qualified.localname, value.strip())

    def run(self) -> None:
        inside = [x for x in extensions(self.xml) if namespace(x) in CAMUNDA_FAMILY | {dialects.ZEEBE, dialects.DROOLS}]
        if not self.said and not inside:
            return
        self._people(inside)
        self._work(inside)
        for name, meaning in ATTRIBUTES.items():
            if name in self.said and self.kind in meaning.kinds:
                self._means(meaning, self.said[name], name)
                self._take(name)
        for name in REFUSED:
            if self.said.get(name, "false").lower() != "false":
                self._refuse("unsupported-extension", *REFUSED[name])
                self._take(name)
        self._decision_result()
        for xml in inside:
            self._element(xml)

    # --- attributes and elements --------------------------------------------------------------------------------

    def _element(self, xml: XmlElement) -> None:
        name = etree.QName(xml).localname
        if name in dialects.LISTENERS:
            self._listener(xml, name)
        elif name in REFUSED:
            if self.place.id not in self.process.refused:
                self._refuse("unsupported-extension", *REFUSED[name], line=xml.sourceline or 0)
            _remove(xml)
        elif name == "properties":
            self._properties(xml)
        elif name == "failedJobRetryTimeCycle" and self.kind == "serviceTask":
            self._retries(xml)
        elif name in ("formData", "formProperty", "userTaskForm"):
            self._embedded_form(xml)
        elif namespace(xml) == dialects.ZEEBE:
            self._zeebe(xml, name)

    def _zeebe(self, xml: XmlElement, name: str) -> None:
        read = False
        for attribute, meaning in ELEMENTS.get(name, {}).items():
            value = (xml.get(attribute) or "").strip()
            if self.kind in meaning.kinds:
                read = True
                if value:
                    self._means(meaning, value, f"{name} {attribute}")
        if name == "script" and read:
            self._script(xml)
        left = {a for a, v in xml.attrib.items() if v.strip()} - set(ELEMENTS.get(name, {}))
        if (read or name == "userTask") and not len(xml) and left <= SELF_EVIDENT.get(name, frozenset()):
            _remove(xml)

    def _means(self, meaning: Meaning, value: str, name: str) -> None:
        if meaning.property in properties(self.xml):
            return
        dynamic = has_juel(value) or value.startswith("=")
        if meaning.writing is Writing.TEXT and not dynamic:
            value = _literal(value)
        elif meaning.writing in (Writing.NAME, Writing.FORM) and dynamic:
            reason = Text("“{name}” is worked out at run time: {text}", name=name, text=value[:80])
            self._refuse("name-dynamic", reason, Text("Write the name itself."))
            return
        elif meaning.writing is Writing.FORM:
            value = _form(value)
        give(self.xml, meaning.property, value)

    def _properties(self, xml: XmlElement) -> None:
        """Our own words, written where Camunda's modelers have a place for any."""
        for prop in list(xml):
            name, value = (prop.get("name") or "").strip(), (prop.get("value") or "").strip()
            if name in _OURS:
                if value and name not in properties(self.xml):
                    give(self.xml, name, value)
                xml.remove(prop)
        if not len(xml):
            _remove(xml)

    def _listener(self, xml: XmlElement, name: str) -> None:
        for listener in [x for x in xml if isinstance(x.tag, str)] if name.endswith("Listeners") else [xml]:
            what = next((listener.get(a) for a in (*CODE, "retries") if listener.get(a)), "") or "script"
            event = listener.get("event") or listener.get("eventType") or name
            self.notes.warning(
                "listener-not-run",
                self.place,
                Text("A listener of another engine is not run: {what} ({event}).", what=what[:80], event=event),
                Text("If it matters, draw it as a service task and write a handler; else remove the listener."),
                line=listener.sourceline or 0,
            )
        _remove(xml)

    def _embedded_form(self, xml: XmlElement) -> None:
        self.notes.warning(
            "form-embedded",
            self.place,
            Text("The form inside the diagram is not read."),
            Text("Draw it as a form file and name its id in the property form."),
            line=xml.sourceline or 0,
        )
        _remove(xml)

    def _retries(self, xml: XmlElement) -> None:
        text = "".join(xml.itertext()).strip()
        found = _CYCLE.fullmatch(text)
        times = found[1] if found else str(len(words(text)) + 1) if text.startswith("PT") or "," in text else ""
        if not times:
            reason = Text("“{name}” can't be read: {text}", name="failedJobRetryTimeCycle", text=text[:80])
            self._refuse("name-dynamic", reason, Text("Give it the property retries, a whole number."))
        elif "retries" not in properties(self.xml):
            give(self.xml, "retries", times)
        _remove(xml)

    # --- who -----------------------------------------------------------------------------------------------------

    def _people(self, inside: Iterable[XmlElement]) -> None:
        """Candidates: one group is a role, one user alone an assignee; anything else can't be said here."""
        if self.kind not in PEOPLE:
            return
        given: Mapping[str, str] = self.said
        for xml in inside:
            if etree.QName(xml).localname == "assignmentDefinition":
                given = {**given, **{k: v.strip() for k, v in xml.attrib.items() if v.strip()}}
        groups, users = given.get("candidateGroups", ""), given.get("candidateUsers", "")
        self._take("candidateGroups")
        self._take("candidateUsers")
        own = properties(self.xml)
        if "role" in own or not (groups or users):
            return
        group, user = _only(groups), _only(users)
        if group and (not users or "assignee" in given):
            give(self.xml, "role", group)
        elif user and not groups:
            if "assignee" not in given and "assignee" not in own:
                give(self.xml, "assignee", _literal(user))
        elif not ("assignee" in given and not groups):
            reason = Text("Its candidates can't be read as one role: {text}", text=f"{groups} {users}".strip()[:80])
            remedy = Text("Give it the property role: a role that all of them hold.")
            self._refuse("candidates-several", reason, remedy)

    # --- what ----------------------------------------------------------------------------------------------------

    def _work(self, inside: list[XmlElement]) -> None:
        """The job type is a handler's name; Java behind a service task is refused."""
        job = next((x for x in inside if etree.QName(x).localname == "taskDefinition"), None)
        topic = self.said.get("topic") if self.said.get("type", "external") == "external" else None
        name = topic or ((job.get("type") or "").strip() if job is not None else "")
        if self.kind in ("scriptTask", "businessRuleTask") and (name or "type" in self.said):
            reason = Text("It is carried out by a worker of another engine, as a job of the type “{name}”.", name=name)
            self._refuse("unsupported-extension", reason, Text("Draw a service task, and name a handler."))
            for attribute in ("type", "topic"):
                self._take(attribute)
            if job is not None:
                _remove(job)
        if self.kind != "serviceTask":
            return
        own = (self.xml.get("implementation") or "").strip()
        if own and not own.startswith("##"):
            return
        if name and not has_juel(name) and not name.startswith("="):
            self.xml.set("implementation", name)
            self._take("type")
            self._take("topic")
        else:
            self._code(name, inside)

    def _code(self, name: str, inside: Iterable[XmlElement]) -> None:
        kind = "topic" if name else next((k for k in CODE if k in self.said), "")
        connected = any(etree.QName(x).localname == "connector" for x in inside)
        if not kind and not connected:
            return
        self.process.refused.add(self.place.id)
        if connected:
            self._refuse("handler-missing", *REFUSED["connector"])
        else:
            what = name or self.said[kind]
            reason = Text("Its work is code of another engine ({kind}): {text}", kind=kind, text=what[:80])
            remedy = Text("Write a handler that does it, and name it as implementation.")
            self._refuse("handler-missing", reason, remedy)
        for attribute in (*CODE, "topic"):
            self._take(attribute)

    def _decision_result(self) -> None:
        """Camunda 7 makes a list of rows of any result, unless told otherwise."""
        if self.kind != "businessRuleTask" or "decisionRef" not in self.said:
            return
        if self.said.get("mapDecisionResult", "resultList") == "resultList" and "resultVariable" in self.said:
            self.notes.warning(
                "decision-result",
                self.place,
                Text("Another engine makes a list of rows of the decision's result; here it is the result itself."),
                Text("Read {name} without an index, and say mapDecisionResult.", name=self.said["resultVariable"][:60]),
            )
        self._take("mapDecisionResult")

    def _script(self, xml: XmlElement) -> None:
        """Zeebe's scripts are FEEL in an attribute."""
        script = etree.SubElement(self.xml, f"{{{BPMN}}}script")
        script.text, script.sourceline = xml.get("expression"), xml.sourceline
        self.xml.set("scriptFormat", "feel")

    # --- the tree ------------------------------------------------------------------------------------------------

    def _take(self, attribute: str) -> None:
        for uri in CAMUNDA_FAMILY:
            self.xml.attrib.pop(f"{{{uri}}}{attribute}", None)

    def _refuse(self, rule: str, reason: Text, remedy: Text, *, line: int = 0) -> None:
        self.notes.error(rule, self.place, reason, remedy, line=line)


def _remove(xml: XmlElement) -> None:
    xml.getparent().remove(xml)


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _form(key: str) -> str:
    """The id in a form's key: the last part of where it is kept, without the file's ending."""
    return _FORM_FILE.sub("", re.split(r"[:/]", key)[-1])


def _only(text: str) -> str:
    """The one name in a list of names, written out or as FEEL; "" when there are several, or it can't be known."""
    if text.startswith("="):
        try:
            value = compile_expression(text[1:]).evaluate({})
        except FeelSyntaxError:
            return ""
        names = value if isinstance(value, list) else [value]
        return names[0] if len(names) == 1 and isinstance(names[0], str) else ""
    found = words(text)
    return found[0] if len(found) == 1 and not has_juel(text) else ""
