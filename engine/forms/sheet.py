"""A form as somebody filled it in: every answer read, every condition applied, every problem found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from engine.forms.fields import ROW_LIMIT, Context, Field, FieldType, Node, Option, Section
from engine.forms.judging import problems_of
from engine.forms.reading import LOCAL, Reader, Reading, rows_of
from engine.forms.references import References
from engine.texts import Text

if TYPE_CHECKING:
    from engine.feel import Expression
    from engine.forms.form import Form

PASSES = 10  # conditions that depend on hidden fields are applied again until nothing changes, at most so often

Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True, slots=True)
class Answer:
    """One field in one place (`path` is `title` or `actions.0.owner`): what was given and what it came to.

    A hidden answer's value is None. `opened` is what the form opened with. `rows` are a table's answers, row by row,
    by column key.
    """

    field: Field
    path: str
    raw: Any
    reading: Reading
    opened: Any = None
    options: tuple[Option, ...] = ()
    hidden: bool = False
    required: bool = False
    readonly: bool = False
    rows: tuple[Mapping[str, Answer], ...] = ()

    @property
    def value(self) -> Any:
        """The typed value; None where it is hidden or can't be read."""
        if self.hidden:
            return None
        if self.field.type is FieldType.TABLE:
            if self.reading.problem is not None:
                return None
            return [{key: cell.value for key, cell in row.items()} for row in self.rows if not _is_blank(row)]
        return self.reading.value


@dataclass(frozen=True, slots=True)
class Sheet:
    """The answers by key, the ids of hidden notes, dividers and sections, and the problems by path."""

    answers: Mapping[str, Answer]
    hidden: frozenset[str]
    problems: Mapping[str, list[Text]]

    def values(self) -> dict[str, Any]:
        """Return what is to be kept: visible, editable fields; an empty one is None, [] or False."""
        return {key: a.value for key, a in self.answers.items() if not a.hidden and not a.readonly}


