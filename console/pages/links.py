"""The customer's link, at the desk: handed out for those whom no message reaches, and ended when it went astray."""

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Form
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.desk import AtDesk, Desk
from console.reading import Case, read_case
from console.saying import say
from console.who import SignedIn, Who
from domain.roles import CS_SIDE
from records.links import link_token, revoke_links

router = APIRouter(include_in_schema=False)

Key = Annotated[str, Form(pattern=r"^[0-9a-f-]{36}$")]


def may_hand_out(case: Case) -> bool:
    """Whether the reader may hold a customer's link in their hands: customer service of the case's project that sees
    the customer whole."""
    return case.whole and case.asker.within(case.complaint.project).holds(*CS_SIDE)


@router.get("/case/{number}/customer-link")
async def ask(request: Request, desk: AtDesk, who: SignedIn, number: str) -> Response:
    """The choice: hand it out, or end it."""
    await _theirs(desk, who, number)
    return desk.pages.show(
        request, who, "customer/link.html", {"number": number, "link": None, "key": str(uuid4())}
    )


@router.post("/case/{number}/customer-link")
async def hand_out(request: Request, desk: AtDesk, who: SignedIn, number: str, key: Key) -> Response:
    """Show the address once; a note in the ledger says who had it (CUS-09)."""
    address = await handed_out(request, desk, who, number, key)
    return desk.pages.show(
        request, who, "customer/link.html", {"number": number, "link": address, "key": str(uuid4())}
    )


async def handed_out(request: Request, desk: Desk, who: Who, number: str, key: str) -> str:
    """The address of the customer's page, with the note of who had it. Raises NotThere, and HTTPException 403 or 409."""
    await _theirs(desk, who, number)
    words = desk.pages.words(who.language)
    told = words.gettext("The address of the customer's own page was shown at the desk.")
    decision = await say(desk, who, number, "add_note", {"text": told}, key=key)
    if not decision.accepted:
        raise HTTPException(403 if decision.rule == "ORG-08" else 409)
    async with desk.office.pool.acquire() as connection:
        token = await link_token(connection, desk.office.texts, number, "status")
    return f"{desk.settings.public_url or str(request.base_url).rstrip('/')}/s/{token}"


@router.post("/case/{number}/customer-link/end")
async def end(request: Request, desk: AtDesk, who: SignedIn, number: str, key: Key) -> Response:
    """End every link of this complaint; the next message brings a new one."""
    await _theirs(desk, who, number)
    # They end before it is noted: a link that went astray must end while Temporal is away, too.
    async with desk.office.pool.acquire() as connection:
        await revoke_links(connection, number, who.id)
    words = desk.pages.words(who.language)
    told = words.gettext("The customer's links were ended.")
    decision = await say(desk, who, number, "add_note", {"text": told}, key=key)
    if not decision.accepted:
        raise HTTPException(409)
    return RedirectResponse(f"/case/{number}", status_code=303)


async def _theirs(desk: Desk, who: Who, number: str) -> None:
    """Raises NotThere, and HTTPException 403 for whoever may not act in the customer's name."""
    if not may_hand_out(await read_case(desk, who, number)):
        raise HTTPException(403)
