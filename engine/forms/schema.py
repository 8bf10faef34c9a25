"""A form-js file → a `Form`, or everything that is wrong with it.

The format is form-js's (schemaVersion 19). Ours on top, in `properties`, which the form-js editor keeps: `type: ref`
with `register` and `filter`, `default` (FEEL with `=`), `required_if`, `max_rows`; and `rules` across fields.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from engine.findings import Finding, Severity
from engine.forms.components import WIDGETS, check_key, hide_of, label_of, placed, plain, read_field
from engine.forms.fields import Divider, Field, Node, Note, Rule, Section, fields_of
from engine.forms.form import Form
from engine.forms.report import Component, Report
from engine.texts import Text

SCHEMA_VERSION = 19
MOST_BYTES = 1_000_000
MOST_COMPONENTS = 500
DEPTH = 8  # sections within sections
REMEDIES = {
    "filepicker": Text("Files can't be uploaded yet: remove the field."),
    "table": Text("Use a dynamic list for rows that people enter."),
    "html": Text("Use a text component."),
    "expression": Text("Use a read-only field with a FEEL default."),
}


def parse_form(name: str, content: bytes, *, functions: Collection[str] = ()) -> tuple[Form | None, list[Finding]]:
    """Read a form file and check it completely; the form is None if any finding is an error.

    `name` is the file's name, `functions` the FEEL functions known beyond the standard's.
    """
    source = content[:MOST_BYTES].decode("utf-8", errors="replace").removeprefix("\ufeff")
    report = Report(name, source, functions)
    schema = _load(content, source, report)
    if schema is None:
        return None, report.findings
    tree = _Tree(report)
    nodes = tree.read(schema.get("components"), schema, depth=0)
    form = Form(
        id=_identify(schema, name, report),
        title=_title(schema, name),
        schema=schema,
        nodes=nodes,
        rules=_rules(schema, nodes, report),
    )
    broken = any(finding.severity is Severity.ERROR for finding in report.findings)
    return None if broken else form, report.findings


def _load(content: bytes, source: str, report: Report) -> dict[str, Any] | None:
    remedy = Text("Save the form again from the form editor.")
    if len(content) > MOST_BYTES:
        report.error("form-file", {}, Text("The file is larger than {limit} bytes.", limit=MOST_BYTES), remedy)
        return None
    try:
        content.decode("utf-8")
        schema = json.loads(source, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        reason = Text("The file is not JSON: {error} (line {line}).", error=error.msg, line=error.lineno)
        finding = Finding("form-file", Severity.ERROR, report.resource, "", "", error.lineno, reason, remedy)
        report.findings.append(finding)
        return None
    except (ValueError, RecursionError) as error:
        reason = Text("The file can't be read: {error}.", error=str(error) or type(error).__name__)
        report.error("form-file", {}, reason, remedy)
        return None
    if not isinstance(schema, dict) or not isinstance(schema.get("components"), list):
        report.error("form-file", {}, Text("The file is not a form: it has no list of components."), remedy)
        return None
    _check_version(schema, report)
    return schema


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is not a number of JSON")


def _check_version(schema: Mapping[str, Any], report: Report) -> None:
    version = schema.get("schemaVersion", SCHEMA_VERSION)
    if isinstance(version, int) and version <= SCHEMA_VERSION:
        return
    reason = Text(
        "The form was written for schema version {version}; {known} is known.",
        version=str(version),
        known=SCHEMA_VERSION,
    )
    report.warning("form-version", {}, reason, Text("Check that nothing in it is newer."))


class _Tree:
    """Reads the components; remembers ids and keys so that doubles are found."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.ids: set[str] = set()
        self.keys: set[str] = set()
        self.count = 0

    def read(self, components: Any, owner: Component, *, depth: int) -> tuple[Node, ...]:
        if not isinstance(components, list):
            self.report.error("form-components", owner, Text("“components” must be a list."), Text("Correct the file."))
            return ()
        if depth > DEPTH:
            self.report.error(
                "form-components", owner, Text("Sections are nested too deeply."), Text("Use fewer levels.")
            )
            return ()
        return tuple(node for component in components if (node := self._node(component, depth)) is not None)

    def _node(self, component: Any, depth: int) -> Node | None:
        if not self._usable(component):
            return None
        match component["type"]:
            case "text":
                return Note(
                    component["id"],
                    plain(component, "text", self.report),
                    hide_of(component, self.report),
                    **placed(component),
                )
            case "separator" | "spacer":
                return Divider(component["id"], component["type"], hide_of(component, self.report), **placed(component))
            case "group":
                return self._section(component, depth)
            case "button":
                reason = Text("The page has its own buttons; this one is not shown.")
                self.report.warning("form-ignored", component, reason, Text("Remove the button."))
                return None
            case "dynamiclist":
                return self._table(component)
            case widget if widget in WIDGETS:
                return read_field(component, self.report, key=self._key(component, "key", self.keys))
        self._unsupported(component)
        return None

    def _usable(self, component: Any) -> bool:
        """Tell whether this is a component at all, and note doubled and missing ids."""
        self.count += 1
        if self.count == MOST_COMPONENTS + 1:
            reason = Text("The form has more than {limit} components.", limit=MOST_COMPONENTS)
            self.report.error("form-components", {}, reason, Text("Split the form."))
        if self.count > MOST_COMPONENTS:
            return False
        if not isinstance(component, dict) or not isinstance(component.get("type"), str):
            owner = component if isinstance(component, dict) else {}
            self.report.error("form-component", owner, Text("A component has no type."), Text("Remove or correct it."))
            return False
        identifier = component.get("id")
        if not isinstance(identifier, str) or not identifier.strip():
            self.report.error("form-id", component, Text("A component has no id."), Text("Give it an id of its own."))
            component["id"] = f"component_{self.count}"
        elif identifier in self.ids:
            reason = Text("Two components have the id “{id}”.", id=identifier)
            self.report.error("form-id", component, reason, Text("Give every component an id of its own."))
        self.ids.add(component["id"])
        return True

    def _key(self, component: Component, name: str, taken: set[str]) -> str:
        key = check_key(component, name, self.report)
        if key and key in taken:
            reason = Text("Two fields have the key “{key}”.", key=key)
            self.report.error("form-key", component, reason, Text("Give every field a key of its own."))
        taken.add(key)
        return key

    def _section(self, component: Component, depth: int) -> Section:
        if component.get("path"):
            reason = Text("The group keeps its values under a path of its own.")
            self.report.error("form-group-path", component, reason, Text("Remove the path: keys are flat."))
        nodes = self.read(component.get("components", []), component, depth=depth + 1)
        label = label_of(component, self.report)
        return Section(component["id"], label, nodes, hide_of(component, self.report), **placed(component))

    def _table(self, component: Component) -> Field:
        key = self._key(component, "path", self.keys)
        field = read_field(component, self.report, key=key)
        taken: set[str] = set()
        columns: list[Field] = []
        listed = component.get("components")
        for column in listed if isinstance(listed, list) else []:
            if not self._usable(column):
                continue
            if column["type"] in WIDGETS and column["type"] != "dynamiclist":
                columns.append(read_field(column, self.report, key=self._key(column, "key", taken)))
            else:
                self._unsupported(column, within=True)
        if not columns:
            self.report.error("form-columns", component, Text("The list has no columns."), Text("Add fields to it."))
        return replace(field, columns=tuple(columns))

    def _unsupported(self, component: Component, *, within: bool = False) -> None:
        kind = str(component["type"])
        where = (
            Text("Inside a list, a “{type}” can't be used.")
            if within
            else Text("The component “{type}” is not supported.")
        )
        remedy = REMEDIES.get(
            kind, Text("Use a supported component: text, number, date, choice, checkbox, list or group.")
        )
        self.report.error("form-component", component, Text(where.template, type=kind), remedy)


