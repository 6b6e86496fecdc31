"""Master keys, and the data keys of complaints that they lock.

Words are encrypted with a data key of their complaint (`texts`); a data key is kept in PostgreSQL, locked with a
master key that never gets there. Master keys live in a file of one base64 line each (32 bytes), the first being the
one in use, the others kept until `relock` has moved everything to the first. Losing the file loses the words, so
it is created only for a database that has none yet, and never again. (CUS-07, CUS-08)
"""

import base64
import binascii
import hmac
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from records.db import Connection, RecordsError
from records.sql import statements

SQL = statements("keys")

KEY_BYTES = 32
_NONCE_BYTES = 12
_RELOCK_BATCH = 500


class MasterKeyError(RecordsError):
    """The master key is missing, malformed, or not the one this database's words are locked with."""


class TextDamaged(RecordsError):
    """Stored words or a stored key do not open: they were altered, or belong to another row."""


@dataclass(frozen=True)
class MasterKey:
    """A 32-byte key that locks data keys. Its id and check value are derived from it, so they cannot be mixed up."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise MasterKeyError(f"A master key has {KEY_BYTES} bytes, this one has {len(self.secret)}.")

    @property
    def id(self) -> str:
        """Sixteen hexadecimal digits that name the key without telling it."""
        return hmac.digest(self.secret, b"redress master key id", "sha256")[:8].hex()

    @property
    def check_value(self) -> bytes:
        """What the database keeps to recognise the key (32 bytes)."""
        return hmac.digest(self.secret, b"redress master key check", "sha256")


@dataclass(frozen=True)
class DataKey:
    """The key of one complaint's (or customer's) words, open in memory."""

    id: str
    owner: str
    secret: bytes = field(repr=False)


class KeyRing:
    """The master keys at hand: the first locks, all unlock."""

    def __init__(self, keys: Iterable[MasterKey]) -> None:
        self._keys = {key.id: key for key in keys}
        if not self._keys:
            raise MasterKeyError("No master key was given.")
        self.current = next(iter(self._keys.values()))

    def __contains__(self, key_id: str) -> bool:
        return key_id in self._keys

    def check_value(self, key_id: str) -> bytes:
        """The check value of a key of this ring. Raises MasterKeyError when it is not here."""
        return self._key(key_id).check_value

    def lock(self, secret: bytes, data_key_id: str, owner: str) -> bytes:
        """A data key locked with the current master key, bound to its row and owner."""
        return seal(self.current.secret, secret, _row(data_key_id, owner))

    def unlock(self, master_key_id: str, locked: bytes, data_key_id: str, owner: str) -> DataKey:
        """The data key again. Raises MasterKeyError for a key not at hand, TextDamaged for an altered row."""
        secret = unseal(self._key(master_key_id).secret, locked, _row(data_key_id, owner))
        return DataKey(data_key_id, owner, secret)

    def _key(self, key_id: str) -> MasterKey:
        try:
            return self._keys[key_id]
        except KeyError:
            raise MasterKeyError(f"Master key {key_id} is needed and not in the master key file.") from None


def seal(key: bytes, plain: bytes, bound_to: bytes) -> bytes:
    """AES-256-GCM: nonce (12 bytes), ciphertext and tag; opens only with the same `bound_to`."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to)


