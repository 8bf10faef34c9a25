"""Drawn, posted by a browser without JavaScript, read and validated."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from engine import InvalidForm
from tests.engine.forms.making import NOW, component, form_of, picker
from tests.web.forms.browser import draw, fields_of, fill_in, refused, submit, text_of
from web.forms import is_refresh, read_posted, render_form, unseen_fields

ROWS = component(
    "dynamiclist",
    "rows",
    components=[
        component("textfield", "what", required=True),
        picker("owner", "user"),
        component("checkbox", "done"),
        component("datetime", "due", subtype="date"),
    ],
)
EVERY = form_of(
    component("textfield", "text"),
    component("textarea", "area"),
    component("number", "whole", decimalDigits=0),
    component("number", "dec"),
    component("checkbox", "tick"),
    component("radio", "answer", options=[True, False]),
    component("datetime", "day", subtype="date"),
    component("datetime", "moment", subtype="datetime"),
    component("select", "choice", options=["x", "y", 3]),
    component("radio", "level", options=[1, 2]),
    component("checklist", "several", options=["x", "y", "z"]),
    component("taglist", "tags", options=["x", "y"]),
    picker("customer", "customer"),
    picker("host", "host"),
    picker("people", "user", several=True),
    ROWS,
)
TYPED: dict[str, Any] = {
    "text": 'He said "<b>no</b>" & left',
    "area": "one\n  two\nthree",
    "whole": 0,
    "dec": Decimal("1.50"),
    "tick": True,
    "answer": False,
    "day": date(2026, 3, 1),
    "moment": datetime(2026, 3, 1, 2, 30, tzinfo=UTC),
    "choice": 3,
    "level": 2,
    "several": ["x", "z"],
    "tags": ["y"],
    "customer": "CUS-1",
    "host": "H-150",
    "people": ["zhang", "li"],
    "rows": [
        {"what": "Patch", "owner": "li", "done": True, "due": date(2026, 4, 1)},
        {"what": "Watch", "owner": None, "done": False, "due": None},
    ],
}


def test_typed_values_survive_the_browser() -> None:
    """Values of every type are drawn, posted unchanged and validated to themselves."""
    assert submit(EVERY, fields_of(draw(EVERY, TYPED))) == TYPED


def test_empty_form_survives_the_browser() -> None:
    """An untouched form without defaults gives nothing: None, [] and False."""
    empty = submit(EVERY, fields_of(draw(EVERY)))
    assert {key for key, value in empty.items() if value not in (None, [])} == {"tick"}
    assert empty["tick"] is False


def test_answers_entered_in_the_browser_are_typed() -> None:
    """What people enter in the drawn controls arrives as the fields' types."""
    posted = fill_in(
        draw(EVERY),
        text=" Disk ",
        whole="12",
        answer="true",
        moment="2026-03-01T10:30",
        choice="y",
        several=["z", "y"],
        customer="acme bank",
        people=["zhang", "Li Na (li)"],
        rows__0__what="Patch",
        rows__0__owner="Zhang Wei",
    )
    values = submit(EVERY, posted)
    assert (values["text"], values["whole"], values["answer"], values["choice"]) == ("Disk", 12, True, "y")
    assert values["moment"] == datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
    assert (values["several"], values["customer"], values["people"]) == (["y", "z"], "CUS-1", ["zhang", "li"])
    assert values["rows"] == [{"what": "Patch", "owner": "zhang", "done": False, "due": None}]


def test_unticked_box_of_a_shown_form_is_no() -> None:
    """Browsers don't post unticked boxes; what was shown and is missing is empty, not as it was before."""
    form = form_of(component("checkbox", "tick", defaultValue=True), component("checklist", "several", options=["x"]))
    posted = fields_of(draw(form, {"tick": True, "several": ["x"]}))
    del posted["tick"], posted["several"]
    assert submit(form, posted, several=["x"]) == {"tick": False, "several": []}


