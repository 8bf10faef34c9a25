"""Large documents stay out of variables: BPMN's variables route a case, records keep what it is about."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import ExecutionError
from engine.values import ALL_LIMIT, VALUE_LIMIT
from tests.engine.diagrams import flows, model
from tests.engine.interpreter.drawing import nodes
from tests.engine.interpreter.runs import Run

ASK = nodes(startEvent="start", userTask="ask", endEvent="end") + flows("start ask", "ask end")


@pytest.mark.parametrize("scan", ["x" * VALUE_LIMIT, "症" * (VALUE_LIMIT // 3), [{"page": "x" * 1024}] * 256])
def test_value_that_is_a_document_is_refused_by_name(scan: Any) -> None:
    """With what to do instead; the case stays as it was."""
    run = Run(model(ASK)).start(small=1)
    with pytest.raises(ExecutionError, match=r"“scan” is too large for a variable \(2[56]\d kB, 256 kB.*its number"):
        run.complete("ask", scan=scan)


def test_value_of_the_largest_size_is_kept() -> None:
    """Two bytes are the quotation marks."""
    assert Run(model(ASK)).start(text="x" * (VALUE_LIMIT - 2)).open == ["ask"]


def test_all_variables_together_have_a_limit() -> None:
    """The largest is named."""
    half = VALUE_LIMIT // 2
    run = Run(model(ASK)).start(**{f"v{n}": "x" * half for n in range(ALL_LIMIT // half - 1)})
    with pytest.raises(ExecutionError, match=r"more than 1024 kB of variables; “last” alone has 1\d\d kB"):
        run.complete("ask", last="y" * (half + 99))


def test_a_list_for_five_thousand_runs_is_no_document() -> None:
    """What a multi-instance needs fits."""
    people = [f"someone.{n:04}@example.org" for n in range(5_000)]
    assert Run(model(ASK)).start(people=people).open == ["ask"]
