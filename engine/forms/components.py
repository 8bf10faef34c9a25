"""One form-js component → one field, with every objection to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.forms.bounds import count_of, limits_of
from engine.forms.fields import Field, FieldType
from engine.forms.options import options_of, read_default
from engine.forms.report import Component, Report
from engine.texts import Text

if TYPE_CHECKING:
    from engine.feel import Expression

WIDGETS = {
    "textfield": FieldType.TEXT,
    "textarea": FieldType.AREA,
    "number": FieldType.DEC,
    "checkbox": FieldType.BOOL,
    "radio": FieldType.SELECT,
    "select": FieldType.SELECT,
    "checklist": FieldType.MULTI,
    "taglist": FieldType.MULTI,
    "datetime": FieldType.DT,
    "dynamiclist": FieldType.TABLE,
}
KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
FEEL_WORDS = {
    *("if", "then", "else", "for", "return", "some", "every", "satisfies", "in", "between", "and", "or", "not"),
    *("true", "false", "null", "function", "instance", "of"),
}
COMMON = {
    *("id", "key", "type", "label", "description", "validate", "conditional", "properties", "layout"),
    *("disabled", "readonly"),
}
KNOWN = {
    "textfield": {"defaultValue", "appearance"},
    "textarea": {"defaultValue"},
    "number": {"defaultValue", "decimalDigits", "increment", "appearance"},
    "checkbox": {"defaultValue"},
    "radio": {"defaultValue", "values", "valuesKey", "valuesExpression"},
    "select": {"defaultValue", "values", "valuesKey", "valuesExpression", "searchable"},
    "checklist": {"defaultValue", "values", "valuesKey", "valuesExpression"},
    "taglist": {"defaultValue", "values", "valuesKey", "valuesExpression"},
    "datetime": {
        *("defaultValue", "subtype", "dateLabel", "timeLabel", "timeSerializingFormat", "timeInterval", "use24h"),
        "disallowPassedDates",
    },
    "dynamiclist": {
        *("path", "components", "defaultRepetitions", "allowAddRemove", "isRepeating", "verticalAlignment"),
        *("showOutline", "disableCollapse", "nonCollapsedItems"),
    },
}
VALIDATE = {"required", "min", "max", "minLength", "maxLength", "pattern", "patternErrorMessage", "validationType"}
PROPERTIES = {"type", "register", "filter", "default", "required_if", "max_rows"}


def read_field(component: Component, report: Report, *, key: str) -> Field:
    """Build a field; objections go to the report, and a best-effort field comes back so that all are found at once."""
    properties = _mapping(component, "properties", report)
    validate = _mapping(component, "validate", report)
    kind = _type_of(component, properties, report)
    _check_known(component, properties, validate, report)
    options, options_from = options_of(component, kind, report)
    required = validate.get("required", False)
    default_expression = _expression(properties, "default", component, report)
    return Field(
        id=str(component.get("id") or key),
        key=key,
        type=kind,
        label=label_of(component, report),
        widget=str(component["type"]),
        description=plain(component, "description", report),
        required=required is True,
        required_if=_required_if(properties, required, component, report),
        hide=hide_of(component, report),
        readonly=component.get("readonly") is True or component.get("disabled") is True,
        readonly_if=_condition(component.get("readonly"), component, "readonly", report),
        default=None if default_expression else read_default(component, properties, kind, options, report),
        default_expression=default_expression,
        options=options,
        options_from=options_from,
        register=_register(properties, kind, component, report),
        filter=_expression(properties, "filter", component, report),
        initial_rows=count_of(component, "defaultRepetitions", 1, component, report),
        limits=limits_of(component, properties, validate, kind, report),
        **placed(component),
    )


def placed(component: Component) -> dict[str, Any]:
    """Return where the layout puts a component: its row's name and its width of 16."""
    layout = component.get("layout")
    layout = layout if isinstance(layout, Mapping) else {}
    columns = layout.get("columns")
    width = columns if isinstance(columns, int) and 1 <= columns <= 16 else None
    return {"row": str(layout.get("row") or ""), "width": width}


def hide_of(component: Component, report: Report) -> Expression | None:
    """Compile the condition under which a component is hidden."""
    conditional = component.get("conditional")
    hide = conditional.get("hide") if isinstance(conditional, Mapping) else conditional
    if hide in (None, ""):
        return None
    return report.feel(hide, component, "conditional.hide")


def plain(component: Component, name: str, report: Report) -> str:
    """Return a text that is shown as it is; expressions in texts are refused."""
    text = component.get(name)
    if text is None:
        return ""
    if not isinstance(text, str):
        report.error("form-text", component, Text("“{name}” is not text.", name=name), Text("Write it in quotes."))
        return ""
    if text.startswith("=") or "{{" in text:
        reason = Text("“{name}” is an expression; only plain text can be shown here.", name=name)
        report.error("form-text", component, reason, Text("Write plain text, or add a read-only field with a default."))
    return text.strip()


