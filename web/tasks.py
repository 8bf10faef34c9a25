"""One user task: its form and everything one needs to decide it well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import InvalidForm, TaskClosed
from web.casework import case_after, case_of_task, form_context
from web.context import engine, me
from web.formwork import AnotherLook, draw, posted_values, read_answers
from web.translations import process_text
from web.words import role_word

if TYPE_CHECKING:
    from engine import Completion, Task, Text

area = Blueprint("tasks", __name__, url_prefix="/tasks")


@area.get("/<int:task_id>")
def show(task_id: int) -> ResponseReturnValue:
    """Show a task; one that is closed says who closed it."""
    task = engine().task(task_id, by=me())
    if not task.state.is_open:
        return render_template("tasks/closed.html", task=task, case=case_after(task))
    return page(task)


@area.post("/<int:task_id>")
def complete(task_id: int) -> ResponseReturnValue:
    """Complete a task and go on with what comes next."""
    try:
        done = engine().complete_task(task_id, read_answers, by=me())
    except AnotherLook:
        return show_again(task_id)
    except InvalidForm as error:
        return show_again(task_id, errors=error.errors), 422
    except TaskClosed:
        closed = engine().task(task_id, by=me())
        return render_template("tasks/closed.html", task=closed, case=case_after(closed)), 409
    return redirect(after(done))


def show_again(task_id: int, *, errors: Mapping[str, Sequence[Text]] | None = None) -> str:
    """Show a task with what was typed."""
    task = engine().task(task_id, by=me())
    return page(task, posted_values(task.form), errors=errors)


@area.post("/<int:task_id>/claim")
def claim(task_id: int) -> ResponseReturnValue:
    """Take a task for oneself."""
    engine().claim_task(task_id, by=me())
    return redirect(url_for("tasks.show", task_id=task_id))


@area.post("/<int:task_id>/release")
def release(task_id: int) -> ResponseReturnValue:
    """Give a task back to its role."""
    engine().release_task(task_id, by=me())
    flash(gettext("The task is open to its role again."), "good")
    return redirect(url_for("inbox.index"))


def page(
    task: Task, values: Mapping[str, Any] | None = None, *, errors: Mapping[str, Sequence[Text]] | None = None
) -> str:
    """Render the task page with these values in the form, at first with what the form opens with."""
    case = case_of_task(task)
    form = draw(task.form, values, errors or {}, form_context(case))
    return render_template("tasks/show.html", task=task, case=case, form=form, errors=errors)


def after(done: Completion) -> str:
    """Say what happened and return where to go: the next task if it is this person's, else the inbox."""
    flash(gettext("Done: %(task)s", task=process_text(done.task)), "good")
    for following in done.next_tasks:
        if following.may_complete:
            return url_for("tasks.show", task_id=following.id)
    for following in done.next_tasks:
        whose = role_word(following.role)  # not the assignee's name: it would cost every completion a statement
        flash(gettext("Next: %(task)s, with: %(whose)s", task=process_text(following.name), whose=whose), "next")
    return url_for("inbox.index")
