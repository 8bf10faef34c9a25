"""Forms on our pages: drawn in the reader's language, read back, and shown again where something is unseen or wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flask import request, url_for
from markupsafe import Markup

from web.context import clock, parts
from web.forms import is_refresh, read_posted, render_form, unseen_fields
from web.languages import gettext_plain
from web.translations import language, process_text

if TYPE_CHECKING:
    from engine import Form, References, Text

Values = Mapping[str, Any]
Errors = Mapping[str, Sequence["Text"]]


def references() -> References:
    """Return what forms may ask about the registers, in the reader's language."""
    return parts().registers.references(locale=language(), at=clock().now())


def draw(
    form: Form | None, values: Values | None, errors: Errors, context: Values, *, body_id: str = "form-body"
) -> Markup:
    """Draw the inside of a form; without values it shows what it opens with, without a form nothing."""
    if form is None:
        return Markup()
    return render_form(
        form,
        form.defaults(context) if values is None else values,
        errors,
        context=context,
        references=references(),
        gettext=gettext_plain,
        translate=process_text,
        search_url=lambda register: url_for("pickers.search", register=register),
        body_id=body_id,
    )


def posted_values(form: Form | None) -> dict[str, Any]:
    """Return what was typed into the form, unchecked."""
    return read_posted(form, request.form) if form else {}


class AnotherLook(Exception):
    """The form must be shown again before it counts: a row was added, or questions came up unseen."""


def read_answers(form: Form | None, context: Values) -> dict[str, Any]:
    """Read what was typed into a task's form.

    Raises AnotherLook.
    """
    if wants_another_look(form, lambda: context):
        raise AnotherLook
    return posted_values(form)


def wants_another_look(form: Form | None, context: Callable[[], Values]) -> bool:
    """Tell whether the form must be shown again before it counts: a row was added, or questions came up unseen.

    Questions can only come up on a form in which some depend on others; only then the context is asked for.
    """
    if form is None:
        return False
    if is_refresh(request.form):
        return True
    return bool(form.triggers) and bool(unseen_fields(form, request.form, context=context()))
