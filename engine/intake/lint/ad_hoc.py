"""Rules about ad-hoc sub-processes: something can be begun in them, and one after the other means that."""

from __future__ import annotations

from engine.intake.ad_hoc import enabled
from engine.intake.drawing import Node, is_link
from engine.intake.reading import Reading
from engine.intake.vocabulary import ACTIVITIES
from engine.texts import Text

_FORKS = frozenset({"parallelGateway", "inclusiveGateway", "complexGateway"})


def ad_hoc(reading: Reading) -> None:
    """What is drawn in an ad-hoc sub-process can be begun by somebody."""
    for node in reading.process.nodes():
        if node.kind != "adHocSubProcess" or node.inner is None:
            continue
        if not enabled(node):
            reason = Text("Nothing in it can be begun: it has no activity that no flow leads to.")
            reading.notes.error("ad-hoc-empty", node, reason, Text("Draw the activities that people may choose."))
        _ordering(node, reading)
        for inner in node.inner.nodes:
            _inside(inner, reading)


def _ordering(node: Node, reading: Reading) -> None:
    ordering = (node.xml.get("ordering") or "Parallel").strip()
    if ordering not in ("Parallel", "Sequential"):
        reason = Text("Its ordering is “{value}”, neither Parallel nor Sequential.", value=ordering[:40])
        reading.notes.error("attribute-value", node, reason, Text("Write Parallel or Sequential."))
    if ordering != "Sequential" or node.inner is None:
        return
    for inner in node.inner.nodes:
        forks = len(inner.outgoing) > 1 and (inner.kind in _FORKS or inner.kind in ACTIVITIES)
        aside = inner.kind == "boundaryEvent" and not inner.interrupting
        if forks or aside:
            reading.notes.error(
                "ad-hoc-sequential",
                inner,
                Text("Several things could go on at once here, but the sub-process is done one thing at a time."),
                Text("Make the sub-process parallel, or draw one flow after the other."),
            )


def _inside(node: Node, reading: Reading) -> None:
    loose = not node.incoming and node.kind not in ACTIVITIES and node.kind != "boundaryEvent"
    if node.kind in ("startEvent", "endEvent"):
        reason = Text("An ad-hoc sub-process has no start and end events: people choose what is begun.")
        reading.notes.error("ad-hoc-event", node, reason, Text("Delete the event with its flows."))
    elif node.is_event_sub_process and not node.is_for_compensation:
        reading.notes.error(
            "unsupported-element",
            node,
            Text("Event sub-processes inside an ad-hoc sub-process are not run by this version."),
            Text("Put a boundary event on the ad-hoc sub-process, or a sub-process around both."),
        )
    elif loose and not is_link(node, "intermediateCatchEvent"):
        reason = Text("Only activities can be begun in an ad-hoc sub-process; no flow leads to this one.")
        reading.notes.error("ad-hoc-loose", node, reason, Text("Draw a flow to it from an activity, or delete it."))


RULES = (ad_hoc,)
