"""The HTTP API as an application of its own, mounted at /api/v1: routes, problems for every error, its document."""

import logging
import re
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Mount
from starlette.types import Scope

from console.api import about, commands, opening, papers, problems, reading
from console.api.document import document
from console.api.faults import of_request
from console.api.language import words_of
from console.api.problems import Problem
from console.desk import Desk
from console.files import FilesUnreachable
from console.files.store import FileDamaged
from console.reading import NotThere
from records.db import RecordsUnreachable, to_json
from records.writing import UnknownComplaint
from starter.complaints import OurFault, TryAgain
from starter.connection import TemporalUnreachable

log = logging.getLogger(__name__)

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PARTS = (opening, reading, commands, papers, about)


def make_api(desk: Desk) -> FastAPI:
    """The API of this desk."""
    api = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    api.state.desk = desk
    for part in PARTS:
        api.include_router(part.router)
    told = to_json(document(api)).encode()

    async def openapi(request: Request) -> Response:
        return Response(told, media_type="application/json", headers={"Cache-Control": "public, max-age=300"})

    api.add_route("/openapi.json", openapi, include_in_schema=False)
    for path in ("/groups", "/groups/{rest:path}"):
        api.add_route(path, _no_groups, methods=list(_METHODS), include_in_schema=False)
    for kind, handler in _HANDLERS.items():
        api.add_exception_handler(kind, handler)
    return api


async def _no_groups(request: Request) -> Response:
    """Group complaints are an issue of their own (decision 25)."""
    sentence = words_of(request).gettext(
        "Group complaints are not served yet; a complaint is joined to a group by the command link_to_group."
    )
    return await _tell(request, Problem("not-found", sentence))


def mounted(api: FastAPI) -> Mount:
    """The API where it belongs. Line breaks in an address lead into it too, or a page would tell of the error."""
    mount = Mount("/api/v1", app=api)
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return mount


async def _tell(request: Request, problem: Problem) -> Response:
    return problems.response(request, words_of(request), problem)


async def _as_it_is(request: Request, error: Problem) -> Response:
    return await _tell(request, error)


async def _asked_wrongly(request: Request, error: RequestValidationError) -> Response:
    return await _tell(request, problems.bad_input(*of_request(error.errors(), words_of(request))))


async def _http(request: Request, error: HTTPException) -> Response:
    if error.status_code == 405:
        allowed = ", ".join(sorted(_methods(request.scope)))
        return await _tell(request, Problem("method", headers={"Allow": allowed}))
    if error.status_code == 503:
        return await _away(request, error)
    return await _tell(
        request, Problem(problems.of_status(error.status_code), headers=dict(error.headers or {}))
    )


def _methods(scope: Scope) -> set[str]:
    """Every method of this address, whichever route it belongs to."""
    found: set[str] = set()
    for route in (route for part in PARTS for route in part.router.routes):
        if isinstance(route, APIRoute) and route.matches(scope)[0] is not Match.NONE:
            found |= route.methods or set()
    return found


async def _not_there(request: Request, error: Exception) -> Response:
    return await _tell(request, Problem("not-found"))


async def _away(request: Request, error: Exception) -> Response:
    log.warning("a call could not be answered: %s", type(error).__name__)
    return await _tell(request, Problem("away"))


async def _no_answer(request: Request, error: Exception) -> Response:
    return await _tell(request, Problem("no-answer", words_of(request).sentence(str(error))))


async def _damaged(request: Request, error: FileDamaged) -> Response:
    log.error("a file could not be given back: %s", error)
    return await _tell(request, Problem("damaged"))


async def _our_fault(request: Request, error: Exception) -> Response:
    log.error("a call failed", exc_info=error)
    return await _tell(request, Problem("fault"))


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=499)  # nobody is there any more to read it


#: error → what tells of it; each takes the error it is registered for
_HANDLERS: dict[type[Exception], Any] = {
    Problem: _as_it_is,
    RequestValidationError: _asked_wrongly,
    HTTPException: _http,
    NotThere: _not_there,
    UnknownComplaint: _not_there,
    RecordsUnreachable: _away,
    TemporalUnreachable: _away,
    FilesUnreachable: _away,
    FileDamaged: _damaged,
    TryAgain: _no_answer,
    ClientDisconnect: _gone,
    OurFault: _our_fault,
    Exception: _our_fault,
}
