"""Daily reminders: what has run out and is not settled is told again each working morning, so nothing waits in silence.

Each person is reminded of their longest overdue deadlines one by one, up to the policy's limit a day; the rest goes
into one digest. The customer is never reminded so. Planning twice plans nothing twice. (LIF-03, commands.md §3)
"""

import json
import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from activities.versions import versions_of
from domain.calendar import Calendar, at_wall_time, wall_time
from domain.codes import Receiver
from domain.facts import Notice
from domain.policy import Policy
from records.db import RecordsUnreachable, transaction
from records.office import Office
from records.outbox import Outbox, Overdue
from records.receivers import PERSON, colleagues

log = logging.getLogger(__name__)

REMINDER, DIGEST = "reminder", "digest"
_PAGE = 500
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Due:
    """A deadline one person is to be reminded of today. morning: business time; limit: of the case's own policy."""

    overdue: Overdue
    morning: datetime
    limit: int


class Reminders:
    """Plans the reminders of a day into the outbox. clock: real time, aware."""

    def __init__(self, office: Office, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._office = office
        self._clock = clock
        self._outbox = Outbox(office.pool)

    async def plan(self) -> int:
        """Plan what today's morning asks for, if it has come; returns how many messages are new."""
        waiting: dict[str, list[Due]] = defaultdict(list)
        after = ("", "")
        while page := await self._outbox.overdue(after, _PAGE):
            for overdue in page:
                try:
                    if due := await self._due(overdue):
                        for person in await self._people(overdue):
                            waiting[person].append(due)
                except RecordsUnreachable:
                    raise
                except Exception as fault:  # noqa: BLE001 - one bad case keeps nobody from being reminded of others
                    told = {"number": overdue.number, "fault": type(fault).__name__}
                    log.error("reminder not planned", extra=told)
            after = (page[-1].number, page[-1].id)
        return sum([await self._plan_for(person, dues) for person, dues in waiting.items()])

    async def _due(self, overdue: Overdue) -> Due | None:
        """Today's reminder of an overdue deadline: on a working day, once its morning has come after the firing."""
        policy, calendar = await versions_of(self._office, overdue.complaint)
        morning = _morning(self._clock() - overdue.clock_offset, policy, calendar)
        if morning is None or overdue.fired_at >= morning:
            return None
        return Due(overdue, morning, policy.number("reminder_limit"))

    async def _people(self, overdue: Overdue) -> list[str]:
        """User ids of those told last, each once: the holders of the seats, whoever stands in for them today."""
        at, found = self._clock() - overdue.clock_offset, dict[str, None]()
        async with transaction(self._office.pool) as connection:
            for code in overdue.receivers:
                if code != Receiver.CUSTOMER:
                    told = await colleagues(connection, code, overdue.complaint, {"name": overdue.name}, at)
                    found.update({person.instead_of or person.person: None for person in told.people})
        return list(found)

    async def _plan_for(self, person: str, dues: list[Due]) -> int:
        """The longest overdue one by one up to the limit, the rest in one digest. Planned once, it stays so all day."""
        dues.sort(key=lambda due: (due.overdue.due, due.overdue.number, due.overdue.id))
        first = dues[0]
        limit, to = first.limit, f"{PERSON}{person}"
        planned = await self._outbox.planned_for(to, REMINDER, first.morning, first.morning + _DAY)
        new = 0
        for due in dues[:limit] if planned < limit else ():
            new += await self._outbox.plan(due.overdue.number, _reminder(due, to), due.morning)
        if rest := dues[limit:]:
            new += await self._outbox.plan(rest[0].overdue.number, _digest(rest, to), rest[0].morning)
        return new


def _morning(now: datetime, policy: Policy, calendar: Calendar) -> datetime | None:
    """Today's time for reminders, UTC, if today is worked and it has come."""
    today = wall_time(now, calendar.zone).date()
    morning = at_wall_time(datetime.combine(today, policy.table("reminder_time")), calendar.zone)
    return morning if calendar.is_working_day(today) and morning <= now else None


def _reminder(due: Due, to: str) -> Notice:
    overdue = due.overdue
    return Notice(
        key=f"{overdue.number}/reminder/{overdue.id}/{due.morning:%Y-%m-%d}/{to}",
        template=REMINDER,
        to=to,
        params={"name": overdue.name, "due": overdue.due.isoformat()},
        deadline=overdue.id,
    )


def _digest(rest: list[Due], to: str) -> Notice:
    items = [
        {
            "number": due.overdue.number,
            "id": due.overdue.id,
            "name": due.overdue.name,
            "due": due.overdue.due.isoformat(),
        }
        for due in rest
    ]
    return Notice(
        key=f"reminder/digest/{rest[0].morning:%Y-%m-%d}/{to}",
        template=DIGEST,
        to=to,
        params={"items": json.dumps(items)},
    )
