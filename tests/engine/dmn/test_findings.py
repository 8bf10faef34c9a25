"""What publish says about a decision file: every finding, with its place."""

from __future__ import annotations

import pytest

from engine.dmn import parse_decisions
from tests.engine.dmn.tables import MODEL, file, findings, model, rules_of, table

X = "x:string"
N = "x:number"
FOUND = [
    ("good", table(['"a" => 1', '"b" => 2'], inputs=[X]), []),
    ("broken cell", table(["1 + => 1", "2 => 1 +"]), ["feel-syntax", "feel-syntax"]),
    ("doubtful cell", table(['contains(?) => 1']), ["always-null?"]),
    ("gap in values", table(['"a" => 1'], inputs=['x:string:"a","b"']), ["rules-gap?"]),
    ("gap in booleans", table(["true => 1"], inputs=["x:boolean"]), ["rules-gap?"]),
    ("gap in numbers", table(["< 5 => 1", "> 5 => 2"], inputs=[N]), ["rules-gap?"]),
    ("gap between", table(["<= 5 => 1", ">= 6 => 2"], inputs=[N]), ["rules-gap?"]),
    ("gap in dates", table(['< @"2026-01-01" => 1', '> @"2026-01-01" => 2']), ["rules-gap?"]),
    ("no gap in days", table(['<= @"2026-01-01" => 1', '>= @"2026-01-02" => 2']), []),
    ("no gap in durations", table(['<= @"P1M" => 1', '>= @"P2M" => 2']), []),
    ("no gap within a range of values", table(["[0..5] => 1", "(5..10] => 2"], inputs=["x:number:[0..10]"]), []),
    ("gap with default", table(["true => 1"], inputs=["x:boolean"], outputs=["y:::0"]), []),
    ("gap and collect", table(["true => 1"], inputs=["x:boolean"], policy="COLLECT"), []),
    ("gap of two inputs", table(["true | true => 1", "false | - => 2"], inputs=["a", "b"]), ["rules-gap?"]),
    ("no gap by variables", table(["< limit => 1"]), []),
    ("overlap", table(["<= 5 => 1", ">= 5 => 2"], inputs=[N]), ["rules-overlap"]),
    ("overlap by not", table(['not("a") => 1', 'not("b") => 2'], inputs=[X]), ["rules-overlap"]),
    ("no overlap", table(["<= 5 | - => 1", "> 5 | true => 2", "> 5 | false => 3"], inputs=["a", "b"]), []),
    ("overlap and any", table(["<= 5 => 1", ">= 5 => 1"], policy="ANY"), []),
    ("conflict of any", table(["<= 5 => 1", ">= 5 => 2"], policy="ANY"), ["rules-overlap"]),
    ("duplicate", table(['"a" => 1', '"a" => 2', 'not("a") => 3']), ["rule-duplicate"]),
    ("catch-all", table(['"a" => 1', "- => 2"]), ["catch-all-overlaps"]),
    ("catch-all first", table(['"a" => 1', "- => 2"], policy="FIRST"), []),
    ("shadowed", table(["< 10 => 1", "< 5 => 2", "- => 3"], policy="FIRST"), ["rule-unreachable?"]),
    ("shadowed by several", table(["< 5 => 1", ">= 5 => 2", "3 => 3"], policy="FIRST"), ["rule-unreachable?"]),
    ("empty range", table(["[10..5] => 1", "- => 2"], policy="FIRST"), ["rule-unreachable?"]),
    ("text for number", table(['"5" => 1', "- => 2"], inputs=[N], policy="FIRST"), ["cell-type"]),
    ("number for text", table(["5 => 1", "- => 2"], inputs=[X], policy="FIRST"), ["cell-type"]),
    ("range for text", table(["[1..5] => 1", "- => 1"], inputs=[X], policy="FIRST"), ["cell-type", "cell-type"]),
    ("output type", table(['- => "x"'], outputs=["y:number"]), ["cell-type"]),
    ("default type", table(["- => 1"], outputs=['y:number::"x"']), ["cell-type"]),
    ("outputs' values' type", table(["- => 1"], outputs=['y:number:1,"x"']), ["cell-type"]),
    ("output not allowed", table(['- => "c"'], outputs=['y:string:"a","b"']), ["value-not-allowed"]),
    ("input not allowed",
     table(['"c" => 1', "- => 2"], inputs=['x:string:"a","b"'], policy="FIRST"), ["value-not-allowed"]),
    ("unknown type", table(["- => 1"], inputs=["x:strnig"]), ["type-unknown"]),
    ("unquoted word", table(["high => 1", "- => 2"], inputs=[X], policy="FIRST"), ["cell-unquoted?"]),
    ("no rules", table([]), ["table-empty"]),
    ("no outputs", table(["-"], outputs=[]).replace("<outputEntry><text></text></outputEntry>", ""),
     ["table-without-output"]),
    ("empty output", table(["- => "]), ["output-missing"]),
    ("empty row of the editor", table(['"a" => 1', "=>"], policy="FIRST").replace(
        '<rule id="r2">', '<rule id="r2"><inputEntry><text></text></inputEntry>'), ["output-missing"]),
    ("cells missing", table(["1 => 1"], inputs=["a", "b"]), ["rule-shape"]),
    ("empty input", table(["- => 1"], inputs=[""]), ["input-empty"]),
    ("unnamed outputs", table(["- => 1 | 2"], outputs=["", "b"]), ["output-unnamed"]),
    ("same outputs", table(["- => 1 | 2"], outputs=["b", "b"]), ["output-duplicate"]),
    ("policy", table(["- => 1"], policy="NONSENSE"), ["hit-policy-unknown"]),
    ("aggregation", table(["- => 1"], policy="COLLECT MEAN"), ["hit-policy-unknown"]),
    ("aggregation of two", table(["- => 1 | 2"], outputs=["a", "b"], policy="COLLECT SUM"), ["aggregation-misplaced"]),
    ("priority without order", table(["- => 1"], policy="PRIORITY"), ["priority-missing"]),
    ("no logic", '<decision id="d"/>', ["decision-empty"]),
    ("empty part", '<decision id="d"><conditional><if/></conditional></decision>', ["expression-missing"] * 3),
    ("function in Java", '<decision id="d"><functionDefinition kind="Java"/></decision>', ["function-kind"]),
    ("no id", '<decision><literalExpression><text>1</text></literalExpression></decision>', ["decision-id"]),
    ("id twice", table(["- => 1"]) + table(["- => 1"]), ["decision-id"]),
    ("nothing", "", ["no-decision"]),
    ("foreign language", table(["- => 1"]).replace("<inputExpression", '<inputExpression expressionLanguage="python"'),
     ["expression-language"]),
    ("required elsewhere", table(["- => 1"], head='<informationRequirement><requiredDecision href="other.dmn#x"/>'
                                 "</informationRequirement>"), ["requirement-unknown"]),
    ("knowledge", table(["- => 1"], head="<knowledgeRequirement/>"), ["requirement-unknown"]),
]  # fmt: skip


