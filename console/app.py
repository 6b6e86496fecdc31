"""The application: pages, HTTP API, customer pages and static files under one roof."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.api import Metered, make_api, mounted, root_routes
from console.desk import Desk
from console.errors import Faults, handle_errors
from console.limits import BodyLimits
from console.pages import (
    account,
    actions,
    bulk,
    case,
    customer,
    drafts,
    exports,
    files,
    intake,
    links,
    live,
    queue,
    sign_in,
    wall,
)
from console.showing import STATIC
from console.signing.csrf import CsrfMiddleware
from console.signing.sessions import is_secure, recognise

PAGES = (
    sign_in,
    account,
    live,  # before the lists: /queue/events is none
    queue,
    bulk,
    wall,
    exports,
    case,
    actions,
    drafts,
    intake,
    files,
    links,
    customer,
)
#: everything a page needs comes from here; nothing in a page can be run or styled by what somebody wrote
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"permissions-policy": b"geolocation=(), microphone=(), payment=()",
    b"cache-control": b"no-store",
}
#: a browser that was here once comes by https alone for a year
_HTTPS_ALONE = b"max-age=31536000"
_FOR_EVER = "public, max-age=31536000, immutable"
_SMALLEST_ZIPPED = 1000


def make_app(desk: Desk) -> FastAPI:
    """The application for this desk; it listens for what moves while it runs."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=_at_work)
    app.state.desk = desk
    app.state.recognise = recognise
    app.mount("/static", _Static(directory=STATIC), name="static")
    app.router.routes.append(mounted(make_api(desk)))
    app.router.routes.extend(root_routes(desk))
    app.get("/", include_in_schema=False)(_home)
    for page in PAGES:
        app.include_router(page.router)
    handle_errors(app)
    app.add_middleware(CsrfMiddleware)
    app.add_middleware(BodyLimits)
    app.add_middleware(Faults)
    app.add_middleware(GZipMiddleware, minimum_size=_SMALLEST_ZIPPED)
    app.add_middleware(SecurityHeaders, secure=is_secure(desk))
    app.add_middleware(Metered)
    return app


@asynccontextmanager
async def _at_work(app: FastAPI) -> AsyncIterator[None]:
    """Listening and background work last as long as the application."""
    desk: Desk = app.state.desk
    async with AsyncExitStack() as stack:
        await desk.hub.open()
        stack.push_async_callback(desk.hub.close)
        await stack.enter_async_context(bulk.working(desk))
        yield


async def _home() -> Response:
    return RedirectResponse("/queue/mine", status_code=303)


class _Static(StaticFiles):
    """Static files, kept by browsers for ever: their address changes with their content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if b"v=" in scope.get("query_string", b""):
            response.headers["cache-control"] = _FOR_EVER
        return response


class SecurityHeaders:
    """Headers of every answer, unless it brings its own. secure: whether the desk is reached over https."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        self.headers = {**HEADERS, b"strict-transport-security": _HTTPS_ALONE} if secure else HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name.lower() for name, _ in message["headers"]}
                extra = [(name, value) for name, value in self.headers.items() if name not in own]
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        await self.app(scope, receive, sending)
