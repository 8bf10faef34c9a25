"""Rules about drawn data: what moves nothing is named as documentation, what can't be read is refused."""

from __future__ import annotations

from engine.intake.data import is_documentation
from engine.intake.drawing import Node, Scope
from engine.intake.parse import XmlElement
from engine.intake.reading import Reading
from engine.intake.variables import STORE, is_bound, is_placeholder
from engine.intake.vocabulary import ACTIVITIES, ASSOCIATIONS, EVENT_DATA, EVENTS, SILENT
from engine.intake.xml import children, local, properties
from engine.texts import Text

_SENT = frozenset({"message", "signal"})
_SPECIFICATION = EVENT_DATA
_INPUT_SET = "dataInputRefs optionalInputRefs whileExecutingInputRefs outputSetRefs".split()  # noqa: SIM905
_OUTPUT_SET = "dataOutputRefs optionalOutputRefs whileExecutingOutputRefs inputSetRefs".split()  # noqa: SIM905
_SETS = frozenset(_INPUT_SET) | frozenset(_OUTPUT_SET)


def documentation(reading: Reading) -> None:
    """Data that nothing reads or writes: stores that aren't bound, arrows without an end in the task's data."""
    for scope in reading.process.scopes():
        for xml in children(scope.xml, STORE):
            if not is_bound(xml):
                _ignored(xml, scope.node or scope, reading)
            elif "key" not in properties(xml):
                reason = Text(
                    "The data store stands for a record of {register}, but of which?",
                    register=properties(xml)["register"][:60],
                )
                remedy = Text("Give it the property key (FEEL), for example order.customer.")
                reading.notes.error("data-store", scope.node or scope, reason, remedy, line=xml.sourceline or 0)
    for node in reading.process.nodes():
        if node.kind not in ACTIVITIES | EVENTS:
            continue
        for xml in node.xml:
            if _says_nothing(xml, node, reading):
                _ignored(xml, node, reading)


def _says_nothing(xml: XmlElement, node: Node, reading: Reading) -> bool:
    kind = local(xml)
    if kind in ASSOCIATIONS:
        return is_documentation(xml, node, reading.process)
    if kind == "property":
        return node.kind in EVENTS and not is_placeholder(xml)
    return kind == "dataInput" and node.event not in _SENT


def _ignored(xml: XmlElement, place: Node | Scope, reading: Reading) -> None:
    reading.notes.warning(
        "data-ignored",
        place,
        Text(
            "Data drawn in the diagram ({kind}) is documentation here: nothing is read or written by it.",
            kind=local(xml),
        ),
        Text("Nothing to do, if it is meant so. What is to move needs inputs and outputs (ioSpecification)."),
        line=xml.sourceline or 0,
    )


def specifications(reading: Reading) -> None:
    """What stands in an ioSpecification is known by name."""
    places: list[Node | Scope] = [reading.process.scope, *reading.process.nodes()]
    for place in places:
        for specification in children(place.xml, "ioSpecification"):
            for xml in specification:
                inner = [e for e in xml if local(xml) in ("inputSet", "outputSet") and local(e) not in _SETS | SILENT]
                unknown = xml if local(xml) not in _SPECIFICATION | SILENT else next(iter(inner), None)
                if unknown is not None and isinstance(unknown.tag, str):
                    reading.notes.error(
                        "element-unknown",
                        place,
                        Text(
                            "It contains “{kind}”, which has no meaning here or is not run by this version.",
                            kind=local(unknown)[:60],
                        ),
                        Text("Remove it."),
                        line=unknown.sourceline or 0,
                    )


def handed_in(reading: Reading) -> None:
    """What starts an event sub-process comes before its own data are there: it can't be written to them."""
    for node in reading.process.nodes():
        data = reading.element(node).data if node.is_event_sub_process else None
        if data is None or not data.own or node.inner is None:
            continue
        for start in node.inner.starts():
            element = reading.element(start)
            targets = [a.target for a in element.data.outputs] if element.data is not None else []
            named = (element.result, element.code_variable, element.message_variable)
            if lost := sorted(name for name in {*targets, *named} if name is not None and name in data.own):
                reason = Text(
                    "It writes {names}, which only come to be with the event sub-process.", names=", ".join(lost)
                )
                remedy = Text("Draw these data in the scope around the event sub-process.")
                reading.notes.error("data-too-late", start, reason, remedy)


RULES = (documentation, specifications, handed_in)
