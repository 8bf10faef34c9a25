"""The engine runs processes: BPMN diagrams, with DMN decisions, FEEL expressions and forms.

These are its public names; nobody outside imports its modules.
"""

from __future__ import annotations

import importlib
from typing import Any

_NAMES = {
    "engine.authority": ("SYSTEM", "User"),
    "engine.clock": ("Clock", "MovedClock", "SystemClock"),
    "engine.definitions": ("Bundle", "Element", "Flow", "ProcessDefinition", "ProcessModel", "Separation"),
    "engine.entities": (
        "Completion",
        "DefinitionSummary",
        "Delivery",
        "Instance",
        "Job",
        "Message",
        "Outcome",
        "Page",
        "Report",
        "Subscription",
        "Task",
        "Timer",
    ),
    "engine.errors": (
        "BpmnError",
        "Conflict",
        "DefinitionNotFound",
        "DuplicateHandler",
        "EngineError",
        "ExecutionError",
        "InstanceClosed",
        "InstanceNotFound",
        "InvalidDiagram",
        "InvalidForm",
        "JobNotFound",
        "NotAllowed",
        "NotFound",
        "RetryLater",
        "SchemaMismatch",
        "SetupError",
        "StaleInstance",
        "TaskClaimed",
        "TaskClosed",
        "TaskNotFound",
        "UnknownHandler",
    ),
    "engine.findings": ("Finding", "Severity"),
    "engine.forms": (
        "LISTS",
        "PEOPLE",
        "ROW_LIMIT",
        "Answer",
        "Divider",
        "Field",
        "FieldType",
        "Form",
        "Limits",
        "Node",
        "Note",
        "Option",
        "References",
        "Rule",
        "Section",
        "Sheet",
        "parse_form",
    ),
    "engine.handlers": ("Handler", "HandlerRegistry", "Parameter", "Work", "handler"),
    "engine.hosting": ("Collaborators", "RecordPort"),
    "engine.process_engine": ("ProcessEngine",),
    "engine.states": ("JobKind", "JobState", "MessageState", "TaskState"),
    "engine.steps": ("InstanceState",),
    "engine.store.database": ("create_database", "reading", "writing"),
    "engine.store.history": ("HistoryEntry",),
    "engine.store.schema": ("check_schema", "migrate"),
    "engine.texts": ("Text",),
    "engine.values": ("YearsMonths", "from_json", "to_json"),
}
_MODULE = {name: module for module, names in _NAMES.items() for name in names}
__all__ = sorted(_MODULE)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name not in _MODULE:
        raise AttributeError(f"engine has no public name {name}")
    return getattr(importlib.import_module(_MODULE[name]), name)
