"""The rail at the left: areas with what waits in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask
from flask_login import current_user

from web.context import engine, me, parts

if TYPE_CHECKING:
    from registers import Register


@dataclass(frozen=True, slots=True)
class Rail:
    """What the rail shows besides names."""

    open: int
    overdue: int
    failed: int
    registers: Sequence[Register]


def rail() -> Rail:
    """Count what waits for the signed-in person."""
    registers = list(parts().registers.definitions.values())
    if not current_user.is_authenticated:
        return Rail(0, 0, 0, registers)
    mine = engine().tasks(me(), scope="all", page=1, size=1)
    late = engine().tasks(me(), scope="all", overdue=True, page=1, size=1)
    return Rail(mine.total, late.total, 0, registers)


def register_rail(app: Flask) -> None:
    """Offer `rail()` to the templates."""
    app.add_template_global(rail)
