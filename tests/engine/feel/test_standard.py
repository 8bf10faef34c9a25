"""Chapter 10 of DMN 1.5 table by table, where the other files don't state it: each line what an expression gives."""

from __future__ import annotations

import pytest

from engine.feel import compile_expression, compile_unary_tests
from tests.engine.feel.cases import feel, lines, same

# 10.3.1.2, rules 1, 7 and 8: a comparison without a left side is a range
COMPARISONS_AS_RANGES = lines("""
{r: < 5}.r = (< 5) => true
[< 5, > 10][1].end => 5
7 in [< 5, > 6] => true
5 in [< 5, > 6] => false
(>= 5).start included => true
(> 5).start included => false
(= 5) = [5..5] => true
(!= 5) => null
(if true then <= 5 else > 5).end included => true
count([< 5]) => 1
1 in (<5, >10) => true
5 in (contains("abc", "b")) => true
5 in (contains("abc", "x")) => null
false in (1 = 1) => false
""")
# 10.3.1.2, rule 55: functions in other languages are FEEL, but never run
EXTERNAL = lines("""
{cos: function(x) external {java: {class: "java.lang.Math", method signature: "cos(double)"}}, r: cos(1)}.r => null
(function() external {pmml: {document: "d", model: "m"}}) instance of function<>->Any => true
(function(external: number) external + 1)(1) => 2
{external: 2, r: external * 2}.r => 4
""")
# 10.3.2.9: conformance of types
TYPES = lines("""
(function() "foo") instance of function<>->string => true
(function() "foo") instance of function<>->number => false
(function(x: number) x) instance of function<number>->number => true
(function(x: number) x) instance of function<string>->number => false
(function(x: Any) x) instance of function<string>->number => true
(function(x: list<number>) x) instance of function<list<number>>->Any => true
(function(x: list<number>) x) instance of function<list<string>>->Any => false
(function(x: context<a: number>) x) instance of function<context<a: number, b: string>>->Any => true
(function(x: context<a: number, b: string>) x) instance of function<context<a: number>>->Any => false
(function(x: function<number>->Any) x) instance of function<function<number>->number>->Any => true
(function(x) x) instance of function<Any, Any>->Any => false
string length instance of function<string>->number => true
string length instance of function<number>->number => false
[[1], [2]] instance of list<list<number>> => true
[1, null] instance of list<number> => true
[] instance of list<string> => true
{a: {b: 1}} instance of context<a: context<b: number>> => true
{a: 1, b: 2} instance of context<a: number> => true
{a: 1} instance of context<a: number, b: string> => false
[1..2] instance of range<number> => true
[1..2] instance of range<string> => false
(< @"2026-03-01") instance of range<date> => true
null instance of Any => false
null instance of Null => true
""")
# 10.3.2.13 and 10.3.4: built-in functions are values with all their signatures
VALUES = lines("""
{f: substring, r: [f("abc", 2), f("abc", 2, 1)]}.r => ["bc", "b"]
{f: date, r: f(year: 2026, month: 3, day: 1)}.r => @"2026-03-01"
{f: date, r: f(nothing: 1)}.r => null
sort([3, 1, 2], before) => [1, 2, 3]
{date: date("2026-03-01"), next: date("2026-03-02"), r: next - date}.r => @"P1D"
{abs: function(n) 7, r: abs(-1)}.r => 7
for count in [1, 2] return count(["a", "b"]) + count => [3, 4]
(function(f) f(-1))(abs) => 1
{f: function(n) if n < 2 then 1 else n * f(n - 1), r: f(20)}.r => 2432902008176640000
count({f: function(n) if n = 0 then [] else append(f(n - 1), n), r: f(50)}.r) => 50
""")
# 10.3.1.2, rules 27 to 30: names may hold signs where the text itself declares them
NAMES = lines("""
{net-price: 2, r: net-price * 2}.r => 4
{a+b: 1, c: a+b}.c => 1
{a: 3, b: 1, c: a-b}.c => 2
{owner's age: 7}.owner's age => 7
{"net-price": 2}.net-price => 2
{a.b: 1}.a.b => 1
{d: "x, y-z: 1", y: 3, z: 1, r: y - z}.r => 2
""")
# 10.3.2.3.1: what is no number is null
NUMBERS = lines("""
10 ** 6144 * 10 => null
9 ** (9 ** 9) => null
exp(100000) => null
1 / 0 => null
0 / 0 => null
0 ** 0 => null
2 ** -1 => 0.5
4 ** 0.5 => 2
string(-0.0) => "0.0"
string(1e10) => "10000000000"
string(0.0000001) => "0.0000001"
decimal(1.115, 2) => 1.12
round half up(1.15, 1) => 1.2
modulo(5.5, -2) => -0.5
floor(1.5, null) => null
""")
# 10.3.4.3 and 10.3.4.4: places and lengths
PLACES = lines("""
substring("foobar", 3.8) => "obar"
substring("foobar", 6) => "r"
substring("foobar", 7) => null
substring("foobar", -6) => "foobar"
substring("foobar", -7) => null
substring("foobar", 1, 0) => null
substring("🐎ab", 2) => "ab"
concatenate([[1], [2]]) => [[1], [2]]
concatenate([1, 2], 3) => [1, 2, 3]
union([[1], [2]], [[1]]) => [[1], [2]]
sublist([1, 2, 3], 2, 5) => null
sublist([1, 2, 3], -1, 1) => [3]
get value({a: 1}, []) => null
get value({a: {b: 1}}, ["a", "c"]) => null
context put({x: 1}, null, 2) => null
string([1..3]) => "[1..3]"
string((< 3)) => "(< 3)"
""")
# 10.3.4.11: ranges without an end, and table 78's edges
RANGES = lines("""
before((< 5), 5) => true
before((<= 5), 5) => false
before(5, (> 5)) => true
before((> 5), 7) => false
overlaps((< 5), [1..3]) => true
overlaps((> 5), [1..3]) => false
overlaps((> 5), (< 6)) => true
during((< 3), (< 5)) => true
during((< 5), (< 3)) => false
includes((> 1), [2..3]) => true
includes((> 1), (> 0)) => false
finishes((5..10), [1..10)) => true
overlaps before([1..5], (1..5]) => true
overlaps before([1..5), (1..5]) => true
overlaps before([1..5), [1..5]) => false
overlaps before([1..5], [1..5]) => false
overlaps after((1..5], [1..5]) => true
overlaps after((1..5], [1..5)) => true
overlaps after([1..5], [1..5)) => false
overlaps after([5..8], [1..5)) => false
""")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [*COMPARISONS_AS_RANGES, *EXTERNAL, *TYPES, *VALUES, *NAMES, *NUMBERS, *PLACES, *RANGES],
    ids=lambda text: text,
)
def test_expression_gives(expression: str, expected: str) -> None:
    """The expression gives what the standard says."""
    assert same(feel(expression), feel(expected))


