"""Operations: what is in trouble and can be repaired, and messages that wait for a receiver."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import JobState, MessageState, NotAllowed, Text, User
from web.context import engine, me

area = Blueprint("operations", __name__, url_prefix="/operations")


def may_operate(user: User) -> bool:
    """Tell whether somebody looks behind the scenes: administrators and process owners; the engine checks each act."""
    owners = {engine().definition(known.key).model.owner for known in engine().definitions()}
    return bool((owners | {"system_admin"}) & user.roles)


@area.get("/")
def index() -> ResponseReturnValue:
    """Show failed jobs and waiting messages: with the contents of cases, so not to everybody."""
    if not may_operate(me()):
        raise NotAllowed("OPERATE", Text("Operations are for administrators and process owners."))
    return render_template(
        "operations/index.html",
        failed=engine().jobs(state=JobState.FAILED),
        waiting=engine().jobs(state=JobState.DUE),
        messages=engine().messages(state=MessageState.WAITING),
        next_due=engine().next_due(),
    )


@area.post("/messages/<int:message_id>/retry")
def deliver(message_id: int) -> ResponseReturnValue:
    """Deliver a message whose receiver was in trouble."""
    if engine().retry_message(message_id, by=me()):
        flash(gettext("The message was delivered."), "good")
    else:
        flash(gettext("Nobody waits for this message now; it stays in the inbox."), "soon")
    return redirect(url_for("operations.index"))


@area.post("/jobs/<int:job_id>/retry")
def retry(job_id: int) -> ResponseReturnValue:
    """Let a failed job be tried again."""
    engine().retry_job(job_id, by=me())
    flash(gettext("The job is tried again with the next pass of the worker."), "good")
    return redirect(url_for("operations.index"))
