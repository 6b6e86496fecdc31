"""The lists of the desk: a page of rows, the next page, the counts, lists of one's own, and the search field."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.desk import AtDesk, Desk
from console.lists import tagging
from console.lists.asking import FILTERS, Asked, chips, read_asked, write_cursor
from console.lists.columns import COLUMNS, LISTS, ONWARD, SORTED, chosen
from console.lists.searching import LONGEST, address_for
from console.reading import NotThere
from console.who import SignedIn, Who
from console.words import Words
from console.words.times import ZONE
from records import shelves
from records.db import reaching
from records.views import queue
from records.views.queue import Frame, Line, Reader

router = APIRouter(include_in_schema=False)
router.include_router(tagging.router)

#: counts beyond this are told as "9,999+"
_MOST_TOLD = 9999
_LONG_DIGITS = re.compile(r"\d{5,}")


@router.post("/queue/search")
async def search(
    request: Request, desk: AtDesk, who: SignedIn, q: Annotated[str, Form(max_length=2 * LONGEST)] = ""
) -> Response:
    """Find what was typed; it never stands in an address."""
    return await _found(request, desk, who, q)


@router.get("/queue/counts")
async def counts(
    request: Request, desk: AtDesk, who: SignedIn, view: str = "mine", had: Annotated[int, Query(ge=0)] = 0
) -> Response:
    """The lists on the left with fresh counts, and how many rows this one has gained since it was opened with `had`."""
    if view not in LISTS:
        raise NotThere
    reader = _reader(desk, who)
    with reaching():
        async with desk.office.pool.acquire() as connection:
            frame = await queue.frame(connection, reader, view)
    asked = read_asked((), desk.pages.words(who.language), who.id)
    gained = max(0, frame.counts[view] - had)
    context = {**_frame(frame, view, asked), "gained": gained, "had": had, "here": _back(request, view)}
    return desk.pages.show(request, who, "queue/_counts.html", context)


@router.get("/queue/{view}/filters")
async def filters(request: Request, desk: AtDesk, who: SignedIn, view: str) -> Response:
    """What the list can be narrowed by, as a form; what is set stays set."""
    if view not in LISTS:
        raise NotThere
    words = desk.pages.words(who.language)
    asked = read_asked(request.query_params.multi_items(), words, who.id)
    with reaching():
        async with desk.office.pool.acquire() as connection:
            choices = await queue.choices(connection, desk.now())
    context = {"view": view, "title": LISTS[view][0], "asked": asked, "choices": choices, "known": FILTERS}
    template = "queue/_filters.html" if "hx-request" in request.headers else "queue/filters.html"
    return desk.pages.show(request, who, template, context)


@router.post("/queue/views")
async def save_view(
    request: Request,
    desk: AtDesk,
    who: SignedIn,
    view: Annotated[str, Form(max_length=20)],
    query: Annotated[str, Form(max_length=4000)] = "",
    name: Annotated[str, Form()] = "",
) -> Response:
    """Keep the list as it stands under a name of one's own."""
    words = desk.pages.words(who.language)
    name = " ".join(name.split())
    asked = read_asked(parse_qsl(query), words, who.id)
    if view not in LISTS:
        raise NotThere
    problem = _name_problem(name, words)
    if problem is None:
        with reaching():
            async with desk.office.pool.acquire() as connection:
                frame = await queue.frame(connection, _reader(desk, who), view)
                columns = chosen(_columns(frame, asked))
                try:
                    kept = await shelves.save_view(
                        connection, who.id, name, view, asked.filters, columns, asked.sort
                    )
                except shelves.TooMany:
                    problem = words.gettext("You keep 30 lists already; delete one first.")
                else:
                    return RedirectResponse(f"/queue/{view}{asked.query(saved=kept)}", status_code=303)
    return await _page(request, desk, who, view, asked, {"name": problem}, typed=name)


