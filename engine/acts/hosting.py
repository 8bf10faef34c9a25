"""The world around a step: its handlers, its record, and what a handler may know."""

from __future__ import annotations

import contextvars
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from engine.acts.failures import HandlerFailed
from engine.definitions import Element, ProcessModel
from engine.dmn import decision_functions
from engine.errors import BpmnError, ExecutionError, InvalidForm, NotAllowed, NotFound
from engine.handlers import HandlerRegistry, Work
from engine.steps import DeferHandler, Variables
from engine.texts import Text

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.forms import Form, References

HANDLER_LIMIT = 5.0  # seconds a transactional handler may take; other writers wait 10 for the lock it holds
Functions = Mapping[str, Callable[..., Any]]
# What somebody entered, or how to read it once the form and what it may read are known.
Answers = Mapping[str, Any] | Callable[["Form | None", Mapping[str, Any]], Mapping[str, Any]]
# Given the step's connection (None outside any transaction) and the work, enters what handlers ask for by name.
Collaborators = Callable[["Connection | None", Work], AbstractContextManager[Mapping[str, Any]]]


class RecordPort(Protocol):
    """Collaborator `records`: how the engine tells the registers what a form said and where a case stands."""

    def save(self, register: str, key: str, values: Variables, *, element: Element) -> None:
        """Write form values to the case's record."""
        ...

    def enter(self, register: str, key: str | None, state: str, *, element: Element) -> None:
        """Move the case's record to a state."""
        ...


@dataclass(frozen=True)
class Installation:
    """What the composition root gives the engine to run steps with."""

    handlers: HandlerRegistry
    collaborators: Collaborators
    functions: Functions

    @contextmanager
    def step(
        self,
        connection: Connection,
        model: ProcessModel,
        work: Work,
        *,
        parked: Mapping[str, HandlerFailed],
        calls: Counter[str],
        kept: Collection[str] | None,
    ) -> Iterator[StepHost]:
        """Open the world of one step; leaving it well writes what the collaborators hold back.

        `kept`: the form values that become variables beside being on record; None: all, since another case may read
        them.
        """
        with self.collaborators(connection, work) as given:
            yield StepHost(self, model, work, given, parked, calls, kept=kept, cut=connection.invalidate)

    def functions_of(self, model: ProcessModel) -> Functions:
        """Give what expressions of this process may call: its decisions by id, and the installation's functions."""
        return {**decision_functions(model.decisions), **self.functions}

    def call_outside(self, element: Element, name: str, inputs: Variables, work: Work) -> Mapping[str, Any]:
        """Run an external handler; it sees no transaction.

        Raises whatever the handler raises.
        """
        with self.collaborators(None, work) as given:
            return self.handlers[name].call(inputs, {**given, "work": work})


