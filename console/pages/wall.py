"""The manager's wall: what is late, what comes in and goes out, what was promised; every number opens its list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console import charts
from console.desk import AtDesk
from console.figures import MEANINGS, says, title
from console.reading import NotThere
from console.wall_query import PERIODS, Asked, read_query
from console.who import SignedIn, Who
from console.words import Words
from domain.codes import Cause, Channel, ComplaintType, Department, Stage
from records.db import reaching
from records.views import wall

router = APIRouter()

PAGE = 100
#: the dimensions of the page, in its order
PARTS = ("stage", "desk", "type", "project", "cause", "channel", "who")
#: the dimensions by which shares are shown (SLA-10)
SHARE_PARTS = ("desk", "type", "project", "who")
_KINDS = {
    "stage": "stage",
    "desk": "department",
    "type": "type",
    "cause": "cause",
    "severity": "severity",
    "channel": "channel",
}
_ORDER: Mapping[str, Sequence[str]] = {
    "stage": tuple(Stage),
    "desk": tuple(Department),
    "type": tuple(ComplaintType),
    "cause": tuple(Cause),
    "channel": tuple(Channel),
}
#: rows of a table of the page; the file has the others
_MOST_ROWS = 40


@dataclass(frozen=True)
class Named:
    """What codes are called on the page."""

    words: Words
    people: Mapping[str, str]
    projects: Mapping[str, str]

    def of(self, part: str, code: str) -> str:
        """The name of a code of a dimension."""
        if code == wall.NONE:
            return self.words.gettext("nobody yet") if part == "who" else self.words.gettext("not set")
        if part == "who":
            return self.people.get(code, code)
        if part == "project":
            return self.projects.get(code, code)
        if part == "ran_out":
            return self.words.deadline(code)
        if part == "age":
            return age_name(self.words, code)
        return self.words.name(_KINDS[part], code)


def age_name(words: Words, code: str) -> str:
    """A bucket of ages in words."""
    _, first, last = next(one for one in wall.AGES if one[0] == code)
    if last is None:
        return words.gettext("over 90 days")
    return words.gettext("%(first)d–%(last)d days") % {"first": first, "last": last}


def reader_of(who: Who) -> wall.Reader:
    """How this person reads the wall. Raises HTTPException 403 for who has no business there."""
    reader = wall.reader_of(who.asker)
    if reader is None:
        raise HTTPException(403)
    return reader


@router.get("/wall", include_in_schema=False)
async def show_wall(request: Request, who: SignedIn, desk: AtDesk) -> Response:
    """All figures of a period, with charts; four statements for the figures and one for names."""
    reader, words, now = reader_of(who), desk.pages.words(who.language), desk.now()
    asked = read_query(request.query_params, now, words)
    with reaching():
        async with desk.office.pool.acquire() as connection:
            counted = await wall.count(connection, reader, asked.scope, now)
            ran_out = await wall.ran_out(connection, reader, asked.scope, now)
            days = await wall.by_day(connection, reader, asked.scope, now)
            people, projects = await wall.names(connection, _people_in(counted))
    named = Named(words, people, projects)
    context = {
        **_asked_for(asked, named, reader),
        "counted": counted,
        "ran_out": _reasons(ran_out),
        "days": (every_day := _every_day(asked, days)),
        "flow": _flow_chart(words, every_day),
        "ages": _age_chart(words, counted),
        "tables": [_table(part, counted, named) for part in PARTS],
        "share_parts": [_share_table(part, counted, named) for part in SHARE_PARTS],
        "figures": wall.FIGURES,
        "title_of": lambda figure: title(words, figure),
        "says": lambda figure: says(words, figure),
        "age_name": lambda code: age_name(words, code),
    }
    return desk.pages.show(request, who, "wall/wall.html", context)


@router.get("/wall/list/{figure}", include_in_schema=False)
async def show_list(figure: str, request: Request, who: SignedIn, desk: AtDesk) -> Response:
    """The cases behind a number, a page of them after the place `after`."""
    reader, words, now = reader_of(who), desk.pages.words(who.language), desk.now()
    if figure not in wall.FIGURES:
        raise NotThere
    asked = read_query(request.query_params, now, words)
    after = _place(request.query_params.get("after"))
    with reaching():
        async with desk.office.pool.acquire() as connection:
            lines = await wall.lines(
                connection, figure, reader, asked.scope, now, asked.rows, after=after, limit=PAGE + 1
            )
            people = [line.who for line in lines if line.who] + [asked.rows.who or ""]
            named = Named(words, *await wall.names(connection, people))
    shown = lines[:PAGE]
    more = _written(wall.place_of(shown[-1])) if len(lines) > PAGE else None
    context = {
        **_asked_for(asked, named, reader),
        "figure": wall.FIGURES[figure],
        "meaning": MEANINGS[figure],
        "title_of": lambda name: title(words, name),
        "says": lambda name: says(words, name),
        "lines": shown,
        "more": more,
        "first_page": after is None,
    }
    return desk.pages.show(request, who, "wall/list.html", context)


def _asked_for(asked: Asked, named: Named, reader: wall.Reader) -> dict[str, Any]:
    """What the head of both pages needs."""
    desks = reader.desks if reader.desks is not None else tuple(Department)
    return {
        "asked": asked,
        "named": named.of,
        "periods": PERIODS,
        "choices": {
            "project": [*sorted(named.projects, key=lambda code: named.projects[code]), wall.NONE],
            "type": [*ComplaintType, wall.NONE],
            "desk": [*desks],
            "channel": [*Channel],
        },
        "limited_to": [named.of("desk", one) for one in reader.desks or ()],
    }


def _people_in(counted: wall.Counted) -> list[str]:
    return sorted({code for (_, part), codes in counted.parts.items() if part == "who" for code in codes})


def _reasons(ran_out: Mapping[str, int]) -> list[tuple[str, int, float]]:
    """Why complaints are late, the most first: deadline, how many, and the length of its bar."""
    most = max(ran_out.values(), default=0)
    return [(code, total, charts.part(total, most)) for code, total in ran_out.items()]


def _every_day(asked: Asked, days: Sequence[wall.Day]) -> list[wall.Day]:
    """Every day of the period, also those on which nothing happened."""
    found = {one.day: one for one in days}
    length = (asked.last - asked.first).days + 1
    return [
        found.get(day, wall.Day(day=day))
        for day in (asked.first + timedelta(days=place) for place in range(length))
    ]


def _flow_chart(words: Words, days: Sequence[wall.Day]) -> charts.Chart:
    return charts.lines(
        [f"{one.day.month}-{one.day.day:02d}" for one in days],
        [
            (title(words, "received"), "one", [one.received for one in days]),
            (title(words, "closed"), "two", [one.closed for one in days]),
        ],
    )


def _age_chart(words: Words, counted: wall.Counted) -> charts.Chart:
    codes = [code for code, _, _ in wall.AGES]
    values = [counted.of("open_now", "age").get(code, wall.Tally()).total for code in codes]
    return charts.columns([age_name(words, code) for code in codes], "one", values, title(words, "open_now"))


@dataclass(frozen=True)
class Bar:
    """A row of a table of counts: what is open, how much of it is late, and what came and went."""

    code: str
    label: str
    open: int
    breached: int
    nearly_due: int
    received: int
    closed: int
    share_open: float
    share_breached: float


def _table(part: str, counted: wall.Counted, named: Named) -> dict[str, Any]:
    columns = {
        figure: counted.of(figure, part)
        for figure in ("open_now", "breached_now", "nearly_due", "received", "closed")
    }
    codes = {code for column in columns.values() for code in column}
    most = max((tally.total for tally in columns["open_now"].values()), default=0)

    def total(figure: str, code: str) -> int:
        return columns[figure].get(code, wall.Tally()).total

    rows = [
        Bar(
            code,
            named.of(part, code),
            total("open_now", code),
            total("breached_now", code),
            total("nearly_due", code),
            total("received", code),
            total("closed", code),
            charts.part(total("open_now", code), most),
            charts.part(total("breached_now", code), most),
        )
        for code in _sorted(part, codes, columns["open_now"], named)
    ]
    return {"part": part, "rows": rows[:_MOST_ROWS], "left_out": max(0, len(rows) - _MOST_ROWS)}


def _share_table(part: str, counted: wall.Counted, named: Named) -> dict[str, Any]:
    """The shares by a dimension; where it has no order of its own, those with the most that went wrong come first."""
    shares = [figure for figure in wall.FIGURES.values() if figure.kind == "share"]
    columns = {figure.name: counted.of(figure.name, part) for figure in shares}
    codes = {code for column in columns.values() for code in column}
    wrong = {
        code: wall.Tally(total=sum(_wrong(figure, columns[figure.name].get(code)) for figure in shares))
        for code in codes
    }
    rows = [
        (code, named.of(part, code), {figure: column.get(code) for figure, column in columns.items()})
        for code in _sorted(part, codes, wrong, named)
    ]
    left_out = max(0, len(rows) - _MOST_ROWS)
    return {"part": part, "figures": [*columns], "rows": rows[:_MOST_ROWS], "left_out": left_out}


def _wrong(figure: wall.Figure, tally: wall.Tally | None) -> int:
    """How many of a share are not as one wishes: those that missed, or those that hit where fewer is better."""
    if tally is None:
        return 0
    return tally.total - tally.hits if figure.up else tally.hits


def _sorted(part: str, codes: set[str], by: Mapping[str, wall.Tally], named: Named) -> list[str]:
    """In the order of the field where there is one, else the largest first."""
    if part in _ORDER:
        order = {str(code): place for place, code in enumerate(_ORDER[part])}
        return sorted(codes, key=lambda code: (order.get(code, len(order)), code))
    return sorted(codes, key=lambda code: (-by.get(code, wall.Tally()).total, named.of(part, code)))


def _place(after: str | None) -> tuple[datetime, str, str] | None:
    """A place in a list as an address carries it; None for what is none."""
    try:
        at, number, item = (after or "").split("~", 2)
        place = datetime.fromisoformat(at).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return (place, number, item) if (number + item).isprintable() else None


def _written(place: tuple[datetime, str, str]) -> str:
    return "~".join((place[0].isoformat(), *place[1:]))
