"""Sending what the outbox holds: found to be still needed, worded, handed over, and put on record.

At most one message of a key reaches one person by one way, but for one case: a mail server that takes a message and
loses its answer, or a sender killed in between. Then the outcome is "lost", and the message is sent once more under
the same Message-ID, never a third time; a way that knows keys itself (the spool) is asked again freely. (SLA-11)
"""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from activities.versions import versions_of
from channels.message import AnswerLost, Message, NotDelivered, Sender, Undeliverable
from channels.rendering import RELEASED, CannotRender, Letter, render
from domain.codes import Receiver
from domain.roles import CUSTOMER
from domain.texts import TEXT_ID
from records.copies import Copies
from records.db import Connection, RecordsUnreachable, transaction
from records.links import link_token
from records.office import Office
from records.outbox import LEASE, Outbox, Outgoing, Unreached
from records.receivers import Addressee, addressees, words_of
from records.upkeep import Upkeep

log = logging.getLogger(__name__)

WARNING, REMINDER, DIGEST = "deadline_warning", "reminder", "digest"
FEEDBACK, RECEIPT = "feedback_asked", "receipt"
Outcome = Literal["sent", "failed", "later", "cancelled"]
#: Handing over one message takes at most this long (twice `channels.smtp.PATIENCE` and a farewell).
_ONE_MESSAGE = timedelta(seconds=45)
_AT_ONCE = 5


@dataclass(frozen=True)
class Pace:
    """How often a message is tried: `tries` times in all, after `first`, twice that, and so on up to `longest`.

    With these numbers a dead mail server is waited for some six hours; then people are asked to call instead.
    """

    tries: int = 12
    first: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(hours=1)

    def after(self, attempts: int) -> timedelta:
        """How long to wait after that many tries."""
        return min(self.longest, self.first * float(2 ** min(attempts - 1, 30)))


@dataclass(frozen=True)
class Told:
    """What became of a notice for one person: accepted, refused for good, to be tried again, or not begun; and why."""

    person: str
    end: Literal["accepted", "refused", "later", "unbegun"]
    why: str = ""
    instead_of: str | None = None


