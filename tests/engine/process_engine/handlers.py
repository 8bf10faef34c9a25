"""Handlers of these tests. `trouble` makes them fail: handler name → what they raise."""

from __future__ import annotations

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
    if "ledger.write" in trouble:
        raise trouble["ledger.write"]
    return Written(f"receipt for {inputs.text}")


@handler("ledger.claimed")
def claimed(inputs: Entry, *, ledger: Ledger, work: Work) -> Written:
    """Note who claimed."""
    ledger.write(f"claimed by {work.actor}", work.idempotency_key)
    if "ledger.claimed" in trouble:
        raise trouble["ledger.claimed"]
    return Written("claimed")


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
