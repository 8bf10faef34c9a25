"""Rules about escalations: which is meant, and who catches it."""

from __future__ import annotations

from engine.intake.drawing import singles
from engine.intake.lint.events import caught_twice
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
    for catcher in caught_twice("escalation", reading, lambda element: element.escalation_code):
        reading.notes.error(
            "escalation-caught-twice",
            catcher,
            Text(
                "Another event beside it catches the same escalation {code}: which one should?",
                code=reading.element(catcher).escalation_code or "",
            ),
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
