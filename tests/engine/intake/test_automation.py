"""Handlers, scripts and decisions: what a diagram names exists, and gets what it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pytest

from engine.findings import Severity
from engine.handlers import handler
from tests.engine.diagrams import flows, judge, model, properties


@dataclass(frozen=True)
class Order:
    """What the test's handler is given."""

    article: str
    amount: int = 1
    express: bool | None = None
    size: Literal["S", "M"] = "M"
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Placed:
    """What it returns."""

    number: str


@handler("shop.order")
def order(inputs: Order) -> Placed:
    """Place an order."""
    return Placed(inputs.article)


@handler("shop.mail", external=True)
def mail(inputs: Order) -> None:
    """Send a mail."""


def service(attributes: str = "", **parameters: str) -> str:
    """A service task x with an operator when there are parameters."""
    rows = "".join(f"<spiffworkflow:parameter id='{k}' value='{v}'/>" for k, v in parameters.items())
    operator = (
        "<bpmn:extensionElements><spiffworkflow:serviceTaskOperator id='shop.order' resultVariable='done'>"
        f"<spiffworkflow:parameters>{rows}</spiffworkflow:parameters></spiffworkflow:serviceTaskOperator>"
        "</bpmn:extensionElements>"
    )
    return line(f'<bpmn:serviceTask id="x"{attributes}>{operator if parameters else ""}</bpmn:serviceTask>')


def line(task: str) -> str:
    """Start, task, end."""
    return f'<bpmn:startEvent id="s"/>{task}<bpmn:endEvent id="e"/>' + flows("s x", "x e")


def script(text: str, attributes: str = ' scriptFormat="feel"', **given: str) -> str:
    """A script task x."""
    return line(
        f'<bpmn:scriptTask id="x"{attributes}>{properties(**given)}<bpmn:script>{text}</bpmn:script></bpmn:scriptTask>'
    )


def claiming(name: str) -> str:
    """A user task x with a handler for its claim."""
    return line(f'<bpmn:userTask id="x">{properties(on_claim=name)}</bpmn:userTask>')


IMPLEMENTED = ' implementation="shop.order"'
JUDGED = {
    "no handler": (service(), "handler-missing", "error"),
    "BPMN's default is no handler": (service(' implementation="##WebService"'), "handler-missing", "error"),
    "unknown handler": (service(' implementation="shop.ordr"'), "handler-unknown", "error"),
    "two handlers": (service(' implementation="shop.mail"', article='"a"'), "handler-twice", "error"),
    "unknown input": (service(article='"a"', amont="1"), "input-unknown", "error"),
    "input that nothing writes": (service(IMPLEMENTED), "input-unbound", "warning"),
    "number for text": (service(article="5"), "input-type", "error"),
    "text for number": (service(article='"a"', amount='"b"'), "input-type", "error"),
    "text for flag": (service(article='"a"', express='"yes"'), "input-type", "error"),
    "value outside the choice": (service(article='"a"', size='"XL"'), "input-type", "error"),
    "text for list": (service(article='"a"', tags='"b"'), "input-type", "error"),
    "wrong FEEL in an input": (service(article="a ==="), "expression-syntax", "error"),
    "no script": (script(" ", result="r"), "script-missing", "warning"),
    "no result": (script("1 + 1"), "result-missing", "error"),
    "keyword as result": (script("1 + 1", result="for"), "result-name", "error"),
    "result with a dot": (script("1 + 1", result="a.b"), "result-name", "error"),
    "Python script": (script("import os", ' scriptFormat="python"', result="r"), "expression-language", "error"),
    "Python in FEEL's clothes": (script("__import__('os')", result="r"), "expression-syntax", "error"),
    "unknown function": (script("frobnicate(1)", result="r"), "function-unknown", "error"),
    "no decision": (line('<bpmn:businessRuleTask id="x"/>'), "decision-missing", "error"),
    "unknown decision": (
        line(f'<bpmn:businessRuleTask id="x">{properties(decision="d")}</bpmn:businessRuleTask>'),
        "decision-unknown",
        "error",
    ),
    "unknown handler at claim": (claiming("shop.claim"), "handler-unknown", "error"),
    "external handler at claim": (claiming("shop.mail"), "on-claim-external", "error"),
    "retries without a job": (
        line(f'<bpmn:serviceTask id="x"{IMPLEMENTED}>{properties(retries="5")}</bpmn:serviceTask>'),
        "setting-ignored",
        "warning",
    ),
    "timeout that is no number": (
        line(f'<bpmn:serviceTask id="x" implementation="shop.mail">{properties(timeout="1m")}</bpmn:serviceTask>'),
        "number-wrong",
        "error",
    ),
}


@pytest.mark.parametrize("mistake", JUDGED)
def test_automatic_work_is_judged(mistake: str) -> None:
    """What can't work is refused before a case meets it."""
    body, rule, severity = JUDGED[mistake]
    findings = judge(body, handlers=[order, mail]).findings
    assert (rule, "x", Severity(severity)) in {(f.rule, f.element, f.severity) for f in findings}


