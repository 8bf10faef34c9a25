"""Undoing in the store: people, handlers and clocks take part; a killed server begins again where it stood."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from engine import SYSTEM, Bundle, InstanceState
from tests.engine.diagrams import diagram, flows
from tests.engine.interpreter.drawing import boundary, event, node, nodes, timer, undo, undoable
from tests.engine.process_engine import handlers
from tests.engine.process_engine.installation import ANN, Installation, open_installation, registry

FOR_COMPENSATION = 'isForCompensation="true"'


def service(identity: str, text: str, attributes: str = "") -> str:
    """A service task that writes to the ledger."""
    operator = (
        '<bpmn:extensionElements><spiffworkflow:serviceTaskOperator id="ledger.write"><spiffworkflow:parameters>'
        f'<spiffworkflow:parameter name="text" value="&quot;{text}&quot;"/>'
        "</spiffworkflow:parameters></spiffworkflow:serviceTaskOperator></bpmn:extensionElements>"
    )
    return node("serviceTask", identity, operator, attributes)


def undone_by_machine(identity: str) -> str:
    """A service task that another service task undoes."""
    return (
        service(identity, identity)
        + boundary(f"on_{identity}", identity, undo())
        + service(f"undo_{identity}", f"undo {identity}", FOR_COMPENSATION)
        + f'<bpmn:association id="l_{identity}" sourceRef="on_{identity}" targetRef="undo_{identity}"/>'
    )


BODY = (
    nodes(startEvent="start", userTask="after", endEvent="end")
    + undone_by_machine("book")
    + undoable("ask")
    + event("intermediateCatchEvent", "hour", timer("Duration", "PT1H"))
    + event("intermediateThrowEvent", "throw", undo())
    + flows("start book", "book ask", "ask hour", "hour throw", "throw after", "after end")
)


def begin(house: Installation) -> int:
    """A case in which the throwing event waits for the first handler, a person."""
    house.engine.publish(Bundle({"p.bpmn": diagram(BODY)}), by=SYSTEM)
    case = house.engine.start("p", by=ANN)
    house.engine.complete_task(case.tasks[0].id, {}, by=ANN)
    house.clock.advance(timedelta(hours=1))
    house.engine.run_due()
    return case.id


def test_people_and_handlers_undo_in_turn(house: Installation) -> None:
    """The person first, as what they undo was done last; the handler within the step that completes the task."""
    case = begin(house)
    (task,) = house.engine.tasks(ANN, scope="all")
    assert (task.element.id, house.ledger()) == ("undo_ask", ["book"])
    house.engine.complete_task(task.id, {}, by=ANN)
    assert [t.element.id for t in house.engine.instance(case, by=ANN).tasks] == ["after"]
    assert house.ledger() == ["book", "undo book"]
    assert len(set(house.keys())) == 2
    told = [(e.kind, e.element) for e in house.engine.history(case)]
    assert [e for e in told if e[0] in ("compensation_thrown", "compensated")] == [
        ("compensation_thrown", "throw"),
        ("compensated", "ask"),
        ("compensated", "book"),
    ]


def test_diagram_shows_where_a_case_is_undone(house: Installation) -> None:
    """The handler at work as drawn."""
    case = begin(house)
    elements = house.engine.diagram_state(case)["elements"]
    assert elements["undo_ask"] == {"status": "active", "count": 1}
    assert "undo_book" not in elements


def test_undoing_goes_on_after_a_restart(house: Installation, tmp_path: Path) -> None:
    """What is left to undo is in the snapshot."""
    begin(house)
    again = open_installation(tmp_path, registry(handlers), now=house.clock.now())
    (task,) = again.engine.tasks(ANN, scope="all")
    again.engine.complete_task(task.id, {}, by=ANN)
    assert again.ledger() == ["book", "undo book"]


def test_failing_handler_leaves_the_undoing_to_a_job(house: Installation) -> None:
    """As any handler that fails: what the person did is kept, and a worker tries again."""
    begin(house)
    (task,) = house.engine.tasks(ANN, scope="all")
    handlers.trouble["ledger.write"] = RuntimeError("no ink")
    case = house.engine.complete_task(task.id, {}, by=ANN).instance
    assert (case.state, house.ledger()) == (InstanceState.ACTIVE, ["book"])
    handlers.trouble.clear()
    house.clock.advance(timedelta(hours=1))
    house.engine.run_due()
    assert house.ledger() == ["book", "undo book"]
    assert [t.element.id for t in house.engine.instance(case.id, by=ANN).tasks] == ["after"]
