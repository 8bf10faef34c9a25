"""What Camunda, Zeebe, Flowable, Activiti and jBPM write in their own words is read, refused by name, or reported."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from engine.definitions import Bundle, Element
from engine.findings import Severity
from engine.handlers import HandlerRegistry, handler
from engine.intake import Examination, examine
from engine.intake.dialects import ATTRIBUTES, ELEMENTS
from engine.intake.vocabulary import PROCESS_PROPERTIES, PROPERTIES
from tests.engine.diagrams import flows

NAMESPACES = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "camunda": "http://camunda.org/schema/1.0/bpmn",
    "activiti": "http://activiti.org/bpmn",
    "flowable": "http://flowable.org/bpmn",
    "zeebe": "http://camunda.org/schema/zeebe/1.0",
    "drools": "http://www.jboss.org/drools",
    "spiffworkflow": "http://spiffworkflow.org/bpmn/schema/1.0/core",
}
FORM = json.dumps({"id": "leave", "type": "default", "schemaVersion": 19, "components": []}).encode()
TABLE = (
    b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">'
    b'<decision id="rate" name="rate"><variable name="rate"/><literalExpression><text>days * 2</text>'
    b"</literalExpression></decision></definitions>"
)


@handler("mail.send", external=True)
def send() -> None:
    """Send a mail."""


def check(
    body: str, *, spoken: str = "camunda zeebe spiffworkflow", attributes: str = "", extra: str = ""
) -> Examination:
    """Examine a process whose file declares these namespaces."""
    declared = " ".join(f'xmlns:{prefix}="{NAMESPACES[prefix]}"' for prefix in f"bpmn {spoken}".split())
    process = f'<bpmn:process id="p" isExecutable="true"{attributes}>{body}</bpmn:process>'
    file = f'<bpmn:definitions {declared} targetNamespace="urn:x">{process}{extra}</bpmn:definitions>'
    registry = HandlerRegistry()
    registry.add(send)
    bundle = Bundle({"p.bpmn": file.encode()}, {"rate.dmn": TABLE}, {"leave.json": FORM})
    return examine(bundle, handlers=registry)


def on_the_way(x: str) -> str:
    """An element x between start and end."""
    return f'<bpmn:startEvent id="s"/>{x}<bpmn:endEvent id="e"/>' + flows("s x", "x e")


def task(kind: str, attributes: str = "", inner: str = "", more: str = "") -> str:
    """A task x with attributes and extension elements."""
    inside = f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>" if inner else ""
    return on_the_way(f'<bpmn:{kind} id="x" {attributes}>{inside}{more}</bpmn:{kind}>')


def read(body: str, **given: Any) -> Element:
    """What is read of x; the diagram must be fit to run."""
    examination = check(body, **given)
    assert examination.ok, [str(f) for f in examination.findings]
    return examination.models["p"].elements["x"]


def errors(body: str, **given: Any) -> list[tuple[str, str]]:
    """Rule and element of each error."""
    return [(f.rule, f.element) for f in check(body, **given).findings if f.severity is Severity.ERROR]


@pytest.mark.parametrize("prefix", ["camunda", "activiti", "flowable"])
def test_a_user_task_of_camundas_family_is_read(prefix: str) -> None:
    """Who, until when, how urgent, with which form."""
    said = {
        "assignee": "${boss}",
        "candidateGroups": "managers",
        "dueDate": "P3D",
        "priority": "50",
        "formKey": "leave",
    }
    element = read(task("userTask", " ".join(f'{prefix}:{k}="{v}"' for k, v in said.items())), spoken=prefix)
    assert element.assignee is not None
    assert element.due is not None
    assert element.priority is not None
    assert (element.assignee.text, element.role, element.form) == ("boss", "managers", "leave")
    assert (element.due.text, element.priority.text) == ('duration("PT259200S")', "50")


def test_a_user_task_of_zeebe_is_read() -> None:
    """A leading = marks an expression; without it, a text is a text."""
    inner = (
        '<zeebe:userTask/><zeebe:assignmentDefinition assignee="=boss" candidateGroups="=[&quot;managers&quot;]"/>'
        '<zeebe:formDefinition formId="leave"/><zeebe:taskSchedule dueDate="=now() + duration(&quot;P1D&quot;)"/>'
        '<zeebe:priorityDefinition priority="70"/>'
    )
    examination = check(task("userTask", inner=inner))
    element = examination.models["p"].elements["x"]
    assert element.assignee is not None
    assert element.due is not None
    assert (element.assignee.text, element.role, element.form) == ("boss", "managers", "leave")
    assert element.due.text == 'now() + duration("P1D")'
    assert {f.rule for f in examination.findings} == {"diagram-missing"}


@pytest.mark.parametrize(
    ("said", "role", "assignee"),
    [
        ('camunda:candidateGroups="managers"', "managers", None),
        ('camunda:assignee="kermit"', None, '"kermit"'),
        ('camunda:candidateUsers="kermit"', None, '"kermit"'),
        ('camunda:assignee="kermit" camunda:candidateUsers="fozzie, gonzo"', None, '"kermit"'),
        (
            'camunda:assignee="kermit" camunda:candidateGroups="staff" camunda:candidateUsers="gonzo"',
            "staff",
            '"kermit"',
        ),
    ],
)
def test_candidates_become_a_role_or_an_assignee(said: str, role: str | None, assignee: str | None) -> None:
    """One group is a role; one user alone is the assignee."""
    element = read(task("userTask", said))
    assert (element.role, element.assignee and element.assignee.text) == (role, assignee)


@pytest.mark.parametrize("said", ["candidateGroups='a,b'", "candidateUsers='k, f'", "candidateGroups='${g}'"])
def test_candidates_that_are_no_one_role_are_refused(said: str) -> None:
    """Nobody may be let in or kept out by a guess."""
    assert ("candidates-several", "x") in errors(task("userTask", f"camunda:{said}"))


def test_our_own_words_win() -> None:
    """What is written in spiffworkflow properties is meant for this engine."""
    own = '<spiffworkflow:properties><spiffworkflow:property name="role" value="desk"/></spiffworkflow:properties>'
    assert read(task("userTask", 'camunda:candidateGroups="a,b"', own)).role == "desk"


@pytest.mark.parametrize(
    "key",
    ["leave", "camunda-forms:deployment:leave.form", "embedded:app:forms/leave.html", "embedded:deployment:leave.html"],
)
def test_a_form_key_is_the_id_of_a_form(key: str) -> None:
    """Where it was kept doesn't matter here."""
    assert read(task("userTask", f'camunda:formKey="{key}" camunda:assignee="k"')).form == "leave"


