"""Published processes: what one may start, and every version as drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.exceptions import NotFound

from engine import InvalidForm
from web.context import clock, engine, me, parts
from web.formwork import draw, posted_values, wants_another_look
from web.listing import asked_version
from web.translations import process_text

if TYPE_CHECKING:
    from engine import Element, Form, Instance, ProcessDefinition, Text

HUMAN = ("userTask", "manualTask")
area = Blueprint("processes", __name__, url_prefix="/processes")


@area.get("/")
def index() -> ResponseReturnValue:
    """Show every process, with a button on those that this person may start."""
    startable: dict[str, list[Element]] = {}
    for definition, element in by_hand():
        startable.setdefault(definition.key, []).append(element)
    return render_template("processes/index.html", definitions=engine().definitions(), startable=startable)


@area.get("/<key>")
def show(key: str) -> ResponseReturnValue:
    """Show a process as drawn, in the version asked for or the newest."""
    definition = engine().definition(key, asked_version())
    starts = [element for known, element in by_hand() if known.key == key]
    timers = [timer for timer in engine().start_timers() if timer.process == key]
    return render_template(
        "processes/show.html", definition=definition, starts=starts, timers=timers, versions=engine().versions(key)
    )


@area.get("/<key>/start/<start_event>")
def begin(key: str, start_event: str) -> ResponseReturnValue:
    """Show a start event's form."""
    definition, element = startable(key, start_event)
    return page(definition, element)


@area.post("/<key>/start/<start_event>")
def start(key: str, start_event: str) -> ResponseReturnValue:
    """Start a case and go to its first task, if that is this person's."""
    definition, element = startable(key, start_event)
    form = form_of(definition, element)
    values = posted_values(form)
    if wants_another_look(form, lambda: {"__now__": clock().now()}):
        return page(definition, element, values)
    try:
        instance = engine().start(key, start_event=element.id, variables=values, by=me())
    except InvalidForm as error:
        return page(definition, element, values, errors=error.errors), 422
    return redirect(first_task(instance))


def by_hand() -> list[tuple[ProcessDefinition, Element]]:
    """Return what this person may start: a message start without a form is for machines."""
    return [(d, element) for d, element in engine().startable(me()) if element.form or element.event is None]


def startable(key: str, start_event: str) -> tuple[ProcessDefinition, Element]:
    """Find what this person may start, and make sure that somebody is there for every one of its tasks.

    Raises NotFound, RoleUnassigned.
    """
    for definition, element in by_hand():
        if definition.key == key and element.id == start_event:
            parts().registers.people.require_holders(roles_needed(definition), at=clock().now())
            return definition, element
    raise NotFound()


def roles_needed(definition: ProcessDefinition) -> list[str]:
    """Return the roles whose holders a process gives work to."""
    return sorted(
        {element.role for element in definition.model.elements.values() if element.kind in HUMAN and element.role}
    )


def form_of(definition: ProcessDefinition, element: Element) -> Form | None:
    """Return a start event's form, if it has one."""
    return definition.model.forms[element.form] if element.form else None


def first_task(instance: Instance) -> str:
    """Say that the case has begun and return where to go on."""
    label = instance.business_key or str(instance.id)
    flash(gettext("%(case)s has begun.", case=label), "good")
    for task in instance.tasks:
        if task.may_complete:
            return url_for("tasks.show", task_id=task.id)
    return url_for("instances.show", instance_id=instance.id)


def page(
    definition: ProcessDefinition,
    element: Element,
    values: Mapping[str, Any] | None = None,
    *,
    errors: Mapping[str, Sequence[Text]] | None = None,
) -> str:
    """Render a start form with these values, at first with what the form opens with."""
    html = draw(form_of(definition, element), values, errors or {}, {"__now__": clock().now()})
    name = process_text(element.name or definition.model.name)
    return render_template(
        "processes/start.html", definition=definition, element=element, name=name, form=html, errors=errors
    )