@pytest.mark.parametrize(("decision", "rules"), [case[1:] for case in FOUND], ids=[case[0] for case in FOUND])
def test_findings_of(decision: str, rules: list[str]) -> None:
    """The file gives exactly these findings (`?`: a warning)."""
    assert rules_of(decision) == rules


@pytest.mark.parametrize(("decision", "rules"), [case[1:] for case in FOUND], ids=[case[0] for case in FOUND])
def test_errors_refuse_the_file(decision: str, rules: list[str]) -> None:
    """A file with an error has no model, one with warnings has."""
    assert (parse_decisions("t.dmn", file(decision))[0] is None) == any(not rule.endswith("?") for rule in rules)


def test_finding_names_table_rule_and_column() -> None:
    """A finding leads to the cell: file, line, decision, rule, column, reason."""
    (found,) = findings(table(["1 => 1", "1 + => 2"], inputs=["age"]))
    assert "rule 2, column age: the expression ends too early" in str(found.reason)
    assert (found.resource, found.element, found.line) == ("t.dmn", "r2", 2)


def test_gap_and_overlap_are_shown_by_example() -> None:
    """The owner reads which values are meant."""
    (gap,) = findings(
        table(['"P1" | < 5 => 1', '"P1" | >= 5 => 2', '"P2" | < 5 => 3'], inputs=["p:string", "age:number"])
    )
    assert 'no rule matches p "P2", age 5' in str(gap.reason)
    (overlap,) = findings(table(["<= 5 => 1", ">= 5 => 2"], inputs=["age:number"]))
    assert "rules 1 and 2 both match age 5" in str(overlap.reason)