@dataclass(frozen=True, slots=True)
class Filler:
    """Fills in one form with the variables and registers around it."""

    form: Form
    context: Context
    references: References
    functions: Functions
    timezone: tzinfo = LOCAL

    def fill(self, raw: Mapping[str, Any]) -> Sheet:
        """Read every answer, hide what the conditions hide, and collect all problems.

        A key that is absent from `raw` counts as left the way the form opened it.
        """
        opened = self.form.defaults(self.context, functions=self.functions)
        answers = self._answers(self.form.fields, raw, opened, self.context, "")
        answers = {key: self._read_rows(answer, answers) for key, answer in answers.items()}
        answers, hidden = self._apply(self.form.nodes, answers, self.context)
        answers = {key: self._settle_rows(answer, answers) for key, answer in answers.items()}
        scope = _scope(self.context, answers)
        problems: dict[str, list[Text]] = {}
        for answer in _walk(answers):
            found = problems_of(answer, self._scope_at(answer, answers, scope), self.evaluate, self.timezone)
            if found:
                problems[answer.path] = found
        for rule in self.form.rules:
            at = answers.get(rule.field)
            if self.evaluate(rule.when, scope) is True and not (at is not None and at.hidden):
                problems.setdefault(rule.field, []).append(Text(rule.message))
        return Sheet(answers, hidden, problems)

    def evaluate(self, expression: Expression, scope: Context) -> Any:
        """Evaluate FEEL. Raises FeelLimitError."""
        return expression.evaluate(scope, self.functions)

    def _answers(
        self, fields: tuple[Field, ...], raw: Mapping[str, Any], opened: Mapping[str, Any], scope: Context, prefix: str
    ) -> dict[str, Answer]:
        reader = Reader(self.references, self.allowed, self.timezone)
        answers: dict[str, Answer] = {}
        for field in sorted(fields, key=lambda f: f.options_from is not None):
            seen = _scope(scope, answers)
            readonly = field.readonly or (
                field.readonly_if is not None and self.evaluate(field.readonly_if, seen) is True
            )
            given = opened.get(field.key) if readonly or field.key not in raw else raw[field.key]
            options = self._options(field, seen)
            reading = _table(given, field) if field.type is FieldType.TABLE else reader.read(field, given, options)
            answers[field.key] = Answer(
                field, prefix + field.key, given, reading, opened.get(field.key), options, readonly=readonly
            )
        return {field.key: answers[field.key] for field in fields}

    def _options(self, field: Field, scope: Context) -> tuple[Option, ...]:
        if field.options_from is None:
            return field.options
        found = self.evaluate(field.options_from, scope)
        return tuple(option for entry in (found if isinstance(found, list) else []) if (option := _as_option(entry)))

    def allowed(self, field: Field, key: str) -> bool:
        """Tell whether a field's filter lets this record be picked."""
        if field.filter is None:
            return True
        record = self.references.fields(field.register or "", key)
        return self.evaluate(field.filter, {**self.context, **record}) is True

    def _apply(
        self, nodes: tuple[Node, ...], answers: Mapping[str, Answer], context: Context
    ) -> tuple[dict[str, Answer], frozenset[str]]:
        """Hide nodes until the conditions agree with what is hidden, then say what is required."""
        scope, hidden = _scope(context, answers), frozenset[str]()
        for _ in range(PASSES):
            before = hidden
            hidden = self._hide(nodes, hidden, scope, answers, inherited=False)
            if hidden == before:
                break
        settled = {}
        for key, answer in answers.items():
            field = answer.field
            required = field.required or (
                field.required_if is not None and self.evaluate(field.required_if, scope) is True
            )
            settled[key] = replace(answer, hidden=field.id in hidden, required=required)
        return settled, hidden

    def _hide(
        self,
        nodes: tuple[Node, ...],
        hidden: frozenset[str],
        scope: dict[str, Any],
        answers: Mapping[str, Answer],
        *,
        inherited: bool,
    ) -> frozenset[str]:
        for node in nodes:
            gone = inherited or (node.hide is not None and self.evaluate(node.hide, scope) is True)
            hidden = hidden | {node.id} if gone else hidden - {node.id}
            if isinstance(node, Section):
                hidden = self._hide(node.nodes, hidden, scope, answers, inherited=gone)
            elif isinstance(node, Field):
                scope[node.key] = None if gone else answers[node.key].value
        return hidden

    def _read_rows(self, answer: Answer, answers: dict[str, Answer]) -> Answer:
        """Read a table's cells, each row seeing its own values before the form's."""
        if answer.field.type is not FieldType.TABLE or not answer.reading.value:
            return answer
        scope = _scope(self.context, answers)
        opened = self.form.column_defaults(answer.field, scope, functions=self.functions)
        rows = [
            self._answers(answer.field.columns, row, opened, scope, f"{answer.path}.{index}.")
            for index, row in enumerate(answer.reading.value)
        ]
        return replace(answer, rows=tuple(rows))

    def _settle_rows(self, answer: Answer, answers: dict[str, Answer]) -> Answer:
        """Apply the columns' conditions, row by row, once the form's own are settled."""
        scope = _scope(self.context, answers)
        return replace(answer, rows=tuple(self._apply(answer.field.columns, row, scope)[0] for row in answer.rows))

    def _scope_at(self, answer: Answer, answers: dict[str, Answer], scope: Context) -> Context:
        if "." not in answer.path:
            return scope
        table, index, _ = answer.path.split(".")
        return _scope(scope, answers[table].rows[int(index)])


def _table(raw: Any, field: Field) -> Reading:
    rows = rows_of(raw)
    if rows is None:
        return Reading(problem=Text("Enter a list of rows."))
    if len(rows) > field.limits.max_rows:
        problem = Text("Enter at most {limit} rows.", limit=field.limits.max_rows)
        return Reading(rows[: ROW_LIMIT + 1], problem)  # kept, so that they can be shown again
    return Reading(rows)


def _scope(context: Context, answers: Mapping[str, Answer]) -> dict[str, Any]:
    return {**context, **{key: answer.value for key, answer in answers.items()}}


def _walk(answers: Mapping[str, Answer]) -> Iterator[Answer]:
    """Give the answers a person can see and change, the cells of rows that aren't blank included."""
    for answer in answers.values():
        if answer.hidden or answer.readonly:
            continue
        yield answer
        for row in answer.rows:
            if not _is_blank(row):
                yield from _walk(row)


def _is_blank(row: Mapping[str, Answer]) -> bool:
    """Nobody entered anything: every cell is empty or as the row was opened."""
    return all(cell.reading.problem is None and _is_untouched(cell) for cell in row.values())


def _is_untouched(cell: Answer) -> bool:
    value = cell.reading.value
    return value is None or value is False or value in ("", []) or value == cell.opened


def _as_option(entry: Any) -> Option | None:
    value, label = (entry.get("value"), entry.get("label")) if isinstance(entry, Mapping) else (entry, entry)
    return Option(value, str(value if label is None else label)) if isinstance(value, str | int) else None
