"""Where a drawing says two things, or nothing, it is refused by name: no case finds out which one was meant."""

from __future__ import annotations

import pytest

from engine import Bundle, HandlerRegistry
from engine.findings import Severity
from engine.intake import examine
from tests.engine.diagrams import diagram, flows, judge
from tests.engine.interpreter.drawing import (
    EXTRA,
    boundary,
    condition,
    event,
    message,
    node,
    nodes,
    sub,
    timer,
)

ENDS = '<bpmn:startEvent id="start"/><bpmn:endEvent id="end"/>'
DIRECT = ENDS + flows("start end")
TASK = ENDS + nodes(userTask="a") + flows("start a", "a end")
CHOICE = ENDS + '<bpmn:exclusiveGateway id="x" default="x_end"/><bpmn:task id="a"/>' + flows("start x", "x end")


def handler(identity: str, start: str) -> str:
    """An event sub-process that a message starts."""
    return sub(identity, event("startEvent", start, message("ping")), by_event=True)


def lanes(first: str, second: str) -> str:
    """Two lanes beside each other."""
    refs = (f"<bpmn:flowNodeRef>{ref}</bpmn:flowNodeRef>" for ref in (first, second))
    return "<bpmn:laneSet>{}</bpmn:laneSet>".format(
        "".join(f'<bpmn:lane id="lane{i}">{ref}</bpmn:lane>' for i, ref in enumerate(refs))
    )


def flow(inner: str, source: str = "x") -> str:
    """A flow to `a` with anything inside."""
    return f'<bpmn:sequenceFlow id="c" sourceRef="{source}" targetRef="a">{inner}</bpmn:sequenceFlow>'


WHEN = "<bpmn:conditionExpression>v = 1</bpmn:conditionExpression>"
REFUSED = {
    "an empty condition out of a task": (
        ENDS + nodes(task="t a") + flows("start t", "t end") + flow("<bpmn:conditionExpression/>", "t"),
        "condition-empty",
        "c",
    ),
    "two conditions on a flow": (CHOICE + flow(WHEN + WHEN), "condition-twice", "c"),
    "a condition that is a text": (CHOICE + condition("c", "x", "a", '"yes"'), "condition-constant", "c"),
    "a condition that is a number": (CHOICE + condition("c", "x", "a", "1"), "condition-constant", "c"),
    "two starts of one message": (
        event("startEvent", "s1", message("ping")) + event("startEvent", "s2", message("ping")),
        "message-caught-twice",
        "s1",
    ),
    "two boundary events of one message": (
        TASK + boundary("b1", "a", message("ping")) + boundary("b2", "a", message("ping"), cancel=False),
        "message-caught-twice",
        "b2",
    ),
    "two events of one message behind an event gateway": (
        ENDS
        + nodes(eventBasedGateway="g")
        + event("intermediateCatchEvent", "c1", message("ping"))
        + node("receiveTask", "c2", attributes='messageRef="m_ping"')
        + flows("start g", "g c1", "g c2", "c1 end", "c2 end"),
        "message-caught-twice",
        "c2",
    ),
    "two event sub-processes of one message": (
        TASK + handler("h1", "s1") + handler("h2", "s2"),
        "message-caught-twice",
        "s2",
    ),
    "a script task with two scripts": (
        ENDS
        + node("scriptTask", "t", "<bpmn:script>1</bpmn:script><bpmn:script>2</bpmn:script>", result="v")
        + flows("start t", "t end"),
        "script-twice",
        "t",
    ),
    "a person's task in two lanes": (lanes("a", "a") + TASK.replace('"staff"', '""'), "lane-twice", "a"),
    "an event definition by reference that isn't there, beside one that is": (
        ENDS
        + event("intermediateCatchEvent", "c", "<bpmn:eventDefinitionRef>gone</bpmn:eventDefinitionRef>").replace(
            "</bpmn:intermediateCatchEvent>", message("ping") + "</bpmn:intermediateCatchEvent>"
        )
        + flows("start c", "c end"),
        "reference-dangling",
        "c",
    ),
}


@pytest.mark.parametrize("drawing", REFUSED)
def test_ambiguous_drawing_is_refused(drawing: str) -> None:
    """What could be read in two ways is an error at its element."""
    body, rule, element = REFUSED[drawing]
    errors = {(f.rule, f.element) for f in judge(body, extra=EXTRA).findings if f.severity is Severity.ERROR}
    assert (rule, element) in errors


