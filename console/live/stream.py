"""What happens now, as server-sent events (the `text/event-stream` of HTML)."""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

#: a reverse proxy passes every event on at once; nothing of it is kept
_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
#: milliseconds after which a browser tries again when it lost us
_RETRY = 2000
BEGIN = f"retry: {_RETRY}\n\n"
#: a comment, so that a dead connection is noticed on both sides
HEARTBEAT = ":\n\n"
#: seconds of silence before a heartbeat
SILENCE = 15.0


def event(name: str, id_: int | None = None) -> str:
    """One event; its data is its id, because a page looks for itself at what is new."""
    number = "" if id_ is None else f"id: {id_}\n"
    return f"event: {name}\n{number}data: {'' if id_ is None else id_}\n\n"


class EventStream(StreamingResponse):
    """A response that lasts as long as its events, and holds its place meanwhile; entering it may refuse."""

    def __init__(self, events: AsyncIterator[str], place: AbstractContextManager[None]) -> None:
        super().__init__(events, media_type="text/event-stream", headers=_HEADERS)
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._place:
            await super().__call__(scope, receive, send)
