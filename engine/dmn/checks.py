"""What a decision table says about itself before it ever runs: types, gaps, overlaps, rules that never decide."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from engine.dmn.document import Report
from engine.dmn.domains import Piece, overlaps, partition, uncovered
from engine.dmn.reading import cell_name
from engine.dmn.table import DecisionTable, HitPolicy, Input, Output, Rule
from engine.feel import UNKNOWN, Expression, FeelType, Range, UnaryTests, equal, feel_text, kind_of
from engine.texts import Text

_MOST = 10  # findings of one kind per table; the owner sees the pattern by then
_ORDERED = {HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER}


def check_table(table: DecisionTable, report: Report, *, name: str, known: Collection[str]) -> None:
    """Report everything wrong with a table that reads well. `known` are names that the file gives to data."""
    for rule in table.rules:
        for at, column in enumerate(table.inputs):
            _check_test(rule, column, at, table, report, known)
        for at, output in enumerate(table.outputs):
            _check_result(rule, output, at, table, report)
    for output in table.outputs:
        _check_output(table, output, report)
    columns = partition(table)
    if columns is not None:
        decision = (table.decision, name, table.rules[0].line)
        _check_reach(table, columns, report, name)
        _check_overlaps(table, columns, report, name)
        if not table.hit_policy.is_multiple and all(output.default is None for output in table.outputs):
            _check_gaps(table, columns, report, decision)


def _cell(rule: Rule, at: int) -> tuple[str, str, int]:
    id_, line = rule.cells[at] if rule.cells else (rule.id, rule.line)
    return id_, "", line


def _check_test(
    rule: Rule, column: Input, at: int, table: DecisionTable, report: Report, known: Collection[str]
) -> None:
    cell = rule.tests[at]
    where = cell_name(rule.number, column, at + 1)
    for value in _literals(cell):
        if not _fits(column.type, value):
            report.error(
                "cell-type", _cell(rule, at),
                Text("{where}: {value} is a {kind}, but the column is of type {type}", where=where,
                     value=_shown(value), kind=kind_of(value), type=column.type.kind),
                Text("Write a {type}, or change the column's type.", type=column.type.kind),
            )  # fmt: skip
        elif column.values is not None and not column.values.matches(value, {}) and _is_point(cell, value):
            report.error(
                "value-not-allowed", _cell(rule, at),
                Text("{where}: {value} is not among the column's values ({values})", where=where,
                     value=_shown(value), values=column.values.text),
                Text("Correct the spelling, or add the value to the column's predefined values."),
            )  # fmt: skip
    if cell.text.isidentifier() and cell.names and column.type.kind in {"string", "any"}:
        read = {n for i in table.inputs for n in i.expression.names}
        if not cell.names & {*known, *read}:
            report.warning(
                "cell-unquoted", _cell(rule, at),
                Text("{where}: {name} without quotes is the name of a variable", where=where, name=cell.text),
                Text('Write "{name}" if the text is meant.', name=cell.text),
            )  # fmt: skip


def _literals(cell: UnaryTests) -> list[Any]:
    """Return the literals that a cell compares with, of the tests that are plain."""
    values: list[Any] = []
    for test in cell.literals:
        values += [v for v in (test.start, test.end) if v is not None] if isinstance(test, Range) else [test]
    return values


def _is_point(cell: UnaryTests, value: Any) -> bool:
    return any(test is value for test in cell.literals)


def _shown(value: Any) -> str:
    return feel_text([value])[1:-1]


def _fits(kind: FeelType, value: Any) -> bool:
    return kind.kind == "any" or kind.admits(value) or (kind.kind == "list" and kind.inner is not None and
                                                        kind.inner.admits(value))  # fmt: skip


def _check_result(rule: Rule, output: Output, at: int, table: DecisionTable, report: Report) -> None:
    result = rule.results[at]
    _check_value(result, output, _cell(rule, len(table.inputs) + at), cell_name(rule.number, output, at + 1), report)


def _check_output(table: DecisionTable, output: Output, report: Report) -> None:
    at = (output.id, output.name, output.line)
    if output.default is not None:
        _check_value(output.default, output, at, Text("default of output {column}", column=output.name), report)
    for value in output.values or ():
        if not _fits(output.type, value):
            report.error(
                "cell-type", at,
                Text("output {column}: the allowed value {value} is a {kind}, but the column is of type {type}",
                     column=output.name, value=_shown(value), kind=kind_of(value), type=output.type.kind),
                Text("Write a {type}, or change the column's type.", type=output.type.kind),
            )  # fmt: skip
    if table.hit_policy in _ORDERED and not output.values and output is table.outputs[0]:
        report.error(
            "priority-missing", at,
            Text("the hit policy {policy} goes by the order of the allowed output values, but there are none",
                 policy=table.hit_policy),
            Text("List the output's values, the most important first."),
        )  # fmt: skip


def _check_value(result: Expression, output: Output, at: tuple[str, str, int], where: Text, report: Report) -> None:
    value = result.constant
    if value is UNKNOWN or value is None:
        return
    if not _fits(output.type, value):
        report.error(
            "cell-type", at,
            Text("{where}: {value} is a {kind}, but the output is of type {type}", where=where, value=_shown(value),
                 kind=kind_of(value), type=output.type.kind),
            Text("Write a {type}, or change the column's type.", type=output.type.kind),
        )  # fmt: skip
    elif output.values and not any(equal(value, allowed) is True for allowed in output.values):
        report.error(
            "value-not-allowed", at,
            Text("{where}: {value} is not among the output's values ({values})", where=where, value=_shown(value),
                 values=", ".join(map(_shown, output.values))),
            Text("Correct the spelling, or add the value to the output's predefined values."),
        )  # fmt: skip


def _check_reach(table: DecisionTable, columns: Any, report: Report, name: str) -> None:
    """Report rules that match nothing, or only what a rule above has decided already."""
    for at, rule in enumerate(table.rules):
        place = (rule.id or table.decision, name, rule.line)
        empty = [n for n, column in enumerate(columns) if not any(piece.rules >> at & 1 for piece in column)]
        if empty:
            report.warning(
                "rule-unreachable", place,
                Text("rule {rule} never matches: no value passes the cell in column {column}", rule=rule.number,
                     column=table.inputs[empty[0]].label),
                Text("Correct the cell; a range goes from low to high."),
            )  # fmt: skip
        elif table.hit_policy is HitPolicy.FIRST and at and columns:
            earlier = (1 << at) - 1
            if not _decides(columns, earlier, at):
                report.warning(
                    "rule-unreachable", place,
                    Text("rule {rule} never decides: the rules above it match everything it matches",
                         rule=rule.number),
                    Text("Move it up, or remove it."),
                )  # fmt: skip


def _decides(columns: Any, earlier: int, rule: int) -> bool:
    """Tell whether something is left for a rule after those above it; assumed where that takes too long to find."""
    found = uncovered(columns, earlier, within=rule, limit=1)
    return found is None or bool(found)


def _check_overlaps(table: DecisionTable, columns: Any, report: Report, name: str) -> None:
    if table.hit_policy not in {HitPolicy.UNIQUE, HitPolicy.ANY}:
        return
    reported = 0
    for first, second, example in overlaps(columns, len(table.rules)):
        one, other = table.rules[first], table.rules[second]
        if table.hit_policy is HitPolicy.ANY and not _disagree(one, other):
            continue
        reported += 1
        if reported <= _MOST:
            _report_overlap(table, one, other, example, report, name)


def _disagree(one: Rule, other: Rule) -> bool:
    """Tell whether two rules certainly give different outputs."""
    return any(
        a.constant is not UNKNOWN and b.constant is not UNKNOWN and equal(a.constant, b.constant) is not True
        for a, b in zip(one.results, other.results, strict=True)
    )


def _report_overlap(
    table: DecisionTable, one: Rule, other: Rule, example: list[Piece], report: Report, name: str
) -> None:
    at = (other.id or table.decision, name, other.line)
    catch_all = next((rule for rule in (other, one) if not any(test.tests for test in rule.tests)), None)
    if [t.text for t in one.tests] == [t.text for t in other.tests]:
        rule, remedy = "rule-duplicate", Text("Remove one of them.")
        reason = Text("rules {first} and {second} have the same conditions", first=one.number, second=other.number)
    elif catch_all is not None:
        rule = "catch-all-overlaps"
        reason = Text("rule {rule} matches everything, so it matches together with rule {other}",
                      rule=catch_all.number, other=(one if catch_all is other else other).number)  # fmt: skip
        remedy = Text("Choose the hit policy FIRST, or make it the output's default value.")
    else:
        rule = "rules-overlap"
        reason = Text("rules {first} and {second} both match {example}", first=one.number, second=other.number,
                      example=described(table, example))  # fmt: skip
        remedy = Text("Make them exclude each other, or choose the hit policy FIRST.")
    report.error(rule, at, reason, remedy)


def _check_gaps(table: DecisionTable, columns: Any, report: Report, at: tuple[str, str, int]) -> None:
    for gap in uncovered(columns, (1 << len(table.rules)) - 1) or ():
        report.warning(
            "rules-gap", at,
            Text("no rule matches {example}: the result is null then", example=described(table, gap)),
            Text("Add a rule, or a default value of the output."),
        )  # fmt: skip


def described(table: DecisionTable, pieces: list[Piece]) -> Text:
    """Describe a combination of values: `priority "P1", age > 5`."""
    parts = [Text("{input} {value}", input=i.label, value=p.label) for i, p in zip(table.inputs, pieces, strict=False)]
    if not parts:
        return Text("anything")
    sentence = parts[0]
    for part in parts[1:]:
        sentence = Text("{first}, {second}", first=sentence, second=part)
    return sentence
