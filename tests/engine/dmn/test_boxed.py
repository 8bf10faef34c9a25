"""Boxed expressions: whatever may stand where a decision's logic stands (DMN 1.5, 10.2.2)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.feel import FeelLimitError
from tests.engine.dmn.boxes import answer, call, context, decision, entry, function, knowledge, lit
from tests.engine.dmn.tables import model, rules_of, table

TABLE = table(['< 10 => "low"', '>= 10 => "high"'], inputs=["x"], outputs=["level"]).split(">", 1)[1]
TABLE = TABLE.removesuffix("</decision>")
ROWS = ("<relation><column name='n'/><column name='twice'/>"
        f"<row>{lit('1')}{lit('2')}</row><row>{lit('x')}{lit('x * 2')}</row></relation>")  # fmt: skip


def iteration(kind: str, source: str, body: str) -> str:
    last = "return" if kind == "for" else "satisfies"
    return f'<{kind} iteratorVariable="i"><in>{lit(source)}</in><{last}>{lit(body)}</{last}></{kind}>'


def choice(condition: str) -> str:
    return f"<conditional><if>{lit(condition)}</if><then>{lit('1')}</then><else>{lit('2')}</else></conditional>"


def kept(source: str, match: str) -> str:
    return f"<filter><in>{lit(source)}</in><match>{lit(match)}</match></filter>"


BOXES: list[tuple[str, str, Any]] = [
    ("context", context(entry("a", lit("x + 1")), entry("b", lit("a * 2"))), {"a": 6, "b": 12}),
    ("context with a result", context(entry("a", lit("x + 1")), entry(None, lit("a * 2"))), 12),
    ("context within", context(entry("a", context(entry("b", lit("x")))), entry(None, lit("a.b + 1"))), 6),
    ("entry of two words", context(entry("net price", lit("x")), entry(None, lit("net price * 2"))), 10),
    ("entry of a type", context(entry("a", lit('"no"'), "number"), entry("b", lit("[x]"), "number")),
     {"a": None, "b": 5}),
    ("table in an entry", context(entry("level", TABLE), entry(None, lit('level + "!"'))), "low!"),
    ("list", f"<list>{lit('1')}{lit('x')}</list>", [1, 5]),
    ("empty list", "<list/>", []),
    ("relation", ROWS, [{"n": 1, "twice": 2}, {"n": 5, "twice": 10}]),
    ("conditional", choice("x = 5"), 1),
    ("conditional by null", choice("null"), 2),
    ("filter", kept("[1, 2, 3]", "item > 1"), [2, 3]),
    ("filter by an entry", kept("[{a: 1}, {a: 2}]", "a > 1"), [{"a": 2}]),
    ("filter by a place", kept("[4, 5, 6]", "2"), 5),
    ("filter by a text", kept("[1]", '"a"'), None),
    ("filter of null", kept("null", "true"), None),
    ("for", iteration("for", "[1, 2]", "i * x"), [5, 10]),
    ("for over a range", iteration("for", "[1..3]", "i"), [1, 2, 3]),
    ("for with partial", iteration("for", "[1..4]", "if i = 1 then 1 else i * partial[-1]"), [1, 2, 6, 24]),
    ("for over null", iteration("for", "null", "i"), None),
    ("some", iteration("some", "[1, 9]", "i > x"), True),
    ("some none", iteration("some", "[1, 2]", "i > x"), False),
    ("every", iteration("every", "[7, 9]", "i > x"), True),
    ("every unknown", iteration("every", "[7, null]", "i > x"), None),
    ("function called", context(entry("f", function(lit("p + x"), "p")), entry(None, lit("f(1)"))), 6),
    ("function invoked", context(entry("f", function(lit("p - q"), "p", "q")),
                                 entry(None, call("f", q=lit("1"), p=lit("x")))), 4),
    ("function of a type", context(entry("f", function(lit("p"), "p:number")), entry(None, lit('f("a")'))), None),
    ("recursion", context(entry("f", function(lit("if n < 2 then 1 else n * f(n - 1)"), "n")),
                          entry(None, lit("f(10)"))), 3628800),
    ("invocation of nothing", call("nothing", a=lit("1")), None),
    ("invocation of a built-in", call("string length", string=lit('"abc"')), 3),
    ("wrong binding", context(entry("f", function(lit("p"), "p")), entry(None, call("f", q=lit("1")))), None),
]  # fmt: skip


@pytest.mark.parametrize(("box", "expected"), [case[1:] for case in BOXES], ids=[case[0] for case in BOXES])
def test_box_gives(box: str, expected: Any) -> None:
    """The boxed expression gives what its FEEL counterpart would, with x = 5."""
    assert answer(box, x=5) == expected


def test_box_is_a_decision_that_others_may_call() -> None:
    """A boxed decision has inputs (without what it declares itself), calls and one output."""
    box = context(entry("a", lit("x + y")), entry(None, lit("later(a)")))
    read = model(decision(box)).decisions["d"]
    assert (read.inputs, read.calls, read.outputs) == (("x", "y"), {"later"}, ("d",))
    assert model(decision(box)).evaluate("d", {"x": 1, "y": 2}, {"later": lambda a: a + 1}).outputs == {"d": 4}


def test_boxed_recursion_without_end_is_stopped() -> None:
    """A function that calls itself forever ends in an error, in time."""
    box = context(entry("f", function(lit("f(n + 1) + f(n + 1)"), "n")), entry(None, lit("f(1)")))
    with pytest.raises(FeelLimitError):
        answer(box)
    wide = iteration("for", "[1..100000]", "count(for j in 1..1000 return j)")
    with pytest.raises(FeelLimitError):
        answer(wide)


def test_numbers_are_decimal128() -> None:
    """34 digits, half even."""
    assert answer(lit("2 / 3")) == Decimal("0." + "6" * 33 + "7")


def test_table_in_a_box_is_checked_too() -> None:
    """Gaps, overlaps and types are found wherever a table stands."""
    wrong = table(["<= 5 => 1", ">= 5 => 2"], inputs=["x:number"]).split(">", 1)[1].removesuffix("</decision>")
    assert rules_of(decision(context(entry("a", wrong)))) == ["rules-overlap"]


def test_built_in_functions_are_invoked_in_a_box() -> None:
    """By the parameters' names, whichever signature they are of; the file's own function goes first."""
    assert answer(call("substring", string=lit('"foobar"'), start_position=lit("2"))) == "oobar"
    assert answer(call("date", year=lit("2026"), month=lit("3"), day=lit("1"))) == date(2026, 3, 1)
    assert answer(call("date", nothing=lit("1"))) is None
    own = knowledge("sum", lit("42"), "n")
    assert [answer(logic, own) for logic in (lit("sum(1)"), lit("sum(n: 1)"), call("sum", n=lit("1")))] == [42, 42, 42]
