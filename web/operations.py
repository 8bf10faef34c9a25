"""Operations: what is in trouble and can be repaired, and messages that wait for a receiver."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import ADMIN, JobState, MessageState
from web.context import engine, me
from web.sight import check_operator, operated

area = Blueprint("operations", __name__, url_prefix="/operations")


@area.get("/")
def index() -> ResponseReturnValue:
    """Show failed jobs and waiting messages: with the contents of cases, so not to everybody."""
    check_operator()
    mine = operated(me())
    return render_template(
        "operations/index.html",
        failed=[job for job in engine().jobs(state=JobState.FAILED) if job.process in mine],
        waiting=[job for job in engine().jobs(state=JobState.DUE) if job.process in mine],
        messages=engine().messages(state=MessageState.WAITING),
        may_deliver=ADMIN in me().roles,
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
