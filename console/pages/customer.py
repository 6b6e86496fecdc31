"""The customer's own pages, by link and without a login: how things stand, room to answer, one question at the end.

A link opens one complaint and nothing else; the words shown are those released to the customer (CUS-08, SLA-06).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Form
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.customer.plain import STEPS, in_plain_words
from console.desk import AtDesk, Desk
from console.files import FileRefused, FilesUnreachable
from console.files.multipart import FormBroken, Sent, read_form
from console.files.receiving import Received, refusal
from console.files.taking import EvidenceRefused, hand_in
from console.showing import LANGUAGE_COOKIE, preferred_language
from console.words import N_
from domain.codes import Channel, Stage
from domain.commands import BadCommand, said
from domain.complaint import Complaint
from domain.lifecycle import out_of_stage
from domain.roles import CUSTOMER
from domain.turns import Decision
from records.links import Link, Purpose, count, open_link
from records.views.customer import Standing, standing
from starter.complaints import NotUnderstood, OurFault, TryAgain
from starter.connection import TemporalUnreachable

router = APIRouter(include_in_schema=False)

#: what one link may be used for, and how often an address may try links that do not open
WRITES, WRITING_SPAN = 20, timedelta(hours=1)
MISSES, MISSING_SPAN = 20, timedelta(minutes=10)
#: a customer's words in one go; who has more to say sends a letter
LONGEST = 5_000
NOT_NOW = N_("We could not take this in just now. Your text is kept here; please send it once more.")
NOT_POSSIBLE = N_("This is no longer possible here. Please call us; your text is kept below.")
KEY = re.compile(r"[0-9a-f-]{36}", re.ASCII)
Key = Annotated[str, Form(pattern=rf"^{KEY.pattern}$")]


@dataclass(frozen=True)
class Opened:
    """A customer's link that opened."""

    desk: Desk
    token: str
    link: Link
    complaint: Complaint
    standing: Standing

    @property
    def address(self) -> str:
        """The page of this link."""
        return f"/{'s' if self.link.purpose == 'status' else 'f'}/{self.token}"

    def language(self, request: Request) -> str:
        """The customer's choice, else the language they are written to."""
        if LANGUAGE_COOKIE in request.cookies:
            return preferred_language(request)
        return self.standing.language


async def by_status_link(request: Request, desk: AtDesk, token: str) -> Opened:
    """The complaint of a status link."""
    return await _opened(request, desk, token, "status")


async def by_feedback_link(request: Request, desk: AtDesk, token: str) -> Opened:
    """The complaint of a feedback link."""
    return await _opened(request, desk, token, "feedback")


ByStatusLink = Annotated[Opened, Depends(by_status_link)]
ByFeedbackLink = Annotated[Opened, Depends(by_feedback_link)]


async def _opened(request: Request, desk: Desk, token: str, purpose: Purpose) -> Opened:
    """Raises HTTPException 404 for whatever does not open, 429 for an address that has tried too often."""
    office = desk.office
    async with office.pool.acquire() as connection:
        link = await open_link(connection, office.texts, token, purpose, desk.now())
        shown = await standing(connection, office.texts, link.number) if link else None
        if link is None or shown is None:
            address = request.client.host if request.client else "unknown"
            subject = f"link miss {office.texts.fingerprint(address.encode()).hex()}"
            tries = await count(connection, subject, MISSING_SPAN)
            raise HTTPException(429 if tries > MISSES else 404)
    return Opened(desk, token, link, await office.ledger.complaint(link.number), shown)


@router.get("/s/{token}")
async def status(request: Request, opened: ByStatusLink) -> Response:
    """How things stand."""
    return _status_page(request, opened)


@router.post("/s/{token}/add")
async def add(request: Request, opened: ByStatusLink) -> Response:
    """The customer adds something: words, photos, or both (INT-08, INT-13)."""
    try:
        with await read_form(request) as sent:
            return await _added(request, opened, sent)
    except FormBroken as broken:
        problem = (
            N_("That is too large: at most 25 MB.")
            if broken.status == 413
            else N_("The form did not arrive whole.")
        )
        return _status_page(request, opened, "add", "", problem, status=broken.status)


