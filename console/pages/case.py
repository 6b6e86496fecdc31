"""The page of one case: what stands, what is next, what happened, what belongs to it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from console.case.page import View, read_page, view_of
from console.case.paper import files_of_customer, for_customer
from console.case.timeline import GROUPS, SHOWN, wanted
from console.case.why import why
from console.customer.plain import in_plain_words
from console.desk import AtDesk, Desk
from console.files.listing import shown_files
from console.files.taking import FILE_ALONE
from console.pages import actions
from console.pages.drafts import composer_context
from console.pages.links import may_hand_out
from console.reading import Case, NotThere, read_case
from console.who import SignedIn, Who
from records.acting import meanwhile
from records.copies import Copies
from records.presence import names_of

router = APIRouter()

#: turns of a printed case; more than any has
_ALL = 5000

Show = Annotated[str | None, Query(max_length=100)]
Edge = Annotated[int | None, Query(ge=1, le=10**9)]
Order = Annotated[str | None, Query(max_length=10)]
Part = Annotated[str | None, Query(max_length=30)]


@router.get("/case/{number}", include_in_schema=False)
async def show_case(
    request: Request,
    number: str,
    desk: AtDesk,
    who: SignedIn,
    show: Show = None,
    edge: Edge = None,
    order: Order = None,
    part: Part = None,
) -> Response:
    """The whole page. show: switches of the timeline, with commas; order: oldest; part: of the building, for warranty."""
    case = await read_case(desk, who, number)
    return await _page(request, desk, who, case, view_of(show, edge, order, part))


async def _page(
    request: Request, desk: Desk, who: Who, case: Case, view: View, *, whole: bool = False
) -> Response:
    context = await read_page(desk, who, case, view, whole=whole)
    context |= await around(desk, who, case)
    return desk.pages.show(request, who, "case/page.html", context)


async def around(desk: Desk, who: Who, case: Case) -> dict[str, Any]:
    """What the bar of actions and the composer need."""
    now = desk.now()
    composer = await composer_context(desk, who, case, now)
    return await actions.bar_context(desk, who, case, now) | composer | {"may_hand_out": may_hand_out(case)}


@router.get("/case/{number}/timeline", include_in_schema=False)
async def show_timeline(
    request: Request,
    number: str,
    desk: AtDesk,
    who: SignedIn,
    show: Show = None,
    edge: Edge = None,
    order: Order = None,
) -> Response:
    """The next part of the timeline for htmx; the whole page for everybody else."""
    case = await read_case(desk, who, number)
    view = view_of(show, edge, order)
    if "hx-request" not in request.headers:
        return await _page(request, desk, who, case, view)
    return desk.pages.show(request, who, "case/_more.html", await read_page(desk, who, case, view))


def _shown(show: Show = None, order: Order = None) -> View:
    """The view of a page whose news are asked for."""
    return view_of(show, None, order)


@router.get("/case/{number}/news", include_in_schema=False)
async def show_news(
    request: Request,
    number: str,
    desk: AtDesk,
    who: SignedIn,
    view: Annotated[View, Depends(_shown)],
    since: Annotated[int, Query(ge=0, le=10**9)] = 0,
    oldest: Annotated[int, Query(ge=1, le=10**9)] = 1,
    at: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> Response:
    """What is new since the page was loaded at a turn: header, bar, side, timeline, each put where it belongs.

    oldest: the first turn of the shown part, which then grows and does not move on. at: the turn the page has come to
    meanwhile; papers that came after it are told by the event `case-files`, upon which the page lists them anew.
    """
    case = await read_case(desk, who, number)
    part = None
    if not view.oldest_first:
        edge = oldest - 1 if oldest > 1 else None
        part = wanted(view.show, edge, oldest_first=True, size=_ALL)
    context = await read_page(desk, who, case, view, part=part)
    async with desk.office.pool.acquire() as connection:
        came = await meanwhile(connection, number, since)
    moved_on = not all(one.quiet for one in came)
    context |= {"since": since, "oldest": oldest, "moved_on": moved_on} | await around(desk, who, case)
    papers = any("document" in turn.command for turn in context["file"].turns if turn.turn > at)
    headers = {"HX-Trigger": "case-files"} if papers or view.query.get("show") else {}
    return desk.pages.show(request, who, "case/_news.html", context, headers=headers)


@router.get("/case/{number}/why", include_in_schema=False)
async def show_why(
    request: Request,
    number: str,
    desk: AtDesk,
    who: SignedIn,
    deadline: Annotated[str, Query(max_length=120)],
) -> Response:
    """Why this date: a fragment for the page's dialog, or a page of its own."""
    case = await read_case(desk, who, number)
    found = case.complaint.deadlines.get(deadline)
    if found is None:
        raise NotThere
    async with desk.office.pool.acquire() as connection:
        await desk.office.library.hold(connection, [found.policy_version], [found.calendar_version])
    names = await names_of(desk.office.pool, [move.by for move in found.moves])
    words = desk.pages.words(who.language)
    template = "case/_why.html" if "hx-request" in request.headers else "case/why.html"
    context = {"case": case, "why": why(case.complaint, found, case.book, words), "names": names}
    return desk.pages.show(request, who, template, context)


