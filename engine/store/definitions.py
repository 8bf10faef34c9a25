"""Published definitions: immutable versions, and their files by what they contain."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from engine.store.tables import definition_resource, process_definition, process_instance, resource

COLUMNS = process_definition.c


@dataclass(frozen=True, slots=True)
class DefinitionRow:
    """A row of `process_definition`; the fields are in the order of the columns."""

    id: int
    key: str
    version: int
    name: str
    checksum: str
    published_at: datetime
    published_by: str
    publication: int = 0  # the same for all versions that were put into force together


@dataclass(frozen=True, slots=True)
class File:
    """A file of a version. `kind`: diagram, normalised, decision, form."""

    kind: str
    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The checksum that names the content."""
        return hashlib.sha256(self.content).hexdigest()


def insert_version(
    connection: Connection,
    files: Collection[File],
    *,
    key: str,
    version: int,
    name: str,
    checksum: str,
    by: str,
    now: datetime,
    publication: int = 0,
) -> DefinitionRow:
    """Insert a version and those of its files that are new.

    A unique constraint on (key, version) keeps two publishers from taking the same number.
    """
    values = {"key": key, "version": version, "name": name, "checksum": checksum}
    (definition_id,) = connection.execute(
        insert(process_definition).values(**values, published_at=now, published_by=by, publication=publication)
    ).inserted_primary_key or (0,)
    _store_contents(connection, files)
    connection.execute(
        insert(definition_resource),
        [{"definition_id": definition_id, "kind": f.kind, "name": f.name, "sha256": f.sha256} for f in files],
    )
    return DefinitionRow(definition_id, key, version, name, checksum, now, by, publication)


def next_publication(connection: Connection) -> int:
    """Number the versions that are about to be put into force together."""
    return 1 + (connection.execute(select(func.max(COLUMNS.publication))).scalar() or 0)


def find_as_of(connection: Connection, key: str, definition_id: int) -> DefinitionRow | None:
    """Read the version of a process that was the newest when another definition was published, or came with it."""
    then = select(COLUMNS.publication).where(COLUMNS.id == definition_id).scalar_subquery()
    query = select(process_definition).where(COLUMNS.key == key, COLUMNS.publication <= then)
    row = connection.execute(query.order_by(COLUMNS.version.desc()).limit(1)).first()
    return DefinitionRow(*row) if row else None


def newest(connection: Connection) -> list[DefinitionRow]:
    """Read the newest version of every process, by name."""
    top = select(func.max(COLUMNS.id)).group_by(COLUMNS.key)
    rows = connection.execute(select(process_definition).where(COLUMNS.id.in_(top)).order_by(COLUMNS.name, COLUMNS.key))
    return [DefinitionRow(*row) for row in rows]


def newest_versions(connection: Connection) -> dict[str, int]:
    """Tell the number of the newest version of every process."""
    rows = connection.execute(select(COLUMNS.key, func.max(COLUMNS.version)).group_by(COLUMNS.key))
    return {row.key: row[1] for row in rows}


def find(connection: Connection, key: str, version: int | None) -> DefinitionRow | None:
    """Read a version of a process, by default the newest."""
    query = select(process_definition).where(COLUMNS.key == key)
    if version is not None:
        query = query.where(COLUMNS.version == version)
    row = connection.execute(query.order_by(COLUMNS.version.desc()).limit(1)).first()
    return DefinitionRow(*row) if row else None


def read(connection: Connection, definition_id: int) -> DefinitionRow:
    """Read a version by its id, which comes from a foreign key."""
    return DefinitionRow(*connection.execute(select(process_definition).where(COLUMNS.id == definition_id)).one())


def versions(connection: Connection, key: str) -> list[DefinitionRow]:
    """Read all versions of a process, the newest first."""
    rows = connection.execute(select(process_definition).where(COLUMNS.key == key).order_by(COLUMNS.version.desc()))
    return [DefinitionRow(*row) for row in rows]


def files_of(connection: Connection, definition_ids: Iterable[int]) -> Mapping[int, list[File]]:
    """Read the files of versions."""
    link = definition_resource.c
    rows = connection.execute(
        select(link.definition_id, link.kind, link.name, resource.c.content)
        .join(resource)
        .where(link.definition_id.in_(list(definition_ids)))
        .order_by(link.definition_id, link.kind, link.name)
    )
    files: dict[int, list[File]] = {}
    for definition_id, kind, name, content in rows:
        files.setdefault(definition_id, []).append(File(kind, name, content))
    return files


def in_use(connection: Connection, state: str) -> list[int]:
    """List the versions that have instances in a state."""
    rows = connection.execute(
        select(process_instance.c.definition_id).where(process_instance.c.state == state).distinct()
    )
    return list(rows.scalars())


def _store_contents(connection: Connection, files: Collection[File]) -> None:
    contents = {file.sha256: file.content for file in files}
    known = set(connection.execute(select(resource.c.sha256).where(resource.c.sha256.in_(sorted(contents)))).scalars())
    new = [{"sha256": sha, "content": content} for sha, content in contents.items() if sha not in known]
    if new:
        connection.execute(insert(resource), new)
