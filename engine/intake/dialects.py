"""What other engines write into BPMN, as tables: their attribute or element → the property of ours that means the same.

Camunda 7, Activiti, Flowable and Operaton share one vocabulary in four namespaces; Camunda 8 has Zeebe's. `adoption`
applies the tables; the rest of the intake sees our own words only. What has no meaning here stays where it is and is
reported once per file; what would be done differently without it is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from engine.intake.vocabulary import PEOPLE
from engine.texts import Text

CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
ACTIVITI = "http://activiti.org/bpmn"
FLOWABLE = "http://flowable.org/bpmn"
OPERATON = "http://operaton.org/schema/1.0/bpmn"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
DROOLS = "http://www.jboss.org/drools"
CAMUNDA_FAMILY = frozenset({CAMUNDA, ACTIVITI, FLOWABLE, OPERATON})
NAMES_GROUPS = frozenset({ACTIVITI, FLOWABLE, CAMUNDA, OPERATON})  # a bare word in a potentialOwner is a group
NAMES_USERS = frozenset({DROOLS})  # there, it is a user


class Writing(Enum):
    """How a value is written there, and so what becomes of it."""

    EXPRESSION = "expression"  # FEEL, JUEL or ISO 8601: our readers tell them apart
    TEXT = "text"  # a text, unless it is marked as an expression by ${…}, #{…} or =
    NAME = "name"  # a name that must be written out
    FORM = "form"  # a form's key, perhaps with where it is kept: camunda-forms:deployment:leave.form


@dataclass(frozen=True, slots=True)
class Meaning:
    """The property of ours that says the same, on these kinds of element."""

    property: str
    writing: Writing
    kinds: frozenset[str]


_FORMS = frozenset({"userTask", "startEvent"})
_WORK = frozenset({"serviceTask"})
_DECISION = frozenset({"businessRuleTask"})
_RESULTS = frozenset({"serviceTask", "scriptTask", "businessRuleTask"})

# attribute of Camunda 7, Activiti, Flowable, Operaton → its meaning
ATTRIBUTES: Mapping[str, Meaning] = {
    "assignee": Meaning("assignee", Writing.TEXT, PEOPLE),
    "dueDate": Meaning("due", Writing.EXPRESSION, PEOPLE),
    "priority": Meaning("priority", Writing.EXPRESSION, PEOPLE),
    "formKey": Meaning("form", Writing.FORM, _FORMS),
    "formRef": Meaning("form", Writing.FORM, _FORMS),
    "initiator": Meaning("initiator", Writing.NAME, frozenset({"startEvent"})),
    "resultVariable": Meaning("result", Writing.NAME, _RESULTS),
    "resultVariableName": Meaning("result", Writing.NAME, _RESULTS),
    "decisionRef": Meaning("decision", Writing.NAME, _DECISION),
    "candidateStarterGroups": Meaning("starters", Writing.NAME, frozenset({"process"})),
}
# element of Zeebe → attribute → its meaning
ELEMENTS: Mapping[str, Mapping[str, Meaning]] = {
    "assignmentDefinition": {"assignee": Meaning("assignee", Writing.TEXT, PEOPLE)},
    "taskSchedule": {"dueDate": Meaning("due", Writing.EXPRESSION, PEOPLE)},
    "priorityDefinition": {"priority": Meaning("priority", Writing.EXPRESSION, PEOPLE)},
    "formDefinition": {
        "formId": Meaning("form", Writing.FORM, _FORMS),
        "formKey": Meaning("form", Writing.FORM, _FORMS),
    },
    "taskDefinition": {"retries": Meaning("retries", Writing.NAME, _WORK)},
    "calledDecision": {
        "decisionId": Meaning("decision", Writing.NAME, _DECISION),
        "resultVariable": Meaning("result", Writing.NAME, _DECISION),
    },
    "script": {"resultVariable": Meaning("result", Writing.NAME, frozenset({"scriptTask"}))},
}
# Said beside the above, and true here anyway: consumed without a word when what stands in the element is read.
SELF_EVIDENT: Mapping[str, frozenset[str]] = {
    "assignmentDefinition": frozenset({"candidateGroups", "candidateUsers"}),
    "taskSchedule": frozenset({"followUpDate"}),
    "formDefinition": frozenset({"bindingType", "versionTag"}),
    "taskDefinition": frozenset({"type"}),
    "calledDecision": frozenset({"bindingType", "versionTag"}),
    "script": frozenset({"expression"}),
    "userTask": frozenset(),
}
# Java, a script or a service behind a service task: the work itself, which only a handler can do here.
CODE = ("class", "delegateExpression", "expression", "type")
LISTENERS = frozenset(
    {"executionListener", "taskListener", "eventListener", "executionListeners", "taskListeners"}
    | {"onEntry-script", "onExit-script"}
)
# What would be done otherwise if it were left out. Attribute or element → why, what to do.
REFUSED: Mapping[str, tuple[Text, Text]] = {
    "connector": (
        Text("A connector of another engine is called, which is not run here."),
        Text("Write a handler for it, and name it as implementation."),
    ),
    "errorEventDefinition": (
        Text("What another engine's worker reports becomes a BPMN error by a rule, which is not run here."),
        Text("Let the handler raise the BPMN error."),
    ),
    "skipExpression": (
        Text("It is left out under a condition (skipExpression), which isn't drawn."),
        Text("Draw an exclusive gateway before it."),
    ),
    "triggerable": (
        Text("It waits for a signal from outside after its work (triggerable), which isn't drawn."),
        Text("Draw a message catch event after it."),
    ),
    "businessCalendarName": (
        Text("Its due time is counted in a calendar of another engine."),
        Text("Write the due time in FEEL: business hours after(now(), 8)."),
    ),
    "resource": (
        Text("Its script is kept in a file of another engine."),
        Text("Write it as FEEL in the diagram, or as a handler."),
    ),
}
