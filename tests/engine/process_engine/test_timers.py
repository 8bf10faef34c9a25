"""Timers: fired when due, once, in order; the failure of one stops no other."""

from __future__ import annotations

from datetime import timedelta

from engine import SYSTEM, Bundle, InstanceState, JobKind, JobState
from tests.engine.diagrams import diagram, flows, properties
from tests.engine.process_engine.installation import ANN, NOW, Installation

HOUR = timedelta(hours=1)


def timer(kind: str, text: str) -> str:
    """A timer event definition."""
    return f'<bpmn:timerEventDefinition id="t1"><bpmn:{kind}>{text}</bpmn:{kind}></bpmn:timerEventDefinition>'


def boundary(kind: str, text: str, *, cancel: str) -> str:
    """A task with a boundary timer that leads to another task."""
    return (
        '<bpmn:startEvent id="start"/><bpmn:userTask id="ask"/><bpmn:endEvent id="end"/>'
        f'<bpmn:boundaryEvent id="late" attachedToRef="ask" cancelActivity="{cancel}">{timer(kind, text)}'
        '</bpmn:boundaryEvent><bpmn:userTask id="remind"/><bpmn:endEvent id="end2"/>'
        + flows("start ask", "ask end", "late remind", "remind end2")
    )


def begin(house: Installation, body: str) -> int:
    """Publish and start."""
    house.engine.publish(Bundle({"p.bpmn": diagram(body)}), by=SYSTEM)
    return house.engine.start("p", by=ANN).id


def where(house: Installation, case: int) -> list[str]:
    """The elements of the open tasks."""
    return [task.element.id for task in house.engine.instance(case, by=ANN).tasks]


def test_interrupting_timer_takes_the_task_away(house: Installation) -> None:
    """Not before its time; then the task is cancelled and the other one open."""
    case = begin(house, boundary("timeDuration", "PT1H", cancel="true"))
    assert house.engine.next_due() == NOW + HOUR
    house.clock.advance(HOUR - timedelta(seconds=1))
    assert not house.engine.run_due().did_something
    house.clock.advance(timedelta(seconds=1))
    assert house.engine.run_due().timers == 1
    assert where(house, case) == ["remind"]
    assert house.engine.next_due() is None


def test_completed_task_takes_its_timer_along(house: Installation) -> None:
    """Nothing fires after the task is done."""
    case = begin(house, boundary("timeDuration", "PT1H", cancel="true"))
    (task,) = house.engine.instance(case, by=ANN).tasks
    assert house.engine.complete_task(task.id, {}, by=ANN).instance.state is InstanceState.COMPLETED
    house.clock.advance(2 * HOUR)
    assert not house.engine.run_due().did_something


def test_downtime_is_caught_up_once(house: Installation) -> None:
    """A ten-minute cycle that was missed for five hours fires once, and goes on."""
    case = begin(house, boundary("timeCycle", "R/PT10M", cancel="false"))
    house.clock.advance(5 * HOUR)
    house.engine.run_due()
    assert where(house, case) == ["ask", "remind"]
    following = house.engine.next_due()
    assert following is not None
    assert NOW + 5 * HOUR < following <= NOW + 5 * HOUR + timedelta(minutes=10)


def test_failing_timer_is_seen_and_stops_no_other(house: Installation) -> None:
    """The case that can't go on gets a job with the error; the other cases' timers fire; a retry goes through."""
    stuck = (
        '<bpmn:startEvent id="start"/><bpmn:intermediateCatchEvent id="wait">'
        + timer("timeDuration", "PT1H")
        + '</bpmn:intermediateCatchEvent><bpmn:exclusiveGateway id="gate"/>'
        + '<bpmn:endEvent id="a"/><bpmn:endEvent id="b"/>'
        + '<bpmn:sequenceFlow id="fa" sourceRef="gate" targetRef="a"><bpmn:conditionExpression>way = 1'
        + '</bpmn:conditionExpression></bpmn:sequenceFlow><bpmn:sequenceFlow id="fb" sourceRef="gate" targetRef="b">'
        + "<bpmn:conditionExpression>way = 2</bpmn:conditionExpression></bpmn:sequenceFlow>"
        + flows("start wait", "wait gate")
    )
    house.engine.publish(Bundle({"p.bpmn": diagram(stuck)}), by=SYSTEM)
    bad = house.engine.start("p", variables={"way": 3}, by=SYSTEM)
    good = house.engine.start("p", variables={"way": 1}, by=SYSTEM)
    house.clock.advance(HOUR)
    report = house.engine.run_due()
    assert (report.timers, report.failures) == (1, 1)
    assert house.engine.instance(good.id, by=SYSTEM).state is InstanceState.COMPLETED
    (job,) = house.engine.instance(bad.id, by=SYSTEM).jobs
    assert (job.kind, job.attempts) == (JobKind.TIMER, 1)
    assert "gate" in (job.error or "")
    for _ in range(2):
        house.clock.advance(HOUR)
        assert house.engine.run_due().failures == 1
    assert [j.id for j in house.engine.jobs(state=JobState.FAILED)] == [job.id]


def test_due_time_is_shown_on_the_task(house: Installation) -> None:
    """A task's due time is no timer: nothing happens at it, but the inbox knows."""
    body = (
        '<bpmn:startEvent id="start"/><bpmn:userTask id="ask">'
        + properties(due="PT1H")
        + '</bpmn:userTask><bpmn:endEvent id="end"/>'
        + flows("start ask", "ask end")
    )
    case = begin(house, body)
    house.clock.advance(2 * HOUR)
    (task,) = house.engine.instance(case, by=ANN).tasks
    assert task.is_overdue(house.clock.now())
