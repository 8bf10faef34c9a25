"""Rules about escalations: which is meant, and who catches it."""

from __future__ import annotations

from collections import Counter

from engine.intake.drawing import Node, singles
from engine.intake.reading import Reading
from engine.intake.vocabulary import SUB_PROCESSES
from engine.intake.xml import bare
from engine.texts import Text

_THROWS = ("endEvent", "intermediateThrowEvent")


def escalations(reading: Reading) -> None:
    """An escalation that is thrown is one of the file's; a caught one too, unless it means any."""
    known = reading.process.drawing.escalations
    for node in reading.process.singles():
        if node.event != "escalation":
            continue
        ref = bare(node.definitions[0].get("escalationRef"))
        if not ref and node.kind in _THROWS:
            reason = Text("It escalates, but doesn't say what.")
            remedy = Text("Choose or create an escalation with a code in the modeler's properties.")
            reading.notes.error("escalation-missing", node, reason, remedy)
        elif ref and ref not in known:
            reason = Text("It refers to the escalation “{id}”, which is not in the file.", id=ref[:80])
            reading.notes.error("reference-dangling", node, reason, Text("Choose the escalation again in the modeler."))


def escalations_caught_twice(reading: Reading) -> None:
    """Two catchers of the same escalation at one place: it would be open which one gets it."""
    for node in reading.process.singles():
        _caught_twice(node.boundaries, reading)
    for scope in reading.process.scopes():
        handlers = [h.inner for h in scope.event_sub_processes() if h.inner is not None]
        _caught_twice([s for inner in handlers for s in inner.starts()], reading)


def _caught_twice(nodes: list[Node], reading: Reading) -> None:
    catchers = [n for n in singles(nodes) if n.event == "escalation"]
    codes = Counter(reading.element(c).escalation_code for c in catchers)
    for catcher in catchers:
        code = reading.element(catcher).escalation_code
        if codes[code] > 1:
            reading.notes.error(
                "escalation-caught-twice",
                catcher,
                Text("Another event beside it catches the same escalation {code}: which one should?", code=code or ""),
                Text("Keep one of the two."),
            )


def escalations_never(reading: Reading) -> None:
    """Only what is drawn inside an activity can escalate out of it."""
    for node in reading.process.singles():
        for boundary in singles(node.boundaries) if node.kind not in (*SUB_PROCESSES, "callActivity") else ():
            if boundary.event == "escalation":
                reading.notes.warning(
                    "boundary-never",
                    boundary,
                    Text(
                        "Nothing inside “{task}” can escalate: this event can never happen.", task=node.name or node.id
                    ),
                    Text("Put it on a sub-process in which an escalation is thrown, or delete the event."),
                )


RULES = (escalations, escalations_caught_twice, escalations_never)
