"""The installation of the process engine's tests, for claims that need a store."""

from __future__ import annotations

from tests.engine.process_engine.conftest import empty_installation, house

__all__ = ["empty_installation", "house"]
