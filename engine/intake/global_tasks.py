"""Global tasks: a call of one is that task, drawn in place of the call (BPMN 2.0.2, 10.3.5)."""

from __future__ import annotations

import copy

from engine.intake.parse import XmlElement
from engine.intake.vocabulary import BPMN
from engine.intake.xml import bare, local

GLOBAL_TASKS = {
    "globalTask": "task",
    "globalUserTask": "userTask",
    "globalManualTask": "manualTask",
    "globalScriptTask": "scriptTask",
    "globalBusinessRuleTask": "businessRuleTask",
}


def draw_global_tasks(root: XmlElement) -> frozenset[str]:
    """Draw each global task in place of the call activities that name it; return the ids of those that were.

    The task has the call activity's id, name, flows and markers, and does what the global one says.
    """
    known = {xml.get("id"): xml for xml in root if local(xml) in GLOBAL_TASKS and xml.get("id")}
    used: set[str] = set()
    if not known:
        return frozenset()
    for call in list(root.iter(f"{{{BPMN}}}callActivity")):
        named = bare(call.get("calledElement"))
        if named in known:
            used.add(named)
            call.getparent().replace(call, _task(call, known[named]))
    return frozenset(used)


def _task(call: XmlElement, called: XmlElement) -> XmlElement:
    task = copy.deepcopy(called)
    task.tag = f"{{{BPMN}}}{GLOBAL_TASKS[local(called)]}"
    task.tail = call.tail
    task.sourceline = call.sourceline
    task.attrib.pop("name", None)
    if (language := task.attrib.pop("scriptLanguage", None)) is not None:
        task.set("scriptFormat", language)
    for name, value in call.attrib.items():
        if name != "calledElement":
            task.set(name, value)
    if not task.get("name") and called.get("name"):
        task.set("name", called.get("name"))
    for part in call:
        task.append(copy.deepcopy(part))
    return task
