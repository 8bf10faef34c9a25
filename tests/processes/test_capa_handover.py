"""How other processes hand over to corrective actions: by a message, answered by another, and by a call."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine import SYSTEM
from tests.engine.diagrams import diagram, flows
from tests.processes.capa import ANALYSED, APPROVED, CORRECTED, EFFECTIVE, Capas, plan
from tests.processes.conftest import House, at

if TYPE_CHECKING:
    from flask import Flask

LANES = """
<bpmn:laneSet id="lanes"><bpmn:lane id="pmo_manager" name="PMO"><bpmn:flowNodeRef>start</bpmn:flowNodeRef>
  <bpmn:flowNodeRef>read</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
<bpmn:extensionElements><spiffworkflow:properties>
  <spiffworkflow:property name="starters" value="pmo_manager"/>
  <spiffworkflow:property name="business_key" value="&quot;AUD-2025-00001&quot;"/>
</spiffworkflow:properties></bpmn:extensionElements>
"""
FOUND = (
    '{source: "AUD-2025-00001", text: "No restore test", grade: "minor", owner: "u_ops", verifier: "u_aud1", '
    'requirement: "Test them", evidence: "None since May", clause: "5.3"}'
)


def properties(**values: str) -> str:
    lines = "".join(f"<spiffworkflow:property name=\"{n}\" value='{v}'/>" for n, v in values.items())
    return (
        f"<bpmn:extensionElements><spiffworkflow:properties>{lines}</spiffworkflow:properties></bpmn:extensionElements>"
    )


CALLING = f"""{LANES}
<bpmn:startEvent id="start" name="Audit done"/>
<bpmn:callActivity id="correct" name="Correct" calledElement="capa">
  {properties(inputs=FOUND, outputs="{result: capa_result, by: capa}")}</bpmn:callActivity>
<bpmn:userTask id="read" name="Read the result"/><bpmn:endEvent id="end"/>
"""
TELLING = f"""{LANES}
<bpmn:startEvent id="start" name="Audit done"/>
<bpmn:intermediateThrowEvent id="tell" name="Raise">{properties(payload=FOUND)}
  <bpmn:messageEventDefinition messageRef="m_raised"/></bpmn:intermediateThrowEvent>
<bpmn:intermediateCatchEvent id="hear" name="Closed">{properties(result="answer")}
  <bpmn:messageEventDefinition messageRef="m_closed"/></bpmn:intermediateCatchEvent>
<bpmn:userTask id="read" name="Read the result"/><bpmn:endEvent id="end"/>
"""
MESSAGES = '<bpmn:message id="m_raised" name="capa.raised"/><bpmn:message id="m_closed" name="capa.closed"/>'


@pytest.fixture
def capas(house: House, app: Flask) -> Capas:
    return Capas(house, app)


def begin(app: Flask, house: House, folder: Path, source: bytes) -> int:
    """Publish a process and start a case of it; returns the case's id."""
    file = folder / "audited.bpmn"
    file.write_bytes(source)
    with app.app_context():
        done = app.test_cli_runner().invoke(args=["publish", str(file)])
    assert done.exit_code == 0, done.output
    answer = house.client_of("u_pmo").post("/processes/audited/start/start")
    assert answer.status_code == 302, answer.text
    return int(re.findall(r"/cases/(\d+)", answer.location)[0])


def carry_through(capas: Capas, house: House, number: str) -> None:
    house.do("u_ops", "Correct at once", number, CORRECTED)
    house.do("u_ops", "Analyse cause", number, ANALYSED)
    house.do("u_ops", "Plan actions", number, plan("u_ops1"))
    house.do("u_aud1", "Approve plan", number, APPROVED)
    task = house.task(number, "Carry out action").id
    assert house.submit("u_ops1", task, {"action_evidence": "Minutes"}).status_code == 302
    house.tick(at("2025-04-02 18:00"))
    house.do("u_aud1", "Verify effectiveness", number, EFFECTIVE)


def variables(app: Flask, case: int) -> dict[str, object]:
    return dict(app.extensions["guicheng"].engine.instance(case, by=SYSTEM).variables)


def test_calling_process_gets_the_result(app: Flask, capas: Capas, house: House, tmp_path: Path) -> None:
    """A process that calls it waits for the end, and learns how it ended and under which number."""
    source = diagram(CALLING + flows("start correct", "correct read", "read end"), key="audited", lane=None)
    case = begin(app, house, tmp_path, source)
    (number,) = capas.find("capa", source="AUD-2025-00001")
    carry_through(capas, house, number)
    known = variables(app, case)
    assert (known["result"], known["by"]) == ("effective", number)


def test_source_is_told_by_its_number(app: Flask, capas: Capas, house: House, tmp_path: Path) -> None:
    """A process that raised one by message hears under its own number that it was effective."""
    source = diagram(
        TELLING + flows("start tell", "tell hear", "hear read", "read end"), key="audited", lane=None, extra=MESSAGES
    )
    case = begin(app, house, tmp_path, source)
    (number,) = capas.find("capa", source="AUD-2025-00001")
    assert set(house.tasks(number)) == {"Correct at once"}
    carry_through(capas, house, number)
    answer = variables(app, case)["answer"]
    assert answer == {"capa": number, "source": "AUD-2025-00001", "result": "effective", "effective": True}
