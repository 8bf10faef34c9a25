"""What a decision answers when it can't answer."""

from engine.errors import ExecutionError


class DecisionError(ExecutionError):
    """A decision could not be made as drawn: two rules of a UNIQUE table match, or it calls itself."""
