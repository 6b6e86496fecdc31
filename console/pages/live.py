"""Live pages: events of one case, events of the lists, and who else is here."""

from collections.abc import AsyncIterator
from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Header, Query
from starlette.requests import Request
from starlette.responses import Response

from console.desk import AtDesk, Desk
from console.live.stream import BEGIN, HEARTBEAT, SILENCE, EventStream, event
from console.reading import NotThere, read_case
from console.who import SignedIn, Who
from records import presence
from records.db import RecordsUnreachable

router = APIRouter()

#: seconds of silence after which it is asked again whether the watcher is still signed in and may read the case; before
#: anything is told it is asked anyway
LOOK_AGAIN = 120.0
#: seconds between two tellings to a list, which counts all lists anew each time, and to the page of a case
LIST_PAUSE, CASE_PAUSE = 10.0, 1.0
#: seconds after which who writes is told once more: by then somebody may have stopped
WRITES_ON = 75.0


@router.get("/case/{number}/events", include_in_schema=False)
async def case_events(
    request: Request,
    number: str,
    desk: AtDesk,
    who: SignedIn,
    last_event_id: Annotated[int | None, Header(ge=0, le=10**9)] = None,
    since: Annotated[int | None, Query(ge=0, le=10**9)] = None,
) -> Response:
    """`turn` (its id is the turn the case is at) and `people`, until the page closes.

    since: the turn the page shows; the header Last-Event-ID, which a browser sends when it comes back, beats it. What
    came between is told at once, so nothing is lost over an outage of any part.
    """
    case = await read_case(desk, who, number)
    seen = last_event_id if last_event_id is not None else since
    told = _case(request, desk, who, number, case.complaint.turn if seen is None else seen)
    return EventStream(told, desk.hub.place(str(who.session)))


async def _case(request: Request, desk: Desk, who: Who, number: str, seen: int) -> AsyncIterator[str]:
    yield BEGIN
    async with desk.hub.case(number, who.id) as watch:
        # Read after the watch began: a turn in between is heard or seen, never missed.
        turn = await _at(desk, number)
        yield event("turn", turn) if turn > seen else event("people")
        looked, seen = monotonic(), max(seen, turn)
        stale: float | None = None
        while not watch.closed:
            if not await watch.wait(SILENCE):
                yield HEARTBEAT
            moved, people = watch.take()
            if stale is not None and monotonic() > stale and not people:
                stale = None
                yield event("people")
            if moved or people or monotonic() - looked > LOOK_AGAIN:
                if not await _may_still(request, desk, number):
                    return
                looked = monotonic()
            if moved:
                seen = watch.turn if watch.turn > seen else max(seen, await _at(desk, number))
                yield event("turn", seen)
            if people:
                stale = monotonic() + WRITES_ON
                yield event("people")
            if moved or people:
                await watch.rest(CASE_PAUSE)


async def _at(desk: Desk, number: str) -> int:
    """The turn the case is at; 0 while the records are away, which tells nothing."""
    try:
        return await presence.last_turn(desk.office.pool, number)
    except RecordsUnreachable:
        return 0


async def _may_still(request: Request, desk: Desk, number: str) -> bool:
    """Whether this session still lives and may read the case; kept open while that cannot be asked."""
    try:
        who = await request.app.state.recognise(request)
        if who is None:
            return False
        await read_case(desk, who, number)
    except NotThere:
        return False
    except RecordsUnreachable:
        return True
    return True


async def _still_in(request: Request) -> bool:
    """Whether this session still lives; kept open while that cannot be asked."""
    try:
        return await request.app.state.recognise(request) is not None
    except RecordsUnreachable:
        return True


@router.get("/queue/events", include_in_schema=False)
async def queue_events(request: Request, desk: AtDesk, who: SignedIn) -> Response:
    """`queue` when any complaint has moved, at most every ten seconds. It carries nothing: the list looks for itself."""
    return EventStream(_queue(request, desk, who), desk.hub.place(str(who.session)))


async def _queue(request: Request, desk: Desk, who: Who) -> AsyncIterator[str]:
    yield BEGIN
    looked = monotonic()
    async with desk.hub.queues(who.id) as watch:
        while not watch.closed:
            if not await watch.wait(SILENCE):
                yield HEARTBEAT
            moved, _ = watch.take()
            if moved or monotonic() - looked > LOOK_AGAIN:
                if not await _still_in(request):
                    return
                looked = monotonic()
            if moved:
                yield event("queue")
                await watch.rest(LIST_PAUSE)


@router.get("/case/{number}/presence", include_in_schema=False)
async def who_is_here(request: Request, number: str, desk: AtDesk, who: SignedIn) -> Response:
    """Who else has this case open, as a line of the page."""
    await read_case(desk, who, number)
    others = await presence.others(desk.office.pool, number, who.id)
    return desk.pages.show(request, who, "case/_presence.html", {"others": others})


@router.post("/case/{number}/presence", include_in_schema=False)
async def is_writing(number: str, desk: AtDesk, who: SignedIn) -> Response:
    """The reader is writing an answer; the others see it for a minute."""
    await read_case(desk, who, number)
    await presence.note_writing(desk.office.pool, number, who.id)
    return Response(status_code=204)
