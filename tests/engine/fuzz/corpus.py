"""What gets damaged: our own diagrams, decisions and forms, a small diagram with a bit of everything, random ones."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.engine.diagrams import diagram, flows, properties
from tests.engine.oracle.activities import Process
from tests.engine.oracle.strategies import DIAGRAMS

ROOT = Path(__file__).parents[3]
EVERYTHING = f"""
<bpmn:extensionElements><spiffworkflow:properties><spiffworkflow:property name="business_key" value="number"/>
</spiffworkflow:properties></bpmn:extensionElements>
<bpmn:startEvent id="s"/><bpmn:startEvent id="s2"><bpmn:messageEventDefinition messageRef="M"/></bpmn:startEvent>
<bpmn:userTask id="ask">{properties(due="PT4H", assignee="who", separation="S1: check if a > 1")}</bpmn:userTask>
<bpmn:userTask id="check"/><bpmn:exclusiveGateway id="x" default="x_e"/><bpmn:endEvent id="e"/>
<bpmn:sequenceFlow id="f" sourceRef="x" targetRef="ask"><bpmn:conditionExpression>a = 1</bpmn:conditionExpression>
</bpmn:sequenceFlow><bpmn:subProcess id="sub"><bpmn:task id="inner"/><bpmn:scriptTask id="calc" scriptFormat="feel">
{properties(result="a")}<bpmn:script>1 + 1</bpmn:script></bpmn:scriptTask></bpmn:subProcess>
<bpmn:boundaryEvent id="late" attachedToRef="ask" cancelActivity="false"><bpmn:timerEventDefinition>
<bpmn:timeCycle>R3/PT10M</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:boundaryEvent>
<bpmn:eventBasedGateway id="w"/><bpmn:receiveTask id="r" messageRef="M"/>
<bpmn:intermediateCatchEvent id="t"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration>
</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
<bpmn:intermediateThrowEvent id="go"><bpmn:linkEventDefinition name="L"/></bpmn:intermediateThrowEvent>
<bpmn:intermediateCatchEvent id="come"><bpmn:linkEventDefinition name="L"/></bpmn:intermediateCatchEvent>
<bpmn:subProcess id="esp" triggeredByEvent="true"><bpmn:startEvent id="es"><bpmn:errorEventDefinition errorRef="E"/>
</bpmn:startEvent></bpmn:subProcess><bpmn:subProcess id="esp2" triggeredByEvent="true">
<bpmn:startEvent id="es2" isInterrupting="false"><bpmn:messageEventDefinition messageRef="M"/></bpmn:startEvent>
</bpmn:subProcess>{flows("s ask", "s2 ask", "ask check", "check x", "x e", "late sub", "ask w", "w r", "w t", "r go")}
{flows("come sub", "t e")}
"""
EXTRA = '<bpmn:message id="M" name="m"/><bpmn:error id="E" errorCode="ERR"/>'


def files(*, random_diagrams: int, start: int = 0) -> dict[str, bytes]:
    """The undamaged files by name."""
    own = [*(ROOT / "bpmn").iterdir(), *(ROOT / "forms").glob("*.json")]
    found = {path.name: path.read_bytes() for path in sorted(own)}
    found["everything.bpmn"] = diagram(EVERYTHING, extra=EXTRA)
    made = generated(random_diagrams, start) if random_diagrams else []
    return found | {f"random_{number}.bpmn": content for number, content in enumerate(made)}


def generated(count: int, start: int = 0) -> list[bytes]:
    """Random well-formed diagrams, the same for the same start."""
    found: list[bytes] = []

    @seed(start)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(DIAGRAMS)
    def collect(process: Process) -> None:
        found.append(process.file())

    collect()
    return found
