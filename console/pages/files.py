"""Files of a case: adding them, looking at them, and the small pictures. Rights are those of reading the case."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from console.desk import AtDesk, Desk
from console.files import FilesUnreachable, media_of
from console.files.listing import files_context
from console.files.multipart import FormBroken, Sent, read_form
from console.files.receiving import FileRefused, refusal
from console.files.sniffing import TEXT
from console.files.taking import SUBKINDS, EvidenceRefused, allowed, book_of, keep_evidence
from console.reading import NotThere, read_case
from console.who import SignedIn, Who
from console.words import Words
from records.files import StoredFile

router = APIRouter(include_in_schema=False)

#: whatever a file holds, it runs nothing, loads nothing and is framed by nobody
_SANDBOX = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})", re.ASCII)
#: a list is drawn again while somebody works on the case: the pictures need not come again each time, but whether one
#: may still see them is asked each time
_SMALL_KEPT = "private, no-cache"


@dataclass(frozen=True)
class Told:
    """What became of one file of an upload. kind: done or bad."""

    kind: str
    sentence: str


@router.get("/case/{number}/files")
async def list_files(request: Request, desk: AtDesk, who: SignedIn, number: str) -> Response:
    """The files of a case as a page of its own, or as the part of the case page."""
    return await _listed(request, desk, who, number, [])


@router.post("/case/{number}/files")
async def add_files(request: Request, desk: AtDesk, who: SignedIn, number: str) -> Response:
    """Take in the files of a form (`file`, several; `subkind`) as evidence; each is told of by itself."""
    words = desk.pages.words(who.language)
    try:
        await allowed(desk, who, number)
        with await read_form(request) as sent:
            told = await _take(desk, who, number, sent, words)
    except FormBroken as broken:
        sentence = refusal("too_large" if broken.status == 413 else "broken", words.gettext)
        return await _listed(request, desk, who, number, [Told("bad", sentence)], broken.status)
    except EvidenceRefused as refused:
        return await _listed(request, desk, who, number, [Told("bad", words.sentence(refused.reason))], 409)
    bad = any(one.kind == "bad" for one in told)
    if not bad and "hx-request" not in request.headers:
        return RedirectResponse(f"/case/{number}#files", status_code=303)
    return await _listed(request, desk, who, number, told, 422 if bad else 200)


@router.get("/files/{file_id}")
async def get_file(
    request: Request, desk: AtDesk, who: SignedIn, file_id: str, download: Annotated[str, Query()] = ""
) -> Response:
    """The original, byte for byte; shown in the browser where its kind is harmless there, else saved."""
    file = await _readable(desk, who, file_id)
    return await whole_file(request, desk, file, who.id, download=bool(download))


async def whole_file(
    request: Request, desk: Desk, file: StoredFile, reader: str, *, download: bool
) -> Response:
    """The answer that carries a file, or the part of it that is asked for. reader: user id, or the customer; the
    caller has seen that they may. The reading is in the access log."""
    book = book_of(desk)
    names = await book.names([file], reader)
    await book.note_reading(file, reader)
    shown = media_of(file).shown and not download
    headers = {
        "Content-Disposition": disposition(names.get(file.id) or "file", file, inline=shown),
        "Content-Security-Policy": _SANDBOX,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Accept-Ranges": "bytes",
        "ETag": f'"{file.sha256}"',
        "Cache-Control": "private, no-store",
    }
    first, last, status = _asked(request, file)
    headers["Content-Length"] = str(last - first + 1)
    if status == 206:
        headers["Content-Range"] = f"bytes {first}-{last}/{file.size}"
    if status == 416:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{file.size}"})
    media = f"{file.media}; charset=utf-8" if file.media == TEXT.type else file.media
    try:
        parts = await _begun(desk.files.read(file, first, last))
    except FilesUnreachable as away:
        raise HTTPException(503) from away
    return StreamingResponse(parts, status, headers, media_type=media)


@router.get("/files/{file_id}/thumb")
async def get_thumb(request: Request, desk: AtDesk, who: SignedIn, file_id: str) -> Response:
    """The small picture."""
    return await small_picture(request, desk, await _readable(desk, who, file_id), who.id)


async def small_picture(request: Request, desk: Desk, file: StoredFile, reader: str) -> Response:
    """The answer that carries a file's small picture. Raises NotThere where it has none."""
    if not file.thumbnail:
        raise NotThere
    await book_of(desk).note_reading(file, reader)
    tag = f'"small-{file.sha256}"'
    headers = {"Content-Security-Policy": _SANDBOX, "Cache-Control": _SMALL_KEPT, "ETag": tag}
    if tag in [one.strip() for one in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    try:
        small = await desk.files.read_small(file)
    except FilesUnreachable as away:
        raise HTTPException(503) from away
    return Response(small, headers=headers, media_type="image/webp")


async def _listed(
    request: Request, desk: Desk, who: Who, number: str, told: list[Told], status: int = 200
) -> Response:
    case = await read_case(desk, who, number)
    context: dict[str, Any] = {**await files_context(desk, who, case), "files_told": told}
    part = "intake/_files.html" if "hx-request" in request.headers else "intake/files.html"
    return desk.pages.show(request, who, part, context, status=status)


async def _take(desk: Desk, who: Who, number: str, sent: Sent, words: Words) -> list[Told]:
    subkind = sent.fields.get("subkind", "other")
    if not sent.files:
        return [Told("bad", words.gettext("Choose a file first."))]
    if subkind not in SUBKINDS:
        return [Told("bad", words.gettext("Choose what the file shows from the list."))]
    told = []
    for received in sent.files:
        try:
            stored = await keep_evidence(desk, who, number, received, subkind)
        except FileRefused as refused:
            told.append(Told("bad", f"{received.name}: {refusal(refused.code, words.gettext)}"))
        except FilesUnreachable:
            told.append(
                Told(
                    "bad",
                    f"{received.name}: {words.gettext('It could not be kept now; send it again in a moment.')}",
                )
            )
        else:
            said = (
                words.gettext("kept.")
                if stored.created
                else words.gettext("was here already; it is not kept twice.")
            )
            told.append(Told("done", f"{received.name}: {said}"))
    return told


async def _readable(desk: Desk, who: Who, file_id: str) -> StoredFile:
    """A file this reader may see: of a case they may read, or of the form they are writing. Raises NotThere."""
    file = await book_of(desk).find(file_id)
    if file is None:
        raise NotThere
    if file.owner.startswith("draft_"):
        if file.added_by != who.id:
            raise NotThere
        return file
    await read_case(desk, who, file.owner)
    return file


def disposition(name: str, file: StoredFile, *, inline: bool) -> str:
    """How a browser names a file it saves (RFC 6266); the ending is that of what the file really is."""
    endings = media_of(file).endings
    if PurePosixPath(name).suffix.lower() not in endings:
        name = f"{name}{endings[0]}"
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", name)
    return f"{'inline' if inline else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _asked(request: Request, file: StoredFile) -> tuple[int, int, int]:
    """First and last byte that are asked for, and the status: all, one range, or a range that is not there."""
    found = _RANGE.fullmatch(request.headers.get("range", ""))
    if not found or found.groups() == ("", ""):
        return 0, file.size - 1, 200
    first, last = found.groups()
    if not first:
        return max(0, file.size - int(last)), file.size - 1, 206 if int(last) else 416
    end = min(int(last), file.size - 1) if last else file.size - 1
    return int(first), end, 206 if int(first) <= end else 416


async def _begun(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The first part is read before the answer begins, so that a store that is away can be told of. Raises
    FilesUnreachable, FileDamaged."""
    head = await anext(parts)

    async def all_parts() -> AsyncIterator[bytes]:
        yield head
        async for part in parts:
            yield part

    return all_parts()