@pytest.mark.parametrize("around", ["camunda:properties|camunda:property", "zeebe:properties|zeebe:property"])
def test_our_properties_may_be_written_in_camundas_place_for_any(around: str) -> None:
    """Camunda Modeler has a table for them; what isn't ours is reported."""
    group, row = around.split("|")
    inner = f'<{group}><{row} name="role" value="desk"/><{row} name="form" value="leave"/></{group}>'
    element = read(task("userTask", inner=inner))
    assert (element.role, element.form) == ("desk", "leave")
    other = f'<{group}><{row} name="colour" value="red"/></{group}>'
    told = [f for f in check(task("task", inner=other)).findings if f.rule == "extension-ignored"]
    assert group in str(told[0].reason)


SERVICES = {
    "topic": task("serviceTask", 'camunda:type="external" camunda:topic="mail.send"'),
    "job type": task("serviceTask", inner='<zeebe:taskDefinition type="mail.send" retries="5"/>'),
}


@pytest.mark.parametrize("service", SERVICES)
def test_a_job_type_is_the_name_of_a_handler(service: str) -> None:
    """The worker of another engine is a handler here."""
    assert read(SERVICES[service]).handler == "mail.send"


def test_attempts_are_read() -> None:
    """As a number, or as a cycle whose pauses are the worker's own."""
    assert read(SERVICES["job type"]).retries == 5
    cycle = "<camunda:failedJobRetryTimeCycle>R7/PT10M</camunda:failedJobRetryTimeCycle>"
    assert read(task("serviceTask", 'camunda:type="external" camunda:topic="mail.send"', cycle)).retries == 7


