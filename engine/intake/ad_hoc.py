"""Ad-hoc sub-processes: what can be begun in them, and when they are done; Zeebe's extension is read, too."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from engine.definitions import AdHoc
from engine.intake.drawing import Node
from engine.intake.expressions import Expressions
from engine.intake.loops import plain
from engine.intake.vocabulary import ACTIVITIES
from engine.intake.xml import child, extensions, text_of, truth
from engine.texts import Text


def read_ad_hoc(node: Node, own: Mapping[str, str], expressions: Expressions) -> AdHoc | None:
    """Read what an ad-hoc sub-process says; what is missing or wrong is left to the lint."""
    if node.kind != "adHocSubProcess":
        return None
    condition = child(node.xml, "completionCondition")
    until = None
    if condition is not None and text_of(condition):
        line = condition.sourceline or 0
        if not expressions.is_foreign(condition.get("language"), node, line):
            until = expressions.read(plain(text_of(condition)), node, Text("The completion condition"), line=line)
    return AdHoc(
        enabled=tuple(n.id for n in enabled(node)),
        at_entry=expressions.read(_at_entry(node, own), node, Text("What begins at once")),
        sequential=(node.xml.get("ordering") or "").strip() == "Sequential",
        until=until,
        cancels=truth(node.xml, "cancelRemainingInstances", default=True),
    )


def enabled(node: Node) -> list[Node]:
    """The activities that nothing leads to, in the order drawn: these can be begun (BPMN 2.0.2, 13.3.5)."""
    inside = node.inner.nodes if node.inner is not None else []
    first = [n for n in inside if n.kind in ACTIVITIES and not n.incoming]
    return [n for n in first if not n.is_event_sub_process and not n.is_for_compensation]


def is_zeebe(xml: etree._Element) -> bool:
    """Whether an extension element is Zeebe's word on ad-hoc sub-processes."""
    name = etree.QName(xml)
    return name.localname == "adHoc" and "zeebe" in (name.namespace or "")


def _at_entry(node: Node, own: Mapping[str, str]) -> str | None:
    if "active_elements" in own:
        return own["active_elements"]
    zeebe = next((e for e in extensions(node.xml) if is_zeebe(e)), None)
    return plain(zeebe.get("activeElementsCollection")) or None if zeebe is not None else None
