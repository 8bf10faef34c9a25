"""Who may do what. Everything that is not allowed here is forbidden.

lane → role → people: whoever holds a task's role, or is its assignee, may work on it; rules of segregation take that
back where the same person did something else in the same case. The functions answer with the refusal, or None.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.definitions import Element, ProcessModel, Separation
from engine.errors import NotAllowed
from engine.texts import Text

ADMIN = "system_admin"  # may publish and see everything; works on nothing without the role for it


HUMAN = frozenset({"userTask", "manualTask"})


@dataclass(frozen=True, slots=True)
class User:
    """A person, or a machine with rights, as far as the engine has to know them."""

    id: str
    name: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)
    locale: str = "en"


SYSTEM = User("system", "System", frozenset({ADMIN}))  # the installation itself: publishes what it ships


def answers_for(model: ProcessModel, user: User) -> bool:
    """Tell whether the user is responsible for a process: its owner, or an administrator."""
    return user.id == SYSTEM.id or ADMIN in user.roles or (model.owner is not None and model.owner in user.roles)


def refuse_publish(model: ProcessModel, user: User) -> NotAllowed | None:
    """Answer whether the user may publish a process."""
    if answers_for(model, user):
        return None
    return NotAllowed(
        "OWNER",
        Text("Only role {role} may publish process {process}.", role=model.owner or ADMIN, process=model.key),
    )


def refuse_start(model: ProcessModel, start: Element, user: User) -> NotAllowed | None:
    """Answer whether the user may start a process by hand.

    Its starters, else the role of the start event's lane, else whoever answers for the process.
    """
    roles = set(model.starters) or ({start.role} if start.role else {model.owner or ADMIN})
    if user.id == SYSTEM.id or roles & user.roles:
        return None
    return NotAllowed(
        "ROLE",
        Text(
            "Process {process} is started by: {roles}. You hold none of these roles.",
            process=model.title,
            roles=", ".join(sorted(roles)) or "—",
        ),
    )


def refuse_sight(model: ProcessModel, started_by: str | None, user: User) -> NotAllowed | None:
    """Answer whether the user may see a case: whoever works in its process, owns it, started it, or administers.

    A lane alone gives no sight: one drawn for customers, with nothing but events in it, must not open every case.
    """
    involved = {e.role for e in model.elements.values() if e.role and e.kind in HUMAN}
    involved |= set(model.starters) | {ADMIN} | ({model.owner} if model.owner else set())
    if user.id in (SYSTEM.id, started_by) or involved & user.roles:
        return None
    return NotAllowed(
        "SIGHT", Text("You hold no role in process {process}, so its cases are closed to you.", process=model.title)
    )


def visible(models: Collection[ProcessModel], user: User) -> tuple[str, ...] | None:
    """List the keys of the processes whose cases the user may see; None means all."""
    if user.id == SYSTEM.id or ADMIN in user.roles:
        return None
    return tuple(model.key for model in models if refuse_sight(model, None, user) is None)


def refuse_work(element: Element, assignee: str | None, user: User) -> NotAllowed | None:
    """Answer whether the user may take a task at all: the assignee if there is one, else whoever holds the role."""
    if assignee is not None:
        if user.id == assignee:
            return None
        text = Text("Task “{task}” is assigned to {person}.", task=element.title, person=assignee)
        return NotAllowed("ASSIGNEE", text)
    if element.role is not None and element.role in user.roles:
        return None
    return NotAllowed("ROLE", Text("Task “{task}” is for role {role}.", task=element.title, role=element.role or "—"))


def refuse_choice(model: ProcessModel, element: Element, user: User) -> NotAllowed | None:
    """Answer whether the user may begin or end something by choice: whoever has its role, or the process owner."""
    if answers_for(model, user) or (element.role is not None and element.role in user.roles):
        return None
    role = element.role or model.owner or ADMIN
    return NotAllowed("ROLE", Text("Task “{task}” is for role {role}.", task=element.title, role=role))


def separations_at_stake(
    element: Element, context: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
) -> tuple[Separation, ...]:
    """Choose the rules of segregation whose condition holds now (none written: always)."""
    return tuple(
        rule
        for rule in element.separations
        if rule.condition is None or rule.condition.evaluate(context, functions) is True
    )


def refuse_same_hands(
    model: ProcessModel,
    element: Element,
    rules: Collection[Separation],
    done_by: Mapping[str, Collection[str]],
    user: User,
) -> NotAllowed | None:
    """Answer whether a rule of segregation keeps the user away: people count, whatever role they act in."""
    for rule in rules:
        for other in rule.elements:
            if user.id in done_by.get(other, ()):
                text = Text(
                    "{rule}: whoever did “{other}” in this case may not do “{task}”.",
                    rule=rule.rule,
                    other=model.elements[other].title,
                    task=element.title,
                )
                return NotAllowed(rule.rule, text)
    return None
