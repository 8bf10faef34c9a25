"""A real SQLite file with the demo organisation; time stands at Monday 2025-03-03 10:00 in Shanghai."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, create_engine

import registers
from registers import ZONE, Registers, RegisterStore, load_demo

Unit = Callable[..., AbstractContextManager[Registers]]


def at(text: str) -> datetime:
    """A local date-time in Shanghai: `2025-03-03 10:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


NOW = at("2025-03-03 10:00")
P3 = {"response_min": 120, "resolution_min": 960, "calendar": "CAL-5x8", "update_min": 480}
P2 = {"response_min": 30, "resolution_min": 480, "calendar": "CAL-24x7", "update_min": 120}


def open_store(path: Path) -> tuple[RegisterStore, Engine]:
    database = create_engine(f"sqlite:///{path}")
    return RegisterStore(database, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)), database


@pytest.fixture(scope="session")
def furnished_registers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demo organisation; tests work on copies of it."""
    path = tmp_path_factory.mktemp("registers") / "registers.db"
    store, database = open_store(path)
    registers.migrate(database)
    load_demo(store, password="demo", now=NOW)
    database.dispose()
    return path


@pytest.fixture
def store(furnished_registers: Path, tmp_path: Path) -> Iterator[RegisterStore]:
    store, database = open_store(Path(shutil.copy(furnished_registers, tmp_path / "handlers.db")))
    yield store
    database.dispose()


@pytest.fixture
def unit(store: RegisterStore) -> Unit:
    """Open a unit of work: `with unit("2025-03-03 10:30", actor="u_eng2") as registers`."""

    def begin(when: str = "2025-03-03 10:00", *, actor: str | None = "u_desk1") -> AbstractContextManager[Registers]:
        return store.begin(actor, at(when))

    return begin


@pytest.fixture
def incident(unit: Unit) -> str:
    """A P3 of customer C002, logged at 10:00 with its clocks running."""
    from handlers.intake import OpenIncident, open_incident
    from handlers.sla import StartSla, start

    with unit() as registers:
        opened = open_incident(
            OpenIncident(channel="phone", customer="C002", ci="SRV-BJ1-102", text="Disk is full"), registers=registers
        )
        classified = {"service": "SVC-HOST", "category": "host", "ticket_type": "incident", "contact": "徐静"}
        registers.update(opened.number, {**classified, "impact": "medium", "urgency": "medium"})
        registers.transition(opened.number, "triaged")
        start(StartSla(opened.number, "P3", P3), registers=registers)
    return opened.number
