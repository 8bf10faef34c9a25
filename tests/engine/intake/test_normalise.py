"""Legal BPMN, rewritten so that the core runs it rightly."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser

from engine.intake.normalise import core_id
from tests.engine.diagrams import flows, model

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
EXTRA = '<bpmn:message id="M" name="m"/><bpmn:error id="E" errorCode="ERR"/>'
MESSAGE = "<bpmn:messageEventDefinition messageRef='M'/>"
ERROR = "<bpmn:errorEventDefinition errorRef='E'/>"
WHEN = "<bpmn:conditionExpression>a = 1</bpmn:conditionExpression>"
LINE = '<bpmn:startEvent id="s"/><bpmn:task id="x"/><bpmn:endEvent id="e"/>' + flows("s x", "x e")


class Normalised:
    """The normalised file, to be asked."""

    def __init__(self, body: str) -> None:
        self.xml = etree.fromstring(model(body, extra=EXTRA).normalised)

    def flows(self, scope: str = "p") -> set[str]:
        """`source>target`, with the condition behind a blank."""
        return {
            f"{f.get('sourceRef')}>{f.get('targetRef')}" + "".join(f" {c.text}" for c in f)
            for f in self.scope(scope).iterchildren(f"{BPMN}sequenceFlow")
        }

    def nodes(self, scope: str = "p") -> dict[str, str]:
        """Id → kind of what is directly in a scope."""
        found = (n for n in self.scope(scope) if n.tag != f"{BPMN}sequenceFlow")
        return {n.get("id"): etree.QName(n).localname for n in found if n.get("id")}

    def scope(self, identity: str) -> etree._Element:
        [found] = self.xml.xpath(f"//*[@id='{identity}']")
        return found

    def all(self, kind: str) -> Iterator[etree._Element]:
        return self.xml.iter(f"{BPMN}{kind}")


def flow(identity: str, source: str, target: str, inner: str = "") -> str:
    """A flow, perhaps with a condition."""
    return f'<bpmn:sequenceFlow id="{identity}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'


def handler(identity: str, definition: str, attributes: str = "") -> str:
    """An event sub-process h<identity> with a task in it."""
    start = f'<bpmn:startEvent id="{identity}"{attributes}>{definition}</bpmn:startEvent><bpmn:task id="t{identity}"/>'
    inner = start + flows(f"{identity} t{identity}")
    return f'<bpmn:subProcess id="h{identity}" triggeredByEvent="true">{inner}</bpmn:subProcess>'


NI = ' isInterrupting="false"'


def test_a_plain_process_stays_as_it_is() -> None:
    """What the core runs rightly is copied."""
    assert Normalised(LINE).nodes() == {"s": "startEvent", "x": "task", "e": "endEvent"}
    assert Normalised(LINE).flows() == {"s>x", "x>e"}


def test_flows_without_id_get_one() -> None:
    """The core would drop them silently."""
    read = model(LINE.replace('id="s_x" ', ""))
    assert set(read.flows) == {"__flow_s_x", "x_e"}


def test_boundary_events_without_id_get_one() -> None:
    """The core would drop them silently."""
    body = LINE + f'<bpmn:boundaryEvent attachedToRef="x">{ERROR}</bpmn:boundaryEvent>'
    assert Normalised(body).nodes()["__boundary_x"] == "boundaryEvent"


def test_prefixed_references_are_understood() -> None:
    """References are QNames by the standard."""
    body = LINE.replace('Ref="', 'Ref="tns:')
    assert Normalised(body).flows() == {"s>x", "x>e"}


def test_flows_kept_around_a_sub_process_are_moved_into_it() -> None:
    """Some tools keep all flows in the process."""
    inner = '<bpmn:startEvent id="i"/><bpmn:task id="t"/><bpmn:endEvent id="j"/>'
    body = f'<bpmn:startEvent id="s"/><bpmn:subProcess id="x">{inner}</bpmn:subProcess>' + flows("s x", "i t", "t j")
    assert Normalised(body).flows("x") == {"i>t", "t>j"}


def test_a_shared_event_definition_is_copied() -> None:
    """The core ignores eventDefinitionRef."""
    extra = (
        EXTRA
        + '<bpmn:timerEventDefinition id="T"><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>'
    )
    event, ref = "bpmn:intermediateCatchEvent", "bpmn:eventDefinitionRef"
    catch = f'<{event} id="x"><{ref}>T</{ref}></{event}>'
    read = model(LINE.replace('<bpmn:task id="x"/>', catch), extra=extra)
    assert b"timerEventDefinition" in read.normalised


def test_an_implicit_split_becomes_a_parallel_gateway() -> None:
    """Several flows out of a task are taken at once."""
    found = Normalised(LINE + '<bpmn:task id="y"/>' + flows("x y"))
    assert {"x>__fork_x", "__fork_x>e", "__fork_x>y"} <= found.flows()
    assert found.nodes()["__fork_x"] == "parallelGateway"


def test_conditional_flows_become_an_inclusive_gateway() -> None:
    """Every flow whose condition is true is taken, else the default."""
    body = (
        '<bpmn:startEvent id="s"/><bpmn:task id="x" default="d"/><bpmn:endEvent id="e"/>'
        + flows("s x")
        + flow("f", "x", "e", WHEN)
        + flow("g", "x", "e", WHEN)
        + flow("d", "x", "e")
    )
    found = Normalised(body)
    assert found.nodes()["__split_x"] == "inclusiveGateway"
    assert found.scope("__split_x").get("default") == "d"
    assert found.scope("f").get("sourceRef") == "__split_x"
    assert found.scope("x").get("default") is None


def test_a_plain_flow_beside_a_conditional_one_is_always_taken() -> None:
    """The plain flow goes on even when no condition is true."""
    found = Normalised(LINE + '<bpmn:task id="y"/>' + flow("f", "x", "y", WHEN))
    assert {
        "x>__fork_x",
        "__fork_x>e",
        "__fork_x>__split_x",
        "__split_x>y a = 1",
        "__split_x>__none_x",
    } <= found.flows()


def test_an_implicit_join_stays() -> None:
    """Each token runs the activity: no gateway must be put before it."""
    body = LINE + '<bpmn:startEvent id="s2"/>' + flows("s2 x")
    assert {"s>x", "s2>x"} <= Normalised(body).flows()


def test_dead_ends_get_an_end_event() -> None:
    """A token that has nowhere to go has arrived."""
    found = Normalised('<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="g"/>' + flows("s g"))
    assert found.nodes()["__end_g"] == "endEvent"


def test_a_sub_process_without_start_begins_everywhere() -> None:
    """BPMN starts what nothing leads to."""
    inner = '<bpmn:task id="a"/><bpmn:task id="b"/><bpmn:task id="c"/>' + flows("b c")
    body = f'<bpmn:startEvent id="s"/><bpmn:subProcess id="x">{inner}</bpmn:subProcess>' + flows("s x")
    found = Normalised(body)
    assert {"__fork_start_x>a", "__fork_start_x>b", "b>c", "c>__end_c", "a>__end_a"} <= found.flows("x")


def test_an_empty_sub_process_passes_through() -> None:
    """Start, end."""
    body = '<bpmn:startEvent id="s"/><bpmn:subProcess id="x"/>' + flows("s x")
    assert Normalised(body).flows("x") == {"__start_x>__end_start_x"}


def test_links_become_flows() -> None:
    """Throw and catch keep their ids."""
    link = '<bpmn:intermediate{0}Event id="{1}"><bpmn:linkEventDefinition name="L"/></bpmn:intermediate{0}Event>'
    body = (
        '<bpmn:startEvent id="s"/><bpmn:receiveTask id="x" messageRef="M"/>'
        + link.format("Throw", "a")
        + link.format("Catch", "b")
    )
    found = Normalised(body + link.format("Throw", "c") + flows("s a", "b x", "x c"))
    assert {"a>b", "c>b", "b>x"} <= found.flows()
    assert found.nodes()["b"] == "intermediateThrowEvent"
    assert not list(found.all("linkEventDefinition"))


@pytest.mark.parametrize(
    "drawn", ["Start", "End", "Root", "StartEventSplit", "p.EndJoin", "x.BoundaryEventJoin", "a__"]
)
def test_ids_of_the_core_are_renamed(drawn: str) -> None:
    """The interpreter strips the suffix again; the model keeps the owner's id."""
    body = LINE.replace('"x"', f'"{drawn}"').replace("x_e", "f").replace("s_x", "g")
    assert drawn + "__" in Normalised(body).nodes()
    assert core_id(drawn).removesuffix("__") == drawn
    assert drawn in model(body).elements


