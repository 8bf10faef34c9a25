"""`answer` runs any file as the standard has it: null for errors, and only what is required in scope."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.dmn import DecisionError, answer, load_decisions
from engine.errors import InvalidDiagram, NotFound
from tests.engine.dmn.boxes import context, data, decision, entry, function, item, knowledge, lit, needs
from tests.engine.dmn.tables import file, model, table

NAMESPACES = [
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20151101/MODEL/",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
    "https://www.omg.org/spec/DMN/20240513/MODEL/",
]
NEEDS_X = needs("requiredInput", "#in_x")


def asked(*elements: str, given: dict[str, Any] | None = None, wanted: str = "d") -> Any:
    """Answer for a decision of a file made of elements."""
    return answer("t.dmn", file(*elements), wanted, given or {})


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_every_version_is_read(namespace: str) -> None:
    """DMN 1.1 to 1.5 and 1.6: the same elements in another namespace; prefixed types of DMN 1.1 too."""
    content = file(data("x", "feel:number"), decision(lit("x + 1"), kind="feel:number", head=NEEDS_X),
                   namespace=namespace)  # fmt: skip
    assert answer("t.dmn", content, "d", {"x": 1}) == 2
    assert answer("t.dmn", content.replace(b"<definitions xmlns=", b"<definitions xmlns:feel='f' xmlns="), "d",
                  {"x": 2}) == 3  # fmt: skip


def test_asked_by_name_or_id() -> None:
    """Decisions, services and knowledge models alike; a wrong name says so."""
    service = '<decisionService id="s" name="The Service"><outputDecision href="#d"/></decisionService>'
    content = file(decision(lit("f(2)"), name="The One", head=needs("requiredKnowledge", "#f")), service,
                   knowledge("f", lit("p * 10"), "p").replace('id="f"', 'id="f" label="x"'))  # fmt: skip
    for wanted in ("d", "The One", "s", "The Service"):
        assert answer("t.dmn", content, wanted, {}) == 20
    assert answer("t.dmn", content, "f", {"p": 1}) == 10
    with pytest.raises(NotFound):
        answer("t.dmn", content, "nothing", {})
    with pytest.raises(InvalidDiagram):
        answer("t.dmn", b"<x/>", "d", {})


def test_decision_sees_what_it_requires_only() -> None:
    """Neither an input nor a decision nor a function is in scope without a requirement."""
    parts = (data("x"), data("y"), knowledge("f", lit("1")), decision(lit("2"), id_="e"))
    assert asked(*parts, decision(lit("[x, y, e, f()]"), head=NEEDS_X), given={"x": 1, "y": 2}) == [1, None, None, None]
    head = NEEDS_X + needs("requiredDecision", "#e") + needs("requiredKnowledge", "#f")
    assert asked(*parts, decision(lit("[x, y, e, f()]"), head=head), given={"x": 1, "y": 2}) == [1, None, 2, 1]


def test_processes_see_every_variable() -> None:
    """`parse_decisions` reads for the engine: a table without drawn inputs reads the case's variables."""
    assert model(decision(lit("y"))).evaluate("d", {"y": 2}).value == 2


@pytest.mark.parametrize("policy", ["UNIQUE", "ANY"])
def test_conflicting_rules_are_null(policy: str) -> None:
    """By the standard; in the engine's own processes they are an error that somebody sees to."""
    rows = ["> 1 => 1", "> 2 => 2", "= floor(x) => 1"]
    logic = (data("x"), table(rows, policy=policy, head=NEEDS_X))
    assert [asked(*logic, given={"x": n}) for n in (2, 3)] == [None if policy == "UNIQUE" else 1, None]
    with pytest.raises(DecisionError):
        model(*logic).evaluate("d", {"x": 3})


@pytest.mark.parametrize(("x", "expected"), [(1, "low"), ([1], "low"), ("1", None), (50, None), (None, None)], ids=str)
def test_inputs_of_a_table_are_of_their_type_and_values(x: Any, expected: Any) -> None:
    """A value that isn't the column's is null; one that isn't listed makes the whole table null."""
    rows = ['< 5 => "low"', '>= 5 => "high"']
    assert asked(data("x"), table(rows, inputs=["x:number:[0..10]"], head=NEEDS_X), given={"x": x}) == expected


def test_outputs_of_a_table_are_of_their_type() -> None:
    """A value that isn't the column's is null, in each row by itself; a date stands for its midnight."""
    rows = ["1 => x", '- => "a"']
    logic = table(rows, outputs=["y:number"], policy="RULE ORDER", head=NEEDS_X)
    assert asked(data("x"), logic, given={"x": 1}) == [1, None]
    logic = table(['- => @"2026-03-01"'], outputs=["y:date and time"])
    assert asked(logic) == datetime(2026, 3, 1, tzinfo=UTC)
    numbers = item("tNumbers", "number", many=True)
    assert asked(numbers, table(["- => 1", "- => 2"], outputs=["y:tNumbers"], policy="COLLECT")) == [1, 2]
    assert asked(table(["- => 1", "- => "], outputs=["y:no such type"], policy="COLLECT")) == [1, None]


def test_what_cannot_be_read_is_null_and_told() -> None:
    """A function in Java is refused by name; what calls it is null, the rest runs."""
    java = ('<businessKnowledgeModel id="j" name="j"><encapsulatedLogic kind="Java"><formalParameter name="p"/>'
            f"<context><contextEntry><variable name=\"class\"/>{lit('1')}</contextEntry></context></encapsulatedLogic>"
            "</businessKnowledgeModel>")  # fmt: skip
    call = decision(lit("[j(1), 2]"), head=needs("requiredKnowledge", "#j"))
    assert asked(java, call) == [None, 2]
    assert [f.rule for f in load_decisions("t.dmn", file(java, call))[1]] == ["function-kind"]
    assert answer("t.dmn", file(java, call), "j", {"p": 1}) is None


def test_unreadable_part_is_null_by_itself() -> None:
    """The rest of a boxed expression is what it is."""
    java = function(lit("1"), "p").replace("<functionDefinition>", '<functionDefinition kind="Java">')
    box = context(entry("f", java), entry("wrong", lit("1 +")), entry("sum", lit("1 + 1")), entry("r", lit("f(1)")))
    assert asked(decision(box)) == {"f": None, "wrong": None, "sum": 2, "r": None}
    items = "<list>" + lit("1") + lit("(") + "</list>"
    assert asked(decision(items)) == [1, None]


def test_the_present_is_given_or_the_machines() -> None:
    """So that a trial may say when it is."""
    content = file(decision(lit("now()")))
    assert answer("t.dmn", content, "d", {}, now=datetime(2026, 3, 1, tzinfo=UTC)) == datetime(2026, 3, 1, tzinfo=UTC)
    assert answer("t.dmn", content, "d", {}) is not None


def test_names_are_read_with_single_blanks() -> None:
    """However many stand in the file, in the variable's name or in FEEL."""
    content = file(
        data("the  fee"), decision(lit("the   fee + 1"), name="The\n  Sum", head=needs("requiredInput", "#in_the__fee"))
    )
    assert b"the  fee" in content
    assert answer("t.dmn", content, "The Sum", {"the fee": 1}) == 2