async def _added(request: Request, opened: Opened, sent: Sent) -> Response:
    words, key = sent.fields.get("text", "").strip(), sent.fields.get("key", "")
    if not KEY.fullmatch(key):
        raise HTTPException(422)
    if not words and not sent.files:
        return _again(request, opened, "add", words, N_("Please write something or choose a photo."))
    problem = await _too_much(opened, words)
    if not problem and words:
        problem = await _say(opened, "add_to_intake", {"text": words}, key)
    if problem:
        return _again(request, opened, "add", words, problem)
    gettext = opened.desk.pages.words(opened.language(request)).gettext
    for place, received in enumerate(sent.files):
        if problem := await _not_kept(opened, received, gettext):
            if words or place:
                told = gettext("%(file)s was not taken in: %(why)s What you sent before it is on record.")
                problem = told % {"file": received.name, "why": problem}
            return _again(request, opened, "add", "", problem)
    return _thanks(opened, "added")


async def _not_kept(opened: Opened, received: Received, gettext: Callable[[str], str]) -> str | None:
    """Keep a file of the customer's; why it was not kept, or None."""
    try:
        await hand_in(opened.desk, opened.link.number, received, "📎")
    except FileRefused as refused:
        return refusal(refused.code, gettext)
    except EvidenceRefused:
        return gettext("This is no longer possible here. Please call us.")
    except (FilesUnreachable, TryAgain, NotUnderstood, OurFault, TemporalUnreachable):
        return gettext("It could not be kept now; send it again in a moment.")
    return None


@router.post("/s/{token}/withdraw")
async def withdraw(
    request: Request,
    opened: ByStatusLink,
    key: Key,
    text: Annotated[str, Form()] = "",
    sure: Annotated[bool, Form()] = False,
) -> Response:
    """The customer takes the complaint back; a reason always (commands.md §4)."""
    if not sure:
        return _again(request, opened, "withdraw", text, N_("Please tick that you are sure."))
    if not text.strip():
        return _again(request, opened, "withdraw", text, N_("Please tell us why; one word is enough."))
    problem = await _too_much(opened, text) or await _say(
        opened, "mark_withdrawn", {"reason": text.strip()}, key
    )
    return _again(request, opened, "withdraw", text, problem) if problem else _thanks(opened, "withdrawn")


@router.post("/s/{token}/not-solved")
async def not_solved(
    request: Request, opened: ByStatusLink, key: Key, text: Annotated[str, Form()] = ""
) -> Response:
    """The customer says that it is not solved: the answer to our question where it was asked, else a word to the owner."""
    if not text.strip():
        return _again(request, opened, "not-solved", text, N_("Please tell us what is not solved."))
    if problem := await _too_much(opened, text):
        return _again(request, opened, "not-solved", text, problem)
    if opened.complaint.stage is Stage.FEEDBACK:
        problem = await _say(opened, "record_feedback", _answer(opened, False, None, text.strip()), key)
    else:
        problem = await _say(opened, "add_to_intake", {"text": text.strip()}, key)
    return _again(request, opened, "not-solved", text, problem) if problem else _thanks(opened, "not-solved")


@router.get("/f/{token}")
async def feedback(request: Request, opened: ByFeedbackLink) -> Response:
    """One question: is it solved?"""
    return _feedback_page(request, opened)


@router.post("/f/{token}")
async def answer(
    request: Request,
    opened: ByFeedbackLink,
    key: Key,
    solved: Annotated[str, Form()] = "",
    score: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
) -> Response:
    """The customer's answer, once per handling round (CLO-02)."""
    typed = {"solved": solved, "score": score, "text": text}
    if not _is_asked(opened):
        return _feedback_page(request, opened)
    if solved not in ("yes", "no"):
        return _feedback_page(request, opened, typed, N_("Please choose yes or no."))
    if score and score not in "12345":
        return _feedback_page(request, opened, typed, N_("Please choose from 1 to 5."))
    fields = _answer(opened, solved == "yes", int(score) if score else None, text.strip() or None)
    problem = await _too_much(opened, text) or await _say(opened, "record_feedback", fields, key)
    if problem:
        return _feedback_page(request, opened, typed, problem)
    return RedirectResponse(f"{opened.address}?thanks=1", status_code=303)


