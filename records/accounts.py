"""Passwords, failed attempts, identities of providers, and the record of comings and goings.

Passwords are kept as argon2id (RFC 9106) and nowhere else. Whatever is wrong with a sign-in, the work done and the
answer given are the same. Instants are aware.
"""

import asyncio
import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from records.db import Connection, Pool, RecordsError, reaching, transaction
from records.sessions import digest_of
from records.sql import statements

SQL = statements("accounts")

SHORTEST, LONGEST = 10, 256
#: after so many failures in a row each further one has to wait twice as long as the one before
FREE_ATTEMPTS = {"account": 5, "address": 30}
#: the longest wait, and after how long without an attempt the count begins anew
LONGEST_WAIT, FORGOTTEN_AFTER = timedelta(minutes=15), timedelta(hours=6)
#: hashing takes 64 MiB each; more at once would only wait for the same cores
_AT_ONCE = asyncio.Semaphore(4)
#: what people try first
_REFUSED = ("password", "passw0rd", "qwertyuiop", "1234567890", "0123456789", "redress", "woaini", "iloveyou")


class WeakPassword(ValueError):
    """A password that is not taken; `rule` says why: short, long, known, repeated, characters."""

    def __init__(self, rule: str) -> None:
        super().__init__(_WEAK[rule])
        self.rule = rule


_WEAK = {
    "short": f"A password has at least {SHORTEST} characters.",
    "long": f"A password has at most {LONGEST} characters.",
    "known": "This password is among the first that others would try.",
    "repeated": "A password of so few different characters is guessed at once.",
    "characters": "A password cannot contain control characters.",
}


@dataclass(frozen=True)
class Attempt:
    """What became of a sign-in. person: who it is, or None. wait: how long the next attempt is not looked at."""

    person: str | None
    wait: timedelta | None = None


def require_strong(user: str, password: str) -> str:
    """The password as it is kept (NFKC), if it is one to take. Raises WeakPassword."""
    if len(password) > LONGEST:
        raise WeakPassword("long")
    plain = unicodedata.normalize("NFKC", password)
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in plain):
        raise WeakPassword("characters")
    if len(plain) < SHORTEST:
        raise WeakPassword("short")
    if len(set(plain)) < 4:
        raise WeakPassword("repeated")
    low = plain.casefold()
    without_digits = low.strip("0123456789!.@#-_ ")
    if user.casefold() in (low, without_digits) or low in _REFUSED or without_digits in ("", *_REFUSED):
        raise WeakPassword("known")
    return plain


async def set_password(connection: Connection, user: str, password: str, at: datetime) -> None:
    """The person's password from now on. Raises WeakPassword, and RecordsError for nobody who may act."""
    plain = require_strong(user, password)
    if await connection.fetchrow(SQL["account"], user, at) is None:
        raise RecordsError(f"There is no person {user}.")
    await connection.execute(SQL["set_password"], user, await _hash(plain), at)


async def check_password(pool: Pool, user: str, password: str, at: datetime) -> str | None:
    """Who it is, if it is their password and they may act now; else None, after the same work for whoever is named.

    A hash of older parameters is made anew.
    """
    with reaching():
        row = await pool.fetchrow(SQL["account"], user, at) if _is_name(user) else None
    kept = row["password"] if row else None
    plain = unicodedata.normalize("NFKC", password[:LONGEST])
    matches = await _verify(kept or _nobodys(), plain)
    if row is None or kept is None or not matches or len(password) > LONGEST:
        return None
    if _hasher().check_needs_rehash(kept):
        newer = await _hash(plain)
        with reaching():
            await pool.execute(SQL["rehash_password"], user, kept, newer)
    person: str = row["user_id"]
    return person


async def attempt(pool: Pool, user: str, password: str, address: str, at: datetime) -> Attempt:
    """Try to sign in. Each attempt counts as failed before it is looked at, so that many at once gain nothing.

    Failures are counted by the name typed, known or not, and by address; success forgives the account's.
    """
    account, place = _counter("account", user.casefold()), _counter("address", address)
    async with transaction(pool) as connection:
        for digest, what in ((place, "address"), (account, "account")):
            if not await _counted(connection, digest, what, at):
                free_at: datetime = await connection.fetchval(SQL["free_at"], [digest])
                await note(connection, at, None, "throttled", "password", address)
                return Attempt(None, max(free_at - at, timedelta(seconds=1)))
    person = await check_password(pool, user, password, at)
    async with transaction(pool) as connection:
        if person is None:
            known = await connection.fetchrow(SQL["account"], user, at) if _is_name(user) else None
            await note(connection, at, user if known else None, "failed", "password", address)
            return Attempt(None)
        await connection.execute(SQL["forgive"], account)
        await connection.execute(SQL["take_back_attempt"], place, at)
        await connection.execute(SQL["sweep_attempts"], at)
    return Attempt(person)


