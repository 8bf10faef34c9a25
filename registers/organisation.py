"""The posts and hats of the organisation, as data: `organisation/roles.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from registers.errors import InvalidDefinitions

FILE = Path(__file__).parent / "organisation" / "roles.toml"
EMPLOYEE = "employee"  # the role of everybody in the house
EXTERNAL = "external"  # kind of the roles of people outside


@dataclass(frozen=True, slots=True)
class Role:
    """A post, a hat (a permission given to posts) or somebody outside.

    `implied_by` are posts whose holders wear the hat without being named; `fallback` is the role that acts while
    nobody holds this one.
    """

    key: str
    label: str
    label_zh: str
    kind: str
    reports_to: str | None = None
    implied_by: tuple[str, ...] = ()
    fallback: str | None = None


@cache
def roles(path: Path = FILE) -> Mapping[str, Role]:
    """Read the organisation's roles by key.

    Raises InvalidDefinitions with all problems.
    """
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    found = {
        key: Role(
            key,
            spec["label"][0],
            spec["label"][1],
            kind,
            spec.get("reports_to"),
            tuple(spec.get("implied_by", ())),
            spec.get("fallback"),
        )
        for kind, group in data.items()
        for key, spec in group.items()
    }
    problems = [
        f"{path.name}: {role.key} names the unknown role {other!r}"
        for role in found.values()
        for other in (role.reports_to, role.fallback, *role.implied_by)
        if other is not None and other not in found
    ]
    if problems:
        raise InvalidDefinitions(problems)
    return found


def with_implied(held: Iterable[str]) -> frozenset[str]:
    """The roles held, the hats that come with them, and `employee` unless all of them are roles of people outside."""
    posts = frozenset(held)
    if posts and all(post in roles() and roles()[post].kind == EXTERNAL for post in posts):
        return posts
    return posts | {EMPLOYEE} | {role.key for role in roles().values() if posts.intersection(role.implied_by)}
