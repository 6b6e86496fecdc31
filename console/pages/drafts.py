"""The composer of a case with its drafts, who watches, and the inbox of those who were named.

Two ways to write that look and read differently: to the customer, or for colleagues. Which command comes of it follows
from the way alone, so an internal word cannot reach a customer by a wrong tick. (SLA-02, SLA-06, LIF-04)
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.composer.preview import preview
from console.composer.replies import dates_for, replies
from console.composer.sending import SEND, WAYS, Trouble, Written, command_of, send_written
from console.desk import AtDesk, Desk
from console.files.multipart import read_fields
from console.reading import Case, NotThere, read_case
from console.who import SignedIn, Who
from console.words import Words
from domain.codes import PROCEEDINGS
from domain.facts import Refused
from domain.roles import may_read
from records import drafts as kept
from records.db import transaction
from records.views.cases import mask_name

router = APIRouter(include_in_schema=False)

_KEY = re.compile(r"[0-9a-f-]{36}", re.ASCII)
#: people offered, and people looked at to find them
_FOUND, _LOOKED_AT = 12, 60


async def composer_context(desk: Desk, who: Who, case: Case, now: datetime) -> dict[str, Any]:
    """What `act/_composer.html` shows on the page of a case; one statement where nothing is being written. The reader
    has seen the case by it: its turns are no longer new in their lists and inbox."""
    async with desk.office.pool.acquire() as connection:
        beside = await kept.beside(connection, desk.office.texts, who.id, case.number, case.complaint.turn)
    mode: kept.Mode = (
        "public" if "public" in beside.drafts and "internal" not in beside.drafts else "internal"
    )
    written = Written(mode, beside.drafts, key=str(uuid4()), turn=case.complaint.turn)
    tags = [zh if who.language == "zh-CN" else en for zh, en in beside.tags]
    return {"watching": beside.watching, "tags": tags, **_composer(desk, who, case, written, None, now)}


def _composer(
    desk: Desk, who: Who, case: Case, written: Written, trouble: Trouble | None, now: datetime
) -> dict[str, Any]:
    actions = case.actions(now)
    words = desk.pages.words(who.language)
    told = {kind: actions[kind] for kind in ("record_response", "send_progress", "add_note", "hold")}
    return {
        "composer": written,
        "composer_trouble": trouble,
        "composer_ways": [way for way in WAYS if told[command_of(way)] is None],
        "composer_public": _why(words, told["record_response"] and told["send_progress"]),
        "composer_internal": _why(words, told["add_note"]),
        "composer_may_hold": told["hold"] is None,
        "composer_proceedings": case.complaint.stage in PROCEEDINGS,
        "replies": replies().values(),
    }


def _why(words: Words, refused: Refused | None) -> str | None:
    """Why this way of writing is closed now, or None."""
    return None if refused is None else words.sentence(refused.reason)


@router.post("/case/{number}/draft")
async def keep_draft(request: Request, desk: AtDesk, who: SignedIn, number: str) -> Response:
    """Keep what is being written, both ways; blank throws it away."""
    await read_case(desk, who, number)
    form = await read_fields(request)
    texts = {mode: form.get(f"text_{mode}", "") for mode in kept.MODES}
    async with transaction(desk.office.pool) as connection:
        for mode, words in texts.items():
            if not isinstance(words, str) or not _storable(words):
                return Response(status_code=422)
            await kept.save_draft(connection, desk.office.texts, who.id, number, mode, words)
    return Response(status_code=204)


@router.post("/case/{number}/draft/discard")
async def discard_draft(request: Request, desk: AtDesk, who: SignedIn, number: str) -> Response:
    """Throw away what is being written in the chosen way."""
    await read_case(desk, who, number)
    form = await read_fields(request)
    mode: kept.Mode = "public" if form.get("mode") == "public" else "internal"
    async with transaction(desk.office.pool) as connection:
        await kept.drop_draft(connection, who.id, number, mode)
    return RedirectResponse(f"/case/{number}#composer", status_code=303)


def _storable(words: str) -> bool:
    return len(words) <= 100_000 and "\x00" not in words


@router.get("/case/{number}/reply/{reply}")
async def fill_reply(request: Request, desk: AtDesk, who: SignedIn, number: str, reply: str) -> Response:
    """A reply template filled in, in the customer's language: for the composer, or a page to copy it from."""
    case = await read_case(desk, who, number)
    template = replies().get(reply)
    if template is None:
        raise NotThere
    async with desk.office.pool.acquire() as connection:
        addressed = await kept.customer_of(connection, desk.office.texts, number, who.id, whole=case.whole)
    words = desk.pages.words(addressed.language)
    dates = dates_for(case.complaint, desk.now())
    name = addressed.name if case.whole else mask_name(addressed.name)
    values = {
        "number": number,
        "customer": name or words.gettext("customer"),
        "person": who.name,
        **{what: words.when(at) if at else "" for what, at in dates.items()},
    }
    context = {"number": number, "text": template.filled(words.language, values)}
    part = "act/_reply.html" if "hx-request" in request.headers else "act/reply.html"
    return desk.pages.show(request, who, part, context)