def test_one_drawn_start_is_the_start() -> None:
    """Its message has come when the instance starts."""
    body = LINE.replace('<bpmn:startEvent id="s"/>', f'<bpmn:startEvent id="s">{MESSAGE}</bpmn:startEvent>')
    found = Normalised(body)
    assert found.nodes()["s"] == "startEvent"
    assert not list(found.all("messageEventDefinition"))


def test_several_starts_are_chosen_among() -> None:
    """A none start beside message starts is as good as any."""
    body = LINE + f'<bpmn:startEvent id="s2">{MESSAGE}</bpmn:startEvent>' + flows("s2 x")
    found = Normalised(body)
    assert [s.get("id") for s in found.all("startEvent")] == ["__start_p"]
    assert {'__entry_p>s __start_event = "s"', '__entry_p>s2 __start_event = "s2"', "s>x", "s2>x"} <= found.flows()


def test_an_event_sub_process_is_a_boundary_event_of_the_body() -> None:
    """It keeps its ids; the body is put into a sub-process."""
    found = Normalised(LINE + handler("h", MESSAGE, NI))
    assert found.nodes() == {
        "s": "startEvent",
        "__body_p": "subProcess",
        "h": "boundaryEvent",
        "hh": "subProcess",
        "__end_body_p": "endEvent",
        "__end_hh": "endEvent",
    }
    assert found.flows("__body_p") == {"__start_body_p>x", "x>e"}
    assert (found.scope("h").get("attachedToRef"), found.scope("h").get("cancelActivity")) == ("__body_p", "false")
    assert found.flows("hh") == {"__start_hh>th", "th>__end_th"}


