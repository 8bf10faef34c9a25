"""What people enter: typed values or all problems at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import InvalidForm
from tests.engine.forms.making import NOW, Directory, component, errors_of, form_of, picker, validate

EVERY = form_of(
    component("textfield", "text"),
    component("textarea", "area"),
    component("number", "whole", decimalDigits=0),
    component("number", "dec", decimalDigits=2),
    component("checkbox", "tick"),
    component("radio", "answer", options=[True, False]),
    component("datetime", "day", subtype="date"),
    component("datetime", "moment", subtype="datetime"),
    component("select", "choice", options=["x", "y", 3]),
    component("checklist", "several", options=["x", "y", "z"]),
    picker("customer", "customer"),
    picker("people", "user", several=True),
    component("dynamiclist", "rows", components=[component("textfield", "what"), picker("owner", "user")]),
)
UTC_TEN = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "raw", "value"),
    [
        ("text", "  Disk full ", "Disk full"),
        ("area", "one\r\ntwo\tthree", "one\ntwo\tthree"),
        ("whole", "42", 42),
        ("whole", "-7", -7),
        ("whole", "１２", 12),
        ("whole", 5, 5),
        ("whole", Decimal("5.0"), 5),
        ("dec", "1.50", Decimal("1.50")),
        ("dec", 0.1, Decimal("0.1")),
        ("dec", ".5", Decimal("0.5")),
        ("tick", "true", True),
        ("tick", "", False),
        ("tick", None, False),
        ("answer", "false", False),
        ("answer", True, True),
        ("answer", "", None),
        ("day", "2026-03-01", date(2026, 3, 1)),
        ("day", datetime(2026, 3, 1, 20, 0, tzinfo=UTC), date(2026, 3, 2)),
        ("moment", "2026-03-01T10:30", UTC_TEN),
        ("moment", "2026-03-01 10:30", UTC_TEN),
        ("moment", "2026-03-01T02:30:00Z", UTC_TEN),
        ("moment", "2026-03-01T04:30+02:00", UTC_TEN),
        ("moment", UTC_TEN, UTC_TEN),
        ("moment", datetime(2026, 3, 1, 10, 30), UTC_TEN),  # noqa: DTZ001  naive is local, like typed text
        ("choice", "x", "x"),
        ("choice", "3", 3),
        ("choice", 3, 3),
        ("several", ["z", "x", "x"], ["x", "z"]),
        ("several", "y", ["y"]),
        ("customer", "CUS-1", "CUS-1"),
        ("customer", "Acme Bank", "CUS-1"),
        ("customer", "acme b", "CUS-1"),
        ("customer", "Acme Bank (CUS-1)", "CUS-1"),
        ("people", ["zhang", "Li Na", "", "zhang"], ["zhang", "li"]),
        ("rows", [{"what": "a", "owner": "zhang"}, {}, {"what": " "}], [{"what": "a", "owner": "zhang"}]),
        ("rows", None, []),
        ("text", "", None),
        ("customer", "  ", None),
        ("people", "", []),
    ],
)
def test_value_is_typed(key: str, raw: Any, value: Any) -> None:
    """Posted text and JSON both come out as the field's type, trimmed and in UTC; nothing entered is None or []."""
    found = validate(EVERY, {key: raw})[key]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("key", "raw"),
    [
        ("text", 5),
        ("text", ["a"]),
        ("text", "a\x00b"),
        ("text", "a\nb"),
        ("text", "\ud800"),
        ("text", "x" * 10_001),
        ("area", "x" * 1_000_000),
        ("area", "a\x1bb"),
        ("whole", "1.5"),
        ("whole", "abc"),
        ("whole", True),
        ("whole", "9" * 5000),
        ("whole", 10**18),
        ("whole", float("nan")),
        ("whole", Decimal("sNaN")),
        ("whole", Decimal("1E-9999999")),
        ("whole", Decimal("1" * 60)),
        ("dec", "1e5"),
        ("dec", "1.234"),
        ("dec", "NaN"),
        ("dec", float("inf")),
        ("dec", Decimal("1E+999999")),
        ("dec", Decimal("0E+999999")),
        ("dec", 1e-30),
        ("dec", {}),
        ("tick", "maybe"),
        ("tick", [1]),
        ("answer", "perhaps"),
        ("answer", 1),
        ("day", "2026-02-30"),
        ("day", "01/02/2026"),
        ("day", "0001-01-01"),
        ("day", 20260301),
        ("moment", "2026-03-01"),
        ("moment", "2026-03-01T25:00"),
        ("moment", "9999-12-31T23:59Z"),
        ("moment", "2026-W10-1T10:00"),
        ("moment", date(2026, 3, 1)),
        ("choice", "q"),
        ("choice", True),
        ("choice", {"x": 1}),
        ("several", ["x", "q"]),
        ("several", [["x"]]),
        ("several", {"x": 1}),
        ("several", ["x"] * 100_000),
        ("customer", "Acme"),
        ("customer", "nobody"),
        ("customer", 7),
        ("customer", "x" * 5000),
        ("people", ["nobody"]),
        ("people", [["zhang"]]),
        ("people", ["zhang"] * 100_000),
        ("rows", "text"),
        ("rows", {"0": {}}),
        ("rows", [["nested"]]),
        ("rows", [{}] * 1_000_000),
    ],
)
def test_value_of_the_wrong_kind_is_refused_at_its_path(key: str, raw: Any) -> None:
    """Wrong types, options, limits and sizes give a sentence at the field and never an exception of another kind."""
    assert list(errors_of(EVERY, {key: raw})) == [key]


