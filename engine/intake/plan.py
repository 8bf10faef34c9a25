"""The graph that becomes the normalised file: nodes, flows, scopes; and how it is written as XML."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from engine.intake.parse import XmlElement
from engine.intake.vocabulary import BPMN

TIMER_TAGS = {"date": "timeDate", "duration": "timeDuration", "cycle": "timeCycle"}


@dataclass(slots=True, eq=False)
class Step:
    """A node to be written. `event` is (kind, value): a name or code, (timer kind, FEEL)."""

    id: str
    kind: str
    name: str = ""
    event: tuple[str, str | None, str | None] | None = None
    more: tuple[tuple[str, str | None, str | None], ...] = ()  # further definitions of a multiple event
    parallel: bool = False
    message: str | None = None
    script: str | None = None
    default: str | None = None
    attached_to: str | None = None
    interrupting: bool = True
    is_aside: bool = False  # outside the flow: it is begun only to undo something
    inner: Body | None = None


@dataclass(slots=True, eq=False)
class Path:
    """A sequence flow to be written."""

    id: str
    source: str
    target: str
    condition: str | None = None


@dataclass(slots=True, eq=False)
class Body:
    """A scope to be written."""

    id: str
    steps: list[Step] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)

    def outgoing(self) -> dict[str, list[Path]]:
        """Flows by source, in order."""
        found: dict[str, list[Path]] = {step.id: [] for step in self.steps}
        for path in self.paths:
            found.setdefault(path.source, []).append(path)
        return found

    def first(self) -> list[Step]:
        """The steps that nothing leads to."""
        targets = {path.target for path in self.paths}
        return [s for s in self.steps if s.id not in targets and s.kind != "boundaryEvent" and not s.is_aside]


def write(body: Body, name: str) -> bytes:
    """Write a process as a BPMN file of its own."""
    return _Writer().write(body, name)


class _Writer:
    def __init__(self) -> None:
        self.root = etree.Element(f"{{{BPMN}}}definitions", nsmap={"bpmn": BPMN})
        self.root.set("targetNamespace", "urn:guicheng:normalised")
        self.messages: dict[str, str] = {}
        self.errors: dict[str, str] = {}
        self.escalations: dict[str, str] = {}
        self.signals: dict[str, str] = {}

    def write(self, body: Body, name: str) -> bytes:
        process = etree.Element(f"{{{BPMN}}}process", id=body.id, isExecutable="true")
        if name:
            process.set("name", name)
        self._fill(process, body)
        for message, identity in self.messages.items():
            etree.SubElement(self.root, f"{{{BPMN}}}message", id=identity, name=message)
        for code, identity in self.errors.items():
            etree.SubElement(self.root, f"{{{BPMN}}}error", id=identity, name=code, errorCode=code)
        for code, identity in self.escalations.items():
            etree.SubElement(self.root, f"{{{BPMN}}}escalation", id=identity, name=code, escalationCode=code)
        for signal, identity in self.signals.items():
            etree.SubElement(self.root, f"{{{BPMN}}}signal", id=identity, name=signal)
        self.root.append(process)
        written: bytes = etree.tostring(self.root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
        return written

    def _fill(self, xml: XmlElement, body: Body) -> None:
        for step in body.steps:
            self._step(xml, step)
        for path in body.paths:
            flow = etree.SubElement(
                xml, f"{{{BPMN}}}sequenceFlow", id=path.id, sourceRef=path.source, targetRef=path.target
            )
            if path.condition is not None:
                etree.SubElement(flow, f"{{{BPMN}}}conditionExpression").text = path.condition

    def _step(self, parent: XmlElement, step: Step) -> None:
        xml = etree.SubElement(parent, f"{{{BPMN}}}{step.kind}", id=step.id)
        if step.name:
            xml.set("name", step.name)
        if step.default is not None:
            xml.set("default", step.default)
        if step.message is not None:
            xml.set("messageRef", self._message(step.message))
        if step.kind == "boundaryEvent":
            xml.set("attachedToRef", step.attached_to or "")
            xml.set("cancelActivity", "true" if step.interrupting else "false")
        if step.script is not None:
            etree.SubElement(xml, f"{{{BPMN}}}script").text = step.script
        if step.event is not None:
            self._event(xml, *step.event)
        for event in step.more:
            self._event(xml, *event)
        if step.parallel:
            xml.set("parallelMultiple", "true")
        if step.inner is not None:
            self._fill(xml, step.inner)

    def _event(self, xml: XmlElement, kind: str, value: str | None, text: str | None) -> None:
        definition = etree.SubElement(xml, f"{{{BPMN}}}{kind}EventDefinition")
        if kind == "message" and value is not None:
            definition.set("messageRef", self._message(value))
        elif kind == "error" and value is not None:
            definition.set("errorRef", self.errors.setdefault(value, f"__error_{len(self.errors) + 1}"))
        elif kind == "escalation" and value is not None:
            known = self.escalations
            definition.set("escalationRef", known.setdefault(value, f"__escalation_{len(known) + 1}"))
        elif kind == "signal" and value is not None:
            definition.set("signalRef", self.signals.setdefault(value, f"__signal_{len(self.signals) + 1}"))
        elif kind == "conditional":
            etree.SubElement(definition, f"{{{BPMN}}}condition").text = text
        elif kind == "timer" and value is not None:
            etree.SubElement(definition, f"{{{BPMN}}}{TIMER_TAGS[value]}").text = text

    def _message(self, name: str) -> str:
        return self.messages.setdefault(name, f"__message_{len(self.messages) + 1}")
