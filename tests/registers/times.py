"""Local times, as the scenarios write them."""

from datetime import datetime

from registers import ZONE


def at(text: str) -> datetime:
    """A date-time in Shanghai: `2025-03-03 10:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


NOW = at("2025-03-03 10:00")
