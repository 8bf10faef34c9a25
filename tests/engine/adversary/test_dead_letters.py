"""What nobody would ever see again: cases that wait for nothing, messages that reach the wrong process."""

from __future__ import annotations

import pytest

from engine import Bundle, ExecutionError, InvalidDiagram
from tests.engine.diagrams import diagram, flows, judge, model
from tests.engine.interpreter.drawing import EXTRA, condition, event, message, node, nodes, timer
from tests.engine.interpreter.runs import Run
from tests.engine.process_engine.installation import ADMIN, ANN, Installation

ENDS = '<bpmn:startEvent id="start"/><bpmn:endEvent id="end"/>'
MAY_STARVE = (
    ENDS
    + '<bpmn:exclusiveGateway id="x" default="x_end"/><bpmn:endEvent id="done"/>'
    + node("parallelGateway", "j", attributes='name="All checked"')
    + nodes(parallelGateway="f", userTask="a")
    + flows("start f", "f a", "f j", "a x", "x end", "j done")
    + condition("c", "x", "j", "ok")
)


def test_step_into_a_dead_end_is_refused_by_name() -> None:
    """A step that would leave only a join waiting, for ever, doesn't happen, and says where it would have ended."""
    run = Run(model(MAY_STARVE)).start()
    with pytest.raises(ExecutionError, match="All checked"):
        run.complete("a", ok=False)


def test_refused_step_can_be_done_in_another_way(house: Installation) -> None:
    """Nothing was stored: the task is open still, and another answer brings the case to its end."""
    house.engine.publish(Bundle({"p.bpmn": diagram(MAY_STARVE)}), by=ADMIN)
    house.engine.start("p", by=ANN)
    (task,) = house.engine.tasks(ANN, scope="all").items
    with pytest.raises(ExecutionError):
        house.engine.complete_task(task.id, {}, by=ANN)
    assert [t.id for t in house.engine.tasks(ANN, scope="all").items] == [task.id]


def started_by(name: str) -> str:
    """A process that a message starts."""
    return event("startEvent", "start", message(name)) + nodes(userTask="a") + flows("start a")


def test_message_that_would_start_two_processes_is_refused(house: Installation) -> None:
    """One message starts one case; which process it would have been was up to the order of publishing."""
    house.engine.publish(Bundle({"p.bpmn": diagram(started_by("ping"), extra=EXTRA)}), by=ADMIN)
    second = Bundle({"q.bpmn": diagram(started_by("ping"), key="q", extra=EXTRA)})
    with pytest.raises(InvalidDiagram) as refusal:
        house.engine.publish(second, by=ADMIN)
    rules = {f.rule: f for f in refusal.value.findings}
    assert "process p" in str(rules["message-starts-two"].reason)
    assert rules.keys() == {f.rule for f in house.engine.check(second)}


def test_message_that_would_start_two_processes_of_a_bundle_is_refused(house: Installation) -> None:
    """The same holds within one bundle, whichever file comes first."""
    both = {f"{key}.bpmn": diagram(started_by("ping"), key=key, extra=EXTRA) for key in ("p", "q")}
    with pytest.raises(InvalidDiagram):
        house.engine.publish(Bundle(both), by=ADMIN)


def test_message_start_may_move_to_another_process(house: Installation) -> None:
    """Published together, one process may give up its message to another."""
    for first, second in (("ping", "pong"), ("pong", "ping")):
        bundle = {
            "p.bpmn": diagram(started_by(first), extra=EXTRA),
            "q.bpmn": diagram(started_by(second), key="q", extra=EXTRA),
        }
        assert len(house.engine.publish(Bundle(bundle), by=ADMIN)) == 2


def test_timer_that_is_always_due_is_no_wait() -> None:
    """A loop around a timer of no time would run with every look of the worker."""
    body = ENDS + nodes(exclusiveGateway="m") + event("intermediateCatchEvent", "c", timer("Duration", "PT0S"))
    examination = judge(body + flows("start m", "m c", "c m"))
    assert not examination.ok
    assert "endless-loop" in {f.rule for f in examination.findings}


@pytest.mark.parametrize("length", [200, 201])
def test_names_fit_into_the_store(length: int) -> None:
    """A message's name is looked for in the database, where its place is limited."""
    extra = f'<bpmn:message id="m_ping" name="{"n" * length}"/>'
    assert judge(started_by("ping"), extra=extra).ok is (length == 200)


def test_keys_fit_into_addresses() -> None:
    """So is the key of a process."""
    assert "key-wrong" in {f.rule for f in judge(ENDS + flows("start end"), key="p" * 101).findings}
