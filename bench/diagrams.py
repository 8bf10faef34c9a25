"""The processes that are timed."""

from __future__ import annotations

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="bench" targetNamespace="urn:guicheng:bench">
"""
ROLE = "service_desk"


def fifteen_tasks() -> bytes:
    """A case of 15 user tasks with two rework loops' gateways and a boundary timer on every third task."""
    body: list[str] = ['<bpmn:startEvent id="start"/>']
    flows: list[tuple[str, str, str]] = []
    previous = "start"
    for number in range(1, 16):
        task = f"task_{number}"
        body.append(_user_task(task))
        flows.append((previous, task, ""))
        previous = task
        if number % 3 == 0:
            body.append(_reminder(task))
        if number in (5, 10):
            gateway = f"again_{number}"
            body.append(f'<bpmn:exclusiveGateway id="{gateway}" default="f_{gateway}_task_{number + 1}"/>')
            flows += [(task, gateway, ""), (gateway, f"task_{number - 1}", "answer = &quot;again&quot;")]
            previous = gateway
    body.append('<bpmn:endEvent id="end"/>')
    flows.append((previous, "end", ""))
    return _definitions("fifteen", "".join(body) + "".join(_flow(*f) for f in flows))


def two_hundred_elements() -> bytes:
    """Forty times: a task with a reminder, a gateway back, a script; every expression another one."""
    body, flows, previous = ['<bpmn:startEvent id="start"/>'], [], "start"
    for number in range(40):
        task, gateway, script = f"task_{number}", f"again_{number}", f"count_{number}"
        body += [
            _user_task(task),
            _reminder(task),
            f'<bpmn:exclusiveGateway id="{gateway}" default="f_{gateway}_{script}"/>',
        ]
        body.append(_script(script, number))
        flows += [(previous, task, ""), (task, gateway, ""), (gateway, script, "")]
        flows.append((gateway, f"task_{max(0, number - 1)}", f"answer = {number} and minutes &gt; {number}"))
        previous = script
    return _definitions("two_hundred", "".join(body) + "".join(_flow(*f) for f in flows))


def _script(script: str, number: int) -> str:
    return (
        f'<bpmn:scriptTask id="{script}" scriptFormat="feel"><bpmn:extensionElements><spiffworkflow:properties>'
        f'<spiffworkflow:property name="result" value="sum_{number}"/></spiffworkflow:properties>'
        f"</bpmn:extensionElements><bpmn:script>minutes + {number}</bpmn:script></bpmn:scriptTask>"
    )


def _user_task(task: str) -> str:
    return (
        f'<bpmn:userTask id="{task}" name="Task {task}"><bpmn:extensionElements><spiffworkflow:properties>'
        f'<spiffworkflow:property name="role" value="{ROLE}"/><spiffworkflow:property name="due" value="P2D"/>'
        '<spiffworkflow:property name="form" value="bench"/>'
        "</spiffworkflow:properties></bpmn:extensionElements></bpmn:userTask>"
    )


def _reminder(task: str) -> str:
    return (
        f'<bpmn:boundaryEvent id="late_{task}" attachedToRef="{task}" cancelActivity="false">'
        "<bpmn:timerEventDefinition><bpmn:timeDuration>P3D</bpmn:timeDuration></bpmn:timerEventDefinition>"
        f'</bpmn:boundaryEvent><bpmn:endEvent id="end_late_{task}"/>{_flow(f"late_{task}", f"end_late_{task}", "")}'
    )


def _flow(source: str, target: str, condition: str) -> str:
    inner = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
    ends = f'id="f_{source}_{target}" sourceRef="{source}" targetRef="{target}"'
    return f"<bpmn:sequenceFlow {ends}>{inner}</bpmn:sequenceFlow>"


def _definitions(key: str, body: str) -> bytes:
    process = f'<bpmn:process id="{key}" name="{key}" isExecutable="true">'
    starters = (
        "<bpmn:extensionElements><spiffworkflow:properties>"
        f'<spiffworkflow:property name="starters" value="{ROLE}"/>'
        "</spiffworkflow:properties></bpmn:extensionElements>"
    )
    return f"{HEAD}{process}{starters}{body}</bpmn:process></bpmn:definitions>".encode()
