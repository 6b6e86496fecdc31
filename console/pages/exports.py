"""Lists as files: the filter and columns of the page, streamed, capped, and every taking-out on record (CUS-09)."""

import re
from collections.abc import AsyncIterator
from typing import Literal, cast
from zoneinfo import ZoneInfo

from anyio import CancelScope
from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from console.desk import AtDesk, Desk
from console.files.multipart import read_fields
from console.listed import MOST_CHOSEN, find_list, find_selected, numbers_in
from console.listing import Listed
from console.tables_out import MEDIA, Row, Table, csv_pieces, xlsx_pieces
from console.who import SignedIn, Who
from records import jobs
from records.db import reaching
from records.views.wall import ZONE

router = APIRouter()

#: rows of a file; what is cut off is said in its last line and in its name
MOST_ROWS = 50_000
_UNFIT = re.compile(r"[^a-z0-9]+")


@router.get("/export", include_in_schema=False)
async def export(request: Request, who: SignedIn, desk: AtDesk) -> Response:
    """A list as a file: `list` its name, `format` csv or xlsx, the rest the query of the page that shows it."""
    form = request.query_params.get("format", "csv")
    if form not in MEDIA:
        raise HTTPException(422)
    listed = request.query_params.get("list", "")
    found = await find_list(desk, who, listed, request.url.query)
    return file_of(desk, who, listed, found, cast(Literal["csv", "xlsx"], form))


@router.post("/export", include_in_schema=False)
async def export_selected(request: Request, who: SignedIn, desk: AtDesk) -> Response:
    """The complaints that were selected as a file."""
    sent = await read_fields(request, MOST_CHOSEN + 50)
    form = str(sent.get("format", "csv"))
    if form not in MEDIA:
        raise HTTPException(422)
    found = await find_selected(desk, who, numbers_in(sent))
    return file_of(desk, who, "selected", found, cast(Literal["csv", "xlsx"], form))


def file_of(desk: Desk, who: Who, name: str, listed: Listed, form: Literal["csv", "xlsx"]) -> Response:
    """The list as a streamed download."""
    words, zone = desk.pages.words(who.language), ZoneInfo(ZONE)
    rows = _Counted(listed, words.gettext("Cut off after %(n)d rows; narrow the filter for the rest."))
    table = Table(listed.title, listed.heads, zone)
    pieces = csv_pieces(table, rows.all()) if form == "csv" else xlsx_pieces(table, rows.all())
    day = desk.now().astimezone(zone).strftime("%Y-%m-%d")
    file = f"redress-{_UNFIT.sub('-', name.lower()).strip('-')}-{day}.{form}"
    return StreamingResponse(
        _logged(desk, who, name, listed, form, rows, pieces),
        media_type=MEDIA[form],
        headers={"Content-Disposition": f'attachment; filename="{file}"'},
    )


class _Counted:
    """The rows of a list up to the cap, counted as they go by; the last line says so where there are more."""

    def __init__(self, listed: Listed, cut_off: str) -> None:
        self._listed, self._cut_off = listed, cut_off
        self.count, self.capped = 0, False

    async def all(self) -> AsyncIterator[Row]:
        async for row in self._listed.rows(MOST_ROWS + 1):
            if self.count == MOST_ROWS:
                self.capped = True
                yield [self._cut_off % {"n": MOST_ROWS}]
                return
            self.count += 1
            yield row


async def _logged(
    desk: Desk,
    who: Who,
    name: str,
    listed: Listed,
    form: Literal["csv", "xlsx"],
    rows: _Counted,
    pieces: AsyncIterator[bytes],
) -> AsyncIterator[bytes]:
    """The file's pieces; the log has how many rows went out, also where the reader broke off."""
    try:
        async for piece in pieces:
            yield piece
    finally:
        with CancelScope(shield=True), reaching():
            async with desk.office.pool.acquire() as connection:
                await jobs.log_export(
                    connection, who.id, name, listed.filters, form, rows.count, capped=rows.capped
                )