def _answer(opened: Opened, satisfied: bool, score: int | None, opinions: str | None) -> dict[str, Any]:
    asked = sum(entry.round == opened.complaint.round for entry in opened.complaint.feedback)
    given = {"score": score, "opinions": opinions}
    return {
        "attempt": asked + 1,
        "channel": Channel.WEB_FORM,
        "satisfied": satisfied,
        **{name: value for name, value in given.items() if value is not None},
    }


def _is_asked(opened: Opened) -> bool:
    """Whether the question of this link is open: its round runs, we wait for the answer, and none was given."""
    complaint = opened.complaint
    return (
        complaint.stage is Stage.FEEDBACK
        and complaint.round == opened.link.round
        and not any(entry.round == complaint.round and entry.answered for entry in complaint.feedback)
    )


async def _too_much(opened: Opened, words: str) -> str | None:
    """Why these words are not taken now, or None."""
    if len(words) > LONGEST:
        return N_("That is too long: at most 5,000 characters. Please shorten it, or send us a letter.")
    async with opened.desk.office.pool.acquire() as connection:
        written = await count(connection, f"link write {opened.link.id}", WRITING_SPAN)
    return (
        N_("You have written often within the hour. Please wait a little, or call us.")
        if written > WRITES
        else None
    )


async def _say(opened: Opened, kind: str, fields: Mapping[str, Any], key: str) -> str | None:
    """Say it as the customer; the sentence for them where it was not taken, or None."""
    try:
        command = said(kind, CUSTOMER, dict(fields))
        decision: Decision = await opened.desk.door.submit(
            opened.link.number, command, f"link-{opened.link.id}-{key}"
        )
    except BadCommand:
        return N_("There are characters in your text that we cannot store. Please write it anew.")
    except (TryAgain, NotUnderstood, OurFault, TemporalUnreachable):
        return NOT_NOW
    return None if decision.accepted else NOT_POSSIBLE


def _status_page(
    request: Request, opened: Opened, form: str = "", text: str = "", problem: str = "", status: int = 200
) -> Response:
    complaint, desk = opened.complaint, opened.desk
    plain = in_plain_words(complaint, desk.now())
    return desk.pages.show(
        request,
        None,
        "customer/status.html",
        {
            "opened": opened,
            "complaint": complaint,
            "standing": opened.standing,
            "plain": plain,
            "steps": STEPS,
            "can_add": out_of_stage(complaint.stage, "add_to_intake") is None,
            "can_withdraw": out_of_stage(complaint.stage, "mark_withdrawn") is None,
            "thanks": request.query_params.get("thanks", ""),
            "form": form,
            "text": text,
            "problem": problem,
            "key": str(uuid4()),
        },
        status=status,
        language=opened.language(request),
    )


def _again(request: Request, opened: Opened, form: str, text: str, problem: str) -> Response:
    """The page once more, with what was typed and what is wrong with it."""
    return _status_page(request, opened, form, text, problem, status=422)


def _thanks(opened: Opened, what: str) -> Response:
    return RedirectResponse(f"{opened.address}?thanks={what}", status_code=303)


def _feedback_page(
    request: Request, opened: Opened, typed: Mapping[str, str] | None = None, problem: str = ""
) -> Response:
    return opened.desk.pages.show(
        request,
        None,
        "customer/feedback.html",
        {
            "opened": opened,
            "complaint": opened.complaint,
            "standing": opened.standing,
            "asked": _is_asked(opened),
            "answered": any(
                entry.round == opened.link.round and entry.answered for entry in opened.complaint.feedback
            ),
            "typed": typed or {"solved": "", "score": "", "text": ""},
            "problem": problem,
            "key": str(uuid4()),
        },
        status=422 if problem else 200,
        language=opened.language(request),
    )
