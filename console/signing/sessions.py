"""Who asks: the session of a cookie, or the token of a program; and how a person comes in and goes out.

The cookie holds 256 random bits and is marked HttpOnly, SameSite=Lax and, over https, Secure under the name prefix
`__Host-`; the records keep its SHA-256 alone. The csrf value of a session follows from its cookie, so it is checked
without asking anybody, and is good for that session only.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from console.desk import Desk, desk_of
from console.who import Who
from records import accounts, sessions
from records.db import Connection, transaction
from records.sessions import TOKEN_PREFIX, Present

#: what a token may be allowed to do
SCOPES = ("read", "write", "open", "personal")
#: after a sign-in, what asks for proof of who it is where there is no password
JUST_NOW = timedelta(minutes=15)
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
#: what the templates ask for again and again or upon an event (`every`, `sse:`), and the streams of events; of the second
#: only where htmx asks, for they are pages too
_BY_ITSELF = re.compile(r"/inbox/count|/queue/(counts|events)|/case/[^/]+/(events|news|presence)")
_SHOWN_AGAIN = re.compile(r"/jobs/[^/]+")
_DEVICE = re.compile(r"[0-9a-f]{32}", re.ASCII)
_DEVICE_LASTS = timedelta(days=180)
#: how long a sign-in form may stand open before it must be loaded again
_FORM_LASTS = timedelta(hours=12)


@dataclass(frozen=True)
class SignedInNow:
    """Somebody has come in. token: for the cookie."""

    person: str
    token: str


@dataclass(frozen=True)
class NotSignedInNow:
    """Nobody has come in. wait: how long the next attempt is not even looked at."""

    wait: timedelta | None = None


async def recognise(request: Request) -> Who | None:
    """Who the request's cookie belongs to."""
    desk = desk_of(request)
    token, seen = request.cookies.get(session_cookie(desk)), not asks_by_itself(request)
    return await who_is(desk, token, desk.now(), seen=seen)


def asks_by_itself(request: HTTPConnection) -> bool:
    """Whether this is what an open page asks with nobody there: that a window stands open is no sign of a person."""
    if request.scope["method"] != "GET":
        return False
    path = request.scope["path"]
    return bool(
        _BY_ITSELF.fullmatch(path) or ("hx-request" in request.headers and _SHOWN_AGAIN.fullmatch(path))
    )


async def who_is(desk: Desk, token: str | None, at: datetime, *, seen: bool = True) -> Who | None:
    """Who holds this session; one statement. None too where it is over, idle too long, or its person has left.

    seen: whether it is they who ask, which puts off the end of an idle session.
    """
    if token is None or not _SECRET.fullmatch(token):
        return None
    present = await sessions.who_is(desk.office.pool, token, at, desk.settings.signing.idle, seen=seen)
    return None if present is None else _who(present, csrf_of(token))


async def who_holds(desk: Desk, bearer: str, at: datetime | None = None) -> Who | None:
    """Who this API token acts for, with its scopes; never more than the person may do. One statement."""
    if not bearer.startswith(TOKEN_PREFIX) or not _SECRET.fullmatch(bearer.removeprefix(TOKEN_PREFIX)):
        return None
    present = await sessions.who_holds(desk.office.pool, bearer, at or desk.now())
    return None if present is None else _who(present, "")


def _who(present: Present, csrf: str) -> Who:
    return Who(
        asker=present.asker,
        name=present.name,
        language=present.language,
        theme=present.theme,
        csrf=csrf,
        session=present.session,
        scopes=present.scopes,
    )


async def sign_in(
    desk: Desk,
    user: str,
    password: str,
    *,
    address: str = "",
    agent: str = "",
    replaces: str | None = None,
    device: str | None = None,
) -> SignedInNow | NotSignedInNow:
    """Come in by user id and password. replaces: the cookie that came along, whose session ends; device: that of a
    browser somebody came in with before.

    The answer is the same for a wrong password, an unknown name, and somebody who has left. Raises accounts.TooBusy.
    """
    at = desk.now()
    known = known_device(desk, device, user)
    tried = await accounts.attempt(desk.office.pool, user, password, address, at, device=known)
    if tried.person is None:
        return NotSignedInNow(tried.wait)
    token = await let_in(desk, tried.person, "password", address=address, agent=agent, replaces=replaces)
    return SignedInNow(tried.person, token)


async def let_in(
    desk: Desk, person: str, way: str, *, address: str = "", agent: str = "", replaces: str | None = None
) -> str:
    """A new session for somebody who has proven who they are; the secret for the cookie."""
    at = desk.now()
    async with transaction(desk.office.pool) as connection:
        if replaces is not None:
            await sessions.end_session(connection, replaces)
        _, token = await sessions.start_session(
            connection, person, way, at, desk.settings.signing.longest, address=address, agent=agent
        )
        await accounts.note(connection, at, person, "signed_in", way, address)
    return token


async def sign_out(desk: Desk, token: str | None, *, address: str = "") -> None:
    """The session of this cookie is over."""
    if token is None:
        return
    async with transaction(desk.office.pool) as connection:
        person = await sessions.end_session(connection, token)
        if person is not None:
            await accounts.note(connection, desk.now(), person, "signed_out", "session", address)


