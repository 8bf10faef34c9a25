"""List functions (10.3.4.4) and `sort` (10.3.4.7). Places count from 1, negative ones from the end."""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from engine.feel.arithmetic import DECIMAL128, operate
from engine.feel.functions.conversions import whole
from engine.feel.functions.registry import builtin
from engine.feel.kinds import LIST, FeelFunction, equal, kind_of, less, number_of
from engine.feel.scope import Run, checked_list


@builtin("list contains", "list: list, element: any", run=True)
def list_contains(run: Run, items: list[Any], element: Any) -> bool:
    run.spend(len(items))
    return any(equal(item, element) is True for item in items)


@builtin("count", "list: list")
def count(items: list[Any]) -> int:
    return len(items)


@builtin("min", "list: list", variadic=True)
def min_(items: list[Any]) -> Any:
    return _extreme(items, lambda item, best: less(item, best))


@builtin("max", "list: list", variadic=True)
def max_(items: list[Any]) -> Any:
    return _extreme(items, lambda item, best: less(best, item))


def _extreme(items: list[Any], better: Callable[[Any, Any], bool | None]) -> Any:
    if not items or items[0] is None or less(items[0], items[0]) is None:
        return None
    best = items[0]
    for item in items[1:]:
        answer = better(item, best)
        if answer is None:
            return None
        best = item if answer else best
    return best


@builtin("sum", "list: list", variadic=True)
def sum_(items: list[Any]) -> Any:
    if not items:
        return None
    total = number_of(items[0]) if number_of(items[0]) is not None else _duration(items[0])
    for item in items[1:]:
        total = operate("+", total, item)
    return total


def _duration(value: Any) -> Any:
    return value if kind_of(value).endswith("duration") else None


@builtin("mean", "list: list", variadic=True)
def mean(items: list[Any]) -> Any:
    return operate("/", sum_(items), len(items)) if items else None


@builtin("all", "list: list", variadic=True)
def all_(items: list[Any]) -> bool | None:
    if any(item is False for item in items):
        return False
    return True if all(item is True for item in items) else None


@builtin("any", "list: list", variadic=True)
def any_(items: list[Any]) -> bool | None:
    if any(item is True for item in items):
        return True
    return False if all(item is False for item in items) else None


@builtin("sublist", "list: list, start position: number, length?: number|Null")
def sublist(items: list[Any], start: Any, length: Any = None) -> list[Any] | None:
    at = _place(items, start)
    if at is None:
        return None
    if length is None:
        return items[at:]
    size = whole(length)
    return None if size is None or size < 1 or at + size > len(items) else items[at : at + size]


def _place(items: list[Any], position: Any) -> int | None:
    """Turn a 1-based or negative place into a Python index; null when it lies outside."""
    place = whole(position)
    if place is None or place == 0 or abs(place) > len(items):
        return None
    return place - 1 if place > 0 else len(items) + place


@builtin("append", "list: list, item: any...")
def append(items: list[Any], *more: Any) -> list[Any]:
    return checked_list([*items, *more])


@builtin("concatenate", "list: list...")
def concatenate(*lists: list[Any]) -> list[Any]:
    joined: list[Any] = []
    for part in lists:
        joined.extend(part)
        checked_list(joined)
    return joined


@builtin("insert before", "list: list, position: number, newItem: any")
def insert_before(items: list[Any], position: Any, item: Any) -> list[Any] | None:
    at = _place(items, position)
    return None if at is None else checked_list([*items[:at], item, *items[at:]])


@builtin("remove", "list: list, position: number")
def remove(items: list[Any], position: Any) -> list[Any] | None:
    at = _place(items, position)
    return None if at is None else [*items[:at], *items[at + 1 :]]


@builtin("list replace", "list: list, position: number, newItem: any")
def list_replace(items: list[Any], position: Any, item: Any) -> list[Any] | None:
    at = _place(items, position)
    return None if at is None else [*items[:at], item, *items[at + 1 :]]


@builtin("list replace", "list: list, match: function, newItem: any", run=True)
def list_replace_matching(run: Run, items: list[Any], match: FeelFunction, item: Any) -> list[Any] | None:
    answers = [match.invoke(run, [old, item]) for old in items]
    if not all(isinstance(answer, bool) for answer in answers):
        return None
    return [item if answer else old for old, answer in zip(items, answers, strict=True)]