def test_an_event_sub_process_inside_a_sub_process() -> None:
    """The sub-process stays; its body is wrapped inside it."""
    inner = '<bpmn:startEvent id="i"/><bpmn:task id="t"/>' + flows("i t") + handler("h", ERROR)
    found = Normalised(f'<bpmn:startEvent id="s"/><bpmn:subProcess id="x">{inner}</bpmn:subProcess>' + flows("s x"))
    assert {"__body_x", "h", "hh"} <= set(found.nodes("x"))
    assert found.flows("__body_x") == {"i>t", "t>__end_t"}
    assert found.scope("h").get("cancelActivity") == "true"


def test_interrupting_event_sub_processes_stop_the_others_too() -> None:
    """They sit on a scope that encloses the body and the non-interrupting ones."""
    found = Normalised(LINE + handler("n", MESSAGE, NI) + handler("i", ERROR))
    assert found.scope("n").get("attachedToRef") == "__body_p"
    assert found.scope("i").get("attachedToRef") == "__scope_p"
    assert {"__body_p", "n", "hn"} <= set(found.nodes("__scope_p"))


def test_terminate_stops_the_event_sub_processes_too() -> None:
    """Terminate ends the whole scope, not just its body."""
    end = '<bpmn:endEvent id="e"><bpmn:terminateEventDefinition/></bpmn:endEvent>'
    found = Normalised(LINE.replace('<bpmn:endEvent id="e"/>', end) + handler("n", MESSAGE, NI))
    assert not list(found.all("terminateEventDefinition"))
    assert found.scope("__terminated_p").get("attachedToRef") == "__scope_p"


def test_several_starts_with_event_sub_processes() -> None:
    """The choice is made inside the body."""
    found = Normalised(LINE + '<bpmn:startEvent id="s2"/>' + flows("s2 x") + handler("h", MESSAGE))
    assert [k for k in found.nodes().values() if k == "startEvent"] == ["startEvent"]
    assert '__entry_p>s2 __start_event = "s2"' in found.flows("__body_p")


def test_an_event_sub_process_inside_another() -> None:
    """It belongs to the outer one's body."""
    inner = handler("i", ERROR)
    outer = handler("o", MESSAGE, NI).replace("</bpmn:subProcess>", inner + "</bpmn:subProcess>")
    found = Normalised(LINE + outer)
    assert found.scope("o").get("attachedToRef") == "__body_p"
    assert found.scope("i").get("attachedToRef") == "__body_ho"
    assert found.flows("__body_ho") == {"__start_ho>to", "to>__end_to"}


EVERYTHING = (
    LINE
    + f'<bpmn:startEvent id="s2">{MESSAGE}</bpmn:startEvent>'
    + flows("s2 x", "x Start", "x sub")
    + '<bpmn:userTask id="Start"/><bpmn:subProcess id="sub"><bpmn:task id="in"/></bpmn:subProcess>'
    + handler("n", MESSAGE, NI)
    + handler("i", ERROR)
)


def test_the_same_bytes_give_the_same_bytes() -> None:
    """A published version runs the same after every restart."""
    assert model(EVERYTHING, extra=EXTRA).normalised == model(EVERYTHING, extra=EXTRA).normalised


@pytest.mark.parametrize("body", [LINE, EVERYTHING])
def test_the_core_reads_what_is_written(body: str) -> None:
    """The plain parser takes the file and finds every drawn element in it."""
    read = model(body, extra=EXTRA)
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(read.normalised), "p.bpmn")
    specs = [parser.get_spec("p"), *parser.get_subprocess_specs("p").values()]
    known = {name for spec in specs for name in spec.task_specs}
    moved = {e.id for e in read.elements.values() if e.kind == "startEvent" and e.parent != "p"}
    assert {core_id(i) for i in read.elements} - moved <= known
