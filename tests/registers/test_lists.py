"""Finding records: filters, orders, pages, text."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from registers import Between, InvalidQuery
from tests.registers.conftest import Begin
from tests.registers.times import NOW

ROWS: list[dict[str, Any]] = [
    {"title": "Disk 100% full", "priority": "P3", "customer": "C002", "category": "host", "major": False},
    {"title": "Core down 核心交换机故障", "priority": "P1", "ci": "SW-BJ1-001", "category": "network", "major": True},
    {"title": "Slow_line", "priority": "P2", "category": "carrier", "inform": ["u_wu", "u_sun"]},
]  # fmt: skip


@pytest.fixture(autouse=True)
def incidents(begin: Begin) -> None:
    for number, row in enumerate(ROWS):
        with begin("u_desk1", NOW + timedelta(hours=number)) as registers:
            extra = {
                "customers_affected": number,
                "planned_effort_h": Decimal(10 - number),
                "reported_at": registers.now,
            }
            registers.open("incident", {**row, **extra}, state=("new", "closed", "triaged")[number])


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, [3, 2, 1]),
        ({"state": "new"}, [1]),
        ({"state": ["new", "triaged"]}, [3, 1]),
        ({"open": True}, [3, 1]),
        ({"open": False}, [2]),
        ({"customer": "C002"}, [1]),
        ({"priority": ["P1", "P2"]}, [3, 2]),
        ({"major": True}, [2]),
        ({"major": False}, [1]),
        ({"customers_affected": 2}, [3]),
        ({"customers_affected": Between(1)}, [3, 2]),
        ({"planned_effort_h": Between(Decimal("8.5"), 10)}, [2]),
        ({"reported_at": Between(NOW, NOW + timedelta(hours=1))}, [1]),
        ({"created_at": Between(None, NOW + timedelta(hours=1))}, [1]),
        ({"inform": "u_sun"}, [3]),
        ({"text": "核心"}, [2]),
        ({"text": "DOWN core"}, [2]),
        ({"text": "100% full"}, [1]),
        ({"text": "%"}, [1]),
        ({"text": "slow_"}, [3]),
        ({"text": "inc-2025-00002"}, [2]),
        ({"text": "  ", "customer": "", "priority": None}, [3, 2, 1]),
        ({"text": "' OR 1=1 --"}, []),
    ],
)
def test_filters_find_what_they_say(begin: Begin, filters: dict[str, Any], found: list[int]) -> None:
    """A filter takes a value, a list or a range; every word of a text must occur; wildcards are ordinary characters."""
    with begin() as registers:
        page = registers.page("incident", filters)
    assert [int(one.number[-5:]) for one in page] == found
    assert page.total == len(found)


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("number", [1, 2, 3]),
        ("-priority", [1, 3, 2]),
        ("customer", [1, 2, 3]),  # what has none comes last
        ("-reported_at", [3, 2, 1]),
        (None, [3, 2, 1]),
    ],
)
def test_lists_are_sorted_by_their_columns(begin: Begin, order: str | None, found: list[int]) -> None:
    """Common and list columns sort, both ways."""
    with begin() as registers:
        assert [int(one.number[-5:]) for one in registers.page("incident", order=order)] == found


def test_wrong_filters_and_orders_are_refused(begin: Begin) -> None:
    """What isn't a field or column is refused by name, all at once; nothing of it reaches the database."""
    with begin() as registers:
        with pytest.raises(InvalidQuery) as caught:
            registers.page("incident", {"fields": "x", "major": "perhaps", "suggestions": 1, "title": "Disk 100% full"})
        assert set(caught.value.errors) == {"fields", "major", "suggestions"}
        for order in ("description", "number; DROP TABLE record", "--number"):
            with pytest.raises(InvalidQuery, match="order"):
                registers.page("incident", order=order)


def test_pages_cost_two_statements(begin: Begin, statements: list[str]) -> None:
    """However long the page, it is one query for the rows and one for the count."""
    with begin() as registers:
        statements.clear()
        page = registers.page("incident", number=2, size=2)
        assert [one["title"] for one in page] == ["Disk 100% full"]
        assert (page.total, page.pages, page.page) == (3, 2, 2)
    assert len(statements) == 2


def test_find_sees_what_this_unit_changed(begin: Begin) -> None:
    """A query in the middle of a unit of work sees its changes, and gives back the very records it holds."""
    with begin() as registers:
        registers.update("INC-2025-00001", {"alert_key": "k"})
        assert [one.number for one in registers.find("incident", alert_key="k", open=True)] == ["INC-2025-00001"]
        assert registers.count("incident", alert_key="k") == 1
        registers.update("INC-2025-00001", {"alert_key": "other"})
        assert registers.find("incident", number="INC-2025-00001")[0]["alert_key"] == "other"
