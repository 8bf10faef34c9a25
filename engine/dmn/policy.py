"""Where the engine's own processes and the bare standard part ways."""

from __future__ import annotations

from enum import StrEnum


class Policy(StrEnum):
    """What a decision may see, and what becomes of one that can't be made as drawn.

    `parse_decisions` reads for ENGINE: nothing fails silently in a process, and a table drawn without its input data
    reads the case's variables. `load_decisions` reads for STANDARD: what any other DMN tool would answer.
    """

    ENGINE = "engine"  # rules in conflict raise DecisionError; every variable is in scope, whether required or not
    STANDARD = "standard"  # rules in conflict and values of a wrong type are null; in scope is what is required
