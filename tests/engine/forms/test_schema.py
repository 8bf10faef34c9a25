"""The check at publish."""

from __future__ import annotations

import json

import pytest

from engine import FieldType, Severity, parse_form
from tests.engine.forms.making import component, findings_of, form_of, picker, rules_of, source


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (component("textfield", "a"), FieldType.TEXT),
        (component("textarea", "a"), FieldType.AREA),
        (component("number", "a", decimalDigits=0), FieldType.INT),
        (component("number", "a"), FieldType.DEC),
        (component("checkbox", "a"), FieldType.BOOL),
        (component("radio", "a", options=[True, False]), FieldType.BOOL),
        (component("radio", "a", options=["true", "false"], properties={"type": "bool"}), FieldType.BOOL),
        (component("datetime", "a", subtype="date"), FieldType.DATE),
        (component("datetime", "a", subtype="datetime"), FieldType.DT),
        (component("select", "a", options=["x", "y"]), FieldType.SELECT),
        (component("radio", "a", options=[1, 2]), FieldType.SELECT),
        (component("checklist", "a", options=["x", "y"]), FieldType.MULTI),
        (component("taglist", "a", options=["x", "y"]), FieldType.MULTI),
        (picker("a", "customer"), FieldType.REF),
        (picker("a", "user", several=True), FieldType.REFS),
        (component("dynamiclist", "a", components=[component("textfield", "b")]), FieldType.TABLE),
    ],
)
def test_component_becomes_its_field_type(made: dict[str, object], expected: FieldType) -> None:
    """Every form-js component of the vocabulary is read as the type it asks for."""
    assert form_of(made).fields[0].type is expected


def test_sections_notes_and_layout_are_kept_in_order() -> None:
    """The form is drawn as the author placed it; fields in groups count as the form's own."""
    group = {"type": "group", "id": "g", "label": "Where", "components": [component("textfield", "site")]}
    note = {"type": "text", "id": "t", "text": "# Hello"}
    placed = component("textfield", "title", layout={"row": "r1", "columns": 8})
    form = form_of(note, placed, group, {"type": "separator", "id": "s"}, {"type": "spacer", "id": "p"})
    assert form.keys == ("title", "site")
    assert [node.id for node in form.nodes] == ["t", "c_title", "g", "s", "p"]
    assert (form.fields[0].row, form.fields[0].width) == ("r1", 8)


@pytest.mark.parametrize(
    ("made", "rule"),
    [
        (component("filepicker", "a"), "form-component"),
        (component("iframe", "a"), "form-component"),
        ({"type": "table", "id": "t", "label": "T", "dataSource": "=rows"}, "form-component"),
        (component("textfield", "2a"), "form-key"),
        (component("textfield", "then"), "form-key"),
        (component("textfield", "a.b"), "form-key"),
        (component("textfield", "a", label=""), "form-label"),
        (component("textfield", "a", label="=b"), "form-text"),
        ({"type": "text", "id": "t", "text": "Hello {{name}}"}, "form-text"),
        (component("textfield", "a", hide="=b ="), "form-expression"),
        (component("textfield", "a", hide=True), "form-expression"),
        (component("number", "a", min="=1 +"), "form-expression"),
        (component("number", "a", min=[1]), "form-limit"),
        (component("number", "a", decimalDigits=99), "form-limit"),
        (component("datetime", "a", subtype="datetime", max=3), "form-limit"),
        (component("textfield", "a", properties={"required_if": "=("}), "form-expression"),
        (component("textfield", "a", properties={"default": "=nonesuch(1)"}), "form-function"),
        (component("textfield", "a", pattern="(a+)+"), "form-pattern"),
        (component("textfield", "a", pattern="["), "form-pattern"),
        (component("textfield", "a", pattern="a", maxLength=9000), "form-pattern"),
        (component("textfield", "a", validationType="iban"), "form-limit"),
        (component("select", "a"), "form-options"),
        (component("select", "a", values=[{"label": "X"}]), "form-options"),
        (component("select", "a", options=["x", "x"]), "form-options"),
        (component("radio", "a", options=[True]), "form-options"),
        (component("select", "a", options=["x"], defaultValue="z"), "form-default"),
        (component("number", "a", defaultValue="many"), "form-default"),
        (component("textfield", "a", properties={"type": "ref"}), "form-register"),
        (component("textfield", "a", properties={"register": "user"}), "form-register"),
        (component("textfield", "a", properties={"type": "date"}), "form-type"),
        (component("datetime", "a", subtype="time"), "form-type"),
        (component("dynamiclist", "a", components=[]), "form-columns"),
        (component("dynamiclist", "a", components=[{"type": "text", "id": "t", "text": "x"}]), "form-component"),
        ({"type": "group", "id": "g", "label": "G", "path": "p", "components": []}, "form-group-path"),
        ({"type": "textfield", "key": "a", "label": "A"}, "form-id"),
        ("text", "form-component"),
    ],
)
def test_component_the_server_cannot_carry_out_is_refused(made: dict[str, object], rule: str) -> None:
    """What would be drawn and not done is an error with the component's name."""
    found = findings_of(made)
    assert rule in [finding.rule for finding in found if finding.severity is Severity.ERROR]


