"""No page of somebody else's makes a person's browser write here.

A write must come from a page of ours (Sec-Fetch-Site, else Origin) and carry the session's csrf value, in the header
`X-CSRF-Token` or the form field `csrf`. A form is looked at as it passes and handed on unchanged; of a form with files
only the first part is, so no upload is held in memory. The HTTP API asks for the header itself (`console.api.caller`);
customers' pages have their secret in the address and no session.
"""

import re
import secrets
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.desk import Desk, desk_of
from console.signing.sessions import csrf_values

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER, FIELD = "x-csrf-token", "csrf"
#: of a form without files, and of what may come before the end of the first part of one with files
LARGEST_FORM, LARGEST_FIRST_PART = 4 * 1024 * 1024, 64 * 1024
#: of a form without files: a choice from a list has a field for each of 5,000 complaints
MOST_FIELDS = 5100
_OWN_CHECK = ("/api/",)
#: only cookies of the reader's own are changed, or the address itself is the secret
_NO_SESSION = ("/s/", "/f/", "/language")
_NAME = re.compile(rb'content-disposition:[^\r\n]*;\s*name="csrf"', re.IGNORECASE)


class CsrfMiddleware:
    """The check of every write, before anything else is done with it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _SAFE or scope["path"].startswith(_OWN_CHECK):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        desk = desk_of(request)
        status, passed = 403, receive
        if from_here(request, desk):
            status, passed = await _carries(request, desk, receive)
        if status == 200:
            await self.app(scope, passed, send)
            return
        from console.errors import error_page

        response = await error_page(Request(scope, receive), status)
        await response(scope, receive, send)


def from_here(request: HTTPConnection, desk: Desk) -> bool:
    """Whether a page of ours asks. A browser says so; a program that says nothing has to know the csrf value."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    if desk.settings.public_url is not None and origin == desk.settings.public_url:
        return True
    try:
        asked = urlsplit(origin)
    except ValueError:
        return False
    return asked.scheme in ("http", "https") and asked.netloc == request.headers.get("host", "")


async def _carries(request: Request, desk: Desk, receive: Receive) -> tuple[int, Receive]:
    """200 where the write carries the value of its session, with what the handler is to read."""
    path = request.url.path
    if path.startswith(_NO_SESSION):
        return 200, receive
    good = csrf_values(desk, request.cookies, path)
    if not good:
        # Nobody is in, so there is nothing to protect: the page itself sends them to the door.
        return (403 if path.startswith("/sign-in") else 200), receive
    if (sent := request.headers.get(HEADER)) is not None:
        return (200 if _is_one_of(sent, good) else 403), receive
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() == "application/x-www-form-urlencoded":
        return await _in_form(receive, good)
    if kind.strip().lower() == "multipart/form-data":
        return await _in_first_part(receive, _boundary(rest), good)
    return 403, receive


def _is_one_of(sent: str, good: Sequence[str]) -> bool:
    return any(secrets.compare_digest(sent.encode("utf-8", "replace"), value.encode()) for value in good)


async def _in_form(receive: Receive, good: Sequence[str]) -> tuple[int, Receive]:
    messages, body, whole = await _read(receive, LARGEST_FORM)
    if not whole:
        return 413, receive
    if body.count(b"&") >= MOST_FIELDS:
        return 422, receive
    fields = parse_qs(body.decode("latin-1"), max_num_fields=MOST_FIELDS)
    sent = fields.get(FIELD, [""])
    return (200 if len(sent) == 1 and _is_one_of(sent[0], good) else 403), _again(messages, receive)


async def _in_first_part(receive: Receive, boundary: bytes, good: Sequence[str]) -> tuple[int, Receive]:
    if not boundary:
        return 422, receive
    messages, body, _ = await _read(receive, LARGEST_FIRST_PART, b"\r\n--" + boundary)
    part = _first_part(body, boundary)
    if part is None:
        return 403, receive
    head, _, value = part.partition(b"\r\n\r\n")
    if not _NAME.search(head) or not _is_one_of(value.decode("latin-1"), good):
        return 403, receive
    return 200, _again(messages, receive)


def _boundary(parameters: str) -> bytes:
    found = re.search(r'boundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))', parameters)
    return (found[1] or found[2]).encode("latin-1") if found else b""


def _first_part(body: bytearray, boundary: bytes) -> bytes | None:
    """Head and value of the first part, once all of it has come."""
    start = b"--" + boundary + b"\r\n"
    if not body.startswith(start):
        return None
    end = body.find(b"\r\n--" + boundary, len(start) - 2)
    return None if end < 0 else bytes(body[len(start) : end])


async def _read(
    receive: Receive, most: int, until: bytes | None = None
) -> tuple[list[Message], bytearray, bool]:
    """The messages of a body until these bytes or its end, its bytes, and whether it kept to `most` bytes.

    Each byte is looked at once, in however many pieces they come.
    """
    messages: list[Message] = []
    body = bytearray()
    while True:
        message = await receive()
        messages.append(message)
        new = len(body)
        body += message.get("body", b"")
        if until is not None and found_since(body, until, new):
            return messages, body, True
        if len(body) > most:
            return messages, body, False
        if message["type"] != "http.request" or not message.get("more_body", False):
            return messages, body, True


def found_since(body: bytearray, wanted: bytes, new: int) -> bool:
    """Whether the bytes wanted are there, given that they were not among the first `new` ones."""
    return body.find(wanted, max(0, new - len(wanted) + 1)) >= 0


def _again(messages: list[Message], receive: Receive) -> Receive:
    """What was read, then the rest."""
    waiting = iter(messages)

    async def receive_again() -> Message:
        message = next(waiting, None)
        return message if message is not None else await receive()

    return receive_again