class Dispatcher:
    """Delivers notices of one database by one way.

    clock: real time, aware. public_url: where customers reach their pages, without a slash at the end; None where
    there are none. hotline: the telephone number they may call; None where messages name none.
    """

    def __init__(
        self,
        office: Office,
        sender: Sender,
        pace: Pace | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        lease: timedelta = LEASE,
        public_url: str | None = None,
        hotline: str | None = None,
    ) -> None:
        self._office = office
        self._hotline = hotline
        self._public_url = public_url
        self._sender = sender
        self._pace = pace or Pace()
        self._clock = clock
        self._lease = lease
        self._outbox = Outbox(office.pool)
        self._upkeep = Upkeep(office.pool)
        self._copies = Copies(office.pool, office.texts)

    async def deliver(
        self, limit: int, number: str | None = None, at: datetime | None = None
    ) -> list[Outcome]:
        """Send up to `limit` notices that may go out now, some at a time; one that fails holds up no other.

        number: only of this complaint, at business time `at` (by default its present); without, all by real time.
        """
        if number is not None and at is None:
            at = await self._upkeep.business_now(number)
        until = self._clock() + self._lease - _ONE_MESSAGE
        claimed = await self._outbox.claim(limit, number=number, at=at, lease=self._lease)
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(notice: Outgoing) -> Outcome:
            async with gate:
                return await self._carry(notice, at or self._clock() - notice.clock_offset, until)

        ends = await asyncio.gather(*map(one, claimed), return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        return [end for end in ends if not isinstance(end, BaseException)]

    async def _carry(self, notice: Outgoing, at: datetime, until: datetime) -> Outcome:
        """Send one notice to everybody it is for, unless it has become needless or must wait for the morning."""
        try:
            needed = await self._still_needed(notice)
            if needed is None:
                await self._outbox.cancel(notice.key, "settled meanwhile")
                return "cancelled"
            morning = await self._morning(needed, at)
            if morning is not None:
                due_at = morning + notice.clock_offset
                await self._outbox.postpone(notice.key, due_at, notice.clock_offset)
                return "later"
            told = await self._tell_all(needed, at, until)
            if told is None:
                await self._outbox.cancel(notice.key, "the particulars were erased")
                return "cancelled"
        except RecordsUnreachable:
            raise
        except Exception as fault:  # noqa: BLE001 - one bad notice holds up no other: it counts as a failed try
            log.error("notice not sent", extra={"notice": notice.key, "fault": type(fault).__name__})
            told = [Told("", "later", f"an error of ours: {type(fault).__name__}")]
        return await self._conclude(notice, told)

    async def _still_needed(self, notice: Outgoing) -> Outgoing | None:
        """The notice, less what was settled since it was planned; None when nothing is left of it."""
        if notice.template == DIGEST:
            items = json.loads(notice.params["items"])
            waiting = await self._upkeep.still_overdue([(item["number"], item["id"]) for item in items])
            left = [item for item in items if (item["number"], item["id"]) in waiting]
            return replace(notice, params={"items": json.dumps(left)}) if left else None
        if notice.template not in (WARNING, REMINDER) or notice.deadline is None:
            return notice
        complaint = await self._office.ledger.complaint(notice.number)
        deadline = complaint.deadlines.get(notice.deadline)
        if deadline is None:
            return None
        if notice.template == WARNING:
            as_told = datetime.fromisoformat(notice.params["due"]) == deadline.due
            return notice if deadline.state == "open" and as_told else None
        waits = deadline.state == "fired" and deadline.unsettled and deadline.acknowledged_at is None
        return notice if waits else None

    async def _morning(self, notice: Outgoing, at: datetime) -> datetime | None:
        """When a customer may be written to, if that is later than now (business time)."""
        if notice.receiver != Receiver.CUSTOMER:
            return None
        policy, calendar = await versions_of(self._office, notice.complaint)
        release: datetime = policy.table("quiet_hours").release(at, calendar.zone)
        return release if release > at else None

    async def _tell_all(self, notice: Outgoing, at: datetime, until: datetime) -> list[Told] | None:
        """What became of it for each person; None where the customer's particulars were destroyed at their wish."""
        notice = _with_particulars(notice, at)
        async with transaction(self._office.pool) as connection:
            found = await addressees(connection, self._office.texts, notice, at)
            words = await words_of(connection, self._office.texts, notice.number, _text_ids(notice))
            links = await self._links(connection, notice)
        if not found.people:
            return [Told("", "refused", f"nobody can be found for {notice.receiver}")]
        if any(person.erased for person in found.people):
            return None
        told = []
        for person in found.people:
            letter = Letter(
                template=notice.template,
                audience="customer" if person.person == CUSTOMER else "staff",
                number=notice.number,
                language=person.language,
                name=person.name,
                params=_params(notice),
                words=words,
                instead_of=person.instead_of,
                vacant=found.vacant,
                links=links if person.person == CUSTOMER else {},
                hotline=self._hotline if person.person == CUSTOMER else None,
                desk=self._public_url if person.person != CUSTOMER else None,
            )
            end = await self._tell(notice, person, letter, until)
            told.append(replace(end, instead_of=person.instead_of))
        return told

    async def _links(self, connection: Connection, notice: Outgoing) -> dict[str, str]:
        """The addresses a message to the customer tells them; none in a message to anybody else."""
        if self._public_url is None or notice.receiver != Receiver.CUSTOMER:
            return {}  # nobody but the customer is told where the customer's page is
        texts, number = self._office.texts, notice.number
        status = await link_token(connection, texts, number, "status")
        links = {"status": f"{self._public_url}/s/{status}"}
        if notice.template == FEEDBACK:
            token = await link_token(connection, texts, number, "feedback", int(notice.params["round"]))
            links["feedback"] = f"{self._public_url}/f/{token}"
        return links

    async def _tell(self, notice: Outgoing, person: Addressee, letter: Letter, until: datetime) -> Told:
        """Hand the message for one person over, unless they have it or have refused it."""
        before = _outcome_before(notice, person.person, self._sender.way)
        if before == "accepted":
            return Told(person.person, "accepted")
        if before == "refused":
            return Told(person.person, "refused", "was refused before")
        if person.address is None:
            return Told(person.person, "refused", "there is no address")
        if self._clock() > until:
            return Told(person.person, "unbegun")
        try:
            rendered = render(letter)
        except CannotRender as fault:
            return Told(person.person, "later", str(fault))
        key = f"{notice.key}/{person.person}"
        message = Message(person.address, rendered.subject, rendered.body, rendered.language, key)
        secret = tuple(letter.links.values())
        return await self._hand_over(notice, person, message, secret, again=before == "lost")

    async def _hand_over(
        self, notice: Outgoing, person: Addressee, message: Message, secret: Sequence[str], *, again: bool
    ) -> Told:
        """Send, with the worst on record before: should we die in between, it is known that the answer was lost.

        secret: the customer's own links, which the copy for our people leaves out.
        """
        harmless = self._sender.again_is_harmless
        if not harmless:
            worst, why = (
                ("refused", "handed over twice without an answer") if again else ("lost", "handed over")
            )
            await self._note(notice, person, worst, why)  # type: ignore[arg-type]  # both are outcomes
        try:
            delivery = await self._sender.send(message)
        except Undeliverable as refusal:
            await self._note(notice, person, "refused", str(refusal))
            return Told(person.person, "refused", str(refusal))
        except AnswerLost as lost:
            return Told(person.person, "refused" if again and not harmless else "later", str(lost))
        except NotDelivered as trouble:
            if again:
                await self._note(notice, person, "lost", str(trouble))
            elif not harmless:
                await self._upkeep.forget_offer(notice.key, person.person, self._sender.way)
            return Told(person.person, "later", str(trouble))
        await self._note(notice, person, "accepted", f"{delivery.provider_id} {delivery.detail}")
        copy = f"{message.subject}\n\n{message.body}"
        for link in secret:
            copy = copy.replace(link, "…")
        await self._copies.keep(notice.number, notice.key, person.person, self._sender.way, copy)
        return Told(person.person, "accepted")

    async def _note(
        self,
        notice: Outgoing,
        person: Addressee,
        outcome: Literal["accepted", "refused", "lost"],
        reply: str,
    ) -> None:
        await self._outbox.note(
            notice.key, person.person, self._sender.way, outcome, reply, person.instead_of
        )

    async def _conclude(self, notice: Outgoing, told: Sequence[Told]) -> Outcome:
        """Sent when somebody has it and nobody is left to try; failed when nobody has it and no try is left. Whoever of
        several has not got it is put on record and reported. A lease that was too short for all of them is no try."""
        ends = {one.end: one.why for one in told}
        if "unbegun" in ends:
            await self._outbox.postpone(notice.key, self._clock(), notice.clock_offset)
            return "later"
        if "later" in ends and notice.attempts < self._pace.tries:
            due_at = self._clock() + self._pace.after(notice.attempts)
            await self._outbox.try_again(notice.key, ends["later"], due_at, notice.clock_offset)
            return "later"
        end: Outcome = "sent" if "accepted" in ends else "failed"
        way = self._sender.way
        missed = [one for one in told if one.person and one.end != "accepted"]
        unreached = [Unreached(one.person, way, one.why, one.instead_of) for one in missed]
        if end == "sent":
            await self._outbox.sent(notice.key, unreached)
        else:
            await self._outbox.failed(notice.key, ends.get("refused") or ends["later"], unreached)
        about = {"notice": notice.key, "template": notice.template, "way": way, "unreached": len(unreached)}
        log.info("notice %s", end, extra=about)
        return end


def _with_particulars(notice: Outgoing, at: datetime) -> Outgoing:
    """A receipt says what was understood, who has it and until when we answer, as that stands when it goes out (INT-04)."""
    if notice.template != RECEIPT:
        return notice
    complaint = notice.complaint
    kind = complaint.classification.type if complaint.classification else None
    more = {"text": notice.words.get("text"), "team": complaint.desk, "type": kind}
    answers = [
        deadline.due
        for deadline in complaint.deadlines.values()
        if deadline.base == "first_response_hours" and deadline.state == "open" and deadline.due > at
    ]
    if answers:
        more["answer_by"] = min(answers).isoformat()
    known = {name: str(value) for name, value in more.items() if value is not None}
    return replace(notice, params={**notice.params, **known})


def _outcome_before(notice: Outgoing, person: str, way: str) -> str | None:
    return next((d.outcome for d in notice.deliveries if (d.person, d.way) == (person, way)), None)


def _params(notice: Outgoing) -> Mapping[str, Any]:
    """The parameters as the wording takes them: a digest's items as a list."""
    return {"items": json.loads(notice.params["items"])} if notice.template == DIGEST else notice.params


def _text_ids(notice: Outgoing) -> dict[str, str]:
    """The words the notice carries, by parameter; for a customer only those that may be shown to one."""
    shown: Any = RELEASED.get(notice.template, frozenset()) if notice.receiver == Receiver.CUSTOMER else None
    return {
        name: value
        for name, value in notice.params.items()
        if TEXT_ID.match(value) and (shown is None or name in shown)
    }
