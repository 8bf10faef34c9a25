"""Ad-hoc sub-processes: people choose what is done, how often, in which order (BPMN 2.0.2, 10.3.5 and 13.3.5)."""

from __future__ import annotations

from SpiffWorkflow import TaskState
from SpiffWorkflow.task import Task

from engine.definitions import AdHoc
from engine.errors import Conflict
from engine.interpreter.elements.case import Case
from engine.interpreter.elements.node import Node, drawn, is_lacking, scope_of
from engine.interpreter.elements.scope import Scope
from engine.interpreter.elements.subprocesses import SubProcess
from engine.interpreter.elements.tasks import Activity
from engine.steps import AdHocWait, Fact, Wait
from engine.texts import Text


class AdHocSubProcess(SubProcess):
    """Begins what is enabled, or what `at_entry` names, and whatever people choose later.

    After each activity its completion condition is asked; without one it is done when nothing runs in it any more.
    """

    @property
    def how(self) -> AdHoc:
        """What was drawn."""
        found = drawn(self).ad_hoc
        assert found is not None
        return found

    def work(self, token: Task, case: Case) -> bool:
        wanted = self._at_entry(case)
        scope = case.add_scope(token, self.name)
        if self.how.sequential:
            token.internal_data["rest"] = wanted[::-1]
            self._next(token, scope)
        else:
            for activity in wanted:
                _begin(scope, activity)
        return False

    def _at_entry(self, case: Case) -> list[str]:
        how = self.how
        if how.at_entry is None:
            return list(how.enabled)
        found = case.evaluate(how.at_entry, self)
        if not isinstance(found, list | tuple):
            value = "null" if found is None else str(found)[:80]
            raise self.impossible(Text("{text} is no list: {value}", text=how.at_entry.text, value=value))
        if unknown := [str(each)[:80] for each in found if each not in how.enabled]:
            raise self.impossible(Text("{elements} can't be begun in it", elements=", ".join(unknown)))
        return list(found)

    def _next(self, token: Task, scope: Scope) -> None:
        if token.internal_data.get("rest"):
            _begin(scope, token.internal_data["rest"].pop())

    # --- what ends in it ----------------------------------------------------------------------------------------

    def completed_inside(self, token: Task, inner: Task) -> None:
        scope, data = scope_of(inner), token.internal_data
        is_activity = isinstance(inner.task_spec, Activity) and inner.task_spec.element is not None
        if is_activity and "over" not in data and self._is_done(token, scope.case):
            data["over"] = True
            self._stop(scope, but=inner)
        if "over" in data:
            _stop_unbegun(scope, but=inner)
        elif scope.tokens() == [inner]:
            self._next(token, scope)

    def _is_done(self, token: Task, case: Case) -> bool:
        case.look_again(token)
        return self.how.until is not None and case.evaluate(self.how.until, self) is True

    def _stop(self, scope: Scope, but: Task | None = None) -> None:
        if self.how.cancels:
            scope.drop_all(but=but)
        else:
            _stop_unbegun(scope, but=but)

    def may_complete(self, token: Task) -> bool:
        return "over" in token.internal_data or self.how.until is None

    # --- what people choose -------------------------------------------------------------------------------------

    def wait(self, token: Task) -> Wait | None:
        scope = scope_of(token).case.scopes.get(token.id)
        if scope is None or "over" in token.internal_data:
            return None
        is_busy = self.how.sequential and bool(scope.tokens())
        return AdHocWait(token.id, drawn(self), () if is_busy else self.how.enabled)

    def choose_activity(self, token: Task, activity: str, case: Case) -> None:
        """Begin an activity that somebody chose."""
        wait = self.wait(token)
        if not isinstance(wait, AdHocWait) or activity not in wait.activities:
            raise Conflict(Text("“{element}” can't be begun now.", element=activity))
        case.facts.append(Fact("chosen", activity))
        _begin(case.scopes[token.id], activity)

    def finish(self, token: Task, case: Case) -> None:
        """End it because somebody says that enough is done."""
        if self.wait(token) is None:
            raise Conflict(Text("“{element}” is being finished already.", element=Text(self.label)))
        scope = case.scopes[token.id]
        case.note("finished", self)
        token.internal_data["over"] = True
        self._stop(scope)
        if not scope.tokens():
            case.scope_ended(scope)


def choose_activity(token: Task, activity: str, case: Case) -> None:
    """Begin an activity in an ad-hoc sub-process.

    Raises Conflict when it can't be begun there now.
    """
    _ad_hoc(token).choose_activity(token, activity, case)


def finish_ad_hoc(token: Task, case: Case) -> None:
    """End an ad-hoc sub-process.

    Raises Conflict when the token is none, or one that is being ended.
    """
    _ad_hoc(token).finish(token, case)


def _ad_hoc(token: Task) -> AdHocSubProcess:
    node = token.task_spec
    if not isinstance(node, AdHocSubProcess):
        raise Conflict(Text("Token {token} is no ad-hoc sub-process.", token=token.id))
    return node


def _begin(scope: Scope, activity: str) -> None:
    nodes = (node for node in scope.spec.task_specs.values() if isinstance(node, Node) and node.element is not None)
    scope.place(next(node for node in nodes if node.element and node.element.id == activity))


def _stop_unbegun(scope: Scope, but: Task | None) -> None:
    """Let nothing begin any more: only activities at work stay."""
    for token in scope.tokens():
        at_work = token.has_state(TaskState.STARTED) and isinstance(token.task_spec, Activity) and not is_lacking(token)
        if token is not but and not at_work:
            scope.drop(token)
