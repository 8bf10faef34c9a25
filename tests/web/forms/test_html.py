"""The HTML itself: valid, labelled, translated, escaped, and quiet enough for the CSP."""

from __future__ import annotations

import re
from typing import Any

import pytest
from lxml import etree, html
from werkzeug.datastructures import MultiDict

from engine import Form, Text
from tests.engine.forms.making import NOW, Directory, component, form_of, picker
from tests.web.forms.browser import draw, refused, text_of
from tests.web.forms.test_round_trip import EVERY, TYPED
from web.forms import render_form, render_suggestions, render_values
from web.forms.markdown import markdown

EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}"


def pages() -> list[html.HtmlElement]:
    """The form of every field: opened, filled in, and refused with errors everywhere."""
    wrong = dict.fromkeys(EVERY.keys, EVIL) | {"rows-0-what": "", "rows-0-owner": EVIL, "rows-0-due": EVIL}
    return [
        draw(EVERY),
        draw(EVERY, TYPED),
        refused(EVERY, MultiDict(wrong)),
        draw(EVERY, TYPED, {"rows": [Text("No")], "": [Text("All")]}),
    ]


@pytest.mark.parametrize("page", pages())
def test_every_control_has_exactly_one_label(page: html.HtmlElement) -> None:
    """Every visible control is named by a label that points to it, and every label points to something."""
    ids = [element.get("id") for element in page.iter() if isinstance(element.tag, str) and element.get("id")]
    assert len(ids) == len(set(ids))
    labels = [label.get("for") for label in page.iter("label")]
    assert set(labels) <= set(ids)
    for control in page.iter("input", "select", "textarea", "output"):
        if control.get("type") != "hidden":
            assert labels.count(control.get("id")) == 1, html.tostring(control)
            (label,) = page.xpath(f"//label[@for='{control.get('id')}']")
            assert text_of(label)


@pytest.mark.parametrize("page", pages())
def test_references_between_elements_hold(page: html.HtmlElement) -> None:
    """Descriptions, lists and links lead to elements of the page; groups have a legend; buttons have a name."""
    ids = set(page.xpath("//@id"))
    for attribute in ("aria-describedby", "list"):
        for value in page.xpath(f"//@{attribute}"):
            assert set(value.split()) <= ids
    assert {link[1:] for link in page.xpath("//form//a/@href")} <= ids
    assert all(fieldset[0].tag == "legend" for fieldset in page.iter("fieldset"))
    assert all(text_of(button) or button.get("aria-label") for button in page.xpath("//button[not(@hidden)]"))


@pytest.mark.parametrize("page", pages())
def test_no_inline_style_or_script(page: html.HtmlElement) -> None:
    """The pages' CSP forbids them."""
    assert not page.xpath("//@style | //script | //style | //@*[starts-with(name(), 'on')]")


@pytest.mark.parametrize("page", pages())
def test_elements_stand_where_they_may(page: html.HtmlElement) -> None:
    """No block inside a paragraph or label, no list without items, no form inside the form."""
    assert not page.xpath("//p//div | //label//*[self::div or self::label or self::input] | //ul/*[not(self::li)]")
    assert len(page.forms) == 1


@pytest.mark.parametrize("values", [{}, TYPED])
def test_tags_are_closed_as_they_are_opened(values: dict[str, Any]) -> None:
    """A strict parser agrees once void elements and bare attributes are written as XML."""
    context = {"__now__": NOW}
    drawn = render_form(EVERY, values, {}, context=context, references=Directory(), gettext=str, translate=str)
    closed = re.sub(r"<(input|hr|br)\b([^>]*)>", r"<\1\2/>", str(drawn))
    bare = re.sub(r" (required|checked|selected|hidden|formnovalidate)(?=[ />])", r' \1=""', closed)
    etree.fromstring(f"<div>{bare}</div>")


def test_everything_from_outside_is_escaped() -> None:
    """Labels, options, notes, values, records, errors: markup in them is text."""
    form = form_of(
        component("textfield", "a", label=EVIL.replace("{", "("), description="<b>x</b>"),
        component("select", "b", values=[{"label": "<i>o</i>", "value": "<v>"}]),
        {"type": "text", "id": "t", "text": "<u>note</u> [x](javascript:alert(1)) **<s>bold</s>**"},
        component("textarea", "c"),
    )
    page = draw(
        form, {"a": EVIL, "b": EVIL, "c": "</textarea>" + EVIL}, {"a": [Text("{x}", x=EVIL)], "zzz": [Text(EVIL)]}
    )
    assert not page.xpath("//script | //img | //i | //b | //u | //s | //a[contains(@href, 'javascript')]")
    assert page.get_element_by_id("f-a").get("value") == EVIL


def test_texts_are_translated_on_the_way_out() -> None:
    """The author's texts go through `translate`, ours through `gettext`; an author's message through both."""
    form = form_of(
        component("select", "kind", label="Kind", description="Which", options=["x"], required=True),
        {"type": "text", "id": "t", "text": "Hello"},
        {"type": "group", "id": "g", "label": "Part", "components": [component("textfield", "in_group")]},
        rules=[{"field": "in_group", "when": "=true", "message": "Bad idea."}],
    )
    page = refused_in(
        form,
        gettext={"This field is required.": "此项必填。", "Choose …": "请选择"},
        translate={"Kind": "种类", "Which": "哪种", "X": "甲", "Hello": "你好", "Part": "部分", "Bad idea.": "不妥。"},
    )
    said = text_of(page)
    for word in ("种类", "哪种", "甲", "你好", "部分", "不妥。", "此项必填。", "请选择"):
        assert word in said