class StepHost:
    """The interpreter's `Host` for one step of one instance."""

    def __init__(
        self,
        installation: Installation,
        model: ProcessModel,
        work: Work,
        given: Mapping[str, Any],
        parked: Mapping[str, HandlerFailed],
        calls: Counter[str],
        *,
        kept: Collection[str] | None,
        cut: Callable[[], None],
    ) -> None:
        self.functions = installation.functions
        self._cut = cut
        self._installation = installation
        self._model = model
        self._work = work
        self._given = given
        self._parked = parked
        self._kept = kept
        self._calls: Counter[str] = Counter()
        self._places = calls  # by the whole act, which is the same each time it is repeated

    @property
    def references(self) -> References:
        """What forms may ask about the registers."""
        return self._given["references"]

    def perform(self, element: Element, inputs: Variables) -> Variables:
        """Run a service task's handler, or put it off when it failed here before the act was repeated."""
        self._places[element.id] += 1
        place = f"{element.id}#{self._places[element.id]}"
        for known in (place, element.id):
            if known in self._parked:
                raise DeferHandler(known)
        return self.call(element, element.handler or "", inputs, place=place)

    def call(self, element: Element, name: str, inputs: Variables, *, place: str | None = None) -> Mapping[str, Any]:
        """Run a handler within the step's transaction.

        Raises BpmnError for a business outcome, HandlerFailed for everything else.
        """
        self._calls[element.id] += 1  # the runs of a loop within one step are different work
        again = f":{self._calls[element.id]}" if self._calls[element.id] > 1 else ""
        key = f"{self._work.idempotency_key}:{element.id}{again}"
        work = replace(self._work, element=element.id, element_name=element.name, idempotency_key=key)
        try:
            return self._answer(lambda: self._installation.handlers[name].call(inputs, {**self._given, "work": work}))
        except BpmnError:
            raise
        except Exception as error:
            raise HandlerFailed(element, error, place=place) from error

    def _answer(self, run: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
        """Wait for a handler, but not for ever: the step holds the write lock that everybody else waits for.

        One that gives no answer in time is left behind, and the connection is closed under it: nothing that it still
        does can reach the database.

        Raises TimeoutError, and what the handler raises.
        """
        answers: list[Future[Mapping[str, Any]]] = []

        def work() -> None:
            answer: Future[Mapping[str, Any]] = Future()
            try:
                answer.set_result(run())
            except BaseException as error:  # whatever it is, it is raised again where the step waits
                answer.set_exception(error)
            answers.append(answer)

        thread = threading.Thread(target=contextvars.copy_context().run, args=(work,), daemon=True)
        thread.start()
        thread.join(HANDLER_LIMIT)
        if not answers:
            self._cut()
            raise TimeoutError(f"the handler gave no answer within {HANDLER_LIMIT} s and was left behind")
        return answers[0].result()

    def read_record(self, element: Element, register: str, key: str) -> Variables | None:
        """Read the record behind a data store."""
        try:
            return self.references.fields(register, key) or None
        except NotFound as error:
            raise _refused(element, error) from error

    def write_record(self, element: Element, register: str, key: str, values: Variables) -> None:
        """Write to the record behind a data store."""
        try:
            self._records.save(register, key, values, element=element)
        except InvalidForm as error:
            raise _refused(
                element, "; ".join(f"{n}: {t}" for n, texts in error.errors.items() for t in texts)
            ) from error
        except (BpmnError, NotFound, NotAllowed) as error:
            raise _refused(element, error) from error

    def entered(self, element: Element, variables: Variables) -> None:
        """Move the case's record to the state that the element names."""
        if self._model.register is None or element.record_state is None:
            return
        try:
            self._records.enter(self._model.register, self._key(variables), element.record_state, element=element)
        except BpmnError as error:
            raise ExecutionError(Text("“{element}”: {reason}", element=element.title, reason=str(error))) from error

    def save(self, element: Element, variables: Variables, values: Variables) -> Variables:
        """Write form values to the case's record, and return those that are variables.

        Without a register all are; with one, only those that something in the diagram reads, or a call passes on.
        Before the case has a record (a start form) there is nothing to write to: the handler that opens it takes what
        it needs.
        """
        if self._model.register is None:
            return values
        key = self._key(variables)
        if key is not None:
            self._records.save(self._model.register, key, values, element=element)
        return {name: value for name, value in values.items() if self._kept is None or name in self._kept}

    def fill_in(self, element: Element, variables: Variables, answers: Answers) -> dict[str, Any]:
        """Check what somebody entered, person or machine.

        Without a form the caller's values are taken as they are: pages give none, since there is nothing to enter.

        Raises InvalidForm.
        """
        form = self._model.forms[element.form] if element.form else None
        context = self.form_context(variables) if form else {}
        raw = answers(form, context) if callable(answers) else answers
        if form is None:
            return dict(raw)
        return form.validate(raw, context=context, references=self.references, functions=self.functions)

    def form_context(self, variables: Variables) -> dict[str, Any]:
        """Give what a form's expressions may read: the record's fields, over them the variables, and the time."""
        key = self._key(variables)
        known = self._model.register is not None and key is not None
        record = self.references.fields(self._model.register or "", key or "") if known else {}
        return {**record, **variables, "__now__": self._work.now}

    @property
    def _records(self) -> RecordPort:
        return self._given["records"]

    def _key(self, variables: Variables) -> str | None:
        """Give the case's business key: the one it has, or the one that this step has just given it."""
        expression = self._model.business_key
        if self._work.business_key is not None or expression is None:
            return self._work.business_key
        functions = self._installation.functions_of(self._model) if expression.calls else self.functions
        key = expression.evaluate({**variables, "__now__": self._work.now}, functions)
        return None if key is None else str(key)


def _refused(element: Element, reason: Exception | str) -> ExecutionError:
    return ExecutionError(Text("“{element}”: {reason}", element=element.title, reason=str(reason)))
