"""A customer's link, opened: whose complaint it is, in which language it is told, and who may not try any more."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request

from console.customer.plain import answered
from console.desk import AtDesk, Desk
from console.showing import LANGUAGE_COOKIE, preferred_language
from console.words import Words
from domain.codes import Stage
from domain.complaint import Complaint
from records.links import Link, Purpose, count, link_token, open_link
from records.views.customer import Standing, standing

#: how often an address may try links that do not open
MISSES, MISSING_SPAN = 20, timedelta(minutes=10)


@dataclass(frozen=True)
class Opened:
    """A customer's link that opened. words: those of the customer's language."""

    desk: Desk
    token: str
    link: Link
    complaint: Complaint
    standing: Standing
    words: Words

    @property
    def address(self) -> str:
        """The page of this link."""
        return f"/{'s' if self.link.purpose == 'status' else 'f'}/{self.token}"

    @property
    def asked(self) -> bool:
        """Whether the question is open: we wait for the answer of this round, none was given, and the link may give it."""
        complaint, link = self.complaint, self.link
        may_answer = link.purpose == "status" or link.round == complaint.round
        return may_answer and complaint.stage is Stage.FEEDBACK and not answered(complaint, complaint.round)

    def gettext(self, message: str) -> str:
        """A message id in the customer's language."""
        return self.words.gettext(message)

    async def page_of(self, purpose: Purpose) -> str:
        """The address of the customer's other page: how it stands, or the question of the present round."""
        handling_round = self.complaint.round if purpose == "feedback" else 0
        office = self.desk.office
        async with office.pool.acquire() as connection:
            token = await link_token(connection, office.texts, self.link.number, purpose, handling_round)
        return f"/{'s' if purpose == 'status' else 'f'}/{token}"


def caller(desk: Desk, request: Request) -> str:
    """Where a request comes from, as a keyed digest: addresses are personal."""
    address = request.client.host if request.client else "unknown"
    return desk.office.texts.fingerprint(address.encode()).hex()


async def by_status_link(request: Request, desk: AtDesk, token: str) -> Opened:
    """The complaint of a status link."""
    return await _opened(request, desk, token, "status")


async def by_feedback_link(request: Request, desk: AtDesk, token: str) -> Opened:
    """The complaint of a feedback link."""
    return await _opened(request, desk, token, "feedback")


ByStatusLink = Annotated[Opened, Depends(by_status_link)]
ByFeedbackLink = Annotated[Opened, Depends(by_feedback_link)]


async def _opened(request: Request, desk: Desk, token: str, purpose: Purpose) -> Opened:
    """Raises HTTPException 404 for whatever does not open, 429 for an address that has tried too often."""
    office = desk.office
    async with office.pool.acquire() as connection:
        link = await open_link(connection, office.texts, token, purpose, desk.now())
        shown = await standing(connection, office.texts, link.number) if link else None
        if link is None or shown is None:
            tries = await count(connection, f"link miss {caller(desk, request)}", MISSING_SPAN)
            raise HTTPException(429 if tries > MISSES else 404)
    # The customer's choice, else the language they are written to.
    chosen = preferred_language(request) if LANGUAGE_COOKIE in request.cookies else shown.language
    complaint = await office.ledger.complaint(link.number)
    return Opened(desk, token, link, complaint, shown, desk.pages.words(chosen))