@router.post("/queue/views/{kept}/delete")
async def drop_view(desk: AtDesk, who: SignedIn, kept: int) -> Response:
    """Forget a list of one's own."""
    with reaching():
        async with desk.office.pool.acquire() as connection:
            if not 0 < kept < 2**31 or not await shelves.drop_view(connection, who.id, kept):
                raise NotThere
    return RedirectResponse("/queue/mine", status_code=303)


@router.post("/queue/{view}/columns")
async def keep_columns(
    desk: AtDesk,
    who: SignedIn,
    view: str,
    column: Annotated[list[str] | None, Form(max_length=40)] = None,
    query: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Keep which columns one wants in this list; none: the usual ones."""
    if view not in LISTS:
        raise NotThere
    asked = read_asked(parse_qsl(query), desk.pages.words(who.language), who.id)
    columns = [code for code in COLUMNS if code in (column or ())]
    with reaching():
        async with desk.office.pool.acquire() as connection:
            await shelves.keep_columns(connection, who.id, view, columns)
    return RedirectResponse(f"/queue/{view}{asked.query(saved=None)}", status_code=303)


@router.get("/queue/{view}")
async def show(request: Request, desk: AtDesk, who: SignedIn, view: str) -> Response:
    """A list, or with `after` and htmx its next rows alone."""
    if view not in LISTS:
        raise NotThere
    typed = request.query_params.get("q", "").strip()
    if typed and not re.fullmatch(r"\d{2,6}", typed, re.ASCII):
        return await _found(request, desk, who, typed)
    words = desk.pages.words(who.language)
    asked = read_asked(request.query_params.multi_items(), words, who.id)
    if "hx-request" in request.headers and asked.after is not None:
        return await _more(request, desk, who, view, asked)
    return await _page(request, desk, who, view, asked)


async def _found(request: Request, desk: Desk, who: Who, typed: str) -> Response:
    """To what was searched for; or a page that says how one can search, with what was typed still in the field."""
    if address := await address_for(desk, who, typed):
        return RedirectResponse(address, status_code=303)
    return desk.pages.show(request, who, "queue/nothing.html", {"typed": typed[:LONGEST]})


async def _more(request: Request, desk: Desk, who: Who, view: str, asked: Asked) -> Response:
    reader = _reader(desk, who)
    columns = chosen(request.query_params.getlist("column"))
    with reaching():
        async with desk.office.pool.acquire() as connection:
            rows, after = await queue.lines(
                connection,
                desk.office.texts,
                reader,
                view,
                asked.sort,
                asked.wanted,
                after=asked.after,
                limit=queue.PAGE,
            )
    context = {"rows": rows, "columns": columns, "next": _next(view, asked, after, columns)}
    return desk.pages.show(
        request, who, "queue/_rows.html", _with_reasons(context, rows, asked.sort, desk, who)
    )


async def _page(
    request: Request,
    desk: Desk,
    who: Who,
    view: str,
    asked: Asked,
    errors: Mapping[str, str | None] | None = None,
    typed: str = "",
) -> Response:
    """The whole page: two statements and one for the names of customers."""
    reader, words = _reader(desk, who), desk.pages.words(who.language)
    with reaching():
        async with desk.office.pool.acquire() as connection:
            frame = await queue.frame(connection, reader, view, asked.wanted.projects)
            rows, after = await queue.lines(
                connection,
                desk.office.texts,
                reader,
                view,
                asked.sort,
                asked.wanted,
                after=asked.after,
                limit=queue.PAGE,
            )
    columns = chosen(_columns(frame, asked))
    names = {**frame.projects, **_names(rows, words)}
    context = {
        **_frame(frame, view, asked),
        "rows": rows,
        "columns": columns,
        "known_columns": COLUMNS,
        "next": _next(view, asked, after, columns),
        "sorts": SORTED,
        "chips": chips(asked, words, names),
        "errors": {field: problem for field, problem in (errors or {}).items() if problem},
        "typed": typed,
        "here": f"/queue/{view}{asked.query()}",
    }
    status = 422 if context["errors"] else 200
    return desk.pages.show(
        request, who, "queue/list.html", _with_reasons(context, rows, asked.sort, desk, who), status=status
    )


def _reader(desk: Desk, who: Who) -> Reader:
    now = desk.now()
    return Reader(who.asker, now, queue.end_of_day(now, ZONE))


def _frame(frame: Frame, view: str, asked: Asked) -> dict[str, Any]:
    """The lists on the left."""
    saved = next((one for one in frame.saved if one.id == asked.saved), None)
    return {
        "view": view,
        "lists": LISTS,
        "counts": frame.counts,
        "told": {name: _told(count) for name, count in frame.counts.items()},
        "onward": next((one for one in ONWARD if one != view and frame.counts[one]), None),
        "saved_views": frame.saved,
        "saved": saved,
        "asked": asked,
        "addresses": {one.id: _address(one) for one in frame.saved},
    }


def _address(one: queue.SavedView) -> str:
    pairs = [*parse_qsl(one.query), ("sort", one.sort), ("saved", str(one.id))]
    return f"/queue/{one.view}?{urlencode(pairs)}"


def _columns(frame: Frame, asked: Asked) -> list[str] | None:
    saved = next((one for one in frame.saved if one.id == asked.saved), None)
    return saved.columns if saved else frame.columns


def _next(
    view: str, asked: Asked, after: queue.Place | None, columns: Sequence[str]
) -> dict[str, str] | None:
    """Where the list goes on: for a link, and for htmx, which needs no new look at the columns."""
    if after is None:
        return None
    link = f"/queue/{view}{asked.query(after=write_cursor(after, asked.sort))}"
    return {"link": link, "rows": link + "".join(f"&column={code}" for code in columns)}


def _names(rows: Sequence[Line], words: Words) -> dict[str, str]:
    """The names of the people and tags in these rows, by code."""
    chinese = words.language == "zh-CN"
    names = {code: zh if chinese else en for row in rows for code, zh, en in row.tags}
    people = [
        pair for row in rows for pair in ((row.owner, row.owner_name), (row.lead_person, row.lead_name))
    ]
    return names | {user: name for user, name in people if user and name}


def _told(count: int) -> str:
    return f"{_MOST_TOLD:,}+" if count > _MOST_TOLD else f"{count:,}"


def _back(request: Request, view: str) -> str:
    """The page the counts were asked from, if it is a list of ours."""
    current = request.headers.get("hx-current-url", "")
    path = re.sub(r"^https?://[^/]+", "", current)
    return path if path.startswith("/queue/") else f"/queue/{view}"


def _with_reasons(
    context: dict[str, Any], rows: Sequence[Line], sort: str, desk: Desk, who: Who
) -> dict[str, Any]:
    """Why each row is where it is, in the order by priority (field.md §4)."""
    words = desk.pages.words(who.language)
    told = {row.number: _reason(row, words) for row in rows} if sort == "priority" else {}
    return {**context, "reasons": told}


def _reason(row: Line, words: Words) -> str:
    """What gives a complaint its place, the weightiest first."""
    told = [words.gettext("Overdue: {name}").format(name=words.deadline(name)) for name in row.breached[:1]]
    told += [words.name("flag", flag) for flag in ("HAZARD", "MAJOR", "GROUP") if flag in row.flags]
    if row.severity == "complex":
        told.append(words.name("severity", row.severity))
    return " · ".join(told)


def _name_problem(name: str, words: Words) -> str | None:
    if not name:
        return words.gettext("Give the list a name.")
    if len(name) > shelves.LONGEST_NAME or not name.isprintable():
        return words.gettext("A list's name has at most 40 characters.")
    if _LONG_DIGITS.search(name):
        return words.gettext("Keep telephone numbers out of a list's name; it is not encrypted.")
    return None
