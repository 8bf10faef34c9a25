"""Short diagrams for tests: the inner XML of a process in, a whole file or a checked model out.

```python
p = model('''
  <bpmn:startEvent id="start"/>
  <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="ask"/>
  <bpmn:userTask id="ask"/>
''')
```
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from engine.definitions import Bundle, ProcessModel
from engine.handlers import HandlerRegistry
from engine.intake import Examination, examine

NAMESPACES = " ".join(
    (
        'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"',
        'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"',
        'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"',
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
        'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"',
        'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"',
    )
)


def diagram(body: str, *, key: str = "p", extra: str = "", name: str = "", lane: str | None = "staff") -> bytes:
    """Wrap the inner XML of a process into a BPMN file.

    `extra` goes beside the process (messages, errors, other processes). Unless the body draws lanes itself, its human
    tasks get the one lane `lane`, so that they have a role; `lane=None` leaves them without. The head is one line, so
    a body that begins with a line break has its first element on line 2.
    """
    lanes = "" if lane is None or "laneSet" in body else _lane(lane, body)
    label = f' name="{name}"' if name else ""
    return (
        f'<bpmn:definitions {NAMESPACES} id="definitions" targetNamespace="http://guicheng.example/test">'
        f'<bpmn:process id="{key}" isExecutable="true"{label}>{lanes}{body}</bpmn:process>{extra}</bpmn:definitions>'
    ).encode()


def properties(**values: str) -> str:
    """Write extension properties: `properties(form="log", due="PT4H")`."""
    rows = "".join(f'<spiffworkflow:property name="{k}" value="{_escape(v)}"/>' for k, v in values.items())
    return (
        f"<bpmn:extensionElements><spiffworkflow:properties>{rows}</spiffworkflow:properties></bpmn:extensionElements>"
    )


def flows(*pairs: str) -> str:
    """Write sequence flows: `flows("start ask", "ask end")` gives `start_ask` and `ask_end`."""
    named = [pair.split() for pair in pairs]
    return "".join(f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in named)


def handlers(*functions: Any) -> HandlerRegistry:
    """Collect marked functions into a registry."""
    registry = HandlerRegistry()
    for function in functions:
        registry.add(function)
    return registry


def judge(
    body: str,
    *,
    key: str = "p",
    extra: str = "",
    lane: str | None = "staff",
    handlers: HandlerRegistry | Iterable[Any] = (),
    functions: Collection[str] = (),
    decisions: Mapping[str, bytes] | None = None,
    forms: Mapping[str, bytes] | None = None,
) -> Examination:
    """Examine a diagram."""
    registry = handlers if isinstance(handlers, HandlerRegistry) else HandlerRegistry()
    if not isinstance(handlers, HandlerRegistry):
        for function in handlers:
            registry.add(function)
    bundle = Bundle({f"{key}.bpmn": diagram(body, key=key, extra=extra, lane=lane)}, decisions or {}, forms or {})
    return examine(bundle, handlers=registry, functions=functions)


def model(body: str, *, key: str = "p", **given: Any) -> ProcessModel:
    """Examine a diagram (as `judge` does) and return its model.

    Raises AssertionError listing every finding when the intake refuses it.
    """
    examination = judge(body, key=key, **given)
    assert examination.ok, "the intake refuses this diagram:\n" + "\n".join(map(str, examination.findings))
    return examination.models[key]


def _lane(lane: str, body: str) -> str:
    people = re.findall(r'<bpmn:(?:userTask|manualTask|startEvent)\b[^>]*?\bid="([^"]+)"', body)
    refs = "".join(f"<bpmn:flowNodeRef>{node}</bpmn:flowNodeRef>" for node in people)
    return f'<bpmn:laneSet id="lanes"><bpmn:lane id="{lane}">{refs}</bpmn:lane></bpmn:laneSet>'


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
