"""Variables survive storage unchanged."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.values import UnsupportedValue, YearsMonths, duration_text, from_json, parse_duration, to_json

zones = st.one_of(
    st.none(),
    st.just(UTC),
    st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
durations = st.timedeltas(min_value=timedelta(days=-10_000_000), max_value=timedelta(days=10_000_000))
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(), st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False), st.dates(), st.times(timezones=zones),
    st.datetimes(timezones=zones), durations, st.integers(-10**6, 10**6).map(YearsMonths),
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.just("$date"), inner, max_size=4),
)


def typed(value: Any) -> Any:
    """Show the types as well: 1, 1.0, true and Decimal(1) are equal in Python."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    return [typed(item) for item in value] if isinstance(value, list) else (type(value).__name__, str(value))


@given(values)
def test_value_survives_json(value: Any) -> None:
    """Whatever a variable holds comes back from JSON text equal and of the same types."""
    assert typed(from_json(json.loads(json.dumps(to_json(value))))) == typed(value)


@given(durations)
def test_duration_text_is_read_back(duration: timedelta) -> None:
    """A duration's ISO text names exactly that duration."""
    assert parse_duration(duration_text(duration)) == duration


@given(st.integers(-(10**6), 10**6).map(YearsMonths))
def test_months_text_is_read_back(months: YearsMonths) -> None:
    """A years-and-months duration's ISO text names exactly that duration."""
    assert parse_duration(str(months)) == months


def test_datetime_keeps_its_named_zone() -> None:
    """A moment in Asia/Shanghai comes back in Asia/Shanghai, not at +08:00."""
    moment = datetime(2026, 3, 1, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    back = from_json(to_json(moment))
    assert back == moment
    assert back.tzinfo.key == "Asia/Shanghai"
    assert from_json(to_json(time(9, tzinfo=ZoneInfo("Asia/Shanghai")))).tzinfo.key == "Asia/Shanghai"


def test_plain_values_stay_readable() -> None:
    """JSON's own types are written as they are, the others with one readable tag."""
    assert to_json({"a": [1, "x", True, None]}) == {"a": [1, "x", True, None]}
    assert to_json(Decimal("1.50")) == {"$decimal": "1.50"}
    assert to_json(date(2026, 3, 1)) == {"$date": "2026-03-01"}
    assert to_json(timedelta(days=1, hours=2)) == {"$duration": "P1DT2H"}
    assert to_json({"$date": 1}) == {"$context": {"$date": 1}}


class Colour(StrEnum):
    """A subclass of text."""

    RED = "red"


@pytest.mark.parametrize(("given_value", "stored"), [(Colour.RED, "red"), ((1, 2), [1, 2])])
def test_subclasses_are_stored_bare(given_value: Any, stored: Any) -> None:
    """An enum member is stored as its text, a tuple as a list."""
    assert to_json(given_value) == stored


@pytest.mark.parametrize(
    "value", [{1, 2}, object(), b"x", 1j, Decimal("NaN"), float("inf"), {1: 2}, [[object()]], {"a": {"b": {3}}}]
)
def test_other_types_are_refused(value: Any) -> None:
    """What can't be stored is refused with the place and the type, not guessed."""
    with pytest.raises(UnsupportedValue, match=r"value.*(of type|keys are text)"):
        to_json(value)


def test_bottomless_value_is_refused() -> None:
    """Nesting beyond 100 levels is refused instead of running into the recursion limit."""
    value: list[Any] = []
    for _ in range(5000):
        value = [value]
    with pytest.raises(UnsupportedValue, match="deeper than 100"):
        to_json(value)


@pytest.mark.parametrize(
    "data", [{"$what": 1}, {"$duration": "P1Y"}, {"$datetime": "2026-01-01T00:00:00+00:00@No/Where"}]
)
def test_unknown_tag_is_an_error(data: Any) -> None:
    """Stored data that nobody wrote is not passed on as a value."""
    with pytest.raises(ValueError):
        from_json(data)


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1", "1D", "P1Y1D", "PT1.S", "P-1D", "P1DT", "P99999999999999D", "P1W"]
)
def test_other_texts_are_no_duration(text: str) -> None:
    """Only whole ISO-8601 durations of one kind are read."""
    assert parse_duration(text) is None
