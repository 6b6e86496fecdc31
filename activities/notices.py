"""Delivering notices: after a turn for its complaint, and by the Schedule `outbox` for all (design.md §1.11)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import activity

from activities.dispatch import Dispatcher, Pace
from activities.errands import DELIVER_DUE, Failure, Round
from activities.reminders import Reminders
from channels.message import Sender
from records.office import Office
from records.upkeep import Upkeep

#: Notices one activity takes: a turn's own, or one round of the Schedule, so that each ends well within its lease.
_BATCH = 20
_FAILURES = 100
#: Reminders are looked for once in each such span; the morning's come within it.
_LOOK = timedelta(minutes=15)


class NoticeActivities:
    """The activities of the task queue `notices`. Doing one twice sends nothing twice (`activities.dispatch`)."""

    def __init__(
        self,
        office: Office,
        sender: Sender,
        pace: Pace | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        public_url: str | None = None,
        hotline: str | None = None,
    ) -> None:
        self._clock = clock
        self._upkeep = Upkeep(office.pool)
        self._dispatcher = Dispatcher(office, sender, pace, clock, public_url=public_url, hotline=hotline)
        self._reminders = Reminders(office, clock)
        self._looked: datetime | None = None

    def all(self) -> list[Callable[..., Any]]:
        """Every activity, to be given to a worker."""
        return [self.deliver, self.deliver_due]

    @activity.defn
    async def deliver(self, number: str, at: datetime | None = None) -> int:
        """Send what may go now for one complaint; returns how many notices were sent.

        at: business time, aware; by default the complaint's present. Under time skipping the conversation's clock
        runs ahead of the real one, so it says its own. What is left, the Schedule sends.
        """
        ends = await self._dispatcher.deliver(_BATCH, number, at)
        return ends.count("sent")

    @activity.defn(name=DELIVER_DUE)
    async def deliver_due(self) -> Round:
        """One round of the Schedule: plan the morning's reminders, send a batch of what is due in all complaints,
        and name the notices that were given up and whose complaint does not know it yet (SLA-11)."""
        await self._remind()
        ends = await self._dispatcher.deliver(_BATCH)
        failures = await self._upkeep.unreported_failures(_FAILURES)
        return Round(
            sent=ends.count("sent"),
            failed=ends.count("failed"),
            later=ends.count("later"),
            left=len(ends) == _BATCH,
            failures=[
                Failure(number=one.number, notice=one.key, clock_offset=one.clock_offset.total_seconds())
                for one in failures
            ],
        )

    async def _remind(self) -> None:
        now = self._clock()
        span = datetime.min.replace(tzinfo=UTC) + (now - datetime.min.replace(tzinfo=UTC)) // _LOOK * _LOOK
        if self._looked != span:
            await self._reminders.plan()
            self._looked = span