def label_of(component: Component, report: Report) -> str:
    """Return the label; a field without one can't be named to people who don't see the page."""
    name = "dateLabel" if component.get("type") == "datetime" and not component.get("label") else "label"
    label = plain(component, name, report)
    if not label:
        report.error(
            "form-label", component, Text("The field has no label."), Text("Give it a label that says what to enter.")
        )
    return label


def check_key(component: Component, name: str, report: Report) -> str:
    """Return a field's key and object to what no expression could name."""
    key = component.get(name)
    if isinstance(key, str) and KEY.fullmatch(key) and key not in FEEL_WORDS:
        return key
    reason = Text("The key “{key}” is not a name.", key=str(key or ""))
    remedy = Text("Use letters, digits and _, starting with a letter, and none of FEEL's own words.")
    report.error("form-key", component, reason, remedy)
    return str(key or component.get("id") or "")


def _type_of(component: Component, properties: Mapping[str, Any], report: Report) -> FieldType:
    widget, wanted = str(component["type"]), properties.get("type")
    kind = WIDGETS[widget]
    if wanted == "ref" and widget in ("textfield", "taglist", "checklist", "select"):
        return FieldType.REF if widget in ("textfield", "select") else FieldType.REFS
    if wanted not in (None, "", "bool", kind.value) or (
        wanted == "bool" and kind not in (FieldType.BOOL, FieldType.SELECT)
    ):
        reason = Text("A {widget} can't be of type “{type}”.", widget=widget, type=str(wanted))
        report.error(
            "form-type", component, reason, Text("Leave the type out, or use “ref” on a textfield or taglist.")
        )
    if widget == "number":
        return FieldType.INT if component.get("decimalDigits") == 0 else FieldType.DEC
    if widget == "datetime":
        return _date_type(component, report)
    values = component.get("values")
    if kind is FieldType.SELECT and isinstance(values, list) and values:
        given = [value.get("value") for value in values if isinstance(value, Mapping)]
        if wanted == "bool" or all(isinstance(value, bool) for value in given):
            return FieldType.BOOL
    return kind


def _date_type(component: Component, report: Report) -> FieldType:
    subtype = component.get("subtype", "datetime")
    if subtype not in ("date", "datetime"):
        reason = Text("A time without a date (“{subtype}”) is not supported.", subtype=str(subtype))
        report.error("form-type", component, reason, Text("Use the subtype “date” or “datetime”."))
    return FieldType.DATE if subtype == "date" else FieldType.DT


def _register(properties: Mapping[str, Any], kind: FieldType, component: Component, report: Report) -> str | None:
    register = properties.get("register")
    if kind in (FieldType.REF, FieldType.REFS):
        if not isinstance(register, str) or not register:
            reason = Text("The field points to records but names no register.")
            report.error(
                "form-register", component, reason, Text("Add the property “register”, e.g. “customer” or “user”.")
            )
            return None
        return register
    if register or properties.get("filter"):
        reason = Text("A register is named, but the field's type is not “ref”.")
        report.error("form-register", component, reason, Text("Add the property “type” with the value “ref”."))
    return None


def _required_if(
    properties: Mapping[str, Any], required: Any, component: Component, report: Report
) -> Expression | None:
    condition = properties.get("required_if")
    if condition in (None, ""):
        return _condition(required, component, "validate.required", report)
    return report.feel(condition, component, "required_if")


def _condition(value: Any, component: Component, where: str, report: Report) -> Expression | None:
    return None if isinstance(value, bool) or value in (None, "") else report.feel(value, component, where)


def _expression(properties: Mapping[str, Any], name: str, component: Component, report: Report) -> Expression | None:
    """Compile a property that is FEEL; a `default` without `=` is a plain value and no expression."""
    text = properties.get(name)
    if text in (None, "") or (name == "default" and not (isinstance(text, str) and text.startswith("="))):
        return None
    return report.feel(text, component, name)


def _mapping(component: Component, name: str, report: Report) -> Mapping[str, Any]:
    value = component.get(name)
    if value is None or isinstance(value, Mapping):
        return value or {}
    report.error("form-text", component, Text("“{name}” must be an object.", name=name), Text("Correct the file."))
    return {}


def _check_known(
    component: Component, properties: Mapping[str, Any], validate: Mapping[str, Any], report: Report
) -> None:
    unknown = [name for name in component if name not in COMMON and name not in KNOWN[str(component["type"])]]
    unknown += [f"validate.{name}" for name in validate if name not in VALIDATE]
    unknown += [f"properties.{name}" for name in properties if name not in PROPERTIES]
    for name in unknown:
        reason = Text("“{name}” has no effect on this component.", name=name)
        report.warning("form-ignored", component, reason, Text("Remove it if something depends on it."))
