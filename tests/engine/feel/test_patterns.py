r"""Patterns are XPath's: what Python reads otherwise is translated, or is null (10.3.4.3, XPath functions 5.6)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel.functions.characters import complement, joined, named, without
from engine.feel.functions.simulation import machine
from tests.engine.feel.cases import feel

MATCHES: list[tuple[str, str, str, Any]] = [
    (r"^[a-z-[aeiou]]+$", "xyz", "", True),
    (r"^[a-z-[aeiou]]+$", "xyza", "", False),
    (r"[^a-z-[A]]", "A", "", False),
    (r"[^a-z-[A]]", "B", "", True),
    (r"[a-z-[c-x-[h]]]", "h", "", True),
    (r"^\i\c*$", "first-name.2", "", True),
    (r"^\i", "2", "", False),
    (r"[\i]", "x", "", True),
    (r"\I", "x", "", False),
    (r"\p{Lu}", "É", "", True),
    (r"\P{L}", "É", "", False),
    (r"\p{Nd}+", "٣", "", True),
    (r"\p{Sc}", "€", "", True),
    (r"\p{IsGreek}", "α", "", True),
    (r"\p{IsCJKUnifiedIdeographs}", "规", "", True),
    (r"[^\p{L}]", "abc", "", False),
    (r"\p{Nope}", "a", "", None),
    (r"hello$", "hello\n", "", False),
    (r"^b$", "a\nb\nc", "m", True),
    (r"^b$", "a\nb\nc", "", False),
    (r"a.b", "a\nb", "", False),
    (r"a.b", "a\nb", "s", True),
    (r"a.b", "a\rb", "", False),
    ("hello world", "helloworld", "x", True),
    ("hello[ ]world", "hello world", "x", True),
    (r"hello\ sworld", "hello world", "x", True),
    ("a#b", "a#b", "x", True),
    ("A B", "ab", "xi", True),
    ("a.b", "a.b", "q", True),
    ("a.b", "axb", "q", False),
    ("a", "a", "z", None),
    (r"(a)\1", "aa", "", True),
    (r"[a\-z]", "-", "", True),
    (r"[\^]", "^", "", True),
    (r"[a^]", "^", "", True),
    (r"[-a]", "-", "", True),
    (r"[a-]", "-", "", True),
    *[(wrong, "a", "", None) for wrong in (
        "[]", "[b-a]", "a{", "]", "a++", "a*+", "(?=a)", "(?<n>a)", "(?i)a", "[", "[a", r"\y", r"\p{L", "[a-[b]c]", "(",
        "*", "[[a]]", "\\",
    )],
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "text", "flags", "expected"), MATCHES)
def test_pattern_matches(pattern: str, text: str, flags: str, expected: Any) -> None:
    """True, false, or null for what is no pattern."""
    assert feel("matches(t, p, f)", t=text, p=pattern, f=flags) is expected


def test_missing_flags_are_none() -> None:
    """Null flags, or a null length, are as if they had not been written."""
    assert feel('matches("abc", "B", null)') is False
    assert feel('replace("abc", "b", "x", null)') == "axc"
    assert feel('substring("foobar", 3, null)') == "obar"
    assert feel("sublist([1, 2], 2, null)") == [2]


def test_sets_of_characters_are_sets() -> None:
    """Union, complement and difference hold together."""
    letters, digits = named("L"), named("Nd")
    assert complement(complement(letters)) == letters
    assert without(joined(letters, digits), digits) == letters
    assert without(letters, letters) == ()
    assert joined(named("Lu"), complement(named("Lu"))) == ((0, 0x10FFFF),)


SIMPLE = st.recursive(
    st.sampled_from(["a", "b", "[ab]", "[^a]", ".", "ab"]),
    lambda inner: st.builds("({}){}".format, st.lists(inner, min_size=1, max_size=3).map("".join),
                            st.sampled_from(["", "+", "+?", "{1,2}", "{2}"]))
    | st.builds("({}|{})".format, inner, inner),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(SIMPLE, st.sampled_from([0, re.IGNORECASE, re.DOTALL]), st.text(alphabet="abAc\n", max_size=8))
def test_simulation_matches_as_python_does(pattern: str, flags: int, text: str) -> None:
    """The same matches with the same groups, for patterns whose loops take something every time."""
    expected = [(m.span(), m.groups()) for m in re.finditer(pattern, text, flags)]
    found = machine(pattern, flags).finditer(text, lambda _: None)
    assert [((m.start(), m.end()), m.groups()) for m in found] == expected


@pytest.mark.parametrize(("pattern", "flags", "text", "expected"), [
    ("^b*?c", re.M, "a\nbc", ["bc"]),
    ("b$", re.M, "ab\nb", ["b", "b"]),
    ("^a", 0, "aa", ["a"]),
    ("a??b", 0, "ab", ["ab"]),
    ("(?:a|ab)(?:c|bcd)d*", 0, "abcd", ["abcd"]),
    (r"\d+\s\W", 0, "12 !", ["12 !"]),
    (r"\D\S\w", 0, "1a_b", ["a_b"]),
    ("", 0, "ab", ["", "", ""]),
])  # fmt: skip
def test_simulation_knows_every_sign(pattern: str, flags: int, text: str, expected: list[str]) -> None:
    """Anchors, lazy repetitions, categories."""
    assert [m.group() for m in machine(pattern, flags).finditer(text, lambda _: None)] == expected


def test_replacing_by_a_simulated_pattern() -> None:
    """Groups are filled in, whichever matcher found them."""
    assert feel('replace("foo boo", ".*?o.*?(o) *", "[$1]")') == "[o][o]"
    assert feel('split("a1b22c", "(\\d+)+")') == ["a", "b", "c"]
    assert feel('extract("ab", "((a)|(b))+")') == [["ab", "b", "a", "b"]]
