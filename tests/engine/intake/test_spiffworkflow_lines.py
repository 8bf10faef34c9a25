"""The list of what SpiffWorkflow gets wrong (chapters 1.2, 1.3, 2, 6.1 and 6.3 of it), line by line, with our answer.

`refused: rule` is a lint rule, `reported: rule` a warning, `written: text` something that the normalised file holds
(`not written`: something that it doesn't), `runs` means that the diagram is accepted as drawn and our own elements run
it (tests/engine/interpreter).
"""

from __future__ import annotations

import pytest

from engine.findings import Severity
from tests.engine.diagrams import flows, judge, properties

EXTRA = (
    '<bpmn:message id="M" name="m"/><bpmn:error id="E" errorCode="ERR"/><bpmn:signal id="S" name="s"/>'
    '<bpmn:timerEventDefinition id="T"><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>'
)
START, END = '<bpmn:startEvent id="s"/>', '<bpmn:endEvent id="e"/>'
MESSAGE, ERROR = '<bpmn:messageEventDefinition messageRef="M"/>', '<bpmn:errorEventDefinition errorRef="E"/>'
WHEN = "<bpmn:conditionExpression>a = 1</bpmn:conditionExpression>"
NI = ' isInterrupting="false"'


def on_the_way(xml: str) -> str:
    """Start, x, end."""
    return START + xml + END + flows("s x", "x e")


def event(kind: str, definition: str, attributes: str = "") -> str:
    """An event x on the way."""
    return on_the_way(f'<bpmn:{kind} id="x"{attributes}>{definition}</bpmn:{kind}>')


def timer(text: str, tag: str = "timeDuration") -> str:
    """A timer definition."""
    return f"<bpmn:timerEventDefinition><bpmn:{tag}>{text}</bpmn:{tag}></bpmn:timerEventDefinition>"


def handler(definition: str, attributes: str = "") -> str:
    """An event sub-process beside a task."""
    start = f'<bpmn:startEvent id="h"{attributes}>{definition}</bpmn:startEvent>'
    esp = f'<bpmn:subProcess id="esp" triggeredByEvent="true">{start}</bpmn:subProcess>'
    return on_the_way('<bpmn:task id="x"/>') + esp


def boundary(definition: str, attributes: str = "") -> str:
    """A boundary event on a task."""
    event = f'<bpmn:boundaryEvent id="b" attachedToRef="x"{attributes}>{definition}</bpmn:boundaryEvent>'
    return on_the_way('<bpmn:userTask id="x"/>') + event


def after_gateway(one: str, other: str) -> str:
    """Two events after an event-based gateway."""
    catch = '<bpmn:intermediateCatchEvent id="{}">{}</bpmn:intermediateCatchEvent>'
    gateway = START + '<bpmn:eventBasedGateway id="x"/>' + flows("s x", "x a", "x b")
    return gateway + catch.format("a", one) + catch.format("b", other)


