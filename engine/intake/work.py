"""What a task does by itself: a handler with its inputs, a decision, a script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.feel import Expression
from engine.intake.drawing import Node
from engine.intake.reading import Part, Reading
from engine.intake.vocabulary import SPIFF
from engine.intake.xml import child, extensions, text_of
from engine.texts import Text


def read_work(node: Node, own: Mapping[str, str], reading: Reading) -> dict[str, Any]:
    """Read what a task does into the fields of its Element; what is wrong is noted."""
    return _Work(node, own, reading).read()


class _Work(Part):
    def read(self) -> dict[str, Any]:
        node, own = self.node, self.own
        read: dict[str, Any] = {"result": own.get("result")}
        if node.kind == "serviceTask":
            read.update(self._service())
        elif node.kind == "businessRuleTask":
            read["decision"] = own.get("decision")
        elif node.kind == "scriptTask":
            script, language = child(node.xml, "script"), node.xml.get("scriptFormat")
            line = script.sourceline if script is not None else node.line
            what = Text("The script")
            read["script"] = self.expressions.read(text_of(script), node, what, line=line, language=language)
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


def implementation(node: Node) -> str | None:
    """The handler named by the standard attribute; BPMN's own `##…` values name none."""
    name = (node.xml.get("implementation") or "").strip()
    return None if not name or name.startswith("##") else name


def service_operator(node: Node) -> Any:
    """The serviceTaskOperator element or None."""
    return next((e for e in extensions(node.xml) if e.tag == f"{{{SPIFF}}}serviceTaskOperator"), None)
