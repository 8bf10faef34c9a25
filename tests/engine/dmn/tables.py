"""Short decision tables for tests: columns and rows in, a .dmn file out."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from engine.dmn import DecisionModel, parse_decisions
from engine.findings import Finding

MODEL = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def table(
    rows: Sequence[str],
    *,
    inputs: Sequence[str] = ("x",),
    outputs: Sequence[str] = ("y",),
    policy: str = "UNIQUE",
    head: str = "",
    id_: str = "d",
) -> str:
    """Make a decision. A column is `expression:type:values`, a row `cell | cell => output | output`.

    An output column is `name:type:values:default`. `policy` may be followed by an aggregation: `COLLECT SUM`.
    """
    name, _, summed = policy.partition(" ") if policy.startswith("COLLECT") else (policy, "", "")
    body = "".join(_input(c, n) for n, c in enumerate(inputs, 1)) + "".join(
        _output(c, n) for n, c in enumerate(outputs, 1)
    )
    body += "".join(_rule(row, n) for n, row in enumerate(rows, 1))
    summed = f' aggregation="{summed}"' if summed else ""
    logic = f'<decisionTable hitPolicy="{name}"{summed}>{body}</decisionTable>'
    return f'<decision id="{id_}" name="{id_}">{head}{logic}</decision>'


def _parts(column: str, count: int) -> list[str]:
    return (column.split(":") + [""] * count)[:count]


def _text(tag: str, text: str, attributes: str = "") -> str:
    return f"<{tag}{attributes}><text>{escape(text)}</text></{tag}>" if text else ""


def _input(column: str, number: int) -> str:
    expression, kind, values = _parts(column, 3)
    reference = f" typeRef={quoteattr(kind)}" if kind else ""
    return (
        f'<input id="i{number}">{_text("inputExpression", expression, reference)}{_text("inputValues", values)}</input>'
    )


def _output(column: str, number: int) -> str:
    name, kind, values, default = _parts(column, 4)
    reference = f" typeRef={quoteattr(kind)}" if kind else ""
    inner = _text("outputValues", values) + _text("defaultOutputEntry", default)
    return f'<output id="o{number}" name="{name}"{reference}>{inner}</output>'


def _rule(row: str, number: int) -> str:
    tested, _, given = row.partition("=>")
    cells = "".join(
        f"<inputEntry><text>{escape(c.strip())}</text></inputEntry>" for c in tested.split("|") if tested.strip()
    )
    cells += "".join(f"<outputEntry><text>{escape(c.strip())}</text></outputEntry>" for c in given.split("|"))
    return f'<rule id="r{number}">{cells}</rule>\n'


def file(*decisions: str, namespace: str = MODEL, namespace_of: str = "t") -> bytes:
    """Put decisions into a file; `namespace_of` is the model's own."""
    head = f'<definitions xmlns="{namespace}" id="f" name="F" namespace="{namespace_of}">'
    return f"{head}{''.join(decisions)}</definitions>".encode()


def model(*decisions: str) -> DecisionModel:
    """Read decisions that must be without errors."""
    read, findings = parse_decisions("t.dmn", file(*decisions))
    assert read is not None, [str(finding) for finding in findings]
    return read


def findings(*decisions: str) -> list[Finding]:
    """Return what is found in decisions."""
    return parse_decisions("t.dmn", file(*decisions))[1]


def rules_of(*decisions: str) -> list[str]:
    """Return the ids of what is found, with `?` behind a warning."""
    return [f.rule + ("?" if f.severity == "warning" else "") for f in findings(*decisions)]
