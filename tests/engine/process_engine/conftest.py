"""An installation per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.process_engine import handlers
from tests.engine.process_engine.installation import Installation, open_installation, registry


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    """A fresh installation with the handlers of these tests."""
    handlers.trouble.clear()
    house = open_installation(tmp_path, registry(handlers))
    yield house
    house.database.dispose()