async def change_password(
    desk: Desk, who: Who, old: str, new: str, *, end_tokens: bool, address: str = "", agent: str = ""
) -> str | None:
    """Set one's own password. All sessions end and a new one begins: its cookie. None where `old` is not it.

    end_tokens: whether one's tokens end as well. Raises records.accounts.WeakPassword and TooBusy.
    """
    accounts.require_strong(who.id, new, who.name)
    at = desk.now()
    if not await is_their_password(desk, who, old, address=address):
        return None
    async with transaction(desk.office.pool) as connection:
        await accounts.set_password(connection, who.id, new, at)
        await sessions.end_sessions(connection, who.id)
        if end_tokens and await sessions.revoke_tokens(connection, who.id, at):
            await accounts.note(connection, at, who.id, "token_revoked", "password", address)
        _, token = await sessions.start_session(
            connection,
            who.id,
            "password",
            at,
            desk.settings.signing.longest,
            address=address,
            agent=agent,
        )
        await accounts.note(connection, at, who.id, "password_changed", "password", address)
    return token


async def is_their_password(desk: Desk, who: Who, password: str, *, address: str = "") -> bool:
    """Whether whoever sits there knows the password. Wrong ones are counted like failed sign-ins, by the session: what
    others try from this address is none of its concern. Raises accounts.TooBusy.
    """
    tried = await accounts.attempt(
        desk.office.pool, who.id, password, address, desk.now(), device=who.session
    )
    return tried.person == who.id


async def has_just_come(connection: Connection, desk: Desk, who: Who) -> bool:
    """Whether this session began within the last quarter of an hour."""
    at = desk.now()
    mine = await sessions.sessions_of(connection, who.id, at, desk.settings.signing.idle)
    return any(one.id == who.session and at - one.started_at <= JUST_NOW for one in mine)


def csrf_of(token: str) -> str:
    """What every write of the session of this cookie carries."""
    return hmac.new(token.encode("utf-8", "surrogatepass"), b"redress csrf", hashlib.sha256).hexdigest()


def is_secure(desk: Desk) -> bool:
    """Whether the console is reached over https; a production profile that does not say is."""
    url = desk.settings.public_url
    return desk.settings.production if url is None else url.startswith("https://")


def session_cookie(desk: Desk) -> str:
    """The name of the session's cookie."""
    return "__Host-redress" if is_secure(desk) else "redress"


def device_cookie(desk: Desk) -> str:
    """The name of the cookie of a browser somebody came in with."""
    return "__Host-redress-device" if is_secure(desk) else "redress-device"


def known_device(desk: Desk, cookie: str | None, person: str) -> str | None:
    """The browser of this cookie, if this person came in with it before; it opens nothing by itself."""
    device, _, vouched = (cookie or "").partition(".")
    if not _DEVICE.fullmatch(device):
        return None
    return (
        device if secrets.compare_digest(vouched.encode(), _vouched(desk, device, person).encode()) else None
    )


def _vouched(desk: Desk, device: str, person: str) -> str:
    return desk.office.texts.fingerprint(f"device|{device}|{person}".encode("utf-8", "replace")).hex()


def set_device(response: Response, desk: Desk, person: str) -> None:
    """This person came in with this browser: what others try under their name does not keep them out here."""
    device = secrets.token_hex(16)
    response.set_cookie(
        device_cookie(desk),
        f"{device}.{_vouched(desk, device, person)}",
        max_age=int(_DEVICE_LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=is_secure(desk),
        path="/",
    )


def form_cookie(desk: Desk) -> str:
    """The name of the cookie that ties a sign-in form to the browser it was shown in."""
    return "__Host-redress-form" if is_secure(desk) else "redress-form"


def csrf_values(desk: Desk, cookies: Mapping[str, str], path: str) -> list[str]:
    """What a write with these cookies may carry: its session's value; for coming in, that of the form's cookie."""
    if path.startswith("/sign-in"):
        return [csrf_of(value) for value in [cookies.get(form_cookie(desk))] if value]
    return [csrf_of(value) for value in [cookies.get(session_cookie(desk))] if value]


def set_session(response: Response, desk: Desk, token: str) -> None:
    """Give the browser its session; it lasts as long as the browser runs, and never longer than the session."""
    response.set_cookie(
        session_cookie(desk), token, httponly=True, samesite="lax", secure=is_secure(desk), path="/"
    )
    response.delete_cookie(form_cookie(desk), path="/", secure=is_secure(desk), httponly=True, samesite="lax")


def forget_session(response: Response, desk: Desk) -> None:
    """Take the session from the browser."""
    response.delete_cookie(
        session_cookie(desk), path="/", secure=is_secure(desk), httponly=True, samesite="lax"
    )


def form_secret(request: HTTPConnection, desk: Desk) -> str:
    """The secret of this browser's sign-in form: the one it has, or a new one."""
    there = request.cookies.get(form_cookie(desk), "")
    return there if _SECRET.fullmatch(there) else secrets.token_urlsafe(32)


def set_form(response: Response, desk: Desk, secret: str) -> None:
    """Tie the form to this browser."""
    response.set_cookie(
        form_cookie(desk),
        secret,
        max_age=int(_FORM_LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=is_secure(desk),
        path="/",
    )


def own_path(asked: str | None, otherwise: str = "/") -> str:
    """A path of this console out of what a link or a form says, for a redirect; nothing that leads elsewhere.

    Browsers read a backslash as a slash and drop tabs and line breaks, so none of these may stand in it.
    """
    if not asked or len(asked) > 2000 or not asked.startswith("/") or asked.startswith("//"):
        return otherwise
    if "\\" in asked or not asked.isascii() or not asked.isprintable():
        return otherwise
    return otherwise if asked.startswith(("/sign-in", "/sign-out")) else asked
