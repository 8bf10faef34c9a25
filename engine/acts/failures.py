"""What is kept of an attempt that failed, and when the next one is made."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from datetime import timedelta

from engine.definitions import Element

FIRST_DELAY = timedelta(seconds=10)
LONGEST_DELAY = timedelta(hours=1)


def backoff(attempts: int) -> timedelta:
    """Tell how long to wait after this many failed attempts: 10 s, 20 s, 40 s … at most an hour."""
    return min(FIRST_DELAY * 2 ** min(max(attempts, 1) - 1, 16), LONGEST_DELAY)


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as people see it: one line, and the whole traceback for whoever repairs it."""

    summary: str
    trace: str

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """Keep an exception."""
        named = str(error) or "no message"
        return cls(f"{type(error).__name__}: {named}", "".join(traceback.format_exception(error)))


class HandlerFailed(Exception):
    """A handler ended in an exception that is no business outcome.

    `place` is where the act finds it again when it is repeated: the element and how often it had been reached, or
    `claim:` and the element.
    """

    def __init__(self, element: Element, error: Exception, *, place: str | None = None) -> None:
        self.cause = error
        self.element = element.id
        self.place = place or element.id
        self.failure = Failure.of(error)
        super().__init__(f"handler of {element.id}: {self.failure.summary}")
