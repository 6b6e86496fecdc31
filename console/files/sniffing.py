"""What a file is, told from its own bytes: neither its name nor what the sender says of it is believed.

A short list of kinds is taken; everything else is refused by naming what is accepted.
"""

import io
import re
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

#: as many bytes as every kind but the office papers is told by
HEAD = 64 * 1024
_MOST_ENTRIES, _MOST_UNPACKED = 10_000, 500 * 1024 * 1024
_MARKUP = re.compile(rb"\s*<[a-z!?/]", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Media:
    """A kind of file that is taken. shown: whether a browser may show it in the page, else it is only downloaded."""

    type: str
    endings: tuple[str, ...]
    shown: bool = False
    picture: bool = False


JPEG = Media("image/jpeg", (".jpg", ".jpeg"), shown=True, picture=True)
PNG = Media("image/png", (".png",), shown=True, picture=True)
WEBP = Media("image/webp", (".webp",), shown=True, picture=True)
GIF = Media("image/gif", (".gif",), shown=True, picture=True)
HEIC = Media("image/heic", (".heic", ".heif"))
PDF = Media("application/pdf", (".pdf",))
DOCX = Media("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",))
XLSX = Media("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (".xlsx",))
MP4 = Media("video/mp4", (".mp4", ".m4v", ".mov"), shown=True)
M4A = Media("audio/mp4", (".m4a",), shown=True)
MP3 = Media("audio/mpeg", (".mp3",), shown=True)
WAV = Media("audio/wav", (".wav",), shown=True)
AMR = Media("audio/amr", (".amr",))
TEXT = Media("text/plain", (".txt",))
ACCEPTED = (JPEG, PNG, WEBP, GIF, HEIC, PDF, DOCX, XLSX, MP4, M4A, MP3, WAV, AMR, TEXT)
BY_TYPE = {media.type: media for media in ACCEPTED}
_SUBKINDS = {"image": "photographs", "video": "video", "audio": "recording"}


def subkind_of(media: Media) -> str:
    """What a file of this kind mostly shows, where whoever sends it is not asked: one of taking.SUBKINDS."""
    return _SUBKINDS.get(media.type.partition("/")[0], "other")


_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}
_MP4_BRANDS = {
    b"isom",
    b"iso2",
    b"iso4",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"M4V ",
    b"qt  ",
    b"dash",
    b"MSNV",
}
_MP4_BRANDS |= {b"3gp4", b"3gp5", b"3gp6"}


def sniff(head: bytes, whole: Callable[[], bytes]) -> Media | None:
    """What these bytes are, or None for what is not taken. head: the first HEAD bytes; whole: all, asked for rarely."""
    for media, told_by in _SIGNATURES:
        if told_by(head):
            return media
    if head[4:8] == b"ftyp":
        return _of_brand(head[8:12])
    if head.startswith(b"PK\x03\x04"):
        return _office(whole())
    return TEXT if _is_text(head, whole) else None


def _starts(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(signatures)


_SIGNATURES: tuple[tuple[Media, Callable[[bytes], bool]], ...] = (
    (JPEG, _starts(b"\xff\xd8\xff")),
    (PNG, _starts(b"\x89PNG\r\n\x1a\n")),
    (GIF, _starts(b"GIF87a", b"GIF89a")),
    (WEBP, lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP"),
    (WAV, lambda head: head[:4] == b"RIFF" and head[8:12] == b"WAVE"),
    (PDF, _starts(b"%PDF-")),
    (AMR, _starts(b"#!AMR\n", b"#!AMR-WB\n")),
    (MP3, lambda head: head.startswith(b"ID3") or _is_mpeg_frame(head)),
)


def _is_mpeg_frame(head: bytes) -> bool:
    """The header of an MPEG audio frame of layer III, with a bit rate and a sampling rate that exist."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return False
    return bool(head[1] & 0x18 != 0x08 and head[2] >> 4 not in (0, 15) and head[2] & 0x0C != 0x0C)


def _of_brand(brand: bytes) -> Media | None:
    if brand in _HEIC_BRANDS:
        return HEIC
    if brand in (b"M4A ", b"M4B "):
        return M4A
    return MP4 if brand in _MP4_BRANDS else None


def _office(data: bytes) -> Media | None:
    """A Word or Excel paper without macros. The entries are listed and nothing is unpacked."""
    if not _is_small_archive(data):
        return None
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
        return None
    names = {entry.filename for entry in entries}
    if sum(entry.file_size for entry in entries) > _MOST_UNPACKED or "[Content_Types].xml" not in names:
        return None
    if any(
        name.lower().endswith((".bin", ".exe", ".js", ".vbs")) and "vba" in name.lower() for name in names
    ):
        return None
    if "word/document.xml" in names:
        return DOCX
    return XLSX if "xl/workbook.xml" in names else None


def _is_small_archive(data: bytes) -> bool:
    """Whether the archive's own end says that its list of entries is short, before that list is read."""
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if end < 0 or len(data) - end < 22:
        return False
    entries, length = struct.unpack("<HI", data[end + 10 : end + 16])
    return bool(entries <= _MOST_ENTRIES and length <= _MOST_ENTRIES * 200)


def _is_text(head: bytes, whole: Callable[[], bytes]) -> bool:
    """Words in UTF-8, in UTF-16 with its mark, or as Chinese Windows writes them; no markup a browser would run."""
    if not head.strip() or _MARKUP.match(head.removeprefix(b"\xef\xbb\xbf")):
        return False
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decodes(whole(), "utf-16")
    if b"\x00" in head:
        return False
    data = whole()
    return _decodes(data, "utf-8-sig") or _decodes(data, "gb18030")


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        words = data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return not _CONTROL.search(words) and not _MARKUP.match(words[:1000].encode("utf-8", "replace"))
