"""Register definitions."""

from itertools import pairwise
from pathlib import Path

import pytest

from registers import InvalidDefinitions, UnknownRegister, load_definitions

GOOD = """
key = "thing"
title = ["Thing", "物"]
plural = ["Things", "物品"]
[fields]
name = { type = "text", label = ["Name", "名称"] }
[states]
new = { label = ["New", "新建"] }
"""

BAD = """
key = "other"
title = "Thing"
plural = ["Things", "东西"]
colour = "red"
columns = ["nothing"]
sort = "name"
initial = "old"
number = "T-{year}"
[labels]
"" = "nobody"
[fields]
state = { type = "text", label = ["State", "状态"] }
size = { type = "huge", label = ["Size", "大小"] }
link = { type = "ref", label = ["Link", "链接"] }
far = { type = "ref", register = "moon", label = ["Far", "远"] }
rows = { type = "table", label = ["Rows", "行"] }
odd = { type = "text", label = ["Odd", "奇"], shape = "round" }
[states]
new = { label = ["New", "新建"], to = ["gone"] }
[forms.log]
a = "b"
"""


def test_our_definitions_are_valid() -> None:
    """The registers that we ship load, and every label has its Chinese."""
    definitions = load_definitions()
    assert {"incident", "customer", "service", "ci", "sla", "knowledge", "known_error"} <= set(definitions)
    assert definitions.translations["Incident"] == "事件"
    assert definitions["incident"].initial == "new"
    with pytest.raises(UnknownRegister, match="moon"):
        definitions["moon"]


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    """A wrong definition says everything that is wrong with it, with file and place."""
    (tmp_path / "thing.toml").write_text(BAD, encoding="utf-8")
    (tmp_path / "broken.toml").write_text("key = ", encoding="utf-8")
    with pytest.raises(InvalidDefinitions) as caught:
        load_definitions(tmp_path)
    told = "\n".join(caught.value.problems)
    for expected in (
        "broken.toml: is not TOML",
        "thing.toml: key must be 'thing' like the file",
        'thing.toml: title: the label must be ["English", "中文"]',
        "thing.toml: unknown entry 'colour'",
        "thing.toml: columns: there is no field 'nothing'",
        "thing.toml: sort: 'name' is neither a common nor a list column",
        "thing.toml: the initial state 'old' is not defined",
        "thing.toml: number: the pattern needs {serial}",
        "thing.toml: labels '': there is no field 'nobody'",
        "thing.toml: field state: the name is not usable",
        "thing.toml: field size: unknown type 'huge'",
        "thing.toml: field link: a register belongs to ref and refs",
        "thing.toml: field far: there is no register 'moon'",
        "thing.toml: field rows: columns belong to a table",
        "thing.toml: field odd: unknown entry 'shape'",
        "thing.toml: state new: 'gone' is not a state",
        "thing.toml: forms.log: there is no field 'b'",
    ):
        assert expected in told


def test_one_word_has_one_translation(tmp_path: Path) -> None:
    """The same English label can't mean two things in Chinese: the catalogue has one entry for it."""
    (tmp_path / "thing.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "zebra.toml").write_text(GOOD.replace("thing", "zebra").replace("新建", "新"), encoding="utf-8")
    with pytest.raises(InvalidDefinitions, match=r"zebra\.toml: state new: 'New' is 新建 elsewhere, not 新"):
        load_definitions(tmp_path)


@pytest.mark.parametrize(
    "way",
    [
        "new triaged in_progress pending_customer in_progress restored resolved closed",
        "new triaged in_progress assigned in_progress pending_supplier in_progress restored resolved closed",
        "new triaged assigned in_progress pending_change in_progress restored in_progress restored resolved closed",
        "new triaged in_progress restored resolved in_progress restored resolved closed",
        "new merged",
        "new transferred",
        "new answered",
        "new triaged in_progress cancelled",
    ],
)
def test_incidents_go_the_ways_of_their_process(way: str) -> None:
    """Every way through the incident process is allowed, and its ends are final."""
    incident = load_definitions()["incident"]
    states = way.split()
    for old, new in pairwise(states):
        incident.check_transition("INC-2025-00001", old, new)
        incident.check_transition("INC-2025-00001", old, old)
    assert incident.states[states[-1]].terminal
    assert incident.states[states[-1]].to == ()


def test_incidents_close_only_after_restoration() -> None:
    """An incident that isn't resolved can't be closed, whatever its state."""
    incident = load_definitions()["incident"]
    assert [state.name for state in incident.states.values() if "closed" in state.to] == ["resolved"]
    assert [state.name for state in incident.states.values() if "resolved" in state.to] == ["restored"]
