"""What an expression reads and calls is known before it runs."""

from __future__ import annotations

import pytest

from engine.feel import FeelSyntaxError, compile_expression, compile_unary_tests

READS = [
    ("a + b.c.d", {"a", "b"}),
    ("for x in xs return x + y", {"xs", "y"}),
    ("for x in x return x", {"x"}),
    ("some x in xs satisfies x > limit", {"xs", "limit"}),
    ("{a: b, c: a}", {"b"}),
    ("{a: a}", {"a"}),
    ("function(p) p + q", {"q"}),
    ("for i in 1..n return partial[-1]", {"n"}),
    ("count(list) + string(x)", {"list", "x"}),
    ("now() > due", {"due"}),
    ("sort(xs, before)", {"xs", "before"}),
    ("x in (? > y)", {"x", "y"}),
    ('"a.b.c"', set()),
    ("a.count", {"a"}),
    ("f(named: value)", {"value"}),
    ("x instance of date", {"x"}),
    ("1", set()),
]


@pytest.mark.parametrize(("text", "names"), READS)
def test_names_are_the_variables_read(text: str, names: set[str]) -> None:
    """Roots of paths count, local names, keys, properties and called functions don't."""
    assert compile_expression(text).names == names


def test_name_in_a_filter_may_be_an_entry() -> None:
    """`kind` may be a variable or an entry of each order: it counts as read, marked uncertain."""
    expression = compile_expression("orders[kind = wanted and item.open].number + wanted")
    assert expression.names == {"orders", "kind", "wanted"}
    assert expression.uncertain == {"kind"}
    assert expression.evaluate({"orders": [{"kind": 1, "open": True, "number": 5}], "wanted": 1}) is None
    assert compile_expression("orders[kind = wanted].n").evaluate({"orders": [{"n": 2}], "kind": 1, "wanted": 1}) == [2]


def test_calls_are_the_functions_beyond_the_built_in() -> None:
    """Functions to be given are listed; built-in and local ones aren't."""
    expression = compile_expression("f(1) + count([g(2)]) + (function(h) h(3))(f)")
    assert expression.calls == {"f", "g"}
    assert expression.names == {"f"}


def test_given_function_is_called() -> None:
    """A host function gets FEEL values, by place or by name; wrong arguments give null."""
    functions = {"business days after": lambda moment, days=1: (moment, days)}
    names = {"functions": list(functions)}
    assert compile_expression("business days after(1, 5)", **names).evaluate({}, functions) == (1, 5)
    assert compile_expression("business days after(days: 2, moment: 1)", **names).evaluate({}, functions) == (1, 2)
    assert compile_expression("business days after()", **names).evaluate({}, functions) is None
    assert compile_expression("business  days\nafter(1)", **names).calls == {"business days after"}


def test_error_of_a_given_function_is_not_hidden() -> None:
    """What a host function raises reaches the caller."""

    def broken() -> None:
        raise LookupError("no calendar")

    with pytest.raises(LookupError):
        compile_expression("broken()").evaluate({}, {"broken": broken})


def test_names_of_several_words_must_be_announced() -> None:
    """`Monthly Salary` is one name when the caller says so, and two without an operator otherwise."""
    expression = compile_expression("Monthly Salary * 12 + risk-factor", names=["Monthly Salary", "risk-factor"])
    assert expression.names == {"Monthly Salary", "risk-factor"}
    assert expression.evaluate({"Monthly Salary": 2, "risk-factor": 1}) == 25
    with pytest.raises(FeelSyntaxError):
        compile_expression("Monthly Salary * 12")


def test_equal_texts_are_equal_expressions() -> None:
    """Expressions are compared and hashed by their text, and compiled once."""
    first, second = compile_expression("a + 1"), compile_expression("a + 1")
    assert first is second
    assert first == compile_expression("a + 1", functions=["some other"])
    assert hash(first) == hash(compile_expression("a + 1", functions=["some other"]))
    assert compile_expression("1") != compile_unary_tests("1")
    assert repr(first) == "Expression('a + 1')"


def test_blanks_and_marks_of_the_standard() -> None:
    """Rules 28 to 30 and 61: combining marks are parts of names, odd blanks are blanks."""
    combining = {"e\u0301té": 1}
    assert compile_expression("e\u0301té + 1").evaluate(combining) == 2
    assert compile_expression("1\u180e+\u200b\u30001\ufeff").evaluate({}) == 2
