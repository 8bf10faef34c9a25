"""Operators: logic, comparison, arithmetic, membership, `if`, paths and filters."""

from __future__ import annotations

from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from lark import Tree

from engine.feel import arithmetic
from engine.feel.compiler import UNKNOWN, Closure, Code, Compiler, Frame, Frames, constant, cost, rule, usable
from engine.feel.kinds import COMPARISONS, LIST, NULL, NUMBER, Range, contained, kind_of, number_of
from engine.feel.literals import half_open
from engine.feel.scope import Scope, checked_list
from engine.feel.temporal import PROPERTIES

_NATIVE = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


@rule("conjunction")
def conjunction(compiler: Compiler, children: list[Any], frames: Frames) -> Code:
    parts = [compiler.compile(child, frames) for child in children]
    runs = tuple(part.run for part in parts)

    def run(scope: Scope) -> Any:
        answer: bool | None = True
        for evaluate in runs:
            value = evaluate(scope)
            if value is False:
                return False
            if value is not True:
                answer = None
        return answer

    return Code(run, cost(*parts))


@rule("disjunction")
def disjunction(compiler: Compiler, children: list[Any], frames: Frames) -> Code:
    parts = [compiler.compile(child, frames) for child in children]
    runs = tuple(part.run for part in parts)

    def run(scope: Scope) -> Any:
        answer: bool | None = False
        for evaluate in runs:
            value = evaluate(scope)
            if value is True:
                return True
            if value is not False:
                answer = None
        return answer

    return Code(run, cost(*parts))


@rule("compare")
def compare(compiler: Compiler, children: list[Any], frames: Frames) -> Code:
    left = compiler.compile(children[0], frames)
    right = compiler.compile(children[2], frames)
    return Code(comparison(str(children[1]), left.run, right), cost(left, right))


def comparison(operator: str, left: Closure, right: Code) -> Closure:
    """Return the closure of a comparison; constants are worth a shorter way (a condition in 1 µs)."""
    apply, evaluate, expected = COMPARISONS[operator], right.run, right.constant
    if isinstance(expected, str) and operator in {"=", "!="}:
        answer = operator == "="

        def compare_text(scope: Scope) -> Any:
            value = left(scope)
            if type(value) is str:
                return (value == expected) is answer
            return apply(value, expected)

        return compare_text
    native = _NATIVE.get(operator)
    if native is not None and type(expected) is Decimal:

        def compare_number(scope: Scope) -> Any:
            value = left(scope)
            if type(value) is int or (type(value) is Decimal and value.is_finite()):
                return native(value, expected)
            return apply(value, expected)

        return compare_number
    return lambda scope: apply(left(scope), evaluate(scope))


@rule("between")
def between(compiler: Compiler, children: list[Any], frames: Frames) -> Code:
    value, low, high = (compiler.compile(child, frames) for child in children)
    not_less, not_more = COMPARISONS[">="], COMPARISONS["<="]

    def run(scope: Scope) -> Any:
        tested = value.run(scope)
        above, below = not_less(tested, low.run(scope)), not_more(tested, high.run(scope))
        if above is False or below is False:
            return False
        return True if above and below else None

    return Code(run, cost(value, low, high))


@rule("chain")
def chain(compiler: Compiler, children: list[Any], frames: Frames) -> Code:
    first = compiler.compile(children[0], frames)
    others = [compiler.compile(child, frames) for child in children[2::2]]
    steps = tuple((str(op), code.run) for op, code in zip(children[1::2], others, strict=True))
    operate, begin = arithmetic.operate, first.run

    def run(scope: Scope) -> Any:
        value = begin(scope)
        for operator, evaluate in steps:
            value = operate(operator, value, evaluate(scope))
        return value

    return Code(run, cost(first, *others))


@rule("negate")
def negate(compiler: Compiler, children: list[Any], frames: Frames) -> Code:
    operand = compiler.compile(children[-1], frames)
    if operand.constant is not UNKNOWN:
        return constant(arithmetic.negate(operand.constant))
    return Code(lambda scope: arithmetic.negate(operand.run(scope)), cost(operand))


@rule("if")
def if_(compiler: Compiler, children: list[Any], frames: Frames) -> Code:
    parts = [compiler.compile(child, frames) for child in children]
    condition, then, otherwise = (part.run for part in parts)
    return Code(lambda scope: (then if condition(scope) is True else otherwise)(scope), cost(*parts))


@rule("in_test")
def in_test(compiler: Compiler, children: list[Any], frames: Frames) -> Code:
    value = compiler.compile(children[0], frames)
    tests = children[1].children if children[1].data == "tests" else children[1:]
    frame = Frame({"?"})
    asked = compiler.asks_input
    compiled = [positive_test(compiler, test, (*frames, frame)) for test in tests]
    compiler.asks_input = asked
    runs = tuple(test.run for test in compiled)

    def run(scope: Scope) -> Any:
        inner = Scope({"?": value.run(scope)}, scope, scope.run)
        answer: bool | None = False
        for test in runs:
            result = test(inner)
            if result is True:
                return True
            if result is not False:
                answer = None
        return answer

    return Code(run, cost(value, *compiled))


