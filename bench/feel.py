"""What FEEL and decision tables cost, beside a fixed loop of plain Python, so that the ratios travel."""

from __future__ import annotations

import timeit
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine.dmn import parse_decisions
from engine.feel import compile_expression

_RULES = 100
_MODEL = "https://www.omg.org/spec/DMN/20191111/MODEL/"
CONDITIONS = (
    ("condition: amount > 100", "amount > 100"),
    ("condition: a list and a comparison", 'priority in ("P1", "P2") and amount > 100'),
    ("condition: a path, a filter, a function", "count(order.lines[price > 10]) > 1"),
)
VARIABLES: dict[str, Any] = {
    "amount": 500,
    "priority": "P2",
    "kind": "K9",
    "order": {"lines": [{"price": 5}, {"price": 15}, {"price": 25}]},
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of one evaluation, and how many turns of the reference loop that is."""

    label: str
    micros: float
    loops: float


def measure() -> Iterator[Cost]:
    """Yield what conditions and tables cost; the reference is a loop over 100 numbers."""
    reference = _micros(_reference)
    for label, text in CONDITIONS:
        expression = compile_expression(text)
        yield _cost(label, partial(expression.evaluate, VARIABLES), reference)
    for policy in ("UNIQUE", "FIRST"):
        yield _cost(f"table of {_RULES} rules, {policy}", _decides(table(policy)), reference)


def table(policy: str) -> Any:
    """Make a table of 100 rules, the last of which decides."""
    rules = "".join(
        f'<rule><inputEntry><text>"K{n // 10}"</text></inputEntry><inputEntry><text>[{n % 10 * 10}..{n % 10 * 10 + 10})'
        f"</text></inputEntry><outputEntry><text>{n}</text></outputEntry></rule>"
        for n in range(_RULES)
    )
    columns = "".join(
        f'<input><inputExpression typeRef="{kind}"><text>{name}</text></inputExpression></input>'
        for name, kind in (("kind", "string"), ("amount", "number"))
    )
    logic = f'<decisionTable hitPolicy="{policy}">{columns}<output name="y"/>{rules}</decisionTable>'
    content = f'<definitions xmlns="{_MODEL}" namespace="t"><decision id="d" name="d">{logic}</decision></definitions>'
    model, findings = parse_decisions("bench.dmn", content.encode())
    if model is None:
        raise ValueError(findings)
    return model


def _decides(model: Any) -> Callable[[], Any]:
    variables = VARIABLES | {"amount": 95}
    return lambda: model.evaluate("d", variables)


def _reference() -> int:
    total = 0
    for number in range(100):
        total += number
    return total


def _cost(label: str, run: Callable[[], Any], reference: float) -> Cost:
    micros = _micros(run)
    return Cost(label, micros, micros / reference)


def _micros(run: Callable[[], Any]) -> float:
    """Return the least microseconds of one call: what disturbs only adds."""
    return min(timeit.repeat(run, number=500, repeat=7)) / 500 * 1e6
