"""People: who they are, which posts and hats they hold, how they prove it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, exists, insert, or_, select, update

from engine import Text
from registers.calendars import ZONE
from registers.errors import PersonNotFound, RoleUnassigned
from registers.organisation import roles, with_implied
from registers.queries import contains, search_text
from registers.tables import ended_session, person, person_role

FORGET_SESSIONS_AFTER = timedelta(days=90)  # much longer than any session lasts
Connect = Callable[[], AbstractContextManager[Connection]]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the organisation with the roles that they hold now (hats that come with a post included)."""

    id: str
    name: str
    roles: frozenset[str]
    locale: str = ""  # empty: as the browser asks
    name_latin: str = ""
    department: str | None = None
    supervisor: str | None = None
    email: str = ""
    active: bool = True

    def called(self, locale: str) -> str:
        """The name as readers of this language write it."""
        return self.name if locale.startswith("zh") else self.name_latin or self.name


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role that a person holds. `kind`: post, hat, or delegate (stands in for the role within `scope`)."""

    role: str
    kind: str = "post"
    scope: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None  # the last day


class People:
    """The people of the database; every method is one transaction, or part of the unit of work it belongs to."""

    def __init__(self, read: Connect, write: Connect, *, hasher: PasswordHasher | None = None) -> None:
        self._read = read
        self._write = write
        self._hasher = hasher or PasswordHasher()

    # --- finding ---------------------------------------------------------------------------------------------------

    def load(self, person_id: str, *, at: datetime, session: str | None = None) -> Person | None:
        """Return an active person with the roles held at a moment, in one statement; None for anybody else.

        With `session`, also None once that session was ended.
        """
        conditions = [person.c.id == person_id, person.c.active]
        if session is not None:
            conditions.append(~exists().where(ended_session.c.digest == _digest(session)))
        found = self._select(*conditions, at=at)
        return found[0] if found else None

    def get(self, person_id: str, *, at: datetime) -> Person:
        """Return a person, active or not. Raises PersonNotFound."""
        found = self._select(person.c.id == person_id, at=at)
        if not found:
            raise PersonNotFound(Text("there is no person {person}", person=person_id))
        return found[0]

    def by_id(self, person_ids: Iterable[str], *, at: datetime) -> list[Person]:
        """Those of the people who exist, active or not, in one statement."""
        return self._select(person.c.id.in_(list(person_ids)), at=at)

    def all(self, *, at: datetime) -> list[Person]:
        """Everybody, active or not, by id."""
        return self._select(at=at)

    def roles_of(self, person_id: str, *, at: datetime) -> frozenset[str]:
        """The roles that an active person holds at a moment; empty for anybody else."""
        found = self.load(person_id, at=at)
        return found.roles if found else frozenset()

    def holders(self, role: str, *, at: datetime) -> list[Person]:
        """The active people who hold a role at a moment, or its fallback's holders while nobody does."""
        return self.holders_of([role], at=at)[role]

    def holders_of(self, wanted: Iterable[str], *, at: datetime) -> dict[str, list[Person]]:
        """The active holders of several roles, in one statement."""
        keys = list(dict.fromkeys(wanted))
        sources = {source for key in keys for source in _sources(key)}
        ids = select(person_role.c.person).where(person_role.c.role.in_(sources), _held(at))
        condition = person.c.active if "employee" in keys else and_(person.c.active, person.c.id.in_(ids))
        people = self._select(condition, at=at)
        return {key: _holding(people, key) for key in keys}

    def recipients(self, keys: Iterable[str], *, at: datetime) -> tuple[list[Person], list[str]]:
        """Turn person ids and role keys into people, in one statement; also returns the keys that reach nobody."""
        wanted = list(dict.fromkeys(keys))
        sources = {source for key in wanted if key in roles() for source in _sources(key)}
        ids = select(person_role.c.person).where(person_role.c.role.in_(sources), _held(at))
        people = self._select(person.c.active, or_(person.c.id.in_(wanted), person.c.id.in_(ids)), at=at)
        found: dict[str, Person] = {}
        lost = []
        for key in wanted:
            reached = _holding(people, key) if key in roles() else [p for p in people if p.id == key]
            found.update({p.id: p for p in reached})
            if not reached:
                lost.append(key)
        return list(found.values()), lost

    def require_holders(self, wanted: Iterable[str], *, at: datetime) -> None:
        """Make sure that somebody holds each role; roles outside the organisation aren't looked at.

        Raises RoleUnassigned with every role that nobody holds.
        """
        known = roles()
        keys = [key for key in dict.fromkeys(wanted) if key not in known or known[key].kind != "external"]
        missing = [key for key, people in self.holders_of(keys, at=at).items() if not people]
        if missing:
            names = ", ".join(missing)
            raise RoleUnassigned(missing, Text("nobody holds: {roles}. Assign them, then start again.", roles=names))

    def superiors(self, person_id: str, *, at: datetime) -> list[Person]:
        """To whom a person reports: the supervisor, else the holders of the post above. Raises PersonNotFound."""
        found = self.get(person_id, at=at)
        if found.supervisor:
            return self._select(person.c.id == found.supervisor, person.c.active, at=at)
        key = next((r for r in sorted(found.roles) if r in roles() and roles()[r].reports_to), None)
        for _ in range(len(roles())):  # vacant posts are skipped upwards
            key = roles()[key].reports_to if key else None
            if key is None:
                return []
            people = [p for p in self.holders(key, at=at) if p.id != person_id]
            if people:
                return people
        return []

    def search(self, text: str, *, at: datetime, role: str | None = None, limit: int = 20) -> list[Person]:
        """Find active people by id or name (either script), those whose id or name begins with the text first."""
        conditions: list[ColumnElement[bool]] = [person.c.active]
        if text.strip():
            conditions.append(contains(person.c.search, text))
        found = [p for p in self._select(*conditions, at=at) if role is None or role in p.roles]
        start = text.casefold().strip()
        found.sort(key=lambda p: (not any(n.casefold().startswith(start) for n in (p.id, p.name, p.name_latin)), p.id))
        return found[:limit]

    # --- changing ---------------------------------------------------------------------------------------------------

    def save(self, who: Person) -> None:
        """Add a person or change what is known about them; roles and password stay as they are."""
        row = {
            "name": who.name,
            "name_latin": who.name_latin,
            "department": who.department,
            "supervisor": who.supervisor,
            "email": who.email,
            "locale": who.locale,
            "active": who.active,
            "search": search_text((who.id, who.name, who.name_latin)),
        }
        with self._write() as connection:
            if connection.execute(update(person).where(person.c.id == who.id).values(**row)).rowcount == 0:
                connection.execute(insert(person).values(id=who.id, **row))

    def assign(self, person_id: str, assignments: Iterable[Assignment]) -> None:
        """Replace everything that a person holds."""
        rows = [
            {
                "person": person_id,
                "role": a.role,
                "kind": a.kind,
                "scope": a.scope,
                "valid_from": a.valid_from,
                "valid_to": a.valid_to,
            }
            for a in assignments
        ]
        with self._write() as connection:
            connection.execute(delete(person_role).where(person_role.c.person == person_id))
            if rows:
                connection.execute(insert(person_role), rows)

    # --- sessions ---------------------------------------------------------------------------------------------------

    def end_session(self, session: str, *, now: datetime) -> None:
        """Make a session useless from now on; ending it again changes nothing. Old entries go: sessions run out."""
        with self._write() as connection:
            connection.execute(delete(ended_session).where(ended_session.c.ended_at < now - FORGET_SESSIONS_AFTER))
            known = select(ended_session.c.digest).where(ended_session.c.digest == _digest(session))
            if connection.execute(known).first() is None:
                connection.execute(insert(ended_session).values(digest=_digest(session), ended_at=now))

    # --- passwords --------------------------------------------------------------------------------------------------

    def authenticate(self, login: str, password: str, *, at: datetime) -> Person | None:
        """Return the person if the password is right. An unknown login takes as long as a wrong password."""
        with self._read() as connection:
            stored = connection.execute(
                select(person.c.password_hash).where(person.c.id == login, person.c.active)
            ).scalar_one_or_none()
        try:
            self._hasher.verify(stored or self._nobody(), password)
        except (VerificationError, InvalidHashError):
            return None
        if stored is None:
            return None
        if self._hasher.check_needs_rehash(stored):
            self.set_password(login, password)
        return self.load(login, at=at)

    def set_password(self, person_id: str, password: str) -> None:
        """Keep a new password as an argon2id hash. Raises PersonNotFound."""
        self.set_password_hash([person_id], self.hash_password(password))

    def hash_password(self, password: str) -> str:
        """Hash a password with the parameters in force."""
        return self._hasher.hash(password)

    def set_password_hash(self, person_ids: Iterable[str], password_hash: str) -> None:
        """Give people a ready-made hash (demo data, imports). Raises PersonNotFound."""
        ids = list(person_ids)
        with self._write() as connection:
            statement = update(person).where(person.c.id.in_(ids)).values(password_hash=password_hash)
            if connection.execute(statement).rowcount != len(ids):
                raise PersonNotFound(Text("there is no person {person}", person=", ".join(ids)))

    def _nobody(self) -> str:
        """A hash of the same cost that no password fits (made once per hasher, not per login)."""
        if self._hasher not in _NOBODY:
            _NOBODY[self._hasher] = self._hasher.hash("nobody's password")
        return _NOBODY[self._hasher]

    # --- inside -----------------------------------------------------------------------------------------------------

    def _select(self, *conditions: ColumnElement[bool], at: datetime) -> list[Person]:
        columns = [c for c in person.c if c.name not in ("password_hash", "search")]
        held = and_(person_role.c.person == person.c.id, _held(at))
        query = select(*columns, person_role.c.role).outerjoin(person_role, held).where(*conditions)
        with self._read() as connection:
            rows = connection.execute(query.order_by(person.c.id, person_role.c.id)).mappings().all()
        return _people(rows)


