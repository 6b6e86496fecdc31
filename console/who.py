"""Who is signed in. Pages ask for `SignedIn`; whoever is not goes to the door and comes back afterwards."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends
from starlette.requests import Request

from domain.roles import Asker

#: how the application finds out whose request it is: the session of its cookie, or nobody
Recognise = Callable[[Request], Awaitable["Who | None"]]


@dataclass(frozen=True)
class Who:
    """An acting person and how they like the desk.

    language: "zh-CN" or "en". theme: "auto", "light" or "dark". csrf: what every write of this session carries.
    session: the id of the session; None for an API token. scopes: of a token; None means all the person may do.
    """

    asker: Asker
    name: str
    language: str
    theme: str
    csrf: str
    session: str | None = None
    scopes: frozenset[str] | None = None

    @property
    def id(self) -> str:
        """The user id."""
        return self.asker.id


class NotSignedIn(Exception):
    """A page of the desk was asked for without a session; `door` is where to sign in and come back."""

    def __init__(self, door: str) -> None:
        super().__init__("Not signed in.")
        self.door = door


async def somebody(request: Request) -> Who | None:
    """Who asks, or None; found out once per request."""
    if not hasattr(request.state, "who"):
        recognise: Recognise = request.app.state.recognise
        request.state.who = await recognise(request)
    who: Who | None = request.state.who
    return who


async def signed_in(request: Request) -> Who:
    """Who asks. Raises NotSignedIn."""
    who = await somebody(request)
    if who is None:
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        back = here if request.method == "GET" and "hx-request" not in request.headers else "/"
        raise NotSignedIn(f"/sign-in?{urlencode({'next': back})}")
    return who


SignedIn = Annotated[Who, Depends(signed_in)]
Somebody = Annotated[Who | None, Depends(somebody)]
