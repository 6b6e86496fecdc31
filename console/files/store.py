"""Where the bytes of files lie: a directory by default, or a bucket, always encrypted before they get there.

A file is cut into frames of one mebibyte, each sealed with the file's own key and bound to its place and to whether it
is the last, so that nothing can be left out, swapped or added unseen, and a part can be read without the rest.
"""

import asyncio
import io
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

import obstore
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, S3Store

from starter.settings import SettingError

FRAME = 1024 * 1024
_NONCE, _TAG = 12, 16
_SEALED = FRAME + _NONCE + _TAG


class FilesUnreachable(Exception):
    """The store cannot be reached now; nothing was lost, and the same may be tried again."""


class FileDamaged(Exception):
    """The store's bytes are not those that were put there, or are missing."""


class Store:
    """Bytes by the id of their file."""

    def __init__(self, place: LocalStore | S3Store | MemoryStore, directory: Path | None = None) -> None:
        self._place, self._directory = place, directory

    async def put(self, name: str, sealed: IO[bytes] | bytes) -> None:
        """Keep sealed bytes; in a directory they are on the disk when this returns. Raises FilesUnreachable."""
        try:
            await obstore.put_async(self._place, _path(name), sealed)
            if self._directory is not None:
                await asyncio.to_thread(_on_disk, self._directory / _path(name))
        except (BaseError, OSError) as error:
            raise FilesUnreachable(type(error).__name__) from error

    async def read(
        self, name: str, key: bytes, size: int, first: int = 0, last: int | None = None
    ) -> AsyncIterator[bytes]:
        """The plain bytes from `first` to `last`, both included, frame by frame. size: of the whole file, plain.

        Raises FileDamaged, FilesUnreachable.
        """
        last = size - 1 if last is None else min(last, size - 1)
        frames = _frames(size)
        for place in range(first // FRAME, last // FRAME + 1):
            start = place * _SEALED
            length = min(FRAME, size - place * FRAME) + _NONCE + _TAG
            sealed = await self._range(name, start, length)
            plain = _open(key, sealed, name, place, last=place == frames - 1)
            yield plain[max(0, first - place * FRAME) : last + 1 - place * FRAME]

    async def put_small(self, name: str, key: bytes, plain: bytes) -> None:
        """Keep what fits into one frame."""
        sealed = io.BytesIO()
        sealing = Sealing(name, key, sealed)
        sealing.write(plain)
        sealing.close()
        await self.put(name, sealed.getvalue())

    async def read_small(self, name: str, key: bytes) -> bytes:
        """What `put_small` kept. Raises FileDamaged, FilesUnreachable."""
        return _open(key, await self._range(name, 0, _SEALED), name, 0, last=True)

    async def drop(self, name: str) -> None:
        """Forget the bytes; harmless where there are none. Raises FilesUnreachable."""
        try:
            await obstore.delete_async(self._place, _path(name))
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise FilesUnreachable(type(error).__name__) from error

    async def _range(self, name: str, start: int, length: int) -> bytes:
        try:
            return bytes(await obstore.get_range_async(self._place, _path(name), start=start, length=length))
        except FileNotFoundError as error:
            raise FileDamaged(f"The bytes of {name} are missing.") from error
        except (BaseError, OSError) as error:
            raise FilesUnreachable(type(error).__name__) from error


class Sealing:
    """Seals what is written to it, frame by frame, into a file. size: plain bytes so far."""

    def __init__(self, name: str, key: bytes, into: IO[bytes]) -> None:
        self._name, self._key, self._into = name, key, into
        self._waiting = bytearray()
        self._place = 0
        self.size = 0

    def write(self, data: bytes) -> None:
        """Take in the next bytes; no more than a frame of them is held in the clear."""
        self.size += len(data)
        self._waiting += data
        while len(self._waiting) > FRAME:
            self._seal(bytes(self._waiting[:FRAME]), last=False)
            del self._waiting[:FRAME]

    def close(self) -> None:
        """Seal the rest; without it the file does not open."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, plain: bytes, *, last: bool) -> None:
        nonce = secrets.token_bytes(_NONCE)
        bound = _bound(self._name, self._place, last=last)
        self._into.write(nonce + AESGCM(self._key).encrypt(nonce, plain, bound))
        self._place += 1


def sealed_frames(data: IO[bytes], name: str, key: bytes, size: int) -> Iterator[bytes]:
    """The plain bytes of sealed ones at hand."""
    for place in range(_frames(size)):
        yield _open(key, data.read(_SEALED), name, place, last=place == _frames(size) - 1)


def open_store(url: str) -> Store:
    """The store at this URL: file:///directory, s3://bucket/prefix (with the usual AWS_* variables) or memory:///.

    Raises SettingError.
    """
    parts = urlsplit(url)
    try:
        if parts.scheme == "file" and parts.path not in ("", "/"):
            directory = Path(unquote(parts.path))
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            return Store(LocalStore(directory), directory)
        if parts.scheme == "s3" and parts.netloc:
            return Store(S3Store.from_url(url, **_s3_options(os.environ.get("AWS_ENDPOINT_URL", ""))))
        if url == "memory:///":
            return Store(MemoryStore())
    except (BaseError, OSError, ValueError) as error:
        raise SettingError(f"REDRESS_FILES_URL is {url!r} and cannot be used: {error}") from error
    raise SettingError(
        f"REDRESS_FILES_URL is {url!r}; accepted are file:///directory, s3://bucket/prefix and memory:///."
    )


def _s3_options(endpoint: str) -> dict[str, Any]:
    """A server of one's own may be spoken to without TLS; the bytes are encrypted before they travel."""
    return {"client_options": {"allow_http": True}} if endpoint.startswith("http://") else {}


def _path(name: str) -> str:
    """Two levels, so that no directory grows too long."""
    return f"{name[4:6]}/{name}"


def _frames(size: int) -> int:
    return max(1, -(-size // FRAME))


def _bound(name: str, place: int, *, last: bool) -> bytes:
    return f"{name}|{place}|{'last' if last else 'more'}".encode()


def _open(key: bytes, sealed: bytes, name: str, place: int, *, last: bool) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(name, place, last=last))
    except (InvalidTag, ValueError) as error:
        raise FileDamaged(f"The bytes of {name} were altered.") from error


def _on_disk(path: Path) -> None:
    """The file, and its name in the directory, outlive a power cut."""
    for one in (path, path.parent):
        handle = os.open(one, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
