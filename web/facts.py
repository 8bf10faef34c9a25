"""Values as people read them: a record's field by its definition, a variable by its type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import Flask, url_for
from flask_babel import gettext
from markupsafe import Markup, escape

from web.book import book
from web.times import short_time, spoken
from web.translations import label_text

if TYPE_CHECKING:
    from registers import Change, Field, Record, Register

LONG = frozenset({"area", "table", "json"})


def field_value(field: Field, value: Any) -> str | Markup:
    """Write one field of a record for people; references become links, tables tables."""
    if value is None or value == "" or value == []:
        return ""
    if field.type in {"select", "multi"}:
        labels = {option.value: label_text(option.label) for option in field.options}
        return ", ".join(labels.get(str(v), str(v)) for v in _many(value))
    if field.type in {"ref", "refs"}:
        return Markup(", ").join(record_link(key) for key in _many(value))
    if field.type in {"user", "users"}:
        return ", ".join(book().person(key) for key in _many(value))
    if field.type == "table":
        return _table(field, value)
    return plain_value(value)


def plain_value(value: Any) -> str:
    """Write a value of unknown meaning: yes and no, local times, lists in one line."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, (datetime, date)):
        return short_time(value)
    if isinstance(value, timedelta):
        return spoken(value)
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {plain_value(inner)}" for key, inner in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(plain_value(inner) for inner in value)
    return str(value)


def record_facts(record: Record) -> Iterator[tuple[str, str | Markup, bool]]:
    """Yield label, value and whether it is long, for every field that has a value."""
    for field in record.definition.fields.values():
        value = record.fields.get(field.name)
        if value is not None and value != "" and value != []:
            yield label_text(field.label), field_value(field, value), field.type in LONG


def column_label(register: Register, name: str) -> str:
    """Return the heading of a list's column."""
    common = {
        "number": gettext("Number"),
        "state": gettext("State"),
        "created_at": gettext("Created"),
        "created_by": gettext("Created by"),
        "updated_at": gettext("Changed"),
        "updated_by": gettext("Changed by"),
    }
    return common.get(name) or label_text(register.fields[name].label)


def column_value(record: Record, name: str) -> str | Markup:
    """Write one cell of a list."""
    if name == "number":
        return record_link(record.number, titled=False)
    if name == "state":
        return state_label(record.definition, record.state)
    if name in {"created_at", "updated_at"}:
        return short_time(getattr(record, name))
    if name in {"created_by", "updated_by"}:
        return book().person(getattr(record, name))
    return field_value(record.definition.fields[name], record.fields.get(name))


def state_label(register: Register, state: str) -> str:
    """Return a state's name in the reader's language."""
    known = register.states.get(state)
    return label_text(known.label) if known else state


def record_link(number: str, *, titled: bool = True) -> Markup:
    """Link to a record, with what it is called."""
    title = book().title(number) if titled else ""
    if titled and book().record(number) is None:
        return escape(number)
    text = f"{number} {title}" if title and title != number else number
    return Markup('<a href="{}">{}</a>').format(url_for("records.show", number=number), text)


def case_link(instance_id: int) -> Markup:
    """Link to a case by its id."""
    return Markup('<a href="{}">{}</a>').format(url_for("instances.show", instance_id=instance_id), instance_id)


def change_line(register: Register, change: Change) -> str | Markup:
    """Write one line of a record's trail: what it was, what it is."""
    if change.field == "link":  # `kind number`, several with commas between; which end this is isn't kept
        others = [record_link(link.rpartition(" ")[2]) for link in str(change.after).split(", ")]
        return Markup("{}: <ins>{}</ins>").format(gettext("Linked with"), Markup(", ").join(others))
    if change.field == "state":
        label, old, new = gettext("State"), change.before, change.after
        before: str | Markup = state_label(register, old) if old else ""
        after: str | Markup = state_label(register, new)
    else:
        field = register.fields.get(change.field)
        label = label_text(field.label) if field else change.field
        before = field_value(field, change.before) if field else plain_value(change.before)
        after = field_value(field, change.after) if field else plain_value(change.after)
    if change.before is None:
        return Markup("{}: <ins>{}</ins>").format(label, after)
    return Markup("{}: <del>{}</del> → <ins>{}</ins>").format(label, before, after or "–")


def register_facts(app: Flask) -> None:
    """Give the filters to the templates."""
    app.add_template_filter(plain_value, "plain")
    app.add_template_filter(record_facts, "facts")
    app.add_template_filter(record_link, "record_link")
    app.add_template_filter(lambda person: book().person(person), "person")
    app.add_template_filter(lambda number: book().title(number), "title_of")
    app.add_template_filter(lambda record: state_label(record.definition, record.state), "record_state")
    for function in (column_label, column_value, change_line):
        app.add_template_global(function)


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _table(field: Field, rows: list[Mapping[str, Any]]) -> Markup:
    head = Markup("").join(Markup("<th scope=col>{}</th>").format(label_text(c.label)) for c in field.columns)
    lines = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(Markup("<td>{}</td>").format(field_value(c, row.get(c.name))) for c in field.columns)
        )
        for row in rows
    )
    return Markup('<div class="sheet"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>').format(
        head, lines
    )