@builtin("reverse", "list: list")
def reverse(items: list[Any]) -> list[Any]:
    return items[::-1]


@builtin("index of", "list: list, match: any", run=True)
def index_of(run: Run, items: list[Any], match: Any) -> list[int]:
    run.spend(len(items))
    return [place for place, item in enumerate(items, 1) if equal(item, match) is True]


@builtin("union", "list: list...", run=True)
def union(run: Run, *lists: list[Any]) -> list[Any]:
    return distinct_values(run, concatenate(*lists))


@builtin("distinct values", "list: list", run=True)
def distinct_values(run: Run, items: list[Any]) -> list[Any]:
    kept: list[Any] = []
    for item in items:
        run.spend(1 + len(kept) // 8)
        if not any(equal(item, other) is True for other in kept):
            kept.append(item)
    return kept


@builtin("duplicate values", "list: list", run=True)
def duplicate_values(run: Run, items: list[Any]) -> list[Any]:
    run.spend(len(items) * (1 + len(items) // 8))
    return distinct_values(run, [item for item in items if sum(equal(item, other) is True for other in items) > 1])


@builtin("flatten", "list: list")
def flatten(items: list[Any]) -> list[Any]:
    flat: list[Any] = []
    todo = list(reversed(items))
    while todo:
        item = todo.pop()
        if kind_of(item) == LIST:
            todo.extend(reversed(item))
        else:
            flat.append(item)
        checked_list(todo)
    return checked_list(flat)


@builtin("product", "list: list", variadic=True)
def product(items: list[Any]) -> Any:
    if not items or _numbers(items) is None:
        return None
    result: Any = 1
    for item in items:
        result = operate("*", result, item)
    return result


@builtin("median", "list: list", variadic=True)
def median(items: list[Any]) -> Any:
    numbers = _numbers(items)
    if not numbers:
        return None
    numbers.sort()
    middle = len(numbers) // 2
    if len(numbers) % 2:
        return numbers[middle]
    return operate("/", operate("+", numbers[middle - 1], numbers[middle]), 2)


@builtin("stddev", "list: list", variadic=True)
def stddev(items: list[Any]) -> Any:
    """Compute the sample standard deviation; null for fewer than two numbers."""
    numbers = _numbers(items)
    if numbers is None or len(numbers) < 2:
        return None
    middle = mean(list(numbers))
    squares: Any = 0
    for number in numbers:
        distance = operate("-", number, middle)
        squares = operate("+", squares, operate("*", distance, distance))
    return DECIMAL128.sqrt(operate("/", squares, len(numbers) - 1))


@builtin("mode", "list: list", variadic=True)
def mode(items: list[Any]) -> list[Any] | None:
    numbers = _numbers(items)
    if numbers is None:
        return None
    times: dict[Any, int] = {}
    for number in numbers:
        times[number] = times.get(number, 0) + 1
    most = max(times.values(), default=0)
    return sorted(number for number, frequency in times.items() if frequency == most)


def _numbers(items: list[Any]) -> list[Any] | None:
    numbers = [number_of(item) for item in items]
    return None if None in numbers else numbers


@builtin("sort", "list: list", run=True)
def sort_plain(run: Run, items: list[Any]) -> list[Any] | None:
    return sort(run, items, None)


@builtin("sort", "list: list, precedes: function", run=True)
def sort(run: Run, items: list[Any], precedes: FeelFunction | None) -> list[Any] | None:
    """Sort stably; null when two items have no order."""
    undecided = False

    def order(left: Any, right: Any) -> int:
        nonlocal undecided
        run.spend(1)
        first = less(left, right) if precedes is None else precedes.invoke(run, [left, right])
        if not isinstance(first, bool):
            undecided = True
            return 0
        if first:
            return -1
        second = less(right, left) if precedes is None else precedes.invoke(run, [right, left])
        return 1 if second is True else 0

    ordered = sorted(items, key=cmp_to_key(order))
    return None if undecided else ordered


@builtin("partition", "list: list, size: number")
def partition(items: list[Any], size: Any) -> list[list[Any]] | None:
    length = whole(size)
    if length is None or length < 1:
        return None
    return [items[at : at + length] for at in range(0, len(items), length)]
