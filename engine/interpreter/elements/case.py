"""One instance in memory: its variables, its scopes of tokens, and what the present step has brought about."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task

from engine.errors import Conflict
from engine.feel import Expression
from engine.interpreter.elements.branches import carried, note_write
from engine.interpreter.elements.completions import Undoing, salvage, undo_before
from engine.interpreter.elements.data import write_content
from engine.interpreter.elements.node import Node, is_lacking, scope_of
from engine.interpreter.elements.rounds import Rounds
from engine.interpreter.elements.scope import Scope
from engine.interpreter.elements.variables import FAULTS, as_key, bounded, said
from engine.steps import (
    Catching,
    Fact,
    Host,
    InstanceState,
    ThrownMessage,
    ThrownSignal,
    Token,
    UncaughtError,
    Variables,
    Wait,
)
from engine.texts import Text

if TYPE_CHECKING:
    from engine.interpreter.compiler import CompiledSpec


class Case:
    """A process instance.

    The variables are one scope for all its tokens and sub-processes, as BPMN's properties of a process are: parallel
    branches can't lose each other's updates. The runs of a loop, and activities with data of their own, have variables
    over it, kept in `locals` by their token; expressions look outward from the token that is `at` work.
    """

    def __init__(self, compiled: CompiledSpec) -> None:
        self.compiled = compiled
        self.model = compiled.model
        self.variables: dict[str, Any] = {}
        self.locals: dict[Token, dict[str, Any]] = {}
        self.keys: dict[str, str] = {}  # correlation keys that messages have brought
        self.at: Task | None = None  # None: outside every run
        self.business_key: str | None = None
        self.state = InstanceState.ACTIVE
        self.counter = 0  # of the last token; ids are numbers, so that a step is the same wherever it is computed
        self.scopes: dict[Token | None, Scope] = {}  # by the sub-process's token, None: the process; outer ones first
        self.queue: deque[Task] = deque()
        self.patient: deque[Task] = deque()  # tokens that go on when all others rest
        self.changed = False  # a variable was written, or a condition came to be waited for, since they were asked
        self.start_event: str | None = None  # the one that a new instance begins at
        self.around: tuple[Catching, ...] = ()  # who catches an escalation that leaves the instance, when it was called

    def begin(self, now: datetime, host: Host) -> None:
        """Begin a step."""
        self.now = now
        self.host = host
        self.facts: list[Fact] = []
        self.messages: list[ThrownMessage] = []
        self.signals: list[ThrownSignal] = []
        self.escalations: list[str] = []
        self.heard: Counter[Token] = Counter()  # how many signals have come to a token
        self.error: UncaughtError | None = None
        self.functions: Mapping[str, Callable[..., Any]] = self.compiled.functions(host.functions)
        self._context: dict[str, Any] | None = None
        self.at = None

    # --- tokens -------------------------------------------------------------------------------------------------

    def number(self) -> Token:
        """The id of a new token, unique within the instance for ever."""
        self.counter += 1
        return str(self.counter)

    def open_scope(self, owner: Task | None, name: str) -> Scope:
        """Begin the process or a sub-process: a token at its start event."""
        scope = self.add_scope(owner, name)
        scope.place(self.compiled.scopes[name].start)
        return scope

    def add_scope(self, owner: Task | None, name: str) -> Scope:
        """Make room for tokens inside the process or an activity."""
        scope = Scope(self.compiled.scopes[name].spec, self, owner)
        self.scopes[owner.id if owner else None] = scope
        return scope

    def tokens(self) -> Iterator[Task]:
        """Every token and armed event of the instance."""
        for scope in self.scopes.values():
            for token in scope.tokens():
                yield token
                yield from token.children

    def find(self, token: Token) -> Task:
        """The token or armed event with this id.

        Raises Conflict when it is gone.
        """
        for scope in self.scopes.values():
            found = scope.tasks.get(token)
            if found is not None and found is not scope.task_tree:
                self.focus(found)
                return found
        raise Conflict(Text("Nothing waits under token {token} any more: the case has moved on.", token=token))

    def run(self) -> None:
        """Run queued tokens, one node at a time, until all rest.

        Raises ExecutionError when that doesn't come to an end.
        """
        rounds = Rounds()
        self._ask_conditions()
        while self.queue or self._wake_joins() or self._let_patient_go():
            token = self.queue.popleft()
            if scope_of(token).tasks.get(token.id) is not token:
                continue  # cancelled while it was queued
            rounds.count(token)
            token.run()
            self._ask_conditions()

    def _ask_conditions(self) -> None:
        """Let the conditional events go on whose condition has become true, asked in the order of the tokens."""
        if not self.changed:
            return
        self.changed = False
        for identity in [t.id for t in self.tokens() if "met" in t.internal_data]:
            found = (scope.tasks.get(identity) for scope in self.scopes.values())
            token = next((t for t in found if t is not None), None)
            if token is not None:
                self.focus(token)
                token.task_spec.ask(token, self)

    def _let_patient_go(self) -> bool:
        if not self.patient:
            return False
        self.queue.append(self.patient.popleft())
        return True

    def _wake_joins(self) -> bool:
        """Let inclusive joins go on that nothing more can come to; only what is at rest can tell."""
        joins = self.compiled.inclusive_joins
        if not joins:
            return False
        for scope in list(self.scopes.values()):
            for join in joins.get(scope.spec.name, ()):
                if join.wake(scope):
                    return True
        return False

    def waits(self) -> dict[Token, Wait]:
        """All that is waited for, by token."""
        found = ((token.id, token.task_spec.waits_for(token)) for token in self.tokens())
        return {token: wait for token, wait in found if wait is not None}

    def refresh(self) -> None:
        """Bring due times, assignees, priorities and correlation keys up to date with the variables."""
        for token in self.tokens():
            if not is_lacking(token):
                self.focus(token)
                token.task_spec.refresh(token, self)

    # --- history ------------------------------------------------------------------------------------------------

    def note(self, kind: str, node: Node, **details: Any) -> None:
        """Add a line of history, unless the node is not the owner's."""
        if node.element is not None and not (node.is_run and kind == "completed"):
            self.facts.append(Fact(kind, node.element.id, details))

    def note_flow(self, flow: str) -> None:
        """Add the line that a flow was taken."""
        self.facts.append(Fact("flow", flow))

    def enter(self, node: Node) -> None:
        """Note that a token has come to a node, and tell the host where the case now stands."""
        if node.is_run:
            return  # the activity has told of it
        self.note("entered", node)
        if node.element is not None and node.element.record_state is not None:
            self.host.entered(node.element, dict(self.variables))

    # --- data ---------------------------------------------------------------------------------------------------

    def focus(self, token: Task | None) -> None:
        """Look at the variables from where a token is."""
        if self.locals and token is not self.at:
            self._context = None
        self.at = token

    def look_again(self, token: Task | None) -> None:
        """Look from where a token is, at what has changed since."""
        self._context = None
        self.at = token

    def give(self, run: Task, own: dict[str, Any]) -> None:
        """Give a token variables of its own, beside those that it has."""
        self.locals[run.id] = {**self.locals.get(run.id, {}), **own}
        self._context = None

    def forget(self, run: Token) -> None:
        """Drop the variables of a run that has ended."""
        if self.locals.pop(run, None) is not None:
            self._context = None

    @property
    def visible(self) -> dict[str, Any]:
        """The variables as the token at work sees them: those of its runs hide the instance's."""
        seen = dict(self.variables)
        for token in reversed(self._runs()):
            seen |= counters(token) if token.task_spec.is_run else {}
            seen |= self.locals[token.id]
        return seen

    def _runs(self) -> list[Task]:
        """The tokens with variables of their own around the one at work, itself among them, the innermost first."""
        found: list[Task] = []
        token = self.at if self.locals else None
        while token is not None:
            if token.id in self.locals:
                found.append(token)
            token = scope_of(token).owner
        return found

    @property
    def context(self) -> dict[str, Any]:
        """What expressions may read."""
        if self._context is None:
            self._context = {**self.visible, "business_key": self.business_key, "__now__": self.now}
        return self._context

    def evaluate(self, expression: Expression, node: Node, /, **extra: Any) -> Any:
        """Evaluate an expression of a node.

        Raises ExecutionError when it exceeds its limits, or a decision or function in it fails.
        """
        return self.evaluate_over({**self.context, **extra} if extra else self.context, expression, node)

    def evaluate_over(self, context: Mapping[str, Any], expression: Expression, node: Node) -> Any:
        """Evaluate an expression of a node over other variables than the instance's.

        Raises ExecutionError as `evaluate` does.
        """
        try:
            return expression.evaluate(context, self.functions)
        except FAULTS as error:
            reason = Text("{text} can't be evaluated: {reason}", text=expression.text, reason=said(error))
            raise node.impossible(reason) from error

    def write(self, values: Variables, *, node: Node, element: str | None = None) -> None:
        """Set variables, with before and after in history, told of the node's element or another one.

        A name goes to the innermost run that has it, else to the instance; unless the token at work keeps what it
        results in. A run's number is not for others to set.

        Raises ExecutionError for a value that a variable can't hold.
        """
        changes = {}
        runs = self._runs()
        scopes = [self.locals[run.id] for run in runs]
        is_kept = self.at is not None and self.at in runs and self.at.task_spec.keeps_results
        for name, value in values.items():
            after = bounded(value, name, node)
            holder = (own for own in scopes if name in own and name != "loopCounter")
            target = next(holder, scopes[0] if is_kept else self.variables)
            before = target.get(name)
            if name not in target or before != after or type(before) is not type(after):
                changes[name] = [before, after]
                target[name] = after
                self._note_write(name, after, target, element or (node.element.id if node.element else self.model.key))
        if not changes:
            return
        writer = element or (node.element.id if node.element else self.model.key)
        run = [scope["loopCounter"] for scope in scopes if "loopCounter" in scope][:1]
        self.facts.append(Fact("variables_set", writer, {"changes": changes, **({"run": run[0]} if run else {})}))
        self._context = None
        self.changed = self.compiled.has_conditions
        self.find_key(node)

    def _note_write(self, name: str, value: Any, target: dict[str, Any], writer: str) -> None:
        """Let the tokens around the write know of it, out to the scope that the variable belongs to."""
        token = self.at
        while token is not None and self.locals.get(token.id) is not target:
            note_write(token, {name: value}, writer)
            token = scope_of(token).owner

    def find_key(self, node: Node) -> None:
        """Fix the business key as soon as its expression gives one."""
        if self.business_key is None and self.model.business_key is not None:
            self.business_key = as_key(self.evaluate(self.model.business_key, node))
            self._context = None if self.business_key is not None else self._context

    # --- ends ---------------------------------------------------------------------------------------------------

    def scope_ended(self, scope: Scope) -> None:
        """Go on behind a sub-process whose last token is gone; the process itself is completed."""
        if scope.owner is None:
            self._end(InstanceState.COMPLETED)
        else:
            self.close(scope.owner.id)
            scope.owner.task_spec.completed_scope(scope.owner, scope.completions)
            scope.owner.complete()

    def close(self, owner: Token) -> None:
        """Forget the scope inside a sub-process."""
        self.scopes.pop(owner, None)

    def raise_error(self, token: Task, code: str, message: str = "") -> None:
        """Take a BPMN error to the innermost boundary event around the token that catches it.

        First of the token's own activity, then of the sub-processes around it; never beside. One with the error's
        code is preferred to one for all. An error that nothing catches ends the instance as failed. What was done in
        the sub-processes that it leaves is undone before the catcher goes on (§13.5.5: auto-rollback), but not what
        was done in a transaction (§10.3.6: hazard).
        """
        source = token.task_spec
        details = {"code": code, "message": message, "source": source.element.id if source.element else None}
        at: Task | None = token
        failed: Task | None = None  # the outermost activity that the error has left
        while at is not None:
            scope, node = scope_of(at), at.task_spec
            if at.id in self.scopes and node.element is not None and not isinstance(node, Undoing):
                failed = at
                if node.element.kind == "transaction":
                    salvage(at)
            if (boundary := node.catcher(code)) is not None:
                self.note("error_caught", boundary, **details)
                inherited = carried(at, ways=1)
                done = salvage(failed) if failed is not None else []
                scope.drop(at)
                self.take_caught(boundary, scope, code, message)
                undo_before(scope, boundary, done, **inherited)
                return
            at = scope.owner
        self.note("error_uncaught", source, **details)
        self.error = UncaughtError(code, message)
        self.stop(InstanceState.FAILED)

    def take_caught(self, catcher: Node, scope: Scope, code: str, message: str = "") -> None:
        """Make what was caught variables, where the catcher stands; without a message, that is null."""
        element = catcher.element
        if element is None:
            return
        caught = {"code": code, "message": message or None}
        names = {element.result: caught, element.code_variable: code, element.message_variable: message or None}
        self.look_again(scope.owner)
        self.write({name: value for name, value in names.items() if name is not None}, node=catcher)
        write_content(element, caught, catcher, self)

    def stop(self, state: InstanceState) -> None:
        """End the instance with all its tokens."""
        self.scopes[None].drop_all()
        self._end(state)

    def _end(self, state: InstanceState) -> None:
        self.state = state
        self.queue.clear()
        self.patient.clear()
        self.facts.append(Fact("ended", self.model.key, {"state": state.value}))


def counters(run: Task) -> dict[str, int]:
    """What a run may read about all: by the standard's names and by those that modelers have made common."""
    activity = scope_of(run).owner
    assert activity is not None
    if "total" not in activity.internal_data:
        return {}  # a loop doesn't know how often it will run
    standard = standard_counters(activity)
    return standard | {f"nr{name.removeprefix('number')}": count for name, count in standard.items()}


def standard_counters(activity: Task) -> dict[str, int]:
    """The standard's attributes of a multi-instance activity."""
    data = activity.internal_data
    total, done, terminated = data["total"], data["done"], data.get("terminated", 0)
    return {
        "numberOfInstances": total,
        "numberOfCompletedInstances": done,
        "numberOfActiveInstances": data["begun"] - done - terminated,
        "numberOfTerminatedInstances": terminated,
    }