def positive_test(compiler: Compiler, tree: Tree[Any], frames: Frames) -> Code:
    """Compile one unary test; the tested value is `?` in the innermost frame.

    The code's `constant` is the literal or range that is tested for, if that is all the test depends on.
    """
    if tree.data == "test_compare":
        operator, bound = str(tree.children[0]), compiler.compile(tree.children[1], frames)
        known = UNKNOWN
        if bound.constant is not UNKNOWN:
            known = bound.constant if operator in {"=", "!="} else half_open(operator, bound.constant) or UNKNOWN
        return Code(comparison(operator, lambda scope: scope.values["?"], bound), cost(bound), known)
    (child,) = tree.children
    asked = compiler.asks_input
    compiler.asks_input = False
    tested = compiler.compile(child, frames)
    is_condition = compiler.asks_input
    compiler.asks_input = asked or is_condition
    evaluate = tested.run
    if is_condition:
        return Code(evaluate, tested.size)
    if isinstance(tested.constant, str):
        return Code(comparison("=", lambda scope: scope.values["?"], tested), cost(tested), tested.constant)
    if type(tested.constant) is Range and type(tested.constant.start) is type(tested.constant.end) is Decimal:
        return Code(_within_numbers(tested.constant), cost(tested), tested.constant)
    if tested.constant is not UNKNOWN:
        value = tested.constant
        return Code(lambda scope: contained(scope.values["?"], value), cost(tested), value)
    return Code(_admits(evaluate), cost(tested))


def _admits(evaluate: Closure) -> Closure:
    """Test `?` against a value; a condition without `?` passes when it is true, unless `?` is a truth itself."""

    def run(scope: Scope) -> Any:
        asked, value = scope.values["?"], evaluate(scope)
        return True if value is True and not isinstance(asked, bool) else contained(asked, value)

    return run


def _within_numbers(interval: Range) -> Closure:
    """Test `?` against a range of numbers; decision tables consist of these."""
    low, high = interval.start, interval.end
    above, below = ge if interval.start_included else gt, le if interval.end_included else lt

    def run(scope: Scope) -> Any:
        value = scope.values["?"]
        if type(value) is int or (type(value) is Decimal and value.is_finite()):
            return above(value, low) and below(value, high)
        return contained(value, interval)

    return run


@rule("path")
def path(compiler: Compiler, children: list[Any], frames: Frames) -> Code:
    base, name = compiler.compile(children[0], frames), str(children[1])
    evaluate = base.run

    def run(scope: Scope) -> Any:
        value = evaluate(scope)
        if type(value) is dict:
            value = value.get(name)
            return usable(value) if type(value) in (float, Decimal) else value
        return entry(value, name)

    return Code(run, cost(base))


def entry(value: Any, name: str) -> Any:
    """Read a context's entry or a value's property; of a list, every item's (10.3.2.5)."""
    kind = kind_of(value)
    if kind == "context":
        return usable(value.get(name))
    if kind == LIST:
        return [entry(item, name) for item in value]
    read = PROPERTIES.get(kind, {}).get(name)
    return read(value) if read is not None else None


@rule("filter")
def filter_(compiler: Compiler, children: list[Any], frames: Frames) -> Code:
    base = compiler.compile(children[0], frames)
    condition = compiler.compile(children[1], (*frames, Frame({"item"}, item=True)))
    if number_of(condition.constant) is not None:
        place = condition.constant
        return Code(lambda scope: item_at(base.run(scope), place), cost(base))
    size = condition.size

    def run(scope: Scope) -> Any:
        value = base.run(scope)
        kind = kind_of(value)
        if kind == NULL:
            return None
        return _filtered(value if kind == LIST else [value], condition.run, scope, size)

    return Code(run, cost(base, condition))


def _filtered(items: Any, condition: Closure, scope: Scope, size: int) -> Any:
    """Keep the items for which the condition is true; a number instead of a condition is an index."""
    kept = []
    for item in items or [None]:
        scope.run.spend(size)
        result = condition(Scope({"item": item}, scope, scope.run, item))
        if kind_of(result) == NUMBER:
            return item_at(items, result)
        if result is not None and not isinstance(result, bool):
            return None  # neither a condition nor a place (10.3.2.5)
        if result is True and items:
            kept.append(item)
    return checked_list(kept)


def item_at(value: Any, place: Any) -> Any:
    """Return the item at a 1-based place, negative from the end; null where there is none."""
    items = value if kind_of(value) == LIST else [] if value is None else [value]
    number = number_of(place)
    if number is None or number != int(number) or number == 0 or abs(number) > len(items):
        return None
    index = int(number)
    return usable(items[index - 1 if index > 0 else index])
