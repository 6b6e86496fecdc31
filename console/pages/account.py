"""One's own account: language, colours, password, where one is signed in, keys for programs; and one's duties."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.desk import AtDesk, Desk
from console.pages.sign_in import address_of
from console.reading import NotThere
from console.showing import THEMES
from console.signing.sessions import (
    SCOPES,
    change_password,
    has_just_come,
    is_their_password,
    own_path,
    set_session,
)
from console.who import SignedIn, Who
from domain.duties import duties_of, in_common, owed_by
from records import accounts, sessions
from records.accounts import WeakPassword
from records.db import Connection, transaction

router = APIRouter(include_in_schema=False)

MOST_DAYS = 365
_LONGEST_NAME = 60
_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)
Text = Annotated[str, Form()]


@router.get("/me")
async def me(request: Request, desk: AtDesk, who: SignedIn, done: str = "") -> Response:
    """The account page."""
    return await _page(
        request, desk, who, {"done": done if done in ("password", "session", "token", "others") else ""}
    )


async def _page(
    request: Request, desk: Desk, who: Who, more: Mapping[str, Any], *, status: int = 200
) -> Response:
    at = desk.now()
    async with transaction(desk.office.pool) as connection:
        shown = {
            "sessions": await sessions.sessions_of(connection, who.id, at, desk.settings.signing.idle),
            "tokens": await sessions.tokens_of(connection, who.id),
            "comings": await accounts.recent_sign_ins(connection, who.id),
            "has_password": await _has_password(connection, desk, who),
        }
    defaults: dict[str, Any] = {
        "done": "",
        "errors": {},
        "typed": {"name": "", "days": "90", "scopes": ["read"]},
        "made": None,
        "end_tokens": True,
        "scopes": SCOPES,
        "shortest": accounts.SHORTEST,
        "most_days": MOST_DAYS,
        "passwords": desk.settings.signing.passwords,
    }
    return desk.pages.show(request, who, "sign/me.html", {**defaults, **shown, **more}, status=status)


def _require_id(written: str) -> None:
    """Raises NotThere for what is no id of a session or token, before the records are asked about it."""
    if not _ID.fullmatch(written):
        raise NotThere


@router.post("/me/theme")
async def choose_theme(desk: AtDesk, who: SignedIn, theme: Text = "", back: Text = "") -> Response:
    """Light, dark, or as the device."""
    if theme in THEMES:
        async with transaction(desk.office.pool) as connection:
            await accounts.set_theme(connection, who.id, theme)
    return RedirectResponse(own_path(back, "/me"), status_code=303)


@router.post("/me/password")
async def choose_password(
    request: Request,
    desk: AtDesk,
    who: SignedIn,
    old: Text = "",
    new: Text = "",
    again: Text = "",
    end_tokens: Text = "",
) -> Response:
    """Another password; every other session of this person ends, and their tokens where they wish so."""
    if not desk.settings.signing.passwords:
        raise NotThere
    words = desk.pages.words(who.language)
    errors: dict[str, str] = {}
    if new != again:
        errors["again"] = words.gettext("The two do not match.")
    else:
        try:
            token = await change_password(
                desk,
                who,
                old,
                new,
                end_tokens=end_tokens == "1",
                address=address_of(request),
                agent=request.headers.get("user-agent", ""),
            )
        except WeakPassword as weak:
            errors["new"] = words.gettext(str(weak))
        else:
            if token is not None:
                response = RedirectResponse("/me?done=password", status_code=303)
                set_session(response, desk, token)
                return response
            errors["old"] = words.gettext("This is not your present password, or it was tried too often.")
    kept = {"errors": errors, "end_tokens": end_tokens == "1"}
    return await _page(request, desk, who, kept, status=422)


@router.post("/me/sessions/{session}/end")
async def end_session(desk: AtDesk, who: SignedIn, session: str) -> Response:
    """Sign out elsewhere."""
    _require_id(session)
    async with transaction(desk.office.pool) as connection:
        if not await sessions.end_own_session(connection, who.id, session):
            raise NotThere
    return RedirectResponse("/me?done=session", status_code=303)


@router.post("/me/sessions/end-others")
async def end_other_sessions(desk: AtDesk, who: SignedIn) -> Response:
    """Sign out everywhere but here."""
    async with transaction(desk.office.pool) as connection:
        await sessions.end_other_sessions(connection, who.id, str(who.session))
    return RedirectResponse("/me?done=others", status_code=303)


@router.post("/me/tokens")
async def make_token(
    request: Request,
    desk: AtDesk,
    who: SignedIn,
    name: Text = "",
    days: Text = "",
    scopes: Annotated[list[str] | None, Form()] = None,
    password: Text = "",
) -> Response:
    """A key for a program; shown this once. It outlives the session, so who it is must be proven anew."""
    words = desk.pages.words(who.language)
    asked = [scope for scope in SCOPES if scope in (scopes or [])]
    name = name.strip()
    errors: dict[str, str] = {}
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        errors["name"] = words.gettext("Please give it a name of at most 60 characters.")
    if not (days.isascii() and days.isdigit() and len(days) <= 4 and 1 <= int(days) <= MOST_DAYS):
        errors["days"] = words.gettext("Please enter a number of days from 1 to 365.")
    if not asked:
        errors["scopes"] = words.gettext("Please choose at least one.")
    typed = {"name": name[:_LONGEST_NAME], "days": days[:4], "scopes": asked}
    if not errors:
        errors = await _unproven(request, desk, who, password)
    if errors:
        return await _page(request, desk, who, {"errors": errors, "typed": typed}, status=422)
    at = desk.now()
    async with transaction(desk.office.pool) as connection:
        _, secret = await sessions.make_token(
            connection, who.id, name, asked, at, at + timedelta(days=int(days))
        )
        await accounts.note(connection, at, who.id, "token_made", "session", address_of(request))
    return await _page(request, desk, who, {"made": secret}, status=201)


async def _has_password(connection: Connection, desk: Desk, who: Who) -> bool:
    return desk.settings.signing.passwords and await accounts.has_password(connection, who.id)


async def _unproven(request: Request, desk: Desk, who: Who, password: str) -> dict[str, str]:
    """What is wrong with the proof of who sits there: the password, or for who has none a fresh sign-in."""
    words = desk.pages.words(who.language)
    async with transaction(desk.office.pool) as connection:
        if not await _has_password(connection, desk, who):
            if await has_just_come(connection, desk, who):
                return {}
            return {
                "scopes": words.gettext(
                    "You signed in some time ago. Sign out, sign in again, and make the token within 15 minutes."
                )
            }
    if await is_their_password(desk, who, password, address=address_of(request)):
        return {}
    return {"password": words.gettext("This is not your present password, or it was tried too often.")}


@router.post("/me/tokens/{token}/revoke")
async def revoke_token(request: Request, desk: AtDesk, who: SignedIn, token: str) -> Response:
    """A key opens nothing from now on."""
    _require_id(token)
    at = desk.now()
    async with transaction(desk.office.pool) as connection:
        if not await sessions.revoke_token(connection, who.id, token, at):
            raise NotThere
        await accounts.note(connection, at, who.id, "token_revoked", "session", address_of(request))
    return RedirectResponse("/me?done=token", status_code=303)


@router.get("/duties")
async def duties(request: Request, desk: AtDesk, who: SignedIn) -> Response:
    """What one's seats oblige and entitle one to, stage by stage (ORG-06)."""
    whenever, stages = in_common(duties_of(who.asker))
    return desk.pages.show(
        request,
        who,
        "sign/duties.html",
        {"asker": who.asker, "whenever": whenever, "stages": stages, "owed": owed_by(who.asker)},
    )