def test_external_function_is_doubted() -> None:
    """Legal, but null whatever the data: the owner is told."""
    assert "another language" in str(compile_expression("function(x) external {}").doubts[0])


def test_own_function_hides_a_built_in_of_its_name() -> None:
    """Where the caller says that a name is its own; a variable that holds no function hides nothing."""
    own = feel("function(x) x * 100")
    call = compile_expression("count(1) + count([1, 2])", names=["count"])
    assert call.evaluate({"count": feel("function(x) 7")}) == 14
    assert call.evaluate({"count": 5}) == 3
    assert compile_expression("abs(n: 1)", names=["abs"]).evaluate({"abs": feel("function(n) -n")}) == -1
    assert compile_expression("count", names=["count"]).evaluate({}) is None
    assert compile_unary_tests("count(1)", names=["count"]).matches(100, {"count": own})


@pytest.mark.parametrize(("cell", "value", "expected"), [
    ('starts with("abc", "a")', 5, True),
    ('starts with("abc", "b")', 5, False),
    ("1 = 1", False, False),
    ("1 = 1", True, True),
    ("true", "x", False),
    ("flag", "x", True),
    ("flag", False, False),
    ("[1, 2], 5", 2, True),
    ("< 3, 7", 7, True),
    ("not(< 3, 7)", 7, False),
])  # fmt: skip
def test_condition_without_the_input_is_a_test_too(cell: str, value: object, expected: object) -> None:
    """A cell passes when its expression is true, or holds the input (table 55); a truth is only compared."""
    assert compile_unary_tests(cell).matches(value, {"flag": True}) is expected
