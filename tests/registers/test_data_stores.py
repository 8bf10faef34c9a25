"""A data store of a diagram, as the step's host reads and writes it: the register's own rules hold."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from engine import ExecutionError, HandlerRegistry, Work
from engine.acts.hosting import Installation, StepHost
from engine.definitions import Element, ProcessModel
from engine.interpreter.stepping import advance
from engine.steps import Start
from registers import CaseRecords, Registers
from tests.engine.data import assign, into, specification
from tests.engine.diagrams import flows, model, properties
from tests.engine.interpreter.drawing import nodes
from tests.registers.conftest import Begin
from tests.registers.times import NOW

ELEMENT = Element("x", "scriptTask", "Grade it")


def host(registers: Registers, process: ProcessModel | None = None) -> StepHost:
    """The world of a step of a case without a record of its own."""
    work = Work(1, "p", None, "x", "", "u_desk1", NOW, "1.1")
    given = {"records": CaseRecords(registers), "references": registers.references, "work": work}
    installation = Installation(HandlerRegistry(), lambda connection, work: _never(), {})
    return StepHost(installation, process or _drawn(), work, given, {}, Counter(), kept=None, cut=_never)


def _never() -> Any:
    raise AssertionError("nothing of it is called here")


def _drawn() -> ProcessModel:
    own = properties(register="incident", key="number")
    store = f'<bpmn:dataStoreReference id="r_case" name="ticket">{own}</bpmn:dataStoreReference>'
    inner = specification("title", "text") + into("case", "title", "ticket.title")
    inner += assign("Output", ("text", "r_case.description"))
    script = f'<bpmn:scriptTask id="x">{inner}<bpmn:script>title + "!"</bpmn:script></bpmn:scriptTask>'
    body = nodes(startEvent="start", userTask="after", endEvent="end") + store + script
    return model(body + flows("start x", "x after", "after end"))


def test_diagram_reads_and_writes_a_record(begin: Begin) -> None:
    """Within the step's transaction; the trail names the element."""
    with begin() as registers:
        number = registers.open("incident", {"title": "Disk full"}).number
        step = advance(_drawn(), None, Start("start", {"number": number}), now=NOW, host=host(registers))
        assert step.variables == {"number": number}
        assert registers.get(number)["description"] == "Disk full!"
        assert registers.trail(number)[-1].element == "x"


def test_rules_of_the_register_hold(begin: Begin) -> None:
    """A value that the field has not, or a number that is not the register's, is told with the element."""
    with begin() as registers:
        number = registers.open("incident", {"title": "Disk full"}).number
        world = host(registers)
        with pytest.raises(ExecutionError, match=r"Grade it.*priority"):
            world.write_record(ELEMENT, "incident", number, {"priority": "P9"})
        with pytest.raises(ExecutionError, match=r"Grade it.*INC-9"):
            world.write_record(ELEMENT, "incident", "INC-9", {"title": "x"})
        with pytest.raises(ExecutionError, match=r"Grade it.*customer"):
            world.write_record(ELEMENT, "customer", number, {"title": "x"})
        with pytest.raises(ExecutionError, match=r"Grade it.*nowhere"):
            world.read_record(ELEMENT, "nowhere", number)
        assert world.read_record(ELEMENT, "incident", "INC-9") is None
