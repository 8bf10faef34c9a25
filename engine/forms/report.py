"""Collects the findings of one form file, with the line of each component."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from engine.feel import Expression, FeelSyntaxError, compile_expression
from engine.findings import Finding, Severity
from engine.texts import Text

Component = Mapping[str, Any]


class Report:
    """The findings so far, and the compiler of the form's expressions."""

    def __init__(self, resource: str, source: str, functions: Collection[str]) -> None:
        self.resource = resource
        self.source = source
        self.functions = functions
        self.findings: list[Finding] = []

    def error(self, rule: str, component: Component, reason: Text, remedy: Text) -> None:
        """Note something that refuses the form."""
        self._note(rule, Severity.ERROR, component, reason, remedy)

    def warning(self, rule: str, component: Component, reason: Text, remedy: Text) -> None:
        """Note something that the author should know."""
        self._note(rule, Severity.WARNING, component, reason, remedy)

    def feel(self, text: Any, component: Component, where: str) -> Expression | None:
        """Compile a FEEL text (a leading `=` is allowed); a text that can't be read is an error at `where`."""
        if not isinstance(text, str):
            reason = Text("“{where}” must be a FEEL expression in quotes.", where=where)
            self.error("form-expression", component, reason, Text('Write the expression as a text, e.g. "=a > 1".'))
            return None
        try:
            expression = compile_expression(text, functions=self.functions)
        except FeelSyntaxError as error:
            reason = Text(
                "The expression “{text}” in “{where}” can't be read: {error}",
                text=text,
                where=where,
                error=error.reason,
            )
            self.error("form-expression", component, reason, Text("Correct the FEEL expression."))
            return None
        for name in sorted(expression.calls - frozenset(self.functions)):
            reason = Text("“{where}” calls “{name}”, which is no function and no decision.", where=where, name=name)
            self.error("form-function", component, reason, Text("Correct the name, or publish the decision too."))
        for doubt in expression.doubts:
            reason = Text("In “{where}”: {doubt}", where=where, doubt=doubt)
            self.warning("form-expression", component, reason, Text("Correct the FEEL expression."))
        return expression

    def line(self, component: Component) -> int:
        """Return the line on which the component's id stands in the file, 0 where it has none."""
        for name in ("id", "key", "path"):
            value = component.get(name)
            if isinstance(value, str) and value:
                found = re.search(rf'"{name}"\s*:\s*{re.escape(json.dumps(value, ensure_ascii=False))}', self.source)
                return self.source.count("\n", 0, found.start()) + 1 if found else 0
        return 0

    def _note(self, rule: str, severity: Severity, component: Component, reason: Text, remedy: Text) -> None:
        identifier = component.get("id") or component.get("key") or component.get("path") or ""
        label = component.get("label") or ""
        finding = Finding(
            rule, severity, self.resource, str(identifier), str(label), self.line(component), reason, remedy
        )
        self.findings.append(finding)
