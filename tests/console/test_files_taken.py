"""What is taken as a file and what is not, told by its bytes; and the store that keeps it."""

import io
import os
import struct
import zipfile
import zlib
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from console.files import sniffing
from console.files.receiving import LARGEST_FILE, FileRefused, Received, receive, shown_name
from console.files.sniffing import Media, sniff
from console.files.store import FRAME, FileDamaged, Sealing, open_store
from console.files.thumbnails import TooManyPixels, draw
from starter.settings import SettingError

KEY = bytes(range(32))


def picture(kind: str = "JPEG", size: tuple[int, int] = (800, 600), **options: Any) -> bytes:
    """A real picture of that kind."""
    out = io.BytesIO()
    Image.new("RGB", size, (200, 40, 40)).save(out, kind, **options)
    return out.getvalue()


def claimed_png(width: int, height: int, rows: int = 1) -> bytes:
    """A PNG that says it has so many pixels, with data for some rows of it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\x00" * (1 + 3 * width) * rows, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def archive(*names: str, size: int = 10) -> bytes:
    """A ZIP archive with these entries."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in names:
            made.writestr(name, b"0" * size)
    return out.getvalue()


def kind_of(data: bytes) -> Media | None:
    """What these bytes are taken for."""
    return sniff(data[: sniffing.HEAD], lambda: data)


