"""From nodes and flows to the elements that the engine works with: every text read, every expression compiled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.definitions import Element, Flow, Separation
from engine.feel import Expression
from engine.handlers import HandlerRegistry
from engine.intake.drawing import (
    Edge,
    Node,
    Process,
    bare,
    child,
    documentation,
    extensions,
    label,
    lanes,
    properties,
    text_of,
)
from engine.intake.expressions import Expressions
from engine.intake.library import Library
from engine.intake.loops import read_loop
from engine.intake.notes import Notes
from engine.intake.vocabulary import PEOPLE, SPIFF
from engine.texts import Text

_TIMERS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}


@dataclass(slots=True)
class Reading:
    """What one process says, and the means to judge it: rules get this."""

    process: Process
    notes: Notes
    expressions: Expressions
    handlers: HandlerRegistry
    library: Library
    elements: dict[str, Element]
    flows: dict[str, Flow]
    lanes: dict[str, str]
    register: str | None = None
    business_key: Expression | None = None
    owner: str | None = None
    starters: tuple[str, ...] = ()

    def element(self, node: Node) -> Element:
        return self.elements[node.id]


def read(process: Process, notes: Notes, handlers: HandlerRegistry, library: Library) -> Reading:
    """Read a process; whatever can't be read is noted and left out."""
    expressions = Expressions(notes, library.functions)
    reading = Reading(process, notes, expressions, handlers, library, {}, {}, _roles(process))
    own = properties(process.scope.xml)
    reading.register = own.get("register")
    reading.business_key = expressions.read(own.get("business_key"), process.scope, Text("The business key"))
    reading.owner = own.get("owner")
    reading.starters = _words(own.get("starters"))
    for node in process.nodes():
        reading.elements.setdefault(node.id, _Element(node, reading).read())
    for edge in process.edges():
        reading.flows.setdefault(edge.id, _flow(edge, expressions, default=process.drawing.expression_language))
    return reading


def _roles(process: Process) -> dict[str, str]:
    roles: dict[str, str] = {}
    for scope in process.scopes():
        for lane in lanes(scope.xml):
            if lane.get("id"):
                roles[lane.get("id")] = properties(lane).get("role", lane.get("id"))
    return roles


def _flow(edge: Edge, expressions: Expressions, *, default: str | None) -> Flow:
    condition = None
    if (xml := edge.condition) is not None:
        line = xml.sourceline or edge.line
        if not _wrong_language(xml.get("language") or default, edge, expressions.notes, line):
            condition = expressions.read(text_of(xml), edge, Text("The condition"), line=line)
    return Flow(edge.id, edge.source, edge.target, edge.name, condition)


def _wrong_language(language: str | None, place: Node | Edge, notes: Notes, line: int) -> bool:
    """Note a script or condition in a language that is not run here."""
    if not language or "feel" in language.lower():
        return False
    notes.error(
        "expression-language",
        place,
        Text("This is written in “{language}”; diagrams are written in FEEL.", language=language[:60]),
        Text("Rewrite it in FEEL and say language feel; for anything longer, write a handler."),
        line=line,
    )
    return True


