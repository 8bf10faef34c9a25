"""Other engines' expressions: translated to FEEL where both can only mean the same, else refused with a reason."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.feel import compile_expression
from engine.findings import Severity
from engine.intake.juel import JUEL, PLAIN, Untranslatable, language_of, translate
from engine.intake.juel_parser import MAX_DEPTH
from tests.engine.diagrams import flows, judge

TRANSLATED = [
    ("${x == 1}", "x = 1"),
    ("#{ status eq 'open' && count ge 3 }", 'status = "open" and count >= 3'),
    ("${a ne null or b lt 2.50}", "a != null or b < 2.50"),
    ("${(a + b) * c - -d}", "(a + b) * c - -d"),
    ("${a - (b - c)}", "a - (b - c)"),
    ("${order.lines[0].total > .5}", "order.lines[1].total > 0.5"),
    ("${order['state'] == 'new'}", 'order.state = "new"'),
    ("${'it\\'s \"so\"' == x}", '"it\'s \\"so\\"" = x'),
    ("${a ? 'x' : b ? 'y' : 'z'}", 'if a then "x" else if b then "y" else "z"'),
    ("${empty x}", 'x = null or x = "" or x = [] or x = {}'),
    ("${!approved}", "approved != true"),
    ("${not (a == 1)}", "not(a = 1)"),
    ("${!(a < 5)}", "(a < 5) != true"),
    ("${a == b == true}", "(a = b) = true"),
    ("${(a && b) == true}", "((a and b) = true) = true"),
    ("${a || b && c}", "a or b and c"),
    ("${(a || b) && c}", "(a or b) and c"),
    ("${10 div 4}", "10 / 4"),
]


@pytest.mark.parametrize(("juel", "feel"), TRANSLATED)
def test_simple_juel_is_translated(juel: str, feel: str) -> None:
    """Comparison, logic, arithmetic, paths, the conditional; and what comes out is FEEL."""
    assert translate(juel) == feel
    compile_expression(feel)


REFUSED = [
    ("${list.size() > 3}", "method “size”", "count(list) > 3"),
    ("${execution.getVariable('x') == 1}", "other engine", "x = 1"),
    ("${status.equals('open')}", "method “equals”", 'status = "open"'),
    ("${order.getTotal() > 5}", "method “getTotal”", "order.total > 5"),
    ("${checker.isFine(x)}", "method “isFine”", ""),
    ("${now()}", "function “now”", "now()"),
    ("${x % 2 == 0}", "remainder", "modulo(x, 2) = 0"),
    ("${'a' + x}", "texts", '"a" + x'),
    ("${x = 1}", "assigns", ""),
    ("${x -> y}", "can't be read", ""),
    ("${x instanceof Y}", "Java type", ""),
    ("${list[i]}", "not written out", ""),
    ("${x ==}", "breaks off", ""),
    ("${}", "breaks off", ""),
    ("${if}", "can't be read", ""),
    ("${x §}", "can't be read", ""),
    ("Dear ${name}", "joins a text", '"Dear " + string(name)'),
    ("${a} == ${b}", "joins a text", ""),
    ("${" + "(" * 60 + "a" + ")" * 60 + "}", "nested", ""),
    ("${" + "empty " * 9 + "a}", "nested", ""),
]


@pytest.mark.parametrize(("juel", "reason", "feel"), REFUSED)
def test_the_rest_of_juel_is_refused_with_the_feel_to_write(juel: str, reason: str, feel: str) -> None:
    """Methods, beans, assignments and what differs in FEEL; the FEEL is given where it can be derived."""
    with pytest.raises(Untranslatable) as refused:
        translate(juel)
    assert reason in str(refused.value.reason)
    assert refused.value.feel == feel


OTHERS = [
    ("JavaScript", "x === 5 || y !== null", "x = 5 or y != null"),
    ("http://www.mvel.org/2.0", "return x == 1;", "x = 1"),
    ("http://www.java.com/java", "return approved && n > 2;", "approved and n > 2"),
    ("python", "not x == 1 and y == None", "not(x = 1) and y = null"),
    ("http://www.w3.org/1999/XPath", "$x = 'a' and not($y > 2)", 'x = "a" and (y > 2) != true'),
    ("text/groovy", "x == 'a' && !y", 'x = "a" and y != true'),
]


@pytest.mark.parametrize(("name", "text", "feel"), OTHERS)
def test_simple_comparisons_of_script_languages_are_translated(name: str, text: str, feel: str) -> None:
    """A language is known by any of the names that files give it."""
    language = language_of(name)
    assert language is not None
    assert translate(text, language) == feel


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("java", 'status == "open"'),
        ("XPath", "order/total > other"),
        ("XPath", "lines[1] = 2"),
        ("javascript", "x = 1"),
        ("python", "x in [1]"),
        ("groovy", "a / b > 1"),
    ],
)
def test_what_their_languages_take_differently_is_refused(name: str, text: str) -> None:
    """Identity of texts, paths, assignments."""
    with pytest.raises(Untranslatable):
        translate(text, language_of(name) or "")


def test_plain_not_before_a_comparison_is_open() -> None:
    """Python negates the comparison, JUEL the variable."""
    with pytest.raises(Untranslatable):
        translate("not x == 1", PLAIN)
    assert translate("not x && y", PLAIN) == "x != true and y"


# --- against JUEL's own rules ----------------------------------------------------------------------------------------

NAMES = ("a", "b", "c")
LEAF = st.sampled_from([("name", n) for n in NAMES] + [("number", 1), ("number", 2), ("null",)])
BOOLEAN = st.deferred(lambda: FLAG | COMPARED | NEGATED | JOINED | CHOSEN)
FLAG = st.sampled_from([("name", "f"), ("name", "g"), ("true",), ("false",)])
COMPARED = st.tuples(st.sampled_from(["==", "!=", "<", ">"]), LEAF, LEAF)
NEGATED = st.tuples(st.just("!"), BOOLEAN)
JOINED = st.tuples(st.sampled_from(["&&", "||"]), BOOLEAN, BOOLEAN)
CHOSEN = st.tuples(st.just("?"), BOOLEAN, BOOLEAN, BOOLEAN)


def written(tree: Any) -> str:
    """The tree in JUEL, everything in brackets."""
    kind, *parts = tree
    if kind in ("name", "number"):
        return str(parts[0])
    if kind in ("null", "true", "false"):
        return str(kind)
    if kind == "!":
        return f"!({written(parts[0])})"
    if kind == "?":
        return "({} ? {} : {})".format(*map(written, parts))
    return f"({written(parts[0])} {kind} {written(parts[1])})"


def value(tree: Any, given: dict[str, Any]) -> Any:
    """What JSR 245 says: null is false where a truth is wanted, and neither less nor more than anything."""
    kind, *parts = tree
    if kind in ("name", "number"):
        return given[parts[0]] if kind == "name" else parts[0]
    if kind in ("null", "true", "false"):
        return {"null": None, "true": True, "false": False}[kind]
    if kind == "?":
        return value(parts[1] if value(parts[0], given) else parts[2], given)
    values = [value(part, given) for part in parts]
    if kind in ("<", ">"):
        return None not in values and (values[0] < values[1] if kind == "<" else values[0] > values[1])
    laws = {"!": lambda x: not x, "&&": lambda x, y: bool(x and y), "||": lambda x, y: bool(x or y)}
    laws |= {"==": lambda x, y: x == y, "!=": lambda x, y: x != y}
    return laws[kind](*values)


def depth(tree: Any) -> int:
    """How far the tree is nested, each level being brackets and an operator."""
    return 1 + max((depth(part) for part in tree if isinstance(part, tuple)), default=0)


@given(
    BOOLEAN.filter(lambda tree: depth(tree) < MAX_DEPTH // 3),
    st.fixed_dictionaries({n: st.sampled_from([None, 1, 2]) for n in NAMES}),
    st.fixed_dictionaries({n: st.sampled_from([None, True, False]) for n in ("f", "g")}),
)
def test_a_translated_condition_is_true_when_juels_is(tree: Any, numbers: Any, flags: Any) -> None:
    """Also where variables are null, and under any negation."""
    variables = {**numbers, **flags}
    feel = translate("${" + written(tree) + "}")
    assert (compile_expression(feel).evaluate(variables) is True) == (value(tree, variables) is True)


@given(st.text("ab.([{'\"+-*/%<>=!&|?:,$#}]) \\01", max_size=60))
def test_no_text_breaks_the_translation(text: str) -> None:
    """Whatever stands there, the answer is FEEL or a reason, soon."""
    began = time.process_time()
    for language in (JUEL, PLAIN, "XPath", "Python", "Java"):
        with suppress(Untranslatable):
            assert isinstance(translate(text, language), str)
    assert time.process_time() - began < 1


# --- in a diagram ----------------------------------------------------------------------------------------------------


def choosing(condition: str, attributes: str = "") -> str:
    """A gateway whose flow f has this condition."""
    xml = condition.replace("&", "&amp;").replace("<", "&lt;")
    return (
        '<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="x" default="d"/><bpmn:endEvent id="e"/>'
        + flows("s x")
        + f'<bpmn:sequenceFlow id="f" sourceRef="x" targetRef="e"><bpmn:conditionExpression{attributes}>{xml}'
        '</bpmn:conditionExpression></bpmn:sequenceFlow><bpmn:sequenceFlow id="d" sourceRef="x" targetRef="e"/>'
    )


@pytest.mark.parametrize(
    ("condition", "attributes", "feel"),
    [
        ("${approved == 'yes'}", ' xsi:type="bpmn:tFormalExpression"', 'approved = "yes"'),
        ("${n > 5}", ' xsi:type="tFormalExpression" language="http://www.w3.org/1999/XPath"', "n > 5"),
        ("n == 5 && m", ' language="javascript" id="c" evaluatesToTypeRef="xsd:boolean"', "n = 5 and m"),
        ("n == 'P1'", "", 'n = "P1"'),
    ],
)
def test_a_foreign_condition_runs_as_feel_and_says_so(condition: str, attributes: str, feel: str) -> None:
    """The process owner is shown the FEEL that is run."""
    examination = judge(choosing(condition, attributes))
    [finding] = [f for f in examination.findings if f.rule == "expression-translated"]
    assert (finding.element, finding.severity) == ("f", Severity.WARNING)
    assert feel in str(finding.remedy)
    compiled = examination.models["p"].flows["f"].condition
    assert compiled is not None
    assert compiled.text == feel


@pytest.mark.parametrize(
    ("condition", "attributes", "rule"),
    [
        ("${beans.check(n)}", "", "expression-language"),
        ("n == 5; m()", ' language="groovy"', "expression-language"),
        ("n == 5", ' language="cobol"', "expression-language"),
        ("n ~= 5", "", "expression-syntax"),
    ],
)
def test_a_foreign_condition_that_is_not_sure_is_refused(condition: str, attributes: str, rule: str) -> None:
    """By name, with what to do."""
    errors = [f for f in judge(choosing(condition, attributes)).findings if f.severity is Severity.ERROR]
    assert [(f.rule, f.element) for f in errors] == [(rule, "f")]
