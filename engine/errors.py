"""Everything the engine can answer instead of a result, on one screen.

```
EngineError
├─ NotFound (DefinitionNotFound, InstanceNotFound, TaskNotFound, JobNotFound)   404
├─ Conflict (TaskClosed, StaleInstance, InstanceClosed)                         409
├─ NotAllowed (with the rule's id)                                              403
├─ InvalidForm(field → texts)   InvalidDiagram(findings)                        422
├─ ExecutionError: the diagram met a situation it can't go on from              422
├─ Unavailable: the database is busy, full or gone for the moment                503
└─ SetupError (UnknownHandler, DuplicateHandler, SchemaMismatch)                at start-up, never in a request
raised by handlers: BpmnError(code, message) → the diagram · RetryLater(after) → the worker · else → retry, then failed
```

Every message is a `Text`, so that it can be shown in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.texts import Text

if TYPE_CHECKING:
    from engine.findings import Finding


class EngineError(Exception):
    """Base of all refusals; `text` says what, which id, and what to do."""

    def __init__(self, text: Text | str) -> None:
        self.text = text if isinstance(text, Text) else Text(text)
        super().__init__(str(self.text))


class NotFound(EngineError):
    """The id names nothing, or nothing this person may know about."""


class DefinitionNotFound(NotFound):
    """No published process has this key (and version)."""


class InstanceNotFound(NotFound):
    """No process instance has this id."""


class TaskNotFound(NotFound):
    """No user task has this id."""


class JobNotFound(NotFound):
    """No job has this id."""


class Conflict(EngineError):
    """The request was right once, but the state has moved on."""


class TaskClosed(Conflict):
    """The user task was already completed or cancelled; the text says by whom."""


class TaskClaimed(Conflict):
    """Somebody else has claimed the user task; the text says who."""


class StaleInstance(Conflict):
    """Another transaction advanced the instance first; ask again."""


class InstanceClosed(Conflict):
    """The process instance has ended."""


class NotAllowed(EngineError):
    """The person may not do this. `rule` is the id of the rule that says so, e.g. `SOD-09` or `ROLE`."""

    def __init__(self, rule: str, text: Text | str) -> None:
        self.rule = rule
        super().__init__(text)


class InvalidForm(EngineError):
    """Submitted values break the form's rules: `errors` maps a field path (`actions.0.owner`) to its texts."""

    def __init__(self, errors: Mapping[str, Sequence[Text]]) -> None:
        self.errors = errors
        super().__init__(Text("{count} field(s) need attention: {fields}", count=len(errors), fields=", ".join(errors)))


class InvalidDiagram(EngineError):
    """The intake refused a bundle; `findings` holds all of them at once."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        first = self.findings[0] if self.findings else None
        super().__init__(Text("{count} finding(s), first: {first}", count=len(self.findings), first=str(first)))


class ExecutionError(EngineError):
    """A step could not be carried out as drawn (no condition true and no default, an unreadable timer, a dead end)."""


class Unavailable(EngineError):
    """The database can't answer now: locked for too long, full, read-only or gone. Nothing was stored; try again."""


class SetupError(EngineError):
    """The installation is put together wrongly; raised at start-up, never in a request."""


class UnknownHandler(SetupError):
    """A diagram names a handler that no module registers."""


class DuplicateHandler(SetupError):
    """Two functions were registered under one handler name."""


class SchemaMismatch(SetupError):
    """The database's schema is older or newer than the code."""


class BpmnError(Exception):
    """A handler's business outcome: caught by an error boundary event of the very task that ran the handler."""

    def __init__(self, code: str, message: str = "") -> None:
        self.code = code
        self.message = message
        super().__init__(f"{code}: {message}" if message else code)


class RetryLater(Exception):
    """An external handler asks to be run again after a delay, without using up an attempt."""

    def __init__(self, after: timedelta) -> None:
        self.after = after
        super().__init__(f"retry after {after}")
