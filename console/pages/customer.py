"""The customer's own pages, by link and without a login: how things stand, room to answer, one question at the end.

A link opens one complaint and nothing else; the words shown are those released to the customer (CUS-08, SLA-06).
"""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.customer.hearing import LONGEST_CONTACT, WITH_FILES, Heard, hear
from console.customer.opening import ByFeedbackLink, ByStatusLink, Opened
from console.customer.page import feedback_page, status_page
from console.customer.plain import REPLIES
from console.customer.speaking import NotSaid, answer, keep_file, speak
from console.files.taking import book_of
from console.pages.files import small_picture, whole_file
from console.reading import NotThere
from domain.roles import CUSTOMER
from records.files import StoredFile

router = APIRouter(include_in_schema=False)


@router.get("/s/{token}")
async def status(request: Request, opened: ByStatusLink) -> Response:
    """How things stand."""
    return await status_page(request, opened)


@router.post("/s/{token}/add")
async def add(request: Request, opened: ByStatusLink) -> Response:
    """The customer adds something: words, photos, or both (INT-08, INT-13)."""
    with await hear(request, opened, WITH_FILES) as heard:
        if heard.problem:
            return await status_page(request, opened, "add", heard)
        if not _words(opened, heard) and not heard.sent.files:
            heard.problem = opened.gettext("Please write something or choose a photo.")
            return await status_page(request, opened, "add", heard)
        return await _add(request, opened, heard)


def _words(opened: Opened, heard: Heard) -> str:
    """What was typed, after the answer to our proposal that was ticked; whoever has the case records the round."""
    reply = REPLIES.get(heard.field("reply"))
    ticked = opened.gettext(reply) if reply else ""
    return "\n".join(part for part in (ticked, heard.text) if part)


async def _add(request: Request, opened: Opened, heard: Heard) -> Response:
    words = _words(opened, heard)
    try:
        if words:
            await speak(opened, "add_to_intake", {"text": words}, heard.key)
    except NotSaid as not_said:
        heard.problem = not_said.sentence
        return await status_page(request, opened, "add", heard)
    for place, received in enumerate(heard.sent.files):
        try:
            await keep_file(opened, received)
        except NotSaid as not_kept:
            heard.problem = not_kept.sentence
            if words or place:
                told = opened.gettext(
                    "%(file)s was not taken in: %(why)s What you sent before it is on record."
                )
                heard.problem = told % {"file": received.name, "why": not_kept.sentence}
            return await status_page(request, opened, "add", heard, keep=False)
    return _thanks(opened, "added")


@router.post("/s/{token}/withdraw")
async def withdraw(request: Request, opened: ByStatusLink) -> Response:
    """The customer takes the complaint back; a reason always (commands.md §4)."""
    with await hear(request, opened) as heard:
        if not heard.problem and heard.field("sure") != "true":
            heard.problem = opened.gettext("Please tick that you are sure.")
        if not heard.problem and not heard.text:
            heard.problem = opened.gettext("Please tell us why; one word is enough.")
        return await _said(
            request, opened, "withdraw", heard, ("mark_withdrawn", {"reason": heard.text}), "withdrawn"
        )


@router.post("/s/{token}/contact")
async def contact(request: Request, opened: ByStatusLink) -> Response:
    """Another telephone number or mail address (CUS-06)."""
    with await hear(request, opened) as heard:
        given = heard.field("contact").strip()
        if not heard.problem and not given:
            heard.problem = opened.gettext("Please enter a telephone number or an e-mail address.")
        if not heard.problem and len(given) > LONGEST_CONTACT:
            heard.problem = opened.gettext("That is too long: at most 200 characters.")
        return await _said(
            request, opened, "contact", heard, ("change_contact", {"contact": given}), "contact"
        )