def test_all_findings_come_at_once() -> None:
    """Every bad cell is reported in one go."""
    assert len(findings(table([f"{n} + => 1" for n in range(20)]))) == 20


@pytest.mark.parametrize(
    "namespace",
    ["http://www.omg.org/spec/DMN/20151101/dmn.xsd", "http://www.omg.org/spec/DMN/20180521/MODEL/", MODEL,
     "https://www.omg.org/spec/DMN/20211108/MODEL/", "https://www.omg.org/spec/DMN/20230324/MODEL/"],
)  # fmt: skip
def test_every_version_is_read(namespace: str) -> None:
    """DMN 1.1 to 1.5, with or without a prefix."""
    plain = file(table(["- => 1"]), namespace=namespace)
    assert parse_decisions("t.dmn", plain)[0] is not None
    prefixed = plain.replace(b"</", b"</dmn:").replace(b"<", b"<dmn:").replace(b"<dmn:/dmn:", b"</dmn:")
    assert parse_decisions("t.dmn", prefixed.replace(b"xmlns=", b"xmlns:dmn="))[0] is not None


def test_own_types_are_resolved() -> None:
    """An item definition gives type and allowed values; a component may be read behind a dot."""
    own = ('<itemDefinition name="tLevel"><typeRef>string</typeRef><allowedValues><text>"a","b"</text></allowedValues>'
           "</itemDefinition>")  # fmt: skip
    assert rules_of(own, table(['"a" => 1', '"b" => 2'], inputs=["x:tLevel"])) == []
    assert rules_of(own, table(['"a" => 1', '"c" => 2'], inputs=["x:tLevel"])) == ["value-not-allowed", "rules-gap?"]
    circular = '<itemDefinition name="t"><typeRef>t</typeRef></itemDefinition>'
    assert rules_of(circular, table(["- => 1"], inputs=["x:t"])) == ["type-unknown"]


HOSTILE = [
    b"", b"nonsense", b"<a/>", b"<definitions/>", b"\x00\xff", b"<definitions xmlns='http://x'/>",
    b'<!DOCTYPE d [<!ENTITY a "aaaa">]>' + file(table(["- => 1"])),
    b'<!DOCTYPE d SYSTEM "file:///etc/passwd">' + file(table(["- => 1"])),
    '<!DOCTYPE d [<!ENTITY a "a">]><d>&a;</d>'.encode("utf-16"),
    b"<definitions>" + b"<a>" * 5000,
    b"x" * 6_000_000,
]  # fmt: skip


@pytest.mark.parametrize("content", HOSTILE, ids=lambda content: repr(content[:20]))
def test_hostile_file_is_refused(content: bytes) -> None:
    """What isn't a DMN file, or tries an entity, is refused with a finding."""
    read, found = parse_decisions("t.dmn", content)
    assert read is None
    assert [finding.rule for finding in found] == ["xml-unreadable"]


def test_large_table_is_checked_in_time() -> None:
    """200 rules over 6 columns are checked without a combinatorial explosion."""
    rows = [" | ".join(f"[{(n * k) % 17}..{(n * k) % 17 + 3}]" for k in range(1, 7)) + f" => {n}" for n in range(200)]
    inputs = [f"x{k}:number" for k in range(6)]
    assert model(table(rows, inputs=inputs, policy="FIRST")).evaluate("d", {}).value is None
