"""Forms for tests: components in a line each, and a small directory of records to pick from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from engine import Finding, Form, InvalidForm, parse_form

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
RECORDS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "customer": {
        "CUS-1": {"label": "Acme Bank", "state": "active"},
        "CUS-2": {"label": "Acme Insurance", "state": "active"},
        "CUS-3": {"label": "Harbour Port", "state": "removed"},
    },
    "user": {"zhang": {"label": "Zhang Wei"}, "li": {"label": "Li Na"}, "lin": {"label": "Lin Tao"}},
    "host": {f"H-{n}": {"label": f"Host {n}"} for n in range(200)},
}


class Directory:
    """Records of the tests by register and key."""

    def exists(self, register: str, key: str) -> bool:
        return key in RECORDS[register]

    def label(self, register: str, key: str) -> str:
        return str(RECORDS[register].get(key, {}).get("label", key))

    def search(self, register: str, text: str, limit: int) -> list[tuple[str, str]]:
        entries = [(key, str(fields["label"])) for key, fields in RECORDS[register].items()]
        wanted = text.casefold()
        return [(k, v) for k, v in entries if wanted in k.casefold() or wanted in v.casefold()][:limit]

    def fields(self, register: str, key: str) -> Mapping[str, Any]:
        return RECORDS[register].get(key, {})


def component(type_: str, key: str, **more: Any) -> dict[str, Any]:
    """A component with id and label made from its key; `required=True` and other validation go to `validate`."""
    made: dict[str, Any] = {"type": type_, "id": f"c_{key}", "label": key.replace("_", " ").capitalize()}
    made["path" if type_ == "dynamiclist" else "key"] = key
    validate = {
        name: more.pop(name)
        for name in ("required", "min", "max", "minLength", "maxLength", "pattern", "validationType")
        if name in more
    }
    if validate:
        made["validate"] = validate
    if "hide" in more:
        made["conditional"] = {"hide": more.pop("hide")}
    if "options" in more:
        made["values"] = [{"value": value, "label": str(value).capitalize()} for value in more.pop("options")]
    return {**made, **more}


def picker(key: str, register: str, *, several: bool = False, **properties: Any) -> dict[str, Any]:
    """A field that points to records."""
    widget, validate = ("taglist" if several else "textfield"), {}
    if "required" in properties:
        validate["required"] = properties.pop("required")
    return component(widget, key, **validate, properties={"type": "ref", "register": register, **properties})


def source(*components: Mapping[str, Any], **top: Any) -> bytes:
    """A form file with these components."""
    return json.dumps({"id": "sample", "schemaVersion": 19, "components": components, **top}, indent=1).encode()


def form_of(*components: Mapping[str, Any], **top: Any) -> Form:
    """A form that must be accepted."""
    form, findings = parse_form("sample.json", source(*components, **top), functions=("routing",))
    assert form is not None, "\n".join(map(str, findings))
    return form


def findings_of(*components: Mapping[str, Any], **top: Any) -> list[Finding]:
    """What the check says about these components."""
    return parse_form("sample.json", source(*components, **top), functions=("routing",))[1]


def rules_of(*components: Mapping[str, Any], **top: Any) -> list[str]:
    """The findings' rules, in order."""
    return [finding.rule for finding in findings_of(*components, **top)]


def validate(form: Form, raw: Mapping[str, Any], **context: Any) -> dict[str, Any]:
    """Validate at the tests' present."""
    return form.validate(raw, context={"__now__": NOW, **context}, references=Directory())


def errors_of(form: Form, raw: Mapping[str, Any], **context: Any) -> dict[str, list[str]]:
    """The errors' texts by path; empty where the values are fine."""
    try:
        validate(form, raw, **context)
    except InvalidForm as error:
        return {path: [str(text) for text in texts] for path, texts in error.errors.items()}
    return {}