def test_near_names_are_suggested() -> None:
    """A misspelt handler is found again."""
    [finding] = [
        f for f in judge(service(' implementation="shop.ordr"'), handlers=[order]).findings if f.element == "x"
    ]
    assert "shop.order" in str(finding.remedy)


def test_python_is_answered_with_advice() -> None:
    """Whoever writes Python is told about handlers."""
    [finding] = [f for f in judge(script("__import__('os')", result="r")).findings if f.element == "x"]
    assert "handler" in str(finding.remedy)


@pytest.mark.parametrize(
    ("condition", "feel"),
    [
        ("a.size() == 1 && b", "count(a) = 1 and b"),
        ("${list.size() > 3}", "count(list) > 3"),
        ("${execution.getVariable('n') == 2 || !done}", "n = 2 or done != true"),
    ],
)
def test_conditions_of_other_languages_are_answered_with_feel(condition: str, feel: str) -> None:
    """The remedy is the FEEL to write."""
    xml = condition.replace("&", "&amp;")
    body = (
        '<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="x" default="d"/><bpmn:endEvent id="e"/>'
        + flows("s x")
        + f'<bpmn:sequenceFlow id="f" sourceRef="x" targetRef="e"><bpmn:conditionExpression>{xml}'
        '</bpmn:conditionExpression></bpmn:sequenceFlow><bpmn:sequenceFlow id="d" sourceRef="x" targetRef="e"/>'
    )
    [finding] = [f for f in judge(body).findings if f.severity is Severity.ERROR]
    assert finding.element == "f"
    assert feel in str(finding.remedy)


def test_a_misspelt_variable_is_reported() -> None:
    """A condition that is never true because of a typing mistake is found."""
    when = "<bpmn:conditionExpression>numbr = 1</bpmn:conditionExpression>"
    body = service(IMPLEMENTED) + (
        '<bpmn:exclusiveGateway id="g" default="d"/>'
        f'<bpmn:sequenceFlow id="f" sourceRef="g" targetRef="e">{when}</bpmn:sequenceFlow>'
        '<bpmn:sequenceFlow id="d" sourceRef="g" targetRef="e"/>'
    )
    body = body.replace('targetRef="e"/>', 'targetRef="g"/>', 1)
    assert ("variable-misspelt", "f") in {(f.rule, f.element) for f in judge(body, handlers=[order]).findings}


def test_both_ways_to_name_a_handler_mean_the_same() -> None:
    """The standard attribute and the operator give the same element."""
    one = model(service(article='"a"'), handlers=[order]).elements["x"]
    other = model(service(IMPLEMENTED), handlers=[order]).elements["x"]
    assert (one.handler, one.external, one.result, set(one.inputs)) == ("shop.order", False, "done", {"article"})
    assert (other.handler, other.result, other.inputs) == ("shop.order", None, {})


def test_an_external_handler_keeps_its_settings() -> None:
    """Retries and timeout are read."""
    given = properties(retries="5", timeout="30")
    body = line(f'<bpmn:serviceTask id="x" implementation="shop.mail">{given}</bpmn:serviceTask>')
    element = model(body, handlers=[mail]).elements["x"]
    assert (element.external, element.retries, element.timeout) == (True, 5, 30)


def test_inputs_bound_by_name_are_variables() -> None:
    """What a handler takes by name must stay with the instance."""
    read = model(service(article="title"), handlers=[order])
    assert read.variables == {"title", "amount", "express", "size", "tags"}


def test_a_script_is_read() -> None:
    """The value goes into the result variable."""
    element = model(script("= a + 1", result="b")).elements["x"]
    assert element.result == "b"
    assert element.script is not None
    assert element.script.evaluate({"a": 1}) == 2


DMN = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:x">
<decision id="{0}" name="{0}"><variable name="{0}"/><literalExpression><text>{1}</text></literalExpression></decision>
</definitions>"""


def test_decisions_are_covered_however_they_are_called() -> None:
    """A version covers what its rules, expressions and decisions call."""
    decisions = {f"{k}.dmn": DMN.format(k, v).encode() for k, v in {"a": "b(x)", "b": "x + 1", "c": "y"}.items()}
    body = script("a(z)", result="r")
    read = model(body, decisions=decisions)
    assert set(read.decisions) == {"a", "b"}
    rule = line(f'<bpmn:businessRuleTask id="x">{properties(decision="c")}</bpmn:businessRuleTask>')
    read = model(rule, decisions=decisions)
    assert set(read.decisions) == {"c"}
    assert read.variables == {"y"}


def test_a_decision_that_calls_nothing_known_is_refused() -> None:
    """The finding is in the decision's file."""
    [finding] = [
        f
        for f in judge(line('<bpmn:task id="x"/>'), decisions={"a.dmn": DMN.format("a", "q(x)").encode()}).findings
        if f.severity is Severity.ERROR
    ]
    assert (finding.rule, finding.resource, finding.element) == ("function-unknown", "a.dmn", "a")
