"""Messages on their way out: claimed, sent once, tried again, or given up.

A ruling plans a message under a business key (`records.writing`); here a sender takes it under a lease and says what
became of it. A sender that dies leaves the message `sending` until the lease ends, then another takes it. What one
person has accepted is on record (`note`), so that a second try tells only the others. (SLA-11, docs/decisions 11)
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import ValidationError

from domain.complaint import Complaint
from domain.facts import Notice
from records.db import Pool, reaching
from records.sql import statements

log = logging.getLogger(__name__)
SQL = statements("outbox")

DeliveryOutcome = Literal["accepted", "refused", "lost"]
#: how long a sender may take before another is allowed to send the same message
LEASE = timedelta(minutes=2)
#: how long a message of a complaint that this build cannot read waits for another build
_UNREADABLE = timedelta(minutes=15)


@dataclass(frozen=True)
class Delivered:
    """What became of a message to one person by one way."""

    person: str
    way: str
    outcome: DeliveryOutcome


@dataclass(frozen=True)
class Unreached:
    """Somebody a message did not reach by a way, for good. why: without addresses. instead_of: whom they stand in for."""

    person: str
    way: str
    why: str
    instead_of: str | None = None


@dataclass(frozen=True)
class Outgoing:
    """A message to send, and what is needed to find its receivers and to word it.

    receiver: a code of Receiver or Role, or `person:<user id>`. params: codes, numbers, instants, and texts by id.
    not_before: business time; clock_offset: real minus business time. words: ids of the customer's texts by kind
    (name, contact, text, desired, unit), the contact being the latest one given. attempts: this one counted.
    """

    key: str
    number: str
    turn: int
    receiver: str
    template: str
    params: Mapping[str, str]
    deadline: str | None
    not_before: datetime
    attempts: int
    complaint: Complaint
    clock_offset: timedelta
    words: Mapping[str, str]
    preferred: str | None
    language: str
    deliveries: tuple[Delivered, ...]


@dataclass(frozen=True)
class Overdue:
    """A deadline that fired and that nobody has settled or taken note of. receivers: codes of those told last."""

    number: str
    id: str
    name: str
    due: datetime
    fired_at: datetime
    receivers: tuple[str, ...]
    complaint: Complaint
    clock_offset: timedelta


@dataclass(frozen=True)
class Sending:
    """A message in the list of a complaint: planned, sending, sent, failed or cancelled."""

    key: str
    turn: int
    receiver: str
    template: str
    deadline: str | None
    state: str
    not_before: datetime
    attempts: int
    trouble: str | None
    settled_at: datetime | None


class Outbox:
    """The messages of one database. Every method raises RecordsUnreachable when PostgreSQL is away."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def claim(
        self, limit: int, *, number: str | None = None, at: datetime | None = None, lease: timedelta = LEASE
    ) -> list[Outgoing]:
        """Take up to `limit` messages that may go out now, the oldest first; nobody else gets them during the lease.

        number and at: only those of one complaint, by business time; without them all, by real time. A message whose
        complaint this build cannot read is put back for a while, so that it holds up no other.
        """
        with reaching():
            rows = await self._pool.fetch(SQL["claim_notices"], number, at, limit, lease)
        claimed = []
        for row in rows:
            try:
                claimed.append(_outgoing(row))
            except ValidationError:
                log.error("complaint cannot be read", extra={"number": row["number"]})
                later = datetime.now(UTC) + _UNREADABLE
                await self.try_again(row["key"], "the complaint cannot be read", later, row["clock_offset"])
        return claimed

    async def note(
        self,
        key: str,
        person: str,
        way: str,
        outcome: DeliveryOutcome,
        reply: str | None = None,
        instead_of: str | None = None,
    ) -> None:
        """Record what became of a message to one person. reply: the gateway's words, without addresses.

        person: user id, or `customer`. instead_of: the absent person they stand in for; both names are kept.
        """
        with reaching():
            await self._pool.execute(SQL["note_delivery"], key, person, way, instead_of, outcome, reply)

    async def sent(self, key: str, unreached: Sequence[Unreached] = ()) -> bool:
        """The message has reached its receivers. False if it was no longer this sender's to settle.

        unreached: those of them it has not; each becomes a failed message of their own, under "key/person" (SLA-11).
        """
        return await self._settle(key, "sent", None, unreached)

    async def failed(self, key: str, trouble: str, unreached: Sequence[Unreached] = ()) -> bool:
        """The message cannot be delivered to anybody; a person must see to it. trouble: why, without addresses or words.

        unreached: who they were, as far as they are known.
        """
        return await self._settle(key, "failed", trouble, unreached)

    async def cancel(self, key: str, why: str) -> bool:
        """The message need not go out any more."""
        return await self._settle(key, "cancelled", why)

    async def try_again(self, key: str, trouble: str, due_at: datetime, clock_offset: timedelta) -> None:
        """Back among the planned ones until `due_at` (real time) after a try that failed for now."""
        await self._give_back(key, trouble, due_at, clock_offset, counts=True)

    async def postpone(self, key: str, due_at: datetime, clock_offset: timedelta) -> None:
        """Back among the planned ones until `due_at` (real time) without a try, as for quiet hours."""
        await self._give_back(key, None, due_at, clock_offset, counts=False)

    async def plan(self, number: str, notice: Notice, at: datetime) -> bool:
        """Plan a message outside a turn, such as a reminder; False if its business key exists already.

        at: business time, where the notice has no `not_before`.
        """
        with reaching():
            key = await self._pool.fetchval(
                SQL["plan_notice"],
                number,
                notice.key,
                notice.to,
                notice.template,
                notice.params,
                notice.deadline,
                notice.not_before or at,
            )
        return key is not None

    async def overdue(self, after: tuple[str, str] = ("", ""), limit: int = 500) -> list[Overdue]:
        """Deadlines to remind of, in order of (number, id); `after` is the last one of the page before.

        Those of complaints that this build cannot read are left out; the page is empty only at the end.
        """
        with reaching():
            rows = await self._pool.fetch(SQL["overdue"], *after, limit)
        found = []
        for row in rows:
            try:
                found.append(_overdue(row))
            except ValidationError:
                log.error("complaint cannot be read", extra={"number": row["number"]})
        if rows and not found:
            return await self.overdue((rows[-1]["number"], rows[-1]["id"]), limit)
        return found

    async def planned_for(self, receiver: str, template: str, since: datetime, until: datetime) -> int:
        """How many messages of a template a receiver has from `since` until `until` (business time)."""
        with reaching():
            count: int = await self._pool.fetchval(SQL["reminders_planned"], receiver, template, since, until)
        return count

    async def counts(self) -> dict[str, tuple[int, float]]:
        """For metrics: state → number of messages, and seconds since the oldest of them fell due."""
        with reaching():
            rows = await self._pool.fetch(SQL["outbox_counts"])
        return {row["state"]: (row["messages"], row["oldest_s"]) for row in rows}

    async def of_complaint(self, number: str) -> list[Sending]:
        """The messages of a complaint and what became of them, oldest first."""
        with reaching():
            rows = await self._pool.fetch(SQL["notice_states"], number)
        return [Sending(**dict(row)) for row in rows]

    async def _settle(
        self, key: str, state: str, trouble: str | None, unreached: Sequence[Unreached] = ()
    ) -> bool:
        people = [
            [getattr(one, name) for one in unreached] for name in ("person", "way", "instead_of", "why")
        ]
        with reaching():
            return await self._pool.fetchval(SQL["settle_notice"], key, state, trouble, *people) is not None

    async def _give_back(
        self, key: str, trouble: str | None, due_at: datetime, clock_offset: timedelta, *, counts: bool
    ) -> None:
        with reaching():
            await self._pool.execute(SQL["return_notice"], key, trouble, due_at, clock_offset, counts)


def _overdue(row: Mapping[str, Any]) -> Overdue:
    return Overdue(
        row["number"],
        row["id"],
        row["name"],
        row["due"],
        row["fired_at"],
        tuple(row["receivers"]),
        Complaint.model_validate(row["complaint"]),
        row["clock_offset"],
    )


def _outgoing(row: Mapping[str, Any]) -> Outgoing:
    words = dict(row["words"])
    if row["new_contact"]:
        words["contact"] = row["new_contact"]
    return Outgoing(
        key=row["key"],
        number=row["number"],
        turn=row["turn"],
        receiver=row["receiver"],
        template=row["template"],
        params=row["params"],
        deadline=row["deadline"],
        not_before=row["not_before"],
        attempts=row["attempts"],
        complaint=Complaint.model_validate(row["complaint"]),
        clock_offset=row["clock_offset"],
        words=words,
        preferred=row["preferred"],
        language=row["language"],
        deliveries=tuple(Delivered(**delivery) for delivery in row["deliveries"] or ()),
    )
