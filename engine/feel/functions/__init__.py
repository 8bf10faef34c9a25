"""FEEL's built-in functions (DMN 1.5, 10.3.4)."""

from engine.feel.functions import contexts, conversions, lists, numbers, ranges, strings, temporal
from engine.feel.functions.registry import ABSENT, BUILTINS, Builtin, call_first

__all__ = ["ABSENT", "BUILTINS", "Builtin", "call_first", "contexts", "conversions", "lists", "numbers", "ranges",
           "strings", "temporal"]  # fmt: skip
