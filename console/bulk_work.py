"""Jobs worked through in the background: one command a complaint, said with the rights of whoever asked for it.

A process holds a job by a lease while it works on it; when it ends, however it ends, the next one goes on. Every
command has a key of its own, so that what was said before an end is not said again after it.
"""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

from console.bulk_orders import TAG
from console.desk import Desk
from console.figures import N_
from console.reading import NotThere, read_case
from console.saying import say
from console.who import Who
from domain.commands import BadCommand
from domain.roles import marking_refused
from records import jobs
from records.db import RecordsError, RecordsUnreachable, reaching
from records.jobs import LEASE, ItemState, JobItem, Order
from records.organisation import asker
from starter.complaints import NotUnderstood, OurFault, TryAgain
from starter.connection import TemporalUnreachable

log = logging.getLogger(__name__)

#: how long a worker with nothing to do waits before it looks again
PAUSE = timedelta(seconds=1)
#: tries without an answer before a person has to ask for another
TRIES = 5
_FIRST_WAIT = timedelta(seconds=2)

GONE = N_("The complaint is no longer yours to read.")
NO_ANSWER = N_("No answer came. It is not certain that it was done; trying again does it only once.")
FAULT = N_("An error of ours kept it from being done. Nothing has changed; it can be tried again.")
WORDS_GONE = N_("The text of this job is no longer kept. Please enter it anew.")

TAG_GONE = N_("This tag is not in use any more; nothing was set.")

#: state, sentence and rule; None: no answer, to be tried again
_Result = tuple[ItemState, str | None, str | None] | None


async def work_jobs(desk: Desk, pause: timedelta = PAUSE, lease: timedelta = LEASE) -> None:
    """Work through jobs until cancelled. Any number of processes may do so at once."""
    holder = uuid4().hex
    while True:
        try:
            worked = await work_one(desk, holder, lease)
        except RecordsUnreachable:
            worked = False
        except Exception:
            log.exception("a job could not be worked on")
            worked = False
        if not worked:
            await asyncio.sleep(pause.total_seconds())


async def work_one(desk: Desk, holder: str, lease: timedelta = LEASE) -> bool:
    """Take a job and work on it as far as it goes now; False where there is none. Raises RecordsUnreachable."""
    with reaching():
        async with desk.office.pool.acquire() as connection:
            order = await jobs.take_job(connection, holder, lease)
    if order is None:
        return False
    await work_on(desk, order, holder, lease)
    return True


async def work_on(desk: Desk, order: Order, holder: str, lease: timedelta = LEASE) -> None:
    """Work on a job this process holds, and let it go at the end. Stops where another process has taken it over."""
    heart = asyncio.create_task(_keep_holding(desk, order.id, holder, lease))
    try:
        while await _one_item(desk, order, holder, lease):
            pass
    finally:
        heart.cancel()
        with suppress(asyncio.CancelledError):
            await heart
        await asyncio.shield(_let_go(desk, order.id, holder))


async def _keep_holding(desk: Desk, job: str, holder: str, lease: timedelta) -> None:
    """Renew the lease while one long command is under way."""
    while True:
        await asyncio.sleep(lease.total_seconds() / 3)
        with suppress(RecordsUnreachable), reaching():
            async with desk.office.pool.acquire() as connection:
                await jobs.hold_job(connection, job, holder, lease)


async def _let_go(desk: Desk, job: str, holder: str) -> None:
    with suppress(RecordsUnreachable), reaching():
        async with desk.office.pool.acquire() as connection:
            await jobs.let_go(connection, job, holder)


async def _one_item(desk: Desk, order: Order, holder: str, lease: timedelta) -> bool:
    """Work on the next complaint; False where none is due now or the job is another's."""
    with reaching():
        async with desk.office.pool.acquire() as connection:
            if not await jobs.hold_job(connection, order.id, holder, lease):
                return False
            item = await jobs.next_item(connection, order.id)
    if item is None:
        return False
    result = await _done(desk, order, item)
    with reaching():
        async with desk.office.pool.acquire() as connection:
            if result is not None:
                await jobs.settle(connection, item, *result)
            elif item.attempts + 1 < TRIES:
                await jobs.postpone(connection, item, _FIRST_WAIT * 2**item.attempts, NO_ANSWER)
            else:
                await jobs.settle(connection, item, "failed", NO_ANSWER)
    return True


async def _done(desk: Desk, order: Order, item: JobItem) -> _Result:
    """Say it to one complaint, and what became of it."""
    try:
        return await _said(desk, order, item)
    except (TryAgain, TemporalUnreachable, RecordsUnreachable):
        return None
    except NotThere:
        return "refused", GONE, "ORG-08"
    except (BadCommand, NotUnderstood) as bad:
        return "refused", str(bad), None
    except (OurFault, RecordsError) as fault:
        log.error("a job's command failed", extra={"job": order.id, "fault": type(fault).__name__})
        return "failed", FAULT, None
    except Exception:
        log.exception("a job's command failed", extra={"job": order.id})
        return "failed", FAULT, None


async def _said(desk: Desk, order: Order, item: JobItem) -> _Result:
    who = await _acting(desk, order.asked_by)
    if order.kind == TAG:
        case = await read_case(desk, who, item.number)
        if refused := marking_refused(case.complaint, who.asker):
            return "refused", refused.reason, refused.rule
        async with desk.office.pool.acquire() as connection:
            on = bool(order.fields.get("value", True))
            there = await jobs.put_tag(connection, item.number, order.fields["tag"], who.id, on=on)
        return ("done", None, None) if there is on else ("refused", TAG_GONE, None)
    words = await _words(desk, order)
    if words is None:
        return "refused", WORDS_GONE, None
    decision = await say(desk, who, item.number, order.kind, {**order.fields, **words}, key=item.key)
    return ("done" if decision.accepted else "refused"), decision.reason, decision.rule


async def _acting(desk: Desk, user_id: str) -> Who:
    """The person as they are now: whoever has left or changed seats since has the rights of now."""
    with reaching():
        async with desk.office.pool.acquire() as connection:
            person = await asker(connection, user_id, desk.now())
    return Who(asker=person, name=user_id, language="zh-CN", theme="auto", csrf="")


async def _words(desk: Desk, order: Order) -> dict[str, str] | None:
    """The words of the job in the clear; None where one is no longer kept."""
    if not order.words:
        return {}
    with reaching():
        async with desk.office.pool.acquire() as connection:
            drafts = await jobs.drafts_of(connection, order.words.values())
            found = await desk.office.texts.read(
                connection, order.words.values(), f"system:job-{order.id}", of=drafts
            )
    words = {name: found.get(text_id) for name, text_id in order.words.items()}
    kept = {name: text for name, text in words.items() if text is not None}
    return kept if len(kept) == len(words) else None
