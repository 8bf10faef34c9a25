"""Time, passed in. All times are aware and in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Something that tells the time."""

    def now(self) -> datetime:
        """Return the present as an aware UTC date-time."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class MovedClock:
    """A clock that stands still until it is moved: for tests and rehearsals."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def move_to(self, when: datetime) -> None:
        """Set the time; it may only go forward.

        Raises ValueError when `when` lies before the present.
        """
        if when < self._now:
            raise ValueError(f"a clock can't be moved back from {self._now} to {when}")
        self._now = when.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move forward by a duration."""
        self.move_to(self._now + by)
