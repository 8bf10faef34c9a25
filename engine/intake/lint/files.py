"""Rules about a file as a whole: is it BPMN, which processes are to run, who else has their keys."""

from __future__ import annotations

import re
from collections.abc import Container

from lxml import etree

from engine.intake.drawing import Drawing, Edge, Node, Scope
from engine.intake.formats import format_of
from engine.intake.mappings import ZEEBE
from engine.intake.notes import Notes, Place, near
from engine.intake.parse import XmlElement
from engine.intake.vocabulary import BPMN, EVENT_KINDS
from engine.intake.xml import extensions, label, local, text_of, truth
from engine.texts import Text

MAX_PROCESSES = 50  # in one file
MAX_NODES = 2_000  # in one file; with MAX_FLOWS it bounds what checking can cost
MAX_FLOWS = 4_000
MAX_KEY = 100  # characters
_ROOTS = frozenset({"message", "error", "escalation", "signal"})  # what events refer to
_NOT_READ = frozenset(
    {"choreography", "globalChoreographyTask", "globalConversation"}
    | {"globalTask", "globalUserTask", "globalManualTask", "globalScriptTask", "globalBusinessRuleTask"}
)
_OFTEN = ("process", "collaboration", "message", "error", "escalation", "signal")
_KNOWN = _ROOTS | _NOT_READ | EVENT_KINDS.keys() | {
    "documentation", "extensionElements", "import", "extension", "relationship", "process", "collaboration",
    "correlationProperty",
    "conversation", "category", "dataStore", "endPoint", "interface", "itemDefinition", "partnerEntity", "partnerRole",
    "resource", "correlationProperty",
}  # fmt: skip
NAME = re.compile(r"[^\W\d][\w.\-]*")  # what XML calls an NCName


class _File:
    """The file itself, as the place of a finding."""

    id = ""
    name = ""
    line = 0


class _Place:
    """An element beside the processes, as the place of a finding."""

    def __init__(self, xml: XmlElement) -> None:
        self.id, self.name, self.line = xml.get("id") or "", label(xml), xml.sourceline or 0


def lint_drawing(drawing: Drawing, notes: Notes, taken: Container[str]) -> bool:
    """Judge a file; False when it makes no sense to judge its processes one by one."""
    if local(drawing.root) != "definitions":
        _not_bpmn(drawing, notes)
        return False
    executable = drawing.executable()
    if len(executable) > MAX_PROCESSES:
        _too_many_processes(len(executable), notes)
        return False
    if not executable:
        _nothing_to_run(drawing, notes)
    seen: set[str] = set()
    for process in executable:
        _key(process, notes, taken, seen)
    _messages(drawing, notes)
    _ids(drawing, executable, notes)
    _silent_pools(drawing, executable, notes)
    _root_elements(drawing, notes)
    _languages(drawing, notes)
    if drawing.shapes is None and executable:
        notes.warning(
            "diagram-missing",
            executable[0],
            Text("The file has no drawing, only its logic: nobody will be able to see where a case stands."),
            Text("Open the file in the modeler, lay it out, and save it."),
        )
    return _size(executable, notes)


def _size(processes: list[Scope], notes: Notes) -> bool:
    """Whether a file is small enough to be checked in a second or two, and for people."""
    scopes = [scope for process in processes for scope in process.everything()]
    nodes = sum(len(scope.nodes) for scope in scopes)
    flows = sum(len(scope.edges) for scope in scopes)
    if nodes > MAX_NODES or flows > MAX_FLOWS:
        notes.error(
            "too-many-elements",
            processes[0],
            Text(
                "There are {nodes} elements and {flows} flows; {most} and {most_flows} are the most for one file.",
                nodes=nodes,
                flows=flows,
                most=MAX_NODES,
                most_flows=MAX_FLOWS,
            ),
            Text("Split it into several processes that send each other messages."),
        )
    return nodes <= MAX_NODES and flows <= MAX_FLOWS


def _too_many_processes(count: int, notes: Notes) -> None:
    reason = Text(
        "The file holds {count} executable processes; {limit} are the most.", count=count, limit=MAX_PROCESSES
    )
    notes.error("too-many-processes", _File(), reason, Text("Split the file."))


def _not_bpmn(drawing: Drawing, notes: Notes) -> None:
    found = drawing.root.tag if isinstance(drawing.root.tag, str) else ""
    known = format_of(drawing.root)
    reason = Text("The file is no BPMN 2.0: it begins with {element}.", element=found[:120])
    notes.error(
        "not-bpmn",
        _File(),
        Text("The file is {format}, not BPMN 2.0.", format=known) if known else reason,
        Text(
            "Export the process as BPMN 2.0 XML; it begins with definitions in the namespace {namespace}.",
            namespace=BPMN,
        ),
        line=drawing.root.sourceline or 0,
    )


def _nothing_to_run(drawing: Drawing, notes: Notes) -> None:
    if not drawing.processes:
        reason = Text("The file holds no process.")
        remedy = Text("Draw a process in it. Conversations and choreographies are not run.")
    else:
        reason = Text("No process in the file is meant to run: none is marked executable.")
        remedy = Text('Select the process or pool in the modeler and tick “Executable” (isExecutable="true").')
    place = drawing.processes[0] if drawing.processes else _File()
    notes.error("not-executable", place, reason, remedy)


