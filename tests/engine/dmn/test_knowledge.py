"""Business knowledge models and decision services are functions of their file (DMN 1.5, 6.3.9 and 10.4)."""

from __future__ import annotations

import pytest

from engine.dmn import load_decisions, parse_decisions
from engine.errors import NotFound
from engine.feel import FeelLimitError
from tests.engine.dmn.boxes import answer, call, data, decision, entry, function, item, knowledge, lit, requires
from tests.engine.dmn.boxes import context as box
from tests.engine.dmn.tables import file, findings, model, rules_of, table

RATE = knowledge("interest rate", lit("amount * factor"), "amount", "factor")
NEEDS = '<knowledgeRequirement><requiredKnowledge href="#interest_rate"/></knowledgeRequirement>'
BASE = decision(lit("fee * 2"), id_="base")
TOTAL = decision(lit("base + extra"), id_="total", head=requires("base"))
SERVICE = ('<decisionService id="s" name="total of">{}<inputData href="#in_fee"/><inputData href="#in_extra"/>'
           "</decisionService>")  # fmt: skip
OUT = '<outputDecision href="#total"/>'
DATA = (data("fee"), data("extra"))


def test_knowledge_is_called_in_feel_and_by_invocation() -> None:
    """Positionally, by name, or by bindings."""
    for logic in (
        lit("interest rate(x, 2)"),
        lit("interest rate(factor: 2, amount: x)"),
        call("interest rate", factor=lit("2"), amount=lit("x")),
    ):
        read = model(RATE, decision(logic, head=NEEDS))
        assert read.evaluate("d", {"x": 5}).value == 10
        assert (read.decisions["d"].inputs, read.decisions["d"].calls) == (("x",), set())


def test_knowledge_sees_its_arguments_and_its_fellows_only() -> None:
    """A variable of the caller is not in scope; another knowledge model is, and the present."""
    assert answer(lit("f(1)"), knowledge("f", lit("x"), "p"), x=5) is None
    other = knowledge("g", lit("f(p) + 1"), "p")
    assert answer(lit("g(1)"), knowledge("f", lit("p * 10"), "p"), other) == 11
    assert answer(lit("f()"), knowledge("f", lit("now()")), __now__=None) is None


def test_knowledge_may_be_a_table_or_any_box() -> None:
    """Encapsulated logic is any boxed expression, and may be handed around as a value."""
    rows = table(['< 5 => "low"', '>= 5 => "high"'], inputs=["p"], outputs=["o"]).split(">", 1)[1]
    level = knowledge("level", rows.removesuffix("</decision>"), "p:number")
    assert answer(lit("level(7)"), level) == "high"
    assert answer(lit("for f in [level] return f(1)"), level) == ["low"]
    inner = knowledge("make", box(entry(None, function(lit("p + q"), "q"))), "p")
    assert answer(lit("make(1)(2)"), inner) == 3


def test_parameters_and_results_have_types() -> None:
    """An argument or a result of another type is null; a list of one stands for its item."""
    f = knowledge("f", lit("p"), "p:number")
    assert answer(lit('[f("a"), f([1]), f(2)]'), f) == [None, 1, 2]
    assert answer(lit("f(1)"), knowledge("f", lit("p"), "p", kind="string")) is None


def test_endless_knowledge_is_stopped() -> None:
    """Knowledge models that call each other forever end in an error."""
    with pytest.raises(FeelLimitError):
        answer(lit("f(1)"), knowledge("f", lit("g(p)"), "p"), knowledge("g", lit("f(p) + f(p)"), "p"))


def test_host_functions_called_by_knowledge_are_calls_of_the_decision() -> None:
    """So that publish finds a name that nobody knows."""
    read = model(knowledge("f", lit("later(p)"), "p"), decision(lit("f(1)")))
    assert read.decisions["d"].calls == {"later"}
    assert read.evaluate("d", {}, {"later": lambda p: p + 1}).value == 2


def test_service_is_a_function_of_its_inputs() -> None:
    """Input data are its parameters; it sees nothing else of the caller."""
    service = SERVICE.format(OUT + '<encapsulatedDecision href="#base"/>')
    read = model(*DATA, BASE, TOTAL, service, decision(lit("total of(5, 1)")))
    assert read.evaluate("d", {"fee": 1000}).value == 11
    assert read.invoke("total of", {"fee": 5, "extra": 1}) == 11
    named = model(*DATA, BASE, TOTAL, service, decision(call("total of", extra=lit("2"), fee=lit("5"))))
    assert named.evaluate("d", {}).value == 12
    with pytest.raises(NotFound):
        read.invoke("nothing", {})