TASK = on_the_way('<bpmn:task id="x"/>')
LINK = '<bpmn:intermediate{0}Event id="{1}"><bpmn:linkEventDefinition name="L"/></bpmn:intermediate{0}Event>'
CONDITIONAL = "<bpmn:conditionalEventDefinition><bpmn:condition>n</bpmn:condition></bpmn:conditionalEventDefinition>"
LINES = {
    # 1.2 support matrix
    "receive task without message passes at once": (
        on_the_way('<bpmn:receiveTask id="x"/>'),
        "refused: message-missing",
    ),
    "send task without message is no-op": (on_the_way('<bpmn:sendTask id="x"/>'), "refused: message-missing"),
    "receive task with message": (on_the_way('<bpmn:receiveTask id="x" messageRef="M"/>'), "runs"),
    "service task without operator": (on_the_way('<bpmn:serviceTask id="x"/>'), "refused: handler-missing"),
    "business rule task without decision": (
        on_the_way('<bpmn:businessRuleTask id="x"/>'),
        "refused: decision-missing",
    ),
    "call activity": (on_the_way('<bpmn:callActivity id="x" calledElement="q"/>'), "refused: call-unknown"),
    "sub-process without start or end": (
        on_the_way('<bpmn:subProcess id="x"><bpmn:task id="t"/></bpmn:subProcess>'),
        'written: id="__start_x"',
    ),
    "process without end event": (START + '<bpmn:task id="x"/>' + flows("s x"), 'written: id="__end_x"'),
    "exclusive branch into a dead end": (
        START
        + '<bpmn:exclusiveGateway id="x" default="x_b"/><bpmn:task id="a"/><bpmn:task id="b"/>'
        + f'<bpmn:sequenceFlow id="f" sourceRef="x" targetRef="a">{WHEN}</bpmn:sequenceFlow>'
        + flows("s x", "x b"),
        'written: id="__end_a"',
    ),
    "implicit split": (TASK + '<bpmn:task id="y"/>' + flows("x y"), 'written: parallelGateway id="__fork_x"'),
    "conditional flow and default out of a task": (
        START
        + '<bpmn:task id="x" default="x_b"/><bpmn:task id="a"/><bpmn:task id="b"/>'
        + f'<bpmn:sequenceFlow id="f" sourceRef="x" targetRef="a">{WHEN}</bpmn:sequenceFlow>'
        + flows("s x", "x b"),
        'written: inclusiveGateway id="__split_x" default="x_b"',
    ),
    "condition on a single flow out of a task is ignored": (
        TASK.replace('targetRef="e"/>', f'targetRef="e">{WHEN}</bpmn:sequenceFlow>'),
        "refused: condition-single",
    ),
    "ad-hoc sub-process": (on_the_way('<bpmn:adHocSubProcess id="x"/>'), "refused: ad-hoc-empty"),
    "complex gateway": (on_the_way('<bpmn:complexGateway id="x"/>'), "runs"),
    "event gateway and conditional event never fires": (
        after_gateway(MESSAGE, CONDITIONAL),
        "runs",
    ),
    "event gateway with two timers": (after_gateway(timer("PT50S"), timer("PT5S")), "runs"),
    "instantiating event gateway": (
        after_gateway(MESSAGE, MESSAGE).replace('Gateway id="x"', 'Gateway id="x" instantiate="true"'),
        "refused: instantiate-inside",
    ),
    "link throw and catch leave the instance dead": (
        START + LINK.format("Throw", "a") + LINK.format("Catch", "b") + flows("s a"),
        'written: sourceRef="a" targetRef="b"',
    ),
    "compensation throw is ignored": (
        event("intermediateThrowEvent", "<bpmn:compensateEventDefinition/>"),
        "reported: compensation-nothing",
    ),
    "signal end is silent": (
        event("endEvent", '<bpmn:signalEventDefinition signalRef="S"/>'),
        "refused: flow-forbidden",
    ),
    "non-interrupting message boundary fires once": (boundary(MESSAGE, ' cancelActivity="false"'), "runs"),
    "compensation boundary": (boundary("<bpmn:compensateEventDefinition/>"), "refused: compensation-missing"),
    "error scope": (boundary(ERROR), "runs"),
    "uncaught error": (
        START + f'<bpmn:endEvent id="e">{ERROR}</bpmn:endEvent>' + flows("s e"),
        "reported: error-uncaught",
    ),
    "several top-level starts": (
        TASK + f'<bpmn:startEvent id="s2">{MESSAGE}</bpmn:startEvent>' + flows("s2 x"),
        'written: __start_event = "s2"',
    ),
    "timer start": (f'<bpmn:startEvent id="s">{timer("PT1H")}</bpmn:startEvent>', "runs"),
    "event sub-process changes the shared spec": (handler(MESSAGE, NI), "not written: triggeredByEvent"),
    "interrupting event sub-process never interrupts": (
        handler(MESSAGE),
        'written: attachedToRef="__body_p" cancelActivity="true"',
    ),
    "event sub-process with error start runs at once": (handler(ERROR), "not written: triggeredByEvent"),
    "event sub-process with escalation start": (
        handler("<bpmn:escalationEventDefinition/>"),
        "not written: triggeredByEvent",
    ),
    "event sub-process with conditional start never fires": (handler(CONDITIONAL), "not written: triggeredByEvent"),
    "event sub-process inside a sub-process is never armed": (
        START
        + f'<bpmn:subProcess id="sub">{handler(MESSAGE, NI).replace(chr(34) + "s" + chr(34), chr(34) + "i" + chr(34))}'
        + "</bpmn:subProcess>"
        + '<bpmn:sequenceFlow id="in" sourceRef="s" targetRef="sub"/>',
        'written: attachedToRef="__body_sub"',
    ),
    "multi-instance": (
        on_the_way('<bpmn:task id="x"><bpmn:multiInstanceLoopCharacteristics/></bpmn:task>'),
        "refused: loop-undefined",
    ),
    "start quantity is ignored": (on_the_way('<bpmn:task id="x" startQuantity="2"/>'), 'written: id="__gather_x"'),
    "completion quantity is ignored": (
        on_the_way('<bpmn:task id="x" completionQuantity="2"/>'),
        "runs",
    ),
    "eventDefinitionRef is ignored": (
        event("intermediateCatchEvent", "<bpmn:eventDefinitionRef>T</bpmn:eventDefinitionRef>"),
        "written: timerEventDefinition",
    ),
    "isForCompensation is ignored": (
        TASK + '<bpmn:task id="y" isForCompensation="true"/>',
        "refused: compensation-loose",
    ),
    "loop marker alone": (
        on_the_way('<bpmn:task id="x"><bpmn:standardLoopCharacteristics/></bpmn:task>'),
        "refused: loop-undefined",
    ),
    "data association hangs the parser or fails": (
        on_the_way('<bpmn:task id="x"><bpmn:dataOutputAssociation/></bpmn:task>') + '<bpmn:dataObject id="d"/>',
        "not written: data",
    ),
    "data store": (TASK + '<bpmn:dataStoreReference id="d"/>', "not written: dataStore"),
    "element id End is skipped": (TASK.replace('"x"', '"End"'), 'written: task id="End__"'),
    "element id Start": (TASK.replace('"x"', '"Start"'), 'written: task id="Start__"'),
    "element id Root": (TASK.replace('"x"', '"Root"'), 'written: task id="Root__"'),
    "element id of the end join": (TASK.replace('"x"', '"p.EndJoin"'), 'written: task id="p.EndJoin__"'),
    "sequence flow without id is dropped": (TASK.replace('id="s_x" ', ""), 'written: id="__flow_s_x"'),
    "boundary event without id is dropped": (
        boundary(MESSAGE).replace('id="b" ', ""),
        'written: boundaryEvent id="__boundary_x"',
    ),
    "prefixed reference": (TASK.replace('Ref="', 'Ref="tns:'), 'written: sourceRef="s" targetRef="x"'),
    # 1.3 and the seed of the linter
    "activity without incoming flow": (TASK + '<bpmn:task id="y"/>', "refused: unreachable"),
    "condition after a parallel gateway": (
        on_the_way('<bpmn:parallelGateway id="x"/>').replace(
            'targetRef="e"/>', f'targetRef="e">{WHEN}</bpmn:sequenceFlow>'
        ),
        "refused: condition-misplaced",
    ),
    "exclusive flow without condition": (
        on_the_way('<bpmn:exclusiveGateway id="x"/>') + '<bpmn:task id="y"/>' + flows("x y"),
        "refused: condition-missing",
    ),
    # 2 real modelers
    "unquoted ISO timer is Python": (
        event("intermediateCatchEvent", timer("PT5M")),
        'written: duration("PT300S")',
    ),
    "timer without text": (event("intermediateCatchEvent", timer("")), "refused: timer-missing"),
    "process without start": ('<bpmn:task id="x"/>', 'written: id="__start_p"'),
    # 6.1 hostile diagrams
    "Python in a condition": (
        START
        + '<bpmn:exclusiveGateway id="x" default="x_b"/><bpmn:task id="a"/><bpmn:task id="b"/>'
        + '<bpmn:sequenceFlow id="f" sourceRef="x" targetRef="a"><bpmn:conditionExpression>'
        + "().__class__.__base__.__subclasses__()</bpmn:conditionExpression></bpmn:sequenceFlow>"
        + flows("s x", "x b"),
        "refused: expression-syntax",
    ),
    "Python in a timer": (event("intermediateCatchEvent", timer("__import__('os')")), "refused: expression-syntax"),
    "Python in a script": (
        on_the_way(
            f'<bpmn:scriptTask id="x" scriptFormat="python">{properties(result="r")}<bpmn:script>open("/etc/passwd")'
            "</bpmn:script></bpmn:scriptTask>"
        ),
        "refused: expression-language",
    ),
    # 6.3 timers
    "naive date is off by the offset": (
        event("intermediateCatchEvent", timer("2027-07-15T09:00", "timeDate")),
        "refused: timer-zone",
    ),
    "negative duration is taken as positive": (
        event("intermediateCatchEvent", timer("-PT5M")),
        "refused: timer-negative",
    ),
    "date only": (event("intermediateCatchEvent", timer("2027-07-15", "timeDate")), "refused: timer-zone"),
    "words for a time": (event("intermediateCatchEvent", timer("5 minutes")), "refused: expression-syntax"),
    "P1H": (event("intermediateCatchEvent", timer("P1H")), "refused: timer-unreadable"),
    "a number for a time": (event("intermediateCatchEvent", timer("300")), "refused: timer-kind"),
    "cycle without pause": (
        boundary(timer("R3/PT0S", "timeCycle"), ' cancelActivity="false"'),
        "refused: timer-never",
    ),
    # domain notes
    "none start beside a message start": (
        TASK + f'<bpmn:startEvent id="s2">{MESSAGE}</bpmn:startEvent>' + flows("s2 x"),
        'written: __start_event = "s"',
    ),
}


@pytest.mark.parametrize("line", LINES)
def test_each_line_has_its_answer(line: str) -> None:
    """Nothing that the core gets wrong reaches it."""
    body, answer = LINES[line]
    examination = judge(body, extra=EXTRA)
    errors = {f.rule for f in examination.findings if f.severity is Severity.ERROR}
    kind, _, detail = answer.partition(": ")
    if kind == "refused":
        assert detail in errors
        return
    assert not errors, [str(f) for f in examination.findings]
    written = examination.models["p"].normalised.decode()
    if kind == "written":
        assert detail in written
    elif kind == "not written":
        assert detail not in written
    elif kind == "reported":
        assert detail in {f.rule for f in examination.findings}
