"""Everything at once, for a while: people, messages, timers, failing handlers, several workers."""

from __future__ import annotations

import random
import threading
from datetime import timedelta

from engine import SYSTEM, Bundle, EngineError, InstanceState
from tests.engine.diagrams import diagram, flows, properties
from tests.engine.process_engine import handlers
from tests.engine.process_engine.installation import ANN, BOB, Installation
from tests.engine.process_engine.invariants import check_invariants

BODY = (
    '<bpmn:startEvent id="start"/><bpmn:parallelGateway id="fork"/>'
    '<bpmn:userTask id="a"/><bpmn:userTask id="b"/>'
    '<bpmn:boundaryEvent id="remind" attachedToRef="a" cancelActivity="false"><bpmn:timerEventDefinition id="t">'
    "<bpmn:timeCycle>R3/PT10M</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    '<bpmn:serviceTask id="mail" implementation="mail.send"/><bpmn:endEvent id="reminded"/>'
    '<bpmn:serviceTask id="note" implementation="ledger.write"/>'
    '<bpmn:intermediateCatchEvent id="wait">'
    + properties(correlation_key="number")
    + '<bpmn:messageEventDefinition id="d" messageRef="m"/></bpmn:intermediateCatchEvent>'
    '<bpmn:parallelGateway id="join"/><bpmn:endEvent id="end"/>'
    + flows("start fork", "fork a", "fork b", "fork wait", "a note", "note join", "b join", "wait join", "join end")
    + flows("remind mail", "mail reminded")
)
CASES = 12


def test_everything_at_once_keeps_every_promise(house: Installation) -> None:
    """After any acts rows and snapshots agree; in the end every case is completed, every note written once."""
    files = {"p.bpmn": diagram(BODY, extra='<bpmn:message id="m" name="paid"/>')}
    house.engine.publish(Bundle(files), by=SYSTEM)
    numbers = [str(n) for n in range(CASES)]
    for number in numbers:
        house.engine.start("p", variables={"number": number}, by=SYSTEM)
    people = [threading.Thread(target=_work, args=(house, user, seed)) for seed, user in enumerate((ANN, BOB))]
    machines = [threading.Thread(target=_run, args=(house, seed)) for seed in range(2)]
    senders = [threading.Thread(target=_send, args=(house, numbers, seed)) for seed in range(2)]
    for thread in (*people, *machines, *senders):
        thread.start()
    for thread in (*people, *machines, *senders):
        thread.join(60)
    check_invariants(house)
    _finish(house)
    check_invariants(house)
    assert {i.state for i in house.engine.instances(size=100)} == {InstanceState.COMPLETED}
    assert len(house.ledger()) == CASES


def _work(house: Installation, user: object, seed: int) -> None:
    """Complete, claim and release whatever is there."""
    dice = random.Random(seed)
    for _ in range(30):
        found = house.engine.tasks(user, scope="all", size=100).items  # type: ignore[arg-type]
        if not found:
            return
        task = dice.choice(found)
        act = dice.choice(["complete", "complete", "claim", "release"])
        try:
            if act == "complete":
                house.engine.complete_task(task.id, {}, by=user)  # type: ignore[arg-type]
            elif act == "claim":
                house.engine.claim_task(task.id, by=user)  # type: ignore[arg-type]
            else:
                house.engine.release_task(task.id, by=user)  # type: ignore[arg-type]
        except EngineError:
            continue


def _run(house: Installation, seed: int) -> None:
    """Be a worker while time goes by and handlers have good and bad days."""
    dice = random.Random(100 + seed)
    for _ in range(15):
        if seed == 0:
            house.clock.advance(timedelta(minutes=dice.randrange(5)))
        for name in ("ledger.write", "mail.send"):
            if dice.random() < 0.4:
                handlers.trouble[name] = ValueError("a bad day")
            else:
                handlers.trouble.pop(name, None)
        house.engine.run_due()


def _send(house: Installation, numbers: list[str], seed: int) -> None:
    """Send every message twice, in any order."""
    order = numbers[:]
    random.Random(200 + seed).shuffle(order)
    for number in order:
        house.engine.correlate("paid", key=number, message_id=f"paid-{number}")


def _finish(house: Installation) -> None:
    """Let the dust settle: no more trouble, all failed jobs retried, all tasks done."""
    handlers.trouble.clear()
    for user in (ANN, BOB):
        for task in house.engine.tasks(user, scope="all", size=100):
            if task.may_complete:
                house.engine.complete_task(task.id, {}, by=user)
    for job in house.engine.jobs():
        if job.state == "failed":
            house.engine.retry_job(job.id, by=SYSTEM)
    house.clock.advance(timedelta(hours=2))
    house.engine.run_due()