def test_input_decisions_are_given_not_made() -> None:
    """The value of an input decision comes from the caller, after the input data."""
    service = SERVICE.format(OUT + '<inputDecision href="#base"/>').replace('<inputData href="#in_fee"/>', "")
    assert model(*DATA, BASE, TOTAL, service).invoke("total of", {"base": 100, "extra": 1}) == 101
    assert model(*DATA, BASE, TOTAL, service, decision(lit("total of(1, 100)"))).evaluate("d", {}).value == 101


def test_several_outputs_are_a_context() -> None:
    """Every output decision is an entry under its name."""
    service = SERVICE.format(OUT + '<outputDecision href="#base"/>')
    assert model(*DATA, BASE, TOTAL, service).invoke("total of", {"fee": 2, "extra": 1}) == {"total": 5, "base": 4}


def test_service_without_decision_is_refused() -> None:
    """A service whose output isn't in the file is a finding."""
    assert rules_of(BASE, *DATA, SERVICE.format('<outputDecision href="#no"/>')) == ["service-decision"]
    (found,) = findings(BASE, DATA[0], SERVICE.format('<outputDecision href="#no"/><outputDecision href="#base"/>'))
    assert str(found.reason).endswith("#in_extra, #no")
    assert rules_of(BASE, '<businessKnowledgeModel id="k" name="k"/>') == ["knowledge-empty"]


def test_import_is_refused_unless_at_hand() -> None:
    """What is imported is found among the files published together, by its namespace."""
    other = file(RATE, data("fee"), BASE).replace(b'namespace="t"', b'namespace="u"')
    needs = '<informationRequirement><requiredDecision href="u#base"/></informationRequirement>'
    text = '<import name="Bank" namespace="u" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
    mine = file(text, decision(lit("Bank.interest rate(Bank.base, 2) + Bank.fee"), head=needs))
    model_, findings = parse_decisions("t.dmn", mine)
    assert (model_, "import-missing" in {f.rule for f in findings}) == (None, True)
    model_, findings = parse_decisions("t.dmn", mine, imports={"u.dmn": other, "x.dmn": b"<x/>"})
    assert model_ is not None, findings
    assert model_.decisions["d"].inputs == ("fee",)
    assert model_.evaluate("d", {"fee": 3}).value == 15


def test_unreadable_decision_is_null_when_loaded() -> None:
    """`load_decisions` keeps what can be read: a decision that can't be is null, the others run."""
    text = file(decision(lit("1 +"), id_="broken"), decision(lit("2"), id_="sound"))
    assert parse_decisions("t.dmn", text)[0] is None
    loaded, findings = load_decisions("t.dmn", text)
    assert loaded is not None
    assert [f.rule for f in findings] == ["feel-syntax"]
    assert (loaded.evaluate("broken", {}).value, loaded.evaluate("sound", {}).value) == (None, 2)


def test_files_that_import_each_other_end() -> None:
    """A circle of imports is a finding, and many files that import each other are read once each."""

    def one(n: int) -> bytes:
        uses = "".join(f'<import name="F{m}" namespace="u{m}" importType="DMN"/>' for m in range(12) if m != n)
        return file(uses, decision(lit("1"))).replace(b'namespace="t"', f'namespace="u{n}"'.encode())

    files = {f"f{n}.dmn": one(n) for n in range(12)}
    model_, findings = parse_decisions("f0.dmn", files["f0.dmn"], imports=files)
    assert model_ is not None, findings
    alone = {"f0.dmn": file('<import name="F0" namespace="t" importType="DMN"/>', decision(lit("1")))}
    assert [f.rule for f in parse_decisions("f0.dmn", alone["f0.dmn"], imports=alone)[1]] == ["import-circle"]


def test_deep_boxes_and_long_chains_of_types_are_refused() -> None:
    """Nesting beyond reading is a finding, never a crash."""
    deep = lit("1")
    for _ in range(80):
        deep = f"<conditional><if>{deep}</if><then>{lit('1')}</then><else>{lit('2')}</else></conditional>"
    assert set(rules_of(decision(deep))) == {"nested-too-deep"}
    chain = [item(f"T{n}", f"T{n + 1}") for n in range(3000)]
    assert "type-unknown" in rules_of(*chain, data("x", "T0"), decision(lit("x")))
