"""Messages, errors, links and event sub-processes."""

from __future__ import annotations

import pytest

from engine.findings import Severity
from tests.engine.diagrams import flows, judge, model, properties

EXTRA = (
    '<bpmn:message id="M" name="order.received"/><bpmn:message id="N"/>'
    '<bpmn:message id="O" name="order.changed"/>'
    '<bpmn:error id="E" errorCode="ERR_A"/><bpmn:error id="F" name="no code"/>'
)
LINE = '<bpmn:startEvent id="s"/>{}<bpmn:endEvent id="e"/>' + flows("s x", "x e")


def catch(definition: str) -> str:
    """An intermediate catching event x."""
    return LINE.format(f'<bpmn:intermediateCatchEvent id="x">{definition}</bpmn:intermediateCatchEvent>')


def handler(identity: str, definition: str, attributes: str = "") -> str:
    """An event sub-process."""
    start = f'<bpmn:startEvent id="{identity}"{attributes}>{definition}</bpmn:startEvent>'
    return f'<bpmn:subProcess id="h{identity}" triggeredByEvent="true">{start}</bpmn:subProcess>'


def boundary(identity: str, definition: str, attributes: str = "") -> str:
    """An event at the border of x."""
    return f'<bpmn:boundaryEvent id="{identity}" attachedToRef="x"{attributes}>{definition}</bpmn:boundaryEvent>'


def link(kind: str, identity: str, name: str) -> str:
    """One end of a link."""
    event = f"intermediate{kind}Event"
    return f'<bpmn:{event} id="{identity}"><bpmn:linkEventDefinition name="{name}"/></bpmn:{event}>'


TASK = LINE.format('<bpmn:task id="x"/>')
OTHER = '<bpmn:messageEventDefinition messageRef="O"/>'
ERROR, MESSAGE = '<bpmn:errorEventDefinition errorRef="E"/>', '<bpmn:messageEventDefinition messageRef="M"/>'
ANY = "<bpmn:errorEventDefinition/>"
CONDITIONAL = "<bpmn:conditionalEventDefinition><bpmn:condition>{}</bpmn:condition></bpmn:conditionalEventDefinition>"
NI = ' isInterrupting="false"'
LINKED = '<bpmn:startEvent id="s"/><bpmn:task id="a"/><bpmn:task id="b"/>' + flows("s a", "a t", "c b")

JUDGED = {
    "message without reference": (catch("<bpmn:messageEventDefinition/>"), "message-missing", "x", "error"),
    "message that is not there": (
        catch('<bpmn:messageEventDefinition messageRef="Q"/>'),
        "reference-dangling",
        "x",
        "error",
    ),
    "message without name": (catch('<bpmn:messageEventDefinition messageRef="N"/>'), "message-unnamed", "x", "error"),
    "receive task without message": (LINE.format('<bpmn:receiveTask id="x"/>'), "message-missing", "x", "error"),
    "send task without message": (LINE.format('<bpmn:sendTask id="x"/>'), "message-missing", "x", "error"),
    "catch without definition": (catch(""), "event-undefined", "x", "error"),
    "boundary without definition": (TASK + boundary("b", ""), "event-undefined", "b", "error"),
    "event sub-process without event": (TASK + handler("h", ""), "event-undefined", "h", "error"),
    "definition that is not there": (
        catch("<bpmn:eventDefinitionRef>q</bpmn:eventDefinitionRef>"),
        "reference-dangling",
        "x",
        "error",
    ),
    "error end without error": (
        TASK.replace('id="e"/>', f'id="e">{ANY}</bpmn:endEvent>'),
        "error-missing",
        "e",
        "error",
    ),
    "error that is not there": (
        TASK + boundary("b", '<bpmn:errorEventDefinition errorRef="Q"/>'),
        "reference-dangling",
        "b",
        "error",
    ),
    "non-interrupting error boundary": (
        TASK + boundary("b", ERROR, ' cancelActivity="false"'),
        "error-not-interrupting",
        "b",
        "error",
    ),
    "non-interrupting error handler": (TASK + handler("h", ERROR, NI), "error-not-interrupting", "h", "error"),
    "same error caught twice": (TASK + boundary("b", ERROR) + boundary("c", ERROR), "error-caught-twice", "c", "error"),
    "same error handled twice": (TASK + handler("b", ANY) + handler("c", ANY), "error-caught-twice", "c", "error"),
    "uncaught error end": (
        TASK.replace('id="e"/>', f'id="e">{ERROR}</bpmn:endEvent>'),
        "error-uncaught",
        "e",
        "warning",
    ),
    "conditional event without condition": (
        catch("<bpmn:conditionalEventDefinition/>"),
        "condition-missing",
        "x",
        "error",
    ),
    "condition that is no FEEL": (
        catch(CONDITIONAL.format("n &gt;")),
        "expression-syntax",
        "x",
        "error",
    ),
    "link to nowhere": (LINKED + link("Throw", "t", "L") + link("Catch", "c", "K"), "link-dangling", "t", "error"),
    "two ends of a link": (
        LINKED + link("Throw", "t", "L") + link("Catch", "c", "L") + link("Catch", "d", "L"),
        "link-twice",
        "d",
        "error",
    ),
    "link without name": (LINKED + link("Throw", "t", "") + link("Catch", "c", ""), "link-unnamed", "t", "error"),
    "flow out of a link": (
        LINKED + link("Throw", "t", "L") + link("Catch", "c", "L") + flows("t b"),
        "flow-forbidden",
        "t",
        "error",
    ),
    "flow into a link": (
        LINKED + link("Throw", "t", "L") + link("Catch", "c", "L") + flows("a c"),
        "flow-forbidden",
        "c",
        "error",
    ),
}


