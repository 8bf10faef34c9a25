"""A browser without JavaScript: reads a drawn form as HTML and posts what it holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import html
from werkzeug.datastructures import MultiDict

from engine import Form, InvalidForm
from tests.engine.forms.making import NOW, Directory
from web.forms import read_posted, render_form


def draw(form: Form, values: Mapping[str, Any] | None = None, errors: Any = None, **more: Any) -> html.HtmlElement:
    """Draw a form inside a page and parse it; without values it is as it opens."""
    context = {"__now__": NOW, **more.pop("context", {})}
    values = form.defaults(context) if values is None else values
    settings = {"gettext": str, "translate": str, "references": Directory(), "context": context, **more}
    markup = render_form(form, values, errors or {}, **settings)
    page = f'<!doctype html><html lang="en"><body><form method="post" novalidate>{markup}</form></body></html>'
    return html.document_fromstring(page)


def fields_of(page: html.HtmlElement) -> MultiDict[str, str]:
    """What submitting the page's form would post, as `FormData` without a button."""
    posted: MultiDict[str, str] = MultiDict()
    for element in page.forms[0].iter("input", "select", "textarea"):
        name, kind = element.get("name"), element.get("type")
        if not name:
            continue
        if element.tag == "textarea":
            posted.add(name, (element.text or "").removeprefix("\n"))
        elif element.tag == "select":
            posted.add(name, element.value if element.value is not None else "")
        elif kind not in ("checkbox", "radio") or element.get("checked") is not None:
            posted.add(name, element.get("value", "on"))
    return posted


def fill_in(page: html.HtmlElement, **answers: str | list[str]) -> MultiDict[str, str]:
    """What the page posts after somebody entered these answers; `rows__0__owner` is the cell `rows-0-owner`."""
    posted = fields_of(page)
    for key, answer in answers.items():
        name = key.replace("__", "-")
        assert page.xpath(f"//*[@name='{name}']"), f"nothing on the page is called {name}"
        posted.setlist(name, answer if isinstance(answer, list) else [answer])
    return posted


def submit(form: Form, posted: MultiDict[str, str], **context: Any) -> dict[str, Any]:
    """Read and validate a post."""
    return form.validate(read_posted(form, posted), context={"__now__": NOW, **context}, references=Directory())


def refused(form: Form, posted: MultiDict[str, str], **context: Any) -> html.HtmlElement:
    """Post what must be refused and give the page that comes back."""
    values = read_posted(form, posted)
    try:
        form.validate(values, context={"__now__": NOW, **context}, references=Directory())
    except InvalidForm as error:
        return draw(form, values, error.errors, context=context)
    raise AssertionError("the form was accepted")


def text_of(element: html.HtmlElement) -> str:
    """The visible text with single spaces."""
    return " ".join(element.text_content().split())
