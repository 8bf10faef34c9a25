"""Registers and their records: lists with filters in the address, a record with its links both ways and its trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import InvalidForm, NotFound, Text
from web.book import book
from web.context import clock, engine, me, parts
from web.listing import LONGEST_SEARCH, asked, asked_page
from web.sight import check_record, check_register, readable
from web.translations import language

if TYPE_CHECKING:
    from engine import Instance
    from registers import Field, Register

area = Blueprint("records", __name__)
LONGEST_NOTE = 10_000
FILTERED = ("select", "multi", "bool")


@area.get("/registers/<register>")
def index(register: str) -> ResponseReturnValue:
    """Show one register: columns, filters, search and order as its definition says."""
    definition = check_register(register)
    choices = [definition.fields[name] for name in definition.columns if name in definition.fields]
    choices = [field for field in choices if field.type in FILTERED]
    filters: dict[str, Any] = {"text": asked("text"), "state": asked("state", 40)}
    filters.update({field.name: _filter_value(field) for field in choices})
    order = asked("order", 60)
    with parts().registers.begin(me().id, clock().now()) as registers:
        page = registers.page(register, filters, order=order, number=asked_page())
    book().learn_records(page.items)
    return render_template(
        "records/index.html",
        definition=definition, columns=columns_of(definition), page=page, filters=filters, choices=choices,
        order=order or definition.sort, active_register=register,
    )  # fmt: skip


@area.get("/records/<number>")
def show(number: str) -> ResponseReturnValue:
    """Show a record with everything that is kept around it."""
    with parts().registers.begin(me().id, clock().now()) as registers:
        record = registers.get(number)
        check_record(record)
        links = [link for link in registers.links(number) if link.other.register in readable()]
        notes = registers.notes(number)
        trail, clocks = registers.trail(number), registers.sla.of(number)
        mails = registers.outbox.about(number)
    case = case_about(number)
    book().learn_records([record, *(link.other for link in links)])
    book().learn(people=[*(note.actor for note in notes), *(change.actor for change in trail)])
    steps = {id: step.name for id, step in case.definition.model.elements.items()} if case else {}
    return render_template(
        "records/show.html",
        record=record, links=links, notes=notes, trail=trail, steps=steps, clocks=clocks, mails=mails,
        instance=case, messages=engine().messages(case.id) if case else [], active_register=record.register,
    )  # fmt: skip


def case_about(number: str) -> Instance | None:
    """Return the newest case about a record, None where there is none or it is closed to this person."""
    try:
        return engine().instance_by_key(number, by=me())
    except NotFound:
        return None


@area.post("/records/<number>/notes")
def note(number: str) -> ResponseReturnValue:
    """Add a person's note to a record's timeline."""
    text = request.form.get("text", "").strip()
    if not text or len(text) > LONGEST_NOTE:
        raise InvalidForm({"text": [Text("Write between 1 and {largest} characters.", largest=LONGEST_NOTE)]})
    with parts().registers.begin(me().id, clock().now()) as registers:
        check_record(registers.get(number))
        registers.note(number, text)
    flash(gettext("The note was added."), "good")
    return redirect(url_for("records.show", number=number) + "#notes")


def columns_of(definition: Register) -> list[str]:
    """Return the list's columns: number, the state where there are several, then as the definition says."""
    first = ["number", *(["state"] if len(definition.states) > 1 else [])]
    own_name = definition.labels.get(language(), definition.labels.get(""))
    dropped = {"number", "state", *definition.labels.values()} - {own_name}  # a name in another language says no more
    return first + [name for name in definition.columns if name not in dropped]


def _filter_value(field: Field) -> Any:
    value = asked(field.name, LONGEST_SEARCH)
    if field.type == "bool" and value is not None:
        return value == "true"
    return value
