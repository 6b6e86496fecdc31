"""A complaint as the desk reads it: only by who may, and with what that person may say to it now."""

import re
from dataclasses import dataclass
from datetime import datetime

from console.desk import Desk
from console.who import Who
from domain import lifecycle
from domain.complaint import Complaint
from domain.facts import Refused
from domain.hearing import Book
from domain.roles import Asker, may_read, may_see_whole
from records.writing import UnknownComplaint

NUMBER = re.compile(r"\d{4}-\d{6,12}", re.ASCII)


class NotThere(Exception):
    """Nothing is there for this reader: no such thing, or none that is theirs to read. The two look the same."""


@dataclass(frozen=True)
class Case:
    """A complaint in the hands of a reader."""

    complaint: Complaint
    asker: Asker
    book: Book

    @property
    def number(self) -> str:
        """The complaint number."""
        return self.complaint.number

    @property
    def whole(self) -> bool:
        """Whether the reader may see the customer's name and contact whole (CUS-07)."""
        return may_see_whole(self.complaint, self.asker)

    def actions(self, now: datetime) -> dict[str, Refused | None]:
        """Every command, with why the reader may not say it now, or None."""
        return lifecycle.possible_actions(self.complaint, self.asker, now, self.book)


async def read_case(desk: Desk, who: Who, number: str) -> Case:
    """The complaint of that number. Raises NotThere where there is none for this reader (ORG-08)."""
    if not NUMBER.fullmatch(number):
        raise NotThere
    try:
        complaint = await desk.office.ledger.complaint(number)
    except UnknownComplaint:
        raise NotThere from None
    return await case_of(desk, who, complaint)


async def case_of(desk: Desk, who: Who, complaint: Complaint) -> Case:
    """The same for a complaint already read. Raises NotThere. Its policy and calendar are read once a process."""
    if not may_read(complaint, who.asker):
        raise NotThere
    library = desk.office.library
    async with desk.office.pool.acquire() as connection:
        await library.hold(connection, [complaint.policy_version], [complaint.calendar_version])
    return Case(complaint, who.asker, library)
