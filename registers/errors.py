"""Everything the registers can answer instead of a result, on one screen.

```
EngineError
├─ NotFound      RecordNotFound · PersonNotFound · UnknownRegister                                   404
├─ NotAllowed    ProtectedRecord (also a BpmnError)                                                  403
├─ Conflict      StaleRecord · DuplicateNumber · IllegalTransition (also a BpmnError) · RoleUnassigned   409
├─ InvalidForm   InvalidRecord(field → texts) · InvalidQuery(filter → texts)                         422
└─ SetupError    InvalidDefinitions(problems): register files, organisation, mail templates     at start-up
```
"""

from __future__ import annotations

from collections.abc import Sequence

from engine import BpmnError, Conflict, InvalidForm, NotAllowed, NotFound, SetupError, Text


class RecordNotFound(NotFound):
    """No record has this number."""


class UnknownRegister(NotFound):
    """No register definition has this key."""


class PersonNotFound(NotFound):
    """No person has this id."""


class StaleRecord(Conflict):
    """Another transaction changed the record first; ask again."""


class DuplicateNumber(Conflict):
    """A record with this number exists already."""


class RoleUnassigned(Conflict):
    """Nobody holds a role that is needed; `roles` names them."""

    def __init__(self, roles: Sequence[str], text: Text) -> None:
        self.roles = tuple(roles)
        super().__init__(text)


class IllegalTransition(BpmnError, Conflict):
    """The register's definition has no way from the record's state to the one asked for.

    In a diagram it is the BPMN error `ERR_ILLEGAL_TRANSITION`; over HTTP it is a conflict.
    """

    def __init__(self, text: Text) -> None:
        BpmnError.__init__(self, "ERR_ILLEGAL_TRANSITION", str(text))
        self.text = text


class ProtectedRecord(NotAllowed, BpmnError):
    """The register may be written only by the procedure that is authorised to; the code is the register's own.

    In a diagram it is a BPMN error (`ERR_UNAUTHORISED_CI`); over HTTP it is forbidden.
    """

    def __init__(self, code: str, text: Text) -> None:
        NotAllowed.__init__(self, code, text)
        self.code, self.message = code, str(text)


class InvalidRecord(InvalidForm):
    """Values that break the register's definition: `errors` maps a field to its texts."""


class InvalidQuery(InvalidForm):
    """A filter or an order that the register doesn't offer: `errors` maps its name to its texts."""


class InvalidDefinitions(SetupError):
    """Data files beside the code are wrong; `problems` holds every one of them."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(Text("{count} problem(s): {problems}", count=len(self.problems), problems="; ".join(problems)))
