"""Forms: form-js files read, checked at publish, and filled in by people.

`parse_form` turns a file into a `Form` or findings; `Form.defaults` opens it, `Form.fill` reads answers while somebody
works on them (web/forms renders that), `Form.validate` gives typed values or all problems at once.
"""

from engine.forms.fields import (
    LISTS,
    PEOPLE,
    ROW_LIMIT,
    Divider,
    Field,
    FieldType,
    Limits,
    Node,
    Note,
    Option,
    Rule,
    Section,
)
from engine.forms.form import Form
from engine.forms.references import References
from engine.forms.schema import parse_form
from engine.forms.sheet import Answer, Sheet

__all__ = [
    "LISTS",
    "PEOPLE",
    "ROW_LIMIT",
    "Answer",
    "Divider",
    "Field",
    "FieldType",
    "Form",
    "Limits",
    "Node",
    "Note",
    "Option",
    "References",
    "Rule",
    "Section",
    "Sheet",
    "parse_form",
]