def refused_in(form: Form, *, gettext: dict[str, str], translate: dict[str, str]) -> html.HtmlElement:
    """Refuse an empty form in another language."""
    sheet = form.fill({}, context={}, references=Directory())
    return draw(form, {}, sheet.problems, gettext=lambda t: gettext.get(t, t), translate=lambda t: translate.get(t, t))


def test_required_is_said_in_words_too() -> None:
    """The asterisk is for the eye; the word for the ear."""
    page = draw(form_of(component("textfield", "a", required=True)))
    (label,) = page.iter("label")
    assert text_of(label) == "A * (required)"
    assert page.get_element_by_id("f-a").get("required") is not None


def test_layout_puts_fields_side_by_side() -> None:
    """form-js counts 16 columns, Bootstrap 12."""
    left = component("textfield", "a", layout={"row": "r", "columns": 8})
    right = component("textfield", "b", layout={"row": "r", "columns": None})
    page = draw(form_of(left, right, component("textfield", "c")))
    assert page.xpath("//div[@class='row g-3']/div/@class") == ["col-md-6", "col-md"]


def test_small_register_is_offered_whole_and_a_large_one_searched() -> None:
    """Inputs share their register's suggestions; a filter keeps what can't be picked out of them."""
    form = form_of(picker("a", "customer"), picker("b", "customer", filter='=state != "removed"'), picker("c", "host"))
    page = draw(form, search_url=lambda register: f"/pick/{register}")
    lists = {name: page.get_element_by_id(page.get_element_by_id(f"f-{name}").get("list")) for name in "abc"}
    assert [len(lists[name]) for name in "abc"] == [3, 2, 0]
    assert lists["a"][0].get("value") == "Acme Bank (CUS-1)"
    assert page.xpath("//input[@hx-get]/@hx-get") == ["/pick/host"]


def test_suggestions_answer_what_was_typed() -> None:
    """The search endpoint's answer is options for the datalist."""
    options = html.fragment_fromstring(
        str(render_suggestions(Directory(), "user", {"_field": "owner", "owner": "li"})), "div"
    )
    assert [option.get("value") for option in options] == ["Li Na (li)", "Lin Tao (lin)"]
    assert render_suggestions(Directory(), "user", {}) == ""


def test_read_only_field_is_shown_and_not_posted() -> None:
    """A read-only field is text with a label, and no input."""
    page = draw(form_of(component("textfield", "priority", readonly=True)), context={"priority": "P1"})
    assert text_of(page.get_element_by_id("f-priority")) == "P1"
    assert not page.xpath("//*[@name='priority']")


def test_read_only_table_is_shown_whole() -> None:
    """A table that can't be changed is a table of texts."""
    rows = component(
        "dynamiclist", "rows", readonly=True, components=[picker("owner", "user"), component("checkbox", "done")]
    )
    page = draw(form_of(rows), context={"rows": [{"owner": "li", "done": True}]})
    assert [text_of(cell) for cell in page.iter("td")] == ["Li Na (li)", "Yes"]
    assert not page.xpath("//input[@type!='hidden']")


def test_values_are_drawn_for_reading() -> None:
    """History shows labels, names and local times; JSON's texts for times do too."""
    shown = html.fragment_fromstring(
        str(render_values(EVERY, {**TYPED, "tick": True}, references=Directory(), gettext=str, translate=str))
    )
    terms = [text_of(term) for term in shown.iter("dt")]
    read = dict(zip(terms, (text_of(value) for value in shown.iter("dd")), strict=True))
    assert read["Moment"] == "2026-03-01 10:30"
    assert (read["Customer"], read["People"]) == ("Acme Bank (CUS-1)", "Zhang Wei (zhang); Li Na (li)")
    assert (read["Answer"], read["Tick"], read["Several"], read["Dec"]) == ("False", "Yes", "X; Z", "1.50")
    assert "Patch" in read["Rows"]


@pytest.mark.parametrize("junk", [None, "", 5, [], {}, [1], [{"what": {}}], "2026-99-99T10:00", "x" * 1000, object])
def test_any_kept_value_can_be_read(junk: Any) -> None:
    """Old history may hold anything; showing it never fails."""
    kept = dict.fromkeys(EVERY.keys, junk)
    assert render_values(EVERY, kept, references=Directory(), gettext=str, translate=str)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Hello\nworld", "<h3>Hello</h3><p>world</p>"),
        ("a **b** *c* `d`", "<p>a <strong>b</strong> <em>c</em> <code>d</code></p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("[x](https://e.org/a*b*c?d=1&e=2)", '<p><a href="https://e.org/a*b*c?d=1&amp;e=2">x</a></p>'),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](//evil.org)", "<p>[x](//evil.org)</p>"),
        ('[x](https://e.org/"onclick=")', '<p><a href="https://e.org/&#34;onclick=&#34;">x</a></p>'),
        ("a\n\n\nb\nc", "<p>a</p><p>b<br>c</p>"),
        ("", ""),
    ],
)
def test_notes_use_a_small_part_of_markdown(text: str, expected: str) -> None:
    """Only these marks have an effect."""
    assert str(markdown(text)).replace("\n", "") == expected
