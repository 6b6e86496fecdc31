"""How much of a request's body is read: by its address, counted as it comes, whatever was announced.

A framework reads a form before it asks who sends it, so this stands before everything that reads.
"""

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.errors import error_page
from console.files.multipart import LARGEST_FORM as LARGEST_UPLOAD
from console.who import somebody
from records.db import RecordsUnreachable

#: bytes anybody may send. A customer's form holds 5,000 characters, each up to four bytes and written as %XX: 60,000
OF_ANYBODY = 64 * 1024
#: bytes of a form of the desk: three texts of 100,000 characters, each up to four bytes and written as %XX
OF_DESK = 4 * 1024 * 1024
#: more than the reader of files takes, so that it is the one to say so, beside what was typed
OF_UPLOAD = LARGEST_UPLOAD + 1024 * 1024
_FOR_ANYBODY = ("/sign-in", "/sign-out", "/language", "/s/", "/f/")
#: addresses that ask who it is before they read, and read with the limits of `console.files.multipart`
_UPLOADS = re.compile(
    r"/api/v1/complaints/[^/]+/attachments|/case/[^/]+/(files|do/record_visit)|/intake(/draft|/discard|/lookup|/units)?|/s/[^/]+/add"
)


def most_bytes(path: str) -> int:
    """How many bytes a body sent to this address may have."""
    if _UPLOADS.fullmatch(path):
        return OF_UPLOAD
    return OF_ANYBODY if path.startswith(_FOR_ANYBODY) else OF_DESK


class BodyLimits:
    """Ends the reading of a body past its limit with 413; past what anybody may send it asks who it is first.

    The end comes as an HTTPException where the body is read, so that whoever reads tells of it in the reader's language
    and form: a page, or a problem of the API.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, _counted(Request(scope), receive), sending)
        except HTTPException as ended:
            if begun:
                raise
            response = await error_page(Request(scope), ended.status_code)
            await response(scope, receive, send)


def _counted(request: Request, receive: Receive) -> Receive:
    """What is received, until it is too much."""
    path = request.url.path
    asks_first = path.startswith("/api/") or _UPLOADS.fullmatch(path) is not None
    most = most_bytes(path)
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        most = min(most, OF_DESK)
    announced = request.headers.get("content-length", "")
    too_large = announced.isascii() and announced.isdigit() and int(announced[:20]) > most
    anybodys = min(most, OF_ANYBODY)
    read = 0

    async def receiving() -> Message:
        nonlocal read
        if too_large:
            raise HTTPException(413)
        message = await receive()
        before, read = read, read + len(message.get("body", b""))
        if read > most or (before <= anybodys < read and not asks_first and not await _is_somebody(request)):
            raise HTTPException(413)
        return message

    return receiving


async def _is_somebody(request: Request) -> bool:
    try:
        return await somebody(request) is not None
    except RecordsUnreachable as away:
        raise HTTPException(503) from away
