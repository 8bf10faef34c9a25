"""What is read of correlation keys and properties, and what is refused."""

from __future__ import annotations

import pytest

from engine.findings import Severity
from tests.engine.diagrams import judge, model
from tests.engine.process_engine.test_correlation import MESSAGES, ONE, ORDERED, carried, keyed


def test_paths_are_feel() -> None:
    """A plain path of XPath's is one of FEEL's."""
    found = model(ORDERED, extra=ONE).correlations
    assert {name: [path.text for path in c.paths] for name, c in found.items()} == {
        "order": ["order.id"],
        "paid": ["invoice.order"],
    }
    assert {c.key for c in found.values()} == {"key"}


def test_properties_without_a_key_are_one_together() -> None:
    """Modelers leave the key out."""
    found = model(ORDERED, extra=MESSAGES + carried("a", order="x", paid="y")).correlations
    assert {c.key for c in found.values()} == {"a"}


SUBSCRIBED = '<bpmn:correlationSubscription id="s" correlationKeyRef="nothing"/>'


@pytest.mark.parametrize(
    ("body", "extra", "rule"),
    [
        (ORDERED, MESSAGES + keyed("number"), "reference-dangling"),
        (ORDERED + SUBSCRIBED, ONE, "reference-dangling"),
        (ORDERED, MESSAGES + carried("a", nothing="x"), "reference-dangling"),
        (ORDERED, MESSAGES + carried("a", paid="/a[1]/b"), "correlation-path"),
        (ORDERED, MESSAGES + carried("a", paid=""), "correlation-path"),
        (ORDERED, MESSAGES + carried("a", paid="1 +"), "expression-syntax"),
        (
            ORDERED,
            MESSAGES + carried("a", paid="x") + keyed("a") + keyed("a").replace('"key"', '"other"'),
            "correlation-ambiguous",
        ),
    ],
)
def test_what_cannot_be_read_is_refused(body: str, extra: str, rule: str) -> None:
    """Before anybody's message goes astray."""
    assert rule in {f.rule for f in judge(body, extra=extra).findings if f.severity is Severity.ERROR}


def test_definitions_are_not_called_ignored() -> None:
    """They run now."""
    assert "definition-ignored" not in {f.rule for f in judge(ORDERED, extra=ONE).findings}
