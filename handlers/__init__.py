"""What service tasks do: plain functions that diagrams name. ITSM's words live here.

A handler gets its inputs as a frozen dataclass and its collaborators by keyword, and answers with a dataclass. It never
calls the engine. Numbers that an installation may want to change are inputs: they stand in decisions and diagrams.
"""

from engine import HandlerRegistry
from handlers import (
    alerts,
    capa,
    capa_times,
    closing,
    handling,
    intake,
    knowledge,
    known_errors,
    notices,
    problems,
    records,
    sla,
    trends,
)


def registry() -> HandlerRegistry:
    """Collect all handlers of this installation."""
    modules = (alerts, capa, capa_times, closing, handling, intake, knowledge, known_errors, notices)
    return HandlerRegistry.of(*modules, problems, records, sla, trends)


__all__ = ["registry"]
