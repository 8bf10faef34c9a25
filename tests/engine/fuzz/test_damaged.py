"""Damaged and hostile files: whatever comes, the intake answers, soon and in bounded memory; what it accepts runs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.fuzz import corpus, hostile, trial
from tests.engine.fuzz.children import Children

FILES = corpus.files(random_diagrams=30)
COUNT = 300


def test_the_undamaged_files_are_fine() -> None:
    """What follows would prove nothing if everything were refused anyway."""
    for name, content in FILES.items():
        if name.startswith(("random", "everything")):
            assert trial.judged({name: content}).ok, name


def test_damaged_files_are_judged_and_what_is_accepted_runs() -> None:
    """No traceback, no wait over two seconds, no 500 MB, for any of some hundred damages of every kind of file."""
    reports = list(Children(lambda number: trial.try_damaged(FILES, number), list(range(COUNT)), count=1).reports())
    assert [report.failure for report in reports if report.failure] == []
    accepted = [report.outcome for report in reports if report.outcome.accepted]
    assert len(reports) == COUNT
    assert COUNT // 10 < len(accepted) < COUNT // 2  # damage that does none, or nothing else, would prove little
    assert sum(outcome.acts for outcome in accepted) > COUNT // 2


@pytest.mark.parametrize("name", [*hostile.FILES, *hostile.FORMS])
def test_hostile_file_costs_nothing(name: str) -> None:
    """As a diagram, as decisions, or as a form."""
    (report,) = Children(lambda _: trial.try_hostile(name), [0], count=1).reports()
    assert report.failure == ""


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda: [0] * 10**9, "MemoryError"),
        (lambda: 1 / 0, "ZeroDivisionError"),
        (lambda: b"x" * (700 << 20), "it took"),
    ],
)
def test_harm_is_noticed(harm: object, said: str) -> None:
    """A trial that takes memory or raises is a failure; the next one goes on."""
    trials = Children(lambda number: harm() if number == 0 else "fine", [0, 1], count=1)  # type: ignore[operator]
    first, second = trials.reports()
    assert said in first.failure
    assert second.outcome == "fine"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=2000))
def test_random_bytes_give_findings(content: bytes) -> None:
    """Of no kind at all."""
    for name in ("p.bpmn", "d.dmn", "f.json"):
        assert not trial.judged({name: content}).ok


def test_a_broken_form_keeps_the_diagram_from_being_published() -> None:
    """The fault is told at the form; the diagram that names it is no model, and no traceback."""
    files = {name: content for name, content in FILES.items() if not name.startswith(("random", "everything"))}
    examination = trial.judged(files | {"log.json": b"{", "inc_major.dmn": b"<"})
    assert {f.resource for f in examination.findings if f.severity == "error"} == {"log.json", "inc_major.dmn"}
    assert "incident" not in examination.models


def test_same_number_gives_the_same_damage() -> None:
    """So that a failure can be looked at again."""
    assert trial.try_damaged(FILES, 7).acts == trial.try_damaged(FILES, 7).acts
