"""How a process must hang together."""

from __future__ import annotations

import pytest

from engine.definitions import Bundle
from engine.findings import Severity
from engine.handlers import HandlerRegistry
from engine.intake import Examination, examine
from tests.engine.diagrams import diagram, flows, judge, model

LINE = '<bpmn:startEvent id="s"/><bpmn:task id="x"/><bpmn:endEvent id="e"/>' + flows("s x", "x e")
SUB = '<bpmn:startEvent id="s"/><bpmn:subProcess id="x">{}</bpmn:subProcess>' + flows("s x")

BROKEN = {
    "flow to nowhere": (LINE + flows("x nowhere"), "flow-dangling", "x_nowhere"),
    "flow without target": (LINE + '<bpmn:sequenceFlow id="f" sourceRef="x"/>', "flow-dangling", "f"),
    "flow into a sub-process": (
        SUB.format('<bpmn:startEvent id="i"/><bpmn:task id="t"/>' + flows("i t")) + flows("s t"),
        "flow-crosses",
        "s_t",
    ),
    "flow into the start": (LINE + flows("x s"), "flow-forbidden", "s"),
    "flow out of the end": (LINE + flows("e x"), "flow-forbidden", "e"),
    "flow into a boundary event": (
        LINE + '<bpmn:boundaryEvent id="b" attachedToRef="x"><bpmn:errorEventDefinition/></bpmn:boundaryEvent>'
        '<bpmn:task id="y"/>' + flows("x y", "y b"),
        "flow-forbidden",
        "b",
    ),
    "boundary on nothing": (
        LINE + '<bpmn:boundaryEvent id="b" attachedToRef="q"><bpmn:errorEventDefinition/></bpmn:boundaryEvent>',
        "boundary-loose",
        "b",
    ),
    "boundary on a gateway": (
        LINE + '<bpmn:boundaryEvent id="b" attachedToRef="e"><bpmn:errorEventDefinition/></bpmn:boundaryEvent>',
        "boundary-loose",
        "b",
    ),
    "no start": ('<bpmn:task id="x"/><bpmn:task id="y"/>' + flows("x y", "y x"), "start-missing", "p"),
    "nothing at all": ("", "start-missing", "p"),
    "unreachable task": (LINE + '<bpmn:task id="y"/>', "unreachable", "y"),
    "unreachable circle": (
        LINE + '<bpmn:task id="y"/><bpmn:task id="z"/>' + flows("y z", "z y"),
        "unreachable",
        "z",
    ),
    "two starts in a sub-process": (
        SUB.format('<bpmn:startEvent id="a"/><bpmn:startEvent id="b"/>'),
        "start-several",
        "x",
    ),
    "event start in a sub-process": (
        SUB.format('<bpmn:startEvent id="a"><bpmn:timerEventDefinition/></bpmn:startEvent>'),
        "start-in-sub-process",
        "a",
    ),
    "sub-process without a way in": (
        SUB.format('<bpmn:task id="y"/><bpmn:task id="z"/>' + flows("y z", "z y")),
        "start-missing",
        "x",
    ),
    "event sub-process without start": (
        LINE + '<bpmn:subProcess id="h" triggeredByEvent="true"/>',
        "start-missing",
        "h",
    ),
    "flow to an event sub-process": (
        LINE + '<bpmn:subProcess id="h" triggeredByEvent="true"/>' + flows("x h"),
        "flow-forbidden",
        "h",
    ),
    "same id twice": (LINE + '<bpmn:task id="x"/>', "id-twice", "x"),
    "id of the process": (LINE.replace('"x"', '"p"'), "id-twice", "p"),
    "task without id": (LINE + "<bpmn:task/>", "id-missing", ""),
    "id with a blank": (LINE.replace('"x"', '"my task"'), "id-wrong", "my task"),
    "id of the engine's kind": (LINE.replace('"x"', '"__x"'), "id-wrong", "__x"),
    "endless name": (LINE.replace('id="x"', f'id="x" name="{"n" * 400}"'), "name-too-long", "x"),
    "too many elements": (
        '<bpmn:startEvent id="n0"/>'
        + "".join(f'<bpmn:task id="n{i}"/>' for i in range(1, 2002))
        + flows(*(f"n{i} n{i + 1}" for i in range(2001))),
        "too-many-elements",
        "p",
    ),
}


