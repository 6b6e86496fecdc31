"""A file on its way in: counted, hashed and sealed as it comes, so that none of it lies about in the clear.

At most a frame and a head of it are in memory, however large it is; what goes to the disk meanwhile is what goes to
the store afterwards.
"""

import hashlib
import re
import secrets
import tempfile
import unicodedata
from collections.abc import AsyncIterable, Callable
from dataclasses import dataclass, field
from typing import IO

from console.files.sniffing import HEAD
from console.files.store import Sealing, sealed_frames
from records.files import MOST_FILES, new_file_id
from records.keys import KEY_BYTES

#: limits of input (commands.md §7)
LARGEST_FILE = 25 * 1024 * 1024
_LONGEST_NAME = 200
_KINDS = "JPEG, PNG, WebP, GIF, HEIC, PDF, DOCX, XLSX, MP4, M4A, MP3, WAV, AMR, TXT"
#: invisible marks that turn a name around, so that "gpj.exe" reads as "exe.jpg"
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class FileRefused(Exception):
    """A file that is not taken. code: too_large, empty, not_accepted, too_many_pixels, too_many or broken."""

    def __init__(self, code: str) -> None:
        super().__init__(refusal(code, _as_it_is))
        self.code = code


def _as_it_is(message: str) -> str:
    return message


def refusal(code: str, gettext: Callable[[str], str]) -> str:
    """Why a file is not taken and what would be, as one sentence."""
    sentences = {
        "too_large": gettext("The file is larger than 25 MB; send a smaller one, or a part of it."),
        "empty": gettext("The file is empty; choose it again."),
        "not_accepted": gettext("Files of this kind are not taken; accepted are %(kinds)s."),
        "too_many_pixels": gettext("The picture has too many pixels to be shown; send a smaller copy of it."),
        "too_many": gettext("There are %(most)s files already, the most a complaint may have."),
        "broken": gettext("The upload broke off before the file was whole; send it again."),
    }
    return sentences[code] % {"kinds": _KINDS, "most": MOST_FILES}


@dataclass
class Received:
    """A file that came in. refused: why it is not taken, known while it comes; then nothing of it is kept."""

    name: str
    limit: int = LARGEST_FILE
    id: str = field(default_factory=new_file_id)
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(KEY_BYTES), repr=False)
    refused: str | None = None

    def __post_init__(self) -> None:
        self.name = shown_name(self.name)
        self.head = b""
        self._sha = hashlib.sha256()
        self.sealed: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed by `close`
        self._sealing = Sealing(self.id, self.secret, self.sealed)

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self._sealing.size

    @property
    def sha256(self) -> bytes:
        """Of the original bytes (32 bytes)."""
        return self._sha.digest()

    def write(self, data: bytes) -> None:
        """The next bytes; those past the limit are not kept."""
        if self.refused:
            return
        if self.size + len(data) > self.limit:
            self.refused = "too_large"
            self.sealed.close()
            return
        if len(self.head) < HEAD:
            self.head += data[: HEAD - len(self.head)]
        self._sha.update(data)
        self._sealing.write(data)

    def end(self) -> None:
        """All bytes have come."""
        if self.refused:
            return
        if not self.size:
            self.refused = "empty"
            return
        self._sealing.close()
        self.sealed.seek(0)

    def whole(self) -> bytes:
        """The plain bytes, for looking at what cannot be judged by its head."""
        self.sealed.seek(0)
        data = b"".join(sealed_frames(self.sealed, self.id, self.secret, self.size))
        self.sealed.seek(0)
        return data

    def close(self) -> None:
        """Forget it."""
        self.sealed.close()


async def receive(stream: AsyncIterable[bytes], name: str) -> Received:
    """A file from a stream of its bytes alone. Raises FileRefused when it is too large, before the rest is read."""
    received = Received(name)
    try:
        async for chunk in stream:
            received.write(chunk)
            if received.refused:
                raise FileRefused(received.refused)
    except BaseException:
        received.close()
        raise
    received.end()
    return received


def shown_name(written: str) -> str:
    """A file's name as it may be shown and saved: without folders, control characters or marks that turn it around."""
    last = re.split(r"[/\\]", written)[-1]
    plain = "".join(one for one in _TURNING.sub("", last) if unicodedata.category(one) not in ("Cc", "Cs"))
    plain = " ".join(plain.split()).strip(". ")
    return plain[-_LONGEST_NAME:] or "file"
