"""Complaints by HTTP, as the caller may read them: one, its ledger, its deadlines, and lists of them."""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from console.api import contract, cursor
from console.api.caller import Reader, has
from console.api.language import words_of
from console.api.problems import Problem
from console.api.shapes import Complaint, Complaints, Deadlines, History, Line, Turn
from console.api.sheet import sheet_of
from console.api.telling import tag, told, unchanged
from console.api.wording import words_in
from console.case.limits import sees_limits, without_limits
from console.desk import AtDesk
from console.reading import read_case
from console.who import Who
from console.words import Words
from domain.codes import ENDED, Cause, Channel, ComplaintType, Department, Flag, Severity, Stage
from domain.texts import Code, Note, UserId, When
from records.db import transaction
from records.views import api, mask_name, queue

router = APIRouter(tags=["complaints"])

#: rows of a page nobody asked to be longer, and the most
PAGE, MOST = 50, 200
_ZONE = ZoneInfo("Asia/Shanghai")


class _Asked(BaseModel):
    """A query without unknown names: a filter that is mistyped must not look like one that found everything."""

    model_config = ConfigDict(extra="forbid")


def _digits(written: object) -> object:
    """A number in a query is its digits; pydantic would take 5.0 and 1_000 for one as well."""
    if isinstance(written, str) and not (written.isascii() and written.isdigit()):
        raise ValueError("a whole number is expected")
    return written


Truth = Literal["true", "false"]
Size = Annotated[int, Field(ge=1, le=MOST), BeforeValidator(_digits)]
Cursor = Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[A-Za-z0-9_-]+$")]
Codes = Annotated[list[Code], Field(max_length=50)]


class Filters(_Asked):
    """Which complaints, in which order. A filter given again takes either value; different ones narrow."""

    view: Literal[queue.VIEWS] = Field("all", description="One of the desk's own lists.")  # type: ignore[valid-type]
    stage: list[Stage] = []
    type: list[ComplaintType] = []
    cause: list[Cause] = []
    severity: list[Severity] = []
    flag: list[Flag] = []
    desk: list[Department] = []
    owner: UserId | None = None
    project: Annotated[list[Note], Field(max_length=50)] = []
    channel: list[Channel] = []
    tag: Codes = []
    breached: Truth | None = Field(None, description="With a deadline that ran out and is not settled.")
    received_from: When | None = None
    received_to: When | None = Field(None, description="Exclusive.")
    due_before: When | None = None
    q: Annotated[str, Field(pattern=r"^([0-9]{4}-)?[0-9]{3,15}$")] | None = Field(
        None,
        description="The complaint number, or its last digits. Names and contacts have no place in an address.",
    )
    ended: Literal["no", "only", "any"] | None = Field(
        None, description="Ended complaints are left out unless asked for, or their stage is."
    )
    sort: Literal[queue.SORTS] = "due"  # type: ignore[valid-type]
    limit: Size = PAGE
    cursor: Cursor | None = None

    def wanted(self) -> queue.Wanted:
        """As the lists of the desk take it."""
        ends = not {*self.stage}.isdisjoint(ENDED)
        return queue.Wanted(
            stages=self.stage,
            types=self.type,
            causes=self.cause,
            severities=self.severity,
            flags=self.flag,
            desks=self.desk,
            owner=self.owner,
            projects=self.project,
            channels=self.channel,
            breached=None if self.breached is None else self.breached == "true",
            due_before=self.due_before,
            received_from=self.received_from,
            received_to=self.received_to,
            tags=self.tag,
            ended=self.ended or ("any" if ends else "no"),
            number=self.q,
        )


@router.get("/complaints", **contract.reading(Complaints))
async def list_complaints(
    request: Request, desk: AtDesk, who: Reader, asked: Annotated[Filters, Query()]
) -> JSONResponse:
    """The complaints the caller may read.

    By next deadline unless `sort` says otherwise. `next` (and the header Link) is the address of the following page;
    the list goes on after the last row seen, whatever came in meanwhile.
    """
    words = words_of(request)
    after = _place(asked, words) if asked.cursor else None
    now = desk.now()
    reader = queue.Reader(who.asker, now, queue.end_of_day(now, _ZONE))
    async with transaction(desk.office.pool) as connection:
        found, end = await queue.lines(
            connection,
            desk.office.texts,
            reader,
            asked.view,
            asked.sort,
            asked.wanted(),
            after=after,
            limit=asked.limit,
        )
    further = _next(request, cursor.written(_written(asked.sort, end))) if end else None
    page = Complaints(items=[_line(one) for one in found], next=further)
    return told(page, headers=_link(further))


def _line(line: queue.Line) -> Line:
    """A row, its name masked: names are shown whole one complaint at a time."""
    same = {name: getattr(line, name) for name in Line.model_fields if name not in ("customer", "owner")}
    owner = None if line.ownerless else line.owner
    return Line(**same, owner=owner, customer=mask_name(line.customer))


