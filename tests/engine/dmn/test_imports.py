"""Models of other files under a name, or under none (DMN 1.5, 6.3.3): their data, types, functions and decisions."""

from __future__ import annotations

from typing import Any

import pytest

from engine.dmn import answer, load_decisions
from tests.engine.dmn.boxes import component, data, decision, importing, item, knowledge, lit, needs
from tests.engine.dmn.tables import file

BASE = file(
    item("tPerson", inner=component("first name", "string")),
    data("Person", "tPerson"),
    knowledge("say hello", lit('"Hello " + name'), "name:string"),
    decision(lit("say hello(Person.first name)"), id_="a", name="Greet",
             head=needs("requiredInput", "#in_Person") + needs("requiredKnowledge", "#say_hello")),
    namespace_of="ns:a",
)  # fmt: skip
MIDDLE = file(
    importing("Model A", "ns:a"),
    decision(lit('Model A.Greet + "!"'), id_="b", name="Loud", head=needs("requiredDecision", "ns:a#a")),
    '<decisionService id="s" name="By Greeting"><outputDecision href="#b"/><inputDecision href="ns:a#a"/>'
    '</decisionService><decisionService id="s2" name="By Person"><outputDecision href="#b"/>'
    '<inputData href="ns:a#in_Person"/></decisionService>'
    '<decisionService id="s3" name="Both"><outputDecision href="#b"/><outputDecision href="ns:a#a"/>'
    '<inputData href="ns:a#in_Person"/></decisionService>',
    namespace_of="ns:b",
)  # fmt: skip
ANNA = {"first name": "Anna"}
FILES = {"a.dmn": BASE, "b.dmn": MIDDLE}


def asked(*elements: str, given: Any = None, wanted: str = "d") -> Any:
    """Answer for a decision of a file made of elements, which may import the others."""
    return answer("c.dmn", file(*elements, namespace_of="ns:c"), wanted, given or {"Person": ANNA}, imports=FILES)


@pytest.mark.parametrize("given", [
    {"Person": ANNA},
    {"Model A": {"Person": ANNA}},
    {"Model A.Person": ANNA},
], ids=str)  # fmt: skip
def test_imported_decision_is_made_from_its_own_inputs(given: dict[str, Any]) -> None:
    """Its input data may be given under their own names or the import's."""
    assert answer("b.dmn", MIDDLE, "Loud", given, imports=FILES) == "Hello Anna!"


def test_imports_of_imports_are_reached() -> None:
    """A file that imports a file that imports another makes all their decisions."""
    text = lit('Model B.Loud + Model B.Model A.say hello("you")')
    mine = decision(text, head=needs("requiredDecision", "ns:b#b"))
    for given in ({"Person": ANNA}, {"Model B": {"Model A": {"Person": ANNA}}}, {"Model B.Model A.Person": ANNA}):
        assert asked(importing("Model B", "ns:b"), mine, given=given) == "Hello Anna!Hello you"


def test_import_without_a_name_brings_the_names_as_they_are() -> None:
    """DMN 1.5: an empty name imports into the importing file's own names; its own go first."""
    types = item("tOther", inner=component("one", "tPerson"))
    text = lit("Greet + say hello(who.one.first name) + Person.first name")
    own = decision(text, head=needs("requiredDecision", "ns:a#a") + needs("requiredKnowledge", "ns:a#say_hello")
                   + needs("requiredInput", "ns:a#in_Person", "#in_who"))  # fmt: skip
    given = {"Person": ANNA, "who": {"one": {"first name": "Ben"}}}
    assert asked(importing("", "ns:a"), types, data("who", "tOther"), own, given=given) == "Hello AnnaHello BenAnna"


def test_imported_types_are_enforced() -> None:
    """As a type of input data, of a parameter, and in `instance of`."""
    head = needs("requiredInput", "#in_who")
    for text, expected in [
        ("who.first name", "Anna"),
        ("who instance of Model A.tPerson", True),
        ("(function(p: Model A.tPerson) p)(1)", None),
    ]:
        parts = (importing("Model A", "ns:a"), data("who", "Model A.tPerson"), decision(lit(text), head=head))
        assert asked(*parts, given={"who": ANNA}) == expected
    parts = (importing("Model A", "ns:a"), data("who", "Model A.tPerson"), decision(lit("who"), head=head))
    assert asked(*parts, given={"who": {}}) is None


def test_service_takes_and_gives_what_is_imported() -> None:
    """Input decisions, input data and output decisions of a decision service may come from another file."""
    for given in ({"Greet": "Hi"}, {"Model A.Greet": "Hi"}, {"Model A": {"Greet": "Hi"}}):
        assert answer("b.dmn", MIDDLE, "By Greeting", given, imports=FILES) == "Hi!"
    assert answer("b.dmn", MIDDLE, "By Person", {"Person": ANNA}, imports=FILES) == "Hello Anna!"
    both = {"Loud": "Hello Anna!", "Greet": "Hello Anna"}
    assert answer("b.dmn", MIDDLE, "Both", {"Model A.Person": ANNA}, imports=FILES) == both
    call = decision(lit('Model B.By Greeting("Hi")'), head=needs("requiredKnowledge", "ns:b#s"))
    assert asked(importing("Model B", "ns:b"), call) == "Hi!"


def test_functions_of_a_file_see_what_it_imports() -> None:
    """A knowledge model may call one of an imported file."""
    mine = knowledge("greet", lit("Model A.say hello(n)"), "n")
    call = decision(lit('greet("Ben")'), head=needs("requiredKnowledge", "#greet"))
    assert asked(importing("Model A", "ns:a"), mine, call) == "Hello Ben"


def test_missing_import_is_found_and_null() -> None:
    """The finding says which; what rests on it is null."""
    model, findings = load_decisions("b.dmn", MIDDLE)
    assert "import-missing" in {f.rule for f in findings}
    assert model is not None
    assert model.answer("Loud", {"Person": ANNA}) is None
