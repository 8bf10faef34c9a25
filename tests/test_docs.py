"""The documents say what is true: links lead somewhere, examples run, generated pages are fresh."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import handlers
from engine import HandlerRegistry, write_bpmn_support
from handlers.reference import write_reference

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    """Every relative link in a document points to a file of the project."""
    targets = [t for t in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in t]
    assert [t for t in targets if not (page.parent / t).exists()] == []


def test_handler_example_runs() -> None:
    """The example of how a handler is written is a handler."""
    text = (ROOT / "docs" / "writing-a-handler.md").read_text(encoding="utf-8")
    example = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert example is not None
    names: dict[str, object] = {"__name__": "example"}
    exec(compile(example.group(1), "writing-a-handler.md", "exec", dont_inherit=True), names)
    registry = HandlerRegistry()
    registry.add(names["extend"])  # type: ignore[arg-type]
    described = registry["demo.extend"]
    assert [p.name for p in described.inputs] == ["number", "until", "reason"]
    assert described.summary == "Move the date until which a record must be done."


def test_handler_reference_is_fresh() -> None:
    """docs/handlers-reference.md is what `make docs` would write now."""
    stored = (ROOT / "docs" / "handlers-reference.md").read_text(encoding="utf-8")
    assert stored == write_reference(handlers.registry())


def test_bpmn_support_is_fresh() -> None:
    """docs/bpmn-support.md is what `make docs` would write now; a construct that changed its state shows here."""
    stored = (ROOT / "docs" / "bpmn-support.md").read_text(encoding="utf-8")
    assert stored == write_bpmn_support()
