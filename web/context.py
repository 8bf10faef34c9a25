"""What a request works with: the parts of the application and the person asking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from flask import current_app
from flask_login import current_user

if TYPE_CHECKING:
    from engine import Clock, ProcessEngine, User
    from registers import RegisterStore
    from web.accounts import Account


class Worker(Protocol):
    """Whatever does the work that is due."""

    def run_due(self) -> Any:
        """Do one pass of everything that is due at the clock's present."""
        ...


class Parts(Protocol):
    """What the composition root puts into `app.extensions["guicheng"]`."""

    engine: ProcessEngine
    registers: RegisterStore
    clock: Clock
    worker: Worker


def parts() -> Parts:
    """Return the parts of the running application."""
    return cast("Parts", current_app.extensions["guicheng"])


def engine() -> ProcessEngine:
    """Return the process engine."""
    return parts().engine


def clock() -> Clock:
    """Return the clock that everything here is told the time by."""
    return parts().clock


def me() -> User:
    """Return the signed-in person as the engine knows people."""
    return cast("Account", current_user).user
