"""The rail at the left: areas with what waits in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask, g
from flask_login import current_user

from web.context import engine, me, parts
from web.sight import may_operate, readable

if TYPE_CHECKING:
    from registers import Register


@dataclass(frozen=True, slots=True)
class Rail:
    """What the rail shows besides names."""

    open: int
    overdue: int
    operates: bool
    registers: Sequence[Register]


def rail() -> Rail:
    """Count what waits for the signed-in person, once per request (the page has a rail and a menu)."""
    if "rail" not in g:
        g.rail = _count()
    found: Rail = g.rail
    return found


def _count() -> Rail:
    if not current_user.is_authenticated:
        return Rail(0, 0, False, ())
    mine = readable()
    registers = [register for key, register in parts().registers.definitions.items() if key in mine]
    waiting = engine().tasks(me(), scope="all", size=1).total
    late = engine().tasks(me(), scope="all", overdue=True, size=1).total if waiting else 0
    return Rail(waiting, late, may_operate(me()), registers)


def register_rail(app: Flask) -> None:
    """Offer `rail()` to the templates."""
    app.add_template_global(rail)
