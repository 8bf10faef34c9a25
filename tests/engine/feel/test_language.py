"""The language of DMN 1.5, 10.3: each line states what an expression gives."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.feel.cases import feel, lines, same

ARITHMETIC = lines("""
1 + 2 * 3 => 7
(1 + 2) * 3 => 9
10 - 4 - 3 => 3
2 ** 3 ** 2 => 64
-3 ** 2 => 9
2 * -3 => -6
- -1 => 1
10 / 4 => 2.5
1 / 0 => null
0.1 + 0.2 => 0.3
.5 + 1 => 1.5
1e3 => 1000
1.5E-2 => 0.015
1 + null => null
1 + "1" => null
"a" + "b" => "ab"
"a" - "b" => null
true + 1 => null
[1] + [2] => null
-"a" => null
(10 ** 30 + 1) - 10 ** 30 => 1
1/3*3 => 0.9999999999999999999999999999999999
""")
COMPARISON = lines("""
1 = 1.0 => true
1 != 2 => true
1 = "1" => null
1 != "1" => null
1 < "1" => null
null = null => true
null != null => false
1 = null => false
null < 1 => null
"a" < "b" => true
true < false => null
true = true => true
[1, 2] = [1, 2] => true
[1, 2] = [2, 1] => false
[1, "a"] = [1, 2] => null
{a: 1, b: 2} = {b: 2, a: 1} => true
{a: 1} = {a: 1, b: 2} => false
[1..3] = [1..3] => true
[1..3] = [1..3) => false
5 between 1 and 10 => true
5 between 6 and 10 => false
5 between null and 10 => null
15 between null and 10 => false
5 between 1 and 10 and true => true
@"2026-03-01" < @"2026-03-02" => true
@"P1D" < @"PT25H" => true
@"P1Y" = @"P12M" => true
@"P1Y" = @"P365D" => null
@"2026-03-01T10:00:00+08:00" = @"2026-03-01T02:00:00Z" => true
@"2026-03-01T10:00:00" = @"2026-03-01T10:00:00Z" => null
@"2026-03-01" = @"2026-03-01T00:00:00" => null
""")
LOGIC = lines("""
true and true => true
true and false => false
true and null => null
false and null => false
null and null => null
"x" and false => false
"x" and true => null
true or null => true
null or true => true
false or null => null
false or "x" => null
false or false => false
true or 1/0 = 1 => true
not(true) => false
not(null) => null
not(1) => null
if true then 1 else 2 => 1
if null then 1 else 2 => 2
if "true" then 1 else 2 => 2
1 + if false then 1 else 2 + 3 => 6
""")
MEMBERSHIP = lines("""
1 in 1 => true
1 in [1, 2] => true
3 in [1, 2] => false
1 in (1, 2) => true
5 in (<3, >4) => true
5 in <3 => false
5 in != 5 => false
5 in [1..5] => true
5 in [1..5) => false
5 in [1..5[ => false
1 in ]1..5] => false
1 in (1..5] => false
5 in ([1..2], [4..6]) => true
5 in [[1..2], [4..6]] => true
"b" in ["a".."c"] => true
null in [1..2] => null
"x" in [1..2] => null
5 in (> 4) => true
5 in (? > 4 and ? < 6) => true
1 in [] => false
@"2026-03-05" in [@"2026-03-01"..@"2026-03-31"] => true
""")
COLLECTIONS = lines("""
[1, 2, 3][1] => 1
[1, 2, 3][-1] => 3
[1, 2, 3][4] => null
[1, 2, 3][0] => null
[1, 2, 3][1.5] => null
5[1] => 5
5[2] => null
null[1] => null
[1, 2, 3][item > 1] => [2, 3]
[1, 2, 3][item > 5] => []
[1, 2, 3]["a"] => null
[1, 2, 3][{a: 1}] => null
[1, 2, 3][null] => []
5[item > 1] => [5]
[1, 2, 3][count([1, 2])] => 2
[{x: 1, y: 2}, {x: 2, y: 3}][x = 1] => [{x: 1, y: 2}]
[{x: 1, y: 2}, {x: 2, y: 3}][x > 1].y => [3]
[{x: 1}, {x: null}, {}][x > 0] => [{x: 1}]
[{x: 1}, {x: 2}].x => [1, 2]
[{x: {y: 1}}, {x: {y: 2}}].x.y => [1, 2]
[{item: 1}, {item: 2}][item > 1] => [{item: 2}]
{a: 1}.a => 1
{a: 1}.b => null
"text".a => null
{a: 1, b: a + 1, c: b + a}.c => 3
{"two words": 1, other: 2}.two words => 1
{two words: 1, x: two words + 1}.x => 2
{a: {b: 1}, c: a.b}.c => 1
{f: function(n) if n < 2 then 1 else n * f(n - 1), r: f(5)}.r => 120
[[1, 2], [3]][1] => [1, 2]
{"a-b": 1}.a-b => 1
{"b c": 2, d: b c + 1}.d => 3
[] => []
{} => {}
[1..3].start => 1
(1..3].start included => false
[1..3].end included => true
(< 5).end => 5
(< 5).start => null
""")
ITERATION = lines("""
for i in [1, 2] return i * 2 => [2, 4]
for i in 1..3 return i => [1, 2, 3]
for i in 3..1 return i => [3, 2, 1]
for i in [1..3] return i => [1, 2, 3]
for i in (1..3) return i => [2]
for i in 1..2, j in [10, 20] return i + j => [11, 21, 12, 22]
for x in [[1, 2], [3]], y in x return y => [1, 2, 3]
for i in 0..4 return if i = 0 then 1 else i * partial[-1] => [1, 1, 2, 6, 24]
for i in 5 return i => [5]
for i in null return i => null
for i in "a".."b" return i => null
for i in [] return i => []
for d in @"2026-02-27"..@"2026-03-01" return d.day => [27, 28, 1]
some x in [1, 2] satisfies x > 1 => true
some x in [1, 2] satisfies x > 5 => false
some x in [1, null] satisfies x > 5 => null
some x in [null, 9] satisfies x > 5 => true
some x in [] satisfies x => false
every x in [1, 2] satisfies x > 0 => true
every x in [1, 2] satisfies x > 1 => false
every x in [1, null] satisfies x > 0 => null
every x in [] satisfies x => true
every x in null satisfies x => null
some x in [1, 2], y in [2, 3] satisfies x = y => true
every big number in [1, 2] satisfies big number > 0 => true
count(for a in [1], b in [2], c in [3] return a) => 1
""")
FUNCTIONS = lines("""
(function(a, b) a + b)(1, 2) => 3
(function(a, b) a - b)(b: 1, a: 2) => 1
(function(a) a)(1, 2) => null
(function(first name, b) first name + b)(1, 2) => 3
(function(a, last name: string) last name)(1, "x") => "x"
(function(a: date and time) a)(@"2026-03-01") => @"2026-03-01T00:00:00Z"
(function(a: number) a)("x") => null
(function(a: list<number>) a)(1) => [1]
(function(a: number) a)([1]) => 1
{f: function(x) function(y) x + y, g: f(1), r: g(2)}.r => 3
5(1) => null
unknown(1) => null
1 instance of number => true
"a" instance of number => false
null instance of Null => true
null instance of Any => false
1 instance of Any => true
[1, 2] instance of list<number> => true
[1, "a"] instance of list<number> => false
[1..2] instance of range<number> => true
{a: 1} instance of context<a: number> => true
{a: "x"} instance of context<a: number> => false
(function(x) x) instance of function<number>->number => true
@"2026-03-01" instance of date => true
@"2026-03-01T00:00:00" instance of date and time => true
@"2026-03-01T00:00:00" instance of date => false
@"P1D" instance of days and time duration => true
@"P1M" instance of years and months duration => true
1 instance of number and true => true
""")
TEXTS = [
    (r'"a\"b"', 'a"b'),
    (r'"a\\n"', "a\\n"),
    (r'"a\nb\tc"', "a\nb\tc"),
    (r'"\u00e9\U01F600"', "é😀"),
    (r'"\uD83D\uDE00"', "😀"),
    ('"规程" + "文"', "规程文"),
    ("1 // a comment\n + /* another */ 2", 3),
    ("= 1 + 1", 2),
]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [*ARITHMETIC, *COMPARISON, *LOGIC, *MEMBERSHIP, *COLLECTIONS, *ITERATION, *FUNCTIONS],
    ids=lambda text: text,
)
def test_expression_gives(expression: str, expected: str) -> None:
    """The expression gives what the standard says."""
    assert same(feel(expression), feel(expected))


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_literal_gives(text: str, expected: Any) -> None:
    """Escapes, comments and a leading = are read as the standard and the bpmn.io tools write them."""
    assert feel(text) == expected


def test_names_beyond_ascii_are_names() -> None:
    """A variable may be called what its owner calls it."""
    assert feel("优先级 = 1 and größe > 2", 优先级=1, größe=3) is True


def test_outer_numbers_are_numbers() -> None:
    """Ints, floats and decimals of the caller are the same to FEEL; a float that is no number is null."""
    assert feel("a + b + c", a=1, b=0.1, c=2) == feel("3.1")
    assert feel("a", a=float("nan")) is None
    assert feel("sum(a)", a=[0.1, 0.2]) == feel("0.3")
    assert feel("a.b = 0.1", a={"b": 0.1}) is True
    assert feel("string(a)", a=10**4500) == "1E+4500"


def test_missing_variable_is_null() -> None:
    """A name that nobody gave is null, so the condition is not true."""
    assert feel("missing > 1") is None
    assert feel("missing.part.more") is None


def test_variable_hides_a_built_in_of_its_name() -> None:
    """A process may have a variable called `count` and still count."""
    assert feel("count + count([1, 2])", count=3) == 5