def test_wrong_answers_are_shown_again_as_typed() -> None:
    """After a refusal every field holds what was typed, also where a date input would have swallowed it."""
    wrong = {
        "whole": "about ten",
        "dec": "1,5",
        "day": "tomorrow",
        "moment": "10:30 yesterday",
        "customer": "nobody <i>",
        "area": "kept\nas is",
    }
    page = refused(EVERY, fill_in(draw(EVERY), **wrong, rows__0__due="someday"))
    again = fields_of(page)
    assert {key: again[key] for key in wrong} == wrong
    assert again["rows-0-due"] == "someday"
    assert page.get_element_by_id("f-day").get("type") == "text"


def test_every_error_is_named_linked_and_tied_to_its_input() -> None:
    """The summary leads to each input; the input is marked invalid and described by its message."""
    form = form_of(
        component("textfield", "title", required=True),
        component("radio", "ok", options=[True, False], required=True),
        ROWS,
    )
    page = refused(form, fill_in(draw(form), rows__0__owner="zhang"))
    links = {link.get("href"): text_of(link) for link in page.xpath("//div[@role='alert']//a")}
    assert links == {
        "#f-title": "Title: This field is required.",
        "#f-ok": "Ok: This field is required.",
        "#f-rows-0-what": "What, row 1: This field is required.",
    }
    title = page.get_element_by_id("f-title")
    assert title.get("aria-invalid") == "true"
    assert "is-invalid" in title.get("class")
    assert text_of(page.get_element_by_id(title.get("aria-describedby"))) == "This field is required."


def test_ambiguous_name_becomes_a_choice_of_candidates() -> None:
    """A name that fits several records comes back as a select of them; choosing one is enough."""
    form = form_of(picker("customer", "customer", required=True), picker("people", "user", several=True))
    page = refused(form, fill_in(draw(form), customer="Acme", people=["zhang", "L"]))
    choice = page.get_element_by_id("f-customer")
    assert choice.tag == "select"
    assert [option.get("value") for option in choice] == ["Acme", "CUS-1", "CUS-2", ""]
    assert text_of(choice[0]) == "“Acme” may mean:"
    assert fields_of(page).getlist("people") == ["zhang", "L", ""]
    posted = fill_in(page, customer="CUS-2", people=["zhang", "lin", ""])
    assert submit(form, posted) == {"customer": "CUS-2", "people": ["zhang", "lin"]}


def test_rows_are_added_and_dropped_by_buttons() -> None:
    """Without JavaScript, rows come and go by submit buttons, and nothing typed is lost."""
    form = form_of(ROWS)
    posted = fill_in(draw(form), rows__0__what="one")
    posted.add("_add", "rows")
    assert is_refresh(posted)
    page = draw(form, read_posted(form, posted))
    posted = fill_in(page, rows__1__what="two")
    posted.add("_drop", "rows:0")
    again = fields_of(draw(form, read_posted(form, posted)))
    assert again["rows-0-what"] == "two"
    assert "rows-1-what" not in again
    assert [row["what"] for row in submit(form, again)["rows"]] == ["two"]


def test_enter_submits_instead_of_removing_a_row() -> None:
    """The form's first submit button, which Enter presses, is the nameless hidden one."""
    buttons = draw(form_of(ROWS)).xpath("//button")
    assert buttons[0].get("name") is None
    assert {button.get("name") for button in buttons[1:]} == {"_drop", "_add"}
    assert all(button.get("formnovalidate") is not None for button in buttons[1:])


def test_condition_is_applied_when_the_form_is_shown_again() -> None:
    """Without JavaScript a button asks for the form that fits the answers."""
    form = form_of(
        component("select", "outcome", options=["done", "change"]),
        component("textfield", "change", hide='=outcome != "change"'),
    )
    page = draw(form)
    assert not page.xpath("//*[@name='change']")
    assert page.xpath("//button[@name='_refresh']")
    posted = fill_in(page, outcome="change")
    assert [field.key for field in unseen_fields(form, posted, context={"__now__": NOW})] == ["change"]
    page = draw(form, read_posted(form, posted))
    posted = fill_in(page, change="CHG-1")
    assert not unseen_fields(form, posted, context={"__now__": NOW})
    assert submit(form, posted) == {"outcome": "change", "change": "CHG-1"}


