"""The words complaints are marked with: a managed list, and the marks of one complaint."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.desk import AtDesk, Desk
from console.reading import NotThere, read_case
from console.who import SignedIn, Who
from console.words import Words
from domain.codes import Role
from domain.roles import marking_refused
from records import shelves
from records.db import reaching
from records.shelves import TAG, Tag

router = APIRouter(include_in_schema=False)

#: who keeps the list
KEEPERS = (Role.CS_DIRECTOR, Role.ADMIN)
_LONGEST = 20


@router.get("/tags")
async def show_tags(request: Request, desk: AtDesk, who: SignedIn) -> Response:
    """The list; whoever keeps it can add to it and end a word."""
    return await _page(request, desk, who, {}, {})


@router.post("/tags")
async def put_tag(
    request: Request,
    desk: AtDesk,
    who: SignedIn,
    code: Annotated[str, Form()] = "",
    zh: Annotated[str, Form()] = "",
    en: Annotated[str, Form()] = "",
) -> Response:
    """A new word, or another wording of one."""
    _require_keeper(who)
    typed = {"code": code.strip(), "zh": " ".join(zh.split()), "en": " ".join(en.split())}
    errors = _errors(typed, desk.pages.words(who.language))
    if errors:
        return await _page(request, desk, who, typed, errors)
    with reaching():
        async with desk.office.pool.acquire() as connection:
            await shelves.put_tag(connection, Tag(typed["code"], typed["zh"], typed["en"]), who.id)
    return RedirectResponse("/tags", status_code=303)


@router.post("/tags/{code}/end")
async def end_tag(desk: AtDesk, who: SignedIn, code: str) -> Response:
    """Give a word no more; complaints that have it keep it."""
    _require_keeper(who)
    if not TAG.fullmatch(code):
        raise NotThere
    with reaching():
        async with desk.office.pool.acquire() as connection:
            await shelves.end_tag(connection, code)
    return RedirectResponse("/tags", status_code=303)


@router.get("/case/{number}/tags")
async def show_case_tags(request: Request, desk: AtDesk, who: SignedIn, number: str) -> Response:
    """The marks of a complaint: those it has, those it can be given, and those that were taken off."""
    case = await read_case(desk, who, number)
    with reaching():
        async with desk.office.pool.acquire() as connection:
            marks = await shelves.tags_of(connection, number)
            known = await shelves.tags(connection)
    has = {mark.code for mark in marks if mark.removed_at is None}
    context = {
        "number": number,
        "refused": marking_refused(case.complaint, who.asker),
        "marks": marks,
        "offered": [tag for tag in known if tag.given and tag.code not in has],
    }
    template = "queue/_case_tags.html" if "hx-request" in request.headers else "queue/case_tags.html"
    return desk.pages.show(request, who, template, context)


@router.post("/case/{number}/tags")
async def tag_case(
    desk: AtDesk,
    who: SignedIn,
    number: str,
    tag: Annotated[str, Form(pattern=rf"^{TAG.pattern}$")],
    off: Annotated[bool, Form()] = False,
) -> Response:
    """Mark a complaint one is on, or take a mark off. A word that is not in the list marks nothing."""
    case = await read_case(desk, who, number)
    if marking_refused(case.complaint, who.asker):
        raise HTTPException(403)
    with reaching():
        async with desk.office.pool.acquire() as connection:
            if off:
                await shelves.remove_tag(connection, [number], tag, who.id)
            else:
                await shelves.add_tag(connection, [number], tag, who.id)
    return RedirectResponse(f"/case/{number}#case-side", status_code=303)


def _require_keeper(who: Who) -> None:
    if not who.asker.holds(*KEEPERS):
        raise HTTPException(403)


def _errors(typed: dict[str, str], words: Words) -> dict[str, str]:
    errors = {}
    if not TAG.fullmatch(typed["code"]):
        errors["code"] = words.gettext("A code has small letters, digits and -, at most 30.")
    for field in ("zh", "en"):
        if not typed[field] or len(typed[field]) > _LONGEST or not typed[field].isprintable():
            errors[field] = words.gettext("Write one to twenty characters.")
    return errors


async def _page(
    request: Request, desk: Desk, who: Who, typed: dict[str, str], errors: dict[str, str]
) -> Response:
    with reaching():
        async with desk.office.pool.acquire() as connection:
            found = await shelves.tags(connection)
    context = {
        "tags": found,
        "keeper": who.asker.holds(*KEEPERS),
        "typed": typed,
        "errors": errors,
    }
    return desk.pages.show(request, who, "queue/tags.html", context, status=422 if errors else 200)