@pytest.mark.parametrize("mistake", JUDGED)
def test_events_are_judged(mistake: str) -> None:
    """An event that could not happen as drawn is refused."""
    body, rule, element, severity = JUDGED[mistake]
    findings = judge(body, extra=EXTRA).findings
    assert (rule, element, Severity(severity)) in {(f.rule, f.element, f.severity) for f in findings}


RIGHT = {
    "condition": catch(CONDITIONAL.format("n &gt; 5")),
    "message": catch(MESSAGE),
    "catch-all beside a code": TASK + boundary("b", ERROR) + boundary("c", ANY),
    "error end caught outside": LINE.format(
        f'<bpmn:subProcess id="x"><bpmn:startEvent id="i"/><bpmn:endEvent id="j">{ERROR}</bpmn:endEvent>'
        f"{flows('i j')}</bpmn:subProcess>"
    )
    + boundary("b", ERROR),
    "link": LINKED + link("Throw", "t", "L") + link("Catch", "c", "L"),
    "handlers": TASK + handler("a", MESSAGE) + handler("b", OTHER, NI) + handler("c", ERROR),
    "several starts": TASK + f'<bpmn:startEvent id="s2">{MESSAGE}</bpmn:startEvent>' + flows("s2 x"),
}


@pytest.mark.parametrize("drawing", RIGHT)
def test_right_events_give_no_finding(drawing: str) -> None:
    """What is drawn rightly isn't nagged about."""
    assert {f.rule for f in judge(RIGHT[drawing], extra=EXTRA).findings} == {"diagram-missing"}


def test_two_messages_with_one_name_are_reported() -> None:
    """A message is known by its name."""
    extra = '<bpmn:message id="M" name="m"/><bpmn:message id="N" name="m"/>'
    assert "message-twice" in {f.rule for f in judge(TASK, extra=extra).findings}


def test_an_event_is_read_with_all_it_says() -> None:
    """Message, key, payload and lifetime are on the element; a shared definition counts like its own."""
    extra = EXTRA + '<bpmn:messageEventDefinition id="shared" messageRef="M"/>'
    written = properties(correlation_key="order", payload="{total: sum}", expires="P2D", result="answer")
    body = LINE.format(
        f'<bpmn:intermediateThrowEvent id="x">{written}<bpmn:eventDefinitionRef>shared</bpmn:eventDefinitionRef>'
        "</bpmn:intermediateThrowEvent>"
    )
    element = model(body, extra=extra).elements["x"]
    assert (element.event, element.message) == ("message", "order.received")
    assert element.correlation_key is not None
    assert element.correlation_key.names == {"order"}
    assert element.payload is not None
    assert element.expires is not None


def test_an_error_code_is_read() -> None:
    """A boundary event catches one code, or any."""
    read = model(TASK + boundary("b", ERROR) + boundary("c", ANY), extra=EXTRA).elements
    assert (read["b"].error_code, read["c"].error_code) == ("ERR_A", None)
    assert (read["b"].attached_to, read["b"].interrupting) == ("x", True)
