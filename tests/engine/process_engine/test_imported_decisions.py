"""A version keeps the decision files that its own import, so that it can be read again for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import SYSTEM, Bundle, InvalidDiagram
from tests.engine.diagrams import diagram, flows, properties
from tests.engine.dmn.boxes import data, decision, importing, item, knowledge, lit, needs
from tests.engine.dmn.tables import file
from tests.engine.process_engine import handlers
from tests.engine.process_engine.installation import Installation, open_installation, registry

BODY = (
    '<bpmn:startEvent id="start"/><bpmn:businessRuleTask id="job">'
    + properties(decision="price")
    + '</bpmn:businessRuleTask><bpmn:endEvent id="end"/>'
    + flows("start job", "job end")
)
PRICE = file(
    importing("Bank", "bank"),
    decision(lit("Bank.twice(amount)"), id_="price", head=needs("requiredKnowledge", "bank#twice")),
)
TYPES = file(item("tMoney", "number"), namespace_of="types")


def bank(factor: int) -> bytes:
    """A file of a function and an input, which imports one of types only."""
    logic = knowledge("twice", lit(f"x * {factor}"), "x:T.tMoney")
    return file(importing("T", "types"), data("amount"), logic, namespace_of="bank")


def bundle(**others: bytes) -> Bundle:
    """The process with its decision and what this imports."""
    return Bundle(
        {"p.bpmn": diagram(BODY)}, {"price.dmn": PRICE} | {f"{name}.dmn": body for name, body in others.items()}, {}
    )


def test_version_holds_what_its_decisions_import(house: Installation, tmp_path: Path) -> None:
    """A new engine reads the imported files, and those that they import, from the version itself."""
    house.engine.publish(bundle(bank=bank(2), types=TYPES), by=SYSTEM)
    again = open_installation(tmp_path, registry(handlers)).engine
    again.load()
    model = again.definition("p").model.decisions["price"]
    assert sorted(model.files()) == ["bank.dmn", "price.dmn", "types.dmn"]
    assert model.evaluate("price", {"amount": 4}).value == 8
    assert again.publish(bundle(bank=bank(2), types=TYPES), by=SYSTEM) == []


def test_changed_import_makes_a_version(house: Installation) -> None:
    """Only the imported file is handed in: the process that rests on it gets a version, the old one stays."""
    house.engine.publish(bundle(bank=bank(2), types=TYPES), by=SYSTEM)
    (second,) = house.engine.publish(Bundle({}, {"bank.dmn": bank(3)}), by=SYSTEM)
    assert second.version == 2
    versions = [house.engine.definition("p", n).model.decisions["price"] for n in (1, 2)]
    assert [v.evaluate("price", {"amount": 4}).value for v in versions] == [8, 12]


def test_missing_import_is_refused(house: Installation) -> None:
    """What an import names must be in the bundle or published."""
    with pytest.raises(InvalidDiagram) as refused:
        house.engine.publish(bundle(bank=bank(2)), by=SYSTEM)
    assert next((f.rule, f.resource) for f in refused.value.findings if f.severity == "error") == (
        "import-missing", "bank.dmn",
    )  # fmt: skip
