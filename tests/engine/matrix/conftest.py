"""The installation of the engine's tests, for the cases that are played with a database."""

from tests.engine.process_engine.conftest import empty_installation, house

__all__ = ["empty_installation", "house"]
