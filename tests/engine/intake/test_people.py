"""Human work: who, by when, with which form, and what the record does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.authority import ADMIN
from engine.definitions import Bundle, ProcessModel
from engine.findings import Severity
from engine.handlers import HandlerRegistry
from engine.intake import Examination, examine
from tests.engine.diagrams import diagram, flows, judge, model, properties

FIELD = {"type": "textfield", "id": "f1", "key": "answer", "label": "?"}
FORM = json.dumps({"type": "default", "id": "ask", "components": [FIELD]})
FORMS = {"ask.json": FORM.encode()}


def asking(process: str = "", start: str = "", **given: str) -> str:
    """A process with the user tasks x and y."""
    return (
        f'{process}<bpmn:startEvent id="s">{start}</bpmn:startEvent>'
        f'<bpmn:userTask id="x">{properties(**given)}</bpmn:userTask>'
        '<bpmn:userTask id="y"/><bpmn:task id="z"/>' + flows("s x", "x y", "y z")
    )


def read(body: str, **given: Any) -> ProcessModel:
    """The model with the test's form."""
    return model(body, forms=FORMS, **given)


def found(examination: Examination) -> set[tuple[str, str, Severity]]:
    return {(f.rule, f.element, f.severity) for f in examination.findings}


JUDGED = {
    "unknown form": (asking(form="aks"), "form-unknown", "x", "error"),
    "unknown start form": (asking(start=properties(form="aks")), "form-unknown", "s", "error"),
    "no form": (asking(), "form-missing", "x", "warning"),
    "no due time": (asking(form="ask"), "due-missing", "x", "warning"),
    "separation from nobody": (asking(separation="SOD-01: q"), "separation-unknown", "x", "error"),
    "separation from a machine": (asking(separation="SOD-01: z"), "separation-unknown", "x", "error"),
    "separation from itself": (asking(separation="SOD-01: x"), "separation-unknown", "x", "error"),
    "unreadable separation": (asking(separation="not y"), "separation-unreadable", "x", "error"),
    "separation with a wrong condition": (asking(separation="S: y if a =="), "expression-syntax", "x", "error"),
    "state without record": (asking(record_state="open"), "register-missing", "x", "error"),
    "misspelt property": (asking(assigne="a"), "property-unknown", "x", "warning"),
    "property in the wrong place": (asking(starters="a"), "property-misplaced", "x", "warning"),
    "endless property": (asking(clause="1" * 6000), "property-too-long", "x", "error"),
    "wrong assignee": (asking(assignee="a b ="), "expression-syntax", "x", "error"),
}


@pytest.mark.parametrize("mistake", JUDGED)
def test_human_work_is_judged(mistake: str) -> None:
    """What would leave a person stuck is refused."""
    body, rule, element, severity = JUDGED[mistake]
    assert (rule, element, Severity(severity)) in found(judge(body, forms=FORMS))


def test_a_task_that_is_nobodys_is_the_process_owners() -> None:
    """A role comes from the lane or the task; BPMN asks for neither, so a file without is not refused."""
    for process, role in (("", ADMIN), (properties(owner="quality"), "quality")):
        assert judge(asking(process, form="ask"), lane=None, forms=FORMS).models["p"].elements["x"].role == role
    assert ("role-missing", "x", Severity.WARNING) in found(judge(asking(), lane=None))
    assert ("role-missing", "x", Severity.WARNING) not in found(judge(asking(role="clerk"), lane=None))


def test_a_user_task_is_read_with_all_it_says() -> None:
    """Form, role, assignee, priority, separation and clause are on the element."""
    body = asking(
        form="ask",
        role="clerk",
        assignee="opened_by",
        priority="if vip then 9 else 1",
        separation='SOD-09: y if level in ("P1", "P;2"); SOD-10: y',
        clause="7.2.4",
    )
    element = read(body).elements["x"]
    assert (element.form, element.role, element.clause) == ("ask", "clerk", "7.2.4")
    assert element.assignee is not None
    assert [(s.rule, s.elements, s.condition is None) for s in element.separations] == [
        ("SOD-09", ("y",), False),
        ("SOD-10", ("y",), True),
    ]
    assert read(body).variables == {"opened_by", "vip", "level"}


def test_a_process_is_read_with_all_it_says() -> None:
    """Register, key, owner and starters belong to the process."""
    process = properties(register="order", business_key="number", owner="head", starters="clerk, boss")
    shown = read(asking(process, record_state="open"))
    assert (shown.register, shown.owner, shown.starters) == ("order", "head", ("clerk", "boss"))
    assert shown.business_key is not None
    assert shown.elements["x"].record_state == "open"
    assert shown.variables == {"number"}


def test_a_form_published_before_may_be_named() -> None:
    """A diagram needn't bring all its forms."""
    examination = examine(
        Bundle({"p.bpmn": diagram(asking(form="ask"))}), handlers=HandlerRegistry(), published=Bundle(forms=FORMS)
    )
    assert examination.ok
    assert set(examination.models["p"].forms) == {"ask"}