def test_all_problems_come_at_once_with_row_paths() -> None:
    """One answer names every field, those in rows by number, counting blank rows as posted."""
    rows = component(
        "dynamiclist",
        "actions",
        components=[component("textfield", "what", required=True), picker("owner", "user")],
    )
    form = form_of(component("textfield", "title", required=True), component("number", "n"), rows)
    raw = {"n": "x", "actions": [{}, {"owner": "zhang"}, {"what": "w", "owner": "nobody"}]}
    assert errors_of(form, raw) == {
        "title": ["This field is required."],
        "n": ["Enter a number."],
        "actions.1.what": ["This field is required."],
        "actions.2.owner": ["Nothing is found for “nobody”."],
    }


def test_every_wrong_entry_of_a_list_is_named() -> None:
    """A list of people with two wrong names says so twice."""
    found = errors_of(EVERY, {"people": ["zhang", "nobody", "L", "noone"]})
    assert found["people"] == [
        "Nothing is found for “nobody”.",
        "“L” is not precise enough: choose one.",
        "Nothing is found for “noone”.",
    ]


def test_hidden_fields_are_dropped_with_their_errors() -> None:
    """A condition decides on typed values; what it hides is neither required, checked nor kept."""
    form = form_of(
        component("select", "outcome", options=["done", "change"], required=True),
        component("textfield", "change", required=True, hide='=outcome != "change"'),
        {
            "type": "group",
            "id": "g",
            "label": "G",
            "conditional": {"hide": "=true"},
            "components": [component("number", "n")],
        },
    )
    assert validate(form, {"outcome": "done", "change": "x" * 99_999, "n": "bad"}) == {"outcome": "done"}
    assert errors_of(form, {"outcome": "change"}) == {"change": ["This field is required."]}


def test_condition_on_a_hidden_field_sees_null() -> None:
    """Chains of conditions settle: what depends on a hidden answer is treated as unanswered."""
    form = form_of(
        component("textfield", "c", hide="=b = null"),
        component("textfield", "b", hide="=a = null"),
        component("textfield", "a"),
    )
    assert validate(form, {"b": "B", "c": "C"}) == {"a": None}
    assert validate(form, {"a": "A", "b": "B", "c": "C"}) == {"c": "C", "b": "B", "a": "A"}


def test_required_if_follows_other_answers() -> None:
    """A field can be required by what else was answered."""
    form = form_of(
        component("select", "outcome", options=["kb", "escalate"]),
        component("textarea", "solution", properties={"required_if": '=outcome = "kb"'}),
    )
    assert errors_of(form, {"outcome": "escalate"}) == {}
    assert list(errors_of(form, {"outcome": "kb", "solution": " "})) == ["solution"]


def test_required_answer_may_be_no_but_a_required_box_must_be_ticked() -> None:
    """Yes/no asks for an answer; a required checkbox (form-js) asks for consent."""
    form = form_of(
        component("radio", "ok", options=[True, False], required=True), component("checkbox", "agree", required=True)
    )
    assert validate(form, {"ok": "false", "agree": "true"}) == {"ok": False, "agree": True}
    assert sorted(errors_of(form, {"ok": "", "agree": ""})) == ["agree", "ok"]


