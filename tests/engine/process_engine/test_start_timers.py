"""Cases that begin by the clock: once for each time, by the newest version, whoever works and whoever crashes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine import SYSTEM, Bundle, InvalidDiagram
from tests.engine.diagrams import diagram, flows, properties
from tests.engine.interpreter.drawing import event, message, nodes, signal, timer
from tests.engine.process_engine.installation import ANN, NOW, Installation

EXTRA = '<bpmn:message id="m_ping" name="ping"/><bpmn:signal id="g_red" name="red"/>'


def process(kind: str, text: str, more: str = "", **own: str) -> bytes:
    """A process that a timer begins."""
    body = event("startEvent", "tick", timer(kind, text) + more, **own) + nodes(userTask="work", endEvent="end")
    return diagram(body + flows("tick work", "work end"), key="ticking", extra=EXTRA)


def publish(house: Installation, content: bytes) -> None:
    house.engine.publish(Bundle({"ticking.bpmn": content}), by=SYSTEM)


def cases(house: Installation) -> int:
    return house.engine.instances(key="ticking").total


def dues(house: Installation) -> list[datetime | None]:
    return [timer.due_at for timer in house.engine.start_timers()]


def later(house: Installation, **time: float) -> Any:
    house.clock.move_to(house.clock.now() + timedelta(**time))
    return house.engine.run_due()


def test_cycle_begins_a_case_each_time(house: Installation) -> None:
    """As often as drawn, and the next one can be seen."""
    publish(house, process("Cycle", "R2/PT1H"))
    assert dues(house) == [NOW + timedelta(hours=1)]
    assert house.engine.next_due() == NOW + timedelta(hours=1)
    assert later(house, minutes=59).timers == 0
    assert later(house, minutes=1).timers == 1
    assert (cases(house), dues(house)) == (1, [NOW + timedelta(hours=2)])
    later(house, hours=1)
    assert (cases(house), dues(house), house.engine.next_due()) == (2, [None], None)
    assert later(house, days=9).timers == 0


@pytest.mark.parametrize(
    ("kind", "text", "due"),
    [
        ("Duration", "PT2H", NOW + timedelta(hours=2)),
        ("Date", "2026-03-05T08:00:00Z", datetime(2026, 3, 5, 8, tzinfo=UTC)),
        ("Date", "=now() + duration(&quot;P1D&quot;)", NOW + timedelta(days=1)),
        ("Cycle", "R/2026-01-05T09:30:00Z/P7D", datetime(2026, 3, 2, 9, 30, tzinfo=UTC)),
        ("Cycle", "0 0 9 ? * MON-FRI", datetime(2026, 3, 3, 9, tzinfo=UTC)),
        ("Cycle", "CRON_TZ=Asia/Shanghai 0 0 9 ? * *", datetime(2026, 3, 3, 1, tzinfo=UTC)),
        ("Date", "2026-03-01T08:00:00Z", None),  # passed before it was published
    ],
)
def test_every_kind_of_timer_begins_cases(house: Installation, kind: str, text: str, due: datetime | None) -> None:
    """Counted from the publication."""
    publish(house, process(kind, text))
    assert dues(house) == [due]
    if due is not None:
        house.clock.move_to(due)
    assert house.engine.run_due().timers == (due is not None)
    assert cases(house) == (due is not None)


def test_what_was_missed_is_one_case(house: Installation) -> None:
    """After a day without a worker one case begins, and the raster goes on."""
    publish(house, process("Cycle", "R/PT5M"))
    assert later(house, hours=24, minutes=2).timers == 1
    assert (cases(house), dues(house)) == (1, [NOW + timedelta(hours=24, minutes=5)])


def test_newer_version_takes_over(house: Installation) -> None:
    """The old version's timer is gone; the same files again change nothing."""
    publish(house, process("Cycle", "R/PT1H"))
    publish(house, process("Cycle", "R/PT1H"))
    later(house, minutes=30)
    publish(house, process("Cycle", "R/P1D"))
    (known,) = house.engine.start_timers()
    assert (known.process, known.version, known.element.id) == ("ticking", 2, "tick")
    assert known.due_at == NOW + timedelta(days=1, minutes=30)
    assert later(house, hours=5).timers == 0
    body = nodes(startEvent="start", endEvent="end") + flows("start end")
    publish(house, diagram(body, key="ticking"))
    assert (dues(house), cases(house)) == ([], 0)


def test_history_tells_of_the_clock(house: Installation) -> None:
    """When it was due, and that nobody else began the case."""
    publish(house, process("Duration", "PT1H"))
    later(house, hours=3)
    (case,) = house.engine.instances(key="ticking").items
    told = [(e.kind, e.element, e.actor) for e in house.engine.history(case.id)][:2]
    assert told == [("timer_fired", "tick", None), ("started", "tick", None)]


def test_any_of_several_triggers_begins_a_case(house: Installation) -> None:
    """A timer, a message and a signal in one start event."""
    publish(house, process("Cycle", "R1/PT1H", message("ping") + signal("red")))
    assert house.engine.correlate("ping").instance_id is not None
    assert len(house.engine.broadcast("red")) == 1
    later(house, hours=1)
    assert cases(house) == 3


