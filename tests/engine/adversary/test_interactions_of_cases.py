"""What cases that call each other do to one another: signals to both, escalations through several, calls undone."""

from __future__ import annotations

from engine import SYSTEM, Bundle, InstanceState
from tests.engine.diagrams import diagram, flows
from tests.engine.interpreter.drawing import (
    EXTRA,
    boundary,
    escalation,
    event,
    handling,
    node,
    nodes,
    signal,
    sub,
    undo,
)
from tests.engine.interpreter.test_multi_instance import marker
from tests.engine.process_engine.calling import do, open_in, see
from tests.engine.process_engine.installation import ANN, Installation
from tests.engine.process_engine.invariants import check_invariants

WAITING = (
    nodes(startEvent="s", userTask="t") + event("intermediateCatchEvent", "w", signal("red")) + flows("s w", "w t")
)
ASKING = nodes(startEvent="s", userTask="t") + flows("s t")


def publish(house: Installation, **bodies: str) -> None:
    files = {f"{key}.bpmn": diagram(body, key=key, extra=EXTRA) for key, body in bodies.items()}
    house.engine.publish(Bundle(files), by=SYSTEM)


def call(key: str, identity: str, inner: str = "", attributes: str = "", **own: str) -> str:
    return node("callActivity", identity, inner, f'calledElement="{key}" {attributes}', **own)


def test_signal_to_both_that_interrupts_the_call_ends_the_called_case(house: Installation) -> None:
    """The called case doesn't go on with what its caller has given up."""
    body = nodes(startEvent="start", userTask="z q") + call("child", "x") + boundary("bs", "x", signal("red"))
    publish(house, parent=body + flows("start x", "x z", "bs q"), child=WAITING)
    case = house.engine.start("parent", by=ANN).id
    house.engine.broadcast("red")
    (child,) = see(house, case).children
    assert (open_in(house, case), child.state) == (["q"], InstanceState.CANCELLED)
    check_invariants(house)


def test_escalation_of_an_event_sub_process_goes_through_two_calls(house: Installation) -> None:
    """To the event sub-process around the outer call; nobody is interrupted, and all can end."""
    start = f'<bpmn:startEvent id="es" isInterrupting="false">{signal("red")}</bpmn:startEvent>'
    news = (
        start + event("intermediateThrowEvent", "th", escalation("X1")) + nodes(userTask="m") + flows("es th", "th m")
    )
    inner = nodes(startEvent="bs") + call("mid", "y") + flows("bs y")
    inner += handling("h", escalation("X1"), cancel=False)
    parent = nodes(startEvent="start", userTask="after") + sub("big", inner) + flows("start big", "big after")
    mid = nodes(startEvent="s") + call("child", "x") + flows("s x")
    publish(house, parent=parent, mid=mid, child=ASKING + sub("e", news, by_event=True))
    case = house.engine.start("parent", by=ANN).id
    child = see(house, see(house, case).children[0].id).children[0].id
    house.engine.broadcast("red")
    assert (open_in(house, case), open_in(house, child)) == (["do_h"], ["m", "t"])
    do(house, child, "t")
    do(house, child, "m")
    do(house, case, "do_h")
    assert open_in(house, case) == ["after"]
    check_invariants(house)


def test_calls_are_undone_by_calls_the_last_first(house: Installation) -> None:
    """Each run's compensation calls with the item of that run."""
    body = nodes(startEvent="start", userTask="z") + boundary("on", "a", undo())
    body += call("child", "a", marker(), collection="[1, 2]", element_variable="i")
    body += call("child", "ua", attributes='isForCompensation="true"', inputs="{i: i}")
    body += '<bpmn:association id="undoes" sourceRef="on" targetRef="ua"/>'
    body += event("intermediateThrowEvent", "th", undo("a")) + flows("start a", "a th", "th z")
    publish(house, parent=body, child=ASKING)
    case = house.engine.start("parent", by=ANN).id
    items = []
    while active := [c.id for c in see(house, case).children if c.state is InstanceState.ACTIVE]:
        items.append(see(house, active[0]).variables["i"])
        do(house, active[0], "t")
    assert (items, open_in(house, case)) == ([1, 2, 2, 1], ["z"])
    check_invariants(house)
