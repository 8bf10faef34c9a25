"""Inputs and results are fitted to their types, or are null (DMN 1.5, 7.3.2 and 10.3.2.9)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.engine.dmn.boxes import allowed, component, data, decision, item, lit
from tests.engine.dmn.tables import model, rules_of

TYPES = [
    item("Grade", "string", inner=allowed('"A", "B"')),
    item("Grades", "Grade", many=True),
    item("Scores", "number", inner=allowed("[0..100]"), many=True),
    item("Some Scores", "number", inner=allowed("count(?) > 1", "typeConstraint"), many=True),
    item("Person", inner=component("full name", "string") + component("age", "number", allowed(">= 0"))),
    item("People", "Person", many=True),
    item("Small", "Whole", inner=allowed("< 10")),
    item("Whole", "number", inner=allowed("? = floor(?)")),
]
ANNA = {"full name": "Anna", "age": 7}
FITTED: list[tuple[str, Any, Any]] = [
    ("string", "a", "a"),
    ("string", 1, None),
    ("number", 1.5, 1.5),
    ("number", True, None),
    ("boolean", True, True),
    ("date", date(2026, 3, 1), date(2026, 3, 1)),
    ("Any", [1], [1]),
    ("number", [5], 5),
    ("number", [5, 6], None),
    ("number", None, None),
    ("date and time", date(2026, 3, 1), datetime(2026, 3, 1, tzinfo=UTC)),
    ("dateTime", datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)),
    ("Grade", "A", "A"),
    ("Grade", "C", None),
    ("Grades", ["A", "B"], ["A", "B"]),
    ("Grades", ["A", "C"], None),
    ("Grades", "A", ["A"]),
    ("Scores", [1, 100], [1, 100]),
    ("Scores", [1, 101], None),
    ("Some Scores", [1, 2], [1, 2]),
    ("Some Scores", [1], None),
    ("Person", ANNA, ANNA),
    ("Person", {**ANNA, "more": 1}, {**ANNA, "more": 1}),
    ("Person", {"full name": "Anna"}, None),
    ("Person", {**ANNA, "age": "7"}, None),
    ("Person", {**ANNA, "age": -1}, None),
    ("Person", [ANNA], ANNA),
    ("People", ANNA, [ANNA]),
    ("People", [ANNA, {}], None),
    ("Small", 3, 3),
    ("Small", 3.5, None),
    ("Small", 11, None),
]


@pytest.mark.parametrize(("kind", "given", "expected"), FITTED, ids=str)
def test_value_is_fitted_to_a_type(kind: str, given: Any, expected: Any) -> None:
    """As input data, and as a decision's result, alike."""
    read = model(*TYPES, data("x", kind), decision(lit("x")))
    assert read.evaluate("d", {"x": given}).value == expected
    result = model(*TYPES, decision(lit("x"), kind=kind)).evaluate("d", {"x": given})
    assert (result.value, result.outputs) == (expected, {"d": expected})


def test_component_of_several_words_is_read_by_a_path() -> None:
    """Names that a type declares are known after a dot, hyphens and all."""
    odd = item("Odd", inner=component("first-name", "string") + component("total (net)", "number"))
    read = model(odd, data("a person", "Odd"), decision(lit("a person.first-name + string(a person.total (net))")))
    assert read.evaluate("d", {"a person": {"first-name": "A", "total (net)": 1}}).value == "A1"


def test_types_of_the_file_are_known_in_feel() -> None:
    """`instance of` and a function's parameters take item definitions; a value must pass their tests."""
    given = {"x": "A", "y": "C", "anna": ANNA}
    for text, expected in [
        ("x instance of Grade", True),
        ("y instance of Grade", False),
        ("anna instance of Person", True),
        ("[anna] instance of list<Person>", True),
        ("[1, 2] instance of Some Scores", True),
        ("(function(g: Grade) g)(y)", None),
        ("(function(g: Grade) g)(x)", "A"),
    ]:
        assert model(*TYPES, decision(lit(text))).evaluate("d", given).value == expected


def test_unknown_and_circular_types() -> None:
    """A type that isn't there is a finding; one that refers to itself is any."""
    assert "type-unknown" in rules_of(data("x", "Nope"), decision(lit("x")))
    assert model(item("A", "A"), data("x", "A"), decision(lit("x"))).evaluate("d", {"x": 1}).value == 1
    assert "feel-syntax" in rules_of(item("A", "number", inner=allowed("<")), data("x", "A"), decision(lit("x")))
