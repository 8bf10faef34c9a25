"""XML → decisions, with a finding for every cell that isn't FEEL and every part that doesn't fit."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from engine.dmn.boxed import Boxed
from engine.dmn.boxes import expression_in, read_box
from engine.dmn.document import Report, child, children, is_dmn, name_of, place, text_of
from engine.dmn.policy import Policy
from engine.dmn.table import Aggregation, DecisionTable, HitPolicy, Input, Output, Rule
from engine.dmn.typing import Types
from engine.feel import UNKNOWN, Expression, FeelSyntaxError, UnaryTests, compile_expression, compile_unary_tests
from engine.texts import Text

_LANGUAGES = ("", "feel", "sfeel", "s-feel")
_FIX_CELL = Text("Correct the cell in the decision table.")


class Reader:
    """Reads the logic of the decisions of one file."""

    def __init__(
        self, report: Report, types: Types, *, names: Collection[str], functions: Collection[str], policy: Policy
    ) -> None:
        self.report = report
        self.policy = policy
        self.types = types
        self.names = names
        self.functions = functions
        self.tables: list[tuple[DecisionTable, str]] = []  # all that were read, with the name of what holds them
        self.feel_types = types.for_feel(report)

    def logic(self, decision: Any, variable: str) -> DecisionTable | Boxed | None:
        """Read what the decision decides by; None, with findings, if it can't be used."""
        element = expression_in(decision)
        if element is None:
            self.report.error(
                "decision-empty", decision, Text("the decision has no logic"), Text("Draw a decision table for it.")
            )
            return None
        return self.table(element, variable) if is_dmn(element, "decisionTable") else read_box(self, element, variable)

    def table(self, table: Any, variable: str) -> DecisionTable | None:
        """Read a decision table; `variable` names its only output."""
        before = len(self.report.findings)
        policy, aggregation = self._policy(table)
        inputs = [self._input(column, number) for number, column in enumerate(children(table, "input"), 1)]
        columns = list(children(table, "output"))
        outputs = [self._output(c, n, variable, alone=len(columns) == 1) for n, c in enumerate(columns, 1)]
        if not outputs:
            self.report.error(
                "table-without-output", table, Text("the table has no output"), Text("Add an output column.")
            )
        rules = [self._rule(row, n, inputs, outputs) for n, row in enumerate(children(table, "rule"), 1)]
        if not rules:
            self.report.error("table-empty", table, Text("the table has no rules"), Text("Add the rules."))
        self._require_distinct(table, outputs)
        lacking = policy is None or not outputs or any(None in parts for parts in (inputs, outputs, rules))
        if lacking or policy is None or (self.policy is Policy.ENGINE and self._new_errors(before)):
            return None
        holder, name, _ = place(table.getparent())
        read = DecisionTable(
            holder,
            policy,
            aggregation,
            tuple(column for column in inputs if column is not None),  # what couldn't be read has an error above
            tuple(column for column in outputs if column is not None),
            tuple(rule for rule in rules if rule is not None),
            self.policy,
        )
        self.tables.append((read, name))
        return read

    def _new_errors(self, before: int) -> bool:
        return any(finding.severity == "error" for finding in self.report.findings[before:])

    def _require_distinct(self, table: Any, outputs: list[Output | None]) -> None:
        names = [output.name for output in outputs if output is not None]
        for name in sorted({n for n in names if names.count(n) > 1}):
            self.report.error(
                "output-duplicate", table, Text("two outputs are called “{name}”", name=name),
                Text("Give every output column its own name."),
            )  # fmt: skip

    def _policy(self, table: Any) -> tuple[HitPolicy | None, Aggregation | None]:
        written = " ".join((table.get("hitPolicy") or "UNIQUE").upper().split())
        summed = (table.get("aggregation") or "").upper()
        try:
            policy, aggregation = HitPolicy(written), Aggregation(summed) if summed else None
        except ValueError:
            self.report.error(
                "hit-policy-unknown",
                table,
                Text("there is no hit policy “{policy}”", policy=f"{written} {summed}".strip()),
                Text("Choose one of {policies}.", policies=", ".join(HitPolicy)),
            )
            return None, None
        if aggregation is not None and (policy is not HitPolicy.COLLECT or len(list(children(table, "output"))) > 1):
            self.report.error(
                "aggregation-misplaced",
                table,
                Text("{aggregation} needs the hit policy COLLECT and a single output", aggregation=aggregation),
                Text("Remove the aggregation, or leave one output column."),
            )
        return policy, aggregation

    def _input(self, column: Any, number: int) -> Input | None:
        expression_tag = child(column, "inputExpression")
        label = column.get("label") or text_of(expression_tag) or str(number)
        where = Text("input {column}", column=label)
        if not text_of(expression_tag):
            self.report.error(
                "input-empty", column, Text("{where} says not what it reads", where=where),
                Text("Write the variable or expression into the column's head."),
            )  # fmt: skip
            return None
        expression = self.expression(expression_tag, text_of(expression_tag), where)
        kind, allowed = self.types.of(expression_tag, self.report)
        written = text_of(child(column, "inputValues")) or allowed
        values = self.tests(column, written, Text("allowed values of {where}", where=where)) if written else None
        if expression is None:
            return None
        fitted = self.types.data_type(expression_tag, Report(""))  # what is wrong with it was said above
        return Input(place(column)[0], label, place(column)[2], expression, kind, values, fitted)

    def _output(self, column: Any, number: int, variable: str, *, alone: bool) -> Output | None:
        name = name_of(column) or (variable if alone else "")
        where = Text("output {column}", column=name or column.get("label") or number)
        if not name:
            self.report.error(
                "output-unnamed", column, Text("{where} has no name", where=where),
                Text("Name the output: this is the variable it sets."),
            )  # fmt: skip
            return None
        kind, allowed = self.types.of(column, self.report)
        written = text_of(child(column, "outputValues")) or allowed
        values = self.tests(column, written, Text("allowed values of {where}", where=where)) if written else None
        default = text_of(child(column, "defaultOutputEntry"))
        return Output(
            place(column)[0],
            name,
            place(column)[2],
            kind,
            constants(values) if values is not None else None,
            self.expression(column, default, Text("default of {where}", where=where)) if default else None,
            self.types.data_type(column, Report("")),
        )

    def _rule(self, row: Any, number: int, inputs: list[Input | None], outputs: list[Output | None]) -> Rule | None:
        tested, given = list(children(row, "inputEntry")), list(children(row, "outputEntry"))
        if len(tested) != len(inputs) or len(given) != len(outputs):
            self.report.error(
                "rule-shape", row, Text("rule {rule} has another number of cells than the table has columns",
                                        rule=number),
                Text("Open and save the table in the DMN editor."),
            )  # fmt: skip
            return None
        tests = [self.tests(c, text_of(c), cell_name(number, i, at)) for at, (c, i) in
                 enumerate(zip(tested, inputs, strict=True), 1)]  # fmt: skip
        results = [self._result(c, number, o, at) for at, (c, o) in enumerate(zip(given, outputs, strict=True), 1)]
        if any(cell is None for cell in (*tests, *results)):
            return None
        cells = tuple((place(c)[0], place(c)[2]) for c in (*tested, *given))
        return Rule(place(row)[0], number, place(row)[2], tuple(tests), tuple(results), cells)  # type: ignore[arg-type]

    def _result(self, cell: Any, number: int, output: Output | None, at: int) -> Expression | None:
        where = cell_name(number, output, at)
        written = text_of(cell)
        if not written or written == "-":
            if self.policy is Policy.STANDARD:
                return compile_expression("null")
            self.report.error(
                "output-missing", cell, Text("{where}: the cell is empty", where=where),
                Text("Write the value; write null if there is none."),
            )  # fmt: skip
            return None
        return self.expression(cell, written, where)

    def expression(self, element: Any, text: str, where: Text) -> Expression | None:
        """Compile an expression; None with a finding."""
        if not self._is_feel(element, where):
            return None
        try:
            compiled = compile_expression(text, functions=self.functions, names=self.names, types=self.feel_types)
        except FeelSyntaxError as error:
            self._not_feel(element, where, error)
            return None
        self._doubt(element, where, compiled)
        return compiled

    def tests(self, element: Any, text: str, where: Text) -> UnaryTests | None:
        """Compile unary tests; None with a finding."""
        if not self._is_feel(element, where):
            return None
        try:
            compiled = compile_unary_tests(text, functions=self.functions, names=self.names)
        except FeelSyntaxError as error:
            self._not_feel(element, where, error)
            return None
        self._doubt(element, where, compiled)
        return compiled

    def _is_feel(self, element: Any, where: Text) -> bool:
        written = element.get("expressionLanguage") or element.getroottree().getroot().get("expressionLanguage") or ""
        if written.lower() in _LANGUAGES or "/FEEL" in written.upper():
            return True
        self.report.error(
            "expression-language", element,
            Text("{where} is written in {language}; decisions run FEEL only", where=where, language=written),
            Text("Write it in FEEL and set the cell's expression language to FEEL."),
        )  # fmt: skip
        return False

    def _not_feel(self, element: Any, where: Text, error: FeelSyntaxError) -> None:
        self.report.error(
            "feel-syntax", element,
            Text("{where}: {reason} (line {line}, column {column})", where=where, reason=error.reason,
                 line=error.line, column=error.column),
            _FIX_CELL,
        )  # fmt: skip

    def _doubt(self, element: Any, where: Text, compiled: Expression | UnaryTests) -> None:
        for doubt in compiled.doubts:
            self.report.warning("always-null", element, Text("{where}: {reason}", where=where, reason=doubt), _FIX_CELL)


def cell_name(number: int, column: Input | Output | None, at: int) -> Text:
    """Name a cell for a message."""
    label = getattr(column, "label", None) or getattr(column, "name", None) or at
    return Text("rule {rule}, column {column}", rule=number, column=label)


def constants(tests: UnaryTests) -> tuple[Any, ...]:
    """Return the literals among tests, in order."""
    return tuple(test.constant for test in tests.tests if test.constant is not UNKNOWN)
