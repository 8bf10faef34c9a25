"""The inbox: open user tasks, overdue first."""

from __future__ import annotations

from typing import Any, Literal

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from web.book import book
from web.context import engine, me
from web.listing import asked, asked_choice, asked_flag, asked_page
from web.rail import rail

Scope = Literal["mine", "roles", "all"]

area = Blueprint("inbox", __name__)

SCOPES: tuple[Scope, ...] = ("all", "mine", "roles")
ORDERS = ("due", "opened", "priority")


@area.get("/")
def index() -> ResponseReturnValue:
    """Show the tasks of a scope, filtered as the address says."""
    filters: dict[str, Any] = {
        "process": asked("process", 80),
        "text": asked("text"),
        "overdue": asked_flag("overdue"),
        "order": asked_choice("order", ORDERS),
    }
    scope = asked_choice("scope", SCOPES)
    page = engine().tasks(me(), scope=scope, page=asked_page(), **filters)
    book().learn(
        numbers=[task.business_key for task in page.items],
        people=[task.claimed_by or task.assignee for task in page.items],
    )
    counts = {name: engine().tasks(me(), scope=name, size=1).total for name in ("mine", "roles")}
    counts["all"] = rail().open
    return render_template(
        "inbox/index.html", page=page, scope=scope, counts=counts, filters=filters, processes=engine().definitions()
    )