@pytest.mark.parametrize(
    ("more", "raw", "message"),
    [
        ({"min": 1}, "0", "Enter 1 or more."),
        ({"max": 5}, "6", "Enter 5 or less."),
        ({"max": "=limit * 2"}, "7", "Enter 6 or less."),
        ({"min": 1, "max": 5}, "3", None),
        ({"max": "=nothing"}, "7", None),
    ],
)
def test_number_keeps_to_its_limits(more: dict[str, Any], raw: str, message: str | None) -> None:
    """Bounds are numbers or FEEL over the context; a bound that is null doesn't bind."""
    form = form_of(component("number", "n", **more))
    assert errors_of(form, {"n": raw}, limit=3) == ({"n": [message]} if message else {})


def test_date_time_keeps_to_feel_limits() -> None:
    """`=now()` is the moved present; limits are shown in local time; a date compares with local dates."""
    form = form_of(
        component("datetime", "told_at", subtype="datetime", max="=now()"),
        component("datetime", "due", subtype="date", min="=today()"),
        component("datetime", "meeting", subtype="datetime", disallowPassedDates=True),
    )
    assert errors_of(form, {"told_at": "2026-03-02T10:00", "due": "2026-03-02", "meeting": "2026-03-02T00:01"}) == {}
    found = errors_of(form, {"told_at": "2026-03-02T10:01", "due": "2026-03-01", "meeting": "2026-03-01T23:59"})
    assert found["told_at"] == ["Enter 2026-03-02 10:00 or earlier."]
    assert sorted(found) == ["due", "meeting", "told_at"]


@pytest.mark.parametrize(
    ("more", "raw", "good"),
    [
        ({"minLength": 5}, "  abc  ", False),
        ({"maxLength": 3}, "abcd", False),
        ({"maxLength": "=most"}, "abcd", False),
        ({"maxLength": 20_000}, "x" * 15_000, True),
        ({"pattern": "^AST-[0-9]{4}$"}, "AST-0042", True),
        ({"pattern": "^AST-[0-9]{4}$"}, "AST-٠٠٤٢", False),
        ({"pattern": "a"}, "a" * 257, False),
        ({"validationType": "email"}, "a.b@example.com", True),
        ({"validationType": "email"}, "a@b@c", False),
        ({"validationType": "email"}, "a@" + "b." * 5000, False),
        ({"validationType": "phone"}, "+86 21 5555-0100", True),
        ({"validationType": "phone"}, "call me", False),
    ],
)
def test_text_keeps_to_its_limits(more: dict[str, Any], raw: str, good: bool) -> None:
    """Length counts trimmed characters; patterns read as browsers read them, on a capped input."""
    form = form_of(component("textfield", "t", **more))
    assert (errors_of(form, {"t": raw}, most=3) == {}) is good


def test_rule_across_fields_stands_at_its_field() -> None:
    """A form-level rule compares typed answers; a hidden field's rule is silent."""
    form = form_of(
        component("datetime", "start", subtype="datetime"),
        component("datetime", "end", subtype="datetime", hide="=open = true"),
        component("checkbox", "open"),
        rules=[{"field": "end", "when": "=end < start", "message": "The end is before the start."}],
    )
    raw = {"start": "2026-03-01T10:00", "end": "2026-03-01T09:00"}
    assert errors_of(form, raw) == {"end": ["The end is before the start."]}
    assert errors_of(form, {**raw, "open": "true"}) == {}


def test_read_only_fields_keep_what_they_opened_with() -> None:
    """A tampered read-only field has no effect, and conditions see the true value."""
    form = form_of(
        component("textfield", "priority", readonly=True),
        component("textfield", "state", disabled=True),
        component("textfield", "why", required=True, hide='=priority != "P1"'),
    )
    assert errors_of(form, {"priority": "P4", "state": "closed"}, priority="P1") == {"why": ["This field is required."]}
    assert validate(form, {"priority": "P4", "why": "x"}, priority="P1") == {"why": "x"}


def test_unknown_keys_are_dropped() -> None:
    """Only the form's own fields come through, in rows too."""
    form = form_of(component("dynamiclist", "rows", components=[component("textfield", "a")]))
    assert validate(form, {"is_admin": True, "rows": [{"a": "x", "b": "y"}]}) == {"rows": [{"a": "x"}]}


def test_form_opens_with_feel_default_then_context_then_plain_default() -> None:
    """`=null` opens empty every time; a stale choice that is no option isn't offered."""
    form = form_of(
        component("datetime", "at", subtype="datetime", properties={"default": "=now()"}),
        component("textfield", "group", properties={"default": "=routing(category)"}),
        component("textfield", "title"),
        component("number", "count", decimalDigits=0, defaultValue=1),
        component("select", "outcome", options=["x"], properties={"default": "=null"}),
        component("select", "kind", options=["x"]),
    )
    context = {"__now__": NOW + timedelta(seconds=7), "title": "T", "outcome": "x", "kind": "old", "category": "host"}
    opened = form.defaults(context, functions={"routing": lambda category: f"{category}_group"})
    assert opened == {"at": NOW, "group": "host_group", "title": "T", "count": 1, "outcome": None, "kind": None}


