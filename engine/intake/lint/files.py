"""Rules about a file as a whole: is it BPMN, which processes are to run, who else has their keys."""

from __future__ import annotations

import re
from collections.abc import Container

from engine.intake.drawing import Drawing, Scope, local
from engine.intake.notes import Notes
from engine.intake.vocabulary import BPMN
from engine.texts import Text

MAX_PROCESSES = 50  # in one file
MAX_NODES = 2_000  # in one file; with MAX_FLOWS it bounds what checking can cost
MAX_FLOWS = 4_000
NAME = re.compile(r"[^\W\d][\w.\-]*")  # what XML calls an NCName


class _File:
    """The file itself, as the place of a finding."""

    id = ""
    name = ""
    line = 0


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
    _imports(drawing, notes)
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
    notes.error(
        "not-bpmn",
        _File(),
        Text("The file is no BPMN 2.0: it begins with {element}.", element=found[:120]),
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
    if not NAME.fullmatch(process.id) or process.id.startswith("__"):
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


def _imports(drawing: Drawing, notes: Notes) -> None:
    for xml in drawing.root:
        if local(xml) == "import":
            notes.warning(
                "import-ignored",
                _File(),
                Text("The file imports “{location}”, which is not read.", location=(xml.get("location") or "")[:120]),
                Text("Put what is needed into this file."),
                line=xml.sourceline or 0,
            )
