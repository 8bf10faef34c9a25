"""The people of the organisation: who holds which post and hat now."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from web.book import book
from web.context import clock, parts
from web.listing import asked
from web.sight import check_employee

area = Blueprint("people", __name__)
MOST = 200


@area.get("/people")
def index() -> ResponseReturnValue:
    """Show the active people, found by name or id."""
    check_employee()
    text = asked("text") or ""
    found = parts().registers.people.search(text, at=clock().now(), limit=MOST)
    book().learn(numbers=[person.department for person in found], people=[person.supervisor for person in found])
    return render_template("people/index.html", people=found, text=text)