@router.post("/s/{token}/erase")
async def erase(request: Request, opened: ByStatusLink) -> Response:
    """The customer asks that personal data be deleted; a person decides (CUS-08)."""
    with await hear(request, opened) as heard:
        if not heard.problem and heard.field("sure") != "true":
            heard.problem = opened.gettext("Please tick that you are sure.")
        words = heard.text or opened.gettext("I ask you to delete my personal data.")
        return await _said(request, opened, "erase", heard, ("request_erasure", {"text": words}), "erase")


async def _said(
    request: Request,
    opened: Opened,
    form: str,
    heard: Heard,
    command: tuple[str, dict[str, str]],
    thanks: str,
) -> Response:
    """Say a form's command where nothing is wrong with the form."""
    if not heard.problem:
        try:
            await speak(opened, *command, heard.key)
        except NotSaid as not_said:
            heard.problem = not_said.sentence
    return await status_page(request, opened, form, heard) if heard.problem else _thanks(opened, thanks)


@router.post("/s/{token}/not-solved")
async def not_solved(request: Request, opened: ByStatusLink) -> Response:
    """It is not solved: the answer to our question where it is open, else a word to whoever has the case; after the
    end it asks for a reopening (FUV-05)."""
    with await hear(request, opened) as heard:
        if not heard.problem and not heard.text:
            heard.problem = opened.gettext("Please tell us what is not solved.")
        if heard.problem:
            return await status_page(request, opened, "not-solved", heard)
        try:
            await answer(opened, satisfied=False, score=None, words=heard.text, key=heard.key)
        except NotSaid as not_said:
            heard.problem = not_said.sentence
            return await status_page(request, opened, "not-solved", heard)
        return _thanks(opened, "not-solved")


@router.get("/s/{token}/files/{file_id}")
async def get_file(
    request: Request, opened: ByStatusLink, file_id: str, download: Annotated[str, Query()] = ""
) -> Response:
    """A file that the customer sent, byte for byte."""
    file = await _theirs(opened, file_id)
    return await whole_file(request, opened.desk, file, CUSTOMER, download=bool(download))


@router.get("/s/{token}/files/{file_id}/thumb")
async def get_thumb(request: Request, opened: ByStatusLink, file_id: str) -> Response:
    """The small picture of it."""
    return await small_picture(request, opened.desk, await _theirs(opened, file_id), CUSTOMER)


async def _theirs(opened: Opened, file_id: str) -> StoredFile:
    """Raises NotThere for whatever is not a file of this complaint that came by its link."""
    file = await book_of(opened.desk).find(file_id)
    if file is None or file.owner != opened.link.number or file.added_by != CUSTOMER:
        raise NotThere
    return file


@router.get("/f/{token}")
async def feedback(request: Request, opened: ByFeedbackLink) -> Response:
    """One question: is it solved?"""
    return await feedback_page(request, opened)


@router.post("/f/{token}")
async def answer_question(request: Request, opened: ByFeedbackLink) -> Response:
    """The customer's answer, once per handling round (CLO-02)."""
    with await hear(request, opened) as heard:
        solved, score = heard.field("solved"), heard.field("score")
        if not heard.problem and solved not in ("yes", "no"):
            heard.problem = opened.gettext("Please choose yes or no.")
        if not heard.problem and score not in ("", *"12345"):
            heard.problem = opened.gettext("Please choose from 1 to 5.")
        if heard.problem:
            return await feedback_page(request, opened, heard)
        given = int(score) if score else None
        try:
            counted = await answer(
                opened, satisfied=solved == "yes", score=given, words=heard.text, key=heard.key
            )
        except NotSaid as not_said:
            heard.problem = not_said.sentence
            return await feedback_page(request, opened, heard)
        return _thanks(opened, "1" if counted else "late")


def _thanks(opened: Opened, what: str) -> Response:
    # The place named here takes the one of the form, to which the browser would go back otherwise.
    return RedirectResponse(f"{opened.address}?thanks={what}#thanks", status_code=303)