def test_absent_field_counts_as_the_form_opened_it() -> None:
    """A client may leave out what it doesn't change; an empty value is a change."""
    form = form_of(component("textfield", "title", required=True), component("number", "count", defaultValue=1))
    assert validate(form, {}, title="Kept") == {"title": "Kept", "count": 1}
    assert validate(form, {"title": "New", "count": ""}) == {"title": "New", "count": None}


def test_reference_keeps_to_its_filter() -> None:
    """A filter is FEEL over the record's fields: what it excludes can't be picked, by key or by name."""
    form = form_of(picker("supplier", "customer", filter='=state != "removed"'))
    assert validate(form, {"supplier": "CUS-2"}) == {"supplier": "CUS-2"}
    assert list(errors_of(form, {"supplier": "CUS-3"})) == ["supplier"]
    assert list(errors_of(form, {"supplier": "Harbour Port"})) == ["supplier"]


def test_column_conditions_see_their_row_and_the_form() -> None:
    """Each row is judged with its own values before the form's."""
    columns = [
        component("select", "kind", options=["own", "other"]),
        component("textfield", "name", required=True, hide='=kind = "own" or short = true'),
    ]
    form = form_of(component("dynamiclist", "rows", components=columns), component("checkbox", "short"))
    raw = {"rows": [{"kind": "own"}, {"kind": "other"}]}
    assert list(errors_of(form, raw)) == ["rows.1.name"]
    assert validate(form, {**raw, "short": "true"})["rows"] == [
        {"kind": "own", "name": None},
        {"kind": "other", "name": None},
    ]


def test_table_limits_and_requirement() -> None:
    """A required table wants a row with something in it, and no more rows than allowed."""
    made = component(
        "dynamiclist", "rows", required=True, components=[component("textfield", "a")], properties={"max_rows": "2"}
    )
    form = form_of(made)
    assert errors_of(form, {"rows": [{}, {"a": ""}]}) == {"rows": ["This field is required."]}
    assert errors_of(form, {"rows": [{"a": "x"}] * 3}) == {"rows": ["Enter at most 2 rows."]}


def test_rules_see_tables() -> None:
    """A rule may count a table's rows."""
    form = form_of(
        component("dynamiclist", "rows", components=[component("textfield", "a")]),
        rules=[{"when": "=count(rows) < 2", "message": "Two rows, please."}],
    )
    assert errors_of(form, {"rows": [{"a": "x"}]}) == {"": ["Two rows, please."]}
    assert errors_of(form, {"rows": [{"a": "x"}, {"a": "y"}]}) == {}


def test_options_can_come_from_the_context() -> None:
    """`valuesKey` and `valuesExpression` give options that are checked like fixed ones."""
    form = form_of(component("select", "team", valuesKey="teams"))
    teams = [{"value": "net", "label": "Network"}, "host"]
    assert validate(form, {"team": "host"}, teams=teams) == {"team": "host"}
    assert list(errors_of(form, {"team": "gym"}, teams=teams)) == ["team"]
    assert list(errors_of(form, {"team": "net"}, teams="nonsense")) == ["team"]


def test_time_zone_can_be_given() -> None:
    """Typed times are local to the zone that the caller names."""
    form = form_of(component("datetime", "at", subtype="datetime"))
    west = timezone(timedelta(hours=-5))
    values = form.validate({"at": "2026-03-01T10:00"}, context={"__now__": NOW}, references=Directory(), timezone=west)
    assert values["at"] == datetime(2026, 3, 1, 15, 0, tzinfo=UTC)


def test_values_that_are_no_mapping_are_refused() -> None:
    """A JSON client that sends a list gets an answer, not a failure."""
    with pytest.raises(InvalidForm):
        validate(EVERY, [1, 2])  # type: ignore[arg-type]


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.datetimes() | st.decimals(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.sampled_from(EVERY.keys), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from([*EVERY.keys, "other"]), JUNK))
def test_any_input_is_validated_or_refused_cleanly(raw: dict[str, Any]) -> None:
    """Whatever is posted: clean values for the form's keys only, or InvalidForm; and clean values validate again."""
    try:
        clean = validate(EVERY, raw)
    except InvalidForm as error:
        assert error.errors  # noqa: PT017  either outcome is fine
        return
    assert set(clean) == set(EVERY.keys)
    assert validate(EVERY, clean) == clean