async def _counted(connection: Connection, digest: bytes, what: str, at: datetime) -> bool:
    failures = await connection.fetchval(
        SQL["count_attempt"], digest, at, FREE_ATTEMPTS[what], FORGOTTEN_AFTER, LONGEST_WAIT
    )
    return failures is not None


async def note(
    connection: Connection, at: datetime, person: str | None, event: str, way: str, address: str
) -> None:
    """A line in the record of comings and goings: signed_in, failed, throttled, signed_out, password_changed, …"""
    await connection.execute(SQL["note_sign_in"], at, person, event, way, address[:64])


async def recent_sign_ins(connection: Connection, person: str, limit: int = 10) -> list[dict[str, object]]:
    """A person's own comings and goings, newest first: at, event, way, address."""
    return [dict(row) for row in await connection.fetch(SQL["sign_ins_of"], person, limit)]


async def set_language(connection: Connection, person: str, language: str) -> None:
    """The language a person reads in, on the desk and in notices."""
    await connection.execute(SQL["set_language"], person, language)


async def set_theme(connection: Connection, person: str, theme: str) -> None:
    """auto, light or dark."""
    await connection.execute(SQL["set_theme"], person, theme)


async def person_of(
    connection: Connection, issuer: str, subject: str, email: str | None, at: datetime
) -> str | None:
    """Who an identity provider's subject is here. email: only where the provider vouches for it.

    The first time it is the one person with this mail address; from then on the subject alone counts. Nobody is made.
    """
    person: str | None = await connection.fetchval(SQL["find_identity"], issuer, subject, at)
    if person is None and email:
        person = await connection.fetchval(SQL["link_identity"], issuer, subject, email, at)
    return person


@dataclass(frozen=True)
class Errand:
    """A sign-in under way at an identity provider. back_to: an own path."""

    nonce: str
    verifier: str
    back_to: str


async def put_errand(connection: Connection, state: str, errand: Errand, ends_at: datetime) -> None:
    """Remember it under the secret that comes back."""
    await connection.execute(
        SQL["put_errand"], digest_of(state), errand.nonce, errand.verifier, errand.back_to, ends_at
    )


async def take_errand(connection: Connection, state: str, at: datetime) -> Errand | None:
    """What left under this secret; once, and in time."""
    row = await connection.fetchrow(SQL["take_errand"], digest_of(state), at)
    return Errand(**row) if row else None


async def seed_demo_passwords(connection: Connection, password: str, production: bool, at: datetime) -> int:
    """Give every sample person of the local profile this password; how many there are. Safe to repeat.

    Only entries with the mail address the seed gave them are touched, never a real person's. Raises RecordsError in a
    production profile, WeakPassword.
    """
    if production:
        raise RecordsError("Demo passwords belong to the local profile; set each person's own instead.")
    kept = await _hash(require_strong("", password))
    done: str = await connection.execute(SQL["seed_passwords"], kept, "@example.com", at)
    return int(done.rpartition(" ")[2])


def generated_password() -> str:
    """A password nobody guesses: 20 letters and digits in groups."""
    signs = "abcdefghijkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(signs) for _ in range(5)) for _ in range(4))


@cache
def _hasher() -> PasswordHasher:
    """argon2id with the library's present parameters (RFC 9106, low memory)."""
    return PasswordHasher()


@cache
def _nobodys() -> str:
    """A hash that is nobody's, so that an unknown name costs what a known one does."""
    return _hasher().hash(secrets.token_urlsafe(16))


async def _hash(plain: str) -> str:
    async with _AT_ONCE:
        return await asyncio.to_thread(_hasher().hash, plain)


async def _verify(kept: str, plain: str) -> bool:
    async with _AT_ONCE:
        return await asyncio.to_thread(_matches, kept, plain)


def _matches(kept: str, plain: str) -> bool:
    try:
        return _hasher().verify(kept, plain.encode("utf-8", "surrogatepass"))
    except (Argon2Error, InvalidHashError):
        return False


def _is_name(user: str) -> bool:
    """Whether PostgreSQL can be asked about it at all."""
    return 0 < len(user) <= 100 and user.isprintable()


def _counter(what: str, of: str) -> bytes:
    return hashlib.sha256(f"{what}\0{of}".encode("utf-8", "surrogatepass")).digest()