@pytest.mark.parametrize("mistake", BROKEN)
def test_broken_structure_is_refused(mistake: str) -> None:
    """The finding is an error at the element where the mistake is."""
    body, rule, element = BROKEN[mistake]
    errors = {(f.rule, f.element) for f in judge(body).findings if f.severity is Severity.ERROR}
    assert (rule, element) in errors


def test_all_findings_come_at_once() -> None:
    """A process owner repairs everything in one go."""
    body = LINE + '<bpmn:task id="y"/><bpmn:callActivity id="z"/><bpmn:userTask id="u"/>' + flows("x q")
    rules = {f.rule for f in judge(body, lane=None).findings}
    assert rules >= {"unreachable", "call-undefined", "role-missing", "flow-dangling", "form-missing"}


def test_a_finding_names_line_element_and_name() -> None:
    """The place is the one in the owner's file."""
    [finding] = [
        f for f in judge("\n" + LINE + '\n<bpmn:task\n id="y" name="Have&#10;tea"/>').findings if f.element == "y"
    ]
    assert (finding.line, finding.name, finding.resource) == (4, "Have tea", "p.bpmn")


def many(*files: tuple[str, bytes]) -> Examination:
    """Examine several files together."""
    return examine(Bundle(dict(files)), handlers=HandlerRegistry(), functions=())


def test_two_files_with_one_key_are_refused() -> None:
    """A key names one process."""
    examination = many(("a.bpmn", diagram(LINE)), ("b.bpmn", diagram(LINE)))
    assert [(f.rule, f.resource) for f in examination.findings if f.severity is Severity.ERROR] == [
        ("key-twice", "b.bpmn")
    ]


def test_several_pools_give_several_models() -> None:
    """Every executable process of a file becomes a model; a black box and a drawing for people do not."""
    second = (
        '<bpmn:process id="q" isExecutable="true"><bpmn:startEvent id="s2"/><bpmn:endEvent id="e2"/>'
        + flows("s2 e2")
        + "</bpmn:process>"
    )
    other = '<bpmn:process id="r" isExecutable="false"><bpmn:task id="free"/></bpmn:process>'
    pools = '<bpmn:collaboration id="c"><bpmn:participant id="box" name="Customer"/></bpmn:collaboration>'
    examination = many(("file.bpmn", diagram(LINE, extra=pools + second + other)))
    assert examination.ok
    assert set(examination.models) == {"p", "q"}


@pytest.mark.parametrize(
    ("xml", "rule"),
    [
        (b"<definitions/>", "not-bpmn"),
        (b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>', "not-bpmn"),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "not-executable"),
        (diagram(LINE).replace(b'isExecutable="true"', b'isExecutable="false"'), "not-executable"),
        (diagram(LINE).replace(b'<bpmn:process id="p"', b'<bpmn:process id="p q"'), "key-wrong"),
        (diagram(LINE).replace(b'<bpmn:process id="p"', b"<bpmn:process"), "key-wrong"),
    ],
)
def test_files_without_a_process_to_run_are_refused(xml: bytes, rule: str) -> None:
    """The finding says what the file is not."""
    assert rule in {f.rule for f in many(("x.bpmn", xml)).findings}


def test_a_process_that_does_not_say_is_executable() -> None:
    """Many tools leave isExecutable out; the only process of a file is meant to run."""
    xml = diagram(LINE).replace(b' isExecutable="true"', b"")
    assert set(many(("x.bpmn", xml)).models) == {"p"}


def test_elements_are_read_as_drawn() -> None:
    """Kind, name, scope, lane and role come from the drawing; inner elements inherit the lane."""
    lanes = (
        '<bpmn:laneSet><bpmn:lane id="outer"><bpmn:flowNodeRef>x</bpmn:flowNodeRef><bpmn:childLaneSet>'
        '<bpmn:lane id="inner"><bpmn:extensionElements><spiffworkflow:properties>'
        '<spiffworkflow:property name="role" value="boss"/></spiffworkflow:properties></bpmn:extensionElements>'
        "<bpmn:flowNodeRef>x</bpmn:flowNodeRef></bpmn:lane></bpmn:childLaneSet></bpmn:lane></bpmn:laneSet>"
    )
    body = lanes + SUB.format(
        '<bpmn:userTask id="u" name="Ask"><bpmn:documentation>How</bpmn:documentation></bpmn:userTask>'
    )
    element = model(body).elements["u"]
    assert (element.kind, element.name, element.parent, element.lane, element.role, element.documentation) == (
        "userTask",
        "Ask",
        "x",
        "inner",
        "boss",
        "How",
    )
