"""Handlers of these tests. `trouble` makes them fail: handler name → what they raise."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass

from engine import Work, handler
from tests.engine.process_engine.installation import Ledger

trouble: dict[str, BaseException] = {}
release = threading.Event()


@dataclass(frozen=True, slots=True)
class Entry:
    text: str = "entry"


@dataclass(frozen=True, slots=True)
class Written:
    receipt: str


@handler("ledger.write")
def write(inputs: Entry, *, ledger: Ledger, work: Work) -> Written:
    """Write to the ledger in the step's transaction."""
    ledger.write(inputs.text, work.idempotency_key)
    for name in ("ledger.write", f"ledger.write {inputs.text}"):
        if name in trouble:
            raise trouble[name]
    return Written(f"receipt for {inputs.text}")


@handler("ledger.claimed")
def claimed(inputs: Entry, *, ledger: Ledger, work: Work) -> Written:
    """Note who claimed."""
    ledger.write(f"claimed by {work.actor}", work.idempotency_key)
    if "ledger.claimed" in trouble:
        raise trouble["ledger.claimed"]
    return Written("claimed")


late: queue.SimpleQueue[Exception] = queue.SimpleQueue()


@handler("ledger.hang")
def hang_inside(inputs: Entry, *, ledger: Ledger, work: Work) -> Written:
    """Write, give no answer until the test lets it, then try to write again."""
    ledger.write("before", work.idempotency_key)
    release.wait(30)
    try:
        ledger.write("after", work.idempotency_key)
    except Exception as error:
        late.put(error)
    return Written("too late")


calls: list[str] = []


@handler("mail.send", external=True)
def send(inputs: Entry, *, work: Work) -> Written:
    """Leave the database."""
    calls.append(work.idempotency_key)
    if "mail.send" in trouble:
        raise trouble["mail.send"]
    return Written("sent")


@handler("mail.hang", external=True)
def hang(inputs: Entry) -> Written:
    """Give no answer until the test lets it."""
    release.wait(30)
    return Written("too late")
