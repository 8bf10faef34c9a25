"""Tasks: what people, handlers, decisions and scripts do."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from SpiffWorkflow.task import Task

from engine.errors import BpmnError, Conflict
from engine.interpreter.elements.case import Case
from engine.interpreter.elements.completions import keep
from engine.interpreter.elements.data import DataNode, begin
from engine.interpreter.elements.events import BoundaryEvent, Catcher, throw
from engine.interpreter.elements.node import Node, drawn, moment, scope_of
from engine.interpreter.elements.timers import due_at
from engine.interpreter.elements.variables import FAULTS, isolated, said
from engine.steps import DeferHandler, JobWait, UserTaskWait, Variables, Wait
from engine.texts import Text
from engine.values import from_json, to_json


class Activity(DataNode):
    """A node with a border: its boundary events are armed while it runs."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.boundaries: list[BoundaryEvent] = []

    def act(self, token: Task) -> bool:
        scope = scope_of(token)
        if not begin(token, self, scope.case):
            return False
        if self.work(token, scope.case):
            return True
        if token.id in scope.tasks:  # else an error has taken the token away
            for boundary in self.boundaries:
                if boundary.event not in ("error", "escalation", "cancel"):
                    boundary.arm(scope.arm(boundary, token))
        return False

    def work(self, token: Task, case: Case) -> bool:
        """Do the activity: True when it is done, False when it takes its time."""
        return True

    def remember(self, token: Task) -> None:
        """Keep it in mind for compensation that the activity has completed."""
        keep(token, [])

    def _on_complete_hook(self, my_task: Task) -> None:
        self.remember(my_task)
        super()._on_complete_hook(my_task)

    def catcher(self, code: str) -> Node | None:
        errors = [b for b in self.boundaries if b.event == "error" and b.code in (code, None)]
        return min(errors, key=lambda b: b.code is None, default=None)


class SendTask(Activity):
    """Sends its message and goes on."""

    def work(self, token: Task, case: Case) -> bool:
        throw(self, case)
        return True


class ReceiveTask(Activity, Catcher):
    """Waits for its message."""

    def act(self, token: Task) -> bool:
        return "fired" in token.internal_data or Activity.act(self, token)

    def work(self, token: Task, case: Case) -> bool:
        return False


class UserTask(Activity):
    """Waits for a person. Assignee, due time and priority follow the variables for as long as it is open."""

    def work(self, token: Task, case: Case) -> bool:
        token.internal_data["opened"] = case.now.isoformat()
        return False

    def refresh(self, token: Task, case: Case) -> None:
        element, data = drawn(self), token.internal_data
        opened = moment(token, "opened") or case.now
        seen = {"opened_at": opened}
        if element.due is not None:
            data["due"] = self._due(case.evaluate(element.due, self, **seen), opened)
        if element.assignee is not None:
            assignee = case.evaluate(element.assignee, self, **seen)
            data["assignee"] = assignee if isinstance(assignee, str) and assignee else None
        if element.priority is not None:
            priority = case.evaluate(element.priority, self, **seen)
            is_number = isinstance(priority, int | Decimal) and not isinstance(priority, bool)
            data["priority"] = int(priority) if is_number else 0

    @staticmethod
    def _due(value: Any, opened: Any) -> str | None:
        """A due time that can't be read is none: it must never keep anybody from completing the task."""
        try:
            due = due_at(value, opened)
        except (OverflowError, ValueError):
            return None
        return due.isoformat() if due is not None else None

    def wait(self, token: Task) -> Wait | None:
        data, opened = token.internal_data, moment(token, "opened")
        assert opened is not None
        due, assignee, priority = moment(token, "due"), data.get("assignee"), data.get("priority", 0)
        return UserTaskWait(token.id, drawn(self), opened, due, assignee, priority)


class ServiceTask(Activity):
    """Runs a handler: within the step, or, when it leaves the database, as a job for which the token rests."""

    def work(self, token: Task, case: Case) -> bool:
        inputs = self.inputs(case)
        if drawn(self).external:
            return self._rest(token, inputs)
        try:
            outputs = case.host.perform(drawn(self), inputs)
        except DeferHandler as deferred:
            token.internal_data["deferred"] = deferred.place
            return self._rest(token, inputs)
        except BpmnError as error:
            case.raise_error(token, error.code, error.message)
            return False
        self.take(outputs, case)
        return True

    def inputs(self, case: Case) -> dict[str, Any]:
        """The handler's parameters: as drawn, else from the variable of the same name if that is set."""
        element = drawn(self)
        seen = case.visible
        same = {n: seen[n] for n in element.parameters if seen.get(n) is not None}
        given = {name: case.evaluate(expression, self) for name, expression in element.inputs.items()}
        return {name: isolated(value, name, self) for name, value in {**same, **given}.items()}

    def take(self, outputs: Variables, case: Case) -> None:
        """Make a handler's outputs variables."""
        element = drawn(self)
        kept = isolated(dict(outputs), "outputs", self)
        case.note("performed", self, handler=element.handler, outputs=kept)
        case.write({element.result: kept} if element.result else kept, node=self)

    def _rest(self, token: Task, inputs: dict[str, Any]) -> bool:
        token.internal_data["inputs"] = to_json(inputs)
        return False

    def wait(self, token: Task) -> Wait | None:
        data = token.internal_data
        return JobWait(token.id, drawn(self), from_json(data["inputs"]), data.get("deferred"))


class ScriptTask(Activity):
    """Evaluates FEEL into a variable."""

    def work(self, token: Task, case: Case) -> bool:
        element = drawn(self)
        if element.script is not None:
            value = case.evaluate(element.script, self)
            if element.result:
                case.write({element.result: value}, node=self)
            elif isinstance(value, Mapping):
                case.write(value, node=self)
        return True


class BusinessRuleTask(Activity):
    """Evaluates a decision into variables."""

    def work(self, token: Task, case: Case) -> bool:
        element = drawn(self)
        decision = element.decision or ""
        model = case.model.decisions[decision]
        try:
            result = model.evaluate(decision, case.context, case.functions)
        except FAULTS as error:
            raise self.impossible(
                Text("decision {decision}: {reason}", decision=decision, reason=said(error))
            ) from error
        names, seen = model.decisions[decision].inputs, case.visible
        case.note(
            "decided",
            self,
            decision=decision,
            inputs={name: isolated(seen.get(name), name, self) for name in names},
            matched=list(result.matched),
            outputs=isolated(dict(result.outputs), "outputs", self),
        )
        case.write({element.result: result.value} if element.result else result.outputs, node=self)
        return True


# --- what comes from outside --------------------------------------------------------------------------------------


def complete_task(token: Task, values: Variables, case: Case) -> None:
    """Finish what a person was asked to do.

    Raises Conflict when the token is no person's task.
    """
    if not isinstance(token.task_spec, UserTask):
        raise Conflict(Text("Token {token} is no open task.", token=token.id))
    case.write(values, node=token.task_spec)
    token.complete()


def finish_job(token: Task, outputs: Variables, case: Case) -> None:
    """Take what a job's handler returned.

    Raises Conflict when the token doesn't wait for a job.
    """
    _service(token).take(outputs, case)
    token.complete()


def fail_job(token: Task, code: str, message: str, case: Case) -> None:
    """Take a job's business error to the diagram.

    Raises Conflict when the token doesn't wait for a job.
    """
    _service(token)
    case.raise_error(token, code, message)


def _service(token: Task) -> ServiceTask:
    node = token.task_spec
    if not isinstance(node, ServiceTask):
        raise Conflict(Text("Token {token} doesn't wait for a job.", token=token.id))
    return node
