"""Knowledge suggestions."""

import pytest

from registers.knowledge import terms_of
from tests.registers.conftest import Begin


def test_text_is_split_into_words_and_pairs() -> None:
    """Latin text is compared by words, Chinese by pairs of neighbouring characters, each once."""
    assert terms_of("Disk full: 磁盘满了 on SRV-BJ1-102, disk!") == [
        "disk", "full", "磁盘", "盘满", "满了", "on", "srv-bj1-102"
    ]  # fmt: skip
    assert terms_of("a 满 !") == []


def test_article_of_the_category_is_offered(begin: Begin) -> None:
    """F01: for a host incident KB-0001 is offered, whatever the words."""
    with begin() as registers:
        found = registers.knowledge.suggest("反应很慢", category="host", ci="SRV-BJ1-102")
    assert [(s.record.number, s.same_category, s.matched) for s in found] == [("KB-0001", True, ())]


@pytest.mark.parametrize("text", ["主机磁盘满", "the DISK is full"])
def test_article_is_found_by_its_words(begin: Begin, text: str) -> None:
    """Words in either language find an article of another category."""
    with begin() as registers:
        assert [s.record.number for s in registers.knowledge.suggest(text, category="network")] == ["KB-0001"]
        assert registers.knowledge.suggest("printer jam", category="network") == []
        assert registers.knowledge.suggest("") == []


def test_known_errors_come_first_then_what_fits_best(begin: Begin, statements: list[str]) -> None:
    """Open known errors lead; articles follow by item, category and words; drafts and fixed errors aren't offered."""
    with begin() as registers:
        article = {"title": "Slow disk", "category": "host", "cis": ["SRV-BJ1-102"]}
        best = registers.open("knowledge", article, state="published").number
        registers.open("knowledge", {"title": "Slow disk draft", "category": "host"})
        error = registers.open("known_error", {"title": "Firmware", "category": "host"}).number
        registers.open("known_error", {"title": "Old firmware", "category": "host"}, state="fixed")
    with begin() as registers:
        statements.clear()
        found = registers.knowledge.suggest("slow disk", category="host", ci="SRV-BJ1-102", limit=3)
        assert len(statements) == 1
    assert [s.record.number for s in found] == [error, best, "KB-0001"]
    assert found[1].same_ci