OFFICE = "[Content_Types].xml"
TAKEN = {
    "jpeg": (picture("JPEG"), sniffing.JPEG),
    "png": (picture("PNG"), sniffing.PNG),
    "webp": (picture("WEBP"), sniffing.WEBP),
    "gif": (picture("GIF"), sniffing.GIF),
    "heic": (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", sniffing.HEIC),
    "pdf": (b"%PDF-1.7\n", sniffing.PDF),
    "docx": (archive(OFFICE, "word/document.xml"), sniffing.DOCX),
    "xlsx": (archive(OFFICE, "xl/workbook.xml"), sniffing.XLSX),
    "mp4": (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00", sniffing.MP4),
    "m4a": (b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00", sniffing.M4A),
    "mp3": (b"ID3\x04\x00\x00", sniffing.MP3),
    "mp3 frame": (b"\xff\xfb\x90\x64" + b"\x00" * 40, sniffing.MP3),
    "wav": (b"RIFF\x24\x00\x00\x00WAVEfmt ", sniffing.WAV),
    "amr": (b"#!AMR\n\x3c", sniffing.AMR),
    "utf-8": ("三栋漏水\r\n第二次".encode(), sniffing.TEXT),
    "gb18030": ("三栋漏水\r\n第二次".encode("gb18030"), sniffing.TEXT),
    "utf-16": ("三栋漏水".encode("utf-16"), sniffing.TEXT),
    # what begins as a picture is one for everybody who opens it, whatever hangs on behind
    "jpeg with an archive behind": (picture("JPEG") + archive("a.js"), sniffing.JPEG),
    "gif with a page behind": (picture("GIF") + b"<script>alert(1)</script>", sniffing.GIF),
}
REFUSED = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "svg after a mark": b'\xef\xbb\xbf <?xml version="1.0"?><svg/>',
    "html": b"<!DOCTYPE html><script>alert(1)</script>",
    "html in utf-16": "<html><script>".encode("utf-16"),
    "a page that calls itself a picture": b"<html>\x89PNG",
    "program": b"MZ\x90\x00\x03",
    "program of linux": b"\x7fELF\x02\x01",
    "archive": archive("photo.jpg"),
    "paper with macros": archive(OFFICE, "word/document.xml", "word/vbaProject.bin"),
    "zip bomb in a paper": archive(
        OFFICE, "word/document.xml", *(f"word/{n}" for n in range(60)), size=10_000_000
    ),
    "half an archive": archive(OFFICE, "word/document.xml")[:60],
    "rar": b"Rar!\x1a\x07\x01\x00",
    "a signature with a letter wrong": b"\x89PNX\r\n\x1a\n" + b"\x00" * 20,
    "unknown brand": b"\x00\x00\x00\x18ftypevil",
    "words with a null": b"hello\x00world",
    "nothing but blanks": b"  \n ",
    "noise": bytes(range(256)) * 8,
}


@pytest.mark.parametrize("what", TAKEN)
def test_taken_by_its_bytes(what: str) -> None:
    data, media = TAKEN[what]
    assert kind_of(data) == media


@pytest.mark.parametrize("what", REFUSED)
def test_refused_by_its_bytes(what: str) -> None:
    assert kind_of(REFUSED[what]) is None


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\fotos\\leck.jpg", "leck.jpg"),
        ("a\r\nSet-Cookie: x=1.jpg", "aSet-Cookie: x=1.jpg"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("漏水 照片.jpg", "漏水 照片.jpg"),
        ("", "file"),
        ("...", "file"),
        ("n\x00ull.png", "null.png"),
        ("x" * 500 + ".jpg", "x" * 196 + ".jpg"),
    ],
)
def test_a_name_is_shown_without_what_could_hurt(written: str, shown: str) -> None:
    assert shown_name(written) == shown


def files_in(directory: Path) -> list[Path]:
    """All files below."""
    return [path for path in directory.rglob("*") if path.is_file()]


async def stream(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def test_what_comes_in_is_hashed_and_lies_nowhere_in_the_clear() -> None:
    secret = b"the customer's letter " * 100_000
    received = await receive(stream(secret[:1000], secret[1000:]), "letter.txt")
    assert received.sha256 == sha256(secret).digest()
    assert received.whole() == secret
    assert b"customer" not in received.sealed.read()
    received.close()


async def test_more_than_the_limit_is_not_read_to_the_end() -> None:
    asked = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal asked
        while True:
            asked += 1
            yield b"\x00" * FRAME

    with pytest.raises(FileRefused, match="larger than 25 MB"):
        await receive(endless(), "large.bin")
    assert asked == LARGEST_FILE // FRAME + 1
    exactly = await receive(stream(*[b"\x01" * FRAME] * 25), "just.bin")
    assert (exactly.refused, exactly.size) == (None, LARGEST_FILE)
    exactly.close()


async def test_an_empty_file_is_told_of() -> None:
    received = await receive(stream(), "nothing.jpg")
    assert received.refused == "empty"
    received.close()


@pytest.mark.parametrize("size", [1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME])
async def test_bytes_come_back_whole_and_in_parts(tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    store = open_store(tmp_path.as_uri())
    received = Received("x")
    received.write(data)
    received.end()
    await store.put(received.id, received.sealed)
    assert b"".join([part async for part in store.read(received.id, received.secret, size)]) == data
    first, last = size // 3, size // 3 * 2
    read = store.read(received.id, received.secret, size, first, last)
    assert b"".join([part async for part in read]) == data[first : last + 1]
    received.close()
    await store.drop(received.id)
    await store.drop(received.id)
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("change", ["altered", "cut", "swapped", "gone", "another key"])
async def test_bytes_that_were_touched_do_not_open(tmp_path: Path, change: str) -> None:
    store = open_store(tmp_path.as_uri())
    sealed = io.BytesIO()
    sealing = Sealing("fil_aa", KEY, sealed)
    sealing.write(os.urandom(2 * FRAME))
    sealing.close()
    whole = sealed.getvalue()
    half = len(whole) // 2
    changed = {
        "altered": whole[:100] + bytes([whole[100] ^ 1]) + whole[101:],
        "cut": whole[:half],
        "swapped": whole[half:] + whole[:half],
    }
    if change != "gone":
        await store.put("fil_aa", changed.get(change, whole))
    key = bytes(32) if change == "another key" else KEY
    size = FRAME if change == "cut" else 2 * FRAME
    with pytest.raises(FileDamaged):
        async for _ in store.read("fil_aa", key, size):
            pass


async def test_a_small_picture_is_kept_like_the_large(tmp_path: Path) -> None:
    for store in (open_store(tmp_path.as_uri()), open_store("memory:///")):
        await store.put_small("fil_bb.small", KEY, b"small")
        assert await store.read_small("fil_bb.small", KEY) == b"small"


@pytest.mark.parametrize("url", ["", "ftp://x", "file:///", "s3://", "files", "https://example.com/x"])
def test_a_place_that_cannot_be_used_is_named(url: str) -> None:
    with pytest.raises(SettingError, match="REDRESS_FILES_URL"):
        open_store(url)


async def test_the_directory_is_for_its_owner_alone(tmp_path: Path) -> None:
    open_store((tmp_path / "files").as_uri())
    assert (tmp_path / "files").stat().st_mode & 0o077 == 0


async def test_a_picture_is_drawn_small_upright_and_without_its_particulars() -> None:
    particulars = Image.Exif()
    particulars[0x0112] = 6  # turned a quarter
    particulars[0x010E] = "taken at home"
    small = await draw(picture("JPEG", (1600, 1200), exif=particulars))
    assert small is not None
    with Image.open(io.BytesIO(small)) as drawn:
        assert (drawn.format, drawn.size) == ("WEBP", (360, 480))
        assert not dict(drawn.getexif())
    assert b"taken at home" not in small


async def test_a_picture_with_too_many_pixels_is_not_looked_at() -> None:
    with pytest.raises(TooManyPixels):
        await draw(claimed_png(50_000, 50_000))


@pytest.mark.parametrize(
    "damaged",
    [
        picture("JPEG")[:400],
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 100,
        b"GIF89a" + b"\xff" * 50,
    ],
    ids=["half a JPEG", "no chunk", "half a GIF"],
)
async def test_a_damaged_picture_has_no_small_one(damaged: bytes) -> None:
    assert await draw(damaged) is None


async def test_data_that_swell_beyond_the_picture_are_left_alone() -> None:
    """Hundreds of megabytes behind a few pixels: the decoder stops where the picture ends."""
    swollen = claimed_png(4, 4, rows=20_000_000)
    assert len(swollen) < 1_000_000
    for odd in (swollen, claimed_png(14_000, 14_000)):
        small = await draw(odd)
        assert small is None or len(small) < 10_000
