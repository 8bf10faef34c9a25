"""What pages show around a case: its record, clocks, links and history, read together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine import NotFound
from web.book import book
from web.context import clock, engine, me, parts
from web.story import Told, tell
from web.translations import language

if TYPE_CHECKING:
    from engine import Instance, Task
    from registers import Record, SlaClock


@dataclass(frozen=True, slots=True)
class Case:
    """A process instance together with the record it works on; `story` is its history in sentences."""

    instance: Instance
    record: Record | None
    clocks: Mapping[str, SlaClock]
    story: tuple[Told, ...]

    @property
    def suggestions(self) -> list[Any]:
        """What the process found that may help, generically: its variable `kb_suggestions`, titles as one reads."""
        found = self.instance.variables.get("kb_suggestions")
        if not isinstance(found, list):
            return []
        own = f"title_{language().split('_')[0]}"
        return [{**one, "title": one.get(own) or one.get("title")} if isinstance(one, dict) else one for one in found]


def case_of(instance: Instance) -> Case:
    """Read what belongs to an instance."""
    number = instance.business_key
    with parts().registers.begin(me().id, clock().now()) as registers:
        record = registers.load([number]).get(number) if number else None
        clocks = dict(registers.sla.of(record.number)) if record else {}
    book().learn_records([record])
    known = instance.definition.model.register
    register = parts().registers.definitions[known] if known else None
    story = tuple(tell(engine().history(instance.id), instance.definition.model.elements, register))
    book().learn(people=[line.actor for line in story])
    return Case(instance, record, clocks, story)


def case_of_task(task: Task) -> Case:
    """Read what belongs to the instance of a task (that was asked for by its id, so that the instance is there)."""
    assert task.instance is not None
    return case_of(task.instance)


def case_after(task: Task) -> Case:
    """Read the case of a closed task with what is open in it now, as far as this person may see cases."""
    assert task.instance is not None
    try:
        return case_of(engine().instance(task.instance.id, by=me()))
    except NotFound:
        return case_of(task.instance)


def form_context(case: Case) -> Mapping[str, Any]:
    """Return what a form's expressions may read: the record's fields, the variables over them, and the time."""
    fields = case.record.fields if case.record else {}
    return {**fields, **case.instance.variables, "__now__": clock().now()}
