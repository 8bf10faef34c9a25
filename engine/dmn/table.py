"""Decision tables: which rules match, and what they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from engine.dmn.errors import DecisionError
from engine.dmn.indexing import ColumnIndex, index_of
from engine.dmn.policy import Policy
from engine.dmn.typing import ANY, DataType
from engine.feel import Expression, FeelType, UnaryTests, equal, kind_of, less
from engine.feel.arithmetic import operate
from engine.feel.scope import Run, Scope
from engine.texts import Text

Functions = Mapping[str, Callable[..., Any]]


class HitPolicy(StrEnum):
    """Which of the rules that match give the result."""

    UNIQUE = "UNIQUE"  # the only one; two are a mistake
    ANY = "ANY"  # any of them; they must agree
    PRIORITY = "PRIORITY"  # the one whose output stands first among the output values
    FIRST = "FIRST"  # the first as written
    RULE_ORDER = "RULE ORDER"  # all, as written
    OUTPUT_ORDER = "OUTPUT ORDER"  # all, by the place of their outputs among the output values
    COLLECT = "COLLECT"  # all, in no order; or their sum, least, greatest, number

    @property
    def is_multiple(self) -> bool:
        """Several rules may contribute, so the result is a list."""
        return self in {HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER, HitPolicy.COLLECT}


class Aggregation(StrEnum):
    """How COLLECT sums up its outputs."""

    SUM = "SUM"
    MIN = "MIN"
    MAX = "MAX"
    COUNT = "COUNT"


@dataclass(frozen=True, slots=True)
class Input:
    """An input column. `values` are the allowed ones, if the owner listed them; `fitted` is the type in full."""

    id: str
    label: str
    line: int
    expression: Expression
    type: FeelType
    values: UnaryTests | None = None
    fitted: DataType = ANY

    def fit(self, value: Any) -> Any:
        """Return the value as one of the column's type, null if it can't be; raise NotAllowed for one not listed."""
        value = value if self.fitted.is_any else self.fitted.coerced(value)
        if value is None or self.values is None or kind_of(value) == "list" or self.values.matches(value, {}):
            return value
        raise NotAllowed


@dataclass(frozen=True, slots=True)
class Output:
    """An output column. `values` are the allowed ones in order of priority."""

    id: str
    name: str
    line: int
    type: FeelType
    values: tuple[Any, ...] | None = None
    default: Expression | None = None
    fitted: DataType = ANY

    def fit(self, value: Any, *, of_several: bool) -> Any:
        """Return the value as one of the column's type, null if it can't be.

        `of_several`: the table gives a list, whose type some editors write into the column's head.
        """
        if self.fitted.is_any or (of_several and self.fitted.kind.kind == "list"):
            return value
        return self.fitted.coerced(value)


class NotAllowed(Exception):
    """An input is none of the values that its column lists."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A row; cells stand in the order of the columns."""

    id: str
    number: int  # from 1, as the row is numbered on screen
    line: int
    tests: tuple[UnaryTests, ...]
    results: tuple[Expression, ...]
    cells: tuple[tuple[str, int], ...] = ()  # (id, line) of the input cells, then the output cells


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """What a decision answered.

    `value`: of a single output the value, of several a context, of a multiple hit policy a list. `outputs`: name →
    value, what becomes variables. `matched`: numbers of the rules that matched, from 1, for the history.
    """

    value: Any
    outputs: Mapping[str, Any]
    matched: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A decision that is a table."""

    decision: str  # id, for messages
    hit_policy: HitPolicy
    aggregation: Aggregation | None
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...] = field(repr=False)
    policy: Policy = Policy.ENGINE
    indexes: tuple[ColumnIndex | None, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the columns; the rules never change."""
        columns = ([rule.tests[at] for rule in self.rules] for at in range(len(self.inputs)))
        object.__setattr__(self, "indexes", tuple(index_of(column) for column in columns))

    def expressions(self) -> tuple[Expression | UnaryTests, ...]:
        """Return all FEEL of the table."""
        cells: list[Expression | UnaryTests] = []
        for rule in self.rules:
            cells += (*rule.tests, *rule.results)
        defaults = [output.default for output in self.outputs if output.default is not None]
        return (*(column.expression for column in self.inputs), *cells, *defaults)

    def decide(self, run: Run) -> DecisionResult:
        """Find the rules that match and combine their outputs by the hit policy.

        Raises DecisionError, FeelLimitError.
        """
        try:
            matching = self._matching(run)
        except NotAllowed:
            return self._null()
        matched = tuple(rule.number for rule in matching)
        if not matching:
            return self._without_match(run)
        if self.hit_policy is HitPolicy.UNIQUE and len(matching) > 1:
            if self.policy is Policy.STANDARD:
                return self._null()
            raise DecisionError(
                Text(
                    "decision {decision}: rules {rules} match at once, but the table is UNIQUE: make the rules exclude "
                    "each other, or choose FIRST",
                    decision=self.decision,
                    rules=", ".join(map(str, matched)),
                )
            )
        if self.hit_policy is HitPolicy.FIRST:
            matching, matched = matching[:1], matched[:1]
        return self._combined([self._row(rule.results, run) for rule in matching], matched)

    def _row(self, cells: Sequence[Expression | None], run: Run) -> tuple[Any, ...]:
        row = tuple(None if cell is None else cell.value_in(run) for cell in cells)
        if self.policy is Policy.ENGINE:
            return row
        several = self.hit_policy.is_multiple
        return tuple(output.fit(value, of_several=several) for output, value in zip(self.outputs, row, strict=True))

    def _null(self) -> DecisionResult:
        return DecisionResult(None, {output.name: None for output in self.outputs})

    def _matching(self, run: Run) -> list[Rule]:
        """Return the rules that match, in order."""
        candidates = (1 << len(self.rules)) - 1
        tested: list[tuple[int, Scope]] = []  # columns that the index doesn't settle
        for at, (column, index) in enumerate(zip(self.inputs, self.indexes, strict=True)):
            value = column.expression.value_in(run)
            value = value if self.policy is Policy.ENGINE else column.fit(value)
            passing = None if index is None else index.passing(value)
            if passing is None:
                tested.append((at, Scope({"?": value}, None, run)))
            else:
                candidates &= passing
        only_first = self.hit_policy is HitPolicy.FIRST
        found = []
        while candidates:
            lowest = candidates & -candidates
            candidates ^= lowest
            rule = self.rules[lowest.bit_length() - 1]
            if all(rule.tests[at].passes(scope) for at, scope in tested):
                found.append(rule)
                if only_first:
                    break
        return found

    def _without_match(self, run: Run) -> DecisionResult:
        if any(output.default is not None for output in self.outputs):
            return self._combined([self._row([output.default for output in self.outputs], run)], ())
        if not self.hit_policy.is_multiple:
            return self._null()
        value: Any = []
        if self.aggregation is not None:
            value = 0 if self.aggregation is Aggregation.COUNT else None
        return DecisionResult(value, {output.name: value for output in self.outputs})

    def _combined(self, rows: list[tuple[Any, ...]], matched: tuple[int, ...]) -> DecisionResult:
        if self.hit_policy is HitPolicy.ANY and any(equal(list(row), list(rows[0])) is not True for row in rows[1:]):
            if self.policy is Policy.STANDARD:
                return self._null()
            raise self._disagreement(matched)
        if self.hit_policy in {HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER} and matched:
            order = sorted(range(len(rows)), key=lambda index: self._priority(rows[index]))
            rows = [rows[index] for index in order]
            matched = tuple(matched[index] for index in order)
        if not self.hit_policy.is_multiple:
            return self._single(rows[0], matched[:1] if self.hit_policy is HitPolicy.PRIORITY else matched)
        columns = {output.name: [row[at] for row in rows] for at, output in enumerate(self.outputs)}
        if self.aggregation is not None:
            columns = {name: aggregate(self.aggregation, values) for name, values in columns.items()}
        if len(self.outputs) == 1:
            return DecisionResult(next(iter(columns.values())), columns, matched)
        return DecisionResult([self._single(row, ()).value for row in rows], columns, matched)

    def _single(self, row: tuple[Any, ...], matched: tuple[int, ...]) -> DecisionResult:
        named = {output.name: value for output, value in zip(self.outputs, row, strict=True)}
        return DecisionResult(row[0] if len(row) == 1 else named, named, matched)

    def _disagreement(self, matched: tuple[int, ...]) -> DecisionError:
        return DecisionError(
            Text(
                "decision {decision}: rules {rules} match with different outputs, but the table is ANY: give them "
                "the same outputs, or choose FIRST",
                decision=self.decision,
                rules=", ".join(map(str, matched)),
            )
        )

    def _priority(self, row: tuple[Any, ...]) -> tuple[int, ...]:
        """Return the places of a row's outputs among the output values; what isn't listed comes last."""
        places = []
        for output, value in zip(self.outputs, row, strict=True):
            listed = output.values or ()
            places.append(next((at for at, v in enumerate(listed) if equal(v, value) is True), len(listed)))
        return tuple(places)


def aggregate(aggregation: Aggregation, values: list[Any]) -> Any:
    """Sum up the outputs of COLLECT; null when they are of different kinds."""
    if aggregation is Aggregation.COUNT:
        return len(values)
    present = [value for value in values if value is not None]
    if not present or len({kind_of(value) for value in present}) > 1:
        return None
    result = present[0]
    for value in present[1:]:
        if aggregation is Aggregation.SUM:
            result = operate("+", result, value)
        elif less(*((value, result) if aggregation is Aggregation.MIN else (result, value))) is True:
            result = value
    return result
