"""A complaint as the desk reads it: only by who may, and with what that person may say to it now."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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


#: a command → which shelf the version it names stands on
_NAMES = {"change_policy_version": "policy", "change_calendar_version": "calendar"}


async def hold_named(desk: Desk, kind: str, fields: Mapping[str, Any]) -> None:
    """Have the version at hand that a command names, as the ruling on it will. An unknown one stays unknown."""
    shelf, version = _NAMES.get(kind), fields.get("version")
    if shelf is None or not isinstance(version, str) or not version.isprintable():
        return
    policies, calendars = ([version], []) if shelf == "policy" else ([], [version])
    async with desk.office.pool.acquire() as connection:
        await desk.office.library.hold(connection, policies, calendars)
