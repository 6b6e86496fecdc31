"""A company at work: complaints are opened and spoken to through the ledger, and notices go to a real mail server."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from activities.dispatch import Dispatcher, Outcome, Pace
from channels.message import Sender
from channels.smtp import SmtpSender, read_relay
from domain.codes import Channel
from domain.facts import Notice
from domain.turns import Decision, Turn
from records.db import Connection
from records.office import Office
from records.opening import Incoming
from records.outbox import LEASE, Outbox, Sending
from tests.notices.mailbox import Mailbox

#: Monday, 2 March 2026, 09:20 in Shanghai
RECEIVED = datetime(2026, 3, 2, 1, 20, tzinfo=UTC)
H, D = timedelta(hours=1), timedelta(days=1)
CONTACT, NAME, WORDS = "lin@example.com", "林女士", "橱柜换了没听说过的牌子。"


class Company:
    """Opens complaints, says commands, and delivers. Instants are business time, aware."""

    def __init__(self, office: Office, mailbox: Mailbox) -> None:
        self.office, self.mailbox = office, mailbox
        self.outbox = Outbox(office.pool)
        self.said = 0

    async def open(self, by: str = "cs_specialist-1", offset: timedelta = timedelta(), **changes: Any) -> str:
        """A new complaint that nobody has spoken to; returns its number."""
        given: dict[str, Any] = {
            "channel": Channel.EMAIL,
            "received_at": RECEIVED,
            "name": NAME,
            "contact": CONTACT,
            "text": WORDS,
        }
        incoming = Incoming(**{**given, **changes})
        return (await self.office.ledger.open_complaint(incoming, by, incoming.received_at, offset)).number

    async def say(
        self, number: str, kind: str, by: str = "cs_specialist-1", at: datetime = RECEIVED, **fields: Any
    ) -> Decision:
        """One turn that must be accepted."""
        self.said += 1
        turn = Turn(
            number=number,
            turn=(await self.office.ledger.load_sheet(number)).turn + 1,
            id=f"test-{self.said}",
            command={"kind": kind, "by": by, **fields},
            heard_at=at,
            noticed_at=at,
        )
        decision = (await self.office.ledger.decide_and_record(turn)).decision
        assert decision is not None
        assert decision.accepted, (kind, decision.reason)
        return decision

    async def let_pass(self, number: str, until: datetime) -> None:
        """Let every deadline that wakes before `until` speak."""
        while wakes := (await self.office.ledger.load_sheet(number)).wakes:
            if wakes[0].at >= until:
                return
            wake = wakes[0]
            await self.say(number, "deadline_passed", "feed:calendar", wake.at, deadline=wake.id)

    async def plan(self, number: str, template: str, to: str, key: str = "k", **params: str) -> str:
        """A notice of a test's own, due since receipt; returns its key."""
        notice = Notice(key=f"{number}/{key}:{template}/{to}", template=template, to=to, params=params)
        assert await self.outbox.plan(number, notice, RECEIVED)
        return notice.key

    async def silence(self, number: str) -> None:
        """Nothing that was planned so far goes out."""
        for notice in await self.outbox.claim(1000, number=number, at=RECEIVED + 3650 * D):
            await self.outbox.cancel(notice.key, "not part of the test")

    def sender(self) -> Sender:
        return SmtpSender(read_relay(self.mailbox.url))

    def dispatcher(
        self,
        sender: Sender | None = None,
        *,
        tries: int = 12,
        lease: timedelta = LEASE,
        now: datetime | None = None,
        public_url: str | None = None,
        hotline: str | None = None,
    ) -> Dispatcher:
        """now: the real clock, where a test needs another. public_url: where customers have pages; hotline: what they may call."""
        clock = (lambda: now) if now else (lambda: datetime.now(UTC))
        return Dispatcher(
            self.office, sender or self.sender(), Pace(tries=tries), clock, lease, public_url, hotline
        )

    async def deliver(self, number: str, at: datetime = RECEIVED, **options: Any) -> list[Outcome]:
        return await self.dispatcher(**options).deliver(100, number, at)

    async def sendings(self, number: str) -> dict[str, Sending]:
        return {sending.key: sending for sending in await self.outbox.of_complaint(number)}


def receivers(mailbox: Mailbox) -> Counter[str]:
    return Counter(receiver for receiver, _ in mailbox.received)


async def again_at_once(connection: Connection, key: str) -> None:
    """The wait before the next try is over."""
    await connection.execute("UPDATE outbox SET not_before = $2, due_at = $2 WHERE key = $1", key, RECEIVED)
