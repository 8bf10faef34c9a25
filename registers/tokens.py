"""API tokens: a secret shown once, kept as a digest, good for the scopes it was made for."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, insert, select, update

from registers.people import Connect
from registers.tables import api_token

PREFIX = "gct_"  # lets secret scanners recognise a leaked token


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token without its secret. `scopes` is what it is good for."""

    id: int
    name: str
    scopes: frozenset[str]
    created_at: datetime
    created_by: str | None
    expires_at: datetime | None
    revoked_at: datetime | None


class ApiTokens:
    """The API tokens of the database."""

    def __init__(self, read: Connect, write: Connect) -> None:
        self._read = read
        self._write = write

    def create(
        self,
        name: str,
        *,
        scopes: Iterable[str],
        now: datetime,
        by: str | None = None,
        expires_at: datetime | None = None,
    ) -> str:
        """Make a token and return its secret, which can't be shown again."""
        secret = PREFIX + secrets.token_urlsafe(32)
        self.add(name, secret, scopes=scopes, now=now, by=by, expires_at=expires_at)
        return secret

    def add(
        self,
        name: str,
        secret: str,
        *,
        scopes: Iterable[str],
        now: datetime,
        by: str | None = None,
        expires_at: datetime | None = None,
    ) -> None:
        """Keep a token whose secret was chosen elsewhere (settings of an installation)."""
        kept = " ".join(sorted(set(scopes)))
        row = {"name": name, "scopes": kept, "digest": _digest(secret), "created_at": now, "created_by": by}
        with self._write() as connection:
            connection.execute(insert(api_token).values(**row, expires_at=expires_at))

    def verify(self, secret: str, *, scope: str, at: datetime) -> ApiToken | None:
        """Return the token if it is good for the scope at this moment.

        Only the digest is looked up, so the time it takes says nothing about stored secrets.
        """
        query = select(*_COLUMNS).where(api_token.c.digest == _digest(secret))
        with self._read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        token = _token(row)
        expired = token.expires_at is not None and token.expires_at <= at
        return None if expired or token.revoked_at is not None or scope not in token.scopes else token

    def revoke(self, token_id: int, *, now: datetime) -> None:
        """Make a token useless from now on."""
        unrevoked = (api_token.c.id == token_id, api_token.c.revoked_at.is_(None))
        with self._write() as connection:
            connection.execute(update(api_token).where(*unrevoked).values(revoked_at=now))

    def all(self) -> list[ApiToken]:
        """Every token, newest first."""
        with self._read() as connection:
            rows = connection.execute(select(*_COLUMNS).order_by(api_token.c.id.desc())).mappings()
            return [_token(row) for row in rows]


_COLUMNS = tuple(column for column in api_token.c if column.name != "digest")


def _token(row: RowMapping) -> ApiToken:
    return ApiToken(**{**row, "scopes": frozenset(row["scopes"].split())})


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