_NOBODY: dict[PasswordHasher, str] = {}


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _held(at: datetime) -> ColumnElement[bool]:
    day = at.astimezone(ZONE).date()
    return and_(
        person_role.c.kind != "delegate",
        or_(person_role.c.valid_from.is_(None), person_role.c.valid_from <= day),
        or_(person_role.c.valid_to.is_(None), person_role.c.valid_to >= day),
    )


def _sources(role: str) -> set[str]:
    """The assigned roles that can make somebody a holder of this one."""
    found = roles().get(role)
    if found is None:
        return {role}
    return {role, *found.implied_by, *(_sources(found.fallback) if found.fallback else ())}


def _holding(people: Iterable[Person], role: str) -> list[Person]:
    held = [p for p in people if role in p.roles]
    fallback = roles()[role].fallback if role in roles() else None
    return held if held or fallback is None else _holding(people, fallback)


def _people(rows: Iterable[RowMapping]) -> list[Person]:
    held: dict[str, list[str]] = {}
    facts: dict[str, dict[str, Any]] = {}
    for row in rows:
        data = dict(row)
        role = data.pop("role")
        facts[data["id"]] = data
        held.setdefault(data["id"], []).extend([role] if role else [])
    return [Person(**data, roles=with_implied(held[key])) for key, data in facts.items()]