def test_an_unknown_job_type_is_answered_with_near_names() -> None:
    """It is most likely a handler that isn't written yet."""
    [finding] = [
        f
        for f in check(task("serviceTask", inner='<zeebe:taskDefinition type="mail.sent"/>')).findings
        if f.severity is Severity.ERROR
    ]
    assert finding.rule == "handler-unknown"
    assert "mail.send" in str(finding.remedy)


@pytest.mark.parametrize(
    ("attributes", "inner", "named"),
    [
        ('camunda:class="org.acme.SendMail"', "", "org.acme.SendMail"),
        ('camunda:delegateExpression="${mailer}"', "", "${mailer}"),
        ('camunda:expression="${mailer.send()}" camunda:resultVariable="sent"', "", "mailer.send"),
        ('camunda:type="mail"', "", "mail"),
        ('camunda:type="external" camunda:topic="${which}"', "", "${which}"),
        ("", '<zeebe:taskDefinition type="=which"/>', "=which"),
        ("", "<camunda:connector><camunda:connectorId>http</camunda:connectorId></camunda:connector>", "connector"),
    ],
)
def test_code_behind_a_service_task_is_refused_once(attributes: str, inner: str, named: str) -> None:
    """By name, with the remedy: write a handler."""
    found = [f for f in check(task("serviceTask", attributes, inner)).findings if f.severity is Severity.ERROR]
    assert [(f.rule, f.element) for f in found] == [("handler-missing", "x")]
    assert named in str(found[0].reason)
    assert "handler" in str(found[0].remedy)


DECISIONS = {
    "camunda": ('camunda:decisionRef="rate" camunda:resultVariable="r" camunda:mapDecisionResult="singleEntry"', ""),
    "zeebe": ("", '<zeebe:calledDecision decisionId="rate" resultVariable="r"/>'),
}


@pytest.mark.parametrize("dialect", DECISIONS)
def test_a_decision_is_read(dialect: str) -> None:
    """Which, and where its result goes."""
    examination = check(task("businessRuleTask", *DECISIONS[dialect]))
    element = examination.models["p"].elements["x"]
    assert (element.decision, element.result) == ("rate", "r")
    assert {f.rule for f in examination.findings} == {"diagram-missing"}


def test_a_list_of_rows_is_told_to_be_none() -> None:
    """Camunda's default shape of a decision's result is not ours."""
    found = check(task("businessRuleTask", 'camunda:decisionRef="rate" camunda:resultVariable="r"')).findings
    assert ("decision-result", "x") in {(f.rule, f.element) for f in found}