BESIDE = {
    "two messages with one id": ('<bpmn:message id="m" name="a"/><bpmn:message id="m" name="b"/>', "id-twice"),
    "two errors with one id": ('<bpmn:error id="e" errorCode="a"/><bpmn:error id="e" errorCode="b"/>', "id-twice"),
    "another pool with the same ids": (f'<bpmn:process id="q" isExecutable="true">{DIRECT}</bpmn:process>', "id-twice"),
    "an extension that must be understood": (
        '<bpmn:extension mustUnderstand="true" definition="v:magic"/>',
        "extension-required",
    ),
}


@pytest.mark.parametrize("extra", BESIDE)
def test_ambiguous_file_is_refused(extra: str) -> None:
    """What stands beside the process counts, too."""
    xml, rule = BESIDE[extra]
    examination = judge(DIRECT, extra=xml)
    assert not examination.ok
    assert rule in {f.rule for f in examination.findings}


TOLD = {
    "a pool that doesn't say whether it runs": (
        '<bpmn:process id="q"><bpmn:startEvent id="s"/></bpmn:process>',
        "process-not-run",
    ),
    "a global task": ('<bpmn:globalUserTask id="g"/>', "definition-ignored"),
    "a choreography": ('<bpmn:choreography id="g"/>', "definition-ignored"),
    "a correlation key of nothing": (
        '<bpmn:collaboration id="k"><bpmn:correlationKey id="g"/></bpmn:collaboration>',
        "definition-ignored",
    ),
    "an import": ('<bpmn:import importType="x" location="types.xsd" namespace="y"/>', "import-ignored"),
}


@pytest.mark.parametrize("extra", TOLD)
def test_what_is_not_run_is_told(extra: str) -> None:
    """What a file holds besides its executable processes is not overlooked in silence."""
    xml, rule = TOLD[extra]
    examination = judge(DIRECT, extra=xml)
    assert examination.ok
    assert rule in {f.rule for f in examination.findings}


def test_catchers_with_keys_of_their_own_are_told_apart() -> None:
    """Two events for one message are no ambiguity when each has its own correlation key."""
    events = boundary("b1", "a", message("ping"), correlation_key="order") + boundary(
        "b2", "a", message("ping"), correlation_key="customer"
    )
    assert judge(TASK + events, extra=EXTRA).ok


def test_flow_that_is_never_taken_is_pointed_out() -> None:
    """A condition that is always false is most likely a leftover."""
    examination = judge(CHOICE + condition("c", "x", "a", "false"))
    assert examination.ok
    assert ("condition-constant", "c") in {(f.rule, f.element) for f in examination.findings}


@pytest.mark.parametrize(("language", "ok"), [("http://www.java.com/java", False), ("FEEL", True), ("xpath", True)])
def test_language_of_the_file_counts_for_its_conditions(language: str, ok: bool) -> None:
    """A condition without a language of its own has the file's; XPath is what tools write when nobody chose."""
    content = diagram(CHOICE + flow(WHEN)).replace(b'id="definitions"', f'expressionLanguage="{language}"'.encode())
    examination = examine(Bundle({"p.bpmn": content}), handlers=HandlerRegistry())
    assert examination.ok is ok, [*map(str, examination.findings)]


def test_property_given_twice_is_refused() -> None:
    """Which of two roles a task has must not depend on which was written first."""
    twice = ENDS + node("manualTask", "a", role="staff").replace(
        "</spiffworkflow:properties>",
        '<spiffworkflow:property name="role" value="boss"/></spiffworkflow:properties>',
    )
    errors = {(f.rule, f.element) for f in judge(twice + flows("start a", "a end")).findings}
    assert ("property-twice", "a") in errors


def test_timer_given_twice_is_refused() -> None:
    """A timer says one time, even of one kind."""
    times = "<bpmn:timeDuration>PT1H</bpmn:timeDuration><bpmn:timeDuration>PT2H</bpmn:timeDuration>"
    late = boundary("b", "a", f"<bpmn:timerEventDefinition>{times}</bpmn:timerEventDefinition>")
    assert ("timer-missing", "b") in {(f.rule, f.element) for f in judge(TASK + late).findings}


@pytest.mark.parametrize(("kind", "told"), [("task", True), ("manualTask", False), ("receiveTask", False)])
def test_event_at_what_takes_no_time_is_pointed_out(kind: str, told: bool) -> None:
    """A timer at a task that is done at once can never fire, though it is drawn."""
    host = node(kind, "a", attributes='messageRef="m_ping"' if kind == "receiveTask" else "", role="staff")
    late = boundary("b", "a", timer("Duration", "PT1H"))
    findings = judge(ENDS + host + late + flows("start a", "a end"), extra=EXTRA).findings
    assert (("boundary-never", "b") in {(f.rule, f.element) for f in findings}) is told