@router.get("/case/{number}/sent", include_in_schema=False)
async def show_sent(
    request: Request,
    number: str,
    desk: AtDesk,
    who: SignedIn,
    key: Annotated[str, Query(max_length=300)],
    to: Annotated[str, Query(max_length=100)],
    way: Annotated[str, Query(max_length=40)],
) -> Response:
    """What a person was sent, word for word; every reading is on record (SLA-11, CUS-09).

    It addresses the receiver by name and tells all there is, so it is for its receiver and for those who may see the
    customer whole; to everybody else it is not there.
    """
    case = await read_case(desk, who, number)
    if not case.whole and to != who.id:
        raise NotThere
    copies = Copies(desk.office.pool, desk.office.texts)
    copy = await copies.read(number, key, to, way, who.id)
    template = "case/_sent.html" if "hx-request" in request.headers else "case/sent.html"
    return desk.pages.show(request, who, template, {"number": number, "copy": copy})


@router.post("/case/{number}/reveal", include_in_schema=False)
async def reveal(request: Request, number: str, desk: AtDesk, who: SignedIn) -> Response:
    """Name, contact and unit whole, for who may see them; every seeing is on record (CUS-07, CUS-09)."""
    case = await read_case(desk, who, number)
    if not case.whole:
        raise NotThere
    if "hx-request" not in request.headers:
        return await _page(request, desk, who, case, View(), whole=True)
    context = await read_page(desk, who, case, View(show=("refused",), size=1), whole=True)
    return desk.pages.show(request, who, "case/_customer.html", context)


@router.get("/case/{number}/print", include_in_schema=False)
async def print_case(
    request: Request,
    number: str,
    desk: AtDesk,
    who: SignedIn,
    internal: Annotated[int, Query(ge=0, le=1)] = 0,
) -> Response:
    """The whole case on paper. internal: 1 prints all there is; else only what the customer may see, in their language
    and words."""
    case = await read_case(desk, who, number)
    shown = GROUPS if internal else SHOWN
    context = await read_page(desk, who, case, View(show=shown, oldest_first=True, size=_ALL))
    files = await shown_files(desk, who, number)
    context |= {"internal": bool(internal), "files": files}
    if not internal:
        file, text = context["file"], context["text"]
        context |= {
            "files": files_of_customer(files),
            "released": for_customer(file, text, case.complaint.solutions),
            "account": text(file.words.get("text", "")),
            "plain": in_plain_words(case.complaint, desk.now()),
            "alone": FILE_ALONE,
        }
        context["paper"] = desk.pages.render(
            request, who, "case/_paper.html", context, language=file.language
        )
    return desk.pages.show(request, who, "case/print.html", context)