def _written(sort: str, place: queue.Place) -> dict[str, Any]:
    return {
        "s": sort,
        "a": place.at.isoformat() if place.at else None,
        "p": place.priority,
        "n": place.number,
    }


class _Place(BaseModel):
    """The content of a cursor; the sort it belongs to is part of it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    s: str
    a: str | None
    p: Annotated[int, Field(ge=0, le=1000)]
    n: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{6,15}$")]


def _place(asked: Filters, words: Words) -> queue.Place:
    try:
        place = _Place.model_validate(cursor.read(asked.cursor or "", words))
    except ValidationError:
        raise cursor.wrong(words) from None
    if place.s != asked.sort:
        raise cursor.wrong(words)
    at = cursor.instant(place.a, words) if place.a else None
    return queue.Place(at, place.p, place.n)


def _next(request: Request, further: str) -> str:
    """The address of the following page: this one with another cursor."""
    given = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return f"{request.url.path}?{urlencode([*given, ('cursor', further)])}"


def _link(further: str | None) -> dict[str, str]:
    return {"Link": f'<{further}>; rel="next"'} if further else {}


class Showing(_Asked):
    """How a complaint is shown."""

    personal: Truth = Field(
        "false", description="Name and contact whole; needs the scope `personal`, and is logged."
    )


@router.get("/complaints/{number}", **contract.reading(Complaint, versioned=True))
async def get_complaint(
    request: Request, desk: AtDesk, who: Reader, number: str, asked: Annotated[Showing, Query()]
) -> Response:
    """One complaint as it stands.

    Its ETag is its turn: send it back as If-None-Match to be told of changes only, and as If-Match with a command.
    """
    case = await read_case(desk, who, number)
    whole = asked.personal == "true"
    if whole:
        _require_whole(who, case.whole, words_of(request))
    complaint = case.complaint
    if same := unchanged(request, complaint.turn, whole=whole):
        return same
    sheet = await sheet_of(desk, complaint, who.id, whole=whole)
    return told(sheet, headers=tag(complaint.turn, whole=whole))


def _require_whole(who: Who, may: bool, words: Words) -> None:
    if not has(who, "personal"):
        sentence = words.gettext("The token lacks the scope %(scope)s.") % {"scope": "personal"}
        raise Problem("scope", sentence, more={"scope": "personal"})
    if not may:
        sentence = words.gettext("Name and contact are shown whole to those who handle the complaint.")
        raise Problem("not-yours", sentence, more={"rule": "CUS-07"})


class Paged(_Asked):
    """A part of the ledger."""

    words: Truth = Field(
        "false", description="The texts too; name and contact masked. The reading is logged."
    )
    limit: Size = PAGE
    cursor: Cursor | None = None


@router.get("/complaints/{number}/history", **contract.reading(History))
async def list_history(
    request: Request, desk: AtDesk, who: Reader, number: str, asked: Annotated[Paged, Query()]
) -> JSONResponse:
    """The ledger: every turn with who said it and what came of it, the refused ones too, oldest first.

    It only ever grows: `end` is a cursor that can be kept, and brings what was said after this page whenever it is asked.
    """
    words = words_of(request)
    case = await read_case(desk, who, number)
    after = _turn(asked.cursor, words) if asked.cursor else 0
    async with transaction(desk.office.pool) as connection:
        rows = await api.turns(connection, number, after, asked.limit + 1)
        shown = rows[: asked.limit]
        if not sees_limits(case.complaint, who.asker):
            shown = [without_limits(row) for row in shown]
        texts = (
            await words_in(connection, desk.office.texts, number, shown, who.id)
            if asked.words == "true"
            else None
        )
    further = _next(request, cursor.written({"t": shown[-1].turn})) if len(rows) > len(shown) else None
    items = [Turn.model_validate(row.model_dump()) for row in shown]
    end = cursor.written({"t": shown[-1].turn if shown else after})
    return told(History(items=items, next=further, end=end, words=texts), headers=_link(further))


def _turn(written: str, words: Words) -> int:
    place = cursor.read(written, words)
    turn = place.get("t")
    if set(place) != {"t"} or not isinstance(turn, int) or not 0 <= turn <= 1_000_000_000:
        raise cursor.wrong(words)
    return turn


@router.get("/complaints/{number}/deadlines", **contract.reading(Deadlines, versioned=True))
async def list_deadlines(request: Request, desk: AtDesk, who: Reader, number: str) -> Response:
    """Every deadline the complaint has had, and why that date: rule, versions, pauses, moves, warnings, levels."""
    complaint = (await read_case(desk, who, number)).complaint
    if same := unchanged(request, complaint.turn):
        return same
    items = sorted(complaint.deadlines.values(), key=lambda one: (one.due, one.id))
    return told(Deadlines(number=number, turn=complaint.turn, items=items), headers=tag(complaint.turn))