def test_all_findings_come_at_once_with_the_component_and_its_line() -> None:
    """An author sees every mistake in one go, each with the id and the line in the file."""
    found = findings_of(
        component("filepicker", "evidence"), component("textfield", "a", hide="=("), component("select", "b")
    )
    assert [finding.rule for finding in found] == ["form-component", "form-expression", "form-options"]
    lines = source(
        component("filepicker", "evidence"), component("textfield", "a", hide="=("), component("select", "b")
    )
    for finding in found:
        assert f'"{finding.element}"' in lines.decode().split("\n")[finding.line - 1]
    assert "remove the field" in str(found[0])


def test_doubled_keys_and_ids_are_refused() -> None:
    """Two fields can't share a value, nor two components an id; columns have a scope of their own."""
    twice = component("textfield", "a")
    assert rules_of(twice, twice) == ["form-id", "form-key"]
    listed = component("dynamiclist", "rows", components=[{**component("textfield", "a"), "id": "column"}])
    assert rules_of(twice, listed) == []


def test_rules_across_fields_are_checked() -> None:
    """A form-level rule needs a known field, readable FEEL and a message."""
    rules = [
        {"field": "nowhere", "when": "=a > 1", "message": "No"},
        {"field": "a", "when": "=a >", "message": "No"},
        {"field": "a", "when": "=a > 1"},
    ]
    assert rules_of(component("number", "a"), rules=rules) == ["form-rule", "form-expression", "form-rule"]


def test_property_without_effect_is_a_warning() -> None:
    """Nothing that is drawn is silently ignored."""
    found = findings_of(component("number", "a", serializeToString=True), {"type": "button", "id": "b", "label": "Go"})
    assert [(f.rule, f.severity) for f in found] == [("form-ignored", Severity.WARNING)] * 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b'{"components": 1}',
        b'{"components": NaN}',
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"components": [' + b"1" * 5000 + b"]}",
        b" " * 1_000_001,
        json.dumps({"components": [{"type": 5}, None, [], {"type": []}]}).encode(),
        json.dumps({"components": [component("textfield", f"k{n}") for n in range(600)]}).encode(),
        json.dumps({"components": [{"type": "textfield", "id": "a", "key": {}, "label": [], "validate": 3}]}).encode(),
        json.dumps({"components": [], "rules": [3, {"field": {}, "when": "=x", "message": "m"}]}).encode(),
    ],
)
def test_broken_file_is_refused_with_findings(content: bytes) -> None:
    """Whatever the bytes are, the answer is findings and no exception."""
    form, findings = parse_form("sample.json", content)
    assert form is None
    assert findings


def test_deeply_nested_sections_are_refused() -> None:
    """Depth is capped before anything recursive meets it."""
    node: dict[str, object] = component("textfield", "a")
    for depth in range(50):
        node = {"type": "group", "id": f"g{depth}", "label": "G", "components": [node]}
    assert "form-components" in rules_of(node)


def test_expressions_and_names_are_known() -> None:
    """The intake can see every expression of a form, those of rules, options and columns included."""
    row = component("textfield", "owner", hide="=third")
    form = form_of(
        component("textfield", "a", hide="=first", properties={"required_if": "=second = 1", "default": "=routing(x)"}),
        component("dynamiclist", "rows", components=[row]),
        rules=[{"field": "a", "when": "=a = fourth", "message": "No"}],
    )
    assert {name for e in form.expressions for name in e.names} >= {"first", "second", "third", "x", "fourth", "a"}


def test_texts_for_translators_are_complete() -> None:
    """Labels, hints, options, notes, sections, columns and messages: all that people read."""
    made = component("select", "kind", options=["x"], description="Which one", pattern="a")
    made["validate"]["patternErrorMessage"] = "Like AST-1"
    group = {"type": "group", "id": "g", "label": "Part", "components": [component("checkbox", "sure")]}
    listed = component("dynamiclist", "rows", components=[component("textfield", "what")])
    rule = {"when": "=sure", "message": "No way."}
    texts = form_of(made, group, listed, {"type": "text", "id": "t", "text": "Hello"}, rules=[rule]).texts
    assert texts == ("Kind", "Which one", "Like AST-1", "X", "Part", "Sure", "Rows", "What", "Hello", "No way.")