def _key(process: Scope, notes: Notes, taken: Container[str], seen: set[str]) -> None:
    if not NAME.fullmatch(process.id) or len(process.id) > MAX_KEY or process.id.startswith("__"):
        notes.error(
            "key-wrong",
            process,
            Text("The process has the id “{id}”, which can't be its key.", id=process.id[:60]),
            Text(
                "Give it a short id of letters, digits and _, beginning with a letter: it is in addresses and reports."
            ),
        )
    elif process.id in taken or process.id in seen:
        notes.error(
            "key-twice",
            process,
            Text("Two processes of this bundle have the key “{id}”.", id=process.id),
            Text("Give one of them another id."),
        )
    seen.add(process.id)


def _messages(drawing: Drawing, notes: Notes) -> None:
    first: dict[str, str] = {}
    for identity, message in drawing.messages.items():
        name = " ".join((message.get("name") or "").split())
        if name and first.setdefault(name, identity) != identity:
            notes.warning(
                "message-twice",
                _File(),
                Text("Two messages are called “{name}”; they are one and the same here.", name=name),
                Text("Use one message for both, or give them different names."),
                line=message.sourceline or 0,
            )


def _ids(drawing: Drawing, processes: list[Scope], notes: Notes) -> None:
    """An id names one thing in the file; within a process, another rule says so."""
    seen: set[str] = set()
    for xml in drawing.root:
        if local(xml) in _ROOTS and xml.get("id"):
            if xml.get("id") in seen:
                _twice(_Place(xml), notes)
            seen.add(xml.get("id"))
    for process in processes:
        own: list[Node | Edge] = []
        for scope in process.everything():
            own += [*scope.nodes, *scope.edges]
        for place in own:
            if place.id and place.id in seen:
                _twice(place, notes)
        seen |= {process.id, *(place.id for place in own)}


def _twice(place: Place, notes: Notes) -> None:
    reason = Text("Another element of the file has the id “{id}” too.", id=place.id[:80])
    notes.error("id-twice", place, reason, Text("Give one of them another id."))


def _silent_pools(drawing: Drawing, executable: list[Scope], notes: Notes) -> None:
    """A process that doesn't say whether it is to run, beside one that does."""
    for process in drawing.processes:
        if process.nodes and process not in executable and process.xml.get("isExecutable") is None:
            notes.warning(
                "process-not-run",
                process,
                Text("This process will not run: others in the file are marked executable, this one isn't."),
                Text('Tick “Executable” (isExecutable="true") if it should run, write "false" if it is drawn only.'),
            )


def _root_elements(drawing: Drawing, notes: Notes) -> None:
    for xml in drawing.root:
        kind, line = local(xml), xml.sourceline or 0
        if kind and kind not in _KNOWN:
            reason = Text("The file contains “{kind}”, which BPMN doesn't know here.", kind=kind[:60])
            notes.error(
                "element-unknown", _Place(xml), reason, Text("Remove or correct it. {near}", near=near(kind, _OFTEN))
            )
        if kind == "extension" and truth(xml, "mustUnderstand", default=False):
            definition = (xml.get("definition") or "")[:120]
            notes.error(
                "extension-required",
                _File(),
                Text("The file says that it can't be run without the extension “{name}”.", name=definition),
                Text("Export it without that extension: this engine doesn't know it."),
                line=line,
            )
        elif kind == "import":
            notes.warning(
                "import-ignored",
                _File(),
                Text("The file imports “{location}”, which is not read.", location=(xml.get("location") or "")[:120]),
                Text("Put what is needed into this file."),
                line=line,
            )
        found = [e for e in extensions(xml) if not (kind == "message" and e.tag == f"{{{ZEEBE}}}subscription")]
        if kind in _ROOTS and found:
            names = ", ".join(sorted({etree.QName(e).localname for e in found}))
            notes.warning(
                "extension-ignored",
                _Place(xml),
                Text("What another tool says about it is ignored: {names}", names=names),
                Text("Correlation is said on the events, with the property correlation_key."),
            )
        for part in (xml, *(xml if kind == "collaboration" else ())):
            if local(part) in _NOT_READ and part.get("id") not in drawing.called_tasks:
                _not_read(_Place(part), local(part), notes)


def _not_read(place: Place, kind: str, notes: Notes) -> None:
    notes.warning(
        "definition-ignored",
        place,
        Text("What is defined here ({kind}) is not run: only processes are.", kind=kind),
        Text("Nothing to do, if it is documentation; for correlation, use the property correlation_key."),
    )


def _languages(drawing: Drawing, notes: Notes) -> None:
    """XPath is BPMN's default, written into files by tools whose users never wrote a line of it."""
    language = drawing.root.get("expressionLanguage") or ""
    conditions = drawing.root.iter(f"{{{BPMN}}}conditionExpression")
    if "xpath" in language.lower() and any(not c.get("language") and text_of(c) for c in conditions):
        notes.warning(
            "expression-language",
            _File(),
            Text("The file says that its expressions are XPath; they are read as FEEL."),
            Text("Nothing to do, if they are written in FEEL. Say so by choosing FEEL in the modeler."),
            line=drawing.root.sourceline or 0,
        )