def _identify(schema: Mapping[str, Any], name: str, report: Report) -> str:
    stem = name.rpartition("/")[2].removesuffix(".json").removesuffix(".form")
    identifier = schema.get("id")
    if not isinstance(identifier, str) or not identifier:
        return stem
    if identifier != stem:
        reason = Text("The form's id “{id}” differs from its file name “{name}”.", id=identifier, name=name)
        report.warning("form-file-name", {}, reason, Text("Diagrams name the id; name the file after it."))
    return identifier


def _title(schema: Mapping[str, Any], name: str) -> str:
    title = schema.get("title")
    if isinstance(title, str) and title.strip():
        return title.strip()
    stem = name.rpartition("/")[2].removesuffix(".json").replace("_", " ").strip()
    return stem[:1].upper() + stem[1:]


def _rules(schema: Mapping[str, Any], nodes: tuple[Node, ...], report: Report) -> tuple[Rule, ...]:
    properties = schema.get("properties")
    listed = schema.get("rules") or (properties.get("rules") if isinstance(properties, Mapping) else None) or []
    keys, rules = {field.key for field in fields_of(nodes)}, []
    for number, entry in enumerate(listed if isinstance(listed, list) else [listed], start=1):
        message = entry.get("message") if isinstance(entry, Mapping) else None
        if (
            not isinstance(entry, Mapping)
            or not isinstance(message, str)
            or not message.strip()
            or not entry.get("when")
        ):
            reason = Text("Rule {number} lacks “when” or “message”.", number=number)
            report.error("form-rule", {}, reason, Text('Write {"field": …, "when": "=…", "message": "…"}.'))
            continue
        at = entry.get("field") or ""
        owner = {"id": at, "label": ""} if isinstance(at, str) else {}
        if at and at not in keys:
            reason = Text(
                "Rule {number} stands at “{field}”, which is no field of this form.", number=number, field=str(at)
            )
            report.error("form-rule", owner, reason, Text("Name one of the form's keys."))
        when = report.feel(entry["when"], owner, f"rules.{number}.when")
        if when is not None:
            rules.append(Rule(str(at), when, message.strip()))
    return tuple(rules)
