"""Each construct of the catalogue against its row: what is refused is refused by name, what runs runs as told."""

from __future__ import annotations

import pytest

from engine.constructs import CONSTRUCTS, Status, judge
from engine.intake.vocabulary import EVENT_KINDS, LOOP_CONTENTS, NODES
from tests.engine.interpreter.runs import Run
from tests.engine.matrix.players import RunPlayer, play, take
from tests.engine.matrix.rows import ROWS, Row, Story

KNOWN = [key for key, construct in CONSTRUCTS.items() if construct.exists]
UNKNOWN = [key for key, construct in CONSTRUCTS.items() if not construct.exists]
PLAYED = [(key, story) for key, row in ROWS.items() if row.status is not Status.REFUSED for story in row.stories]


def _run(key: str) -> Run:
    examination = judge(CONSTRUCTS[key]).examination
    assert examination.ok, [str(finding) for finding in examination.findings]
    return Run(examination.models["p"])


def test_each_construct_has_its_row() -> None:
    """The catalogue and the rows name the same constructs."""
    assert sorted(KNOWN) == sorted(ROWS)


WORDS = {*NODES, *EVENT_KINDS, *LOOP_CONTENTS, *LOOP_CONTENTS["multiInstanceLoopCharacteristics"]}
NEVER_DRAWN = {
    "implicitThrowEvent",  # stands only inside a complex behaviour definition
    "loopDataOutputRef",  # the results' half of loopDataInputRef
    "outputDataItem",
}


@pytest.mark.parametrize("word", sorted(WORDS - NEVER_DRAWN))
def test_each_word_of_the_intake_has_a_sample(word: str) -> None:
    """Whatever kind of element the intake knows stands in a sample, so that the page tells of it."""
    assert any(f"<bpmn:{word}" in construct.body for construct in CONSTRUCTS.values())


@pytest.mark.parametrize("key", KNOWN)
def test_construct_is_as_its_row_says(key: str) -> None:
    """A construct that changed its state has to be flipped in its row (tests/engine/matrix/rows.py)."""
    judged, row = judge(CONSTRUCTS[key]), ROWS[key]
    assert (judged.status, sorted(judged.rules)) == (row.status, sorted(row.rules)), f"flip the row “{key}”"


@pytest.mark.parametrize("key", [key for key in KNOWN if ROWS[key].status is Status.REFUSED])
def test_refusal_says_where_why_and_what_to_do(key: str) -> None:
    """Each finding has an element, a line, a reason and a remedy."""
    for finding in judge(CONSTRUCTS[key]).errors:
        assert finding.element
        assert finding.line > 0
        assert str(finding.reason)
        assert str(finding.remedy)


@pytest.mark.parametrize("key", UNKNOWN)
def test_what_is_not_in_bpmn_is_refused(key: str) -> None:
    """No event stands where the standard knows none of its kind."""
    assert judge(CONSTRUCTS[key]).status is Status.REFUSED


@pytest.mark.parametrize("key", [key for key in KNOWN if ROWS[key].status is not Status.REFUSED])
def test_what_is_accepted_has_a_story(key: str) -> None:
    """No line of docs/bpmn-support.md says “runs” without a story behind it."""
    assert ROWS[key].stories


@pytest.mark.parametrize(("key", "story"), PLAYED, ids=lambda part: part if isinstance(part, str) else part[1:2])
def test_what_runs_runs_as_told(key: str, story: Story) -> None:
    """The story holds in memory, and saved and loaded between every two steps."""
    run = _run(key)
    play(story, RunPlayer(run))
    row: Row = ROWS[key]
    assert {name: run.variables[name] for name, _ in row.leaves} == dict(row.leaves)


@pytest.mark.parametrize(("key", "story"), PLAYED, ids=lambda part: part if isinstance(part, str) else part[1:2])
def test_two_cases_side_by_side(key: str, story: Story) -> None:
    """Two cases of one model, a step of one after a step of the other: each goes its own way."""
    first = _run(key)
    one, other = RunPlayer(first), RunPlayer(Run(first.model))
    for number, line in enumerate(story):
        take(line, one, first=number == 0)
        if number:
            take(story[number - 1], other, first=number == 1)
    take(story[-1], other, first=False)
    assert first.step.snapshot == other.run.step.snapshot
