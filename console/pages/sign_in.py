"""The door: sign in, sign out, single sign-on, and the language of whoever is not in yet."""

import logging
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.desk import AtDesk, Desk
from console.errors import AGAIN
from console.showing import LANGUAGE_COOKIE, preferred_language
from console.signing import oidc
from console.signing.sessions import (
    NotSignedInNow,
    csrf_of,
    device_cookie,
    forget_session,
    form_secret,
    is_secure,
    let_in,
    own_path,
    session_cookie,
    set_device,
    set_form,
    set_session,
    sign_in,
    sign_out,
)
from console.who import Somebody
from console.words import LANGUAGES, Words
from records.accounts import TooBusy, place_of, set_language
from records.db import transaction
from records.links import count

log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)

#: the cookie of somebody who is at the identity provider, and who will come back with the same value
ERRAND_COOKIE = "redress-errand"
#: how many from one address may leave for the provider within a span; a whole office comes at nine
MOST_LEAVING, LEAVING_SPAN = 120, timedelta(minutes=10)
_YEAR = timedelta(days=365)
Text = Annotated[str, Form()]


def address_of(request: Request) -> str:
    """Where a request comes from, as far as we know."""
    return request.client.host if request.client else ""


@router.get("/sign-in")
async def door(request: Request, desk: AtDesk, who: Somebody, next: str = "", language: str = "") -> Response:
    """The sign-in form; whoever is in already goes on. language: chosen here a moment ago, for whoever signs in now."""
    if who is not None:
        return RedirectResponse(own_path(next), status_code=303)
    response = _form(request, desk, own_path(next), language=language)
    if session_cookie(desk) in request.cookies:
        forget_session(response, desk)
    return response


@router.post("/sign-in")
async def come_in(
    request: Request,
    desk: AtDesk,
    user: Text = "",
    password: Text = "",
    next: Text = "",
    language: Text = "",
) -> Response:
    """Come in with a local password. One answer for everything that may be wrong."""
    if not desk.settings.signing.passwords:
        raise HTTPException(404)
    back_to = own_path(next)
    words = desk.pages.words(preferred_language(request))
    user = user.strip()
    if not user or not password:
        missing = {
            name: words.gettext("Please fill this in.")
            for name, it in (("user", user), ("password", password))
            if not it
        }
        return _form(request, desk, back_to, user=user, errors=missing, status=422)
    try:
        result = await sign_in(
            desk,
            user,
            password,
            address=address_of(request),
            agent=request.headers.get("user-agent", ""),
            replaces=request.cookies.get(session_cookie(desk)),
            device=request.cookies.get(device_cookie(desk)),
        )
    except TooBusy:
        return _busy(request, desk, back_to, user, words)
    if isinstance(result, NotSignedInNow):
        if result.wait is not None:
            return _throttled(request, desk, back_to, user, words, result.wait)
        wrong = words.gettext("User name and password do not fit together.")
        return _form(request, desk, back_to, user=user, errors={"password": wrong}, status=422)
    if language in LANGUAGES:
        await _keep_language(desk, result.person, language)
    response = RedirectResponse(back_to, status_code=303)
    set_session(response, desk, result.token)
    set_device(response, desk, result.person)
    return response


def _busy(request: Request, desk: Desk, back_to: str, user: str, words: Words) -> Response:
    said = words.gettext("Too many people are signing in at this moment. Please try again in a few seconds.")
    response = _form(request, desk, back_to, user=user, errors={"password": said}, status=503)
    response.headers["Retry-After"] = str(AGAIN)
    return response