def unseal(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    """What `seal` locked. Raises TextDamaged for another key, another `bound_to` or altered bytes."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError) as error:
        raise TextDamaged(f"The row {bound_to.decode()!r} does not open: it was altered or moved.") from error


def _row(data_key_id: str, owner: str) -> bytes:
    return f"data_keys|{data_key_id}|{owner}".encode()


async def open_key_ring(connection: Connection, source: Path | bytes, *, may_create: bool = False) -> KeyRing:
    """The master keys of this database, checked against what the database knows of them.

    source: the key file (setting REDRESS_MASTER_KEY_FILE), or the 32 bytes themselves.
    may_create: make the file (mode 0600) if it is missing and no word of this database depends on a key yet;
    meant for the local profile. Raises MasterKeyError when the file is missing, malformed or readable by others,
    or when it lacks a key that words are locked with: then nothing is created and nothing changed.
    """
    known = await connection.fetch(SQL["known_master_keys"])
    needed = {row["id"]: row["check_value"] for row in known if row["in_use"]}
    ring, place = _take_from(source, needed, may_create)
    for key_id, check_value in needed.items():
        if key_id not in ring or not hmac.compare_digest(ring.check_value(key_id), check_value):
            raise MasterKeyError(
                f"The words of this database are locked with master key {key_id}, which {place} does not hold. "
                "Put the right key back; a new one cannot open them."
            )
    await connection.execute(SQL["remember_master_key"], ring.current.id, ring.current.check_value)
    return ring


def _take_from(source: Path | bytes, needed: Mapping[str, bytes], may_create: bool) -> tuple[KeyRing, str]:
    """The keys of a source, and how to speak of it."""
    if isinstance(source, bytes):
        return KeyRing([MasterKey(source)]), "the master key given"
    if may_create and not needed and not source.exists():
        _create_file(source)
    return KeyRing(_read_file(source, needed)), f"the master key file {source}"


def _create_file(path: Path) -> None:
    """Write a new key where no file is; if another process does so at the same moment, its key stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if not path.exists():
            path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _read_file(path: Path, needed: Mapping[str, bytes]) -> list[MasterKey]:
    waiting = f" The words of this database need master key {', '.join(needed)}." if needed else ""
    try:
        mode, lines = path.stat().st_mode, path.read_bytes().split()
    except OSError as error:
        raise MasterKeyError(
            f"The master key file {path} cannot be read ({error.strerror}).{waiting}"
        ) from error
    if mode & 0o077:
        raise MasterKeyError(f"The master key file {path} can be read by other users: set its mode to 0600.")
    try:
        return [MasterKey(base64.b64decode(line, validate=True)) for line in lines]
    except binascii.Error as error:
        raise MasterKeyError(
            f"The master key file {path} is malformed: each line must be {KEY_BYTES} bytes in base64.{waiting}"
        ) from error


async def open_data_key(connection: Connection, ring: KeyRing, owner: str) -> DataKey:
    """The data key new words of `owner` are locked with; made at the first use and after an erasure.

    owner: a complaint number, a customer id (`cus_…`), a draft (`draft_…`) or the look-up index.
    """
    row = await connection.fetchrow(SQL["open_data_key"], owner)
    if row is None:
        made = DataKey(f"key_{secrets.token_hex(16)}", owner, secrets.token_bytes(KEY_BYTES))
        locked = ring.lock(made.secret, made.id, owner)
        if await connection.fetchval(SQL["add_data_key"], made.id, owner, ring.current.id, locked):
            return made
        row = await connection.fetchrow(SQL["open_data_key"], owner)
    return ring.unlock(row["master_key"], row["locked"], row["id"], row["owner"])


async def move_data_key(connection: Connection, ring: KeyRing, draft: str, number: str) -> None:
    """Give the words of a draft to the complaint it became. Raises RecordsError for an unknown draft."""
    row = await connection.fetchrow(SQL["open_data_key"], draft)
    if row is None:
        raise RecordsError(
            f"There is no draft {draft}: its words were swept or never stored. Send them again."
        )
    key = ring.unlock(row["master_key"], row["locked"], row["id"], row["owner"])
    locked = ring.lock(key.secret, key.id, number)
    await connection.execute(SQL["move_data_key"], key.id, number, ring.current.id, locked)
    await connection.execute(SQL["move_contacts"], draft, number)


async def relock(connection: Connection, ring: KeyRing) -> int:
    """Lock every data key with the current master key; returns how many were moved. Safe to repeat or interrupt.

    After it the older lines of the master key file may be removed.
    """
    moved = 0
    while True:
        async with connection.transaction():
            rows = await connection.fetch(SQL["keys_locked_otherwise"], ring.current.id, _RELOCK_BATCH)
            for row in rows:
                key = ring.unlock(row["master_key"], row["locked"], row["id"], row["owner"])
                locked = ring.lock(key.secret, key.id, key.owner)
                await connection.execute(SQL["relock_data_key"], key.id, ring.current.id, locked)
        moved += len(rows)
        if len(rows) < _RELOCK_BATCH:
            return moved