def test_htmx_refreshes_only_where_a_condition_listens() -> None:
    """Fields that conditions read ask for the form again; the others stay quiet, and all of it can be turned off."""
    form = form_of(component("checkbox", "a"), component("textfield", "b", hide="=a"), component("textfield", "c"))
    page = draw(form, refresh_url="/tasks/1", body_id="task-form")
    (listening,) = page.xpath("//*[@hx-post]")
    assert (listening.get("name"), listening.get("hx-post"), listening.get("hx-target")) == (
        "a",
        "/tasks/1",
        "#task-form",
    )
    assert not draw(form, refresh_url=None).xpath("//*[@hx-post]")


def test_client_that_says_nothing_of_what_it_saw_keeps_defaults() -> None:
    """A plain HTTP client may post only what it changes."""
    form = form_of(component("textfield", "title"), component("number", "count", decimalDigits=0, defaultValue=1), ROWS)
    posted = MultiDict({"title": "T", "rows-3-what": "a", "rows-7-what": "b"})
    assert submit(form, posted) == {
        "title": "T",
        "count": 1,
        "rows": [{"what": w, "owner": None, "done": False, "due": None} for w in "ab"],
    }


@pytest.mark.parametrize(
    "posted",
    [
        {"rows-rows": "1000000"},
        {"rows-rows": "9" * 5000},
        {"rows-rows": "-1"},
        {"_drop": "rows:99999", "rows-rows": "1"},
        {"_drop": "rows:²"},
        {"_add": "nothing"},
        {"_drop": ":::"},
        {"_shown": "," * 1000, "rows-0-": "x", "rows-x-what": "y", "rows-0-what-more": "z"},
        {f"rows-{n}-what": "x" for n in range(5000)},
        {f"rows-{n}-what": "x" for n in range(9990, 30000)},
        {"text": "\x00", "is_admin": "1", "__now__": "2000-01-01T00:00Z"},
    ],
)
def test_hostile_post_is_read_within_bounds(posted: dict[str, str]) -> None:
    """Row counts, indices and names from outside are capped; only the form's keys come out."""
    values = read_posted(EVERY, MultiDict(posted))
    assert set(values) <= set(EVERY.keys)
    assert len(values.get("rows", [])) <= 201
    draw(EVERY, values)


def test_too_many_rows_are_refused_and_shown_again() -> None:
    """The refusal doesn't cost people their rows."""
    made = {**ROWS, "properties": {"max_rows": 3}}
    form = form_of(made)
    page = refused(form, MultiDict({f"rows-{n}-what": f"w{n}" for n in range(5)}))
    assert [fields_of(page)[f"rows-{n}-what"] for n in range(5)] == ["w0", "w1", "w2", "w3", "w4"]
    assert not page.xpath("//button[@name='_add']")


NAMES = st.sampled_from(
    [*EVERY.keys, "rows-0-what", "rows-0-owner", "rows-1-due", "rows-rows", "_add", "_drop", "_shown", "_more"]
)
TEXTS = st.text(max_size=12) | st.sampled_from(
    ["rows", "rows:0", "text,rows", "Acme", "<script>", "2026-03-01T10:00", "true"]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(NAMES, TEXTS), max_size=25))
def test_any_post_is_accepted_or_shown_again(pairs: list[tuple[str, str]]) -> None:
    """Whatever is posted: accepted, or a page that posts the same text fields back; and accepted values round-trip."""
    posted = MultiDict(pairs)
    values = read_posted(EVERY, posted)
    try:
        clean = submit(EVERY, posted)
    except InvalidForm as error:
        again = fields_of(draw(EVERY, values, error.errors))
        for key in ("whole", "customer", "day"):
            if values.get(key, "").strip() and key in error.errors and values[key].isprintable():
                assert again[key] == values[key]
        return
    assert submit(EVERY, fields_of(draw(EVERY, clean))) == clean


def test_rendering_needs_no_request() -> None:
    """The drawing is a function of its arguments: no application, no request."""
    assert "form-body" in render_form(
        EVERY, TYPED, {}, context={"__now__": NOW}, references=_Nobody(), gettext=str, translate=str
    )


class _Nobody:
    def exists(self, register: str, key: str) -> bool:
        return False

    def label(self, register: str, key: str) -> str:
        return key

    def search(self, register: str, text: str, limit: int) -> list[tuple[str, str]]:
        return []

    def fields(self, register: str, key: str) -> dict[str, Any]:
        return {}
