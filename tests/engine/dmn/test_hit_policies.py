"""Every hit policy gives what DMN 1.5, 8.2.8 says."""

from __future__ import annotations

from typing import Any

import pytest

from engine.dmn import DecisionError
from tests.engine.dmn.tables import model, table

LEVELS = ['< 10 => "low" | 1', '[5..20] => "mid" | 2', '> 15 => "high" | 3']
ONE = [row.rpartition("|")[0] for row in LEVELS]


def decide(rows: list[str], x: Any, policy: str, **columns: Any) -> Any:
    """Decide for one input."""
    return model(table(rows, policy=policy, **columns)).evaluate("d", {"x": x})


def test_unique_gives_the_only_match() -> None:
    """One rule matches: its output, and its number for the history."""
    result = decide(['"a" => 1', '"b" => 2'], "b", "UNIQUE")
    assert (result.value, result.outputs, result.matched) == (2, {"y": 2}, (2,))


def test_unique_refuses_two_matches() -> None:
    """Two rules match only because of a variable: the decision says which, and what to do."""
    both = model(table(["< limit => 1", "> 0 => 2"], policy="UNIQUE"))
    with pytest.raises(DecisionError, match=r"rules 1, 2 match at once.*choose FIRST"):
        both.evaluate("d", {"x": 5, "limit": 10})
    assert both.evaluate("d", {"x": 5, "limit": 1}).value == 2


def test_any_gives_what_all_agree_on() -> None:
    """Rules of ANY may overlap as long as they say the same."""
    assert decide(["< 10 => 1", "< 20 => 1"], 5, "ANY").value == 1
    assert decide(["< 10 => 1", "< 20 => 1"], 5, "ANY").matched == (1, 2)
    with pytest.raises(DecisionError, match="different outputs"):
        decide(["< 10 => x", "< 20 => 1"], 5, "ANY")


def test_priority_goes_by_the_output_values() -> None:
    """The output that stands first in the list wins."""
    ordered = ['y::"high","mid","low"']
    assert decide(ONE, 18, "PRIORITY", outputs=ordered).value == "high"
    assert decide(ONE, 7, "PRIORITY", outputs=ordered).value == "mid"
    assert decide(ONE, 7, "PRIORITY", outputs=ordered).matched == (2,)


def test_first_gives_the_first() -> None:
    """The order of the rows decides."""
    assert decide(ONE, 7, "FIRST").value == "low"
    assert decide(ONE, 7, "FIRST").matched == (1,)


def test_rule_order_lists_all_as_written() -> None:
    """All matches in the order of the rows."""
    assert decide(ONE, 7, "RULE ORDER").value == ["low", "mid"]
    assert decide(ONE, 7, "RULE ORDER").outputs == {"y": ["low", "mid"]}


def test_output_order_lists_all_by_priority() -> None:
    """All matches in the order of the output values."""
    result = decide(ONE, 7, "OUTPUT ORDER", outputs=['y::"high","mid","low"'])
    assert (result.value, result.matched) == (["mid", "low"], (2, 1))


@pytest.mark.parametrize(
    ("policy", "value"),
    [("COLLECT", [5, 3, 5]), ("COLLECT SUM", 13), ("COLLECT MIN", 3), ("COLLECT MAX", 5), ("COLLECT COUNT", 3)],
)
def test_collect_gathers(policy: str, value: Any) -> None:
    """COLLECT gives a list, or its sum, least, greatest or number."""
    result = decide(["> 0 => 5", "> 1 => 3", "> 2 => 5", "> 9 => 7"], 3, policy)
    assert (result.value, result.outputs, result.matched) == (value, {"y": value}, (1, 2, 3))


@pytest.mark.parametrize(
    ("policy", "value"),
    [
        ("UNIQUE", None),
        ("FIRST", None),
        ("COLLECT", []),
        ("RULE ORDER", []),
        ("COLLECT SUM", None),
        ("COLLECT COUNT", 0),
    ],
)
def test_no_match_is_null_or_nothing(policy: str, value: Any) -> None:
    """Without a match every output is set to null (an old value doesn't survive), or the list is empty."""
    result = decide(["> 9 => 1"], 3, policy)
    assert (result.value, result.outputs, result.matched) == (value, {"y": value}, ())


def test_default_output_stands_in() -> None:
    """An output's default is given where no rule matches."""
    result = decide(["> 9 => 1"], 3, "UNIQUE", outputs=["y:::x * 2"])
    assert (result.value, result.matched) == (6, ())


def test_several_outputs_are_a_context() -> None:
    """Each output becomes a variable; the value is a context, for multiple policies a list of them."""
    columns = {"outputs": ["level", "rank"]}
    assert decide(LEVELS, 3, "FIRST", **columns).value == {"level": "low", "rank": 1}
    result = decide(LEVELS, 7, "COLLECT", **columns)
    assert result.value == [{"level": "low", "rank": 1}, {"level": "mid", "rank": 2}]
    assert result.outputs == {"level": ["low", "mid"], "rank": [1, 2]}


def test_table_without_inputs_always_matches() -> None:
    """A table may have outputs only."""
    assert model(table([" => 5"], inputs=[])).evaluate("d", {}).value == 5


def test_null_cell_is_no_match() -> None:
    """A condition that is null (an unknown input) doesn't match; `-` does."""
    assert decide(["< 5 => 1", "- => 2"], None, "FIRST").value == 2


def test_now_reaches_the_cells() -> None:
    """The caller's present is the decision's."""
    from tests.engine.feel.cases import NOW

    late = model(table(["< now() => true", ">= now() => false"], inputs=["due"]))
    assert late.evaluate("d", {"due": NOW, "__now__": NOW}).value is False
