"""What a person sees when a page cannot be shown: what happened, what was kept, what to do next."""

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.desk import desk_of
from console.files.multipart import FormBroken
from console.files.store import FileDamaged
from console.live.hub import TooManyListen
from console.reading import NotThere
from console.who import NotSignedIn, somebody
from records.accounts import TooBusy
from records.db import RecordsUnreachable
from starter.complaints import OurFault, TryAgain
from starter.connection import TemporalUnreachable

log = logging.getLogger(__name__)

#: seconds after which asking again makes sense
AGAIN = 5
#: the same where others must first close their windows
MUCH_LATER = 60
#: the page of a customer's link, out of any address below it
_CUSTOMERS = re.compile(r"/[sf]/[\w-]*", re.ASCII)


async def _to_the_door(request: Request, error: NotSignedIn) -> Response:
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": error.door})
    if request.method == "GET" and "text/html" not in request.headers.get("accept", "text/html"):
        return JSONResponse({"detail": "Not signed in."}, status_code=401)
    return RedirectResponse(error.door, status_code=303)


async def _not_there(request: Request, error: Exception) -> Response:
    return await error_page(request, 404)


async def _http(request: Request, error: HTTPException) -> Response:
    return await error_page(request, error.status_code, headers=dict(error.headers or {}))


async def _form_broken(request: Request, error: FormBroken) -> Response:
    return await error_page(request, error.status)


async def _asked_wrongly(request: Request, error: Exception) -> Response:
    return await error_page(request, 422)


async def _away(request: Request, error: Exception) -> Response:
    log.warning("a page could not be shown: %s", type(error).__name__)
    return await error_page(request, 503, headers={"Retry-After": str(AGAIN)})


async def _too_many(request: Request, error: Exception) -> Response:
    return await error_page(request, 429, headers={"Retry-After": str(MUCH_LATER)})


async def _damaged(request: Request, error: FileDamaged) -> Response:
    log.error("a file could not be given back: %s", error)
    return await error_page(request, 410, damaged=True)


async def _our_fault(request: Request, error: Exception) -> Response:
    log.error("a page failed", exc_info=error)
    return await error_page(request, 500)


async def error_page(
    request: Request, status: int, *, headers: dict[str, str] | None = None, damaged: bool = False
) -> Response:
    """The page for a status; statuses without words of their own get those of their class. damaged: a file is."""
    try:
        who = await somebody(request) if status < 500 else getattr(request.state, "who", None)
    except RecordsUnreachable:
        who = None
    link = _CUSTOMERS.match(request.url.path)
    if link is not None:
        # Whoever comes by a link is a customer, also where a colleague is signed in in the same browser.
        shown = {"status": status, "link": link[0], "back": link[0]}
        return desk_of(request).pages.show(
            request, None, "errors/customer.html", shown, status=status, headers=headers
        )
    context = {"status": status, "damaged": damaged}
    return desk_of(request).pages.show(
        request, who, "errors/error.html", context, status=status, headers=headers
    )


_HANDLERS: dict[type[Exception], Callable[[Request, Any], Awaitable[Response]]] = {
    NotSignedIn: _to_the_door,
    NotThere: _not_there,
    HTTPException: _http,
    RequestValidationError: _asked_wrongly,
    RecordsUnreachable: _away,
    TemporalUnreachable: _away,
    TryAgain: _away,
    TooBusy: _away,
    TooManyListen: _too_many,
    OurFault: _our_fault,
    FileDamaged: _damaged,
    FormBroken: _form_broken,
    Exception: _our_fault,
}


class Faults:
    """The page for what nobody foresaw. It stands within the security headers and the meter, which the framework's own
    last resort does not; an answer that has begun cannot be mended."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = scope["type"] != "http"

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except Exception as error:
            if begun:
                raise
            response = await _our_fault(Request(scope), error)
            await response(scope, receive, send)


def handle_errors(app: FastAPI) -> None:
    """Show a page for every error, whatever it is."""
    for kind, handler in _HANDLERS.items():
        app.add_exception_handler(kind, handler)
