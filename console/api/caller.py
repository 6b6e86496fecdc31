"""Who calls the API: the bearer of a token, or the session of the desk's cookie; and what they may do with it.

A token has scopes: `read` complaints, `write` (say commands), `open` complaints, `personal` (see name and contact
whole). A session may do all that its person may; its writes carry the csrf value. (ORG-08, CUS-07)
"""

import secrets
from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

from fastapi import Depends
from starlette.requests import Request

from console.api.language import words_of
from console.api.problems import Problem
from console.desk import desk_of
from console.signing.csrf import from_here
from console.signing.sessions import recognise, who_holds
from console.who import Who

Scope = Literal["read", "write", "open", "personal"]
SCOPES: dict[Scope, str] = {
    "read": "Read the complaints the person may read.",
    "write": "Say commands, and hand in files.",
    "open": "Open complaints.",
    "personal": "See the customer's name and contact whole, where the person may; each reading is logged.",
}
_SAFE = ("GET", "HEAD", "OPTIONS")


async def caller(request: Request) -> Who:
    """Who calls. Raises Problem: unauthenticated, csrf."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme:
        who = await who_holds(desk_of(request), token.strip()) if scheme.lower() == "bearer" else None
    else:
        who = await recognise(request)
        if who is not None and request.method not in _SAFE:
            _require_csrf(request, who)
    if who is None:
        raise Problem("unauthenticated")
    return who


def _require_csrf(request: Request, who: Who) -> None:
    sent = request.headers.get("x-csrf-token", "")
    if not from_here(request, desk_of(request)) or not secrets.compare_digest(
        sent.encode(), who.csrf.encode()
    ):
        raise Problem("csrf")


def has(who: Who, scope: Scope) -> bool:
    """Whether this caller's token carries a scope; a session carries all."""
    return who.scopes is None or scope in who.scopes


def needs(scope: Scope) -> Callable[[Request], Awaitable[Who]]:
    """A dependency: the caller, whose token must carry this scope. Raises Problem: scope."""

    async def able(request: Request) -> Who:
        who = await caller(request)
        if not has(who, scope):
            said = words_of(request).gettext("The token lacks the scope %(scope)s.") % {"scope": scope}
            raise Problem("scope", said, more={"scope": scope})
        return who

    return able


Anybody = Annotated[Who, Depends(caller)]
Reader = Annotated[Who, Depends(needs("read"))]
Writer = Annotated[Who, Depends(needs("write"))]
Opener = Annotated[Who, Depends(needs("open"))]
