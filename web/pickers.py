"""Answers while somebody types into a field that picks a record or a person."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from web.forms import render_suggestions
from web.formwork import references
from web.sight import check_picker

area = Blueprint("pickers", __name__)


@area.get("/pickers/<register>")
def search(register: str) -> ResponseReturnValue:
    """Send the entries that fit what was typed."""
    check_picker(register)
    return str(render_suggestions(references(), register, request.args))
