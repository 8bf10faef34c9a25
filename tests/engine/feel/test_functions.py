"""The built-in functions of DMN 1.5, 10.3.4: each line states what a call gives."""

from __future__ import annotations

import pytest

from engine.feel import BUILTINS, compile_expression
from tests.engine.feel.cases import feel, lines, same

CONVERSION = lines("""
string(1.10) => "1.10"
string("a") => "a"
string(null) => null
string(true) => "true"
string([1, "a", null]) => "[1, \\"a\\", null]"
string({a: 1}) => "{a: 1}"
string(@"2026-03-01") => "2026-03-01"
string(@"P1DT2H") => "P1DT2H"
string(@"P14M") => "P1Y2M"
string(@"10:00:00@Europe/Paris") => "10:00:00@Europe/Paris"
string(@"2026-03-01T10:00:00.5Z") => "2026-03-01T10:00:00.5Z"
string([1..3)) => "[1..3)"
number("1.5") => 1.5
number("abc") => null
number("1 000,5", " ", ",") => 1000.5
number("1,000.5", ",", ".") => 1000.5
number("1.000", ".", ".") => null
number("1000", null, ".") => 1000
not(false) => true
is(@"10:00:00Z", @"10:00:00+00:00") => true
is(@"10:00:00Z", @"10:00:00") => false
is(1, 1) => true
is(1, "1") => false
range("[1..3]").end => 3
range("x") => null
range("[date(\\"2026-01-01\\")..date(\\"2026-01-02\\")]").end => @"2026-01-02"
range("[18..)").start => 18
range("[18..)").end => null
range("(..5]").end => 5
range("[..5]") => null
range("(..)") => null
range("[5..1]") => null
range("[1+1..3]") => null
range(from: "(\\"a\\"..\\"c\\")") => ("a".."c")
number(from: "1,000", grouping separator: ",", decimal separator: null) => 1000
time("10:00:00z") => @"10:00:00Z"
time(hour: 1, minute: 2, second: 3, offset: @"PT1H") => @"01:02:03+01:00"
date("2026-03-01") = date(2026, 3, 1) => true
date("2026-02-30") => null
date(2026, 13, 1) => null
date(date and time("2026-03-01T10:00:00")) => @"2026-03-01"
date and time(@"2026-03-01", @"10:00:00") => @"2026-03-01T10:00:00"
date and time("2026-03-01") => @"2026-03-01T00:00:00"
date and time("nonsense") => null
time("10:30:00").minute => 30
time(10, 30, 15.5).second => 15.5
time(25, 0, 0) => null
time(10, 0, 0, @"PT8H") => @"10:00:00+08:00"
time(@"2026-03-01T10:00:00") => @"10:00:00"
duration("P1DT2H").hours => 2
duration("P1Y2M").months => 2
duration("1D") => null
years and months duration(@"2025-12-22", @"2026-02-01") => @"P1M"
years and months duration(@"2026-02-01", @"2025-12-22") => -@"P1M"
""")
STRINGS = lines("""
substring("foobar", 3) => "obar"
substring("foobar", 3, 3) => "oba"
substring("foobar", -2, 1) => "a"
substring("foobar", 0) => null
substring("\\U01F40Eab", 2) => "ab"
string length("foo") => 3
string length("\\U01F40Eab") => 3
upper case("aBc4") => "ABC4"
lower case("aBc4") => "abc4"
substring before("foobar", "bar") => "foo"
substring before("foobar", "xyz") => ""
substring after("foobar", "ob") => "ar"
substring after("", "a") => ""
replace("banana", "a", "o") => "bonono"
replace("abcd", "(ab)|(a)", "[1=$1][2=$2]") => "[1=ab][2=]cd"
replace("a.b", ".", "x", "q") => "axb"
replace("abc", "[", "x") => null
replace("abc", "x*", "-") => null
replace("abc", "b", "\\\\$") => "a$c"
replace("AbC", "b", "x", "i") => "AxC"
contains("foobar", "ob") => true
starts with("foobar", "fo") => true
ends with("foobar", "r") => true
ends with(string: "foobar", match: "r") => true
matches("foobar", "^fo*b") => true
matches("foobar", "FOO", "i") => true
matches("foobar", "FOO") => false
matches("foo", "(") => null
matches("foo", "o", "w") => null
matches(null, "o") => null
matches("é", "\\\\p{L}") => true
split("John Doe", "\\\\s") => ["John", "Doe"]
split("a;b;c;;", ";") => ["a", "b", "c", "", ""]
split("abc", "") => ["abc"]
string join(["a", "b"], "-") => "a-b"
string join(["a", null, "b"]) => "ab"
string join(["a", 1]) => null
string join([]) => ""
extract("INC-12 and INC-34", "INC-(\\\\d+)") => [["INC-12", "12"], ["INC-34", "34"]]
trim("  a ") => "a"
""")
LISTS = lines("""
list contains([1, 2], 2) => true
list contains([1, null], null) => true
list contains([1], "a") => false
count([1, 2]) => 2
count(null) => null
count(5) => 1
min(1, 2, 3) => 1
min([3, 1]) => 1
min([]) => null
min([1, "a"]) => null
max("a", "c", "b") => "c"
max(@"2026-03-01", @"2026-04-01") => @"2026-04-01"
sum(1, 2, 3) => 6
sum([]) => null
sum([1, null]) => null
sum([@"PT1H", @"PT2H"]) => @"PT3H"
mean(1, 2, 3) => 2
mean([]) => null
all(true, true) => true
all([true, null]) => null
all([false, null]) => false
all([]) => true
any([false, null, true]) => true
any([]) => false
any([false, null]) => null
sublist([4, 5, 6], 1, 2) => [4, 5]
sublist([4, 5, 6], -2) => [5, 6]
sublist([1], 5) => null
append([1], 2, 3) => [1, 2, 3]
append([1], [2]) => [1, [2]]
concatenate([1, 2], [3]) => [1, 2, 3]
concatenate([1], null) => null
union([1], null) => null
insert before([1, 3], 1, 2) => [2, 1, 3]
insert before([1, 3], 5, 2) => null
remove([1, 2, 3], 2) => [1, 3]
list replace([2, 4, 7, 8], 3, 6) => [2, 4, 6, 8]
list replace([2, 4, 7, 8], function(item, newItem) item < newItem, 5) => [5, 5, 7, 8]
reverse([1, 2, 3]) => [3, 2, 1]
index of([1, 2, 3, 2], 2) => [2, 4]
index of([1], 5) => []
union([1, 2], [2, 3]) => [1, 2, 3]
distinct values([1, 2, 3, 2, 1]) => [1, 2, 3]
duplicate values([1, 2, 3, 2, 1]) => [1, 2]
flatten([[1, 2], [[3]], 4]) => [1, 2, 3, 4]
product([2, 3, 4]) => 24
median(8, 2, 5, 3, 4) => 4
median([6, 1, 2, 3]) => 2.5
median([]) => null
stddev(2, 4, 7, 5) => 2.081665999466132735282297706979931
stddev(1) => null
mode([6, 3, 9, 6, 6]) => [6]
mode([6, 1, 9, 6, 1]) => [1, 6]
mode([]) => []
sort([3, 1, 2]) => [1, 2, 3]
sort([3, 1, 2], function(x, y) x > y) => [3, 2, 1]
sort(list: [3, 1], precedes: function(x, y) x < y) => [1, 3]
sort([1, "a"]) => null
partition([1, 2, 3, 4, 5], 2) => [[1, 2], [3, 4], [5]]
""")
NUMBERS = lines("""
decimal(1/3, 2) => 0.33
decimal(1.5, 0) => 2
decimal(2.5, 0) => 2
floor(1.5) => 1
floor(-1.56, 1) => -1.6
ceiling(1.5) => 2
ceiling(-1.56, 1) => -1.5
round up(5.5, 0) => 6
round up(-1.126, 2) => -1.13
round down(5.5, 0) => 5
round half up(5.5, 0) => 6
round half up(-5.5, 0) => -6
round half down(5.5, 0) => 5
round half down(1.126, 2) => 1.13
round half up(1234, -2) => 1200
abs(-10) => 10
abs(@"-PT5H") => @"PT5H"
modulo(12, 5) => 2
modulo(-12, 5) => 3
modulo(12, -5) => -3
modulo(10.1, 4.5) => 1.1
modulo(1, 0) => null
sqrt(16) => 4
sqrt(-1) => null
decimal(log(10), 8) => 2.30258509
log(0) => null
decimal(exp(5), 6) => 148.413159
odd(5) => true
odd(2.5) => false
even(2) => true
even("a") => null
""")
CONTEXTS = lines("""
get value({key1: "value1"}, "key1") => "value1"
get value({key1: {key2: 1}}, ["key1", "key2"]) => 1
get value({a: 1}, "b") => null
get entries({key1: "value1"}) => [{key: "key1", value: "value1"}]
context([{key: "a", value: 1}, {key: "b", value: 2}]) => {a: 1, b: 2}
context([{key: "a", value: 1}, {key: "a", value: 2}]) => null
context([{key: "a"}]) => null
context put({x: 1}, "y", 2) => {x: 1, y: 2}
context put({x: 1, y: {a: 0}}, ["y", "a"], 2) => {x: 1, y: {a: 2}}
context put({x: 1}, [], 2) => null
context put(context: {x: 1}, key: "y", value: 2) => {x: 1, y: 2}
context put(context: {x: 1}, keys: ["y"], value: 2) => {x: 1, y: 2}
context merge(contexts: [{x: 1}, {y: 2}]) => {x: 1, y: 2}
context merge([{x: 1}, {y: 2}, {x: 3}]) => {x: 3, y: 2}
""")
TIMES = lines("""
now() => @"2026-03-02T09:30:00Z"
today() => @"2026-03-02"
now() - @"P1D" => @"2026-03-01T09:30:00Z"
day of year(@"2026-03-01") => 60
day of week(@"2026-03-01") => "Sunday"
month of year(@"2026-03-01") => "March"
week of year(@"2005-01-01") => 53
@"2026-03-01".year => 2026
@"2026-03-01".weekday => 7
@"2026-03-01T10:20:30+08:00".hour => 10
@"2026-03-01T10:20:30+08:00".time offset => @"PT8H"
@"2026-03-01T10:20:30@Asia/Shanghai".timezone => "Asia/Shanghai"
@"2026-03-01".hour => null
@"P3DT5H10M15S".days => 3
@"P3DT5H10M15S".seconds => 15
@"-P3DT5H".hours => -5
@"P1Y6M".years => 1
@"P1Y6M".days => null
@"2026-03-01" + @"P1M" => @"2026-04-01"
@"2026-01-31" + @"P1M" => @"2026-02-28"
@"2024-02-29" - @"P1Y" => @"2023-02-28"
@"2026-03-01" + @"P1D" => @"2026-03-02"
@"2026-03-01" - @"2026-02-01" => @"P28D"
@"2026-03-01T10:00:00Z" - @"2026-03-01T08:00:00+00:00" => @"PT2H"
@"2026-03-01T10:00:00" - @"2026-03-01T08:00:00Z" => null
@"23:00:00" + @"PT2H" => @"01:00:00"
@"10:00:00" - @"08:00:00" => @"PT2H"
@"2026-03-29T01:30:00@Europe/Berlin" + @"PT1H" => @"2026-03-29T03:30:00@Europe/Berlin"
@"PT1H" * 2 => @"PT2H"
2 * @"P1Y" => @"P2Y"
@"P1Y" / 2 => @"P6M"
@"PT2H" / @"PT1H" => 2
@"PT2H" / 0 => null
@"P1D" + @"P1M" => null
@"999999999-12-31" + @"P1D" => null
@"2026-03-01" + 1 => null
""")
RANGES = lines("""
before(1, 10) => true
before([1..5], 10) => true
before(1, [1..5]) => false
before(1, (1..5]) => true
before([1..5), [5..10]) => true
before([1..5], [5..10]) => false
after(10, [1..5]) => true
after([5..10], [1..5)) => true
meets([1..5], [5..10]) => true
meets([1..5), [5..10]) => false
met by([5..10], [1..5]) => true
overlaps([1..5], [3..8]) => true
overlaps([1..5], [6..8]) => false
overlaps([1..5), [5..8]) => false
overlaps before([1..5], [3..8]) => true
overlaps before([1..5], [1..8]) => false
overlaps before([1..5], (1..8]) => true
overlaps after([3..8], [1..5]) => true
finishes(10, [1..10]) => true
finishes([5..10], [1..10]) => true
finishes([5..10), [1..10]) => false
finished by([1..10], [5..10]) => true
includes([1..10], 5) => true
includes([1..10], [4..6]) => true
includes((1..10], [1..10]) => false
during(5, [1..10]) => true
during([1..10], [1..10]) => true
starts(1, [1..10]) => true
starts([1..5], [1..10]) => true
starts((1..5], [1..10]) => false
started by([1..10], [1..5]) => true
coincides(5, 5) => true
coincides([1..5], [1..5]) => true
coincides([1..5), [1..5]) => false
before(1, "a") => null
before(point1: 1, point2: 2) => true
before(point: 1, range: [3..4]) => true
before(range: [1..2], point: 3) => true
before(point: 3, range: [1..2]) => false
before(range1: [1..2], range2: [3..4]) => true
finishes(range1: [2..3], range2: [1..3]) => true
finished by(range: [1..3], point: 3) => true
includes(range1: [1..10], range2: [2..3]) => true
coincides(range1: [1..2], range2: [1..2]) => true
coincides(point1: 1, point2: 1) => true
coincides(1, [1..1]) => null
includes([1..10], "a") => null
""")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [*CONVERSION, *STRINGS, *LISTS, *NUMBERS, *CONTEXTS, *TIMES, *RANGES],
    ids=lambda text: text,
)
def test_function_gives(expression: str, expected: str) -> None:
    """The call gives what the standard says."""
    assert same(feel(expression), feel(expected))


def test_every_function_is_tested() -> None:
    """No built-in function stands without a line above."""
    tested = " ".join(text for text, _ in [*CONVERSION, *STRINGS, *LISTS, *NUMBERS, *CONTEXTS, *TIMES, *RANGES])
    assert [name for name in BUILTINS if f"{name}(" not in tested] == []


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_wrong_arguments_give_null(name: str) -> None:
    """Arguments of no use give null, never an exception, and are doubted when their number is wrong."""
    for arguments in ["", "null", "null, null", "{}, {}", "1, [], {}", "[null], [[]]", '"", ""', "-1, -1", "a: 1"]:
        compile_expression(f"{name}({arguments})").evaluate({})
    assert compile_expression(f"{name}(no such parameter: 1)").doubts


def test_the_present_is_the_callers() -> None:
    """Without `__now__` there is no present; the machine's clock is never asked."""
    assert compile_expression("now()").evaluate({}) is None
    assert compile_expression("today()").evaluate({}) is None
