"""The walls of the house (docs/architecture.md), read from the imports themselves."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("engine", "registers", "handlers", "web")
# room → what no module in it may import
WALLS = {
    "engine": {"flask", "apscheduler", "registers", "handlers", "web", "app", "werkzeug", "jinja2"},
    "registers": {"flask", "apscheduler", "handlers", "web", "app", "SpiffWorkflow", "werkzeug"},
    "handlers": {"flask", "apscheduler", "web", "app", "SpiffWorkflow", "sqlalchemy", "werkzeug"},
    "web": {"apscheduler", "handlers", "app", "SpiffWorkflow", "sqlalchemy", "alembic"},
}
SPIFF_ROOMS = (
    "engine/interpreter/stepping.py",
    "engine/interpreter/compiler.py",
    "engine/interpreter/snapshot.py",
    "engine/interpreter/elements/",
)
SQL_ROOMS = ("engine/store/", "registers/")
ITSM_WORDS = re.compile(r"\b(incident|ticket|itil|itsm|cmdb|sla|service desk|change request|capa)s?\b", re.IGNORECASE)


def modules(room: str) -> Iterator[Path]:
    """Yield the Python files of a room."""
    return (p for p in sorted((ROOT / room).rglob("*.py")) if "node_modules" not in p.parts and p.name != "backend.py")


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Yield every absolutely imported module name with its line, wherever in the file it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively; the house imports by full name"
            yield node.module or "", node.lineno


@pytest.mark.parametrize("room", ROOMS)
def test_room_imports_only_what_its_walls_allow(room: str) -> None:
    """No room reaches through a wall."""
    broken = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules(room)
        for name, line in imports(path)
        if name.split(".")[0] in WALLS[room]
    ]
    assert broken == []


@pytest.mark.parametrize("package", ["engine", "registers"])
def test_only_public_names_are_used_from_outside(package: str) -> None:
    """Outside a package, only `from package import …`, never one of its modules."""
    others = [*(p for room in ROOMS if room != package for p in modules(room)), ROOT / "app.py"]
    broken = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in others
        for name, line in imports(path)
        if name.startswith(f"{package}.")
    ]
    assert broken == []


def test_spiffworkflow_is_imported_in_named_modules_only() -> None:
    """The core is spoken to in the interpreter's rooms and nowhere else."""
    broken = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in modules("engine")
        for name, line in imports(path)
        if name.split(".")[0] == "SpiffWorkflow" and not str(path.relative_to(ROOT)).startswith(SPIFF_ROOMS)
    ]
    assert broken == []


def test_sqlalchemy_is_imported_in_the_stores_only() -> None:
    """SQL stays in the stores (a type for a signature may be imported under TYPE_CHECKING)."""
    broken = [
        f"{path.relative_to(ROOT)}:{line}"
        for room in ROOMS
        for path in modules(room)
        for name, line in imports(path)
        if name.split(".")[0] in {"sqlalchemy", "alembic"}
        and not str(path.relative_to(ROOT)).startswith(SQL_ROOMS)
        and not _only_for_types(path, line)
    ]
    assert broken == []


def test_engine_knows_no_itsm_word() -> None:
    """`engine/` runs any process: no word of service management stands in it."""
    found = [
        f"{path.relative_to(ROOT)}:{number} {match.group()}"
        for path in modules("engine")
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (match := ITSM_WORDS.search(text))
    ]
    assert found == []


def test_no_module_is_longer_than_can_be_discussed() -> None:
    """Modules aim at 150-250 lines; above 400 they are split."""
    long = {
        str(p.relative_to(ROOT)): n
        for room in ROOMS
        for p in modules(room)
        if (n := len(p.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def _only_for_types(path: Path, line: int) -> bool:
    """Tell whether the line stands in an `if TYPE_CHECKING:` block."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return any(child.lineno <= line <= (child.end_lineno or child.lineno) for child in node.body)
    return False


@pytest.mark.parametrize("module", ["feel", "linting", "long", "naive", "stages"])
def test_benchmarks_can_be_run(module: str) -> None:
    """`make bench` isn't part of CI: a move in the house must not break it unseen."""
    importlib.import_module(f"bench.{module}")
