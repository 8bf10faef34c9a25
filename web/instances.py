"""Cases: process instances with their diagram, timeline, variables, waits and messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import Conflict, InstanceState, InvalidForm, NotFound, Text
from web.book import book
from web.casework import Case, case_of, form_context
from web.context import engine, me
from web.formwork import draw, posted_values, references, wants_another_look
from web.listing import asked, asked_flag, asked_page
from web.offers import offer_to, offers_for
from web.translations import process_text

if TYPE_CHECKING:
    from engine import Instance
    from web.offers import Offer

area = Blueprint("instances", __name__, url_prefix="/cases")


@area.get("/")
def index() -> ResponseReturnValue:
    """Show the cases this person may see, the newest first."""
    filters = {"process": asked("process", 80), "state": asked("state", 20), "text": asked("text")}
    state = InstanceState(filters["state"]) if filters["state"] in set(InstanceState) else None
    if filters["text"]:
        try:
            found = engine().instance_by_key(filters["text"], by=me())
            return redirect(url_for("instances.show", instance_id=found.id))
        except NotFound:
            flash(gettext("There is no case %(number)s.", number=filters["text"]), "soon")
    roots = asked_flag("roots")
    page = engine().instances(by=me(), key=filters["process"], state=state, roots=roots, page=asked_page())
    book().learn(numbers=[instance.business_key for instance in page.items])
    return render_template(
        "instances/index.html", page=page, filters=filters, states=InstanceState, roots=roots,
        processes=engine().definitions(),
    )  # fmt: skip


@area.get("/<int:instance_id>")
def show(instance_id: int) -> ResponseReturnValue:
    """Show one case."""
    return page(case_of(engine().instance(instance_id, by=me())))


@area.post("/<int:instance_id>/messages/<name>")
def send(instance_id: int, name: str) -> ResponseReturnValue:
    """Send a case a message that it waits for."""
    instance = engine().instance(instance_id, by=me())
    offer = offer_to(name, me())
    check_waits(instance, name)
    case = case_of(instance)
    values = posted_values(offer.form)
    if wants_another_look(offer.form, lambda: form_context(case)):
        return page(case, sending=offer, values=values)
    try:
        clean = offer.form.validate(values, context=form_context(case), references=references())
    except InvalidForm as error:
        return page(case, sending=offer, values=values, errors=error.errors), 422
    engine().correlate(name, key=instance.business_key, variables=clean, by=me())
    flash(gettext("Sent: %(message)s", message=process_text(offer.label)), "good")
    return redirect(url_for("instances.show", instance_id=instance_id))


def check_waits(instance: Instance, name: str) -> None:
    """Make sure that the case listens: in the inbox a person's message would end some later wait unseen.

    Raises Conflict.
    """
    if name not in {wait.name for wait in instance.subscriptions}:
        case = instance.business_key or instance.id
        raise Conflict(Text("Case {case} doesn't wait for this message now. Nothing was sent.", case=case))


@area.post("/<int:instance_id>/variables")
def correct(instance_id: int) -> ResponseReturnValue:
    """Correct a variable, or set a new one."""
    typed = {name: request.form.get(name, "").strip() for name in ("variable", "value", "reason")}
    if missing := {name: [Text("This is needed.")] for name, text in typed.items() if not text}:
        return page(case_of(engine().instance(instance_id, by=me())), correcting=typed, errors=missing), 422
    texts = {typed["variable"]: typed["value"]}
    try:
        engine().correct_variables(instance_id, texts, reason=typed["reason"], by=me())
    except InvalidForm as error:
        errors = {"value": error.errors[typed["variable"]]}
        return page(case_of(engine().instance(instance_id, by=me())), correcting=typed, errors=errors), 422
    flash(gettext("%(name)s was corrected.", name=typed["variable"]), "good")
    return redirect(url_for("instances.show", instance_id=instance_id))


@area.post("/<int:instance_id>/choices/<token>")
def choose(instance_id: int, token: str) -> ResponseReturnValue:
    """Begin an activity in an ad-hoc sub-process of a case."""
    activity = request.form.get("activity", "")
    instance = engine().choose_activity(instance_id, token, activity, by=me())
    name = instance.definition.model.elements[activity].name or activity
    flash(gettext("Begun: %(step)s", step=process_text(name)), "good")
    return redirect(url_for("instances.show", instance_id=instance_id))


@area.post("/<int:instance_id>/choices/<token>/finish")
def finish(instance_id: int, token: str) -> ResponseReturnValue:
    """End an ad-hoc sub-process of a case, because enough is done."""
    engine().finish_ad_hoc(instance_id, token, by=me())
    flash(gettext("Finished."), "good")
    return redirect(url_for("instances.show", instance_id=instance_id))


@area.post("/<int:instance_id>/cancel")
def cancel(instance_id: int) -> ResponseReturnValue:
    """End a case by a decision of somebody who may."""
    reason = request.form.get("reason", "").strip()
    if not reason:
        raise InvalidForm({"reason": [Text("Say why the case is ended.")]})
    engine().cancel_instance(instance_id, reason=reason, by=me())
    flash(gettext("The case was ended."), "good")
    return redirect(url_for("instances.show", instance_id=instance_id))


def page(
    case: Case,
    *,
    sending: Offer | None = None,
    values: Mapping[str, Any] | None = None,
    correcting: Mapping[str, str] | None = None,
    errors: Mapping[str, Sequence[Text]] | None = None,
) -> str:
    """Render the page of a case, with the form filled in that was just posted and needs another look."""
    instance = case.instance
    forms = [
        (
            offer,
            draw(
                offer.form,
                values if offer is sending else {},
                (errors or {}) if offer is sending else {},
                form_context(case),
                body_id=f"message-{number}",
            ),
        )
        for number, offer in enumerate(offers_for((wait.name for wait in instance.subscriptions), me()))
    ]
    messages = engine().messages(instance.id)
    book().learn(people=[task.assignee for task in instance.tasks])
    return render_template(
        "instances/show.html", case=case, instance=instance, offers=forms, sending=sending, messages=messages,
        may_end=may_end(instance), correcting=correcting or {}, errors=errors or {},
    )  # fmt: skip


def may_end(instance: Instance) -> bool:
    """Tell whether to offer ending the case by hand; the engine decides. A called one ends with its caller."""
    return (
        instance.is_active
        and instance.parent_id is None
        and bool({instance.definition.model.owner, "system_admin"} & me().roles)
    )
