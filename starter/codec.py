"""All payloads are encrypted before they leave the process (CUS-10).

AES-256-GCM with a ring of namespace keys: the first key of the ring encrypts, every key of it decrypts, and a key
is never taken out while a history needs it. Erasing a person's words does not need these keys: words never get here.
"""

import hashlib
import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

log = logging.getLogger(__name__)

ENCODING = b"binary/redress-aesgcm"
_NONCE = 12


class CodecKeyError(Exception):
    """A key ring that cannot be read, or lacks the key of a payload. The message says what to do."""


class EncryptionCodec(PayloadCodec):
    """keys: key id → 32 bytes, the first one encrypts.

    What was sealed with a key that the ring lacks raises CodecKeyError: work waits until the ring is complete. What is
    damaged, or sealed by a stranger under a name of ours, stays sealed for ever: a signal or an update of that kind is
    thrown away by the SDK, and nothing else waits for it.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            raise CodecKeyError("The codec's key ring is empty; give at least one key.")
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._current = next(iter(keys))

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._seal(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._unseal(payload) for payload in payloads]

    def _seal(self, payload: Payload) -> Payload:
        name = self._current.encode()
        nonce = os.urandom(_NONCE)
        sealed = self._ciphers[self._current].encrypt(nonce, payload.SerializeToString(), name)
        return Payload(metadata={"encoding": ENCODING, "key": name}, data=nonce + sealed)

    def _unseal(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        name = payload.metadata.get("key", b"").decode(errors="replace")
        if not name or len(payload.data) <= _NONCE:
            return payload
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise CodecKeyError(f"The codec's key ring has no key {name}; add it to the ring again.")
        try:
            plain = cipher.decrypt(payload.data[:_NONCE], payload.data[_NONCE:], name.encode())
        except InvalidTag:
            log.warning("A payload does not open with key %s; the key or the payload is damaged.", name)
            return payload
        return Payload.FromString(plain)


def read_ring(path: Path) -> dict[str, bytes]:
    """A key ring file of mode 0600: one `id:hex` a line, the first encrypts. Raises CodecKeyError."""
    try:
        mode, lines = path.stat().st_mode, path.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError) as error:
        raise CodecKeyError(f"The codec's key ring {path} cannot be read: {error}.") from None
    ring: dict[str, bytes] = {}
    for line in lines:
        name, colon, written = line.partition(":")
        try:
            key = bytes.fromhex(written)
        except ValueError:
            key = b""
        if not name or not colon or len(key) != 32:
            raise CodecKeyError(f"The codec's key ring {path} has a line that is not `id:64 hex digits`.")
        ring[name] = key
    if not ring:
        raise CodecKeyError(f"The codec's key ring {path} is empty.")
    if mode & 0o077:
        raise CodecKeyError(f"The codec's key ring {path} can be read by other users: set its mode to 0600.")
    return ring


def local_ring(path: Path) -> dict[str, bytes]:
    """The ring at this path, made on the first local run with mode 0600; of two that make it at once, one stays."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        key = os.urandom(32)
        draft = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                # Named after itself, so that a ring made anew is missed and not taken for the one that was lost.
                file.write(f"{hashlib.sha256(key).hexdigest()[:16]}:{key.hex()}\n")
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                path.hardlink_to(draft)
        finally:
            draft.unlink()
    return read_ring(path)
