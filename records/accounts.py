"""Passwords, failed attempts, identities of providers, and the record of comings and goings.

Passwords are kept as argon2id (RFC 9106) and nowhere else. Whatever is wrong with a sign-in, the work done and the
answer given are the same. Instants are aware.
"""

import asyncio
import hashlib
import ipaddress
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from records.db import Connection, Pool, RecordsError, reaching, transaction
from records.guessable import is_guessable
from records.links import count
from records.sessions import digest_of
from records.sql import statements

SQL = statements("accounts")

SHORTEST, LONGEST = 10, 256
#: after so many failures in a row each further one has to wait twice as long as the one before. `pair`: a name from one
#: address; `device`: a name from a browser its person came in with before; `account`: a name from anywhere
FREE_ATTEMPTS = {"pair": 5, "device": 5, "address": 30, "account": 50}
#: the longest wait, and after how long without an attempt the count begins anew
LONGEST_WAIT, FORGOTTEN_AFTER = timedelta(minutes=15), timedelta(hours=6)
#: of a name alone: whoever keeps guessing at it must not keep its person out
LONGEST_WAIT_OF_NAME = timedelta(minutes=1)
#: how often it is noted that the same has to wait
_NOTED_EVERY = timedelta(hours=1)
#: hashing takes 64 MiB each; more at once would only wait for the same cores
_AT_ONCE = asyncio.Semaphore(4)
#: sign-ins under way at once, the waiting ones too; a person waits a few seconds at most
MOST_UNDER_WAY = 24


class WeakPassword(ValueError):
    """A password that is not taken; `rule` says why: short, long, known, repeated, characters."""

    def __init__(self, rule: str) -> None:
        super().__init__(WEAK[rule])
        self.rule = rule


#: rule → what is wrong with the password, as a message id
WEAK = {
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


class TooBusy(Exception):
    """So many sign-ins are under way that another would wait too long."""


class _UnderWay:
    """How many sign-ins are under way in this process."""

    def __init__(self) -> None:
        self.count = 0

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """A sign-in. Raises TooBusy."""
        if self.count >= MOST_UNDER_WAY:
            raise TooBusy
        self.count += 1
        try:
            yield
        finally:
            self.count -= 1


_UNDER_WAY = _UnderWay()


def require_strong(user: str, password: str, name: str = "") -> str:
    """The password as it is kept (NFKC), if it is one for this person to take. Raises WeakPassword."""
    if len(password) > LONGEST:
        raise WeakPassword("long")
    plain = unicodedata.normalize("NFKC", password)
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in plain):
        raise WeakPassword("characters")
    if len(plain) < SHORTEST:
        raise WeakPassword("short")
    if len(set(plain)) < 4:
        raise WeakPassword("repeated")
    if is_guessable(plain, (user, name)):
        raise WeakPassword("known")
    return plain


async def set_password(connection: Connection, user: str, password: str, at: datetime) -> None:
    """The person's password from now on. Raises WeakPassword, and RecordsError for nobody who may act."""
    person = await connection.fetchrow(SQL["account"], user, at)
    plain = require_strong(user, password, person["name"] if person else "")
    if person is None:
        raise RecordsError(f"There is no person {user}.")
    await connection.execute(SQL["set_password"], user, await _hash(plain), at)


async def has_password(connection: Connection, person: str) -> bool:
    """Whether a person can come in by a password."""
    return bool(await connection.fetchval(SQL["has_password"], person))


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


async def attempt(
    pool: Pool, user: str, password: str, address: str, at: datetime, *, device: str | None = None
) -> Attempt:
    """Try to sign in. Each attempt counts as failed before it is looked at, so that many at once gain nothing.

    Failures are counted by address, by the name typed from this address, known or not, and by the name alone; success
    forgives the name's. device: a browser in which this person came in before; it answers for itself alone, so that
    nobody else's guesses keep its person out. Raises TooBusy.
    """
    name, place = user.casefold(), place_of(address)
    counters = {"address": place, "pair": f"{place}\0{name}", "account": name}
    if device is not None:
        counters = {"device": f"{device}\0{name}"}
    digests = {what: _counter(what, of) for what, of in counters.items()}
    with _UNDER_WAY.one_more():
        async with transaction(pool) as connection:
            for what, digest in digests.items():
                if not await _counted(connection, digest, what, at):
                    return await _has_to_wait(connection, digest, address, at)
        person = await check_password(pool, user, password, at)
    async with transaction(pool) as connection:
        if person is None:
            known = await connection.fetchrow(SQL["account"], user, at) if _is_name(user) else None
            await note(connection, at, user if known else None, "failed", "password", address)
            return Attempt(None)
        for what, digest in digests.items():
            if what == "address":
                await connection.execute(SQL["take_back_attempt"], digest, at)
            else:
                await connection.execute(SQL["forgive"], digest)
        await sweep_attempts(connection, at)
    return Attempt(person)


async def _counted(connection: Connection, digest: bytes, what: str, at: datetime) -> bool:
    longest = LONGEST_WAIT_OF_NAME if what == "account" else LONGEST_WAIT
    failures = await connection.fetchval(
        SQL["count_attempt"], digest, at, FREE_ATTEMPTS[what], FORGOTTEN_AFTER, longest
    )
    return failures is not None


async def _has_to_wait(connection: Connection, digest: bytes, address: str, at: datetime) -> Attempt:
    """For how long; noted once an hour, or whoever knocks on would fill the record."""
    free_at: datetime = await connection.fetchval(SQL["free_at"], [digest])
    if await count(connection, f"throttled {digest.hex()}", _NOTED_EVERY, at) == 1:
        await note(connection, at, None, "throttled", "password", address)
    return Attempt(None, max(free_at - at, timedelta(seconds=1)))


async def sweep_attempts(connection: Connection, at: datetime) -> None:
    """Forget counts, errands and sessions that no longer matter."""
    await connection.execute(SQL["sweep_attempts"], at)


def place_of(address: str) -> str:
    """What one somebody has as an address: of IPv6 the whole network of 64 bits, in which they choose freely."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Address(int(found) >> 64 << 64))


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
