"""What happens now, as server-sent events (the `text/event-stream` of HTML)."""

from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse

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


def streaming(events: AsyncIterator[str]) -> StreamingResponse:
    """A response that lasts as long as the events."""
    return StreamingResponse(events, media_type="text/event-stream", headers=_HEADERS)
