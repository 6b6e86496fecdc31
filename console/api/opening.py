"""`POST /complaints`: a complaint handed in by another system, once however often it is sent. (INT-02, INT-03)"""

from typing import Annotated, Any

from fastapi import APIRouter, Header
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse

from console.api import contract
from console.api.body import read_object
from console.api.caller import Opener, has
from console.api.faults import judge
from console.api.language import words_of
from console.api.problems import Problem, Wrong, bad_input
from console.api.shapes import Known, Opened
from console.api.sheet import sheet_of
from console.api.telling import KEY, tag, told
from console.desk import AtDesk, Desk
from console.who import Who
from console.words import Words
from domain.complaint import Complaint
from domain.facts import Refused
from domain.roles import may_read
from records.opening import OtherContent
from starter.complaints import NotStarted
from starter.submission import NotAccepted, Submission, read_submission

router = APIRouter(tags=["complaints"])
_SUBMISSION = TypeAdapter(Submission)


@router.post("/complaints", **contract.opening())
async def open_complaint(
    request: Request,
    desk: AtDesk,
    who: Opener,
    idempotency_key: Annotated[str | None, Header(pattern=KEY)] = None,
) -> JSONResponse:
    """Hand in a complaint.

    The same `external_id` of a channel, or the same `Idempotency-Key` of a caller, is the same complaint: 200 with the
    complaint there is. Where it says something else it is 409 for the id, 422 for the key alone. A caller who may not
    read that complaint is told its number only, and with an error not even that. Send one of the two, or a request that is repeated makes a
    second complaint. Where Temporal cannot be told at once the complaint is on record all the same: 201 with `started`
    false; it starts by itself, at the latest overnight, or when it is sent again.
    """
    words = words_of(request)
    submission = _read(await read_object(request, words), desk, words)
    number, created, started = await _open(desk, who, submission, idempotency_key, words)
    complaint = await desk.office.ledger.complaint(number)
    notes = _notes(submission, number, started, words)
    headers = {"Location": f"/api/v1/complaints/{number}"}
    if not created and not _reads(who, complaint):
        return told(Known(number=number, started=started, notes=notes), 200, headers)
    sheet = await sheet_of(desk, complaint, who.id)
    opened = Opened(**dict(sheet), started=started, notes=notes)
    return told(opened, 201 if created else 200, {**headers, **tag(complaint.turn)})


def _reads(who: Who, complaint: Complaint) -> bool:
    """Whether the caller could read this complaint in any other way (ORG-08)."""
    return has(who, "read") and may_read(complaint, who.asker)


def _read(data: dict[str, Any], desk: Desk, words: Words) -> Submission:
    judge(_SUBMISSION, data, words)
    try:
        return read_submission(data, desk.now())
    except NotAccepted as refused:
        field = str(refused).partition(": ")[0]
        raise bad_input(Wrong(tuple(field.split(".")), words.sentence(str(refused)))) from None


async def _open(
    desk: Desk, who: Who, submission: Submission, key: str | None, words: Words
) -> tuple[str, bool, bool]:
    """Number, whether it is new, whether its conversation has begun. Keys of two callers never meet."""
    incoming = submission.incoming(f"{who.id}:{key}" if key else None)
    try:
        opened = await desk.door.open(incoming, who.id)
    except NotStarted as waiting:
        return waiting.number, waiting.created, False
    except OtherContent as other:
        raise await _other_content(desk, who, other, words) from None
    except Refused as refused:
        raise Problem("refused", words.sentence(refused.reason), more={"rule": refused.rule}) from None
    return opened.number, opened.created, True


async def _other_content(desk: Desk, who: Who, other: OtherContent, words: Words) -> Problem:
    kind, number = "other-content" if other.same_id else "key-reused", other.number
    if not _reads(who, await desk.office.ledger.complaint(number)):
        sentence = words.gettext(
            "The external id or Idempotency-Key came in before with other content; nothing was opened."
        )
        return Problem(kind, sentence)
    sentence = words.gettext(
        "The external id or Idempotency-Key came in before with other content, as complaint %(number)s; nothing was opened."
    )
    return Problem(kind, sentence % {"number": number}, more={"number": number})


def _notes(submission: Submission, number: str, started: bool, words: Words) -> list[str]:
    notes = []
    if submission.attachments:
        sentence = words.gettext("Attachments are not taken in here: send each to %(address)s.")
        notes.append(sentence % {"address": f"/api/v1/complaints/{number}/attachments"})
    if not started:
        notes.append(
            words.gettext("It is on record and will be worked on as soon as Temporal can be reached.")
        )
    return notes