class _Element:
    """Reads one node."""

    def __init__(self, node: Node, reading: Reading) -> None:
        self.node = node
        self.reading = reading
        self.notes = reading.notes
        self.expressions = reading.expressions
        self.own = properties(node.xml)

    def read(self) -> Element:
        node, own = self.node, self.own
        return Element(
            id=node.id,
            kind=node.kind,
            name=node.name,
            line=node.line,
            parent=node.scope.id,
            documentation=documentation(node.xml),
            lane=node.lane,
            role=own.get("role") or (self.reading.lanes.get(node.lane) if node.lane else None),
            event=node.event or None,
            message=self._message(),
            error_code=self._error_code(),
            escalation_code=self._escalation_code(),
            signal=self._signal(),
            condition=self._condition(),
            timer=self._timer(),
            attached_to=node.attached_to,
            interrupting=node.interrupting,
            form=own.get("form"),
            record_state=own.get("record_state"),
            clause=own.get("clause"),
            loop=read_loop(node, own, self.reading.process, self.expressions),
            properties=own,
            **self._work(),
            **self._people(),
            **self._sending(),
        )

    # --- events -------------------------------------------------------------------------------------------------

    def _message(self) -> str | None:
        """The name of the message it sends or waits for."""
        ref = bare(self.node.xml.get("messageRef")) if self.node.kind in ("sendTask", "receiveTask") else ""
        for definition in self.node.definitions:
            ref = ref or bare(definition.get("messageRef"))
        message = self.reading.process.drawing.messages.get(ref)
        return (label(message) or None) if message is not None else None

    def _error_code(self) -> str | None:
        for definition in self.node.definitions:
            error = self.reading.process.drawing.errors.get(bare(definition.get("errorRef")))
            if error is not None:
                return (error.get("errorCode") or "").strip() or None
        return None

    def _escalation_code(self) -> str | None:
        for definition in self.node.definitions:
            escalation = self.reading.process.drawing.escalations.get(bare(definition.get("escalationRef")))
            if escalation is not None:
                return (escalation.get("escalationCode") or "").strip() or None
        return None

    def _signal(self) -> str | None:
        """The name of the signal it throws or waits for."""
        for definition in self.node.definitions:
            signal = self.reading.process.drawing.signals.get(bare(definition.get("signalRef")))
            if signal is not None:
                return label(signal) or None
        return None

    def _condition(self) -> Expression | None:
        """What a conditional event waits to become true."""
        xml = child(self.node.definitions[0], "condition") if self.node.event == "conditional" else None
        if xml is None:
            return None
        line = xml.sourceline or self.node.line
        language = xml.get("language") or self.reading.process.drawing.expression_language
        if _wrong_language(language, self.node, self.notes, line):
            return None
        return self.expressions.read(text_of(xml), self.node, Text("The condition"), line=line)

    def _timer(self) -> tuple[str, Expression] | None:
        if self.node.event != "timer":
            return None
        for tag, kind in _TIMERS.items():
            xml = child(self.node.definitions[0], tag)
            if xml is None or not text_of(xml):
                continue
            line = xml.sourceline or self.node.line
            language = xml.get("language") or self.reading.process.drawing.expression_language
            if _wrong_language(language, self.node, self.notes, line):
                return None
            compiler = self.expressions.cycle if kind == "cycle" else self.expressions.time
            expression = compiler(text_of(xml), self.node, Text("The timer"), line=line)
            return (kind, expression) if expression is not None else None
        return None

    def _sending(self) -> dict[str, Any]:
        node, own = self.node, self.own
        return {
            "correlation_key": self.expressions.read(own.get("correlation_key"), node, Text("The correlation key")),
            "payload": self.expressions.read(own.get("payload"), node, Text("The payload")),
            "expires": self.expressions.time(own.get("expires"), node, Text("The message's lifetime")),
        }

    # --- work ---------------------------------------------------------------------------------------------------

    def _work(self) -> dict[str, Any]:
        node, own = self.node, self.own
        read: dict[str, Any] = {"result": own.get("result")}
        if node.kind == "serviceTask":
            read.update(self._service())
        elif node.kind == "businessRuleTask":
            read["decision"] = own.get("decision")
        elif node.kind == "scriptTask" and not _wrong_language(
            node.xml.get("scriptFormat"), node, self.notes, node.line
        ):
            script = child(node.xml, "script")
            line = script.sourceline if script is not None else node.line
            read["script"] = self.expressions.read(text_of(script), node, Text("The script"), line=line)
        return read

    def _service(self) -> dict[str, Any]:
        node, own = self.node, self.own
        name, operator = implementation(node), service_operator(node)
        read: dict[str, Any] = {"inputs": {}, "result": own.get("result")}
        if operator is not None:
            name = name or (operator.get("id") or "").strip() or None
            read["result"] = (operator.get("resultVariable") or "").strip() or own.get("result")
            read["inputs"] = self._parameters(operator)
        read["handler"] = name
        if name is not None and name in self.reading.handlers:
            read["external"] = self.reading.handlers[name].external
            read["parameters"] = tuple(p.name for p in self.reading.handlers[name].inputs)
        for setting in ("retries", "timeout"):
            if setting in own:
                read[setting] = self._whole_number(setting, own[setting])
        return read

    def _parameters(self, operator: Any) -> Mapping[str, Expression]:
        inputs: dict[str, Expression] = {}
        for xml in operator.iter(f"{{{SPIFF}}}parameter"):
            name = (xml.get("name") or xml.get("id") or "").strip()
            what = Text("The input “{name}”", name=name)
            if name in inputs:
                self._twice(what, xml.sourceline)
            expression = self.expressions.read(xml.get("value"), self.node, what, line=xml.sourceline or 0)
            if name and expression is not None:
                inputs[name] = expression
        return inputs

    def _twice(self, what: Text, line: int) -> None:
        remedy = Text("Keep one of the two.")
        self.notes.error("input-twice", self.node, Text("{what} is given twice.", what=what), remedy, line=line)

    def _whole_number(self, setting: str, text: str) -> int:
        highest = {"retries": 100, "timeout": 86_400}[setting]
        lowest = {"retries": 0, "timeout": 1}[setting]
        if text.isascii() and text.isdigit() and len(text) < 9 and lowest <= int(text) <= highest:
            return int(text)
        self.notes.error(
            "number-wrong",
            self.node,
            Text(
                "“{setting}” is {text}, which is no whole number up to {highest}.",
                setting=setting,
                text=text[:40],
                highest=highest,
            ),
            Text("Write a number, for example 3 retries or a timeout of 60 seconds."),
        )
        return {"retries": 3, "timeout": 60}[setting]

    # --- people -------------------------------------------------------------------------------------------------

    def _people(self) -> dict[str, Any]:
        node, own = self.node, self.own
        if node.kind not in PEOPLE:
            return {}
        return {
            "assignee": self.expressions.read(own.get("assignee"), node, Text("The assignee")),
            "due": self.expressions.time(own.get("due"), node, Text("The due time")),
            "priority": self.expressions.read(own.get("priority"), node, Text("The priority")),
            "on_claim": own.get("on_claim"),
            "separations": self._separations(own.get("separation")),
        }

    def _separations(self, text: str | None) -> tuple[Separation, ...]:
        rules: list[Separation] = []
        for part in _split_outside_quotes(text or ""):
            rule, _, rest = part.partition(":")
            elements, _, condition = (re.sub(r"\s", " ", rest) + " ").partition(" if ")
            if not rule.strip() or not _words(elements):
                self._separation_unreadable(part)
                continue
            compiled = self.expressions.read(condition, self.node, Text("The separation's condition"))
            rules.append(Separation(rule.strip(), _words(elements), compiled))
        return tuple(rules)

    def _separation_unreadable(self, text: str) -> None:
        self.notes.error(
            "separation-unreadable",
            self.node,
            Text("The separation of duties can't be read: {text}", text=text[:80]),
            Text('Write the rule, the elements and perhaps a condition: SOD-09: resolve, check if priority = "P1"'),
        )


def implementation(node: Node) -> str | None:
    """The handler named by the standard attribute; BPMN's own `##…` values name none."""
    name = (node.xml.get("implementation") or "").strip()
    return None if not name or name.startswith("##") else name


def service_operator(node: Node) -> Any:
    """The serviceTaskOperator element or None."""
    return next((e for e in extensions(node.xml) if e.tag == f"{{{SPIFF}}}serviceTaskOperator"), None)


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(word for part in (text or "").split(",") if (word := part.strip()))


def _split_outside_quotes(text: str) -> list[str]:
    parts = re.findall(r'(?:[^;"]|"(?:\\.|[^"\\])*"?)+', text)
    return [part.strip() for part in parts if part.strip()]
