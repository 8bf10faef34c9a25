"""The states of what the engine keeps. Each member says when a row is in it."""

from __future__ import annotations

from enum import StrEnum


class TaskState(StrEnum):
    """Where a user task stands."""

    OPEN = "open"  # waits for somebody of its role, or for its assignee
    CLAIMED = "claimed"  # one person has taken it
    COMPLETED = "completed"  # done; the instance went on
    CANCELLED = "cancelled"  # the instance went another way (a boundary event, an end)

    @property
    def is_open(self) -> bool:
        """Whether somebody may still work on the task."""
        return self in (TaskState.OPEN, TaskState.CLAIMED)


class JobKind(StrEnum):
    """What a job does when a worker runs it."""

    EXTERNAL = "external"  # a handler that leaves the database: outside any transaction, at least once
    TRANSACTIONAL = "transactional"  # a handler that failed in the step: again, inside the transaction that goes on
    CLAIM = "claim"  # the handler of a claim that failed
    TIMER = "timer"  # a timer whose firing failed


class JobState(StrEnum):
    """Where a job stands."""

    DUE = "due"  # runs at `due_at`, again or for the first time
    RUNNING = "running"  # a worker holds its lease
    DONE = "done"  # the instance went on
    FAILED = "failed"  # all attempts are used up; a person decides
    CANCELLED = "cancelled"  # the instance went another way


class MessageState(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"  # in the inbox: nobody waits for it yet
    DELIVERED = "delivered"  # one receiver has it
    EXPIRED = "expired"  # nobody came in time
