"""The demo organisation: who works there, for which customers, with what equipment. Data in `demo/*.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from registers.people import Assignment, People, Person
from registers.store import RegisterStore
from registers.tables import person_department
from registers.unit_of_work import Registers
from registers.workdays import describe_year, set_day

DIRECTORY = Path(__file__).parent / "demo"


def load_demo(store: RegisterStore, *, password: str, now: datetime) -> None:
    """Load the demo organisation; what is there already stays as it is.

    Everybody gets the same password, hashed once: it is printed at start-up anyway, and 28 hashes take seconds.
    """
    people = tomllib.loads((DIRECTORY / "people.toml").read_text(encoding="utf-8"))["person"]
    records = tomllib.loads((DIRECTORY / "records.toml").read_text(encoding="utf-8"))
    with store.begin(None, now) as registers:
        present = {person.id for person in registers.people.all(at=now)}
        connection = registers.writable()
        new = [spec for spec in people if spec["id"] not in present]
        for spec in new:
            _add_person(connection, registers.people, spec)
        if new:
            registers.people.set_password_hash([s["id"] for s in new], registers.people.hash_password(password))
        _add_calendar(connection, records.pop("calendar"))
        with registers.authorised("ci"):
            _add_records(registers, records)
    store.forget_calendars()


def _add_person(connection: Connection, people: People, spec: Mapping[str, Any]) -> None:
    latin, name = spec["name"]
    people.save(
        Person(
            id=spec["id"],
            name=name,
            name_latin=latin,
            roles=frozenset(),
            department=spec["department"],
            email=f"{spec['id']}@guicheng.example",
            locale=spec.get("locale", ""),
        )
    )
    people.assign(spec["id"], _assignments(spec))
    before = [{"person": spec["id"], "valid_from": None, **entry} for entry in spec.get("worked_before", ())]
    if before:
        connection.execute(insert(person_department), before)


def _assignments(spec: Mapping[str, Any]) -> Iterator[Assignment]:
    for post in spec.get("posts", ()):
        yield Assignment(post)
    for hat in spec.get("hats", ()):
        yield Assignment(**hat, kind="hat") if isinstance(hat, dict) else Assignment(hat, kind="hat")
    if "delegate_of" in spec:
        yield Assignment(**spec["delegate_of"], kind="delegate")


def _add_calendar(connection: Connection, spec: Mapping[str, Any]) -> None:
    for working, days in ((False, spec["holidays"]), (True, spec["make_up_days"])):
        for day, reason in days.items():
            set_day(connection, date.fromisoformat(day), working=working, reason=reason)
    for year in spec["complete"]:
        describe_year(connection, year)


def _add_records(registers: Registers, spec: Mapping[str, Any]) -> None:
    links = spec.get("link", ())
    wanted = {number: (key, fields) for key, group in spec.items() if key != "link" for number, fields in group.items()}
    present = registers.load(wanted)
    for number, (register, fields) in wanted.items():
        if number not in present:
            values = {name: value for name, value in fields.items() if name != "state"}
            registers.open(register, values, number=number, state=fields.get("state"))
    for link in links:
        if link["source"] not in present:
            registers.link(link["source"], link["target"], link["kind"])
