"""The naive way: SpiffWorkflow alone, its whole workflow serialised to JSON and stored after every step."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState


@dataclass
class Cost:
    """Seconds of each completion; bytes per completion; bytes of the last stored case."""

    seconds: list[float] = field(default_factory=list)
    bytes_written: float = 0
    snapshot: int = 0


def measure(database: Path, diagram: bytes, *, cases: int) -> Cost:
    """Run cases to their end: load, complete the task, go on, store; one commit each."""
    spec, subprocesses = _parse(diagram)
    serializer = BpmnWorkflowSerializer()
    store = sqlite3.connect(database, isolation_level=None)
    store.executescript("pragma journal_mode=wal; pragma synchronous=full; pragma wal_autocheckpoint=0;")
    store.execute("create table instance (id integer primary key, body text)")
    cost = Cost()
    log = database.with_name(database.name + "-wal")
    before = log.stat().st_size
    for number in range(cases):
        workflow = BpmnWorkflow(spec, subprocesses)
        workflow.do_engine_steps()
        store.execute("insert into instance values (?, ?)", (number, serializer.serialize_json(workflow)))
        while True:
            began = time.perf_counter()
            (body,) = store.execute("select body from instance where id = ?", (number,)).fetchone()
            workflow = serializer.deserialize_json(body)
            task = workflow.get_next_task(state=TaskState.READY, manual=True)
            if task is None:
                break
            task.data["answer"] = "go on"
            task.run()
            workflow.do_engine_steps()
            body = serializer.serialize_json(workflow)
            store.execute("update instance set body = ? where id = ?", (body, number))
            cost.seconds.append(time.perf_counter() - began)
            cost.snapshot = len(body)
    cost.bytes_written = (log.stat().st_size - before) / len(cost.seconds)
    return cost


def _parse(diagram: bytes) -> tuple[object, object]:
    """Give SpiffWorkflow the same diagram in the dialect it understands: quoted Python."""
    text = diagram.decode().replace("answer = &quot;", "answer == &quot;").replace(">P3D<", ">&quot;P3D&quot;<")
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(text.encode()))
    return parser.get_spec("fifteen"), parser.get_subprocess_specs("fifteen")