def test_case_that_can_not_begin_is_passed_over(house: Installation) -> None:
    """It stands at the timer why; the next time is tried again, and other timers go on."""
    body = event("startEvent", "tick", timer("Cycle", "R2/PT1H")) + nodes(exclusiveGateway="ask", userTask="work")
    sharp = (
        body
        + flows("tick ask")
        + (
            '<bpmn:sequenceFlow id="f" sourceRef="ask" targetRef="work">'
            "<bpmn:conditionExpression>n = 1</bpmn:conditionExpression></bpmn:sequenceFlow>"
        )
    )
    publish(house, diagram(sharp, key="ticking"))
    report = later(house, hours=1)
    assert (report.failures, cases(house)) == (1, 0)
    (known,) = house.engine.start_timers()
    assert known.due_at == NOW + timedelta(hours=2)
    assert "ask" in (known.fault or "")
    later(house, hours=1)
    assert dues(house) == [None]


def test_two_workers_begin_one_case(house: Installation) -> None:
    """Whoever comes second finds the timer moved on."""
    from engine.store import start_timers
    from engine.store.database import reading

    publish(house, process("Cycle", "R/PT1H"))
    house.clock.move_to(NOW + timedelta(hours=1))
    with reading(house.database) as connection:
        (row,) = start_timers.due(connection, house.clock.now(), limit=9)
    worker = house.engine._worker
    assert [worker._begin(row).timers, worker._begin(row).timers] == [1, 0]
    assert cases(house) == 1


def test_crash_in_the_step_begins_nothing(house: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Case and timer are written together: after a crash the timer is still due."""
    publish(house, process("Cycle", "R/PT1H"))
    house.clock.move_to(NOW + timedelta(hours=1))

    def crash(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("engine.acts.timed_starts.settle", crash)
        with pytest.raises(KeyboardInterrupt):
            house.engine.run_due()
    assert (cases(house), dues(house)) == (0, [NOW + timedelta(hours=1)])
    assert house.engine.run_due().timers == 1
    assert cases(house) == 1


def test_expression_that_gives_no_time_is_refused_at_publish(house: Installation) -> None:
    """There is nobody later who could be told."""
    wrong = process("Date", "=if now() = null then now() else null")
    assert "timer-unreadable" in {f.rule for f in house.engine.check(Bundle({"ticking.bpmn": wrong}))}
    with pytest.raises(InvalidDiagram, match="timer-unreadable"):
        publish(house, wrong)


def test_receive_task_and_gateway_begin_cases_by_messages(house: Installation) -> None:
    """The second message of a parallel gateway finds its case by the key; another key begins another."""
    gate = '<bpmn:eventBasedGateway id="both" instantiate="true" eventGatewayType="Parallel"/>'
    catches = event("intermediateCatchEvent", "a", message("ping"), correlation_key="number")
    catches += f'<bpmn:receiveTask id="b" messageRef="m_pong">{properties(correlation_key="number")}</bpmn:receiveTask>'
    body = gate + catches + nodes(endEvent="end") + flows("both a", "both b", "a end", "b end")
    extra = EXTRA + '<bpmn:message id="m_pong" name="pong"/>'
    publish(house, diagram(body, key="ticking", extra=extra))
    first = house.engine.correlate("ping", key="1", variables={"number": "1"}).instance_id
    second = house.engine.correlate("pong", key="2", variables={"number": "2"}).instance_id
    assert first != second
    assert house.engine.correlate("pong", key="1").instance_id == first
    assert house.engine.correlate("ping", key="2").instance_id == second
    assert [i.is_active for i in house.engine.instances(key="ticking").items] == [False, False]


def test_process_without_start_event_is_begun_by_hand(house: Installation) -> None:
    """By whoever works at its beginning."""
    publish(house, diagram(nodes(userTask="x y"), key="ticking"))
    case = house.engine.start("ticking", by=SYSTEM)
    assert sorted(task.element.id for task in case.tasks) == ["x", "y"]
    assert next(e.element for e in house.engine.history(case.id)) == "ticking"


def test_process_without_start_event_can_be_called(house: Installation) -> None:
    """By nothing it begins in one way, so a call knows where."""
    body = nodes(startEvent="s", endEvent="e") + '<bpmn:callActivity id="c" calledElement="child"/>'
    files = {"child.bpmn": diagram(nodes(userTask="x y"), key="child")}
    files["ticking.bpmn"] = diagram(body + flows("s c", "c e"), key="ticking")
    house.engine.publish(Bundle(files), by=SYSTEM)
    caller = house.engine.start("ticking", by=SYSTEM)
    (called,) = house.engine.instances(key="child").items
    for task in house.engine.instance(called.id, by=SYSTEM).tasks:
        house.engine.complete_task(task.id, {}, by=ANN)
    assert not house.engine.instance(caller.id, by=SYSTEM).is_active
    assert ("child", "child") in [(d.key, element.id) for d, element in house.engine.startable(ANN)]
