"""Files of a case through the console: handed in, told of to the complaint, shown to who may see them, and to nobody else."""

import io
import os
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx2
import pytest
from PIL import Image

from console.files.taking import book_of
from records.files import NewFile, new_file_id
from tests.console.served import Site

CLERK = "cs_specialist-1"
LIMIT = 25 * 1024 * 1024


def photo(colour: int = 0, size: tuple[int, int] = (640, 480)) -> bytes:
    """A picture no other test hands in: its comment makes its bytes its own."""
    out = io.BytesIO()
    Image.new("RGB", size, (colour % 256, 90, 90)).save(out, "JPEG", comment=str(colour).encode())
    return out.getvalue()


async def send(
    client: httpx2.AsyncClient, number: str, *files: tuple[str, bytes], subkind: str = "photographs"
) -> httpx2.Response:
    """Hand files in as the form does."""
    client.follow_redirects = False
    parts = [("file", (name, data, "image/jpeg")) for name, data in files]
    return await client.post(f"/case/{number}/files", data={"subkind": subkind}, files=parts)


async def evidence(site: Site, number: str) -> list[dict[str, Any]]:
    """What the ledger knows of evidence."""
    rows = await site.desk.office.pool.fetch(
        "SELECT subject, data FROM facts WHERE number = $1 AND kind = 'evidence_added' ORDER BY turn", number
    )
    return [{"subkind": row["subject"], **row["data"]} for row in rows]


async def only_file(site: Site, number: str) -> str:
    (file,) = await book_of(site.desk).of(number)
    return file.id


@pytest.mark.requirement("INT-13", "INV-06")
async def test_a_photo_is_kept_as_it_is_and_the_ledger_knows_it(site: Site) -> None:
    client, number = await site.signed_in(CLERK), await site.house.open()
    data = photo(1)
    answer = await send(client, number, ("漏水.jpg", data))
    assert (answer.status_code, answer.headers["location"]) == (303, f"/case/{number}#files")
    file_id = await only_file(site, number)
    assert await evidence(site, number) == [{"subkind": "photographs", "document": file_id}]
    got = await client.get(f"/files/{file_id}")
    assert got.content == data
    assert got.headers["content-type"] == "image/jpeg"
    assert got.headers["etag"] == f'"{sha256(data).hexdigest()}"'
    small = await client.get(f"/files/{file_id}/thumb")
    assert small.headers["content-type"] == "image/webp"
    with Image.open(io.BytesIO(small.content)) as drawn:
        assert max(drawn.size) == 480
    listed = await client.get(f"/case/{number}/files")
    assert "漏水.jpg" in listed.text
    assert sha256(data).hexdigest() in listed.text


@pytest.mark.requirement("CUS-07")
async def test_nothing_of_a_file_lies_in_the_clear(site: Site) -> None:
    client, number = await site.signed_in(CLERK), await site.house.open()
    words = "收据 receipt of the customer ".encode() * 500
    assert (await send(client, number, ("收据.txt", words), subkind="letter")).status_code == 303
    kept = [path for path in (site.desk.settings.home / "files").rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if b"receipt of" in path.read_bytes()]


async def test_the_same_file_twice_is_one_document_and_told_so(site: Site) -> None:
    client, number = await site.signed_in(CLERK), await site.house.open()
    await send(client, number, ("one.jpg", photo(2)))
    client.headers["HX-Request"] = "true"
    again = await send(client, number, ("two.jpg", photo(2)))
    assert "was here already" in again.text
    assert len(await evidence(site, number)) == 1
    assert len(await book_of(site.desk).of(number)) == 1


@pytest.mark.requirement("CUS-09")
async def test_looking_at_a_file_is_on_record(site: Site) -> None:
    client, number = await site.signed_in(CLERK), await site.house.open()
    await send(client, number, ("a.jpg", photo(3)))
    file_id = await only_file(site, number)
    await (await site.signed_in("cs_director-1")).get(f"/files/{file_id}")
    readers = await site.desk.office.pool.fetch(
        "SELECT reader FROM text_reads WHERE owner = $1 AND text_id = $2", number, file_id
    )
    assert [row["reader"] for row in readers] == ["cs_director-1"]


