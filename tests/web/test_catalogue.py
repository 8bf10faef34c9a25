"""The Chinese catalogue says everything that the code says."""

from __future__ import annotations

import re

import pytest
from babel.messages.catalog import Catalog

from web.catalogue import extract, read_chinese

FIELD = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


@pytest.fixture(scope="module")
def fresh() -> Catalog:
    """What stands in the code now."""
    return extract()


@pytest.fixture(scope="module")
def chinese() -> Catalog:
    """What stands in the catalogue."""
    return read_chinese()


def test_the_catalogue_holds_every_string(fresh: Catalog, chinese: Catalog) -> None:
    """Nothing is missing and nothing untranslated; `python -m web.catalogue` shows what to do."""
    untranslated = []
    for message in fresh:
        known = chinese.get(message.id) if message.id else None
        if message.id and (known is None or not all(_forms(known.string))):
            untranslated.append(message.id)
    assert untranslated == []


def test_the_catalogue_holds_nothing_else(fresh: Catalog, chinese: Catalog) -> None:
    """What the code no longer says is gone, and nothing is a guess (fuzzy)."""
    known = {message.id for message in fresh}
    assert [m.id for m in chinese if m.id not in known] == []
    assert [m.id for m in chinese if m.id and m.fuzzy] == []


def test_translations_keep_their_placeholders(chinese: Catalog) -> None:
    """A translation names the same values as the original (a plural's may leave out the number)."""
    wrong = []
    for message in chinese:
        if not message.id:
            continue
        wanted = set(FIELD.findall(_forms(message.id)[-1]))
        wrong += [text for text in _forms(message.string) if text and set(FIELD.findall(text)) != wanted]
    assert wrong == []


def _forms(text: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)
