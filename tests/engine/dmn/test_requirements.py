"""Decisions that require or call others, several in a file."""

from __future__ import annotations

import pytest

from engine.dmn import DecisionError, decision_functions
from engine.errors import NotFound
from engine.feel import compile_expression
from tests.engine.dmn.tables import model, rules_of, table

RISK = table(["< 5 => 1", ">= 5 => 2"], inputs=["age"], outputs=["risk"], id_="risk_level")
REQUIRE = '<informationRequirement><requiredDecision href="#risk_level"/></informationRequirement>'
PRICE = table(
    ['1 | "a" => 10', '2 | "a" => 20', '- | "b" => risk_level * 100'],
    inputs=["risk_level", "kind"], outputs=["price"], id_="price", head=REQUIRE, policy="FIRST",
)  # fmt: skip
LITERAL = (
    '<decision id="double" name="Twice the Age"><literalExpression><text>age * 2</text></literalExpression></decision>'
)


def test_required_decision_goes_first() -> None:
    """The required decision's result stands under its id; its inputs become the requirer's."""
    both = model(PRICE, RISK)
    assert both.evaluate("price", {"age": 7, "kind": "a"}).value == 20
    assert both.evaluate("price", {"age": 7, "kind": "b"}).value == 200
    assert both.decisions["price"].inputs == ("age", "kind")
    assert both.decisions["price"].requires == ("risk_level",)
    assert list(both.decisions) == ["price", "risk_level"]


def test_literal_decision_is_evaluated() -> None:
    """A decision may be a single expression; its result has the decision's name, blanks and all."""
    result = model(LITERAL).evaluate("double", {"age": 4})
    assert (result.value, result.outputs, result.matched) == (8, {"Twice the Age": 8}, ())


def test_names_with_blanks_are_known_within_the_file() -> None:
    """A required decision and an input may be read by names of several words."""
    data = '<inputData id="in" name="Base Fee"><variable name="Base Fee"/></inputData>'
    requires = '<informationRequirement><requiredDecision href="#double"/></informationRequirement>'
    sums = (f'<decision id="s" name="s">{requires}<literalExpression><text>Base Fee + Twice the Age</text>'
            "</literalExpression></decision>")  # fmt: skip
    assert model(data, LITERAL, sums).evaluate("s", {"Base Fee": 1, "age": 2}).value == 5


def test_decisions_are_feel_functions() -> None:
    """A decision is called by its id: arguments in the order of its inputs, or by name."""
    functions = decision_functions({"price": model(PRICE, RISK)})
    call = compile_expression('price(7, "b") + price(kind: "a", age: 1)')
    assert call.calls == {"price"}
    assert call.evaluate({}, functions) == 210
    assert functions["price"](7, "a") == 20
    assert model(RISK).as_functions()["risk_level"](1) == 1


def test_wrong_call_of_a_decision_says_what_it_takes() -> None:
    """Too many or unknown arguments are refused with the names of the right ones."""
    functions = model(PRICE, RISK).as_functions()
    for text in ("price(1, 2, 3)", "price(nothing: 1)"):
        with pytest.raises(DecisionError, match=r"price takes \(age, kind\)"):
            compile_expression(text).evaluate({}, functions)


def test_decision_function_knows_the_present_and_the_other_functions() -> None:
    """A called decision reads the caller's `now()` and may call further decisions."""
    from tests.engine.feel.cases import NOW

    outer = table(["true => year", "false => null"], inputs=["later(due)"], outputs=["answer"], id_="outer")
    later = table(["> now() => true", "<= now() => false"], inputs=["due"], outputs=["l"], id_="later")
    models = model(outer, later)
    context = {"__now__": NOW, "d": NOW.replace(year=2030)}
    assert compile_expression("outer(d, 1)").evaluate(context, models.as_functions()) == 1
    assert models.evaluate("outer", {"due": context["d"], "year": 2, **context}, models.as_functions()).value == 2


def test_decisions_calling_each_other_in_a_circle_are_stopped() -> None:
    """A circle of calls is an error that names it, not a crash."""
    first = '<decision id="a"><literalExpression><text>b(x)</text></literalExpression></decision>'
    second = '<decision id="b"><literalExpression><text>a(x)</text></literalExpression></decision>'
    circle = model(first, second)
    with pytest.raises(DecisionError, match="a → b → a"):
        compile_expression("a(1)").evaluate({}, circle.as_functions())


def test_unknown_decision_is_not_found() -> None:
    """Asking for what isn't there says so."""
    with pytest.raises(NotFound, match="no decision nothing"):
        model(RISK).evaluate("nothing", {})


def test_circle_of_requirements_is_refused() -> None:
    """Decisions that require each other are refused at publish."""
    first = table(
        ["- => 1"], id_="a", head='<informationRequirement><requiredDecision href="#b"/></informationRequirement>'
    )
    second = table(
        ["- => 1"], id_="b", head='<informationRequirement><requiredDecision href="#a"/></informationRequirement>'
    )
    assert rules_of(first, second) == ["requirement-cycle"]


def test_long_chain_of_requirements_is_evaluated() -> None:
    """A chain of 2,000 required decisions needs no stack."""
    chain = ['<decision id="d0"><literalExpression><text>0</text></literalExpression></decision>']
    for n in range(1, 2000):
        need = f'<informationRequirement><requiredDecision href="#d{n - 1}"/></informationRequirement>'
        chain.append(
            f'<decision id="d{n}">{need}<literalExpression><text>d{n - 1} + 1</text></literalExpression></decision>'
        )
    assert model(*chain).evaluate("d1999", {}).value == 1999
