"""Races on a real file: whatever happens at once, exactly one wins, and the others are told."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from engine import SYSTEM, Bundle, EngineError, InstanceState, Outcome, TaskState
from tests.engine.diagrams import diagram, flows, properties
from tests.engine.process_engine import handlers
from tests.engine.process_engine.installation import ANN, BOB, Installation

TIMED = (
    '<bpmn:startEvent id="start"/><bpmn:userTask id="ask"/><bpmn:serviceTask id="note" '
    'implementation="ledger.write"/><bpmn:endEvent id="end"/>'
    '<bpmn:boundaryEvent id="late" attachedToRef="ask"><bpmn:timerEventDefinition id="t">'
    "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    '<bpmn:userTask id="remind"/><bpmn:endEvent id="end2"/>'
    + flows("start ask", "ask note", "note end", "late remind", "remind end2")
)
JOIN = (
    '<bpmn:startEvent id="start"/><bpmn:parallelGateway id="fork"/><bpmn:userTask id="a"/><bpmn:userTask id="b"/>'
    '<bpmn:parallelGateway id="join"/><bpmn:serviceTask id="note" implementation="ledger.write"/>'
    '<bpmn:endEvent id="end"/>' + flows("start fork", "fork a", "fork b", "a join", "b join", "join note", "note end")
)
MAIL = (
    '<bpmn:startEvent id="start"/><bpmn:serviceTask id="mail" implementation="mail.send"/><bpmn:endEvent id="end"/>'
    + flows("start mail", "mail end")
)
WAITER = (
    '<bpmn:startEvent id="start"/><bpmn:intermediateCatchEvent id="wait">'
    + properties(correlation_key="number")
    + '<bpmn:messageEventDefinition id="d" messageRef="m"/></bpmn:intermediateCatchEvent>'
    '<bpmn:serviceTask id="note" implementation="ledger.write"/><bpmn:endEvent id="end"/>'
    + flows("start wait", "wait note", "note end")
)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run acts at the same moment and return what each gave: a result, or the error it was answered with."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            results[place] = act()
        except EngineError as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=(n, act)) for n, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def publish(house: Installation, body: str) -> None:
    """Publish process p."""
    files = {"p.bpmn": diagram(body, extra='<bpmn:message id="m" name="paid"/>')}
    house.engine.publish(Bundle(files), by=SYSTEM)


def test_two_people_complete_one_task(house: Installation) -> None:
    """One succeeds, the other is told who was first; the handler behind it ran once."""
    publish(house, TIMED)
    complete = house.engine.complete_task
    for round_ in range(10):
        (task,) = house.engine.start("p", by=ANN).tasks
        results = at_once(lambda t=task: complete(t.id, {}, by=ANN), lambda t=task: complete(t.id, {}, by=BOB))
        assert sorted(type(r).__name__ for r in results) == ["Completion", "TaskClosed"]
        assert len(house.ledger()) == round_ + 1
        assert house.engine.task(task.id, by=ANN).completed_by in ("ann", "bob")


def test_completion_against_boundary_timer(house: Installation) -> None:
    """Either the task was done or the timer took it away, never both."""
    publish(house, TIMED)
    for _ in range(10):
        (task,) = house.engine.start("p", by=ANN).tasks
        house.clock.advance(timedelta(hours=1))
        before = len(house.ledger())
        results = at_once(lambda t=task: house.engine.complete_task(t.id, {}, by=ANN), house.engine.run_due)
        done = not isinstance(results[0], EngineError)
        case = house.engine.instance(task.instance_id, by=ANN)
        assert results[1].timers == (0 if done else 1)
        assert len(house.ledger()) - before == int(done)
        assert [t.element.id for t in case.tasks] == ([] if done else ["remind"])
        assert house.engine.task(task.id, by=ANN).state is (TaskState.COMPLETED if done else TaskState.CANCELLED)


def test_two_tokens_reach_a_join_at_once(house: Installation) -> None:
    """Both tasks are completed at the same moment: both count, and what follows the join happens once."""
    publish(house, JOIN)
    for round_ in range(10):
        case = house.engine.start("p", by=ANN)
        acts = [lambda t=t: house.engine.complete_task(t.id, {}, by=ANN) for t in case.tasks]
        assert all(not isinstance(result, EngineError) for result in at_once(*acts))
        assert house.engine.instance(case.id, by=ANN).state is InstanceState.COMPLETED
        assert len(house.ledger()) == round_ + 1


def test_same_message_twice_at_once(house: Installation) -> None:
    """One delivery, one repetition."""
    publish(house, WAITER)
    send = house.engine.correlate
    for n in range(10):
        house.engine.start("p", variables={"number": f"{n}"}, by=SYSTEM)
        results = at_once(*[lambda n=n: send("paid", key=f"{n}", message_id=f"id-{n}")] * 3)
        assert Counter(r.repeated for r in results) == {False: 1, True: 2}
        assert {r.outcome for r in results} == {Outcome.DELIVERED}
        assert len(house.ledger()) == n + 1


def test_receiver_and_message_come_at_once(house: Installation) -> None:
    """Whichever is first, they meet."""
    publish(house, WAITER)
    for n in range(10):
        at_once(
            lambda n=n: house.engine.start("p", variables={"number": f"{n}"}, by=SYSTEM),
            lambda n=n: house.engine.correlate("paid", key=f"{n}"),
        )
        assert len(house.ledger()) == n + 1


def test_job_is_run_by_one_of_two_workers(house: Installation) -> None:
    """Four workers pass at once: the mail leaves once."""
    publish(house, MAIL)
    handlers.calls.clear()
    for round_ in range(5):
        case = house.engine.start("p", by=SYSTEM)
        at_once(*[house.engine.run_due] * 4)
        assert len(handlers.calls) == round_ + 1
        assert house.engine.instance(case.id, by=SYSTEM).state is InstanceState.COMPLETED


def test_timer_is_fired_by_one_of_two_workers(house: Installation) -> None:
    """Four workers pass at once: one reminder."""
    publish(house, TIMED)
    case = house.engine.start("p", by=ANN)
    house.clock.advance(timedelta(hours=1))
    reports = at_once(*[house.engine.run_due] * 4)
    assert sum(report.timers for report in reports) == 1
    assert [t.element.id for t in house.engine.instance(case.id, by=ANN).tasks] == ["remind"]


def test_completion_against_cancellation(house: Installation) -> None:
    """A case is completed or cancelled; the loser is told."""
    publish(house, TIMED)
    for _ in range(10):
        (task,) = house.engine.start("p", by=ANN).tasks
        results = at_once(
            lambda t=task: house.engine.complete_task(t.id, {}, by=ANN),
            lambda t=task: house.engine.cancel_instance(t.instance_id, reason="race", by=SYSTEM),
        )
        assert sum(isinstance(result, EngineError) for result in results) == 1
        ended = house.engine.instance(task.instance_id, by=ANN)
        assert ended.state in (InstanceState.COMPLETED, InstanceState.CANCELLED)
        assert ended.tasks == ()


def test_history_of_raced_cases_has_no_gap(house: Installation) -> None:
    """Many people claim and release one task at once: every entry has its number."""
    publish(house, TIMED)
    (task,) = house.engine.start("p", by=ANN).tasks

    def work(user: Any) -> Callable[[], None]:
        def act() -> None:
            house.engine.claim_task(task.id, by=user)
            house.engine.release_task(task.id, by=user)

        return act

    at_once(*[work(ANN), work(BOB)] * 3)
    numbers = [entry.seq for entry in house.engine.history(task.instance_id)]
    assert numbers == list(range(1, len(numbers) + 1))
