"""Correlation as BPMN draws it (2.0.2, 8.4.2): properties in messages, keys of them, what a process says they are."""

from __future__ import annotations

import re

from engine.definitions import Correlation
from engine.feel import Expression
from engine.intake.drawing import Node
from engine.intake.parse import XmlElement
from engine.intake.reading import Reading
from engine.intake.xml import bare, child, children, extensions, label, local, text_of
from engine.texts import Text

_STEP = r"(?:[\w.\-]+:)?([^\W\d]\w*)"
_XPATH = re.compile(rf"/{{0,2}}{_STEP}(?:/{_STEP})*(?:/text\(\))?")


def read_correlations(reading: Reading) -> dict[str, Correlation]:
    """Read how the messages of a process find their case: message name → correlation. What is wrong is noted."""
    return _Correlations(reading).read()


def subscribed_key(node: Node, reading: Reading) -> str | None:
    """What Zeebe's `subscription` of a caught message says: `correlationKey="=order_id"`."""
    refs = [node.xml.get("messageRef"), *(d.get("messageRef") for d in node.definitions)]
    message = next((reading.process.drawing.messages.get(bare(ref)) for ref in refs if bare(ref)), None)
    if message is None or (node.kind == "startEvent" and node.scope.node is None):
        return None
    keys = (e.get("correlationKey") for e in extensions(message) if e.tag.endswith("}subscription"))
    return next((key for key in keys if key), None)


class _Correlations:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.root = reading.process.drawing.root
        self.messages = {identity: label(xml) for identity, xml in reading.process.drawing.messages.items()}

    def read(self) -> dict[str, Correlation]:
        used = {e.message for e in self.reading.elements.values() if e.message is not None}
        properties = self._properties(used)
        keys = self._keys(properties)
        bindings = self._bindings(set(keys))
        found: dict[str, Correlation] = {}
        for message in sorted(used & {name for paths in properties.values() for name in paths}):
            matching = [key for key, refs in keys.items() if all(message in properties.get(ref, {}) for ref in refs)]
            if len(matching) > 1:
                several = Text("The message “{name}” belongs to several correlation keys: which counts?", name=message)
                self._error("correlation-ambiguous", several, self.root)
                continue
            refs = keys[matching[0]] if matching else [ref for ref, paths in properties.items() if message in paths]
            key = matching[0] if matching else " ".join(sorted(refs))
            bound = bindings.get(key, {})
            said = tuple(bound[ref] for ref in refs if ref in bound)
            paths = tuple(properties[ref][message] for ref in refs)
            found[message] = Correlation(key, paths, said if len(said) == len(refs) else ())
        return found

    def _properties(self, used: set[str]) -> dict[str, dict[str, Expression]]:
        """Each property's path in each message that carries it and is used here."""
        found: dict[str, dict[str, Expression]] = {}
        for xml in children(self.root, "correlationProperty"):
            paths = found.setdefault((xml.get("id") or "").strip(), {})
            for retrieval in children(xml, "correlationPropertyRetrievalExpression"):
                reference = bare(retrieval.get("messageRef"))
                if reference not in self.messages:
                    reason = Text("It refers to the message “{id}”, which is not in the file.", id=reference[:80])
                    self._error("reference-dangling", reason, retrieval)
                elif (message := self.messages[reference]) in used:
                    path = self._feel(child(retrieval, "messagePath"), Text("The message path"), retrieval)
                    if path is not None:
                        paths[message] = path
        return found

    def _keys(self, properties: dict[str, dict[str, Expression]]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for xml in self.root.iter():
            if local(xml) != "correlationKey":
                continue
            refs = [bare(text_of(ref)) for ref in children(xml, "correlationPropertyRef")]
            unknown = [ref for ref in refs if ref not in properties]
            if unknown:
                reason = Text("The correlation key has no property “{id}” in this file.", id=unknown[0][:80])
                self._error("reference-dangling", reason, xml)
            elif not refs:
                reason, remedy = Text("The correlation key has no properties."), Text("Give it some, or remove it.")
                place, line = self.reading.process.scope, xml.sourceline or 0
                self.reading.notes.warning("definition-ignored", place, reason, remedy, line=line)
            else:
                found[(xml.get("id") or "").strip()] = refs
        return found

    def _bindings(self, keys: set[str]) -> dict[str, dict[str, Expression]]:
        found: dict[str, dict[str, Expression]] = {}
        for xml in children(self.reading.process.scope.xml, "correlationSubscription"):
            key = bare(xml.get("correlationKeyRef"))
            if key not in keys:
                reason = Text("It refers to the correlation key “{id}”, which is not in the file.", id=key[:80])
                self._error("reference-dangling", reason, xml)
            for binding in children(xml, "correlationPropertyBinding"):
                path = self._feel(child(binding, "dataPath"), Text("The data path"), binding)
                if path is not None:
                    found.setdefault(key, {})[bare(binding.get("correlationPropertyRef"))] = path
        return found

    def _feel(self, xml: XmlElement | None, what: Text, around: XmlElement) -> Expression | None:
        text, line = text_of(xml), around.sourceline or 0
        language = (xml.get("language") or "") if xml is not None else ""
        if text.startswith("/") or "xpath" in language.lower():
            if not _XPATH.fullmatch(text):
                reason = Text("{what} is a path that can't be read: {text}", what=what, text=text[:80])
                self._error("correlation-path", reason, around)
                return None
            text, language = ".".join(re.findall(_STEP, text.removesuffix("/text()"))), ""
        scope = self.reading.process.scope
        if not text:
            self._error("correlation-path", Text("{what} is empty.", what=what), around)
        if self.reading.expressions.is_foreign(language, scope, line):
            return None
        return self.reading.expressions.read(text, scope, what, line=line)

    def _error(self, rule: str, reason: Text, xml: XmlElement) -> None:
        remedy = Text("Correct it in the modeler, or say the key with the property correlation_key of the events.")
        self.reading.notes.error(rule, self.reading.process.scope, reason, remedy, line=xml.sourceline or 0)