@pytest.mark.requirement("ORG-08")
async def test_files_of_others_are_not_there(site: Site) -> None:
    client, number = await site.signed_in(CLERK), await site.house.open()
    await send(client, number, ("a.jpg", photo(4)))
    file_id = await only_file(site, number)
    other = await site.signed_in("technician-1")
    for address in (
        f"/files/{file_id}",
        f"/files/{file_id}/thumb",
        f"/case/{number}/files",
        "/files/fil_" + "0" * 32,
        "/files/..%2f..%2fetc%2fpasswd",
        "/files/%00",
    ):
        assert (await other.get(address)).status_code == 404, address
    assert (await send(other, number, ("b.jpg", photo(5)))).status_code == 404
    assert len(await book_of(site.desk).of(number)) == 1
    stranger = await site.stranger().get(f"/files/{file_id}")
    assert stranger.status_code == 401


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        (
            "photo.jpg",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            "not taken; accepted are JPEG",
        ),
        ("photo.png", b"<!doctype html><script>alert(1)</script>", "not taken; accepted are JPEG"),
        ("photo.jpg", b"MZ\x90\x00" + b"\x00" * 100, "not taken; accepted are JPEG"),
        ("photo.jpg", b"", "The file is empty"),
    ],
    ids=["svg", "html", "program", "empty"],
)
async def test_what_is_not_taken_is_told_with_what_is(
    site: Site, name: str, data: bytes, sentence: str
) -> None:
    client, number = await site.signed_in(CLERK), await site.house.open()
    answer = await send(client, number, (name, data), ("good.jpg", photo(6)))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "good.jpg: kept." in answer.text
    assert len(await evidence(site, number)) == 1


async def test_26_mebibytes_are_refused_and_25_are_not(site: Site) -> None:
    client, number = await site.signed_in(CLERK), await site.house.open()
    head = b"%PDF-1.7\n"
    large = await send(client, number, ("plan.pdf", head + bytes(26 * 1024 * 1024)), subkind="contract")
    assert large.status_code == 422
    assert "larger than 25 MB" in large.text
    assert await book_of(site.desk).of(number) == []
    data = head + os.urandom(LIMIT - len(head))
    assert (await send(client, number, ("plan.pdf", data), subkind="contract")).status_code == 303
    got = await client.get(f"/files/{await only_file(site, number)}")
    assert sha256(got.content).digest() == sha256(data).digest()
    assert got.headers["content-disposition"].startswith("attachment")


async def test_the_201st_file_is_refused(site: Site) -> None:
    client, number = await site.signed_in(CLERK), await site.house.open()
    book = book_of(site.desk)
    for place in range(200):
        digest = sha256(f"{number} {place}".encode()).digest()
        new = NewFile(new_file_id(), "a", digest, 1, "image/gif", "other", thumbnail=False, secret=bytes(32))
        await book.claim((await book.add(number, new, CLERK)).id, 1)
    answer = await send(client, number, ("one too many.jpg", photo(8)))
    assert answer.status_code == 422
    assert "200 files already" in answer.text


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "a\r\nSet-Cookie: x=1.jpg",
        'a";b.jpg',
        "<script>alert(1)</script>.jpg",
        "照片 1.jpg",
    ],
)
async def test_odd_names_hurt_nothing(site: Site, name: str) -> None:
    client, number = await site.signed_in(CLERK), await site.house.open()
    body = (
        b'--B\r\nContent-Disposition: form-data; name="subkind"\r\n\r\nphotographs\r\n--B\r\n'
        b'Content-Disposition: form-data; name="file"; filename="'
        + name.replace("\r\n", "%0D%0A").replace('"', "%22").encode()
        + b'"\r\n\r\n'
        + photo(9)
        + b"\r\n--B--\r\n"
    )
    kind = {"Content-Type": "multipart/form-data; boundary=B"}
    client.follow_redirects = False
    answer = await client.post(f"/case/{number}/files", content=body, headers=kind)
    assert answer.status_code == 303
    got = await client.get(f"/files/{await only_file(site, number)}?download=1")
    assert "set-cookie" not in got.headers
    assert got.headers["content-disposition"].isprintable()
    assert "/" not in got.headers["content-disposition"].partition("filename*")[0]
    listed = await client.get(f"/case/{number}/files")
    assert "<script>alert" not in listed.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no form at all",
        b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n\xff\xd8\xff cut off',
        b"--B\r\nContent-Disposition: form-data\r\n\r\nnameless\r\n--B--\r\n",
        b"--B\r\n" + b"X: y\r\n" * 50 + b"\r\n\r\n--B--\r\n",
    ],
    ids=["empty", "no form", "truncated", "nameless", "headers without end"],
)
async def test_a_broken_form_is_told_and_keeps_nothing(site: Site, body: bytes) -> None:
    client, number = await site.signed_in(CLERK), await site.house.open()
    kind = {"Content-Type": "multipart/form-data; boundary=B"}
    answer = await client.post(f"/case/{number}/files", content=body, headers=kind)
    assert answer.status_code == 400
    assert "The upload broke off" in answer.text
    assert await book_of(site.desk).of(number) == []


