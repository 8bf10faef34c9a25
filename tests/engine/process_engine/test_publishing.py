"""Publishing: versions, owners, dependants, restart."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from engine import (
    SYSTEM,
    Bundle,
    DefinitionNotFound,
    InstanceState,
    InvalidDiagram,
    NotAllowed,
    SchemaMismatch,
    User,
    writing,
)
from engine.store import tables
from engine.store.definitions import File
from tests.engine.diagrams import diagram, flows, properties
from tests.engine.process_engine import handlers
from tests.engine.process_engine.installation import ANN, NOW, Installation, form, open_installation, registry

BODY = (
    '<bpmn:startEvent id="start"/><bpmn:userTask id="ask" name="Ask">'
    + properties(form="ask")
    + '</bpmn:userTask><bpmn:endEvent id="end"/>'
    + flows("start ask", "ask end")
)


def bundle(*, key: str = "p", form_keys: tuple[str, ...] = ("answer",), body: str = BODY) -> Bundle:
    """One process with one form."""
    return Bundle({f"{key}.bpmn": diagram(body, key=key)}, {}, {"ask.json": form("ask", *form_keys)})


def test_publishing_makes_version_after_version(house: Installation) -> None:
    """A changed diagram is version 2; publishing it again does nothing."""
    (first,) = house.engine.publish(bundle(), by=SYSTEM)
    assert (first.key, first.version, first.published_by, first.published_at) == ("p", 1, "system", NOW)
    changed = bundle(body=BODY.replace('name="Ask"', 'name="Please ask"'))
    (second,) = house.engine.publish(changed, by=SYSTEM)
    assert second.version == 2
    assert house.engine.publish(changed, by=SYSTEM) == []
    assert house.engine.definition("p").version == 2
    assert house.engine.definition("p", 1).model.elements["ask"].name == "Ask"
    assert [v.version for v in house.engine.versions("p")] == [2, 1]


def test_changed_form_makes_a_version_of_the_process_that_names_it(house: Installation) -> None:
    """A version covers everything that it names, even when only the form is handed in."""
    house.engine.publish(bundle(), by=SYSTEM)
    (second,) = house.engine.publish(Bundle({}, {}, {"ask.json": form("ask", "answer", "why")}), by=SYSTEM)
    assert (second.key, second.version) == ("p", 2)
    assert second.model.forms["ask"].keys == ("answer", "why")
    assert house.engine.definition("p", 1).model.forms["ask"].keys == ("answer",)


def test_published_form_serves_a_new_diagram(house: Installation) -> None:
    """A diagram may name what is published already, and its version stores it too."""
    house.engine.publish(bundle(), by=SYSTEM)
    (other,) = house.engine.publish(Bundle({"q.bpmn": diagram(BODY, key="q")}), by=SYSTEM)
    assert other.model.forms["ask"].keys == ("answer",)


def test_refused_bundle_says_why_and_changes_nothing(house: Installation) -> None:
    """A diagram that names an unknown form is refused with the element's id."""
    with pytest.raises(InvalidDiagram) as refused:
        house.engine.publish(Bundle({"p.bpmn": diagram(BODY)}), by=SYSTEM)
    assert [f.element for f in refused.value.findings if f.severity == "error"] == ["ask"]
    with pytest.raises(DefinitionNotFound, match="No process is published as p"):
        house.engine.definition("p")


def test_only_the_process_owner_publishes(house: Installation) -> None:
    """The role that the process names as its owner may publish it, nobody else."""
    owned = diagram(BODY).replace(b"<bpmn:laneSet", properties(owner="process_owner").encode() + b"<bpmn:laneSet", 1)
    files = Bundle({"p.bpmn": owned}, {}, {"ask.json": form("ask", "answer")})
    with pytest.raises(NotAllowed, match="Only role process_owner may publish") as refused:
        house.engine.publish(files, by=ANN)
    assert refused.value.rule == "OWNER"
    assert house.engine.publish(files, by=User("olga", "Olga", frozenset({"process_owner"})))[0].published_by == "olga"


def test_published_process_survives_a_restart(house: Installation, tmp_path: Path) -> None:
    """A new engine on the same file reads back exactly what was published."""
    house.engine.publish(bundle(), by=SYSTEM)
    again = open_installation(tmp_path, registry(handlers)).engine
    again.load()
    assert again.definition("p").model.normalised == house.engine.definition("p").model.normalised
    assert again.publish(bundle(), by=SYSTEM) == []


def _store_as_normalised(house: Installation, content: bytes) -> None:
    """Put another normalised file under version 1, as an older intake would have made it."""
    older = File("normalised", "p", content)
    link = tables.definition_resource
    with writing(house.database) as connection:
        connection.execute(insert(tables.resource).values(sha256=older.sha256, content=older.content))
        connection.execute(update(link).where(link.c.kind == "normalised").values(sha256=older.sha256))
        connection.execute(update(tables.process_definition).values(checksum="older"))


def test_version_runs_as_it_was_published(house: Installation, tmp_path: Path) -> None:
    """A case that began under an older intake goes on by its stored file; publishing again renews the process."""
    (definition,) = house.engine.publish(bundle(), by=SYSTEM)
    case = house.engine.start("p", by=ANN)
    older = definition.model.normalised.replace(b'targetRef="end"', b'targetRef="__older"').replace(
        b"</bpmn:process>",
        b'<bpmn:intermediateThrowEvent id="__older"/>'
        b'<bpmn:sequenceFlow id="__older_end" sourceRef="__older" targetRef="end"/></bpmn:process>',
    )
    _store_as_normalised(house, older)
    again = open_installation(tmp_path, registry(handlers)).engine
    again.load()
    assert again.definition("p").model.normalised == older
    done = again.complete_task(case.tasks[0].id, {"answer": "yes"}, by=ANN)
    assert done.instance.state is InstanceState.COMPLETED
    assert [d.version for d in again.publish(bundle(), by=SYSTEM)] == [2]
    assert again.publish(bundle(), by=SYSTEM) == []


def test_version_that_can_not_be_followed_any_more_is_not_run(house: Installation, tmp_path: Path) -> None:
    """The start-up says so, and publishing renews it."""
    house.engine.publish(bundle(), by=SYSTEM)
    _store_as_normalised(house, b"older")
    again = open_installation(tmp_path, registry(handlers)).engine
    with pytest.raises(SchemaMismatch, match="p v1 was published by a version"):
        again.load()
    assert [d.version for d in again.publish(bundle(), by=SYSTEM)] == [2]
    again.load()


def test_two_publishers_at_once_get_two_versions(house: Installation) -> None:
    """Parallel publishing of one key gives numbers without a gap and without a double."""
    house.engine.publish(bundle(), by=SYSTEM)
    texts = [BODY.replace('name="Ask"', f'name="Ask {n}"') for n in range(4)]
    threads = [
        threading.Thread(target=house.engine.publish, args=(bundle(body=text),), kwargs={"by": SYSTEM})
        for text in texts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [v.version for v in house.engine.versions("p")] == [5, 4, 3, 2, 1]