def _throttled(
    request: Request, desk: Desk, back_to: str, user: str, words: Words, wait: timedelta
) -> Response:
    seconds = max(1, int(wait.total_seconds() + 0.999))
    said = words.gettext("Too many attempts. Please wait %(wait)s and try again.") % {
        "wait": spell(words, seconds)
    }
    response = _form(request, desk, back_to, user=user, errors={"password": said}, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response


def spell(words: Words, seconds: int) -> str:
    """A wait in words: "40 seconds", "15 minutes"."""
    if seconds < 90:
        return words.ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    minutes = -(-seconds // 60)
    return words.ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def _form(
    request: Request,
    desk: Desk,
    back_to: str,
    *,
    user: str = "",
    errors: dict[str, str] | None = None,
    notice: str = "",
    language: str = "",
    status: int = 200,
) -> Response:
    secret = form_secret(request, desk)
    signing = desk.settings.signing
    shown = {
        "csrf": csrf_of(secret),
        "next": back_to,
        "user": user[:100],
        "errors": errors or {},
        "notice": notice,
        "chosen": language if language in LANGUAGES else "",
        "passwords": signing.passwords,
        "single": signing.issuer is not None,
    }
    response = desk.pages.show(request, None, "sign/in.html", shown, status=status)
    set_form(response, desk, secret)
    return response


@router.post("/sign-out")
async def go_out(request: Request, desk: AtDesk) -> Response:
    """The session is over, in the records and in the browser."""
    await sign_out(desk, request.cookies.get(session_cookie(desk)), address=address_of(request))
    response = RedirectResponse("/sign-in", status_code=303)
    forget_session(response, desk)
    response.headers["Clear-Site-Data"] = '"cache"'  # pictures of customers stay behind on no device
    return response


@router.get("/sign-in/oidc")
async def leave(request: Request, desk: AtDesk, next: str = "") -> Response:
    """Go to the identity provider."""
    if desk.settings.signing.issuer is None:
        raise HTTPException(404)
    await _require_patience(request, desk)
    try:
        leaving = await oidc.leave(desk, own_path(next))
    except oidc.ProviderAway as away:
        return _not_vouched(request, desk, str(away), away=True)
    response = RedirectResponse(leaving.address, status_code=303)
    response.set_cookie(
        ERRAND_COOKIE,
        leaving.state,
        max_age=int(oidc.UNDER_WAY.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=is_secure(desk),
        path=oidc.BACK,
    )
    return response


async def _require_patience(request: Request, desk: Desk) -> None:
    """Each leaving asks the provider and is remembered, for whoever asks. Raises HTTPException 429."""
    place = desk.office.texts.fingerprint(place_of(address_of(request)).encode()).hex()
    async with transaction(desk.office.pool) as connection:
        leaving = await count(connection, f"oidc {place}", LEAVING_SPAN)
    if leaving > MOST_LEAVING:
        raise HTTPException(429, headers={"Retry-After": str(int(LEAVING_SPAN.total_seconds()))})


@router.get(oidc.BACK)
async def come_back(request: Request, desk: AtDesk) -> Response:
    """Back from the identity provider."""
    if desk.settings.signing.issuer is None:
        raise HTTPException(404)
    try:
        vouched = await oidc.come_back(desk, dict(request.query_params), request.cookies.get(ERRAND_COOKIE))
    except oidc.NotVouched as reason:
        return _not_vouched(request, desk, str(reason))
    except oidc.ProviderAway as away:
        return _not_vouched(request, desk, str(away), away=True)
    if vouched.person is None:
        return _not_vouched(request, desk, "nobody here is meant", unknown=True)
    token = await let_in(
        desk,
        vouched.person,
        "oidc",
        address=address_of(request),
        agent=request.headers.get("user-agent", ""),
        replaces=request.cookies.get(session_cookie(desk)),
    )
    response = RedirectResponse(vouched.back_to, status_code=303)
    response.delete_cookie(
        ERRAND_COOKIE, path=oidc.BACK, secure=is_secure(desk), httponly=True, samesite="lax"
    )
    set_session(response, desk, token)
    return response


def _not_vouched(
    request: Request, desk: Desk, reason: str, *, away: bool = False, unknown: bool = False
) -> Response:
    log.warning("single sign-on failed: %s", reason)
    words = desk.pages.words(preferred_language(request))
    if away:
        said = words.gettext("The company sign-in cannot be reached just now. Please try again in a moment.")
    elif unknown:
        said = words.gettext(
            "The company sign-in knows you, but nobody here has your e-mail address. Ask your administrator."
        )
    else:
        said = words.gettext("The company sign-in was not completed. Please start once more.")
    return _form(request, desk, "/", notice=said, status=503 if away else 403)


@router.post("/language")
async def choose_language(
    request: Request, desk: AtDesk, who: Somebody, language: Text = "", back: Text = ""
) -> Response:
    """The language of the pages: kept with the person, or in the browser of whoever is not in."""
    at_the_door = back.startswith("/sign-in")
    if language not in LANGUAGES:
        return RedirectResponse("/sign-in" if at_the_door else own_path(back), status_code=303)
    response = RedirectResponse(
        f"/sign-in?language={language}" if at_the_door else own_path(back), status_code=303
    )
    if who is not None:
        await _keep_language(desk, who.id, language)
    response.set_cookie(
        LANGUAGE_COOKIE,
        language,
        max_age=int(_YEAR.total_seconds()),
        samesite="lax",
        secure=is_secure(desk),
        httponly=True,
    )
    return response


async def _keep_language(desk: Desk, person: str, language: str) -> None:
    async with transaction(desk.office.pool) as connection:
        await set_language(connection, person, language)
