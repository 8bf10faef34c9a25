"""Authors' regular expressions."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.forms.fields import PATTERN_LIMIT
from engine.forms.patterns import UnsafePattern, compile_pattern

USEFUL = [
    r"^AST-[0-9]{4}$",
    r"[^@\s]+@[^@\s]+\.[^@\s]+",
    r"^(\d{1,3}\.){3}\d{1,3}$",
    r"^\d+\.\d+\.\d+\.\d+$",
    r"^(P1|P2|Q)\d*$",
    r"^\+?\d{6,15}$",
    r"^[A-Z]{2,4}-\d{4}-\d+$",
    r"[一-龥]+",
    r"(?i)^inc",
    r"^\w+( \w+)?$",
]
DANGEROUS = [
    r"(a+)+$",
    r"(a|a)*$",
    r"(a|ab)*c",
    r"([a-z]+,?)+",
    r"(.*)*",
    r"(x+x+)+y",
    r"(\d+){5}",
    r"(?:a?){60}a{60}",
    r"(?=(a+)+)b",
    r".*.*.*x",
    r"^.+@.+\..+$",
    r"\w{1,40}\w{1,40}\w{1,40}!",
    r"(?i)a+A+a+A+!",
    r"a?a?a?a?a?a?a?a?a?a?a?a?a?a?b",
    r"(\w+)\1",
    r"(?:中+[^x]+){2}",
]
BROKEN = ["(", "[a", "a{2,1}", r"\p{L}", r"(?<name>a)", "(" * 400, "a" * 501]


@pytest.mark.parametrize("pattern", USEFUL)
def test_pattern_that_stays_quick_is_accepted(pattern: str) -> None:
    """What authors need passes, and answers within a tenth of a second for the longest input."""
    compiled = compile_pattern(pattern)
    for letters in ("a", "1", "a@", "1.", "A-", "中", "aA "):
        began = time.process_time()
        compiled.search((letters * PATTERN_LIMIT)[: PATTERN_LIMIT - 1] + "!")
        assert time.process_time() - began < 0.1


@pytest.mark.parametrize("pattern", DANGEROUS + BROKEN)
def test_pattern_that_could_hang_or_is_broken_is_refused(pattern: str) -> None:
    """Nested and neighbouring repetitions, references back and syntax errors never reach the matcher."""
    with pytest.raises(UnsafePattern):
        compile_pattern(pattern)


PIECES = st.sampled_from(["a", "b", "[ab]", ".", r"\d", "a*", "b+", ".*", "(a)", "(a|b)", "(ab)*", "a{1,3}", "x", "?"])


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=6).map("".join))
def test_accepted_pattern_answers_quickly(pattern: str) -> None:
    """Whatever passes the check answers within seconds, however the input is made."""
    try:
        compiled = compile_pattern(pattern)
    except UnsafePattern:
        return
    for letters in ("a", "ab", "b"):
        began = time.process_time()
        compiled.search((letters * PATTERN_LIMIT)[: PATTERN_LIMIT - 1] + "\n")
        assert time.process_time() - began < 1
