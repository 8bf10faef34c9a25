"""What was done and can be undone: kept with the scope that it was done in, in the order of completion.

A completion is what JSON can hold, `{"of": activity, "own": variables of its run, "inside": completions in it}`, and
`"partial": true` when the activity itself never completed. Each is undone once: whoever undoes takes it away. What a
scope holds goes with the scope, unless the scope's activity can be undone as a whole (BPMN 2.0.2, 10.7 and 13.5.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task

from engine.definitions import MultiInstance
from engine.interpreter.elements.node import Node, scope_of
from engine.values import from_json, to_json

if TYPE_CHECKING:
    from engine.interpreter.elements.case import Case
    from engine.interpreter.elements.scope import Scope

Completion = dict[str, Any]
UNDOING = "*undoing"  # the name of the node that undoes, one in every scope; no drawn id contains a star


@dataclass(frozen=True, slots=True, eq=False)
class Undo:
    """How an activity is undone: by its compensation activity, its event sub-process, else by what is inside it."""

    activity: Node
    home: str  # the scope that the activity and its compensation activity are in
    inside: str  # of a sub-process: the scope that its activities and its event sub-process are in
    handler: Node | None = None
    event_handler: Node | None = None


def keep(token: Task, inside: list[Completion], *, partial: bool = False) -> None:
    """Remember that an activity has completed, if it can be undone: of a scope, only what was done inside."""
    scope = scope_of(token)
    undo = scope.case.compiled.undo.get(token.task_spec.name)
    if undo is None or ("aborted" in token.internal_data and not partial):
        return
    if inside or (not partial and (undo.handler is not None or undo.event_handler is not None)):
        scope.completions.append(_completion(token, token.task_spec.name, inside, partial=partial))


def _completion(token: Task, activity: str, inside: list[Completion], *, partial: bool) -> Completion:
    made: Completion = {"of": activity}
    own = scope_of(token).case.locals.get(token.id)
    if own is not None:
        made["own"] = to_json({"": own})[""]
    if inside:
        made["inside"] = inside
    if partial:
        made["partial"] = True
    return made


def own_variables(completion: Completion) -> dict[str, Any] | None:
    """The variables that the completed run had for itself."""
    own = completion.get("own")
    return from_json(own) if own is not None else None


# --- leaving ------------------------------------------------------------------------------------------------------


def salvage(token: Task) -> list[Completion]:
    """Take all that was done inside an activity that is about to be left, also in what is still running there."""
    case = scope_of(token).case
    inside, tokens = [], {token.id}
    for scope in case.scopes.values():  # outer ones first
        if scope.owner is not None and scope.owner.id in tokens:
            inside.append(scope)
            tokens.update(t.id for t in scope.tokens())
    for scope in reversed(inside[1:]):
        assert scope.owner is not None
        scope.owner.task_spec.left_inside(scope.owner, scope.completions)
        scope.completions = []
    if not inside:
        return []
    taken, inside[0].completions = inside[0].completions, []
    return taken


def put_back(token: Task, pending: list[Completion]) -> None:
    """Return what is not undone, because undoing it was stopped, to where it was taken from."""
    if "undoes" in token.internal_data:
        if pending:
            made = _completion(token, token.internal_data["undoes"], pending, partial=True)
            scope_of(token).completions.append(made)
    else:
        scope_of(token).completions += pending


# --- undoing ------------------------------------------------------------------------------------------------------


def take(token: Task, activity: str | None) -> list[Completion]:
    """Take what a throwing event undoes: all completions visible from it, or those of one activity."""
    taken: list[Completion] = []
    for scope in _visible(token):
        undo = scope.case.compiled.undo
        wanted = [activity is None or _is_of(c, activity, undo) for c in scope.completions]
        taken += [c for c, is_wanted in zip(scope.completions, wanted, strict=True) if is_wanted]
        scope.completions = [c for c, is_wanted in zip(scope.completions, wanted, strict=True) if not is_wanted]
    return taken


def _is_of(completion: Completion, activity: str, undo: Mapping[str, Undo]) -> bool:
    element = undo[completion["of"]].activity.element
    return element is not None and element.id == activity and "partial" not in completion


def _visible(token: Task) -> list[Scope]:
    """The scopes whose completions an event may undo: that of its own level, before it that around its event
    sub-process. What normalisation puts around a scope belongs to it."""
    own = scope_of(token)
    owner = _drawn_owner(own)
    if owner is None or owner.task_spec.name not in own.case.compiled.by_event:
        return [own]
    around = scope_of(owner)
    found = [around]
    while around.owner is not None and _is_generated(around.owner.task_spec):
        around = scope_of(around.owner)
        found.insert(0, around)
    for scope in own.case.scopes.values():  # outer ones first
        is_body = scope.owner is not None and _is_generated(scope.owner.task_spec)
        if is_body and scope not in found and scope.owner is not None and scope_of(scope.owner) in found:
            found.append(scope)
    return [*found, own]


def _drawn_owner(scope: Scope) -> Task | None:
    owner = scope.owner
    while owner is not None and _is_generated(owner.task_spec):
        owner = scope_of(owner).owner
    return owner


def _is_generated(node: Node) -> bool:
    return node.element is None and node.name != UNDOING


class Undoing(Node):
    """Lets what was done be undone, the last first, each when the one before is: in tokens inside its own.

    Alone, it stands for a throwing event that doesn't wait, or for a sub-process inside which is undone.
    """

    boundaries = ()

    def act(self, token: Task) -> bool:
        return not undo_given(token)

    def completed_inside(self, token: Task, inner: Task) -> None:
        scope = scope_of(inner)
        if "undoes" in inner.internal_data:
            _tell(inner, scope.case)
        if "at once" not in token.internal_data and scope.tokens() == [inner]:
            _undo_next(scope)

    def left_inside(self, token: Task, completions: list[Completion]) -> None:
        put_back(token, completions)

    def _on_cancel(self, my_task: Task) -> None:
        case = scope_of(my_task).case
        inner = case.scopes.get(my_task.id)
        if inner is not None:
            inner.drop_all()
            put_back(my_task, inner.completions)
            case.close(my_task.id)


def undo_before(scope: Scope, node: Node, completions: list[Completion], **internal: Any) -> None:
    """Put a token at an undoing node that goes on when all of this is undone."""
    given = {"given": completions} if completions else {}
    scope.place(node, **given, **internal)


def undo_given(token: Task) -> bool:
    """Begin to undo what a token was given; False when that is nothing."""
    data, scope = token.internal_data, scope_of(token)
    given: list[Completion] = data.pop("given", [])
    where: str = data.pop("where", scope.spec.name)
    event_handler = data.pop("event handler", None)
    if not given and event_handler is None:
        return False
    frame = scope.case.add_scope(token, where)
    frame.completions = given
    if event_handler is not None:
        data["at once"] = True
        frame.place(frame.spec.task_specs[event_handler])
    else:
        _undo_next(frame)
    return True


def _undo_next(frame: Scope) -> None:
    if not frame.completions:
        return
    case, completion = frame.case, frame.completions.pop()
    undo = case.compiled.undo[completion["of"]]
    undoing: Node = frame.spec.task_specs[UNDOING]
    if undo.home != frame.spec.name:
        frame.place(undoing, given=[completion], where=undo.home)
        return
    is_whole = "partial" not in completion
    if undo.handler is not None and is_whole:
        token = frame.place(undo.handler, undoes=completion["of"])
    else:
        given = {"undoes": completion["of"], "given": completion.get("inside", []), "where": undo.inside}
        token = frame.place(undoing, **given)
        if undo.event_handler is not None and is_whole:
            token.internal_data["event handler"] = undo.event_handler.name
    own = own_variables(completion)
    if own is not None and token.task_spec is undo.handler:
        own = {name: value for name, value in own.items() if name not in _data_of(undo.activity)}
    if own:
        case.give(token, own)


def _data_of(activity: Node) -> set[str]:
    """The names of an activity's data: what undoes it from its border is outside, and sees those around it."""
    element = activity.element
    if element is None or element.data is None:
        return set()
    data, loop = element.data, element.loop
    of_run = {loop.item, loop.output_name} if isinstance(loop, MultiInstance) else set()
    return {*data.own, *data.produced, *(assignment.target for assignment in data.inputs)} - of_run


def _tell(done: Task, case: Case) -> None:
    undo = case.compiled.undo[done.internal_data["undoes"]]
    by = undo.handler if done.task_spec is undo.handler else undo.event_handler
    run = {"run": case.locals[done.id]["loopCounter"]} if "loopCounter" in case.locals.get(done.id, {}) else {}
    case.note("compensated", undo.activity, by=by.element.id if by and by.element else None, **run)
