"""Files by HTTP: handed in as evidence, listed, and given back byte for byte. (INT-13, INV-06)"""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Header
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from console.api import contract
from console.api.caller import Reader, Writer
from console.api.language import words_of
from console.api.problems import Problem, Wrong, bad_input
from console.api.shapes import Attachment, Attachments
from console.api.telling import KEY, told
from console.desk import AtDesk, Desk
from console.files.multipart import FormBroken, Sent, read_form
from console.files.receiving import FileRefused, Received, refusal
from console.files.taking import SUBKINDS, EvidenceRefused, allowed, book_of, keep_evidence
from console.pages.files import get_file
from console.reading import read_case
from console.who import Who
from console.words import Words
from domain.facts import NotTheirs
from domain.lifecycle import check
from records.files import StoredFile

router = APIRouter(tags=["attachments"])


@router.post("/complaints/{number}/attachments", **contract.uploading())
async def add_attachment(
    request: Request,
    desk: AtDesk,
    who: Writer,
    number: str,
    idempotency_key: Annotated[str, Header(pattern=KEY)],
) -> JSONResponse:
    """Hand in one file as evidence.

    A form (multipart/form-data) with the part `file` and, if known, `subkind`: what it shows. What it is is found out
    from its bytes. The same bytes are one attachment of a complaint, however often and under whichever key they are
    sent: 201 the first time, 200 afterwards. Another file under a key that was used is 422.
    """
    words = words_of(request)
    try:
        await allowed(desk, who, number)
        _require_form(request, words)
        with await read_form(request) as sent:
            file, subkind = _one(sent, words)
            await _require_same(desk, who, number, idempotency_key, file, subkind)
            stored = await keep_evidence(desk, who, number, file, subkind)
    except FormBroken as broken:
        raise _broken(broken, words) from None
    except FileRefused as refused:
        raise _not_taken(refused, words) from None
    except EvidenceRefused as refused:
        raise await _refused(desk, who, number, refused, words) from None
    names = await book_of(desk).names([stored], who.id)
    attachment = _shown(stored, names.get(stored.id))
    return told(attachment, 201 if stored.created else 200, {"Location": attachment.href})


@router.get("/complaints/{number}/attachments", **contract.reading(Attachments))
async def list_attachments(desk: AtDesk, who: Reader, number: str) -> JSONResponse:
    """The files of a complaint. Their names are words of people: the reading is logged."""
    await read_case(desk, who, number)
    book = book_of(desk)
    files = await book.of(number)
    names = await book.names(files, who.id)
    return told(Attachments(items=[_shown(file, names.get(file.id)) for file in files]))


@router.get("/attachments/{id}", **contract.downloading())
async def get_attachment(request: Request, desk: AtDesk, who: Reader, id: str) -> Response:
    """The file as it came in, byte for byte; parts of it by the header Range. The reading is logged."""
    return await get_file(request, desk, who, id, "1")


def _require_form(request: Request, words: Words) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise Problem("media-type", words.gettext("The body must be multipart/form-data with the part file."))


def _one(sent: Sent, words: Words) -> tuple[Received, str]:
    """The file of the form and what it shows. Raises Problem."""
    subkind = sent.fields.get("subkind", "other")
    if len(sent.files) != 1:
        raise bad_input(Wrong(("file",), words.gettext("Send exactly one file, as the part named file.")))
    if subkind not in SUBKINDS:
        sentence = words.gettext("It is none of the values that are accepted.")
        raise bad_input(Wrong(("subkind",), sentence, ", ".join(SUBKINDS)))
    return sent.files[0], subkind


async def _require_same(desk: Desk, who: Who, number: str, key: str, file: Received, subkind: str) -> None:
    """Raises Problem where this key came with another file before. A file that is not taken uses up no key."""
    if file.refused:
        return
    content = hashlib.sha256(file.sha256 + subkind.encode()).digest()
    if not await book_of(desk).same_upload(number, who.id, key, content):
        raise Problem("key-reused")


def _broken(broken: FormBroken, words: Words) -> Problem:
    if broken.status == 413:
        return Problem("too-large", refusal("too_large", words.gettext))
    return bad_input(Wrong(("file",), refusal("broken", words.gettext)))


def _not_taken(refused: FileRefused, words: Words) -> Problem:
    sentence = refusal(refused.code, words.gettext)
    if refused.code == "too_large":
        return Problem("too-large", sentence)
    return bad_input(Wrong(("file",), sentence))


async def _refused(desk: Desk, who: Who, number: str, refused: EvidenceRefused, words: Words) -> Problem:
    case = await read_case(desk, who, number)
    now = check(case.complaint, "add_evidence", who.asker, desk.now(), case.book)
    kind = "not-yours" if isinstance(now, NotTheirs) else "refused"
    more = {"rule": refused.rule, "turn": case.complaint.turn, "number": number}
    return Problem(kind, words.sentence(refused.reason), more=more)


def _shown(file: StoredFile, name: str | None) -> Attachment:
    return Attachment(
        id=file.id,
        number=file.owner,
        name=name,
        media=file.media,
        subkind=file.subkind,
        size=file.size,
        sha256=file.sha256,
        thumbnail=file.thumbnail,
        added_by=file.added_by,
        added_at=file.added_at,
        turn=file.turn,
        href=f"/api/v1/attachments/{file.id}",
    )
