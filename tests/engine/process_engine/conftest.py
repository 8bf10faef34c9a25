"""An installation per test, on a copy of one that was created once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.process_engine import handlers
from tests.engine.process_engine.installation import (
    Installation,
    copy_installation,
    create_installation,
    open_installation,
    opened,
    registry,
)
from tests.engine.process_engine.invariants import check_invariants


@pytest.fixture(scope="session")
def empty_installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of an installation with its tables and nothing in them."""
    path = tmp_path_factory.mktemp("installation")
    create_installation(path)
    return path


@pytest.fixture
def house(empty_installation: Path, tmp_path: Path) -> Iterator[Installation]:
    """A fresh installation with the handlers of these tests; after each test its database is found sound."""
    handlers.trouble.clear()
    handlers.calls.clear()
    copy_installation(empty_installation, tmp_path)
    house = open_installation(tmp_path, registry(handlers))
    yield house
    check_invariants(house)
    while opened:
        opened.pop().dispose()
