"""Who is in: sessions of people and tokens of programs. Of a secret only its SHA-256 is kept.

Instants are aware. Whoever has left the company is out at once: every question asks the directory again.
"""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.askers import Asker
from records.db import Connection, Pool, RecordsError, reaching
from records.organisation import asker_of
from records.sql import statements

SQL = statements("sessions")

#: what a token begins with, so that a leaked one is recognised
TOKEN_PREFIX = "redress_pat_"  # noqa: S105  (the part that is no secret)
#: how long a token may live at most
LONGEST_TOKEN = timedelta(days=366)


@dataclass(frozen=True)
class Present:
    """A person who is in, or whose token acts. session: the id of the session; None for a token, which has scopes."""

    asker: Asker
    name: str
    language: str
    theme: str
    session: str | None = None
    scopes: frozenset[str] | None = None


@dataclass(frozen=True)
class Session:
    """One place where a person is signed in. agent: what the browser says it is."""

    id: str
    way: str
    started_at: datetime
    seen_at: datetime
    ends_at: datetime
    address: str
    agent: str


@dataclass(frozen=True)
class Token:
    """A key for a program; the key itself was shown once."""

    id: str
    name: str
    scopes: tuple[str, ...]
    made_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None

    def ended(self, at: datetime) -> bool:
        """Whether it opens nothing any more."""
        return self.revoked_at is not None or self.expires_at <= at


def digest_of(secret: str) -> bytes:
    """The SHA-256 under which a secret of 256 random bits is known."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


async def start_session(
    connection: Connection,
    person: str,
    way: str,
    at: datetime,
    lasts: timedelta,
    *,
    address: str = "",
    agent: str = "",
) -> tuple[str, str]:
    """A new session: its id and the secret for the cookie, which is never an old one."""
    secret, name = secrets.token_urlsafe(32), secrets.token_hex(8)
    await connection.execute(
        SQL["start_session"], digest_of(secret), name, person, way, at, at + lasts, address[:64], agent[:200]
    )
    return name, secret


async def who_is(
    pool: Pool, secret: str, at: datetime, idle: timedelta, *, seen: bool = True
) -> Present | None:
    """Who holds the session of this cookie. seen: whether it is they who ask. One statement."""
    with reaching():
        row = await pool.fetchrow(SQL["who_is"], digest_of(secret), at, idle, seen)
    if row is None:
        return None
    return Present(
        asker_of(row["person"], row), row["name"], row["language"], row["theme"], session=row["id"]
    )


async def who_holds(pool: Pool, secret: str, at: datetime) -> Present | None:
    """Who this token acts for. One statement."""
    with reaching():
        row = await pool.fetchrow(SQL["who_holds"], digest_of(secret), at)
    if row is None:
        return None
    return Present(
        asker_of(row["person"], row),
        row["name"],
        row["language"],
        row["theme"],
        scopes=frozenset(row["scopes"]),
    )


async def end_session(connection: Connection, secret: str) -> str | None:
    """The session of this cookie is over; whose it was, or None where there was none."""
    person: str | None = await connection.fetchval(SQL["end_session"], digest_of(secret))
    return person


async def end_own_session(connection: Connection, person: str, session: str) -> bool:
    """End one session of a person; False where it is not theirs or over."""
    return await connection.fetchval(SQL["end_own_session"], person, session) is not None


async def end_other_sessions(connection: Connection, person: str, kept: str) -> int:
    """End all sessions of a person but the one of this id; how many there were."""
    return len(await connection.fetch(SQL["end_other_sessions"], person, kept))


async def end_sessions(connection: Connection, person: str) -> int:
    """End all sessions of a person; how many there were."""
    return len(await connection.fetch(SQL["end_sessions"], person))


async def sessions_of(connection: Connection, person: str, at: datetime, idle: timedelta) -> list[Session]:
    """Where a person is signed in, latest seen first."""
    return [Session(**row) for row in await connection.fetch(SQL["sessions_of"], person, at, idle)]


async def make_token(
    connection: Connection,
    person: str,
    name: str,
    scopes: Collection[str],
    at: datetime,
    expires_at: datetime,
) -> tuple[str, str]:
    """A new token: its id, and the key to be shown this once. Raises RecordsError for nobody, or too long a life."""
    if not at < expires_at <= at + LONGEST_TOKEN:
        raise RecordsError("A token lives for a day at least and a year at most.")
    secret, token = TOKEN_PREFIX + secrets.token_urlsafe(32), secrets.token_hex(8)
    made = await connection.fetchval(
        SQL["add_token"], digest_of(secret), token, person, name, sorted(scopes), at, expires_at
    )
    if made is None:
        raise RecordsError(f"There is no person {person}.")
    return token, secret


async def tokens_of(connection: Connection, person: str) -> list[Token]:
    """A person's tokens, newest first, those that have ended too."""
    return [
        Token(**{**dict(row), "scopes": tuple(row["scopes"])})
        for row in await connection.fetch(SQL["tokens_of"], person)
    ]


async def revoke_token(connection: Connection, person: str, token: str, at: datetime) -> bool:
    """End a token of a person; False where it is not theirs or revoked already."""
    return await connection.fetchval(SQL["revoke_token"], person, token, at) is not None


async def revoke_tokens(connection: Connection, person: str, at: datetime) -> int:
    """End all tokens of a person; how many there were."""
    return len(await connection.fetch(SQL["revoke_tokens"], person, at))