def test_scripts_are_read() -> None:
    """Zeebe's FEEL in an attribute; Camunda's result variable."""
    zeebe = read(task("scriptTask", inner='<zeebe:script expression="=n + 1" resultVariable="m"/>'))
    camunda = read(
        task("scriptTask", 'scriptFormat="juel" camunda:resultVariable="m"', more="<bpmn:script>${n + 1}</bpmn:script>")
    )
    assert zeebe.script is not None
    assert zeebe.script == camunda.script
    assert (zeebe.script.text, zeebe.result, camunda.result) == ("n + 1", "m", "m")


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (task("userTask", 'camunda:formKey="${f}" camunda:assignee="k"'), "name-dynamic"),
        (task("businessRuleTask", inner='<zeebe:calledDecision decisionId="=d" resultVariable="r"/>'), "name-dynamic"),
        (task("businessRuleTask", inner='<zeebe:taskDefinition type="rules"/>'), "unsupported-extension"),
        (task("task", 'camunda:skipExpression="${skip}"'), "unsupported-extension"),
        (task("sendTask", inner="<camunda:connector/>"), "unsupported-extension"),
        (
            task("serviceTask", 'camunda:type="external" camunda:topic="mail.send"', "<camunda:errorEventDefinition/>"),
            "unsupported-extension",
        ),
        (
            task(
                "serviceTask",
                'camunda:type="external" camunda:topic="mail.send"',
                "<camunda:failedJobRetryTimeCycle>${often}</camunda:failedJobRetryTimeCycle>",
            ),
            "name-dynamic",
        ),
        (task("userTask", 'camunda:assignee="user-${n}"'), "expression-language"),
    ],
)
def test_what_would_run_otherwise_is_refused(body: str, rule: str) -> None:
    """Names that are worked out, rules engines, hidden conditions."""
    assert (rule, "x") in errors(body)


@pytest.mark.parametrize(
    "listener",
    [
        '<camunda:executionListener class="org.acme.Log" event="start"/>',
        '<camunda:taskListener expression="${log.it(task)}" event="create"/>',
        '<zeebe:executionListeners><zeebe:executionListener eventType="end" type="log"/></zeebe:executionListeners>',
        '<drools:onEntry-script scriptFormat="x"><drools:script>log()</drools:script></drools:onEntry-script>',
    ],
)
def test_listeners_are_named_as_not_run(listener: str) -> None:
    """Code that nobody sees in the drawing."""
    examination = check(task("task", inner=listener), spoken="camunda zeebe drools")
    assert examination.ok
    assert [f.element for f in examination.findings if f.rule == "listener-not-run"] == ["x"]


def test_what_means_nothing_here_is_reported_once_for_the_file() -> None:
    """Not at each element, with how often it stands there."""
    line = '<bpmn:startEvent id="s" camunda:asyncAfter="true"/>' + "".join(
        f'<bpmn:task id="t{n}" camunda:asyncBefore="true" camunda:exclusive="false"/>' for n in range(5)
    )
    body = line + flows("s t0", *(f"t{n} t{n + 1}" for n in range(4)))
    [told] = [f for f in check(body).findings if f.rule == "attribute-ignored"]
    assert "camunda:asyncAfter, camunda:asyncBefore (5×), camunda:exclusive (5×)" in str(told.reason)


def test_who_starts_becomes_a_variable() -> None:
    """`initiator` names it; who may start is read from the process."""
    body = '<bpmn:startEvent id="x" camunda:initiator="who"/>' + task("userTask", 'camunda:assignee="${who}"').replace(
        'id="x"', 'id="u" camunda:candidateGroups="a"'
    ).replace('<bpmn:startEvent id="s"/>', "").replace('"s"', '"x"').replace('targetRef="x"', 'targetRef="u"').replace(
        'sourceRef="x" targetRef="e"', 'sourceRef="u" targetRef="e"'
    )
    examination = check(body, attributes=' camunda:candidateStarterGroups="staff, managers"')
    assert examination.ok, [str(f) for f in examination.findings]
    assert examination.models["p"].elements["x"].properties["initiator"] == "who"
    assert examination.models["p"].starters == ("staff", "managers")


def owner(kind: str, text: str, attributes: str = "") -> str:
    """A user task whose resource role says this."""
    expression = f"<bpmn:formalExpression{attributes}>{text}</bpmn:formalExpression>"
    said = f"<bpmn:resourceAssignmentExpression>{expression}</bpmn:resourceAssignmentExpression>"
    return task("userTask", more=f"<bpmn:{kind}>{said}</bpmn:{kind}>")


