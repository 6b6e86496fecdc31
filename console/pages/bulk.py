"""The same for many complaints: choose, look at what would come of it, confirm, and watch it being worked through."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any
from uuid import uuid4

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.bulk_orders import MOST, NOT_IN_USE, OFFERS, TAG, Wish, preview
from console.bulk_work import work_jobs
from console.desk import AtDesk, Desk
from console.files.multipart import read_fields
from console.listed import MOST_CHOSEN, numbers_in, numbers_of
from console.reading import NotThere
from console.who import SignedIn, Who
from domain.codes import Channel, Department, Flag, Role
from domain.commands import BadCommand
from records import jobs
from records.db import reaching, transaction
from records.jobs import ItemLine, Job, Order
from records.texts import new_draft

router = APIRouter()

_KEY = re.compile(r"[0-9a-f]{32}")
_LONGEST = 100_000
_YES = frozenset({"true", "yes", "on", "1"})


@asynccontextmanager
async def working(desk: Desk) -> AsyncIterator[None]:
    """Jobs are worked through as long as this lasts, those that an earlier process left too."""
    worker = asyncio.create_task(work_jobs(desk), name="jobs")
    try:
        yield
    finally:
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker


@router.api_route("/bulk", methods=["GET", "POST"], include_in_schema=False)
async def choose(request: Request, who: SignedIn, desk: AtDesk) -> Response:
    """What may be done to the complaints that were selected, or to all of a list."""
    form = await _form(request)
    numbers = await _chosen(desk, who, form)
    return await _choice(request, who, desk, form, numbers, {}, 200)


@router.post("/bulk/preview", include_in_schema=False)
async def look_first(request: Request, who: SignedIn, desk: AtDesk) -> Response:
    """For each complaint what would come of it. Nothing is done yet."""
    form = await _form(request)
    numbers = await _chosen(desk, who, form)
    wish = _wish(form)
    people, tags = await _choices(desk)
    try:
        wish.checked(who.id)
        wish.require_tag(_tag_names(tags, who.language))
    except BadCommand as bad:
        return await _choice(request, who, desk, form, numbers, _errors(desk, who, wish, bad), 422)
    seen = await preview(desk, who, wish.kind, numbers)
    context = {
        "offer": OFFERS[wish.kind],
        "preview": seen,
        "fields": wish.fields,
        "key": uuid4().hex,
        "most": MOST,
        "people": dict(people),
        "tags": _tag_names(tags, who.language),
    }
    return desk.pages.show(request, who, "bulk/preview.html", context)


@router.post("/bulk/start", include_in_schema=False)
async def start(request: Request, who: SignedIn, desk: AtDesk) -> Response:
    """Put the job in line. The same form sent twice is one job."""
    form = await _form(request)
    key, wish = str(form.get("key", "")), _wish(form)
    if not _KEY.fullmatch(key):
        raise HTTPException(422)
    numbers = (await _chosen(desk, who, form))[:MOST]
    try:
        fields, words = wish.checked(who.id)
        if wish.kind == TAG:
            wish.require_tag(_tag_names((await _choices(desk))[1], who.language))
    except BadCommand as bad:
        return await _choice(request, who, desk, form, numbers, _errors(desk, who, wish, bad), 422)
    if not numbers:
        return await _choice(request, who, desk, form, numbers, {}, 200)
    async with transaction(desk.office.pool) as connection:
        readable = await jobs.readable(connection, who.asker, numbers)
        told = await desk.office.texts.store(connection, new_draft(), words)
        order = Order(key, wish.kind, fields, told, who.id)
        added = await jobs.add_job(connection, order, [number for number in numbers if number in readable])
    if not added:
        await _own(desk, who, key)
    return RedirectResponse(f"/jobs/{key}", status_code=303)


@router.get("/jobs", include_in_schema=False)
async def show_jobs(request: Request, who: SignedIn, desk: AtDesk) -> Response:
    """The reader's own jobs."""
    with reaching():
        async with desk.office.pool.acquire() as connection:
            found = await jobs.jobs_of(connection, who.id)
    return desk.pages.show(request, who, "bulk/jobs.html", {"jobs": found, "offers": OFFERS})


@router.get("/jobs/{job}", include_in_schema=False)
async def show_job(job: str, request: Request, who: SignedIn, desk: AtDesk) -> Response:
    """A job with what became of each complaint; asked for again by itself while it is under way."""
    found = await _own(desk, who, job)
    with reaching():
        async with desk.office.pool.acquire() as connection:
            items = await jobs.items_of(connection, job)
    template = "bulk/_job.html" if "hx-request" in request.headers else "bulk/job.html"
    context = {"job": found, "items": items, "offer": OFFERS.get(found.kind), "why": partial(_why, desk, who)}
    return desk.pages.show(request, who, template, context)