@router.post("/case/{number}/write")
async def write(request: Request, desk: AtDesk, who: SignedIn, number: str) -> Response:
    """Say what was written; the draft goes with it."""
    case = await read_case(desk, who, number)
    form = await read_fields(request)
    written = _read({name: value for name, value in form.items() if isinstance(value, str)})
    trouble = await send_written(desk, who, case, written)
    if trouble is None or trouble.done:
        async with transaction(desk.office.pool) as connection:
            await kept.drop_draft(connection, who.id, number, written.mode)
    if trouble is None:
        return RedirectResponse(f"/case/{number}#timeline", status_code=303)
    if trouble.turn is not None:
        written = replace(written, turn=trouble.turn, key=str(uuid4()))
    context = {"case": case, "watching": False, **_composer(desk, who, case, written, trouble, desk.now())}
    return desk.pages.show(request, who, "act/write.html", context, status=trouble.status)


@router.post("/case/{number}/preview")
async def show_preview(request: Request, desk: AtDesk, who: SignedIn, number: str) -> Response:
    """What the customer will receive of what is written, in their language; nothing is said or sent (SLA-08)."""
    case = await read_case(desk, who, number)
    form = await read_fields(request)
    written = _read({name: value for name, value in form.items() if isinstance(value, str)})
    written = replace(written, mode="public")
    async with desk.office.pool.acquire() as connection:
        addressed = await kept.customer_of(connection, desk.office.texts, number, who.id, whole=case.whole)
    name = (addressed.name if case.whole else mask_name(addressed.name)) or ""
    seen = preview(desk, case, written, name, addressed.language, desk.pages.words(who.language))
    context: dict[str, Any] = {"case": case, "preview": seen, "language": addressed.language}
    if "hx-request" in request.headers:
        return desk.pages.show(request, who, "act/_preview.html", context)
    context |= {"watching": False, **_composer(desk, who, case, written, None, desk.now())}
    return desk.pages.show(request, who, "act/write.html", context)


def _read(form: Mapping[str, str]) -> Written:
    turn, key = form.get("turn", ""), form.get("key", "")
    return Written(
        mode="public" if form.get("mode") == "public" else "internal",
        texts={mode: form.get(f"text_{mode}", "") for mode in kept.MODES},
        way=form.get("way", SEND) if form.get("way", SEND) in WAYS else SEND,
        effective=form.get("effective") == "1",
        released=form.get("released") == "1",
        until=form.get("until", "")[:10],
        key=key if _KEY.fullmatch(key) else str(uuid4()),
        turn=int(turn) if turn.isascii() and turn.isdigit() and len(turn) < 7 else 0,
    )


@router.get("/people")
async def find_people(request: Request, desk: AtDesk, who: SignedIn, number: str, q: str = "") -> Response:
    """Colleagues who may read this case, by name or user id, to be named in a note."""
    case = await read_case(desk, who, number)
    wanted = q.strip().lstrip("@").lower()[:64]
    if not _storable(wanted):
        return desk.pages.show(request, who, "act/_people.html", {"people": []})
    async with desk.office.pool.acquire() as connection:
        found = await kept.find_people(connection, wanted, desk.now(), _LOOKED_AT)
    readers = [(name, one.id) for name, one in found if may_read(case.complaint, one)][:_FOUND]
    return desk.pages.show(request, who, "act/_people.html", {"people": readers})


@router.post("/case/{number}/watch")
async def watch(request: Request, desk: AtDesk, who: SignedIn, number: str) -> Response:
    """Watch a case, or no longer."""
    await read_case(desk, who, number)
    form = await read_fields(request)
    async with transaction(desk.office.pool) as connection:
        if form.get("watch") == "1":
            await kept.watch(connection, [who.id], number)
        else:
            await kept.unwatch(connection, who.id, number)
    return RedirectResponse(f"/case/{number}", status_code=303)


@router.get("/inbox")
async def inbox(request: Request, desk: AtDesk, who: SignedIn) -> Response:
    """Where I was named, and what is new on the cases I watch."""
    async with desk.office.pool.acquire() as connection:
        mentions = await kept.mentions_of(connection, who.asker)
        watched = await kept.watched_by(connection, who.asker)
    return desk.pages.show(request, who, "act/inbox.html", {"mentions": mentions, "watched": watched})


@router.get("/inbox/count")
async def inbox_count(request: Request, desk: AtDesk, who: SignedIn) -> Response:
    """How much of the inbox is unread, for the top bar."""
    async with desk.office.pool.acquire() as connection:
        waiting = await kept.waiting(connection, who.asker)
    return desk.pages.show(request, who, "act/_waiting.html", {"waiting": waiting})