async def test_nothing_chosen_is_told(site: Site) -> None:
    client, number = await site.signed_in(CLERK), await site.house.open()
    answer = await client.post(f"/case/{number}/files", data={"subkind": "letter"})
    assert answer.status_code == 422
    assert "Choose a file first." in answer.text


async def test_a_file_can_run_nothing(site: Site) -> None:
    client, number = await site.signed_in(CLERK), await site.house.open()
    await send(client, number, ("page.gif", b"GIF89a" + b"<script>alert(1)</script>" * 3))
    got = await client.get(f"/files/{await only_file(site, number)}")
    assert got.headers["content-type"] == "image/gif"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert got.headers["cache-control"] == "private, no-store"


async def test_a_recording_can_be_listened_to_from_the_middle(site: Site) -> None:
    client, number = await site.signed_in(CLERK), await site.house.open()
    data = b"RIFF\x24\x00\x00\x00WAVEfmt " + os.urandom(3_000_000)
    await send(client, number, ("call.wav", data), subkind="recording")
    address = f"/files/{await only_file(site, number)}"
    for asked, first, last in (
        ("bytes=0-99", 0, 99),
        ("bytes=2000000-", 2_000_000, len(data) - 1),
        ("bytes=-5", -5, -1),
    ):
        part = await client.get(address, headers={"Range": asked, "Accept-Encoding": "identity"})
        assert part.status_code == 206
        assert part.content == data[first : last + 1 or None]
    beyond = await client.get(address, headers={"Range": f"bytes={len(data)}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(data)}")


async def test_an_ended_complaint_takes_no_evidence(site: Site) -> None:
    client, number = await site.signed_in(CLERK), await site.house.open()
    assert (await site.house.say(number, "mark_withdrawn", CLERK, reason="solved")).accepted
    answer = await send(client, number, ("late.jpg", photo(10)))
    assert answer.status_code == 409
    assert await book_of(site.desk).of(number) == []


@pytest.mark.requirement("CUS-08")
async def test_files_of_an_erased_complaint_are_gone(site: Site) -> None:
    client, number = await site.signed_in(CLERK), await site.house.open()
    await send(client, number, ("a.jpg", photo(11)))
    file_id = await only_file(site, number)
    async with site.desk.office.pool.acquire() as connection:
        await site.desk.office.texts.erase(connection, number, "cs_director-1")
    assert (await client.get(f"/files/{file_id}")).status_code == 404


@pytest.mark.requirement("INV-06")
async def test_a_damaged_or_missing_file_is_said_to_be_one(site: Site) -> None:
    client, number = await site.signed_in(CLERK), await site.house.open()
    await send(client, number, ("a.jpg", photo(71)))
    file_id = await only_file(site, number)
    kept = Path(unquote(urlsplit(site.desk.settings.files_url).path)) / file_id[4:6]
    for stored in kept.glob(f"{file_id}*"):
        stored.write_bytes(b"\x00" * stored.stat().st_size)
    for address in (f"/files/{file_id}", f"/files/{file_id}/thumb"):
        answer = await client.get(address)
        assert answer.status_code == 410, address
        assert "The file is damaged" in answer.text
    told = await client.get(f"/api/v1/attachments/{file_id}")
    assert (told.status_code, told.json()["type"]) == (410, "/api/v1/problems/damaged")
    for stored in kept.glob(f"{file_id}*"):
        stored.unlink()
    assert (await client.get(f"/files/{file_id}")).status_code == 410