@router.post("/jobs/{job}/{change}", include_in_schema=False)
async def change_job(job: str, change: str, who: SignedIn, desk: AtDesk) -> Response:
    """Cancel what is left of a job, or try again what did not succeed."""
    changes = {"cancel": jobs.cancel_job, "retry": jobs.retry_job}
    if change not in changes:
        raise NotThere
    await _own(desk, who, job)
    async with transaction(desk.office.pool) as connection:
        await changes[change](connection, job)
    return RedirectResponse(f"/jobs/{job}", status_code=303)


async def _own(desk: Desk, who: Who, job: str) -> Job:
    """The reader's own job. Raises NotThere for one that is not there or another's."""
    with reaching():
        async with desk.office.pool.acquire() as connection:
            found = await jobs.find_job(connection, job) if _KEY.fullmatch(job) else None
    if found is None or found.asked_by != who.id:
        raise NotThere
    return found


def _why(desk: Desk, who: Who, item: ItemLine) -> str:
    """Why it was not done, in the reader's language: a refusal of the rules, or one of our own sentences."""
    words, reason = desk.pages.words(who.language), item.reason or ""
    return words.sentence(reason) if item.rule and item.rule != "ORG-08" else words.gettext(reason)


async def _form(request: Request) -> FormData:
    """The form's fields; those of the address, where a link leads here."""
    if request.method == "GET":
        return FormData([(name, value) for name, value in request.query_params.multi_items()])
    return await read_fields(request, MOST_CHOSEN + 50)


async def _chosen(desk: Desk, who: Who, form: FormData) -> list[str]:
    """The numbers that were ticked or handed on, or those of the whole list; what is no number is left out."""
    if form.get("all"):
        listed, query = str(form.get("list", "")), str(form.get("query", ""))
        return await numbers_of(desk, who, listed, query, MOST_CHOSEN)
    return numbers_in(form)


def _wish(form: FormData) -> Wish:
    """What the form asks for: only the fields of its kind, without the empty ones."""
    kind = str(form.get("kind", ""))
    offer = OFFERS.get(kind)
    fields: dict[str, Any] = {
        name: str(form[name])[: _LONGEST + 1].replace("\r\n", "\n")
        for name in (offer.fields if offer else ())
        if str(form.get(name, "")).strip()
    }
    for name in ("value", "effective"):
        if name in fields:
            fields[name] = fields[name] in _YES
    if kind == "record_response":
        fields.setdefault("effective", False)
    return Wish(kind, fields)


async def _choice(
    request: Request,
    who: Who,
    desk: Desk,
    form: FormData,
    numbers: Sequence[str],
    errors: Mapping[str, str],
    status: int,
) -> Response:
    """The page to choose on, with what was typed and what is wrong with it."""
    with reaching():
        async with desk.office.pool.acquire() as connection:
            readable = await jobs.readable(connection, who.asker, numbers)
            people, tags = await jobs.bulk_choices(connection, desk.now())
    context = {
        "numbers": [number for number in numbers if number in readable],
        "offers": OFFERS,
        "opened": str(form.get("kind", "")),
        "typed": {name: str(value) for name, value in form.items()},
        "errors": errors,
        "most": MOST,
        "people": [(user, f"{called} · {user}") for user, called in people],
        "tags": _tag_names(tags, who.language),
        "departments": [*Department],
        "roles": [*Role],
        "flags": [*Flag],
        "channels": [*Channel],
    }
    return desk.pages.show(request, who, "bulk/choose.html", context, status=status)


async def _choices(desk: Desk) -> tuple[list[tuple[str, str]], list[tuple[str, str, str]]]:
    with reaching():
        async with desk.office.pool.acquire() as connection:
            return await jobs.bulk_choices(connection, desk.now())


def _tag_names(tags: Sequence[tuple[str, str, str]], language: str) -> dict[str, str]:
    return {code: zh if language.startswith("zh") else en for code, zh, en in tags}


def _errors(desk: Desk, who: Who, wish: Wish, bad: BadCommand) -> dict[str, str]:
    """The fault beside its field, in the page's language."""
    told = str(bad).removeprefix(f"{wish.kind}: ")
    field = told.partition(":")[0]
    words = desk.pages.words(who.language)
    names = OFFERS[wish.kind].fields if wish.kind in OFFERS else ()
    missing = told.endswith("Field required.")
    sentence = words.gettext("Please fill this in.") if missing else words.sentence(told)
    if told.endswith(NOT_IN_USE):
        sentence = words.gettext(NOT_IN_USE)
    return {field if field in names else "kind": sentence}