@pytest.mark.parametrize(
    ("body", "spoken", "role", "assignee"),
    [
        (owner("potentialOwner", "group(managers)"), "", "managers", None),
        (owner("potentialOwner", "user(kermit), group(managers)"), "", "managers", '"kermit"'),
        (owner("potentialOwner", "managers"), "activiti", "managers", None),
        (owner("potentialOwner", "john"), "drools", None, '"john"'),
        (owner("humanPerformer", "kermit"), "flowable", None, '"kermit"'),
        (owner("performer", "user(kermit)"), "", None, '"kermit"'),
        (
            task(
                "userTask", more="<bpmn:potentialOwner><bpmn:resourceRef>desk</bpmn:resourceRef></bpmn:potentialOwner>"
            ),
            "",
            "desk",
            None,
        ),
    ],
)
def test_resource_roles_are_read(body: str, spoken: str, role: str | None, assignee: str | None) -> None:
    """Potential owners and performers, where they are one role or one person."""
    element = read(body, spoken=spoken)
    assert (element.role, element.assignee and element.assignee.text) == (role, assignee)


def test_a_resource_may_say_its_role() -> None:
    """As a lane does."""
    said = '<spiffworkflow:properties><spiffworkflow:property name="role" value="desk"/></spiffworkflow:properties>'
    resource = (
        f'<bpmn:resource id="R1" name="Desk"><bpmn:extensionElements>{said}</bpmn:extensionElements></bpmn:resource>'
    )
    body = task("userTask", more="<bpmn:potentialOwner><bpmn:resourceRef>R1</bpmn:resourceRef></bpmn:potentialOwner>")
    assert read(body, extra=resource).role == "desk"


@pytest.mark.parametrize(
    "body",
    [
        owner("potentialOwner", "managers"),
        owner("potentialOwner", "group(a), group(b)"),
        owner("potentialOwner", "${owners}"),
        owner("potentialOwner", "get(a)"),
        owner("humanPerformer", "kermit"),
        task(
            "userTask",
            more="<bpmn:performer><bpmn:resourceRef>R</bpmn:resourceRef><bpmn:resourceParameterBinding/></bpmn:performer>",
        ),
    ],
)
def test_resource_roles_that_are_open_are_refused(body: str) -> None:
    """A bare word is a group in one tool and a user in another."""
    assert ("responsibility-unclear", "x") in errors(body, spoken="zeebe")


def test_responsibility_elsewhere_is_documentation() -> None:
    """A handler does a service task, whoever answers for it."""
    examination = check(task("task", more="<bpmn:performer/>") + "<bpmn:resourceRole id='r'/>")
    assert examination.ok
    assert [f.element for f in examination.findings if f.rule == "responsibility-ignored"] == ["p", "x"]


def test_the_tables_speak_of_our_own_words() -> None:
    """Every meaning is a property that the elements it stands on have."""
    meanings = [*ATTRIBUTES.values(), *(m for said in ELEMENTS.values() for m in said.values())]
    for meaning in meanings:
        for kind in meaning.kinds:
            known = PROCESS_PROPERTIES if kind == "process" else PROPERTIES[kind]
            assert meaning.property in known, (meaning, kind)


def test_the_document_names_every_word_of_the_tables() -> None:
    """Whoever brings a diagram finds there what becomes of it."""
    text = (Path(__file__).parents[3] / "docs" / "drawing-a-process.md").read_text(encoding="utf-8")
    table = text.split("## Diagrams from other tools")[1].split("## Checking")[0]
    rows = {re.sub(r"[^\w]", " ", line) for line in table.splitlines() if line.startswith("|")}
    said = [(name, meaning) for name, meaning in ATTRIBUTES.items()]
    said += [(f"{name}  {a}", meaning) for name, inside in ELEMENTS.items() for a, meaning in inside.items()]
    missing = [
        n for n, m in said if not any(n.split()[-1] in r and n.split()[0] in r and m.property in r for r in rows)
    ]
    assert missing == []
